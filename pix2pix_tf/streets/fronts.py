"""Synthetic street fronts: pairs of a label map and a photo-like picture, drawn by index and seed without limit."""

import numpy as np

from pix2pix_tf.streets import layout, rendering

# The classes in the order of the CMP Facade Database, in the colours of the public pix2pix archive of it. A cornice is
# the panel above a window, a molding a band across the facade, a shop also a sign.
LABELS = (
    ("background", (0, 0, 222)),
    ("facade", (0, 48, 255)),
    ("window", (0, 128, 255)),
    ("door", (0, 207, 255)),
    ("cornice", (32, 255, 224)),
    ("sill", (112, 255, 143)),
    ("balcony", (192, 255, 63)),
    ("blind", (255, 239, 0)),
    ("deco", (255, 159, 0)),
    ("molding", (255, 80, 0)),
    ("pillar", (255, 0, 0)),
    ("shop", (174, 0, 0)),
)
LABELLED = ("synthetic", "facades")  # the sets whose label maps have these colours


def draw(index: int, image_size: int = 256, seed: int = 0, look: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Draw one street front; the same arguments give the same bytes.

    The labels fix the layout alone: wall colour, material, light and weather come from a stream of randomness of
    their own, as do bricks, reflections and the like. The same index and seed at another size show the same house.

    Args:
        index: which house, from 0 up.
        image_size: side of both pictures in pixels, 16 to 1024.
        seed: which city, from 0 up.
        look: which paint, light and weather, from 0 up; None for that of the index.

    Returns:
        The photo and the label map, both uint8 of shape (image_size, image_size, 3), 0 to 255; the label map holds
        the colours of LABELS and no others.

    Raises:
        ValueError: for a size outside 16 to 1024, or a negative index, seed or look.

    Source:
        Classes, colours and the layering in depth follow the CMP Facade Database (Tylecek and Sara, Spatial Pattern
        Templates for Recognition of Objects with Regular Structure, 2013) as the pix2pix archive renders it.
    """
    street, looks = _street(index, image_size, seed, index if look is None else look)
    return rendering.photo(street, image_size, looks), _label_map(street, image_size)


def draw_photo(index: int, image_size: int = 256, seed: int = 0, time: str = "day") -> np.ndarray:
    """Draw the photo of one street front by day or at night; the same arguments give the same bytes.

    Day and night show the same house in the same paint, with the same cars and passers-by; the day's is the photo of
    `draw`. Which windows are lit at night shows by day: those with bright panes, by their curtains or the sky in them.

    Args:
        index: which house, from 0 up.
        image_size: side of the picture in pixels, 16 to 1024.
        seed: which city, from 0 up.
        time: "day" or "night".

    Returns:
        uint8 of shape (image_size, image_size, 3), 0 to 255.

    Raises:
        ValueError: for another time, a size outside 16 to 1024, or a negative index or seed.
    """
    if time not in ("day", "night"):
        raise ValueError(f"time is {time!r}; expected 'day' or 'night'")
    street, looks = _street(index, image_size, seed, index)
    return rendering.photo(street, image_size, looks, time)


def _street(index, image_size, seed, look):
    """Compose a street front, and start the stream of randomness for its paint and weather."""
    if not 16 <= image_size <= 1024:
        raise ValueError(f"image_size is {image_size}; expected 16 to 1024")
    return layout.compose(np.random.default_rng([seed, index, 0])), np.random.default_rng([seed, look, 1])


def _label_map(street, image_size):
    """Paint the parts of a street in their colours, from back to front."""
    colours = dict(LABELS)
    labels = np.full((image_size, image_size, 3), colours["background"], np.uint8)
    for part in street.parts:
        left, top, right, bottom = part.pixels(image_size)
        labels[top:bottom, left:right] = colours[part.kind]
    return labels
