"""A fixed description of an image, without a network: colours, textures and the directions of edges at three scales.

Distances between sets of such features need no weights and no download. They see blur, grids and wrong colours; what
an image shows they hardly see, so that they are no substitute for the features of a trained network.
"""

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks, colours

VERSION = 1  # to be raised with every change of the features: distances of other versions do not compare
SCALES = 3  # the image, and two halvings
UNIT = 25.0  # of L*a*b*: about the spread of colours over images, as a natural logarithm has for textures
FLOOR = 0.02  # of textures, in that unit: about a step of 8 bits, below which there is nothing to see
BINS = 8  # of the direction of an edge, over half a turn
CELLS = 2  # a side: edges are counted in four quarters of the image
SMALLEST = 16  # pixels a side
# At one scale: three means, three deviations, five textures of three channels, directions of edges in four quarters.
AT_ONE_SCALE = 3 + 3 + 5 * 3 + CELLS**2 * BINS
DIMENSIONS = SCALES * AT_ONE_SCALE


def patch_features(images):
    """Describe every image by colours, textures and directions of edges, at three scales.

    At each of the image, its halving and its quartering, in CIE L*a*b* divided by 25: mean and standard deviation of
    every channel; the logarithm of the mean absolute response of every channel to derivatives in four directions and
    to the Laplacian; and, for each quarter of the image, the share of the edges of L in each of eight directions.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], sides of at least 16 pixels.

    Returns:
        float64 (n, 159), finite; the same image gives the same features in any company. Those of one number of pixels
        compare, since textures belong to a scale.

    Raises:
        errors.InputError: if the images have another number of channels, values not finite or out of range, or a side
            is under 16 pixels.

    Source: Freeman and Adelson 1991, "The Design and Use of Steerable Filters", section 2, for derivatives in any
        direction from two; Dalal and Triggs 2005, "Histograms of Oriented Gradients for Human Detection", section 6.
    Deviation: a selection of both on a coarse grid, with the moments of colours beside them; nothing is learned.
    """
    images = checks.images(images)
    if min(images.shape[1:3]) < SMALLEST:
        raise errors.InputError(
            f"images of {images.shape[2]}x{images.shape[1]} are too small for patch features; "
            f"use sides of at least {SMALLEST} pixels"
        )
    return np.stack([_describe(colours.lab(image[None])[0] / UNIT) for image in images])  # one by one: it takes memory


def _describe(image):
    """Return the features of one image (height, width, 3), L*a*b* in units of 25."""
    found = []
    for _ in range(SCALES):
        found += [image.mean(axis=(0, 1)), image.std(axis=(0, 1)), *_textures(image), _edges(image[..., 0])]
        image = _halve(image)
    return np.concatenate(found)


def _halve(image):
    """Return the means of 2x2 pixels, without a last odd row or column."""
    height, width = (side // 2 for side in image.shape[:2])
    return image[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1).mean(axis=(1, 3))


def _derivatives(image):
    """Return the central differences along rows and along columns, of all pixels but those at the border."""
    return (image[2:, 1:-1] - image[:-2, 1:-1]) / 2, (image[1:-1, 2:] - image[1:-1, :-2]) / 2


def _textures(image):
    """Return five arrays (channels,): logarithms of mean absolute responses to four derivatives and the Laplacian."""
    down, across = _derivatives(image)
    turned = [np.cos(angle) * across + np.sin(angle) * down for angle in np.arange(4) * np.pi / 4]
    around = image[2:, 1:-1] + image[:-2, 1:-1] + image[1:-1, 2:] + image[1:-1, :-2]
    responses = [*turned, image[1:-1, 1:-1] - around / 4]
    return [np.log(np.abs(response).mean(axis=(0, 1)) + FLOOR) for response in responses]


def _edges(lightness):
    """Return the share of edges in each direction, quarter by quarter, (cells x cells x bins,): 0 where there are none.

    An edge counts by its height, and goes to the two nearest directions by its distance to each, so that no share jumps
    where an edge turns a little.
    """
    down, across = _derivatives(lightness)
    height, place = np.hypot(down, across), np.mod(np.arctan2(down, across), np.pi) / np.pi * BINS
    lower = np.floor(place).astype(int)
    upper_share = place - lower
    rows, columns = (np.arange(side) * CELLS // side for side in height.shape)
    cell = (rows[:, None] * CELLS + columns) * BINS
    counts = np.zeros(CELLS**2 * BINS)
    for bins, weights in ((lower, height * (1 - upper_share)), (lower + 1, height * upper_share)):
        counts += np.bincount((cell + bins % BINS).ravel(), weights.ravel(), len(counts))
    counts = counts.reshape(CELLS**2, BINS)
    areas = np.bincount(cell.ravel() // BINS)[:, None]
    return (counts / (counts.sum(axis=1, keepdims=True) + FLOOR * areas)).ravel()  # next to no edges: next to 0
