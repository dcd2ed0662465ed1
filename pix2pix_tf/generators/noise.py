"""Generators that make something of noise: points, or small images."""

import numbers

import keras
from keras import layers

from pix2pix_tf import blocks
from pix2pix_tf.generators import shared

SMALL_SIZES = (16, 32, 64)  # of images made from noise
START = 4  # side of the smallest feature map between noise and image


def dense(latent=2, dimensions=2, width=512, layers=3, classes=0, dtype=None, seed=None):
    """Build the generator of points: dense layers with ReLU, and a last one without.

    Args:
        latent: numbers of noise that one point is made from.
        dimensions: coordinates of a point.
        width: units of every hidden layer.
        layers: hidden layers.
        classes: how many classes there are; 0 is without. Their one-hot vector is joined to the input of every layer.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.

    Returns:
        `keras.Model` from noise (batch, latent), with classes from [noise, one-hot (batch, classes)], to points
        (batch, dimensions) of any size.

    Raises:
        ValueError: if a number is not possible.

    Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", section 4.2 and the authors' toy.
    """
    noise, condition = _noise_inputs(latent, classes, dtype)
    x = dense_layers(noise, condition, width, layers, dimensions, blocks.seeds(seed), dtype)
    points = keras.layers.Activation("linear", dtype=shared.image_dtype(dtype), name="point")(x)
    return keras.Model(noise if condition is None else [noise, condition], points, name="dense_generator")


def dense_layers(x, condition, width, count, outputs, seeds, dtype):
    """Apply `count` dense layers with ReLU, and one of `outputs` units without; each sees the condition, if any.

    Kernels start He-uniform, biases at 0.
    """
    shared.check_count("width", width)
    shared.check_count("layers", count, least=0)
    for number in range(count + 1):
        units, activation = (width, "relu") if number < count else (outputs, None)
        start = keras.initializers.HeUniform(seed=next(seeds))
        layer = layers.Dense(units, activation, kernel_initializer=start, dtype=dtype)
        x = layer(join_classes(x, condition, dtype))
    return x


def dcgan(image_size=64, latent=100, channels=3, filters=64, norm="batch", classes=0, dtype=None, seed=None):
    """Build the DCGAN generator: noise is projected to 4x4, and transposed convolutions double it up to the image.

    Args:
        image_size: side of the square image: 16, 32 or 64.
        latent: numbers of noise that one image is made from.
        channels: channels of the image.
        filters: channels before the last convolution; they double towards the noise.
        norm: "batch", or another one of `blocks.NORMS`; the last layer has none.
        classes: how many classes there are; 0 is without. Their one-hot vector is joined to the noise, and to every
            feature map as a plane for each class.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.

    Returns:
        `keras.Model` from noise (batch, latent), with classes from [noise, one-hot (batch, classes)], to images
        (batch, image_size, image_size, channels) in (-1, 1).

    Raises:
        ValueError: if image_size is none of 16, 32 and 64, another number is not possible, or norm is unknown.

    Source: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
    Networks", section 3 and figure 1; kernels of 4x4 are those of PyTorch's example, and the authors' code for MNIST
    joins classes so.
    Deviation: the paper's kernels are 5x5, which strides of 2 do not divide: they leave a grid.
    """
    widths = dcgan_widths(image_size, filters)[::-1]
    noise, condition = _noise_inputs(latent, classes, dtype)
    seeds, bias = blocks.seeds(seed), blocks.biased(norm)
    start = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
    project = layers.Dense(START * START * widths[0], use_bias=bias, kernel_initializer=start, dtype=dtype)
    x = project(join_classes(noise, condition, dtype))
    x = layers.Reshape((START, START, widths[0]), dtype=dtype)(x)
    for width in widths[1:]:
        x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
        x = blocks.transposed_convolution(join_classes(x, condition, dtype), width, seeds, 4, bias, dtype)
    x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    x = blocks.transposed_convolution(join_classes(x, condition, dtype), channels, seeds, 4, bias, dtype)
    images = layers.Activation("tanh", dtype=shared.image_dtype(dtype), name="image")(x)
    return keras.Model(noise if condition is None else [noise, condition], images, name="dcgan_generator")


def dcgan_widths(image_size, filters):
    """Return the channels of a DCGAN's feature maps, the largest map first: filters times 1, 2, ... down to 4x4.

    Raises:
        ValueError: if image_size is none of 16, 32 and 64, or filters is no whole number from 1 on.
    """
    if not isinstance(image_size, numbers.Integral) or image_size not in SMALL_SIZES:
        raise ValueError(f"image_size is {image_size!r}; expected one of {', '.join(map(str, SMALL_SIZES))}")
    shared.check_count("filters", filters)
    return [filters * 2**level for level in range((int(image_size) // START).bit_length() - 1)]


def _noise_inputs(latent, classes, dtype):
    """Return the inputs of a generator from noise: the noise, and the one-hot classes or None."""
    shared.check_count("latent", latent)
    return keras.Input((latent,), dtype=shared.image_dtype(dtype), name="noise"), class_input(classes, dtype)


def class_input(classes, dtype):
    """Return the input for the one-hot vector of so many classes; None without."""
    return keras.Input((classes,), dtype=shared.image_dtype(dtype), name="classes") if classes else None


def join_classes(x, condition, dtype):
    """Join one-hot classes to a vector, or to a feature map as a plane for each class, which is 1 or 0 all over.

    Args:
        x: (batch, n) or (batch, height, width, channels).
        condition: (batch, classes); None returns x as it is.
        dtype: Keras dtype policy.
    """
    if condition is None:
        return x
    if len(x.shape) == 4:
        height, width = x.shape[1:3]
        repeated = layers.RepeatVector(height * width, dtype=dtype)(condition)
        condition = layers.Reshape((height, width, condition.shape[-1]), dtype=dtype)(repeated)
    return layers.Concatenate(dtype=dtype)([x, condition])
