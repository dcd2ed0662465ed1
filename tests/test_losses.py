import math

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from pix2pix_tf import losses

RANDOM = np.random.default_rng(0)
REAL, FAKE = (RANDOM.normal(0, 2, (2, 5, 5, 1)).astype(np.float32) for _ in range(2))
FIRST, SECOND = (RANDOM.uniform(-1, 1, (2, 4, 4, 3)).astype(np.float32) for _ in range(2))


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


DISCRIMINATOR = {
    "vanilla": lambda real, fake: -(np.log(sigmoid(real)).mean() + np.log(1 - sigmoid(fake)).mean()) / 2,
    "least_squares": lambda real, fake: (((real - 1) ** 2).mean() + (fake**2).mean()) / 2,
    "hinge": lambda real, fake: (np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()) / 2,
    "wasserstein": lambda real, fake: fake.mean() - real.mean(),
}
DISCRIMINATOR |= {"minimax": DISCRIMINATOR["vanilla"], "wasserstein_gp": DISCRIMINATOR["wasserstein"]}
GENERATOR = {
    "vanilla": lambda fake: -np.log(sigmoid(fake)).mean(),
    "least_squares": lambda fake: ((fake - 1) ** 2).mean(),
    "hinge": lambda fake: -fake.mean(),
    "minimax": lambda fake: np.log(1 - sigmoid(fake)).mean(),
    "wasserstein": lambda fake: -fake.mean(),
    "wasserstein_gp": lambda fake: -fake.mean(),
}


def constant(value):
    return np.full((1, 3, 3, 1), value, np.float32)


@pytest.mark.parametrize("adversarial", losses.ADVERSARIAL)
def test_discriminator_equals_its_formula(adversarial):
    expected = DISCRIMINATOR[adversarial](REAL, FAKE)
    assert float(losses.discriminator(REAL, FAKE, adversarial)) == pytest.approx(expected, rel=1e-6)
    whole = expected if "wasserstein" in adversarial else 2 * expected
    assert float(losses.discriminator(REAL, FAKE, adversarial, halved=False)) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("adversarial", losses.ADVERSARIAL)
def test_generator_equals_its_formula(adversarial):
    assert float(losses.generator(FAKE, adversarial)) == pytest.approx(GENERATOR[adversarial](FAKE), rel=1e-6)


def test_reconstruction_equals_its_formula():
    assert float(losses.l1(FIRST, SECOND)) == pytest.approx(np.abs(FIRST - SECOND).mean(), rel=1e-6)
    assert float(losses.l2(FIRST, SECOND)) == pytest.approx(((FIRST - SECOND) ** 2).mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("adversarial", "output", "expected"),
    [
        ("vanilla", 0, math.log(2)),
        ("minimax", 0, math.log(2)),
        ("least_squares", 0, 0.5),
        ("least_squares", 0.5, 0.25),
        ("hinge", 0, 1),
        ("wasserstein", 7, 0),
        ("wasserstein_gp", 7, 0),
    ],
)
def test_discriminator_at_chance(adversarial, output, expected):
    loss = losses.discriminator(constant(output), constant(output), adversarial)
    assert float(loss) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("adversarial", "output", "expected"),
    [
        ("vanilla", 0, math.log(2)),
        ("minimax", 0, -math.log(2)),
        ("least_squares", 0, 1),
        ("least_squares", 0.5, 0.25),
        ("hinge", 0, 0),
        ("wasserstein", 0, 0),
        ("wasserstein_gp", 0, 0),
    ],
)
def test_generator_at_chance(adversarial, output, expected):
    assert float(losses.generator(constant(output), adversarial)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("adversarial", "real", "fake"), [("vanilla", 100, -100), ("least_squares", 1, 0), ("hinge", 1, -1)]
)
def test_a_discriminator_that_is_right_loses_nothing(adversarial, real, fake):
    assert float(losses.discriminator(constant(real), constant(fake), adversarial)) == 0


def test_large_logits_stay_finite():
    assert float(losses.discriminator(constant(-1e4), constant(1e4), "vanilla")) == pytest.approx(1e4)
    assert float(losses.generator(constant(-1e4), "vanilla")) == pytest.approx(1e4)
    assert float(losses.generator(constant(1e4), "minimax")) == pytest.approx(-1e4)


@pytest.mark.parametrize(
    ("distance", "saturating", "non_saturating"),
    [(1, 0.3980, 0.6020), (2, 0.4496, 1.5504), (4, 0.1372, 3.8628), (6, 0.01245, 5.9875), (8, 3.93e-4, 7.9996)],
)
def test_the_slope_of_minimax_dies_with_the_distance_and_that_of_vanilla_grows(distance, saturating, non_saturating):
    """Real samples are of N(0, 1), generated ones of N(distance, 1), and the discriminator is the best there is."""
    noise = tf.constant(scipy.stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000))
    shift = tf.constant(float(distance), tf.float64)
    for adversarial, expected in (
        ("minimax", saturating),
        ("vanilla", non_saturating),
        ("wasserstein", distance),
    ):
        with tf.GradientTape() as tape:
            tape.watch(shift)
            logits = distance**2 / 2 - distance * (noise + shift)  # the logarithm of the ratio of the two densities
            loss = losses.generator(logits, adversarial)
        assert float(tape.gradient(loss, shift)) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("loss", [losses.l1, losses.l2])
def test_reconstruction_bounds(loss):
    assert float(loss(FIRST, FIRST)) == 0
    assert float(loss(constant(-1), constant(1))) == (2 if loss is losses.l1 else 4)


@pytest.mark.parametrize("name", ["wgan", "l1", "", None])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match="expected one of vanilla, minimax, least_squares"):
        losses.discriminator(REAL, FAKE, name)
    with pytest.raises(ValueError, match="expected one of vanilla, minimax, least_squares"):
        losses.generator(FAKE, name)


@pytest.mark.parametrize("scales", [1, 2, 3])
@pytest.mark.parametrize("layers", [3, 4, 5])
def test_features_of_scales_that_differ_by_one_cost_as_much_as_the_authors(scales, layers):
    random = np.random.default_rng(0)
    shapes = [(1, 16 // 2**level + 1, 16 // 2**level + 1, 4) for level in range(layers)]
    real = [[tf.constant(random.normal(size=shape)) for shape in shapes] for _ in range(scales)]
    fake = [[one + 1 for one in seen] for seen in real]
    assert float(losses.feature_matching_of_scales(real, fake)) == pytest.approx(4)  # times 10, their weight: 40
    assert float(losses.feature_matching_of_scales(real, real)) == 0


LN2 = math.log(2)


@pytest.mark.parametrize(
    ("adversarial", "scales", "output", "discriminator", "generator"),
    [
        ("least_squares", 2, 0, 1, 2),
        ("least_squares", 2, 0.5, 0.5, 0.5),
        ("least_squares", 2, 1, 1, 0),
        ("least_squares", 3, 0, 1.5, 3),
        ("least_squares", 3, 0.5, 0.75, 0.75),
        ("least_squares", 3, 1, 1.5, 0),
        ("vanilla", 1, 0, LN2, LN2),
        ("vanilla", 2, 0, 2 * LN2, 2 * LN2),
        ("vanilla", 3, 0, 3 * LN2, 3 * LN2),
        ("hinge", 2, 0, 2, 0),
        ("hinge", 2, 1, 2, -2),
        ("hinge", 3, 0.5, 3, -1.5),
        ("wasserstein", 3, 7, 0, -21),
    ],
)
def test_losses_summed_over_scales_are_those_of_the_authors(adversarial, scales, output, discriminator, generator):
    logits = [tf.fill((1, 12 // 2**scale, 12 // 2**scale, 1), float(output)) for scale in range(scales)]
    assert float(losses.discriminator_of_scales(logits, logits, adversarial)) == pytest.approx(discriminator)
    assert float(losses.generator_of_scales(logits, adversarial)) == pytest.approx(generator)


@pytest.mark.parametrize(("output", "discriminator", "generator"), [(0, 3, 3), (0.5, 1.5, 0.75), (1, 3, 0)])
def test_three_scales_that_are_not_halved_are_those_of_unit_and_munit(output, discriminator, generator):
    logits = [tf.fill((1, 5, 5, 1), float(output))] * 3
    found = losses.discriminator_of_scales(logits, logits, "least_squares", halved=False)
    assert float(found) == pytest.approx(discriminator)
    assert float(losses.generator_of_scales(logits, "least_squares")) == pytest.approx(generator)


@pytest.mark.parametrize("adversarial", losses.ADVERSARIAL)
def test_each_scale_counts_once_however_many_logits_it_has(adversarial):
    real, fake = [REAL, 2 * REAL[:, :2, :2]], [FAKE, 3 * FAKE[:, :3, :3]]
    expected = sum(DISCRIMINATOR[adversarial](*pair) for pair in zip(real, fake, strict=True))
    assert float(losses.discriminator_of_scales(real, fake, adversarial)) == pytest.approx(expected, rel=1e-5)
    expected = sum(GENERATOR[adversarial](one) for one in fake)
    assert float(losses.generator_of_scales(fake, adversarial)) == pytest.approx(expected, rel=1e-5)


def test_scales_that_do_not_match_and_unknown_names_are_refused():
    with pytest.raises(ValueError, match="zip"):
        losses.discriminator_of_scales([REAL, REAL], [FAKE])
    with pytest.raises(ValueError, match="expected one of vanilla"):
        losses.discriminator_of_scales([REAL], [FAKE], "wgan")
    with pytest.raises(ValueError, match="expected one of vanilla"):
        losses.generator_of_scales([FAKE], "wgan")
