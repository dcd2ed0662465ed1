"""The checks of the exercises of lesson 00 accept right answers, refuse wrong ones, and say when none was tried."""

import types

import numpy as np
import pytest
import tensorflow as tf
from exercises import expect, run

from pix2pix_tf import lessons, losses

LESSON = "00_a_gan_you_can_see"
SQUARES = "tf.reduce_mean(tf.square(real_logits - 1)) + tf.reduce_mean(tf.square(fake_logits))"
HEAD = "js_near, earth_near, js_far, earth_far = "


def model(rate=1e-3, steps=1000, modes=2, of_d=1e-4, width=64, layers=2, **changed):
    """Return what looks like a trained model."""
    kind = {"adversarial": "vanilla", "critic_steps": 1, "generator_steps": 1, **changed}
    optimizer = types.SimpleNamespace(iterations=tf.Variable(steps))
    return types.SimpleNamespace(
        config={"learning_rate": rate, "discriminator_learning_rate": of_d, "width": width, "layers": layers},
        generator_optimizer=optimizer,
        sample=lambda count: modes,
        **kind,
    )


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None, None, None, None", None),
        ("0.173, 0.25, np.log(2), 20", True),
        ("0.173, 0.25, 0.693, 20", True),
        ("0.25, 0.25, 0.693, 20", False),
        ("0.173, 0.25, 13.86, 20", False),
        ("0.173, 0.25, 0.693, None", False),
    ],
)
def test_distances(answer, is_right, capsys):
    expect(lambda: run(LESSON, HEAD, "None, None, None, None", answer, np=np, lessons=lessons), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (SQUARES, True),
        (f"({SQUARES}) / 2", False),
        ("tf.square(real_logits - 1) + tf.square(fake_logits)", False),
        (SQUARES.replace(" - 1", ""), False),
    ],
)
def test_least_squares(answer, is_right, capsys):
    some, others = tf.constant([[2.0], [-0.5]]), tf.constant([[0.5], [-3.0]])
    names = {"np": np, "tf": tf, "losses": losses, "some": some, "others": others, "lessons": lessons}
    capsys.readouterr()
    expect(lambda: run(LESSON, "def my_least", "return None", f"return {answer}", **names), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        (None, None),
        (model(), True),
        (model(modes=0), True),
        (model(modes=7), False),
        (model(steps=10), False),
        (model(rate=1e-2), False),
        (model(generator_steps=5), False),
        (model(of_d=0.0), False),  # a discriminator that never learns
        (model(of_d=None), False),  # the rate of the generator
        (model(of_d=1.0), False),  # explodes
        (model(of_d=1e-6), True),
        (model(width=8), False),
        (model(layers=1), False),
    ],
)
def test_broken_game(answer, is_right, capsys):
    spots = types.SimpleNamespace(centres=None)
    names = {"answer": answer, "spots": spots, "my_count_modes": lambda made, centres: (made, 0.5), "lessons": lessons}
    capsys.readouterr()
    expect(lambda: run(LESSON, "broken = None", "broken = None", "broken = answer", **names), is_right, capsys)
