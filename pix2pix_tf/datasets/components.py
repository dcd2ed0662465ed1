"""Instances where nobody has given any: the connected parts of each class of a label map."""

import numpy as np
from skimage import measure

from pix2pix_tf.metrics import labels


def find_components(label_map, colours=None):
    """Number the parts of a label map: pixels of one class that touch each other at a side are one part.

    Pixels that touch at a corner alone are not connected: a line one pixel wide that runs aslant has as many parts as
    steps, and two windows that meet at a corner stay two.

    Args:
        label_map: uint8 array (height, width, 3), a colour for each class; or integers (height, width), the classes.
        colours: uint8 array (classes, 3), the known colours, of which every pixel takes the nearest first: for label
            maps that JPEG has blurred. None takes the colours as they are.

    Returns:
        int32 array (height, width, 1), from 1 on, in the order in which the parts are met.
    """
    classes = np.asarray(label_map)
    if colours is not None:
        classes = labels.class_map(classes, colours)
    elif classes.ndim == 3:
        classes = pack(classes)
    # No class is background, which -1 says: each is labelled, in one pass over them all.
    return measure.label(classes.astype(np.int32), background=-1, connectivity=1).astype(np.int32)[..., None]


def pack(colours):
    """Make one number of each colour, which is quicker to compare: uint8 (..., 3) -> int32 (...)."""
    red, green, blue = np.moveaxis(np.asarray(colours).astype(np.int32), -1, 0)
    return (red << 16) | (green << 8) | blue
