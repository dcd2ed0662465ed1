"""The checks of the exercises of lesson 06 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run
from scipy import spatial

from pix2pix_tf import lessons, metrics

LESSON = "06_evaluation"
RADIUS = "np.sort(spatial.distance.cdist({0}, {0}), axis=1)[:, {1}]"
BOTH = "lambda r, g, k=5: (lambda inside: ({0}, {1}))(spatial.distance.cdist({2}) {3} {4})"
REAL_RADIUS = RADIUS.format("r", "k")
DENSITY, COVERAGE = "inside.sum(axis=1).mean() / k", "inside.any(axis=0).mean()"


def names():
    """Return what the cells of the exercises need: the clouds of the lesson."""
    random = np.random.default_rng(0)
    plane = random.normal(size=(500, 2))
    answers = {"the same": random.normal(size=(500, 2)), "collapsed": 0.1 * random.normal(size=(500, 2))}
    answers["coins"] = random.choice([-1.0, 1.0], size=(500, 2))
    known = {"np": np, "spatial": spatial, "metrics": metrics, "lessons": lessons, "zlib": zlib, "random": random}
    return known | {"plane": plane, "answers": answers}


def write(first=DENSITY, second=COVERAGE, sets="g, r", less="<", radius=REAL_RADIUS):
    """Return a solution of the first exercise, as text."""
    return BOTH.format(first, second, sets, less, radius)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (write(), True),
        ("lambda r, g, k=5: list(metrics.density_coverage(r, g, k).values())", True),
        (write(less="<="), False),  # the surface belongs to the ball
        (write(radius=RADIUS.format("r", "k - 1")), False),  # the point itself is counted
        (write(first="inside.mean()"), False),
        (write(first="inside.sum(axis=1).mean()"), False),  # not divided by k
        (write(second="inside.any(axis=1).mean()"), False),  # a precision
        (write(sets="r, g", radius=RADIUS.format("g", "k")), False),  # balls of the generated points
    ],
)
def test_density_and_coverage_are_the_package_s(answer, is_right, capsys):
    start = "my_density_coverage = None"
    expect(lambda: run(LESSON, start, start, f"my_density_coverage = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("np.concatenate([np.zeros((375, 2)), random.normal(size=(125, 2))])", True),
        ("np.concatenate([np.zeros((375, 2)), plane[:125]])", True),
        ("[[0.0, 0.0]] * 380 + plane[:120].tolist()", True),
        ("np.zeros((500, 2))", False),  # precise, and recalls nothing
        ("random.normal(size=(500, 2))", False),  # no copies
        ("np.concatenate([np.full((375, 2), 9.0), random.normal(size=(125, 2))])", False),  # copies far away
        ("np.concatenate([np.zeros((300, 2)), random.normal(size=(200, 2))])", False),  # too few copies
        ("np.concatenate([np.zeros((375, 2)), 0.1 * random.normal(size=(125, 2))])", False),
        ("np.zeros((400, 2))", False),
    ],
)
def test_a_cheating_cloud_repeats_itself_and_pleases_both(answer, is_right, capsys):
    expect(lambda: run(LESSON, "cheat = None", "cheat = None", f"cheat = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("400", True),
        ("np.int64(400)", True),
        ("106", False),
        ("200", False),
        ("800", False),
        ("45", False),
    ],
)
def test_hundreds_of_images_decide_the_race(answer, is_right, capsys):
    start = "images_needed = None"
    expect(lambda: run(LESSON, start, start, f"images_needed = {answer}", **names()), is_right, capsys)
