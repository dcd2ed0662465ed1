"""The checks of the exercises of lesson 5 accept right answers, refuse wrong ones, and say when none was tried."""

import types
import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import images, lessons, palettes, streets
from pix2pix_tf.metrics import labels

LESSON = "05_facades"
COLOURS = np.array([colour for _, colour in streets.LABELS], np.uint8)
NETWORK = types.SimpleNamespace(generator=types.SimpleNamespace(input_shape=(None, 32, 32, 6)), image_size=32)
KNOWN = np.random.default_rng(1).uniform(-1, 1, (1, len(COLOURS), 3)).astype(np.float32)


def my_palette(photo, source, least=16, statistic=np.mean, absent=KNOWN[0]):
    """Answer the first exercise, right or, by other values, wrong."""
    classes, palette = labels.class_map(images.to_uint8(source), COLOURS), absent.copy()
    for number in range(len(COLOURS)):
        if (classes == number).sum() >= least:
            palette[number] = statistic(photo[classes == number], axis=0)
    return palette


def names():
    """Return what the cells of the exercises need: nine small pairs, in which some classes have few pixels or none."""
    random = np.random.default_rng(0)
    classes = np.where(random.uniform(size=(9, 32, 32)) < 0.01, 7, random.integers(0, 6, (9, 32, 32)))
    photos = images.to_float(random.integers(0, 256, (9, 32, 32, 3)).astype(np.uint8))
    trained = palettes.Painter(NETWORK, COLOURS, KNOWN)
    known = {"np": np, "zlib": zlib, "lessons": lessons, "trained": trained, "photos": photos}
    return known | {"sources": images.to_float(COLOURS[classes])}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("my_palette_", True),
        ("trained.measure", True),
        ("lambda photo, source: my_palette_(photo, source, least=1)", False),  # few pixels count
        ("lambda photo, source: my_palette_(photo, source, statistic=np.median)", False),
        ("lambda photo, source: my_palette_(photo, source, absent=np.zeros((12, 3), np.float32))", False),
        ("lambda photo, source: np.broadcast_to(photo.mean(axis=(0, 1)), (12, 3))", False),
        ("lambda photo, source: my_palette_(source, source)", False),
        ("lambda photo, source: trained.palettes[0]", False),
    ],
)
def test_a_palette_is_the_mean_of_each_class(answer, is_right, capsys):
    start = "my_palette = None"
    known = {**names(), "my_palette_": my_palette}
    expect(lambda: run(LESSON, start, start, f"my_palette = {answer}", **known), is_right, capsys)


def street():
    """Return what the second exercise needs: pictures that differ in one colour, and what a table costs on them."""
    random = np.random.default_rng(0)
    walls = random.uniform(-0.5, 0.5, (6, 1, 1, 3))
    photos = (walls + random.normal(0, 0.1, (6, 8, 8, 3))).astype(np.float32)
    cost = np.abs(photos - np.median(photos, axis=(0, 1, 2))).mean(axis=(1, 2, 3))
    return {"np": np, "lessons": lessons, "photos": photos, "l1": {"colour per class": cost}}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("np.median(photos, axis=(1, 2))", True),
        ("photos.mean(axis=(1, 2))", True),
        ("np.median(photos, axis=(1, 2)).tolist()", True),
        ("np.zeros((len(photos), 3))", False),
        ("np.broadcast_to(photos.mean(axis=(0, 1, 2)), (len(photos), 3))", False),  # the same for all
        ("np.median(photos, axis=(1, 2))[::-1]", False),  # of other pictures
        ("photos", False),  # no flat colours
        ("photos.mean(axis=(1, 2, 3))", False),  # grey
    ],
)
def test_flat_colours_win_by_l1(answer, is_right, capsys):
    start = "flat = None"

    def trial():
        try:
            run(LESSON, start, start, f"flat = {answer}", **street())
        finally:
            print(capsys.readouterr().out.splitlines()[-1])  # what the check says comes last

    expect(trial, is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("9000", True),
        ("9000.0", True),
        ("np.float64(9000)", True),
        ("20000", False),  # the last one
        ("11000", False),  # of the paper's recipe
        ("10000", False),  # of the means over 2,000 steps
        ("0.2518", False),  # the value
    ],
)
def test_the_lowest_validation_value_has_its_step(answer, is_right, capsys):
    start = "best_step = None"
    known = {"np": np, "zlib": zlib, "lessons": lessons}
    expect(lambda: run(LESSON, start, start, f"best_step = {answer}", **known), is_right, capsys)
