"""Run a generator on large images within memory: the outermost level strip by strip.

Half of a U-Net's memory is its outermost level: the first convolution's result, the last decoder block's, both side by
side, and the same after ReLU. Nothing there looks at the whole image (the first and the last layer have no norm), so it
can be computed for some rows at a time and gives the same numbers, up to rounding.
"""

import keras
import tensorflow as tf

from pix2pix_tf import blocks, generators

ROWS = 256  # of the output, at a time
HALO = 4  # rows of the image that the two convolutions see beyond a strip, on each side


def any_size(generator):
    """Return the generator for images of any size: the same layers, so the same variables, on a new input."""
    image = keras.Input((None, None, generator.input_shape[3]))
    return keras.models.clone_model(generator, input_tensors=image, clone_function=lambda layer: layer)


def split(generator):
    """Cut a generator into all but its outermost level, and that level, both for images of any size.

    Args:
        generator: `keras.Model` from images to images, fully convolutional.

    Returns:
        A model from the image to the last decoder block, and one from image and last decoder block to the output;
        None, None for a network that does not say by a layer named `generators.OUTERMOST_SKIP` that it may be cut.
    """
    joined = []

    def call(layer, inputs, **options):
        if layer.name == generators.OUTERMOST_SKIP:
            joined.extend(inputs)
        if isinstance(layer, blocks.InstanceNormalization) and layer.compute_dtype == "float32":
            return InPlaceInstanceNormalization(layer)(inputs)
        return layer(inputs, **options)

    image = keras.Input((None, None, generator.input_shape[3]))
    network = keras.models.clone_model(
        generator, input_tensors=image, clone_function=lambda layer: layer, call_function=call
    )
    if not joined:
        return None, None
    _, decoded = joined
    return keras.Model(image, decoded), keras.Model([image, decoded], network.output)


def may_be_cut(generator):
    """Say whether a network says that its outermost level may be computed in strips."""
    return any(layer.name == generators.OUTERMOST_SKIP for layer in generator.layers)


class InPlaceInstanceNormalization(keras.layers.Layer):
    """Keras' own group norm, which in float32 is slower but writes its result over its input, where memory is short.

    Args:
        layer: the `blocks.InstanceNormalization` whose scale and offset it takes.
    """

    def __init__(self, layer):
        super().__init__(dtype=layer.dtype_policy)
        self.layer = layer

    def call(self, inputs):
        """Normalize (1, height, width, channels)."""
        return keras.layers.GroupNormalization.call(self.layer, inputs)

    def compute_output_shape(self, input_shape):
        """Return the shape of the input."""
        return input_shape


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
