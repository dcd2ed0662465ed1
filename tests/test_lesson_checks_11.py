"""The checks of the exercises of lesson 11 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import lessons

LESSON = "11_pix2pixhd"
KNOWN = {"np": np, "zlib": zlib, "lessons": lessons}
HALVED = """
def halved_wrong(x):
    p = np.pad(x, ((0, 0), ({before}, {behind}), ({before}, {behind}), (0, 0)), {mode!r})
    count = {count}
    side = x.shape[1]
    return sum(p[:, i : i + side : 2, j : j + side : 2] for i in range(3) for j in range(3)) / count
"""
WRONG = {"before": 1, "behind": 1, "mode": "constant", "count": 9}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("lambda scale: 70 if scale == 0 else 2 * field_of(scale - 1) + 1", True),
        ("lambda scale: 71 * 2**scale - 1", True),
        ("lambda scale: 70 * 2**scale", False),
        ("lambda scale: (70, 141, 283, 283)[scale]", False),
    ],
)
def test_the_fields_of_all_scales(answer, is_right, capsys):
    start = "field_of = None"
    expect(lambda: run(LESSON, start, start, f"field_of = {answer}", **KNOWN), is_right, capsys)


@pytest.mark.parametrize(
    ("changed", "is_right"),
    [
        (None, None),
        ({}, True),
        ({"mode": "edge"}, False),  # a white picture stays white
        ({"count": 4}, False),  # 2x2
        ({"before": 0, "behind": 2}, False),  # the other corner
    ],
)
def test_zeros_that_count(changed, is_right, capsys):
    start = "halved_wrong = None"
    answer = start if changed is None else HALVED.format(**WRONG | changed)
    expect(lambda: run(LESSON, start, start, answer, **KNOWN), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("None", None), ("0.007", True), ("0.0068", True), ("0.7", False), ("0.233", False), ("0.03", False)],
)
def test_the_share_of_hidden_borders(answer, is_right, capsys):
    start = "hidden_share = None"
    expect(lambda: run(LESSON, start, start, f"hidden_share = {answer}", **KNOWN), is_right, capsys)
