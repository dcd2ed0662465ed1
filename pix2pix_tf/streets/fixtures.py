"""What the fixtures of one house have in common, and who paints which."""

from typing import NamedTuple

import numpy as np

from pix2pix_tf.streets import openings, ornaments, shapes, surfaces


class Taste(NamedTuple):
    """Hold what one house's fixtures have in common; colours are linear, lengths in picture widths."""

    wall: np.ndarray
    trim: np.ndarray
    frame: np.ndarray
    blind: np.ndarray
    shade: np.ndarray
    metal: np.ndarray
    wood: np.ndarray
    sky: np.ndarray
    reveal: float
    surround: float
    columns: int
    rows: tuple[float, ...]
    arched: bool
    pediment: bool
    dentils: bool
    railing: str
    reflection: float
    curtains: float
    awning: float


def paint(canvas: surfaces.Canvas, part: shapes.Part, taste: Taste, generator: np.random.Generator) -> None:
    """Paint one part; what is drawn at random does not depend on the picture's size.

    Args:
        canvas: the whole picture.
        part: the part, of any kind but facade.
        taste: what the house's fixtures have in common.
        generator: source of randomness for what differs from part to part.
    """
    size = canvas.relief.shape[0]
    PAINTERS[part.kind](canvas.crop(*part.pixels(size)), taste, generator, size, part)


def surround(canvas: surfaces.Canvas, part: shapes.Part, taste: Taste, least: float = 0.0) -> None:
    """Paint the flat frame of stone or plaster on the wall around an opening, as wide as the taste has it or least."""
    size = canvas.relief.shape[0]
    margin = max(taste.surround, least) * size
    width = max(int(np.ceil(margin)), 1)
    left, top, right, bottom = part.pixels(size)
    region = canvas.crop(left - width, top - width, right + width, bottom + width)
    if min(region.relief.shape) and margin > 0.25:
        region.fill(taste.trim, relief=0.005, opacity=min(margin / width, 1.0))


PAINTERS = {
    "window": openings.window,
    "door": openings.door,
    "blind": openings.blind,
    "shop": openings.shop,
    "cornice": ornaments.cornice,
    "molding": ornaments.molding,
    "sill": ornaments.sill,
    "balcony": ornaments.balcony,
    "deco": ornaments.deco,
    "pillar": ornaments.pillar,
}
