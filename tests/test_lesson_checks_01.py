"""The checks of the exercises of lesson 01 accept right answers, refuse wrong ones, and say when none was tried."""

import functools
import types
import zlib

import numpy as np
import pytest
import tensorflow as tf
from exercises import expect, run

from pix2pix_tf import gan, lessons

LESSON = "01_conditional"
FIRST = "more_weights = None"
LINE = "line = (1 - share) * first + share * second"
LENGTH = "length = (1 - share) * np.linalg.norm(first) + share * np.linalg.norm(second)"
POINT = "line / np.linalg.norm(line) * length"
TURN = "line = (1 - share) * first / np.linalg.norm(first) + share * second / np.linalg.norm(second)"


@functools.cache
def networks():
    """Return the lesson's two methods, untrained."""
    options = {"image_size": 16, "channels": 1, "filters": 32, "latent": 64, "precision": "float32"}
    return {
        "lessons": lessons,
        "zlib": zlib,
        "plain": gan.DCGAN(**options),
        "conditional": gan.DCGAN(**options, classes=list("0123456789")),
    }


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("26 * (4 * 4 * 64) + 26 * (4 * 4) * 32 + 26 * (4 * 4) * 1", True),
        ("40352.0", True),
        ("26 * (4 * 4 * 64) + 26 * (4 * 4) * 32", False),  # the last layer left out
        ("26 * 64 + 26 * (4 * 4) * 32 + 26 * (4 * 4) * 1", False),  # 64 values, not 4x4x64
        ("4 * 4 * 64 + (4 * 4) * 32 + (4 * 4) * 1", False),  # a single number for the class
        ("conditional.generator.count_params() - plain.generator.count_params()", False),  # of ten digits
        ("conditional.generator.count_params()", False),
    ],
)
def test_weights_of_the_condition_are_those_of_all_three_layers(answer, is_right, capsys):
    expect(lambda: run(LESSON, FIRST, FIRST, f"more_weights = {answer}", **networks()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("return None", None),
        (f"{LINE}; {LENGTH}; return {POINT}", True),
        (f"line = first + share * (second - first); {LENGTH}; return list({POINT})", True),
        (f"{LINE}; return line", False),
        (f"{LINE}; return line / np.linalg.norm(line)", False),
        (f"{LENGTH}; return length", False),
        (f"{LINE}; length = np.linalg.norm(first); return {POINT}", False),
        (f"{LINE.replace('first', 'second', 1)}; {LENGTH}; return {POINT}", False),
        (f"line = share * first + (1 - share) * second; {LENGTH}; return {POINT}", False),
        (f"{TURN}; {LENGTH}; return {POINT}", False),  # evenly from direction to direction, not along the line
    ],
)
def test_walk_on_the_sphere_has_the_places_and_the_lengths(answer, is_right, capsys):
    names = {"np": np, "lessons": lessons}
    expect(lambda: run(LESSON, "def my_walk", "return None", answer, **names), is_right, capsys)


def model(steps=100, right=35):
    """Return what looks like a trained model: how many of 500 orders its pictures show."""
    optimizer = types.SimpleNamespace(iterations=tf.Variable(steps))
    made = np.where(np.arange(500) < right, np.arange(500) % 10, -1)
    return types.SimpleNamespace(generator_optimizer=optimizer, sample=lambda count, seed, classes: made)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        (None, None),
        (model(), True),  # 7 %, near to what the solution measures
        (model(right=50), True),
        (model(right=0), False),
        (model(right=345), False),  # classes that were not shuffled
        (model(steps=0, right=50), False),  # chance without training
        (model(steps=10), False),
    ],
)
def test_shuffled_classes_are_obeyed_by_chance(answer, is_right, capsys):
    names = {"np": np, "lessons": lessons, "SEED": 0, "orders": np.arange(500) % 10, "read": lambda made: made}
    names["answer"] = answer
    capsys.readouterr()
    expect(lambda: run(LESSON, "broken = None", "broken = None", "broken = answer", **names), is_right, capsys)
