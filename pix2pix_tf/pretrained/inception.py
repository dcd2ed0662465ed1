"""The Inception network of 2015-12-05, on whose features FID and the Inception score are defined.

It is not the Inception v3 of Keras Applications: its weights are others, its average pools leave the padding out, and
the pool of its last block takes the maximum.

Source: Szegedy et al. 2016, "Rethinking the Inception Architecture"; Heusel et al. 2017, "GANs Trained by a Two
Time-Scale Update Rule", for the use; the published port https://github.com/mseitzer/pytorch-fid for the differences.
"""

import keras
import numpy as np
from keras import layers

from pix2pix_tf import errors
from pix2pix_tf.pretrained import resizing, torch_files
from pix2pix_tf.system import keras_settings

IMAGE_SIZE = 299
FEATURES = 2048
CLASSES = 1008
EPSILON = 1e-3
RESIZES = {"pytorch-fid": "half-pixel", "torch-fidelity": "tf1", "clean-fid": "bicubic"}


def prepare(images, resize="pytorch-fid"):
    """Resize and scale images as one of the published programs does.

    Args:
        images: uint8 (batch, height, width, 3).
        resize: "pytorch-fid" (bilinear at half pixels, then 2 x / 255 - 1), "torch-fidelity" (TensorFlow 1's bilinear,
            then (x - 128) / 128) or "clean-fid" (Pillow's bicubic in floats, cut to 0..255, then (x - 128) / 128).

    Returns:
        float32 (batch, 299, 299, 3), about [-1, 1].

    Raises:
        ValueError: for another name.
    """
    if resize not in RESIZES:
        raise ValueError(f"resize is {resize!r}; expected one of {', '.join(RESIZES)}")
    resized = resizing.resize(images, (IMAGE_SIZE, IMAGE_SIZE), RESIZES[resize])
    if resize == "pytorch-fid":
        return 2 * (resized / 255) - 1
    return (resized.clip(0, 255) - 128) / 128


def network():
    """Return the network, with random weights.

    Returns:
        `keras.Model` from float32 (batch, 299, 299, 3) in [-1, 1] to features (batch, 2048), not negative, and logits
        (batch, 1008). Its layers bear the names of the published file.
    """
    keras_settings.check_layout()
    image = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3))
    x = convolution(image, "Conv2d_1a_3x3", 32, 3, strides=2)  # 149
    x = convolution(x, "Conv2d_2a_3x3", 32, 3)  # 147
    x = convolution(x, "Conv2d_2b_3x3", 64, 3, padding="same")
    x = layers.MaxPooling2D(3, 2)(x)  # 73
    x = convolution(x, "Conv2d_3b_1x1", 80, 1)
    x = convolution(x, "Conv2d_4a_3x3", 192, 3)  # 71
    x = layers.MaxPooling2D(3, 2)(x)  # 35
    for name, pooled in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        x = _block_5(x, name, pooled)
    x = _block_6a(x, "Mixed_6a")  # 17
    for name, middle in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        x = _block_6(x, name, middle)
    x = _block_7a(x, "Mixed_7a")  # 8
    x = _block_7(x, "Mixed_7b", layers.AveragePooling2D)
    x = _block_7(x, "Mixed_7c", layers.MaxPooling2D)
    features = layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(image, [features, layers.Dense(CLASSES, name="fc")(features)], name="fid_inception")


def convolution(x, name, filters, kernel_size, strides=1, padding="valid"):
    """Apply a convolution without bias, batch norm and ReLU."""
    x = layers.Conv2D(filters, kernel_size, strides, padding, use_bias=False, name=f"{name}.conv")(x)
    return layers.ReLU()(layers.BatchNormalization(epsilon=EPSILON, name=f"{name}.bn")(x))


def chain(x, name, *steps):
    """Apply convolutions one after the other, each with its own name, filters and kernel size, "same" padding."""
    for step, filters, kernel_size in steps:
        x = convolution(x, f"{name}.{step}", filters, kernel_size, padding="same")
    return x


def _pool_branch(x, name, filters, pooling=layers.AveragePooling2D):
    """Pool 3x3 at every pixel, padding left out, and project to `filters` channels."""
    return convolution(pooling(3, 1, padding="same")(x), f"{name}.branch_pool", filters, 1)


def _block_5(x, name, pooled):
    """Apply a block at 35x35: to 224 channels, and `pooled` more."""
    branches = [
        chain(x, name, ("branch1x1", 64, 1)),
        chain(x, name, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
        chain(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)),
        _pool_branch(x, name, pooled),
    ]
    return layers.Concatenate()(branches)


def _block_6a(x, name):
    """Halve 35x35 to 17x17, with 480 channels more."""
    double = chain(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3))
    branches = [
        convolution(x, f"{name}.branch3x3", 384, 3, strides=2),
        convolution(double, f"{name}.branch3x3dbl_3", 96, 3, strides=2),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate()(branches)


def _block_6(x, name, middle):
    """Apply a block at 17x17, to 768 channels, with rows and columns of seven in `middle` channels."""
    wide, tall = (1, 7), (7, 1)
    single = (("branch7x7_1", middle, 1), ("branch7x7_2", middle, wide), ("branch7x7_3", 192, tall))
    double = [("branch7x7dbl_1", middle, 1), ("branch7x7dbl_2", middle, tall), ("branch7x7dbl_3", middle, wide)]
    double += [("branch7x7dbl_4", middle, tall), ("branch7x7dbl_5", 192, wide)]
    branches = [
        chain(x, name, ("branch1x1", 192, 1)),
        chain(x, name, *single),
        chain(x, name, *double),
        _pool_branch(x, name, 192),
    ]
    return layers.Concatenate()(branches)


def _block_7a(x, name):
    """Halve 17x17 to 8x8, with 512 channels more."""
    single = chain(x, name, ("branch3x3_1", 192, 1))
    seven = chain(x, name, ("branch7x7x3_1", 192, 1), ("branch7x7x3_2", 192, (1, 7)), ("branch7x7x3_3", 192, (7, 1)))
    branches = [
        convolution(single, f"{name}.branch3x3_2", 320, 3, strides=2),
        convolution(seven, f"{name}.branch7x7x3_4", 192, 3, strides=2),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate()(branches)


def _block_7(x, name, pooling):
    """Apply a block at 8x8, to 2048 channels, that ends in rows and columns of three side by side."""
    single = chain(x, name, ("branch3x3_1", 384, 1))
    double = chain(x, name, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
    branches = [
        chain(x, name, ("branch1x1", 320, 1)),
        chain(single, name, ("branch3x3_2a", 384, (1, 3))),
        chain(single, name, ("branch3x3_2b", 384, (3, 1))),
        chain(double, name, ("branch3x3dbl_3a", 384, (1, 3))),
        chain(double, name, ("branch3x3dbl_3b", 384, (3, 1))),
        _pool_branch(x, name, 192, pooling),
    ]
    return layers.Concatenate()(branches)


def unbiased_logits(network, features):
    """Return the logits without the last layer's bias, as the Inception score has them in the published programs.

    Args:
        network: as `network` or `load` returns it.
        features: (batch, 2048).

    Returns:
        float32 array (batch, 1008).

    Source: Salimans et al. 2016, "Improved Techniques for Training GANs", whose program leaves the bias out.
    """
    return np.asarray(features, np.float32) @ np.asarray(network.get_layer("fc").kernel)


def places(network):
    """Return where the entries of the published file belong.

    Args:
        network: as `network` returns it.

    Returns:
        Dict of name -> (variable, order of axes that turns the entry into it); the variable is None for the counters
        of batches, which training alone uses.
    """
    found = {}
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            found[f"{layer.name}.weight"] = layer.kernel, (2, 3, 1, 0)
        elif isinstance(layer, layers.BatchNormalization):
            found[f"{layer.name}.weight"] = layer.gamma, (0,)
            found[f"{layer.name}.bias"] = layer.beta, (0,)
            found[f"{layer.name}.running_mean"] = layer.moving_mean, (0,)
            found[f"{layer.name}.running_var"] = layer.moving_variance, (0,)
            found[f"{layer.name}.num_batches_tracked"] = None, ()
    fc = network.get_layer("fc")
    return {**found, "fc.weight": (fc.kernel, (1, 0)), "fc.bias": (fc.bias, (0,))}


def load(path):
    """Return the network with the weights of the published PyTorch file.

    Args:
        path: `pt_inception-2015-12-05-6726825d.pth`, or another state dict of the same names and shapes.

    Returns:
        `keras.Model`, see `network`.

    Raises:
        errors.InputError: if there is no such file, it is damaged, unsafe, or holds other names or shapes.
    """
    entries = torch_files.read(path)
    model = network()
    expected = places(model)
    missing, unexpected = expected.keys() - entries.keys(), entries.keys() - expected.keys()
    if missing or unexpected:
        parts = [_listed("lacks", missing), _listed("has the unknown", unexpected)]
        raise errors.InputError(
            f"{path}: {' and '.join(filter(None, parts))}; expected the FID Inception of 2015-12-05"
        )
    for name, (variable, axes) in expected.items():
        if variable is None:
            continue
        values = entries[name].transpose(axes) if entries[name].ndim == len(axes) else entries[name]
        if values.shape != variable.shape:
            wanted = tuple(variable.shape[axes.index(axis)] for axis in range(len(axes)))
            raise errors.InputError(f"{path}: {name} has shape {entries[name].shape}; expected {wanted}")
        variable.assign(values)
    model.trainable = False
    return model


def _listed(verb, names):
    """Say how many names there are and what the first is called."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{verb} {min(names)}{more}" if names else ""
