"""The checks of the exercises of lesson 03 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import keras
import nbformat
import numpy as np
import pytest
from exercises import NOTEBOOKS, expect, run
from keras import layers

from pix2pix_tf import lessons

LESSON = "03_networks"
BUILT = ("def instance", "def my_nearest", "def my_encode", "def my_unet")  # how the cells of the networks start


def names():
    """Return what the cells of the exercises need."""
    return {"keras": keras, "layers": layers, "lessons": lessons, "np": np, "zlib": zlib}


@pytest.fixture(scope="module")
def networks():
    """Return what the lesson's cells build: the blocks and the U-Net, without what is compared with the package's."""
    known = {**names(), "SIZE": 256, "SMALL": 16, "FILTERS": 4}
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    for start in BUILT:
        (cell,) = [cell for cell in cells if cell.source.startswith(start)]
        definitions = "\n".join(cell.source.split("\n\n\n")[:-1] if "same(" in cell.source else [cell.source])
        exec(definitions, known)
    return known | {"unseen": np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 3)).astype(np.float32)}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("lambda kernel: np.concatenate([kernel, kernel], axis=2)", True),
        ("lambda kernel: np.tile(kernel, (1, 1, 2, 1))", True),
        ("lambda kernel: keras.ops.concatenate([kernel, kernel], 2)", True),
        ("lambda kernel: np.concatenate([kernel, 0 * kernel], axis=2)", False),  # the skip alone
        ("lambda kernel: np.concatenate([kernel, kernel], axis=2) / 2", False),  # the mean
        ("lambda kernel: np.repeat(kernel, 2, axis=2)", False),  # neighbours, not halves
        ("lambda kernel: np.concatenate([kernel, kernel], axis=3)", False),
        ("lambda kernel: kernel", False),
    ],
)
def test_a_wide_kernel_adds(answer, is_right, capsys):
    start = "my_wide = None"
    expect(lambda: run(LESSON, start, start, f"my_wide = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("lambda both: layers.concatenate([both[1], both[1]])", True),
        ("lambda both: layers.concatenate([0 * both[0], both[1]])", True),
        ("lambda both: layers.concatenate([keras.ops.zeros_like(both[0]), both[1]])", True),
        ("layers.concatenate", False),  # skips that work
        ("lambda both: layers.concatenate(both[::-1])", False),
        ("lambda both: both[1]", False),  # fewer weights
        ("layers.add", False),
        ("lambda both: layers.concatenate([both[0], both[0]])", False),
        ("lambda both: layers.concatenate([0 * both[0], 0 * both[1]])", False),  # x is lost as well
    ],
)
def test_a_join_kills_the_skips(networks, answer, is_right, capsys):
    start = "my_join = None"
    expect(lambda: run(LESSON, start, start, f"my_join = {answer}", **networks), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("9", True),
        ("np.int64(9)", True),
        ("3 * 3", True),
        ("64", False),
        ("24", False),  # on the edge
        ("1", False),
        ("4", False),
        ("900", False),
    ],
)
def test_nine_logits_see_a_corner(answer, is_right, capsys):
    start = "logits_moved = None"
    expect(lambda: run(LESSON, start, start, f"logits_moved = {answer}", **names()), is_right, capsys)
