"""Run a trained generator: reproducible noise, images of any size, no trace left behind."""

import functools
import json
import math
import pathlib
import re
import time
import zipfile

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import blocks, errors, files, hardware, strips

MOST_PIXELS = 12_000_000
MOST_PADDED_PIXELS = 15_000_000  # what 4 GB hold at the paper's width in float32
WHOLE_BYTES = 3_200_000_000  # what 4 GB leave for the values of a ResNet
COPIES = 5  # of the densest feature map that are alive at once: convolution, norm, ReLU, padding, crop
WHOLE_PIXELS = 2_000_000  # above it the outermost level is computed in strips
LABEL_COLOURS = 64
NOISE = tf.TensorSpec((2,), tf.int32)


def seed_states(network):
    """Return the variables in which the dropout layers of a network keep their seeds."""
    layers = (layer for layer in network.layers if getattr(layer, "seed_generator", None) is not None)
    return [layer.seed_generator.state for layer in layers]


def run(network, images, seed):
    """Run a network as in training, its noise decided by a seed alone, without changing any variable.

    Args:
        network: `keras.Model` of one input.
        images: (batch, height, width, channels) in [-1, 1].
        seed: int32 tensor of shape (2,); every dropout layer derives its own from it.

    Returns:
        The network's output, and the values its non-trainable variables would have after the call.
    """
    order = {id(state): number for number, state in enumerate(seed_states(network))}
    values = [
        tf.stack([seed[0], seed[1] * len(order) + order[id(variable)]]) if id(variable) in order else variable
        for variable in network.non_trainable_variables
    ]
    return network.stateless_call(network.trainable_variables, values, images, training=True)


def keep_statistics(network, values):
    """Assign moving statistics, as `run` returns them, to a network; the seeds of its noise stay as they are."""
    seeds = {id(state) for state in seed_states(network)}
    for variable, value in zip(network.non_trainable_variables, values, strict=True):
        if id(variable) not in seeds:
            variable.assign(value)


class Translator:
    """Translates images of any size with one generator, whose variables stay as they are.

    Args:
        generator: `keras.Model` from images to images, fully convolutional, of square static size.
    """

    def __init__(self, generator):
        self.generator = generator
        self.image_size = generator.input_shape[1]
        self.multiple, self.least = multiple(generator), least_side(generator)
        self.most_whole = most_whole(generator)
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
            errors.InputError: if images have another rank or number of channels, or too large without resize.
        """
        images = np.asarray(images, np.float32)
        self.check(images.shape, resize)
        noise = tf.constant([0 if seed is None else seed, 0], tf.int32)
        translate = self.translate_resized if resize else self.translate_padded
        return np.concatenate([translate(image[None], noise) for image in images])

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
                "shrink it, cut it in parts, or translate it with resize"
            )

    def translate_padded(self, image, noise):
        """Translate one image at its own size."""
        height, width = image.shape[1:3]
        rows, columns = (margins(side, self.multiple, self.least) for side in (height, width))
        padded = np.pad(image, [(0, 0), rows, columns, (0, 0)], mode="reflect")
        output = self.translate_multiple(padded, noise)
        return output[:, rows[0] : rows[0] + height, columns[0] : columns[0] + width]

    def translate_resized(self, image, noise):
        """Translate one image at the trained size and bring the result back to its own."""
        small = resize_image(image, (self.image_size, self.image_size))
        output = self.translate_multiple(small, noise)
        return np.clip(keras.ops.image.resize(output, image.shape[1:3], "bilinear", antialias=True), -1, 1)

    def translate_multiple(self, image, noise):
        """Translate one image whose sides are multiples of the network's."""
        if image.shape[1] * image.shape[2] <= WHOLE_PIXELS or self.parts is None:
            return self.whole(image, noise).numpy()
        inner, outer = self.parts
        return strips.in_strips(outer, image, inner(image, noise)).numpy()

    @functools.cached_property
    def whole(self):
        """The generator as a graph, a function of image and noise."""
        network = strips.any_size(self.generator)
        return tf.function(lambda image, noise: run(network, image, noise)[0], [self.image, NOISE])

    @functools.cached_property
    def parts(self):
        """The graphs of all but the generator's outermost level, and of that level; None where it cannot be cut."""
        inner, outer = strips.split(self.generator)
        if inner is None:
            return None
        decoded = tf.TensorSpec((1, None, None, inner.output.shape[3]), inner.output.dtype)
        return (
            tf.function(lambda image, noise: run(inner, image, noise)[0], [self.image, NOISE]),
            tf.function(lambda image, decoded: outer([image, decoded], training=True), [self.image, decoded]),
        )


def margins(side, multiple, least=1):
    """Return how many pixels to add before and after a side to reach the next multiple that is large enough."""
    missing = max(least - side, 0)
    missing += -(side + missing) % multiple
    return missing // 2, missing - missing // 2


def multiple(generator):
    """Return the number by which a network divides the sides of its image on the way to its smallest feature map."""
    sides = [layer.output.shape[1] for layer in generator.layers if len(layer.output.shape) == 4]
    return generator.input_shape[1] // min(sides)


def least_side(generator):
    """Return the side an image must have at least: where features are mirrored they must be larger than the border."""
    mirrors = [layer for layer in generator.layers if isinstance(layer, blocks.ReflectionPadding2D)]
    return max(((layer.padding + 1) * generator.input_shape[1] // layer.input.shape[1] for layer in mirrors), default=1)


def most_whole(generator):
    """Return the pixels of an image that a ResNet holds in memory; infinity for other networks.

    It keeps all its channels at the image's full size, and its norms look at the whole image: it is not cut in strips.
    """
    if not any(isinstance(layer, blocks.ReflectionPadding2D) for layer in generator.layers):
        return math.inf
    images = [layer.output.shape[1:] for layer in generator.layers if len(layer.output.shape) == 4]
    densest = max(map(math.prod, images)) / generator.input_shape[1] ** 2  # values for each pixel
    return int(WHOLE_BYTES / (4 * COPIES * densest))


def resize_image(image, size):
    """Resize (1, height, width, channels): a label map by nearest neighbour, a photograph bilinearly with antialias.

    A label map is an image of few colours; interpolation would invent new ones, which mean nothing to a generator.
    """
    if is_label_map(image):
        return keras.ops.image.resize(image, size, "nearest")
    return keras.ops.image.resize(image, size, "bilinear", antialias=True)


def is_label_map(image):
    """Say whether (1, height, width, channels) has at most 64 colours; a sample answers for most photographs."""
    pixels = image.reshape(-1, image.shape[-1])
    sample = pixels[:: max(1, len(pixels) // 4096)]
    return all(len(np.unique(part, axis=0)) <= LABEL_COLOURS for part in (sample, pixels))


def with_dtype(generator, dtype):
    """Return a copy of the generator whose layers have another dtype policy and the same weights."""

    def rebuilt(layer):
        output = layer.name in generator.output_names and dtype != "float64"
        return type(layer).from_config({**layer.get_config(), "dtype": "float32" if output else dtype})

    copy = keras.models.clone_model(generator, clone_function=rebuilt)
    for variable, value in zip(copy.variables, generator.variables, strict=True):
        variable.assign(value)  # one by one: all weights at once would be a second copy in memory
    return copy


def with_norms(generator, kind):
    """Return the generator with another class of instance norm: the package's own, or the group norm of Keras.

    All other layers are the same, not copies.
    """
    norms = (keras.layers.GroupNormalization, blocks.InstanceNormalization)

    def replaced(layer):
        is_other = type(layer) in norms and type(layer) is not kind and layer.groups == layer.input.shape[-1]
        return kind.from_config(layer.get_config()) if is_other else layer

    copy = keras.models.clone_model(generator, clone_function=replaced)
    for variable, value in zip(copy.variables, generator.variables, strict=True):
        if variable is not value:
            variable.assign(value)
    return copy


def save(generator, path):
    """Write a generator as a `.keras` file of float32 layers, all or nothing.

    A U-Net's file needs nothing but Keras to be loaded. It is what Keras' own `save` writes of such a network, which
    would hold two copies of it in memory, and for bfloat16 a third.

    Args:
        generator: `keras.Model`.
        path: a file name ending in .keras; it appears when it is complete.
    """
    if any(layer.variable_dtype != "float32" for layer in generator.layers):
        generator = with_dtype(generator, "float32")
    generator = with_norms(generator, keras.layers.GroupNormalization)
    config = re.sub('"(mixed_)?bfloat16"', '"float32"', json.dumps(keras.saving.serialize_keras_object(generator)))
    metadata = json.dumps({"keras_version": keras.__version__, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")})
    with files.whole(path) as unfinished:
        weights = unfinished.with_suffix(".weights.h5")  # of a killed process it is left, for the next to write over
        try:
            generator.save_weights(weights)
            with zipfile.ZipFile(unfinished, "w") as archive:
                archive.writestr("metadata.json", metadata)
                archive.writestr("config.json", config)
                archive.write(weights, "model.weights.h5")
        finally:
            weights.unlink(missing_ok=True)


def load(path, precision="auto"):
    """Read a generator that `save` wrote.

    Args:
        path: the `.keras` file.
        precision: what to compute in, see `hardware.resolve_precision`.

    Returns:
        `keras.Model`.

    Raises:
        errors.InputError: if there is no such file, or it is no generator.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise errors.InputError(f"{path}: no such file; a run writes it when it ends or is stopped by Ctrl-C")
    try:
        generator = with_norms(keras.saving.load_model(path, compile=False), blocks.InstanceNormalization)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise errors.InputError(f"{path}: not a generator saved by Keras ({str(error).splitlines()[0]})") from error
    dtype = hardware.layer_dtype(hardware.resolve_precision(precision))
    return generator if dtype == "float32" else with_dtype(generator, dtype)
