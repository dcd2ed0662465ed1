import functools
import types

import numpy as np
import pytest
import toy

from pix2pix_tf import cyclegan, datasets, metrics, pix2pix, training
from pix2pix_tf.metrics import artefacts
from pix2pix_tf.training import gap, instruments

SMALL = {"image_size": 64, "filters": 2, "discriminator_layers": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def splits():
    return [datasets.load("synthetic", split, 64, count=5) for split in ("train", "val")]


class Echo:
    """Translates by a function; it has no discriminator."""

    paired = True

    def __init__(self, function):
        self.translate = function

    def show(self, source, target):
        """Translate as a method of pairs does."""
        return self.translate(source["image"] if isinstance(source, dict) else source)


class Masked:
    """Pairs that all are void in their lower half."""

    task = None

    def __init__(self, sources, targets):
        self.void = np.zeros((*targets.shape[:3], 1), np.float32)
        self.void[:, 32:] = 1
        self.sources, self.targets = sources, targets

    def __len__(self):
        return len(self.targets)

    def examples(self, indices):
        chosen = list(indices)
        return {"image": self.sources[chosen], "void": self.void[chosen]}, self.targets[chosen]


def test_the_measures_are_those_of_the_translations(splits):
    sources, targets = splits[1].examples(range(5))
    outputs = np.clip(0.5 * targets + 0.1 * np.cos(np.pi * np.arange(64))[:, None, None], -1, 1).astype(np.float32)
    found = instruments.Instruments(Echo(lambda images: outputs), *splits).measure()
    assert found["spectral_peak"] == artefacts.spectral_peak(outputs)["value"] > 5
    assert found["colour_spread"] == metrics.colour_spread(outputs) / metrics.colour_spread(targets)
    apart = np.abs(outputs - targets).mean(3)
    border, middle = np.concatenate([apart[:, :4], apart[:, -4:]], 1).mean(), apart[:, 16:48].mean()
    assert found["l1_border"] == pytest.approx(border - middle, abs=1e-6)
    assert found.keys() == {"spectral_peak", "colour_spread", "l1_border"}


def test_errors_in_void_are_told_apart(splits):
    masked = Masked(*splits[1].examples(range(5)))
    outputs = masked.targets + np.where(masked.void > 0, 0.2, 0.1).astype(np.float32) * np.where(
        masked.targets > 0, -1, 1
    )
    found = instruments.Instruments(Echo(lambda images: outputs), masked, masked).measure()
    assert found["l1_in_void"] == pytest.approx(0.2, abs=1e-6)
    assert found["l1_border"] == pytest.approx(0, abs=1e-6)


def test_the_discriminator_is_asked_about_pairs_of_both_splits(splits):
    model = pix2pix.Pix2Pix(**SMALL)
    found = instruments.Instruments(model, *splits).measure()
    logits = gap.discriminator_gap(model, *splits)
    assert found["memorised"] == pytest.approx(logits["training"] - logits["validation"], abs=1e-6)
    assert found["source_counts"] == pytest.approx(logits["validation"] - logits["mismatched"], abs=1e-6)
    assert found["memorised"] != 0 and found["source_counts"] != 0


def test_without_pairs_both_directions_are_looked_at():
    model = cyclegan.CycleGAN(**SMALL, blocks=1)
    images = datasets.load("day2night", "val", 64, count=3, unpaired=True)
    found = instruments.Instruments(model, images, images).measure()
    assert found.keys() == {f"{name}_{side}" for name in ("spectral_peak", "colour_spread") for side in "ab"}
    a, b = images.examples(range(3))
    assert found["spectral_peak_b"] == artefacts.spectral_peak(model.translate(a))["value"]
    assert found["spectral_peak_a"] == artefacts.spectral_peak(model.translate(b, "b_to_a"))["value"]


def test_small_images_are_not_measured():
    pairs = datasets.load("synthetic", "val", 32, count=3)
    assert instruments.Instruments(Echo(None), pairs, pairs).measure() == {}


def test_the_history_has_them_at_every_preview_and_the_first_comes_early(splits, tmp_path):
    history = training.fit(pix2pix.Pix2Pix(**SMALL), splits[0], 60, tmp_path / "run", splits[1])
    assert history["step"] == [50, 60]
    for name in ("validation_l1", "spectral_peak", "colour_spread", "l1_border", "memorised", "source_counts"):
        assert np.isfinite(history[name]).all(), name
    assert [path.name for path in sorted((tmp_path / "run/previews").iterdir())] == [
        "step_000050.png",
        "step_000060.png",
    ]


@pytest.mark.slow
def test_a_resumed_run_measures_the_same(splits, tmp_path):
    """To the last bit, with averages and palettes, on both sides of the place where it was stopped."""
    build = functools.partial(pix2pix.Pix2Pix, **SMALL, **toy.REPAIRS, total_steps=60)
    training.fit(build(), splits[0], 60, tmp_path / "whole", splits[1], preview_every=20)
    for steps in (30, 60):
        training.fit(build(), splits[0], steps, tmp_path / "parts", splits[1], preview_every=20, resume=steps == 60)
    whole, parts = (toy.history(tmp_path / name) for name in ("whole", "parts"))
    assert whole == parts and "memorised" in whole[0]


@pytest.mark.parametrize(
    ("every", "shown"), [(500, [50, 100, 200, 500, 1000]), (80, [50, 80, 160, 240]), (20, [20, 40, 60])]
)
def test_previews_come_early_and_get_rarer(every, shown):
    run = types.SimpleNamespace(settings={"preview_every": every})
    is_shown = training.loop.Run.is_shown
    assert [step for step in range(1, shown[-1] + 1) if is_shown(run, step)] == shown
