"""The checks of the exercises of lesson 04 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
import tensorflow as tf
from exercises import expect, run

from pix2pix_tf import lessons, losses

LESSON = "04_training"
PRICE = (
    "lambda colour, red: red * np.abs(np.subtract(RED, colour)).mean()"
    " + (1 - red) * np.abs(np.subtract(BLUE, colour)).mean()"
)
LYING = "np.where(np.arange(100) < 93, 9.9, -9.9)"


def names():
    """Return what the cells of the exercises need."""
    known = {"np": np, "tf": tf, "zlib": zlib, "lessons": lessons, "losses": losses}
    return known | {"RED": (0.5, -0.6, -0.7), "BLUE": (-0.7, -0.6, 0.5)}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None, None", None),
        (f"{PRICE}, None", None),
        (f'{PRICE}, "red"', True),
        (f'{PRICE}, "Red"', True),
        (f'{PRICE}, "purple"', False),  # the answer of the squared error
        (f'{PRICE}, "blue"', False),
        (f'{PRICE.replace("np.abs", "np.square")}, "red"', False),
        (f'{PRICE.replace("mean", "sum")}, "red"', False),
        (f'{PRICE.replace("RED", "RED_").replace("BLUE", "RED").replace("RED_", "BLUE")}, "red"', False),  # exchanged
        (f'{PRICE.replace("red * ", "0.5 * ").replace("1 - red", "0.5")}, "red"', False),  # the lesson's share
        (f'{PRICE.replace("np.abs", "")}, "red"', False),
    ],
)
def test_a_price_is_that_of_both_colours_and_the_likely_one_is_cheapest(answer, is_right, capsys):
    start = "my_price, cheapest = None, None"
    expect(lambda: run(LESSON, start, start, f"my_price, cheapest = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None, None", None),
        (f"{LYING}, -{LYING}", True),
        (f"list({LYING}), list(-{LYING})", True),
        (f"{LYING}.reshape(10, 10), -{LYING}.reshape(10, 10)", True),
        ("np.full(100, 20.0), np.where(np.arange(100) < 90, -20.0, 13.86)", True),
        (f"tf.constant({LYING}), tf.constant(-{LYING})", True),
        ("np.full(100, 0.01), np.full(100, -0.01)", True),  # all right, and never sure
        ("np.zeros(100), np.zeros(100)", False),  # guessing
        ("np.full(100, 0.01), np.full(100, 0.01)", False),  # half of the answers are wrong
        ("np.full(100, 9.9), np.full(100, -9.9)", False),  # sure and right
        (f"-{LYING}, {LYING}", False),
        (f"{LYING}[:90], -{LYING}[:90]", False),
        (f"{LYING}, None", None),
    ],
)
def test_a_lying_log_is_right_and_looks_like_chance(answer, is_right, capsys):
    start = "real_logits, fake_logits = None, None"
    expect(lambda: run(LESSON, start, start, f"real_logits, fake_logits = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None, None", None),
        ("None, False", None),
        ("0.09, None", None),
        ("10 / np.sqrt(64 * 64 * 3), False", True),
        ("tf.constant(10 / 12288 ** 0.5), False", True),
        ("np.float32(0.0902), False", True),
        ("10 / np.sqrt(64 * 64 * 3), True", False),  # nearer values pull as hard
        ("1 / np.sqrt(64 * 64 * 3), False", False),  # without the weight
        ("10 / 64, False", False),  # of one channel
        ("100 / np.sqrt(64 * 64 * 3), False", False),  # the paper's weight
        ("10 / 12288, False", False),  # one value's
        ("0.0, False", False),
    ],
)
def test_the_pull_of_l1_is_the_weight_over_the_root_of_the_size(answer, is_right, capsys):
    start = "pull_of_l1, better_is_pulled_less = None, None"
    expect(
        lambda: run(LESSON, start, start, f"pull_of_l1, better_is_pulled_less = {answer}", **names()), is_right, capsys
    )
