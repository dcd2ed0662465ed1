"""A picture under construction, and the elementary ways to paint on it."""

from typing import NamedTuple

import numpy as np
from PIL import Image


class Canvas(NamedTuple):
    """Hold a picture before it is lit; crops share memory with the whole, so painting on a crop paints the picture.

    colour: (height, width, 3), linear, 0 black to 1 white.
    relief: (height, width), how far the surface stands out of the wall, in picture widths; it casts the shadows.
    glow: (height, width), the part of the colour that does not wait for the light of the scene (sky, reflections).
    """

    colour: np.ndarray
    relief: np.ndarray
    glow: np.ndarray

    def crop(self, left: int, top: int, right: int, bottom: int) -> "Canvas":
        """Give the canvas of a rectangle, in pixels; it may be empty, and what lies outside is cut away."""
        rows, columns = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
        return Canvas(self.colour[rows, columns], self.relief[rows, columns], self.glow[rows, columns])

    def fill(self, colour, relief: float | None = None, opacity=1.0, glow: float = 0.0) -> None:
        """Paint the whole canvas.

        Args:
            colour: linear colour, or an array of them that broadcasts to the canvas.
            relief: how far the painted surface stands out, None for as far as what was there.
            opacity: 0 to 1, a number or an array of the canvas' shape.
            glow: 0 to 1, see the class.
        """
        opacity = np.asarray(opacity, np.float32)
        self.colour[...] += opacity[..., None] * (np.asarray(colour, np.float32) - self.colour)
        self.glow[...] += opacity * (glow - self.glow)
        if relief is not None:
            self.relief[...] += opacity * (relief - self.relief)

    def box(self, left, top, right, bottom, colour, relief=None, opacity=1.0, glow=0.0) -> None:
        """Paint a rectangle given in fractions of this canvas; its edges are smooth. The rest is as in fill."""
        height, width = self.relief.shape
        first_x, last_x = max(int(left * width), 0), min(int(np.ceil(right * width)), width)
        first_y, last_y = max(int(top * height), 0), min(int(np.ceil(bottom * height)), height)
        if last_x <= first_x or last_y <= first_y:
            return
        across = coverage(first_x, last_x, left * width, right * width)
        down = coverage(first_y, last_y, top * height, bottom * height)
        region = self.crop(first_x, first_y, last_x, last_y)
        region.fill(colour, relief, opacity * down[:, None] * across, glow)


def blank(image_size: int) -> Canvas:
    """Give a black canvas of image_size pixels squared."""
    shape = (image_size, image_size)
    return Canvas(np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.float32))


def linear(red: float, green: float, blue: float) -> np.ndarray:
    """Turn a colour as displayed, 0 to 255, into linear light, 0 to 1. Gamma 2 is near the standard and cheap."""
    return (np.array([red, green, blue], np.float32).clip(0, 255) / 255) ** 2


def displayed(colour: np.ndarray) -> np.ndarray:
    """Turn a linear colour, 0 to 1, into the one displayed, uint8, 0 to 255: undo `linear`."""
    return (np.sqrt(colour.clip(0, 1)) * 255).round().astype(np.uint8)


def coverage(first: int, last: int, start: float, stop: float) -> np.ndarray:
    """Tell how much of each pixel first..last-1 the interval from start to stop covers, 0 to 1."""
    edges = np.arange(first, last + 1, dtype=np.float32).clip(start, stop)
    return edges[1:] - edges[:-1]


def stripes(count: int, period: float, width: float, phase: float = 0.0) -> np.ndarray:
    """Tell how much of each of count pixels is covered by stripes; exact at any scale, so no moire.

    Args:
        count: number of pixels.
        period: distance of the stripes in pixels.
        width: width of a stripe in pixels.
        phase: where the first one starts, in periods.

    Returns:
        Shape (count,), 0 to 1.
    """
    turns, part = np.arange(count + 1) / period - phase, min(width / period, 1.0)
    covered = (np.floor(turns) * part + np.minimum(turns - np.floor(turns), part)) * period
    return np.diff(covered).astype(np.float32)


def noise(generator: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> np.ndarray:
    """Draw smooth noise of unit variance per cell; the same picture at every size.

    Args:
        generator: source of randomness; the draw does not depend on shape.
        shape: (height, width) of the result.
        cells: number of independent values down and across.

    Returns:
        float32 of the given shape.
    """
    return stretch(generator.standard_normal(cells, np.float32), shape)


def stretch(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Stretch float32 values, (rows, columns) or (rows, columns, channels), smoothly to a shape (height, width)."""
    if values.ndim == 3:
        return np.stack([stretch(channel, shape) for channel in np.moveaxis(values, -1, 0)], axis=-1)
    return np.asarray(Image.fromarray(values).resize(shape[::-1], Image.Resampling.BICUBIC))
