"""How a measure is written with its uncertainty: an interval over images, or the spread over halves of two sets."""

import numpy as np

from pix2pix_tf import metrics

LEVEL, RESAMPLES, REPEATS = 0.95, 2000, 100


def over_images(names, values, statistic, seed):
    """Return measures with their bootstrap intervals over images.

    Args:
        names: of the measures.
        values: array with images along the first axis.
        statistic: function of such an array that returns the measures: a float where there is one name, else an array.
        seed: decides the draws.

    Returns:
        Dict of name to "value", "low", "high" and "n".
    """
    bounds = metrics.bootstrap_interval(values, statistic, LEVEL, RESAMPLES, seed)
    columns = (np.ravel(part).astype(float).tolist() for part in (statistic(values), *bounds))
    rows = zip(names, *columns, strict=True)
    return {name: {"value": value, "low": low, "high": high, "n": len(values)} for name, value, low, high in rows}


def over_halves(names, measure, real, generated, seed):
    """Return measures of two sets with their spread over subsamples of half the images of the smaller one.

    Args:
        names: of the measures.
        measure: function of two arrays that returns the measures: a float where there is one name, else an array.
        real: array with images along the first axis.
        generated: array likewise.
        seed: decides the subsamples.

    Returns:
        Dict of name to "value", "n" and "subsamples", see `metrics.subsample_spread`.
    """
    size = half(real, generated)
    spreads = metrics.subsample_spread(measure, real, generated, size, REPEATS, seed, level=LEVEL)
    values, found = np.ravel(measure(real, generated)), {}
    for number, name in enumerate(names):
        own = {key: float(np.ravel(spreads[key])[number]) for key in ("mean", "std", "low", "high")}
        found[name] = {"value": float(values[number]), "n": len(generated), "subsamples": {**spreads, **own}}
    return found


def half(real, generated):
    """Return how many images half of the smaller set are."""
    return min(len(real), len(generated)) // 2
