"""Bring images to the size a network was trained at, in each of the ways that published scores were computed with.

Scores computed with different ways do not compare, so a way is a name and belongs to a score's protocol. Every way is
linear and treats rows and columns alike: it is a matrix, applied from both sides.
"""

import functools

import numpy as np

WAYS = ("half-pixel", "tf1", "antialias", "bicubic")


def resize(images, size, way):
    """Resize images.

    Args:
        images: (batch, height, width, channels), numbers of any kind.
        size: height and width of the result.
        way: "half-pixel" (bilinear, pixel centres at halves, no antialias: PyTorch's `interpolate`), "tf1" (bilinear,
            pixel centres at whole numbers, no antialias: TensorFlow 1), "antialias" (bilinear, the triangle as wide as
            the step when shrinking: Pillow's), "bicubic" (Keys' cubic with a = -0.5, widened when shrinking: Pillow's).

    Returns:
        float32 array (batch, size[0], size[1], channels); bicubic overshoots the range of its input a little.
    """
    images = np.asarray(images, np.float32)
    if images.shape[1:3] == tuple(size):
        return images
    rows, columns = (_build_matrix(*sides, way) for sides in zip(images.shape[1:3], size, strict=True))
    batch, height, width, channels = images.shape
    tall = rows @ images.reshape(batch, height, width * channels)
    return columns @ tall.reshape(batch, size[0], width, channels)


@functools.lru_cache(maxsize=64)
def _build_matrix(old, new, way):
    """Return the weights with which old pixels enter each new pixel of a row or column.

    Args:
        old, new: numbers of pixels.
        way: as of `resize`.

    Returns:
        float32 array (new, old); every row sums to 1.

    Source: Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15, for the cubic.
    """
    kernel, reach = (_cubic, 2) if way == "bicubic" else (_triangle, 1)
    pillow = way in ("antialias", "bicubic")
    places = np.arange(new, dtype=np.float64 if pillow else np.float32)  # the precision in which each program counts
    step = places.dtype.type(old / new)
    width = max(1.0, old / new) if pillow else 1
    centre = places * step if way == "tf1" else (places + places.dtype.type(0.5)) * step - places.dtype.type(0.5)
    if not pillow:
        centre = centre.clip(0, old - 1)
    distances = (np.arange(old) - centre[:, None]) / width
    weights = np.where(np.abs(distances) < reach, kernel(np.abs(distances)), 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _triangle(distance):
    """Return the weight of a pixel at a distance in bilinear interpolation."""
    return 1 - distance


def _cubic(distance):
    """Return the weight of a pixel at a distance in cubic interpolation with a = -0.5."""
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance < 1, near, far)
