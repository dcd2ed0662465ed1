"""The checks of the exercises of lesson 02 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import images, lessons, streets

LESSON = "02_data"
ROWS = "(lambda rows: picture[rows][:, rows])"
MIDDLES = "((np.arange(size) + 0.5) * len(picture) / size).astype(int)"
PARTS = "first, second = (side[top : top + n, left : left + n] for side in sides)"


def jitter(sides, top, left, mirrored, image_size):
    """Do what the lesson's `my_jitter` does."""
    parts = [side[top : top + image_size, left : left + image_size] for side in sides]
    return [part[:, ::-1] for part in parts] if mirrored else parts


def names():
    """Return what the cells of the exercises need."""
    known = {"np": np, "zlib": zlib, "images": images, "lessons": lessons, "IMAGE_SIZE": 128, "my_jitter": jitter}
    return known | {"labels": streets.draw(8, 143, 0)[1]}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (f"lambda picture, size: {ROWS}({MIDDLES})", True),
        (f"lambda picture, size: {ROWS}(np.floor({MIDDLES}).astype(int)).copy()", True),
        (f"lambda picture, size: {ROWS}({MIDDLES.replace(' + 0.5', '')})", False),  # the edge of a pixel
        (f"lambda picture, size: {ROWS}(np.minimum({MIDDLES} + 1, len(picture) - 1))", False),
        (f"lambda picture, size: picture[{MIDDLES}]", False),  # rows alone
        ("lambda picture, size: images.resize(picture, size)", False),  # invents colours
        ("lambda picture, size: picture[:size, :size]", False),
    ],
)
def test_nearest_is_the_package_s(answer, is_right, capsys):
    start = "my_nearest = None"
    expect(lambda: run(LESSON, start, start, f"my_nearest = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("[first[:, ::-1] if mirrored else first, second]", True),
        ("(first, second[:, ::-1]) if mirrored else (first, second)", True),
        ("[first, second]", False),  # never mirrored: both sides are right
        ("jitter(sides, top, left, mirrored, n)", False),
        ("[first[:, ::-1], second]", False),  # always
        ("[first, second] if mirrored else [first[:, ::-1], second]", False),
        ("[first[::-1] if mirrored else first, second]", False),  # upside down
        ("[first, np.roll(second, 3, 1) if mirrored else second]", False),  # shifted
        ("[first, 0 * second if mirrored else second]", False),
    ],
)
def test_a_broken_jitter_mirrors_one_side(answer, is_right, capsys):
    start, new = "broken_jitter = None", "broken_jitter = None"
    if answer != "None":
        new = f"def broken_jitter(sides, top, left, mirrored, n):\n    {PARTS}\n    return {answer}"
    expect(lambda: run(LESSON, start, start, new, **names(), jitter=jitter), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None, None", None),
        ("6, 0.264", True),
        ("6.0, 0.26399", True),
        ("np.int64(6), np.float64(0.2640)", True),
        ("6, 0.26", False),  # two decimals
        ("6, 26.4", False),  # per cent
        ("6, 0.25", False),  # the limit, not the share
        ("6, 0.224", False),  # of 5 pixels
        ("5, 0.224", False),
        ("7, 0.304", False),
    ],
)
def test_six_pixels_spoil_a_quarter(answer, is_right, capsys):
    start = "smallest_shift, share_wrong = "
    expect(lambda: run(LESSON, start, "None, None", answer, **names()), is_right, capsys)


def test_six_pixels_are_what_the_labels_say():
    labels = names()["labels"]
    kept = jitter([labels], 8, 0, False, 128)[0]
    wrong = [(kept != jitter([labels], 8, shift, False, 128)[0]).any(axis=-1).mean() for shift in range(8)]
    assert [share > 0.25 for share in wrong] == [False] * 6 + [True] * 2
    assert f"{wrong[6]:.3f}" == "0.264"
