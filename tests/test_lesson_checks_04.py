"""The checks of the exercises of lesson 04 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
import tensorflow as tf
from exercises import expect, run

from pix2pix_tf import lessons, losses

LESSON = "04_training"
LEAST_SQUARES = "lambda real, fake: (tf.reduce_mean((real - 1) ** 2) + tf.reduce_mean(fake ** 2)) / 2"
LYING = "np.where(np.arange(100) < 93, 9.9, -9.9)"


def names():
    """Return what the cells of the exercises need."""
    some, others = tf.random.stateless_normal((2, 4, 6, 6, 1), (0, 0))
    known = {"np": np, "tf": tf, "zlib": zlib, "lessons": lessons, "losses": losses}
    return known | {"some": some, "others": others, "zeros": tf.zeros((1, 6, 6, 1))}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (LEAST_SQUARES, True),
        ("lambda real, fake: np.mean((1 - real.numpy()) ** 2) / 2 + np.mean(fake.numpy() ** 2) / 2", True),
        ("lambda real, fake: losses.discriminator(real, fake, 'least_squares')", True),
        (LEAST_SQUARES.removesuffix(" / 2"), False),  # not halved
        (LEAST_SQUARES.replace("reduce_mean", "reduce_sum"), False),
        (LEAST_SQUARES.replace("(real - 1)", "real").replace("fake **", "(fake - 1) **"), False),  # exchanged
        (LEAST_SQUARES.replace("real - 1", "real + 1"), False),
        ("lambda real, fake: losses.discriminator(real, fake)", False),
        ("lambda real, fake: losses.generator(fake, 'least_squares') / 2", False),  # the other player's
    ],
)
def test_least_squares_is_the_package_s(answer, is_right, capsys):
    start = "my_least_squares = None"
    expect(lambda: run(LESSON, start, start, f"my_least_squares = {answer}", **names()), is_right, capsys)


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
        ("None", None),
        ("10 / np.sqrt(64 * 64 * 3)", True),
        ("tf.constant(10 / 12288 ** 0.5)", True),
        ("np.float32(0.0902)", True),
        ("1 / np.sqrt(64 * 64 * 3)", False),  # without the weight
        ("10 / 64", False),  # of one channel
        ("100 / np.sqrt(64 * 64 * 3)", False),  # the paper's weight
        ("10 / 12288", False),  # one value's
        ("0.0", False),
    ],
)
def test_the_pull_of_l1_is_the_weight_over_the_root_of_the_size(answer, is_right, capsys):
    start = "pull_of_l1 = None"
    expect(lambda: run(LESSON, start, start, f"pull_of_l1 = {answer}", **names()), is_right, capsys)
