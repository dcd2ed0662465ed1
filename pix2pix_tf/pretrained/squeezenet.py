"""SqueezeNet 1.1 without its classifier: a small network pretrained on ImageNet, where large ones cannot be had.

Distances between its features rank images in their own right and compare with no published FID.

Source: Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters"; version 1.1 as its authors
released it later.
"""

import pathlib

import h5py
import keras
import numpy as np
from keras import layers

from pix2pix_tf import errors
from pix2pix_tf.pretrained import resizing
from pix2pix_tf.system import keras_settings

IMAGE_SIZE = 227
FEATURES = 512
MEAN = (103.939, 116.779, 123.68)  # of ImageNet's blue, green and red
FIRES = {2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128), 6: (48, 192), 7: (48, 192), 8: (64, 256), 9: (64, 256)}


def prepare(images):
    """Resize images and subtract the mean of ImageNet, as the weights were trained.

    Args:
        images: uint8 (batch, height, width, 3), red first.

    Returns:
        float32 (batch, 227, 227, 3), blue first, about -124..151.
    """
    resized = resizing.resize(images, (IMAGE_SIZE, IMAGE_SIZE), "antialias")
    return resized[..., ::-1] - np.float32(MEAN)


def network(image_size=IMAGE_SIZE):
    """Return the network, with random weights.

    Args:
        image_size: side of its square input; None takes any.

    Returns:
        `keras.Model` from float32 (batch, side, side, 3), as `prepare` returns it, to the mean over space of the last
        feature map, (batch, 512), not negative. The layers "conv1" and "fire2" to "fire9" give its feature maps.
    """
    keras_settings.check_layout()
    image = keras.Input((image_size, image_size, 3))
    x = layers.Conv2D(64, 3, 2, "valid", activation="relu", name="conv1")(image)  # 113
    x = layers.MaxPooling2D(3, 2)(x)  # 56
    for number, (squeezed, expanded) in FIRES.items():
        if number in (4, 6):
            x = layers.MaxPooling2D(3, 2)(x)  # 27, 13
        x = _fire(x, f"fire{number}", squeezed, expanded)
    return keras.Model(image, layers.GlobalAveragePooling2D()(x), name="squeezenet")


def _fire(x, name, squeezed, expanded):
    """Squeeze to few channels, then expand by 1x1 and 3x3 convolutions side by side, to 2 x `expanded` channels."""
    x = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}.squeeze1x1")(x)
    single = layers.Conv2D(expanded, 1, activation="relu", name=f"{name}.expand1x1")(x)
    triple = layers.Conv2D(expanded, 3, padding="same", activation="relu", name=f"{name}.expand3x3")(x)
    return layers.Concatenate(name=name)([single, triple])


def load(path, image_size=IMAGE_SIZE):
    """Return the network with the weights of a Keras file.

    Args:
        path: an HDF5 file of SqueezeNet 1.1 without top, in the layout of Keras 2: a group for each layer.
        image_size: as of `network`.

    Returns:
        `keras.Model`, see `network`.

    Raises:
        errors.InputError: if there is no such file, or it holds no such weights.
    """
    path = pathlib.Path(path)
    model = network(image_size)
    try:
        with h5py.File(path, "r") as file:
            for layer in model.layers:
                if isinstance(layer, layers.Conv2D):
                    layer.set_weights(_found(file, layer, path))
    except OSError as error:
        reason = "no such file" if not path.exists() else "no whole HDF5 file"
        raise errors.InputError(f"{path}: {reason}; expected the weights of SqueezeNet 1.1 without top") from error
    model.trainable = False
    return model


def _found(file, layer, path):
    """Return the kernel and bias of a layer; the names inside its group differ from file to file."""
    group = file.get(layer.name.replace(".", "/"))
    arrays = []
    if isinstance(group, h5py.Group):
        group.visititems(lambda name, item: arrays.append(item) if isinstance(item, h5py.Dataset) else None)
    arrays = sorted(arrays, key=lambda array: -array.ndim)
    expected = [tuple(variable.shape) for variable in layer.weights]
    if [array.shape for array in arrays] != expected:
        found = ", ".join(str(array.shape) for array in arrays) or "nothing"
        raise errors.InputError(
            f"{path}: has {found} for the layer {layer.name}; expected SqueezeNet 1.1's {expected[0]} and {expected[1]}"
        )
    return [array[()] for array in arrays]
