"""Colours of sets of images: CIE L*a*b*, its histograms, and how much two sets' histograms overlap."""

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks

CHANNELS = ("L", "a", "b")
# All of sRGB lies within a -86.2 to 98.3 and b -107.9 to 94.5. Bins: width 0.99 for L, 2.18 for a and b.
RANGES = ((0.0, 100.0), (-110.0, 110.0), (-110.0, 110.0))
BINS = 101  # odd: grey, whose a and b are 0 up to rounding, lies in the middle of a bin and not at an edge
DECIMALS = 9  # values that differ by rounding alone are one value, so that an edge has one answer on every machine
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
    images = checks.images(images)
    if images.shape[3] != 3:
        raise errors.InputError(f"images have {images.shape[3]} channels; colours need the three of RGB")
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
