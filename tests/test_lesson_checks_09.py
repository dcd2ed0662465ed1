"""The checks of the exercises of lesson 9 accept right answers, refuse wrong ones, and say when none was tried."""

import zlib

import numpy as np
import pytest
from exercises import expect, run

from pix2pix_tf import cyclegan, lessons, optimizers

LESSON = "09_cyclegan"


class Broken(cyclegan.CycleGAN):
    """The identity losses compare what is translated with its input."""

    def generate(self, batch_a, batch_b):
        """Give the translations in the places of the identities."""
        fake_a, fake_b, _, _ = super().generate(batch_a, batch_b)
        return fake_a, fake_b, fake_b, fake_a


class Exchanged(cyclegan.CycleGAN):
    """The identities are in each other's places."""

    def generate(self, batch_a, batch_b):
        """Give the identities in the wrong order."""
        fake_a, fake_b, same_a, same_b = super().generate(batch_a, batch_b)
        return fake_a, fake_b, same_b, same_a


class Unexchanged(cyclegan.CycleGAN):
    """The translation to A is compared with A, which needs pairs."""

    def generate(self, batch_a, batch_b):
        """Give each translation in the place of its own domain."""
        fake_a, fake_b, _, _ = super().generate(batch_a, batch_b)
        return fake_a, fake_b, fake_a, fake_b


def names():
    """Return what the cells of the exercises need."""
    days, nights = np.random.default_rng(0).uniform(-1, 1, (2, 2, 64, 64, 3)).astype(np.float32)
    known = {"np": np, "zlib": zlib, "lessons": lessons, "optimizers": optimizers, "cyclegan": cyclegan}
    return known | {"days": days, "nights": nights, "right": Broken, "exchanged": Exchanged, "other": Unexchanged}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("lambda e, start, constant, decay: start * (1 - max(0, e - constant) / (decay + 1))", True),
        ("lambda e, s, c, d: s if e <= c else s * (d + 1 - (e - c)) / (d + 1)", True),
        ("lambda e, start, constant, decay: start * (1 - max(0, e - constant) / decay)", False),
        ("lambda e, start, constant, decay: start * (1 - max(0, e - 1 - constant) / (decay + 1))", False),
        ("lambda e, start, constant, decay: start", False),
        ("lambda e, start, constant, decay: 2e-4 * (1 - max(0, e - 100) / 101)", False),  # of the paper alone
    ],
)
def test_the_rate_is_the_package_s(answer, is_right, capsys):
    start = "my_rate = None"
    expect(lambda: run(LESSON, start, start, f"my_rate = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("None", None), ("right", True), ("cyclegan.CycleGAN", False), ("exchanged", False), ("other", False)],
)
def test_the_bug_compares_a_translation_with_its_input(answer, is_right, capsys):
    start = "Broken = None"
    expect(lambda: run(LESSON, start, start, f"Broken = {answer}", **names()), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [("None", None), ("25", True), ("25.0", True), ("10", False), ("75", False), ("200", False), ("50", False)],
)
def test_old_fakes_of_the_right_pool_are_fifty_steps_old(answer, is_right, capsys):
    start = "pool_size = None"
    expect(lambda: run(LESSON, start, start, f"pool_size = {answer}", **names()), is_right, capsys)
