"""What all generators have: sizes that are possible, the precision of images, averages of neighbours."""

import numbers

from keras import layers

SIZES = (16, 32, 64, 128, 256, 512, 1024)


def check_count(name, value, least=1):
    """Raise ValueError unless a value is a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"{name} is {value!r}; expected a whole number from {least} on")


def check_size(image_size):
    """Return image_size as a Python int; raise ValueError unless it is a power of two from 16 to 1024."""
    if not isinstance(image_size, numbers.Integral) or image_size not in SIZES:
        raise ValueError(f"image_size is {image_size!r}; expected one of {', '.join(map(str, SIZES))}")
    return int(image_size)


def image_dtype(dtype):
    """Return the dtype of a network's images and logits: float32, unless everything is float64."""
    return "float64" if dtype == "float64" else "float32"


def average_halved(x, dtype=None):
    """Halve height and width: means over 3x3 pixels at every second place, of which only those inside the image count.

    Keras pads even sides behind alone, and PyTorch (padding=1, count_include_pad=False) before. Of odd sides both do
    the same: the image gets a row and a column more, and what is made of them is cut off again.

    Args:
        x: (batch, height, width, channels), height and width even.
        dtype: Keras dtype policy.

    Returns:
        (batch, height / 2, width / 2, channels).
    """
    behind = ((0, 1), (0, 1))
    larger = layers.AveragePooling2D(3, 2, "same", dtype=dtype)(layers.ZeroPadding2D(behind, dtype=dtype)(x))
    return layers.Cropping2D(behind, dtype=dtype)(larger)
