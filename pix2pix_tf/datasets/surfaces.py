"""A picture under construction, the elementary ways to paint on it, and the textures of walls."""

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
            colour: Linear colour, or an array of them that broadcasts to the canvas.
            relief: How far the painted surface stands out, None for as far as what was there.
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


def coverage(first: int, last: int, start: float, stop: float) -> np.ndarray:
    """Tell how much of each pixel first..last-1 the interval from start to stop covers, 0 to 1."""
    edges = np.arange(first, last + 1, dtype=np.float32).clip(start, stop)
    return edges[1:] - edges[:-1]


def stripes(count: int, period: float, width: float, phase: float = 0.0) -> np.ndarray:
    """Tell how much of each of count pixels is covered by stripes; exact at any scale, so no moire.

    Args:
        count: Number of pixels.
        period: Distance of the stripes in pixels.
        width: Width of a stripe in pixels.
        phase: Where the first one starts, in periods.

    Returns:
        Shape (count,), 0 to 1.
    """
    turns, part = np.arange(count + 1) / period - phase, min(width / period, 1.0)
    covered = (np.floor(turns) * part + np.minimum(turns - np.floor(turns), part)) * period
    return np.diff(covered).astype(np.float32)


def noise(generator: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> np.ndarray:
    """Draw smooth noise of unit variance per cell; the same picture at every size.

    Args:
        generator: Source of randomness; the draw does not depend on shape.
        shape: (height, width) of the result.
        cells: Number of independent values down and across.

    Returns:
        float32 of the given shape.
    """
    return stretch(generator.standard_normal(cells, np.float32), shape)


def stretch(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Stretch float32 values, (rows, columns) or (rows, columns, channels), smoothly to a shape (height, width)."""
    if values.ndim == 3:
        return np.stack([stretch(channel, shape) for channel in np.moveaxis(values, -1, 0)], axis=-1)
    return np.asarray(Image.fromarray(values).resize(shape[::-1], Image.Resampling.BICUBIC))


def texture(material: str, generator: np.random.Generator, image_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the texture of a wall.

    Args:
        material: One of MATERIALS.
        generator: Source of randomness; what it draws does not depend on image_size.
        image_size: Side of the picture in pixels.

    Returns:
        A factor on the wall's colour, around 1, and the relief of the wall in picture widths, both
        (image_size, image_size) or broadcasting to it.
    """
    return MATERIALS[material](generator, image_size)


def _plaster(generator, image_size):
    """Smooth render: cloudy, with streaks of rain."""
    shape = (image_size, image_size)
    grain = noise(generator, shape, (90, 90)) * 0.04 + noise(generator, shape, (260, 260)) * 0.04
    streaks = noise(generator, shape, (4, 90)) * generator.uniform(0.0, 0.06) + _patches(generator, shape)
    return 1 + grain + streaks, grain * 0.004


def _patches(generator, shape):
    """Paint worn off or mended here and there, on one house in four."""
    worn = noise(generator, shape, (7, 7)) + 0.35 * noise(generator, shape, (40, 40))
    return generator.choice([0.0, -0.18, 0.15, 0.0], p=[0.4, 0.15, 0.1, 0.35]) * ((worn - 1.0) * 8).clip(0, 1)


def _masonry(generator, image_size, course, length, joint, mortar, variation):
    """Courses of blocks, every other one shifted by half; sizes in picture widths."""
    rows, columns = np.arange(image_size) / image_size / course, np.arange(image_size) / image_size / length
    odd = (rows.astype(int) % 2)[:, None]
    shifts = [stripes(image_size, length * image_size, joint * image_size, phase) for phase in (0.0, 0.5)]
    upright = np.where(odd, shifts[1], shifts[0])
    level = stripes(image_size, course * image_size, joint * image_size)[:, None]
    joints = 1 - (1 - level) * (1 - upright)
    table = generator.standard_normal((128, 64), np.float32) * variation
    tones = table[rows.astype(int)[:, None] % 128, (columns + odd * 0.5).astype(int) % 64]
    grain = noise(generator, (image_size, image_size), (260, 260)) * 0.03
    return (1 + tones + grain) * (1 - joints) + mortar * joints, -0.004 * joints


def _brick(generator, image_size):
    """Brick in light or dark mortar; courses of about three centimetres in a picture two metres wide per floor."""
    course = generator.uniform(0.008, 0.0145)
    mortar = generator.choice([0.6, 1.4])
    return _masonry(generator, image_size, course, course * 2.8, course * 0.2, mortar, generator.uniform(0.06, 0.14))


def _ashlar(generator, image_size):
    """Dressed stone in large blocks with dark joints."""
    course = generator.uniform(0.03, 0.055)
    return _masonry(generator, image_size, course, course * generator.uniform(1.6, 2.6), 0.004, 0.5, 0.06)


def _rusticated(generator, image_size):
    """Plaster with level grooves."""
    course = generator.uniform(0.025, 0.045)
    grain, relief = _plaster(generator, image_size)
    grooves = stripes(image_size, course * image_size, 0.006 * image_size)[:, None]
    return grain * (1 - 0.45 * grooves), relief - 0.006 * grooves


def _panels(generator, image_size):
    """Slabs of concrete or stone with thin joints, each of its own tone."""
    course = generator.uniform(0.06, 0.11)
    factor, relief = _masonry(generator, image_size, course, course * 1.5, 0.003, 0.6, 0.04)
    return factor + noise(generator, (image_size, image_size), (4, 60)) * 0.03, relief


MATERIALS = {
    "plaster": _plaster,
    "brick": _brick,
    "ashlar": _ashlar,
    "rusticated": _rusticated,
    "panels": _panels,
}
