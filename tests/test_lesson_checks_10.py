"""The checks of the exercises of lesson 10 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import images, lessons, metrics

LESSON = "10_cyclegan_limits"
LIGHT = "[v.mean(-1).reshape(len(v), -1) for v in (one, two)]"


def names():
    """Return what the cells of the exercises need: smooth pictures, those of a house alike."""
    coarse = np.random.default_rng(0).integers(0, 256, (2, 16, 4, 4, 3)).astype(np.uint8)
    days, others = (np.stack([images.to_float(images.resize(one, 32)) for one in side]) for side in coarse)
    nights = np.float32(np.clip(0.4 * days + 0.6 * others, -1, 1))
    known = {"np": np, "zlib": zlib, "lessons": lessons, "metrics": metrics}
    return known | {"days": days, "nights": nights}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (f"lambda one, two: np.mean([np.corrcoef(*house)[0, 1] < 0 for house in zip(*{LIGHT})])", True),
        (
            "lambda one, two: np.mean([np.cov(a.mean(-1).ravel(), b.mean(-1).ravel())[0, 1] < 0 "
            "for a, b in zip(one, two)])",
            True,
        ),
        ("lambda one, two: np.mean(one * two < 0)", False),  # pixels
        (f"lambda one, two: np.mean([np.corrcoef(*house)[0, 1] > 0 for house in zip(*{LIGHT})])", False),
        (f"lambda one, two: np.mean([np.corrcoef(*house)[0, 1] for house in zip(*{LIGHT})])", False),
        ("lambda one, two: float(np.corrcoef(one.ravel(), two.ravel())[0, 1] < 0)", False),  # one for all houses
    ],
)
def test_the_share_of_inverted_houses(answer, is_right, capsys):
    start = "inverted_share = None"
    expect(lambda: run(LESSON, start, start, f"inverted_share = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("(np.roll(nights, -1, axis=0), days, nights)", True),
        ("(np.roll(nights, 5, axis=0), days, nights)", True),
        ("(nights, days, nights)", False),  # the truth
        ("(days, days, nights)", False),  # its nights are days
        ("(np.roll(nights, -1, axis=0), days, np.roll(nights, -1, axis=0))", False),  # identity
        ("(np.roll(nights, -1, axis=0), np.roll(days, -1, axis=0), nights)", False),  # cycle
        ("(np.repeat(nights[:1], len(nights), axis=0), days, nights)", False),  # one night for all
        ("(nights[:, :, ::-1], days, nights)", False),  # mirrored nights are not the same set
    ],
)
def test_a_wrong_translator_passes_all_losses(answer, is_right, capsys):
    start = "wrong_translator = None"
    expect(lambda: run(LESSON, start, start, f"wrong_translator = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("None", None), ("SHARE", True), ("np.float64(SHARE)", True), ("1 - SHARE", False), ("SHARE + 0.01", False)],
)
def test_the_share_of_lit_pixels_that_were_dark(answer, is_right, capsys):
    start, answer = "dark_share = None", answer.replace("SHARE", "0.39")
    expect(lambda: run(LESSON, start, start, f"dark_share = {answer}", **names()), is_right, capsys)
