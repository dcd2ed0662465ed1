"""What a training run would have given with another seed: the spread over runs that differ in nothing else."""

import json

import numpy as np

SEEDS = {"model": ("seed",), "training": ("seed",)}


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
            groups.setdefault(without_seeds(candidate.config), []).append((candidate, score))
    return [summary(group) for group in groups.values() if len(different(group)) > 1]


def without_seeds(config):
    """Return what decides a run but for its seeds, as text to group by."""
    parts = {"method": config.get("method"), "digest": config["data"]["digest"]}
    for part in ("model", "training"):
        parts[part] = {name: value for name, value in config[part].items() if name not in SEEDS[part]}
    return json.dumps(parts, sort_keys=True)


def different(group):
    """Return the seeds of a group's runs."""
    return {(candidate.config["model"].get("seed"), candidate.config["training"].get("seed")) for candidate, _ in group}


def summary(group):
    """Return mean and spread of every measure that all runs of a group have."""
    scores = [score for _, score in group]
    shared = [name for name in scores[0]["measures"] if all(name in score["measures"] for score in scores)]
    found = {}
    for name in shared:
        values = [score["measures"][name]["value"] for score in scores]
        found[name] = {"mean": float(np.mean(values)), "std": float(np.std(values, ddof=1)), "runs": len(values)}
    return {"names": [score["name"] for score in scores], "measures": found}
