"""The checks of the exercises of lesson 15 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import lessons, metrics

LESSON = "15_better_pictures"
FIRST = "my_spread = None"
MEANS = "metrics.lab(run)[..., 1:].mean(axis=(1, 2))"


def names():
    """Return what the cell of the first exercise needs."""
    old, improved = np.random.default_rng(0).uniform(-1, 1, (2, 5, 4, 4, 3)).astype(np.float32)
    return {"np": np, "lessons": lessons, "metrics": metrics, "old": old, "improved": improved}


def pictures(wave, strength=0.7, noise=0.05):
    """Return four pictures of a wave over the 64 rows, with noise."""
    faults = np.random.default_rng(0).normal(0, noise, (4, 64, 64, 3))
    return np.clip(strength * wave[:, None, None] + faults, -1, 1).astype(np.float32)


def stripes(period, **options):
    """Return pictures of soft stripes, `period` pixels from one to the next."""
    return pictures(np.sin(2 * np.pi * np.arange(64) / period), **options)


def bars(width):
    """Return pictures of light and dark bars, each `width` pixels wide."""
    return pictures(np.where(np.arange(64) // width % 2, 1.0, -1.0))


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (f"lambda run: np.sqrt({MEANS}.var(axis=0, ddof=1).sum())", True),
        (f"lambda run: np.hypot(*{MEANS}.std(axis=0, ddof=1))", True),
        (f"lambda run: np.sqrt({MEANS.replace('[..., 1:]', '')}.var(axis=0, ddof=1).sum())", False),  # with L*
        (f"lambda run: np.sqrt({MEANS}.var(axis=0).sum())", False),
        (f"lambda run: {MEANS}.var(axis=0, ddof=1).sum()", False),
        (f"lambda run: {MEANS}.std(axis=0, ddof=1)", False),  # not added up
        (f"lambda run: {MEANS}.std(axis=0, ddof=1).sum()", False),
        ("lambda run: np.sqrt(metrics.lab(run)[..., 1:].var(axis=(0, 1, 2), ddof=1).sum())", False),  # of pixels
    ],
)
def test_spread_of_colours_is_that_of_the_mean_colours(answer, is_right, capsys):
    expect(lambda: run(LESSON, FIRST, FIRST, f"my_spread = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("stripes(64 / 11)", True),
        ("stripes(64 / 11, noise=0)", True),
        ("stripes(8)", True),  # a multiple of 1/8, but a slower wave than those that the measure looks at
        ("stripes(14)", True),  # between two places of the spectrum, so four places share its power
        ("stripes(64 / 11).swapaxes(1, 2)", True),
        ("bars(8)", True),
        ("stripes(4)", False),
        ("stripes(2.5) / 2 + stripes(4) / 2", False),
        ("bars(5)", False),  # 1/10, and with it 5/10
        ("stripes(64 / 11, strength=0)", False),
        ("stripes(64 / 11, strength=0.1, noise=0.3)", False),
        ("stripes(64 / 11, strength=0.004, noise=0)", False),  # half a level of 255
        ("pictures(np.linspace(-1, 1, 64))", False),
        ("np.zeros((4, 64, 64, 3), np.float32)", False),
    ],
)
def test_stripes_are_seen_by_everybody_but_the_measure(answer, is_right, capsys):
    tools = {"pictures": pictures, "stripes": stripes, "bars": bars, "lessons": lessons}
    start, known = "striped = None", names() | tools
    expect(lambda: run(LESSON, start, start, f"striped = {answer}", **known), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ('{"tied", "nearest"}', True),
        ('["tied", "nearest"]', True),
        ('{"nearest"}', False),
        ('{"nearest", "tied", "blurred"}', False),
        ('{"transposed", "transposed4", "blurred"}', False),  # those that have one
        ("set()", False),
    ],
)
def test_kinds_without_a_grid_are_those_that_start_from_one_kernel(answer, is_right, capsys):
    start, known = "free_of_grids = None", {"zlib": zlib, "lessons": lessons}
    expect(lambda: run(LESSON, start, start, f"free_of_grids = {answer}", **known), is_right, capsys)
