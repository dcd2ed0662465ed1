"""Synthetic street fronts and terraces: label maps, instance maps and photo-like pictures, by index and seed."""

import numpy as np

from pix2pix_tf.streets import layout, rendering, surfaces, terrace_rendering, terraces

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
LABELLED = ("synthetic", "terraces", "facades")  # the sets whose label maps have these colours


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
    return rendering.photo(street, image_size, looks), _paint_maps((street,), image_size)[0]


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


def draw_terrace(
    index: int, image_size: int = 256, seed: int = 0, look: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one terrace: two to four narrow houses wall to wall; the same arguments give the same bytes.

    Walls, shops, windows, blinds and balconies touch others of their class: the label map does not tell where one ends
    and the next begins, the instance map and the photo do. Neighbouring walls differ in colour. As of `draw`, the
    labels fix the layout alone, and another size shows the same terrace.

    Args:
        index: which terrace, from 0 up.
        image_size: side of both pictures in pixels, 16 to 1024.
        seed: which city, from 0 up.
        look: which paints, light and weather, from 0 up; None for those of the index.

    Returns:
        The photo and the label map, as of `draw`. `draw_instances` with the kind "terrace" has the instance map.

    Raises:
        ValueError: for a size outside 16 to 1024, or a negative index, seed or look.
    """
    houses, looks = _terrace(index, image_size, seed, index if look is None else look)
    return terrace_rendering.photo(houses, image_size, looks), _paint_maps(houses, image_size)[0]


def draw_instances(index: int, image_size: int = 256, seed: int = 0, kind: str = "front") -> np.ndarray:
    """Draw the instance map of a street front or of a terrace: which pixels belong to one thing.

    Every part that the label map shows has a number of its own, which is the same at every size: each window, each
    shop, each band. The walls of a terrace's houses have the first numbers, from left to right.

    Args:
        index: which house or terrace, from 0 up.
        image_size: side of the map in pixels, 16 to 1024.
        seed: which city, from 0 up.
        kind: "front", as `draw` draws it, or "terrace", as `draw_terrace` does.

    Returns:
        int32 of shape (image_size, image_size), 1 and up, 0 for the background.

    Raises:
        ValueError: for another kind, a size outside 16 to 1024, or a negative index or seed.
    """
    if kind not in ("front", "terrace"):
        raise ValueError(f"kind is {kind!r}; expected 'front' or 'terrace'")
    compose = _terrace if kind == "terrace" else _street
    found, _ = compose(index, image_size, seed, 0)
    return _paint_maps(found if kind == "terrace" else (found,), image_size)[1]


def wall_colours(index: int, seed: int = 0, look: int | None = None) -> dict[int, np.ndarray]:
    """Tell the paint of every wall of a terrace, before light and weather; the whole wall has the one paint.

    Args:
        index: which terrace, from 0 up.
        seed: which city, from 0 up.
        look: which paints, from 0 up; None for those of the index.

    Returns:
        Number of the wall in the instance map to its colour as displayed, uint8 (3,), 0 to 255.

    Raises:
        ValueError: for a negative index, seed or look.
    """
    houses, looks = _terrace(index, 16, seed, index if look is None else look)
    tastes = terrace_rendering.choose_tastes(looks, len(houses))
    return {number: surfaces.displayed(taste.wall) for number, (_, taste) in enumerate(tastes, start=1)}


def _street(index, image_size, seed, look):
    """Compose a street front, and start the stream of randomness for its paint and weather."""
    _check_size(image_size)
    return layout.compose(np.random.default_rng([seed, index, 0])), np.random.default_rng([seed, look, 1])


def _terrace(index, image_size, seed, look):
    """Compose a terrace, and start the stream of randomness for its paints and weather."""
    _check_size(image_size)
    return terraces.compose(np.random.default_rng([seed, index, 2])), np.random.default_rng([seed, look, 3])


def _check_size(image_size):
    """Raise ValueError for a size that is not possible."""
    if not 16 <= image_size <= 1024:
        raise ValueError(f"image_size is {image_size}; expected 16 to 1024")


def _paint_maps(houses, image_size):
    """Paint the parts of houses from back to front: in the colours of their classes, and in numbers of their own."""
    colours = dict(LABELS)
    labels = np.full((image_size, image_size, 3), colours["background"], np.uint8)
    instances, number = np.zeros((image_size, image_size), np.int32), len(houses)
    for wall, house in enumerate(houses, start=1):
        for part in house.parts:
            left, top, right, bottom = part.pixels(image_size)
            number += part.kind != "facade"
            labels[top:bottom, left:right] = colours[part.kind]
            instances[top:bottom, left:right] = wall if part.kind == "facade" else number
    return labels, instances
