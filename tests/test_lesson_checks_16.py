"""The checks of the exercises of lesson 16 accept right answers and refuse wrong ones; so do its eight diagnoses."""

import json
import zlib

import numpy as np
import pytest
import tensorflow as tf
from exercises import NOTEBOOKS, expect, run

from pix2pix_tf import blocks, generators, lessons, losses

LESSON = "16_clinic"
LETTERS = "ABCDEFGHI"  # the last fits no run


def index(position, count, seed):
    """Return the index at a position, as the lesson does."""
    epoch, place = divmod(position, count)
    return int(np.random.default_rng([seed, epoch]).permutation(count)[place])


class Remembering:
    """A right order, but of the next step, whatever step is asked for."""

    def __init__(self):
        self.step = -1

    def __call__(self, step, size, count, seed):
        self.step += 1
        return [index(position, count, seed) for position in range(self.step * size, (self.step + 1) * size)]


def names():
    """Return what the cells of the exercises need."""
    streets = np.random.default_rng(0).uniform(-1, 1, (2, 1, 64, 64, 3)).astype(np.float32)
    known = {"np": np, "tf": tf, "zlib": zlib, "lessons": lessons, "blocks": blocks, "generators": generators}
    return known | {"losses": losses, "nights": streets[0], "days": streets[1], "SEED": 0, "my_index": index}


def read(number):
    """Return the record of a run."""
    return json.loads((NOTEBOOKS / "figures" / f"clinic_run_{number}.json").read_text())


POSITIONS = "range(step * size, (step + 1) * size)"


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        (f"lambda step, size, count, seed: [my_index(i, count, seed) for i in {POSITIONS}]", True),
        (f"lambda step, size, count, seed: np.array([my_index(i, count, seed) for i in {POSITIONS}])", True),
        (f"lambda step, size, count, seed: [my_index(i % count, count, seed) for i in {POSITIONS}]", False),
        (f"lambda step, size, count, seed: [my_index(i, count, 0) for i in {POSITIONS}]", False),  # no seed
        (f"lambda step, size, count, seed: [i % count for i in {POSITIONS}]", False),  # no shuffle
        ("lambda step, size, count, seed: np.random.default_rng([seed, step]).permutation(count)[:size]", False),
        ("Remembering()", False),
    ],
)
def test_batches_follow_from_seed_and_step(answer, is_right, capsys):
    start, known = "my_batch = None", names() | {"Remembering": Remembering}
    expect(lambda: run(LESSON, start, start, f"my_batch = {answer}", **known), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("tf.data.Dataset.range(12).repeat(2).shuffle(24, seed=1)", True),
        ("tf.data.Dataset.range(12).repeat(2).shuffle(20, seed=3)", True),
        ("tf.data.Dataset.range(12).shuffle(12, seed=1).repeat(2)", False),
        ("tf.data.Dataset.range(12).repeat(2)", False),
        ("tf.data.Dataset.range(6).repeat(4)", False),  # other numbers
        ("2 * list(range(0, 12, 2)) + 2 * list(range(1, 12, 2))", False),  # no pipeline
    ],
)
def test_pipelines_that_mix_epochs_are_found(answer, is_right, capsys):
    start = "lying = None"
    expect(lambda: run(LESSON, start, start, f"lying = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("2 * 4 * 4 * 64 * 64", True),
        ("sum(int(np.size(g)) for g in silent())", True),  # as the learner measures it
        ("4 * 4 * 64 * 64", False),  # the innermost convolution alone
        ("2 * 4 * 4 * 64 * 64 + 128", False),  # with the scales of the norm
        ("0", False),
    ],
)
def test_weights_without_a_gradient_are_counted(answer, is_right, capsys):
    start, place = "seeds, source = ", "is_right = silent_weights"
    measured = "kernels = [weight.value for weight in sick.trainable_weights if len(weight.shape) == 4]\n"
    measured += "silent = lambda: [g for g in tape.gradient(loss, kernels) if np.abs(g).max() < 1e-9]\n"
    answered = f"{measured}silent_weights = {answer}\n{place}"
    expect(lambda: run(LESSON, start, place, answered, **names()), is_right, capsys)


def test_every_diagnosis_but_the_last_fits_exactly_one_run():
    right = [[letter for letter in LETTERS if read(n)["answers"][letter].startswith("right: ")] for n in range(1, 9)]
    assert sorted(sum(right, [])) == list(LETTERS[:-1]) and all(len(letters) == 1 for letters in right)


@pytest.mark.parametrize("number", range(1, 9))
def test_a_wrong_diagnosis_is_told_its_sign_and_a_right_one_the_repair(number):
    answers = read(number)["answers"]
    assert set(answers) == set(LETTERS)
    for text in answers.values():
        assert ("measured:" in text and "repair:" in text) if text.startswith("right: ") else "would show" in text


@pytest.mark.parametrize("number", range(1, 9))
def test_the_code_of_a_run_is_short_and_does_not_say_what_is_wrong(number):
    record = read(number)
    (right,) = [text for text in record["answers"].values() if text.startswith("right: ")]
    assert len(record["code"].splitlines()) <= 15
    assert right.splitlines()[0].removeprefix("right: ").rstrip(".") not in record["code"].replace("_", " ")
