"""Pictures whose values are no colours but names of things, classes or instances, and the colours that show classes."""

import functools

import numpy as np

from pix2pix_tf import decoding, errors

UNLABELLED = 255  # the id of pixels of which nobody has said what they show
# Which bit of an id is which bit of red, of green and of blue: the lowest bits make the strongest colours.
BITS = (((0, 7), (3, 6), (6, 5)), ((1, 7), (4, 6), (7, 5)), ((2, 7), (5, 6)))

decode = decoding.decode_ids  # (data, name) -> int32 (height, width, 1)
is_grey_file = decoding.may_be_grey_ids  # path -> bool, by the header
has_palette = decoding.has_palette  # the same


def decode_classes(data, name):
    """Decode a label map that is stored as ids, into the colours of `colour`; arguments and errors as of `decode`.

    Returns:
        uint8 array (height, width, 3).

    Raises:
        errors.InputError: also if an id is above 255, or nothing in it is labelled.
    """
    classes = decode(data, name)
    if classes.max() > UNLABELLED:
        raise errors.InputError(
            f"{name}: has the class id {classes.max()}; expected 0 to {UNLABELLED}, and ids of instances in their own "
            "folder"
        )
    if classes.min() == UNLABELLED:
        raise errors.InputError(f"{name}: is unlabelled everywhere (id {UNLABELLED}); label or remove it")
    return colour(classes[..., 0])


def colour(classes):
    """Return the colours that stand for class ids in this package, a different one for each.

    Args:
        classes: integers of any shape, 0 to 255.

    Returns:
        uint8 array of that shape with an axis (3) behind.

    Source: Everingham et al. 2010, "The PASCAL Visual Object Classes (VOC) Challenge": the colours of its label maps.
    """
    classes = np.asarray(classes)
    if classes.size and not 0 <= classes.min() <= classes.max() <= UNLABELLED:
        raise ValueError(f"class ids from {classes.min()} to {classes.max()}; expected 0 to {UNLABELLED}")
    return _make_table()[classes]


def of_colours(colours, strict=True):
    """Return the class ids that colours of `colour` stand for.

    Args:
        colours: uint8 array (..., 3).
        strict: whether a colour that stands for none is refused.

    Returns:
        uint8 array (...).

    Raises:
        errors.InputError: if a colour stands for none.
    """
    colours = np.asarray(colours, np.uint8)
    classes = np.zeros(colours.shape[:-1], np.uint8)
    for channel, places in enumerate(BITS):
        for bit, place in places:
            classes |= (colours[..., channel] >> place & 1) << bit
    strange = np.any(_make_table()[classes] != colours, -1)
    if strict and strange.any():
        first = tuple(colours[strange][0].tolist())
        raise errors.InputError(f"the colour {first} stands for no class id; expected those of ids.colour")
    return classes


def are_colours(colours):
    """Say whether all of some colours, (n, 3) from 0 to 255, are those of `colour`."""
    colours = np.asarray(colours, np.uint8)
    return np.array_equal(colour(of_colours(colours, strict=False)), colours)


def part_unlabelled(colours):
    """Return colours, a list of [red, green, blue], without that of unlabelled pixels, and whether it was there."""
    unlabelled = colour(UNLABELLED).tolist()
    others = [one for one in colours if one != unlabelled]
    return others, len(others) < len(colours)


@functools.cache
def _make_table():
    """Return the colours of all class ids: uint8 (256, 3)."""
    classes = np.arange(UNLABELLED + 1)
    table = np.zeros((len(classes), 3), np.uint8)
    for channel, places in enumerate(BITS):
        for bit, place in places:
            table[:, channel] |= ((classes >> bit & 1) << place).astype(np.uint8)
    table.setflags(write=False)
    return table
