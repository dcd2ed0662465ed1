"""Run a generator on images of any size, its outermost level strip by strip, which keeps large images within memory.

Half of a U-Net's memory is its outermost level: the first convolution's result, the last decoder block's, both side by
side, and the same after ReLU. Nothing there looks at the whole image (the first and the last layer have no norm), so it
can be computed for some rows at a time and gives the same numbers, up to rounding.
"""

import keras
import tensorflow as tf

ROWS = 256  # of the output, at a time
HALO = 4  # rows of the image that the two convolutions see beyond a strip, on each side


class Outermost:
    """A generator on inputs of any size, cut into all but its outermost level and that level.

    The layers and their variables are the generator's own.

    Args:
        generator: `keras.Model` from images to images, fully convolutional.

    Attributes:
        network: the whole generator for inputs of any size.
        inner: from the image to the last decoder block; None for a network whose last concatenation does not join
            it with the image's first convolution, which can only be run as a whole.
        outer: from image and last decoder block to the output; None as `inner`.
    """

    def __init__(self, generator):
        joined = []

        def call(layer, *inputs, **options):
            if isinstance(layer, keras.layers.Concatenate):
                joined.append(inputs[0])
            return layer(*inputs, **options)

        image = keras.Input((None, None, generator.input_shape[3]))
        self.network = keras.models.clone_model(
            generator, input_tensors=image, clone_function=lambda layer: layer, call_function=call
        )
        self.inner = self.outer = None
        if joined:
            decoded = joined[-1][1]
            self.inner = keras.Model(image, decoded)
            self.outer = keras.Model([image, decoded], self.network.output)


def in_strips(outer, image, decoded):
    """Run the outermost level for some rows at a time.

    Args:
        outer: function of an image's rows and the decoded rows that belong to them.
        image: (1, height, width, channels), height even.
        decoded: (1, height / 2, width / 2, filters).

    Returns:
        (1, height, width, channels), the same up to rounding as `outer` of everything at once.
    """
    height = image.shape[1]
    outputs = []
    for top in range(0, height, ROWS):
        bottom = min(top + ROWS, height)
        first, last = max(top - HALO, 0), min(bottom + HALO, height)
        output = outer(image[:, first:last], decoded[:, first // 2 : last // 2])
        outputs.append(output[:, top - first : bottom - first])
    return tf.concat(outputs, axis=1)
