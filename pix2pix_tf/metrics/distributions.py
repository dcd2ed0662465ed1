"""Distances between two sets of features, and the score of a set of class probabilities.

They compare distributions, not pairs: a set of any pictures with the right statistics scores well, whatever its
inputs were. All depend on the feature extractor, on the resize before it and on n, so that numbers compare only where
these are equal.
"""

import numpy as np
import scipy.special

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks, matrices

BLOCK = 4096  # rows that are held in float64 at once
LEAST_IN_SPLIT = 100  # images, for an Inception score of many classes


class FeatureStatistics:
    """Gathers mean and covariance of features batch by batch, in float64 and memory of d x d whatever n is.

    The mean is taken out of every block before squaring, so that a large common offset costs no digits.

    Args:
        dimensions: d, the number of features of an image.

    Source: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", equation 2.1.
    """

    def __init__(self, dimensions):
        self.dimensions = dimensions
        self.count = 0
        self.mean = np.zeros(dimensions)
        self.scatter = np.zeros((dimensions, dimensions))

    @classmethod
    def from_moments(cls, mean, covariance, count):
        """Return the statistics of a set of which only these are known, such as published reference statistics.

        Args:
            mean: (d,).
            covariance: (d, d), with ddof 1.
            count: number of images behind them, at least 2.

        Raises:
            errors.InputError: if mean and covariance do not belong together, or hold NaN or infinity.
        """
        mean, covariance = np.array(mean, np.float64), np.array(covariance, np.float64)
        if mean.ndim != 1 or covariance.shape != 2 * mean.shape or count < 2:
            raise errors.InputError(
                f"a mean of shape {mean.shape} and a covariance of shape {covariance.shape}, of {count} images; "
                "expected (d,) and (d, d), of at least 2"
            )
        checks.features(np.vstack([mean, covariance]), "mean and covariance")
        statistics = cls(len(mean))
        statistics.count, statistics.mean, statistics.scatter = count, mean, covariance * (count - 1)
        return statistics

    @classmethod
    def from_features(cls, features):
        """Return the statistics of an array of features (n, d)."""
        features = checks.features(features)
        return cls(features.shape[1]).update(features)

    def update(self, features):
        """Take in a batch of features (n, d); return self.

        Raises:
            errors.InputError: if the shape is another, or rows hold NaN or infinity; the statistics stay as they were.
        """
        features = checks.features(features)
        if features.shape[1] != self.dimensions:
            raise errors.InputError(
                f"{len(features)} rows of features have {features.shape[1]} dimensions; expected {self.dimensions}"
            )
        for start in range(0, len(features), BLOCK):
            block = features[start : start + BLOCK].astype(np.float64)
            mean = block.mean(axis=0)
            block -= mean
            self._add(len(block), mean, block.T @ block)
        return self

    def _add(self, count, mean, scatter):
        """Add a part's sums of squares about its own mean, and those that its mean's distance from ours makes."""
        total = self.count + count
        difference = mean - self.mean
        self.scatter += scatter
        self.scatter += np.outer(difference, difference * (self.count * count / total))
        self.mean = self.mean + difference * (count / total)
        self.count = total

    @property
    def covariance(self):
        """The covariance (d, d) with ddof 1; InputError with fewer than two images."""
        if self.count < 2:
            raise errors.InputError(f"a covariance of {self.count} images is not defined; give at least 2")
        return self.scatter / (self.count - 1)


def frechet_distance(real, generated):
    """Return the Fréchet distance between Gaussians fitted to two sets of features.

    |m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^(1/2)), with the sample covariances S (ddof 1). Range 0 to infinity;
    lower is better. On the features of the Inception network of 2015-12-05 it is the FID; on others it is not and must
    not be called so. Do not trust it at small n: its bias is positive, differs between models and falls about as 1/n,
    so that sets of different n do not compare, and at the 106 images of the facades test set seeds of one model differ
    as much as models do. It sees two moments only, and resampling with replacement inflates it.

    Args:
        real: (n, d) features, or `FeatureStatistics`; n at least 2.
        generated: (m, d) features, or `FeatureStatistics`.

    Returns:
        Float. n < d needs no special care: no complex numbers are involved.

    Raises:
        errors.InputError: if dimensions differ, a set has fewer than two rows, or rows hold NaN or infinity.

    Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", section 2, equation 6; the bias:
        Binkowski et al. 2018, "Demystifying MMD GANs", section 4 and appendix D.
    Deviation: The trace of the root is the sum of the singular values of A1 A2^T, where A^T A = S.
    """
    real_mean, real_factor = _gaussian(real, "real features")
    generated_mean, generated_factor = _gaussian(generated, "generated features")
    checks.same_dimension(len(real_mean), len(generated_mean))
    difference = real_mean - generated_mean
    traces = np.square(real_factor).sum() + np.square(generated_factor).sum()
    root = matrices.nuclear_norm(real_factor @ generated_factor.T)
    return float(max(0.0, difference @ difference + traces - 2 * root))  # rounding may fall below 0


def _gaussian(features, name):
    """Return the mean (d,) of a set and a factor (rank, d) of its covariance: factor^T factor."""
    if isinstance(features, FeatureStatistics):
        return features.mean, matrices.factor(features.covariance)
    features = checks.features(features, name, least=2)
    if len(features) > features.shape[1]:
        return _gaussian(FeatureStatistics.from_features(features), name)
    features = features.astype(np.float64)
    mean = features.mean(axis=0)
    return mean, (features - mean) / np.sqrt(len(features) - 1)  # few images are a factor themselves


def kernel_distance(real, generated, subset_size=1000, subsets=100, seed=0):
    """Return the squared maximum mean discrepancy of two sets of features under a cubic kernel.

    For each of many pairs of subsets of size s, drawn without replacement, the unbiased estimate: mean over i != j of
    k(x_i, x_j) plus the same of y, minus twice the mean of k(x_i, y_j), with k(x, y) = (x.y / d + 1)^3. Its expected
    value is 0 for equal distributions and above 0 for others, so that estimates slightly below 0 are no fault; lower
    is better. On Inception features it is the KID. Unbiased means small sets do not shift it, not that they suffice:
    at n = 100 its spread is often wider than the gap between models. `std` is the spread over overlapping subsets of
    these very images: no error of the mean, and near 0 where subset_size is near n.

    Args:
        real: (n, d) features.
        generated: (m, d) features.
        subset_size: s, between 2 and the smaller of n and m.
        subsets: number of pairs of subsets.
        seed: decides the subsets.

    Returns:
        {"mean", "std"}: floats, over the subsets (std with ddof 0).

    Raises:
        errors.InputError: if subset_size is larger than a set, dimensions differ, or rows hold NaN or infinity.

    Source: Binkowski et al. 2018, "Demystifying MMD GANs", sections 2.1 and 4.
    """
    real, generated = checks.feature_sets(real, generated, least=2)
    count = min(len(real), len(generated))
    if not 2 <= subset_size <= count:
        raise errors.InputError(
            f"subset size {subset_size}: the sets have {len(real)} and {len(generated)} images, and a subset has no "
            f"image twice; choose between 2 and {count}"
        )
    if subsets < 1:
        raise errors.InputError(f"subsets {subsets}: expected at least 1")
    random = np.random.default_rng(seed)
    choices = (
        [random.choice(len(each), subset_size, replace=False) for each in (real, generated)] for _ in range(subsets)
    )
    distances = [_discrepancy(real[first], generated[second]) for first, second in choices]
    return {"mean": float(np.mean(distances)), "std": float(np.std(distances))}


def _discrepancy(first, second):
    """Return the unbiased estimate of the squared discrepancy of two sets of the same size."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    return (
        _mean_off_diagonal(_cubic(first, first))
        + _mean_off_diagonal(_cubic(second, second))
        - 2 * np.mean(_cubic(first, second))
    )


def _cubic(first, second):
    """Return the cubic kernel (n, m) of all pairs."""
    return (first @ second.T / first.shape[1] + 1) ** 3


def _mean_off_diagonal(kernel):
    """Return the mean of a square matrix without its diagonal: an image's likeness to itself says nothing."""
    return (kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1))


def inception_score(probabilities, splits=10):
    """Return the exponential of the mean divergence of each image's classes from those of its split of the set.

    exp(mean over images of KL(p(class | image) || p(class))), where p(class) is the mean over the split. Range 1 to
    the number of classes (and never above the images in a split); higher is better. It sees neither the real set nor
    differences within a class, and means little where images are not of the classifier's classes: facades are not. The
    score is bounded by the number of images in a split, which must reach the number of classes, or 100: the 10 splits
    of 50,000 that are usual leave 10 of 106 images each, and are refused.
    Splits are taken in order, so shuffle a set that is sorted by class.

    Args:
        probabilities: (n, classes), rows that are not negative and add up to 1 (softmax outputs, not logits).
        splits: number of equal parts; the mean and the spread are over them.

    Returns:
        {"mean", "std"}: floats, over the splits (std with ddof 0).

    Raises:
        errors.InputError: if a split has too few images, or rows are no probabilities.

    Source: Salimans et al. 2016, "Improved Techniques for Training GANs", section 4; Barratt and Sharma 2018, "A Note
        on the Inception Score", section 4.
    """
    probabilities = checks.features(probabilities, "probabilities").astype(np.float64)
    count, classes = probabilities.shape
    least = min(classes, LEAST_IN_SPLIT)
    if splits < 1 or count // splits < least:
        raise errors.InputError(
            f"an Inception score of {count} images in {splits} splits means nothing: a split has fewer than {least}, "
            f"which bounds its score; give at least {least * max(splits, 1)} images, or fewer splits, or leave it out"
        )
    if probabilities.min() < 0 or np.abs(probabilities.sum(axis=1) - 1).max() > 1e-3:
        raise errors.InputError("probabilities have rows that are negative or do not add up to 1; apply softmax first")
    bounds = [part * count // splits for part in range(splits + 1)]
    scores = [_score(probabilities[start:stop]) for start, stop in zip(bounds, bounds[1:], strict=False)]
    return {"mean": float(np.mean(scores)), "std": float(np.std(scores))}


def _score(probabilities):
    """Return the score of one split; classes of probability 0 add nothing."""
    divergences = scipy.special.rel_entr(probabilities, probabilities.mean(axis=0)).sum(axis=1)
    return np.exp(divergences.mean())
