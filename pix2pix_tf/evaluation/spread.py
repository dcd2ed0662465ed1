"""How far a measure moves: an interval over images, the spread over halves of two sets, and that over seeds."""

import json

import numpy as np

from pix2pix_tf import metrics

LEVEL, RESAMPLES, REPEATS = 0.95, 2000, 100
SEEDS = {"model": ("seed",), "training": ("seed",)}


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


def over_seeds(candidates, scores):
    """Average the measures of runs that differ in their seed alone.

    Args:
        candidates: list of `candidates.Candidate`.
        scores: list of dicts with "name" and "measures", beginning with those of the candidates.

    Returns:
        List of dicts of "names" and "measures": measure to "mean", "std" (ddof 1) and "runs".
    """
    groups = {}
    for candidate, score in zip(candidates, scores, strict=False):
        if candidate.config is not None:
            groups.setdefault(_describe_without_seeds(candidate.config), []).append((candidate, score))
    return [_summarize(group) for group in groups.values() if len(_find_seeds(group)) > 1]


def _describe_without_seeds(config):
    """Return what decides a run but for its seeds, as text to group by."""
    parts = {"method": config.get("method"), "digest": config["data"]["digest"]}
    for part in ("model", "training"):
        parts[part] = {name: value for name, value in config[part].items() if name not in SEEDS[part]}
    return json.dumps(parts, sort_keys=True)


def _find_seeds(group):
    """Return the seeds of a group's runs."""
    return {(candidate.config["model"].get("seed"), candidate.config["training"].get("seed")) for candidate, _ in group}


def _summarize(group):
    """Return mean and spread of every measure that all runs of a group have."""
    scores = [score for _, score in group]
    shared = [name for name in scores[0]["measures"] if all(name in score["measures"] for score in scores)]
    found = {}
    for name in shared:
        values = [score["measures"][name]["value"] for score in scores]
        found[name] = {"mean": float(np.mean(values)), "std": float(np.std(values, ddof=1)), "runs": len(values)}
    return {"names": [score["name"] for score in scores], "measures": found}
