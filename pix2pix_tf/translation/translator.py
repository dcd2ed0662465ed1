"""Run a trained generator: reproducible noise, images of any size, no trace left behind."""

import functools
import math

import numpy as np
import tensorflow as tf

from pix2pix_tf import blocks, errors
from pix2pix_tf import images as image_values
from pix2pix_tf.translation import noise, storage, strips

MOST_PIXELS = 12_000_000
MOST_PADDED_PIXELS = 15_000_000  # what 4 GB hold at the paper's width in float32
WHOLE_BYTES = 3_200_000_000  # what 4 GB leave for the values of a network that is not cut in strips
MOST_STRIDES = 4  # of a layer that halves or quarters; what has more pools everything
COPIES = 5  # of the densest feature map that are alive at once: convolution, norm, ReLU, padding, crop
WHOLE_PIXELS = 2_000_000  # above it the outermost level is computed in strips
TALL, NARROW = 9, 2  # rows and columns of a map that is misread
NOISE_SEED = tf.TensorSpec((2,), tf.int32)


class Translator:
    """Translates images of any size with one generator, whose variables stay as they are.

    Args:
        generator: `keras.Model` from images to images, fully convolutional, of square static size.
        name: what to call it in error messages, such as its file.

    Raises:
        errors.InputError: if it is no such network.
    """

    def __init__(self, generator, name="the network"):
        check_network(generator, name)
        self.generator = generator
        self.image_size = generator.input_shape[1]
        self.multiple, self.least = multiple(generator), least_side(generator)
        self.most_whole = _count_most_pixels(generator)
        self.image = tf.TensorSpec((1, None, None, generator.input_shape[3]), tf.float32)

    def __call__(self, images, seed=None, resize=False):
        """Translate images one by one, with the statistics of each and the noise of a seed.

        Args:
            images: float32 (batch, height, width, channels) in [-1, 1].
            seed: decides the dropout noise; None is seed 0.
            resize: True resizes to the trained size and back; False pads to its multiple by reflection and crops.

        Returns:
            float32 array (batch, height, width, channels) in [-1, 1].

        Raises:
            errors.InputError: if images have another rank or number of channels, or values that are no floats from -1
                to 1, or are too large without resize.
        """
        self.check(np.shape(images), resize)
        image_values.check_values(images if hasattr(images, "dtype") else np.asarray(images))
        images = np.asarray(images, np.float32)
        noise_seed = tf.constant([0 if seed is None else noise.check_seed(seed), 0], tf.int32)
        translate = self.translate_resized if resize else self.translate_padded
        return np.concatenate([translate(image[None], noise_seed) for image in images])

    def check(self, shape, resize=False):
        """Raise InputError unless images of this shape can be translated."""
        channels = self.generator.input_shape[3]
        if len(shape) != 4 or shape[3] != channels or 0 in shape:
            raise errors.InputError(f"images have shape {tuple(shape)}; expected (batch, height, width, {channels})")
        height, width = (side + sum(margins(side, self.multiple, self.least)) for side in shape[1:3])
        most = min(MOST_PIXELS, self.most_whole)
        padded = min(MOST_PADDED_PIXELS, most * MOST_PADDED_PIXELS // MOST_PIXELS)
        if not resize and (shape[1] * shape[2] > most or height * width > padded):
            raise errors.InputError(
                f"an image has {shape[2]}x{shape[1]} pixels ({width}x{height} when padded to multiples of "
                f"{self.multiple}), and {most / 10**6:.3g} megapixels fit in memory: "
                "shrink it, cut it in parts, or translate it with resize (--resize)"
            )

    def translate_padded(self, image, noise_seed):
        """Translate one image at its own size."""
        height, width = image.shape[1:3]
        rows, columns = (margins(side, self.multiple, self.least) for side in (height, width))
        padded = np.pad(image, [(0, 0), rows, columns, (0, 0)], mode="reflect")
        output = self.translate_multiple(padded, noise_seed)
        return output[:, rows[0] : rows[0] + height, columns[0] : columns[0] + width]

    def translate_resized(self, image, noise_seed):
        """Translate one image at the trained size and bring the result back to its own."""
        small = image_values.resize(image[0], self.image_size, labels=image_values.is_label_map(image[0]))
        return image_values.resize(self.translate_multiple(small[None], noise_seed)[0], image.shape[1:3])[None]

    def translate_multiple(self, image, noise_seed):
        """Translate one image whose sides are multiples of the network's."""
        if self.is_misread(image.shape):
            return self.precise.translate_multiple(image, noise_seed)
        if image.shape[1] * image.shape[2] <= WHOLE_PIXELS or self.parts is None:
            return self.whole(image, noise_seed).numpy()
        inner, outer = self.parts
        return strips.in_strips(outer, image, inner(image, noise_seed)).numpy()

    def is_misread(self, shape):
        """Say whether an image (1, height, width, channels) is tall and narrow, and computed in bfloat16.

        On processors with AMX, convolutions of stride 2 then read memory that is not theirs (TensorFlow 2.21), where a
        map of more than eight rows has two columns or one.
        """
        halved = 2 * shape[1] // self.multiple, 2 * shape[2] // self.multiple
        return self.is_rounded and halved[0] >= TALL and halved[1] <= NARROW

    @functools.cached_property
    def is_rounded(self):
        """Whether any layer of the network computes in bfloat16."""
        return any(layer.compute_dtype == "bfloat16" for layer in self.generator.layers)

    @functools.cached_property
    def precise(self):
        """The same in float32."""
        return Translator(storage.with_dtype(self.generator, "float32"))

    @functools.cached_property
    def whole(self):
        """The generator as a graph, a function of image and noise."""
        network = strips.any_size(self.generator)
        return _graph(lambda image, seed: noise.run(network, image, seed)[0], self.image, NOISE_SEED)

    @functools.cached_property
    def parts(self):
        """The graphs of all but the generator's outermost level, and of that level; None where it cannot be cut."""
        inner, outer = strips.split(self.generator)
        if inner is None:
            return None
        decoded = tf.TensorSpec((1, None, None, inner.output.shape[3]), inner.output.dtype)
        return (
            _graph(lambda image, seed: noise.run(inner, image, seed)[0], self.image, NOISE_SEED),
            _graph(lambda image, decoded: outer([image, decoded], training=True), self.image, decoded),
        )


def _graph(function, *specs):
    """Return a function of tensors as a graph."""
    return tf.function(function, specs, autograph=False)


def check_network(network, name):
    """Raise InputError unless a network makes of one square image another one of the same size."""
    for verb, tensors in (("takes", network.inputs), ("makes", network.outputs)):
        shapes = [tuple(tensor.shape) for tensor in tensors]
        if len(shapes) != 1 or len(shapes[0]) != 4:
            said = " and ".join(map(str, shapes))
            raise errors.InputError(f"{name}: {verb} {said}; expected one image, (batch, height, width, channels)")
    height, width = network.inputs[0].shape[1:3]
    if height is None or height != width:
        raise errors.InputError(f"{name}: takes images of {width}x{height}; expected a fixed square, such as 256x256")
    if network.outputs[0].shape[1:3] != (height, width):
        made = "x".join(map(str, network.outputs[0].shape[2:0:-1]))
        raise errors.InputError(f"{name}: makes images of {made} from {width}x{height}; expected the same size")


def margins(side, multiple, least=1):
    """Return how many pixels to add before and after a side to reach the next multiple that is large enough."""
    missing = max(least - side, 0)
    missing += -(side + missing) % multiple
    return missing // 2, missing - missing // 2


def multiple(generator):
    """Return the number by which a network divides the sides of its image on the way to its smallest feature map.

    What a layer pools from the whole image, such as a mean of each channel, is no smaller map of it.
    """
    maps = [layer for layer in generator.layers if len(layer.output.shape) == 4]
    sides = [layer.output.shape[1] for layer in maps if layer.output.shape[1] > 1]
    return generator.input_shape[1] // (1 if any(map(_shrinks_to_one, maps)) else min(sides))


def _shrinks_to_one(layer):
    """Say whether a layer makes a map of 1x1 from a few pixels beside each other, rather than from the whole image."""
    strides = getattr(layer, "strides", None)
    if strides is None or layer.output.shape[1] != 1 or layer.input.shape[1] == 1:
        return False
    return max(strides) <= MOST_STRIDES


def least_side(generator):
    """Return the side an image must have at least: where features are mirrored they must be larger than the border."""
    mirrors = [layer for layer in generator.layers if isinstance(layer, blocks.ReflectionPadding2D)]
    return max(((layer.padding + 1) * generator.input_shape[1] // layer.input.shape[1] for layer in mirrors), default=1)


def _count_most_pixels(generator):
    """Return the pixels of an image that a network holds in memory which is not cut in strips; infinity for others.

    A ResNet keeps all its channels at the image's full size, and its norms look at the whole image.
    """
    if strips.may_be_cut(generator):
        return math.inf
    maps = [layer.output.shape[1:] for layer in generator.layers if len(layer.output.shape) == 4]
    densest = max(map(math.prod, maps)) / generator.input_shape[1] ** 2  # values for each pixel
    return int(WHOLE_BYTES / (4 * COPIES * densest))
