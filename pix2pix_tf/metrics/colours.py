"""Colours of sets of images: CIE L*a*b*, its histograms and cells, how colourful, and how far from the true ones."""

import functools

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks

CHANNELS = ("L", "a", "b")
# All of sRGB lies within a -86.2 to 98.3 and b -107.9 to 94.5. Bins: width 0.99 for L, 2.18 for a and b.
RANGES = ((0.0, 100.0), (-110.0, 110.0), (-110.0, 110.0))
BINS = 101  # odd: grey, whose a and b are 0 up to rounding, lies in the middle of a bin and not at an edge
DECIMALS = 9  # values that differ by rounding alone are one value, so that an edge has one answer on every machine
CELL = 10.0  # side of a cell of L, a and b, as in Zhang et al. 2016, "Colorful Image Colorization", section 2.1
RARE = 10_000  # one pixel in so many is enough for a cell to be used
# Linear sRGB to XYZ, and the D65 white that its rows add up to.
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = XYZ.sum(axis=1)


def lab(images):
    """Convert sRGB images to CIE L*a*b* under D65.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], sRGB companded as every ordinary image file is.

    Returns:
        float64 (n, height, width, 3): L in [0, 100], a in [-86.2, 98.3] (green to red), b in [-107.9, 94.5] (blue to
        yellow).

    Raises:
        errors.InputError: if the images have another number of channels, values not finite or out of range.

    Source: IEC 61966-2-1:1999 (companding, primaries, D65); CIE 15:2004, section 8.2.1 (L*a*b*).
    """
    images = _in_colour(images)
    companded = np.clip(images.astype(np.float64) / 2 + 0.5, 0, 1)
    linear = np.where(companded <= 0.04045, companded / 12.92, ((companded + 0.055) / 1.055) ** 2.4)
    relative = linear @ (XYZ.T / WHITE)
    threshold = 6 / 29
    bent = np.where(relative > threshold**3, np.cbrt(relative), relative / (3 * threshold**2) + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def histograms(images, bins=BINS):
    """Count the colours of every image, so that histograms of any choice of images are sums of rows.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1].
        bins: number of equal bins over L 0 to 100, a and b -110 to 110; odd, so that grey lies inside one. A value at
            an edge, up to 9 decimals, belongs to the bin above it.

    Returns:
        int64 (n, 3, bins): pixels in each bin of L, a and b. Every row adds up to height x width.

    Raises:
        errors.InputError: as `lab`, or if the number of bins is even.
    """
    images = checks.images(images)
    if bins % 2 == 0:
        raise errors.InputError(f"bins is {bins}; expected an odd number, so that grey lies inside a bin of a and b")
    return np.stack([_counts(lab(image[None]), bins) for image in images])  # one by one: float64 takes memory


def _counts(pixels, bins):
    """Count the values of each channel: those at an edge in the bin above it, those beyond a range in its last bin."""
    counts = []
    for values, (low, high) in zip(np.moveaxis(pixels, -1, 0), RANGES, strict=True):
        edges = np.round(np.linspace(low, high, bins + 1), DECIMALS)
        places = np.searchsorted(edges, np.round(values.ravel(), DECIMALS), side="right") - 1
        counts.append(np.bincount(places.clip(0, bins - 1), minlength=bins))
    return np.stack(counts)


def intersection(real, generated):
    """Return how much the colour histograms of two sets overlap, from the counts of `histograms`.

    Args:
        real: counts (n, 3, bins).
        generated: counts (m, 3, bins); m may differ from n.

    Returns:
        {"L", "a", "b"}: floats as in `histogram_intersection`.

    Raises:
        errors.InputError: if the shapes do not belong together.
    """
    real, generated = np.asarray(real), np.asarray(generated)
    if real.ndim != 3 or generated.ndim != 3 or real.shape[1:] != generated.shape[1:]:
        raise errors.InputError(
            f"histograms have shapes {real.shape} and {generated.shape}; expected (n, 3, bins) with the same bins"
        )
    shares = [counts.sum(axis=0) / counts.sum(axis=(0, 2))[:, None] for counts in (real, generated)]
    return dict(zip(CHANNELS, map(float, np.minimum(*shares).sum(axis=1)), strict=True))


def histogram_intersection(real, generated, bins=BINS):
    """Return how much the colours of two sets of images overlap, for each channel of CIE L*a*b*.

    The sum over bins of min(share of real pixels, share of generated pixels), over all pixels of each set. Range 0
    (disjoint) to 1 (equal histograms); higher is better. An L1 loss answers ambiguous colours with grey and loses
    a and b. Do not trust it about where a colour is: pixels are shuffled freely between places and images, and noise
    that has the right histogram scores 1. Compare values of one number of bins only: more bins give lower ones.

    Args:
        real: float32 (n, height, width, 3) in [-1, 1].
        generated: float32 (m, height, width, 3) in [-1, 1]; neither paired nor of the same size.
        bins: as of `histograms`.

    Returns:
        {"L", "a", "b"}: floats in [0, 1].

    Raises:
        errors.InputError: as `histograms`.

    Source: Isola et al. 2017, section 4.2, figure 7 ("Color distribution matching").
    Deviation: the paper states neither bins nor ranges, so that its numbers compare in order only. 101 bins here, an
        odd number: with an even one, 0 is an edge of a and b, and the last bit of a grey pixel decides its bin.
    """
    return intersection(histograms(real, bins), histograms(generated, bins))


def colourfulness(images):
    """Return how colourful each image looks to people: 0 for grey, 15 slightly, 45 averagely, 109 extremely so.

    Do not trust it about whether colours are right: noise in colour is very colourful.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], sRGB.

    Returns:
        float64 (n,), 0 or more, in 8-bit units: the root of the summed variances of red - green and of
        (red + green) / 2 - blue, and 0.3 times the distance of their means from 0.

    Raises:
        errors.InputError: as `lab`.

    Source: Hasler and Suesstrunk 2003, "Measuring colourfulness in natural images", section 7 (the metric in sRGB).
    """
    images = _in_colour(images)
    red, green, blue = np.moveaxis((images.astype(np.float64) + 1) * 127.5, -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    deviations, means = opponents.std(axis=(2, 3)), opponents.mean(axis=(2, 3))
    return np.sqrt((deviations**2).sum(axis=0)) + 0.3 * np.sqrt((means**2).sum(axis=0))


def ab_error(real, generated):
    """Return how far the colours of each image are from the true ones: the mean distance of a and b, at half size.

    JPEG files keep a and b, or what is like them, at half size as a rule: what lies between says nothing. A model that
    answers every doubt with grey-brown does well by it; look at `colourfulness` too.

    Args:
        real: float32 (n, height, width, 3) in [-1, 1], sRGB.
        generated: float32 of the same shape, image i for image i.

    Returns:
        float64 (n,), 0 to 200, in units of a and b.

    Raises:
        errors.InputError: as `lab`, or if the shapes differ or a side is below 2.
    """
    real, generated = _in_colour(real), _in_colour(generated)
    if real.shape != generated.shape or min(real.shape[1:3]) < 2:
        raise errors.InputError(
            f"images have shapes {real.shape} and {generated.shape}; expected the same, of 2 and more"
        )
    apart = [
        _halve(lab(one[None])[0, ..., 1:]) - _halve(lab(other[None])[0, ..., 1:])
        for one, other in zip(real, generated, strict=True)
    ]
    return np.array([np.sqrt((one**2).sum(axis=-1)).mean() for one in apart])


def colours_used(images):
    """Return which part of all colours that a screen can show each image uses: 0 for none, about 0.01 for grey.

    L, a and b are cut into cells of `CELL` units; one is used where at least one of `RARE` pixels lies in it.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], sRGB.

    Returns:
        float64 (n,) from 0 to 1.

    Raises:
        errors.InputError: as `lab`.
    """
    images, known = _in_colour(images), _displayable_cells()
    shares = []
    for image in images:
        pixels = _cells_of(lab(image[None]).reshape(-1, 3))
        found, counts = np.unique(pixels, return_counts=True)
        shares.append(np.sum(counts * RARE >= len(pixels)) / len(known))
    return np.array(shares)


def _halve(values):
    """Return the means of squares of 2x2, (height / 2, width / 2, ...); an odd last row or column is left out."""
    height, width = (length // 2 * 2 for length in values.shape[:2])
    return values[:height, :width].reshape(height // 2, 2, width // 2, 2, -1).mean(axis=(1, 3))


def _cells_of(pixels):
    """Return the numbers of the cells of pixels (n, 3), L, a and b."""
    light, a, b = np.moveaxis(np.floor(np.round(pixels, DECIMALS) / CELL).astype(int), -1, 0)
    return (light * 100 + a + 50) * 100 + b + 50


@functools.cache
def _displayable_cells():
    """Return the numbers of the cells in which some 8-bit colour lies, rising."""
    levels = np.arange(0, 256, 3, dtype=np.float32)  # finer ones find the same cells but for a few corners
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(1, -1, len(levels), 3)
    return np.unique(_cells_of(lab(grid / 127.5 - 1).reshape(-1, 3)))


def _in_colour(images):
    """Return checked images; raise InputError unless they have three channels."""
    images = checks.images(images)
    if images.shape[3] != 3:
        raise errors.InputError(f"images have {images.shape[3]} channels; colours need the three of RGB")
    return images
