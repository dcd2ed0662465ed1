"""Textures of walls: what a material does to a colour, and its relief."""

import numpy as np

from pix2pix_tf.streets import surfaces


def texture(material: str, generator: np.random.Generator, image_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the texture of a wall.

    Args:
        material: one of MATERIALS.
        generator: source of randomness; what it draws does not depend on image_size.
        image_size: side of the picture in pixels.

    Returns:
        A factor on the wall's colour, around 1, and the relief of the wall in picture widths, both
        (image_size, image_size) or broadcasting to it.
    """
    return MATERIALS[material](generator, image_size)


def _plaster(generator, image_size):
    """Smooth render: cloudy, with streaks of rain."""
    shape = (image_size, image_size)
    grain = surfaces.noise(generator, shape, (90, 90)) * 0.04 + surfaces.noise(generator, shape, (260, 260)) * 0.04
    streaks = surfaces.noise(generator, shape, (4, 90)) * generator.uniform(0.0, 0.06) + _patches(generator, shape)
    return 1 + grain + streaks, grain * 0.004


def _patches(generator, shape):
    """Paint worn off or mended here and there, on one house in four."""
    worn = surfaces.noise(generator, shape, (7, 7)) + 0.35 * surfaces.noise(generator, shape, (40, 40))
    return generator.choice([0.0, -0.18, 0.15, 0.0], p=[0.4, 0.15, 0.1, 0.35]) * ((worn - 1.0) * 8).clip(0, 1)


def _masonry(generator, image_size, course, length, joint, mortar, variation):
    """Courses of blocks, every other one shifted by half; sizes in picture widths."""
    rows, columns = np.arange(image_size) / image_size / course, np.arange(image_size) / image_size / length
    odd = (rows.astype(int) % 2)[:, None]
    shifts = [surfaces.stripes(image_size, length * image_size, joint * image_size, phase) for phase in (0.0, 0.5)]
    upright = np.where(odd, shifts[1], shifts[0])
    level = surfaces.stripes(image_size, course * image_size, joint * image_size)[:, None]
    joints = 1 - (1 - level) * (1 - upright)
    table = generator.standard_normal((128, 64), np.float32) * variation
    tones = table[rows.astype(int)[:, None] % 128, (columns + odd * 0.5).astype(int) % 64]
    grain = surfaces.noise(generator, (image_size, image_size), (260, 260)) * 0.03
    return (1 + tones + grain) * (1 - joints) + mortar * joints, -0.004 * joints


def _brick(generator, image_size):
    """Brick in light or dark mortar, in courses a little coarser than real ones, so that they show at 128 pixels."""
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
    grooves = surfaces.stripes(image_size, course * image_size, 0.006 * image_size)[:, None]
    return grain * (1 - 0.45 * grooves), relief - 0.006 * grooves


def _panels(generator, image_size):
    """Slabs of concrete or stone with thin joints, each of its own tone."""
    course = generator.uniform(0.06, 0.11)
    factor, relief = _masonry(generator, image_size, course, course * 1.5, 0.003, 0.6, 0.04)
    return factor + surfaces.noise(generator, (image_size, image_size), (4, 60)) * 0.03, relief


MATERIALS = {
    "plaster": _plaster,
    "brick": _brick,
    "ashlar": _ashlar,
    "rusticated": _rusticated,
    "panels": _panels,
}
