"""How two sets of features lie among each other's nearest neighbours: quality and variety as separate numbers.

Around every point of a set there is a ball that reaches to its k-th nearest neighbour in the same set (the point
itself is none of them). Distances are Euclidean, computed in blocks, so that memory grows with n and not its square.
"""

import numpy as np
import sklearn.metrics

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks

MEBIBYTES = 256  # of distances at once


def precision_recall(real, generated, k=3):
    """Return the share of each set that lies within the other's balls.

    precision: the share of generated points in a ball around some real point (quality); recall: the share of real
    points in a ball around some generated point (variety). Range 0 to 1 each; higher is better, but read them as a
    pair: one famous photograph repeated has precision 1, noise that is wide enough recall 1. Two samples of one
    distribution score below 1. Do not trust them across different n, k or extractors, nor with outliers: one real
    outlier has a huge ball. Resampling with replacement makes duplicates, whose balls shrink.

    Args:
        real: (n, d) features, n > k.
        generated: (m, d) features, m > k.
        k: which neighbour a ball reaches to, its surface included.

    Returns:
        {"precision", "recall"}: floats.

    Raises:
        errors.InputError: if a set has no more than k rows, dimensions differ, or rows hold NaN or infinity.

    Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models",
        section 2.
    """
    real, generated = _centred(real, generated, k)
    real_radii, generated_radii = (_radii(points, k) * (1 + _tie(points)) for points in (real, generated))
    precise, recalled = [], np.zeros(len(real), bool)
    for start, distances in _blocks(generated, real):  # (block of generated, real)
        precise.append((distances <= real_radii).any(axis=1))
        radii = generated_radii[start : start + len(distances), None]
        recalled |= (distances <= radii).any(axis=0)
    return {"precision": float(np.concatenate(precise).mean()), "recall": float(recalled.mean())}


def density_coverage(real, generated, k=5):
    """Return how deep generated points lie in the real set's balls, and how many of these balls hold any.

    density: the mean over generated points of the number of real balls they lie in, divided by k (quality; range 0
    to n/k, near 1 for equal distributions, so above 1 is no merit); coverage: the share of real balls that hold a
    generated point (variety; range 0 to 1, near 1 - 1/2^k for equal distributions of equal size). Higher is better.
    Balls are real ones alone, so an outlier among the generated does no harm. Do not trust density as a
    scale (one dense cluster copied many times is far above 1) nor coverage where m is much smaller than n.

    Args:
        real: (n, d) features, n > k.
        generated: (m, d) features, m > k.
        k: which neighbour a ball reaches to, its surface not included.

    Returns:
        {"density", "coverage"}: floats.

    Raises:
        errors.InputError: if a set has no more than k rows, dimensions differ, or rows hold NaN or infinity.

    Source: Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", sections 3.2 and 3.3.
    """
    real, generated = _centred(real, generated, k)
    radii = _radii(real, k) * (1 - _tie(real))
    balls, covered = 0, np.zeros(len(real), bool)
    for _, distances in _blocks(generated, real):  # (block of generated, real)
        inside = distances < radii
        balls += int(inside.sum())
        covered |= inside.any(axis=0)
    return {"density": balls / (k * len(generated)), "coverage": float(covered.mean())}


def _centred(real, generated, k):
    """Return both sets about a common centre: without a large offset distances keep their digits."""
    if k < 1:
        raise errors.InputError(f"k is {k}; expected at least 1")
    real, generated = checks.feature_sets(real, generated)
    if min(len(real), len(generated)) <= k:
        raise errors.InputError(
            f"the sets have {len(real)} and {len(generated)} images, too few for neighbour number {k}; "
            f"give more than {k} of each, or a smaller k"
        )
    kind = np.result_type(real, generated, np.float32)
    centre = real.mean(axis=0, dtype=np.float64).astype(kind)
    return real.astype(kind, copy=False) - centre, generated.astype(kind, copy=False) - centre


def _tie(points):
    """Return the relative difference under which two distances are equal, whatever rounding made of them."""
    return max(1e-9, 2 * np.finfo(points.dtype).eps)


def _blocks(first, second):
    """Yield (start, distances): distances (rows, m) between rows of the first set from `start` on and all others."""
    start = 0
    for distances in sklearn.metrics.pairwise_distances_chunked(first, second, working_memory=MEBIBYTES):
        yield start, distances
        start += len(distances)


def _radii(points, k):
    """Return the distance of every point to its k-th nearest neighbour in its own set, shape (n,)."""
    # Each row has the point itself at distance 0, so that the k-th neighbour is at index k.
    blocks = sklearn.metrics.pairwise_distances_chunked(
        points, reduce_func=lambda distances, start: np.partition(distances, k, axis=1)[:, k], working_memory=MEBIBYTES
    )
    return np.concatenate(list(blocks))
