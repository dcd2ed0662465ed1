"""The gap of discriminators whose every answer is known."""

import types

import keras
import numpy as np
import pytest

from pix2pix_tf import datasets, pix2pix
from pix2pix_tf.training import gap

SIZE = 16


class Examples:
    """Pairs of plain images: source i has the value of `sources` i, target i that of `targets` i."""

    def __init__(self, sources, targets, void=None):
        self.sources, self.targets, self.void = np.float32(sources), np.float32(targets), void

    def __len__(self):
        return len(self.sources)

    def examples(self, indices):
        source, target = (plain(values[indices]) for values in (self.sources, self.targets))
        return ({"image": source, "void": self.void[indices]} if self.void is not None else source), target


def plain(values):
    """Return images that have one value each, float32 (n, 16, 16, 3)."""
    return np.broadcast_to(np.float32(values)[:, None, None, None], (len(values), SIZE, SIZE, 3))


def product():
    """Return a discriminator whose logits are source times target, pixel by pixel."""
    source, target = keras.Input((SIZE, SIZE, 3)), keras.Input((SIZE, SIZE, 3))
    return keras.Model([source, target], keras.layers.Multiply()([source, target]))


def holding(discriminator, **more):
    return types.SimpleNamespace(discriminator=discriminator, **more)


TRAIN = Examples([0.5, -0.5, 1, 0.25], [1, -1, 0.5, 0])
VALIDATION = Examples([1, -1, 0.5], [0.5, -0.25, 1])


def test_the_gap_of_a_product_is_known():
    found = gap.discriminator_gap(holding(product()), TRAIN, VALIDATION)
    assert found["training"] == pytest.approx((0.5 + 0.5 + 0.5 + 0) / 4, rel=1e-6)
    assert found["validation"] == pytest.approx((0.5 + 0.25 + 0.5) / 3, rel=1e-6)
    assert found["mismatched"] == pytest.approx((0.5 * 0.5 - 0.25 * 1 + 1 * -1) / 3, rel=1e-6)


def test_without_a_source_nothing_can_be_mismatched():
    target = keras.Input((SIZE, SIZE, 3))
    discriminator = keras.Model(target, keras.layers.Rescaling(2.0, 1.0)(target))
    found = gap.discriminator_gap(holding(discriminator), TRAIN, VALIDATION)
    assert found["training"] == pytest.approx(2 * 0.125 + 1)
    assert found["validation"] == found["mismatched"] == pytest.approx(2 * 1.25 / 3 + 1)


def test_count_and_seed_choose_the_pairs():
    chosen = gap.choose(4, 2, seed=3)
    assert len(chosen) == 2 and (np.diff(chosen) > 0).all()
    found = gap.discriminator_gap(holding(product()), TRAIN, VALIDATION, count=2, seed=3)
    assert found["training"] == pytest.approx(np.mean((TRAIN.sources * TRAIN.targets)[chosen]), abs=1e-6)
    assert {tuple(gap.choose(4, 2, seed)) for seed in range(30)} > {(0, 1)}
    np.testing.assert_array_equal(gap.choose(3, 32, seed=0), [0, 1, 2])


def test_each_pair_is_judged_alone_in_training_mode_and_nothing_changes():
    """A batch norm of one pair gives plain noise a mean of 0; moving averages would leave the mean, 0.5, in it."""
    target = keras.Input((SIZE, SIZE, 3))
    discriminator = keras.Model(target, keras.layers.BatchNormalization()(target))
    before = [np.array(values) for values in discriminator.get_weights()]
    targets = np.random.default_rng(0).uniform(0, 1, (3, SIZE, SIZE, 3)).astype(np.float32)
    targets[1] /= 2
    assert gap.mean_logits(discriminator, targets, targets) == pytest.approx(0, abs=1e-6)
    for old, new in zip(before, discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_model_that_prepares_its_pairs_shows_them_so():
    """Half of each target is void, which the networks see as 0; the sources are trebled."""
    void = np.zeros((3, SIZE, SIZE, 1), np.float32)
    void[:, ::2] = 1

    def prepare(source, target):
        return 3 * source["image"], 1 - source["void"]

    pairs = Examples(VALIDATION.sources, VALIDATION.targets, void)
    found = gap.discriminator_gap(holding(product(), prepare=prepare), pairs, pairs)
    assert found["validation"] == found["training"] == pytest.approx(1.5 * 1.25 / 3, rel=1e-6)
    without = gap.discriminator_gap(holding(product()), pairs, pairs)
    assert without["validation"] == pytest.approx(1.25 / 3, rel=1e-6)


def test_a_pix2pix_is_judged_as_it_judges_itself():
    pairs = datasets.load("synthetic", "val", SIZE, count=3)
    model = pix2pix.Pix2Pix(SIZE, filters=4, discriminator_layers=1, precision="float32")
    sources, targets = pairs.examples(range(3))
    found = gap.discriminator_gap(model, pairs, pairs)
    expected = np.mean(model.judge(sources, targets))  # its instance norm knows no neighbours
    assert found["training"] == found["validation"] == pytest.approx(expected, abs=1e-5)
    assert found["mismatched"] == pytest.approx(np.mean(model.judge(sources[[2, 0, 1]], targets)), abs=1e-5)


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="has no discriminator"):
        gap.discriminator_gap(holding(None), TRAIN, VALIDATION)
    with pytest.raises(ValueError, match="1 validation pairs; expected two"):
        gap.discriminator_gap(holding(product()), TRAIN, Examples([1], [1]))
    with pytest.raises(ValueError, match="2 sources and 1 targets"):
        gap.mean_logits(product(), plain([1, 1]), plain([1]))
