"""The checks of the exercises of lesson 08 accept right answers, refuse wrong ones, and say when none was tried."""

import itertools
import json
import zlib

import numpy as np
import pytest
from exercises import expect, run
from scipy import stats

from pix2pix_tf import lessons, metrics

LESSON = "08_ablations"
MEASURES = ("per_pixel_accuracy", "l1", "frechet_distance", "recall")
CARD = json.loads(lessons.figure("ablations_scores.json").read_text())
RUNS = {row["name"]: row["measures"] for row in CARD["scores"]}


def three(name, key):
    """Return a measure of the three runs of a variant."""
    return np.array([RUNS[f"{name}, seed {seed}"][key]["value"] for seed in range(3)])


def student(differences):
    """Return Student's interval."""
    return tuple(stats.ttest_1samp(differences, 0).confidence_interval())


def chance(first, second, least=-1e-9, two_sided=True, statistic=np.mean):
    """Answer the first exercise, right or, by other values, wrong."""
    six, far = np.concatenate([first, second]), np.abs if two_sided else np.asarray
    ways = itertools.combinations(range(6), 3)
    apart = [statistic(six[list(way)]) - statistic(np.delete(six, way)) for way in ways]
    return np.mean(far(apart) >= far(statistic(first) - statistic(second)) + least)


def names():
    """Return what the cells of the exercises need."""
    known = {"np": np, "stats": stats, "metrics": metrics, "lessons": lessons, "zlib": zlib, "chance": chance}
    return known | {"three": three, "my_interval": student, "MEASURES": MEASURES}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("chance", True),
        (
            "lambda a, b: stats.permutation_test((a, b), lambda a, b: a.mean() - b.mean(), vectorized=False).pvalue",
            True,
        ),
        ("lambda a, b: chance(a, b, two_sided=False)", False),
        ("lambda a, b: chance(a, b, least=1e-9)", False),  # further than the true one, which is itself one of the 20
        ("lambda a, b: stats.ttest_ind(a, b).pvalue", False),
        ("lambda a, b: np.mean(a[:, None] > b)", False),  # the share of nine pairs
        ("lambda a, b: 0.1", False),
    ],
)
def test_chance_counts_all_ways_to_split(answer, is_right, capsys):
    start = "my_chance = None"
    expect(lambda: run(LESSON, start, start, f"my_chance = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("[0.001, 0.01, 0.05]", True),
        ("-np.array([0.001, 0.01, 0.05])", True),
        ("(0.1, 0.02, 0.01)", True),
        ("[0.01, 0.011, 0.012]", False),  # both say decided
        ("[-0.01, 0.0, 0.02]", False),  # neither does
        ("[0.0, 0.01, 0.05]", False),  # nor here: the bootstrap interval begins at 0
        ("[0.01, 0.1, 0.5]", False),  # larger than asked for
        ("[0.001, 0.05]", False),
        ("[0.001, 0.01, 0.05, 0.002]", False),
    ],
)
def test_bootstrap_of_three_is_fooled(answer, is_right, capsys):
    start = "fooling = None"
    expect(lambda: run(LESSON, start, start, f"fooling = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("None", None), ("9", True), ("9.0", True), ("8", False), ("10", False), ("3", False), ("6", False)],
)
def test_a_hundredth_needs_nine_seeds(answer, is_right, capsys):
    start = "seeds_needed = None"
    expect(lambda: run(LESSON, start, start, f"seeds_needed = {answer}", **names()), is_right, capsys)
