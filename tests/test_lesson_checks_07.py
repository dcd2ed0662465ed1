"""The checks of the exercises of lesson 07 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import lessons, metrics
from pix2pix_tf.metrics import labels

LESSON = "07_scorecard"
DRAWN = "np.quantile([{} for i in np.random.default_rng(5).integers(100, size=(1000, 100))], [0.025, 0.975])"
FIRST, BOTH = "first_read, second_read = None, None", "first_read, second_read = {}, {}"
WALLS, TRUTH = "0 * street", "street"


def names():
    """Return what the cells of the exercises need: a street, and confusions of pictures with a rare class."""
    random = np.random.default_rng(0)
    true = random.choice(3, (100, 16, 16), p=[0.7, 0.28, 0.02])
    counts = {}
    for name, least in {"rendering": 0.5, "grey": 0.3}.items():
        read = np.where(random.random(true.shape) < random.uniform(least, 1, (100, 1, 1)), true, 0)
        counts[name] = labels.confusions(true, read, classes=3)
    street = np.array([0] * 90 + [1] * 10).reshape(1, 10, 10)
    known = {"np": np, "metrics": metrics, "labels": labels, "lessons": lessons, "zlib": zlib}
    return known | {"counts": counts, "street": street}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (f"lambda c: {DRAWN.format('labels.scores(c[i].sum(axis=0))[2]')}", True),
        ("lambda c: np.transpose(metrics.bootstrap_interval(c, labels.scores))[2]", True),
        (f"lambda c: {DRAWN.format('labels.scores(c[i].sum(axis=0))[0]')}", False),  # per-pixel accuracy
        ("lambda c: metrics.bootstrap_interval(np.array([labels.scores(one)[2] for one in c]))", False),
        (f"lambda c: {DRAWN.format('labels.scores(c[i].sum(axis=0))[2]').replace('0.025', '0.25')}", False),
        (f"lambda c: {DRAWN.format('labels.scores(c[i[:10]].sum(axis=0))[2]')}", False),  # too few pictures
        ("lambda c: labels.scores(c)[2]", False),  # no interval
    ],
)
def test_interval_of_iou_adds_tables(answer, is_right, capsys):
    start = "my_iou_interval = None"
    expect(lambda: run(LESSON, start, start, f"my_iou_interval = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("one", "two", "is_right"),
    [
        ("None", "None", None),
        (WALLS, "None", None),
        (WALLS, "np.array([0] * 79 + [1] * 21).reshape(1, 10, 10)", True),
        (WALLS, "(np.arange(100) >= 75).reshape(street.shape)", True),
        (WALLS, TRUTH, False),  # better in both
        (TRUTH, WALLS, False),
        (WALLS, "np.ones_like(street)", False),  # worse in both
        (WALLS, WALLS, False),
        (WALLS, "np.array([0] * 79 + [1] * 21)", False),  # another shape
        (WALLS, "2 * street", False),  # no such class
    ],
)
def test_readers_win_by_different_scores(one, two, is_right, capsys):
    expect(lambda: run(LESSON, FIRST, FIRST, BOTH.format(one, two), **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("27", True),
        ("27.0", True),
        ("26", False),
        ("28", False),
        ("36", False),  # nine of ten
        ("21", False),
        ("0.675", False),
    ],
)
def test_two_thirds_of_40_are_better_than_guessing(answer, is_right, capsys):
    start = "right_of_40 = None"
    expect(lambda: run(LESSON, start, start, f"right_of_40 = {answer}", **names()), is_right, capsys)
