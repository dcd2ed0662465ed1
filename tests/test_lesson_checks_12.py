"""The checks of the exercises of lesson 12 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run
from sklearn import metrics

from pix2pix_tf import instances, lessons

LESSON = "12_editing"
SQUARES = "lambda f, c: ((f[:, None] - c[None]) ** 2).sum(-1).argmin(1)"


def average(features, ids):
    """Return the lesson's `my_average`."""
    return np.asarray(instances.average(features[None], ids[None]))[0]


def names():
    """Return what the cells of the exercises need: a street of two walls, two windows and a sky."""
    found = np.zeros((6, 8, 1), np.int32)
    found[2:, :4], found[2:, 4:], found[3, 1], found[4, 6] = 1, 2, 3, 4
    truth = np.random.default_rng(0).uniform(-1, 1, (1, 6, 8, 3)).astype(np.float32)
    known = {"np": np, "metrics": metrics, "lessons": lessons, "zlib": zlib, "my_average": average}
    return known | {"found": found, "truth": truth, "walls": range(1, 3)}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (SQUARES, True),
        ("lambda f, c: np.linalg.norm(f[:, None] - c, axis=-1).argmin(1).tolist()", True),
        (SQUARES.replace("argmin", "argmax"), False),
        (SQUARES.replace("** 2).sum(-1)", ").sum(-1)").replace("((f", "(abs(f"), False),  # city blocks
        ("lambda f, c: abs(f[:, None] - c).max(-1).argmin(1)", False),
        ("lambda f, c: (f @ c.T).argmax(1)", False),  # no distance
        ("lambda f, c: ((f[:, None] - c[None]) ** 2).sum(-1).argmin(0)", False),  # of each centre
        ("lambda f, c: np.zeros(len(f), int)", False),
    ],
)
def test_nearest_style(answer, is_right, capsys):
    start = "my_nearest = None"
    expect(lambda: run(LESSON, start, start, f"my_nearest = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("np.where(np.isin(found, walls), 1, found)", True),
        ("np.where(np.isin(found, list(walls)), 99, found)", True),
        ("np.where(found == 2, 1, found).astype(np.uint8)", True),
        ("found", False),  # nothing is merged
        ("np.zeros_like(found)", False),  # everything is
        ("np.where(np.isin(found, walls), 3, found)", False),  # a window with them
        ("np.where(found == 2, 1, found)[..., 0]", False),  # another shape
        ("np.where(found == 2, 1, found).astype(float)", False),
        ("np.where(found > 2, 3, np.where(found == 2, 1, found))", False),  # windows too
    ],
)
def test_merged_walls(answer, is_right, capsys):
    start = "merged = None"
    expect(lambda: run(LESSON, start, start, f"merged = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"), [("None", None), ("3", True), ("3.0", True), ("2", False), ("4", False), ("10", False)]
)
def test_how_many_styles(answer, is_right, capsys):
    start = "styles_needed = None"
    expect(lambda: run(LESSON, start, start, f"styles_needed = {answer}", **names()), is_right, capsys)
