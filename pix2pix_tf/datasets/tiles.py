"""Tiles of the drawn streets: a door, a shop or a window each, cut from where the label map says that one is."""

import hashlib

import numpy as np
from scipy import ndimage

from pix2pix_tf import images
from pix2pix_tf.datasets import drawn, source
from pix2pix_tf.system import progress as progress_bars

CLASSES = ("door", "shop", "window")
MOST = {"door": 2, "shop": 2, "window": 2}  # of one street: those beside each other look alike
LEAST_SIDE = 10  # pixels of a drawing; smaller ones show nothing
LEAST_HEIGHT = 0.5  # of the width; what is flatter is half hidden, or the strip of a sign
BORDER = 1.3  # side of a tile, in parts of the longer side of what it shows
DRAWN_SIDE = 256


def describe(entry, split="train", image_size=32, count=None, seed=0, progress=False):
    """Draw streets until there are tiles enough, and describe them.

    Args:
        entry: the set's `catalogue.Entry`.
        split: "train", "val" or "test"; no street is in two of them.
        image_size: side at which tiles are wanted.
        count: number of tiles; None takes the set's own.
        seed: seed of the drawings.
        progress: whether to show how far the drawing is.

    Returns:
        `source.Source` of single images in colour, and three classes.

    Raises:
        errors.InputError: if there is no such split, or the count is not possible.
    """
    count = drawn.check_count(entry, split, count, seed)
    names, tiles, classes, street = [], [], [], drawn.FIRST_INDEX[split]
    with progress_bars.bar(None, f"drawing {entry.name}", total=count, unit="tile", shown=progress, delay=2) as bar:
        while len(tiles) < count:
            found = cut(street, seed, image_size)[: count - len(tiles)]
            names += [f"{split}-{street - drawn.FIRST_INDEX[split]:06d}-{number}" for number in range(len(found))]
            tiles += [tile for _, tile in found]
            classes += [number for number, _ in found]
            street += 1
            bar.update(len(found))
    described = f"{entry.name} {split} {count} {seed}".encode()
    digest = hashlib.sha256(described + b"".join(tile.tobytes() for tile in tiles)).hexdigest()
    return source.Source(
        name=entry.name,
        split=split,
        names=names,
        counts={**entry.splits, split: count},
        direction="a_to_b",
        sides=(source.IMAGE,),
        read=lambda index, size: (tiles[index],),
        verify=lambda keep: digest,
        classes=CLASSES,
        class_of=tuple(classes),
    )


def cut(street, seed=0, image_size=32):
    """Cut the tiles of one street.

    Args:
        street: its index, as of `streets.draw`.
        seed: of the drawing.
        image_size: side of the tiles.

    Returns:
        List of class number and tile, uint8 (image_size, image_size, 3), at most `MOST` of each class.
    """
    from pix2pix_tf import streets

    photo, labels = streets.draw(street, DRAWN_SIDE, seed)
    colours = dict(streets.LABELS)
    random = np.random.default_rng([seed, street])
    found = []
    for number, name in enumerate(CLASSES):
        boxes = _find_boxes((labels == colours[name]).all(axis=-1))
        chosen = np.sort(random.permutation(len(boxes))[: MOST[name]])
        found += [(number, images.resize(photo[_widen(*boxes[index])], image_size)) for index in chosen]
    return found


def _find_boxes(mask):
    """Return rows and columns, two slices, of everything in a mask that is large enough to be looked at."""
    boxes = ndimage.find_objects(ndimage.label(mask)[0])
    return [box for box in boxes if _is_whole(*(one.stop - one.start for one in box))]


def _is_whole(height, width):
    """Say whether a height and a width in pixels are those of something that can be seen."""
    return min(height, width) >= LEAST_SIDE and height >= LEAST_HEIGHT * width


def _widen(rows, columns):
    """Return the square around a box, moved into the drawing where it would leave it."""
    side = max(rows.stop - rows.start, columns.stop - columns.start)
    side = min(round(BORDER * side), DRAWN_SIDE)
    starts = [np.clip((one.start + one.stop - side) // 2, 0, DRAWN_SIDE - side) for one in (rows, columns)]
    return tuple(slice(start, start + side) for start in starts)
