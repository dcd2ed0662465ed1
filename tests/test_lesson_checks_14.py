"""The checks of the exercises of lesson 14 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import images, lab, lessons, metrics

LESSON = "14_colorization"
FIRST = "my_colourfulness = None"
BOTH = "lambda p: (lambda r, g, b: {})(*np.moveaxis((p.astype(float) + 1) * 127.5, -1, 0))"
SPREAD = "np.sqrt((r - g).var() + ((r + g) / 2 - b).var())"
SHIFT = "0.3 * np.hypot((r - g).mean(), ((r + g) / 2 - b).mean())"


def names():
    """Return what the cells of the exercises need: pictures of smooth colours."""
    coarse = np.random.default_rng(0).integers(40, 216, (4, 5, 5, 3)).astype(np.uint8)
    part, *photos = (images.to_float(images.resize(one, 64)) for one in coarse)
    lightness, colours = lab.split_array(part)
    known = {"np": np, "lab": lab, "lessons": lessons, "metrics": metrics, "zlib": zlib, "part": part, "photos": photos}
    return known | {"lightness": lightness, "colours": colours}


def noise(deviation=0.25):
    """Return a and b of a random hue for every pixel."""
    return np.random.default_rng(1).normal(0, deviation, (64, 64, 2)).astype(np.float32)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (BOTH.format(f"{SPREAD} + {SHIFT}"), True),
        ("lambda p: float(metrics.colourfulness(p[None])[0])", True),
        (BOTH.format(SPREAD), False),
        (BOTH.format(f"(r - g).std() + ((r + g) / 2 - b).std() + {SHIFT}"), False),  # not under one root
        (BOTH.format(f"{SPREAD} + {SHIFT}").replace("127.5", "0.5"), False),  # from 0 to 1
        (BOTH.format(f"{SPREAD.replace('var', 'std')} + {SHIFT}"), False),
        (BOTH.format(f"{SPREAD} + {SHIFT.replace('0.3', '0.5')}"), False),
        (BOTH.format(f"{SPREAD} + {SHIFT}").replace("(r + g) / 2 - b", "r - b"), False),
    ],
)
def test_colourfulness_is_the_package_s(answer, is_right, capsys):
    expect(lambda: run(LESSON, FIRST, FIRST, f"my_colourfulness = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("lab.join(lightness, noise())", True),
        ("lab.join(lightness, noise(1.0))", True),
        ("lab.join(lightness, noise()).astype(float)", True),
        ("lab.join(lightness, noise(0.01))", False),  # hardly any colour
        ("lab.join(lightness, 2 * colours)", False),  # loud, and the hues are those of the picture
        ("lab.join(lightness, -colours)", False),
        ("lab.join(lightness, np.full_like(colours, 0.5))", False),  # one hue
        ("lab.join(np.roll(lightness, 9, 0), noise())", False),  # another L
        ("np.float32(np.random.default_rng(0).uniform(-1, 1, part.shape))", False),
        ("part", False),
    ],
)
def test_a_fooling_picture_keeps_its_lightness_and_has_random_hues(answer, is_right, capsys):
    start, known = "fooled = None", {**names(), "noise": noise, "lessons": lessons}
    expect(lambda: run(LESSON, start, start, f"fooled = {answer}", **known), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("0.5", True),
        ("1 / 2", True),
        ("np.float64(0.5)", True),
        ("0", False),  # grey
        ("1", False),
        ("0.25", False),
        ("0.75", False),
        ("50", False),
    ],
)
def test_half_of_the_colour_has_the_least_error(answer, is_right, capsys):
    start, known = "best_share = None", {**names(), "lessons": lessons}
    expect(lambda: run(LESSON, start, start, f"best_share = {answer}", **known), is_right, capsys)
