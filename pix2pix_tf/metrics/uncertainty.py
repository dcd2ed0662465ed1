"""How far a number could have been another: intervals for means over images, spreads for measures of sets."""

import numpy as np

from pix2pix_tf import errors


def bootstrap_interval(values, statistic=np.mean, level=0.95, resamples=2000, seed=0):
    """Return the percentile bootstrap interval of a statistic over images.

    Images are drawn with replacement, as many as there are, many times; the interval holds the middle part of the
    statistics. It says how much the number would move with another test set of this size, of this one trained
    model: not with another training run, which needs runs with other seeds. Do not trust it under about 20 images
    (it is too narrow), nor for distances between sets (`subsample_spread` says why).

    Args:
        values: (n,) the measure of every image, or (n, ...) what the statistic is made from, such as a confusion
            matrix or a histogram of every image; images are along the first axis. n at least 2.
        statistic: function from (n, ...) to a float, or to an array of which every entry gets its interval.
        level: share of the statistics that the interval holds, between 0 and 1.
        resamples: how many times images are drawn.
        seed: decides the draws.

    Returns:
        (low, high): floats, or arrays where the statistic gives arrays.

    Raises:
        errors.InputError: if there are fewer than two images, values hold NaN, or level is not between 0 and 1.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3.
    """
    values = np.asarray(values)
    if values.ndim == 0 or len(values) < 2:
        raise errors.InputError(f"values have shape {values.shape}; an interval needs at least two images")
    if np.isnan(values).any():
        raise errors.InputError("values hold NaN; leave out the images that could not be measured")
    _check_level(level)
    random = np.random.default_rng(seed)
    draws = [statistic(values[random.integers(len(values), size=len(values))]) for _ in range(resamples)]
    return _middle(draws, level)


def subsample_spread(measure, real, generated, size, repeats=100, seed=0, paired=False, level=0.95):
    """Measure subsamples of two sets, drawn without replacement: how much the measure moves at that size.

    Drawing n of n *with* replacement, as a bootstrap does, gives sets in which a third of the images is replaced by
    duplicates. A Fréchet distance sees that as a covariance of fewer images, a kernel distance as pairs of images
    that are too alike, a measure of neighbours as balls that shrink to nothing: the bootstrap's values are not spread
    around the measure of the full sets but shifted. Subsamples have no duplicates. What they show is the spread **at
    the stated size**, which is wider than at n, about a mean that is biased as that size is: it is no confidence
    interval of the full sets' value. Keep size at half of n or less, since larger subsamples are mostly the same
    images and their spread goes to 0.

    Args:
        measure: function of two arrays that returns a float, such as `frechet_distance`, or an array of several
            measures.
        real: array, images or features along the first axis.
        generated: array likewise.
        size: number of images in a subsample of each, between 2 and the smaller set's.
        repeats: number of pairs of subsamples.
        seed: decides the subsamples.
        paired: whether image i of one set belongs to image i of the other, so that both give the same images.
        level: share of the values between low and high.

    Returns:
        {"size", "repeats", "mean", "std", "low", "high"}: std with ddof 1; the last four are floats, or arrays where
        the measure gives arrays.

    Raises:
        errors.InputError: if size is larger than a set, sets that are paired differ in length, or repeats is under 2.

    Source: Politis, Romano and Wolf 1999, "Subsampling", chapter 2; the bias of the Fréchet distance with n: Binkowski
        et al. 2018, "Demystifying MMD GANs", section 4.
    """
    real, generated = np.asarray(real), np.asarray(generated)
    _check_subsamples(len(real), len(generated), size, repeats, paired)
    _check_level(level)
    random = np.random.default_rng(seed)
    values = []
    for _ in range(repeats):
        first = random.choice(len(real), size, replace=False)
        second = first if paired else random.choice(len(generated), size, replace=False)
        values.append(np.asarray(measure(real[first], generated[second]), np.float64))
    low, high = _middle(values, level)
    mean, std = np.mean(values, axis=0), np.std(values, axis=0, ddof=1)
    if np.ndim(mean) == 0:
        mean, std = float(mean), float(std)
    return {"size": size, "repeats": repeats, "mean": mean, "std": std, "low": low, "high": high}


def _check_subsamples(real, generated, size, repeats, paired):
    """Refuse subsamples that cannot be drawn from sets of these lengths."""
    if paired and real != generated:
        raise errors.InputError(f"sets of {real} and {generated} images are not paired; expected as many of each")
    if not 2 <= size <= min(real, generated):
        raise errors.InputError(
            f"size {size}: the sets have {real} and {generated} images; choose between 2 and {min(real, generated)}"
        )
    if repeats < 2:
        raise errors.InputError(f"repeats {repeats}: a spread needs at least 2")


def _check_level(level):
    """Refuse a level that is no share."""
    if not 0 < level < 1:
        raise errors.InputError(f"level {level}: expected a share between 0 and 1, such as 0.95")


def _middle(draws, level):
    """Return the ends of the middle part of the draws, for every entry of a draw."""
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(np.asarray(draws, np.float64), ends, axis=0, method="closest_observation")  # inf stays inf
    return (float(low), float(high)) if np.ndim(low) == 0 else (low, high)
