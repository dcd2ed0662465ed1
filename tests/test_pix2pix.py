import functools
import inspect
import itertools
import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy

from pix2pix_tf import errors, pix2pix, translation
from pix2pix_tf.system import hardware

SMALL = {"image_size": 16, "filters": 4, "discriminator_layers": 1, "precision": "float32"}
EXACT = {**SMALL, "precision": "float64", "dropout": 0}
REPAIRS = {**toy.REPAIRS, "total_steps": 10}
LEARNING_RATE = float(np.float32(2e-4))  # Keras keeps it in float32

eagerly = pytest.mark.usefixtures("eager")  # saves tracing a step that runs two or three times


def batch(step=0, size=1, dtype=np.float32, image_size=16):
    """Return source and target of a step."""
    random = np.random.default_rng(step)
    return [tf.constant(random.uniform(-1, 1, (size, image_size, image_size, 3)), dtype) for _ in range(2)]


def copy(variables):
    return [variable.numpy().copy() for variable in variables]


def differ(variables, before):
    """Say for each variable whether a single bit of it has changed."""
    return [not np.array_equal(variable.numpy(), old) for variable, old in zip(variables, before, strict=True)]


def freeze(optimizer):
    optimizer.learning_rate = 0.0


class PlainAdam:
    """Adam in numpy, written from the paper."""

    def __init__(self, variables):
        self.variables, self.step = variables, 0
        self.means, self.squares = ([np.zeros(variable.shape) for variable in variables] for _ in range(2))

    def apply(self, gradients):
        self.step += 1
        rate = LEARNING_RATE * math.sqrt(1 - 0.999**self.step) / (1 - 0.5**self.step)
        for variable, mean, square, gradient in zip(self.variables, self.means, self.squares, gradients, strict=True):
            mean[:] = 0.5 * mean + 0.5 * gradient.numpy()
            square[:] = 0.999 * square + 0.001 * gradient.numpy() ** 2
            variable.assign(variable.numpy() - rate * mean / (np.sqrt(square) + 1e-8))


ADVERSARIAL = {  # what each asks of logits for real and for generated images, and of the generator
    "vanilla": (
        lambda real: tf.nn.sigmoid_cross_entropy_with_logits(tf.ones_like(real), real),
        lambda fake: tf.nn.sigmoid_cross_entropy_with_logits(tf.zeros_like(fake), fake),
        lambda fake: tf.nn.sigmoid_cross_entropy_with_logits(tf.ones_like(fake), fake),
    ),
    "least_squares": (lambda real: (real - 1) ** 2, lambda fake: fake**2, lambda fake: (fake - 1) ** 2),
    "hinge": (lambda real: tf.maximum(0.0, 1 - real), lambda fake: tf.maximum(0.0, 1 + fake), lambda fake: -fake),
}
RECONSTRUCTION = {"l1": lambda difference: abs(difference), "l2": lambda difference: difference**2}


class PlainPix2Pix:
    """The step in eager TensorFlow, the slow and obvious way: every pass computed anew, one tape for each network."""

    def __init__(self, model, stale=False):
        self.stale = stale  # whether the generator learns from the discriminator before its update: a mistake
        self.config = model.config
        self.generator = keras.models.clone_model(model.generator)
        self.generator.set_weights(model.generator.get_weights())
        self.generator_adam = PlainAdam(self.generator.trainable_variables)
        if model.discriminator:
            self.discriminator = keras.models.clone_model(model.discriminator)
            self.discriminator.set_weights(model.discriminator.get_weights())
            self.discriminator_adam = PlainAdam(self.discriminator.trainable_variables)

    def judge(self, source, image):
        return self.discriminator([source, image] if self.config["conditional"] else image, training=True)

    def discriminator_step(self, source, target):
        real, fake, _ = ADVERSARIAL[self.config["adversarial"]]
        generated = self.generator(source, training=True)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(real(self.judge(source, target))) + tf.reduce_mean(
                fake(self.judge(source, generated))
            )
            loss = loss / 2
        return loss, tape.gradient(loss, [variable.value for variable in self.discriminator.trainable_variables])

    def generator_step(self, source, target):
        results, loss = {}, 0.0
        with tf.GradientTape() as tape:
            generated = self.generator(source, training=True)
            if adversarial := self.config["adversarial"]:
                fooled = tf.reduce_mean(ADVERSARIAL[adversarial][2](self.judge(source, generated)))
                results["generator_adversarial"] = fooled
                loss += fooled
            if reconstruction := self.config["reconstruction"]:
                results[reconstruction] = tf.reduce_mean(RECONSTRUCTION[reconstruction](generated - target))
                loss += self.config["reconstruction_weight"] * results[reconstruction]
        return results, tape.gradient(loss, [variable.value for variable in self.generator.trainable_variables])

    def train_step(self, source, target):
        results = {}
        if self.config["adversarial"]:
            results["discriminator"], discriminator_gradients = self.discriminator_step(source, target)
            if not self.stale:
                self.discriminator_adam.apply(discriminator_gradients)
        generator_results, gradients = self.generator_step(source, target)
        if self.stale:
            self.discriminator_adam.apply(discriminator_gradients)
        self.generator_adam.apply(gradients)
        return {**results, **generator_results}


def distance(model, plain):
    networks = [(model.generator, plain.generator)]
    if model.discriminator:
        networks.append((model.discriminator, plain.discriminator))
    pairs = itertools.chain(
        *(zip(*(network.trainable_variables for network in pair), strict=True) for pair in networks)
    )
    return max(np.abs(one.numpy() - other.numpy()).max() for one, other in pairs)


def check_steps(**options):
    model = pix2pix.Pix2Pix(**{**EXACT, **options})
    plain = PlainPix2Pix(model)
    for step in range(3):
        results = model.train_step(*batch(step, 2, np.float64))
        expected = plain.train_step(*batch(step, 2, np.float64))
        assert set(results) == set(expected)
        for name, value in expected.items():
            assert float(results[name]) == pytest.approx(float(value), rel=1e-9)
    assert distance(model, plain) < 1e-9


def test_step_equals_the_plain_one():
    check_steps()


@eagerly
@pytest.mark.parametrize(
    "options",
    [
        {"adversarial": "least_squares", "reconstruction": "l2", "conditional": False},
        {"adversarial": "hinge", "reconstruction": None, "norm": "batch"},
        {"adversarial": None, "reconstruction_weight": 10.0, "skips": False, "norm": "none"},
    ],
    ids=["least squares, l2, unconditional", "hinge alone, batch norm", "l1 alone, encoder-decoder"],
)
def test_step_of_an_ablation_equals_the_plain_one(options):
    check_steps(**options)


@eagerly
def test_the_generator_learns_from_the_updated_discriminator():
    model = pix2pix.Pix2Pix(**EXACT)
    stale = PlainPix2Pix(model, stale=True)
    for step in range(2):
        model.train_step(*batch(step, 1, np.float64))
        stale.train_step(*batch(step, 1, np.float64))
    assert distance(model, stale) > 1e-7, "the plain step must tell the two orders apart"


def test_step_equals_that_of_pytorch(monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with plain code only")
    import torch_reference
    from test_reference import weights

    monkeypatch.setattr(torch_reference, "LEAK", float(np.float32(0.2)))  # as TensorFlow keeps it, in float64 too
    model = pix2pix.Pix2Pix(**EXACT)
    generator = torch_reference.UNet(16, filters=4).double()
    discriminator = torch_reference.PatchGAN(filters=4, layers=1).double()

    def take_weights(reference, network):
        copied = weights(network)
        torch_reference.set_weights(reference, lambda name, shape, number: copied[number][name].numpy())

    take_weights(generator, model.generator)
    take_weights(discriminator, model.discriminator)
    optimizers = [
        torch.optim.Adam(network.parameters(), LEARNING_RATE, (0.5, 0.999)) for network in (generator, discriminator)
    ]
    generator_adam, discriminator_adam = optimizers
    entropy, l1 = torch.nn.BCEWithLogitsLoss(), torch.nn.L1Loss()
    for step in range(3):
        for optimizer in optimizers:  # PyTorch adds epsilon after the correction of the squares' bias, Keras before
            optimizer.param_groups[0]["eps"] = 1e-8 / math.sqrt(1 - 0.999 ** (step + 1))
        images = batch(step, 2, np.float64)
        source, target = (torch_reference.to_torch(image.numpy()) for image in images)
        fake = generator(source)
        real_logits, fake_logits = discriminator(source, target), discriminator(source, fake.detach())
        ones = torch.ones_like(real_logits)
        discriminator_loss = (entropy(real_logits, ones) + entropy(fake_logits, 0 * ones)) / 2
        discriminator_adam.zero_grad()
        discriminator_loss.backward()
        discriminator_adam.step()
        adversarial, reconstruction = entropy(discriminator(source, fake), ones), l1(fake, target)
        generator_adam.zero_grad()
        (adversarial + 100 * reconstruction).backward()
        generator_adam.step()
        results = model.train_step(*images)
        expected = {"discriminator": discriminator_loss, "generator_adversarial": adversarial, "l1": reconstruction}
        assert {name: float(value) for name, value in results.items()} == pytest.approx(
            {name: value.item() for name, value in expected.items()}, rel=1e-9
        )
    for network, reference in [(model.generator, generator), (model.discriminator, discriminator)]:
        theirs = [parameter.detach().clone() for parameter in reference.parameters()]
        take_weights(reference, network)
        for parameter, trained in zip(reference.parameters(), theirs, strict=True):
            assert (parameter - trained).abs().max() < 1e-9


@pytest.fixture(scope="module")
def small():
    """A model whose tests leave its networks as they found them."""
    return pix2pix.Pix2Pix(**SMALL)


@eagerly
def test_a_discriminator_update_leaves_the_generator_untouched():
    model = pix2pix.Pix2Pix(**SMALL)
    source, target = batch()
    fake = model.generator(source)
    generator = copy(model.generator.variables + model.generator_optimizer.variables)
    discriminator = copy(model.discriminator.trainable_variables)
    model.update_discriminator(source, target, fake)
    assert not any(differ(model.generator.variables + model.generator_optimizer.variables, generator))
    assert all(differ(model.discriminator.trainable_variables, discriminator))


@eagerly
@pytest.mark.parametrize(("frozen", "learning"), [("generator", "discriminator"), ("discriminator", "generator")])
def test_a_step_changes_a_network_through_its_own_optimizer_alone(frozen, learning):
    model = pix2pix.Pix2Pix(**SMALL)
    freeze(getattr(model, f"{frozen}_optimizer"))
    before, learned = copy(getattr(model, frozen).variables), copy(getattr(model, learning).trainable_variables)
    for step in range(2):
        model.train_step(*batch(step))
    assert not any(differ(getattr(model, frozen).variables, before))
    assert all(differ(getattr(model, learning).trainable_variables, learned))
    assert int(model.generator_optimizer.iterations) == int(model.discriminator_optimizer.iterations) == 2


@eagerly
@pytest.mark.parametrize(
    ("adversarial", "discriminator", "generator"),
    [("vanilla", math.log(2), math.log(2)), ("least_squares", 0.5, 1), ("hinge", 1, 0)],
)
def test_losses_of_a_discriminator_that_knows_nothing(adversarial, discriminator, generator):
    model = pix2pix.Pix2Pix(**{**SMALL, "adversarial": adversarial})
    freeze(model.discriminator_optimizer)
    for variable in model.discriminator.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    results = model.train_step(*batch())
    assert float(results["discriminator"]) == pytest.approx(discriminator, rel=1e-6)
    assert float(results["generator_adversarial"]) == pytest.approx(generator, rel=1e-6)


def test_without_an_adversarial_loss_there_is_no_discriminator():
    model = pix2pix.Pix2Pix(**{**SMALL, "adversarial": None})
    assert model.discriminator is model.discriminator_optimizer is None


@pytest.mark.parametrize("conditional", [True, False])
def test_the_discriminator_sees_the_source_if_it_is_conditional(conditional):
    model = pix2pix.Pix2Pix(**{**SMALL, "conditional": conditional})
    (source, target), (other, _) = batch(0), batch(1)
    assert len(model.discriminator.inputs) == 1 + conditional
    same = np.array_equal(model.judge(source, target), model.judge(other, target))
    assert same is not conditional


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"adversarial": "wgan"}, "adversarial is 'wgan'; expected one of vanilla"),
        ({"reconstruction": "l3"}, "reconstruction is 'l3'; expected one of l1, l2, None"),
        ({"adversarial": None, "reconstruction": None}, "at least one loss"),
        ({"precision": "float16"}, "precision is 'float16'; expected one of auto"),
        ({"norm": "group"}, "norm is 'group'; expected one of instance"),
        ({"image_size": 300}, "image_size is 300; expected one of 16"),
        ({"discriminator_layers": 7}, "layers is 7; expected 0 to 6"),
        (
            {"discriminator_layers": 4},
            "too small for a discriminator of 4 layers; expected 64 at least",
        ),
    ],
)
def test_a_value_outside_those_named_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        pix2pix.Pix2Pix(**{**SMALL, **options})


def run(model, steps=3):
    results = [model.train_step(*batch(step)) for step in range(steps)]
    variables = model.generator.variables + model.discriminator.variables
    variables += model.generator_optimizer.variables + model.discriminator_optimizer.variables
    return [float(value) for result in results for value in result.values()], copy(variables)


@pytest.mark.slow
def test_a_seed_decides_the_run_to_the_bit():
    runs = []
    for seed, elsewhere in [(5, 0), (5, 1), (6, 0)]:
        keras.utils.set_random_seed(elsewhere)
        runs.append(run(pix2pix.Pix2Pix(**SMALL, seed=seed)))
    (losses, variables), (again, variables_again), (other, _) = runs
    assert losses == again
    assert all(np.array_equal(*pair) for pair in zip(variables, variables_again, strict=True))
    assert losses != other


@eagerly
def test_noise_is_decided_by_seed_and_step_alone():
    def noisy(seed):
        model = pix2pix.Pix2Pix(**SMALL, adversarial=None, seed=seed)
        model.generator.set_weights(start.generator.get_weights())
        freeze(model.generator_optimizer)
        return model

    start = pix2pix.Pix2Pix(**SMALL, adversarial=None, seed=1)
    model, other = noisy(1), noisy(2)
    losses = [float(model.train_step(*batch())["l1"]) for _ in range(3)]
    assert len(set(losses)) == 3, "the same batch, the same weights: only the noise differs between steps"
    assert float(other.train_step(*batch())["l1"]) not in losses
    model.generator(batch()[0], training=True)  # moves the seeds that Keras keeps in the layers
    model.generator_optimizer.iterations.assign(0)
    assert [float(model.train_step(*batch())["l1"]) for _ in range(3)] == losses
    assert float(start.train_step(*batch())["l1"]) == losses[0]


@eagerly
def test_every_dropout_layer_has_noise_of_its_own_in_every_step(monkeypatch):
    model = pix2pix.Pix2Pix(**SMALL, adversarial=None)
    given, run_network = [], model.generator.stateless_call
    seeds = {id(state) for state in translation.seed_states(model.generator)}

    def spy(trainable, values, *arguments, **options):
        pairs = zip(model.generator.non_trainable_variables, values, strict=True)
        given.extend(tuple(value.numpy()) for variable, value in pairs if id(variable) in seeds)
        return run_network(trainable, values, *arguments, **options)

    monkeypatch.setattr(model.generator, "stateless_call", spy)
    for step in range(3):
        model.generator_optimizer.iterations.assign(step)
        model.generate(batch()[0])
    assert len(given) == len(set(given)) == 9


def test_a_step_leaves_the_seeds_of_the_layers_as_they_are(small):
    seeds = copy(translation.seed_states(small.generator))
    small.train_step(*batch())
    assert len(seeds) == 3
    assert not any(differ(translation.seed_states(small.generator), seeds))


@eagerly
def test_moving_statistics_are_updated_once_a_step():
    model = pix2pix.Pix2Pix(**{**SMALL, "norm": "batch", "dropout": 0})
    twin = keras.models.clone_model(model.generator)
    twin.set_weights(model.generator.get_weights())
    source, target = batch(size=2)
    twin(source, training=True)
    before = copy(model.generator.non_trainable_variables)
    model.train_step(source, target)
    assert all(differ(model.generator.non_trainable_variables, before))
    for ours, expected in zip(model.generator.non_trainable_variables, twin.non_trainable_variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=1e-4, atol=1e-6)


def test_validation_changes_nothing_and_repeats(small):
    everything = list(itertools.chain(*small.state().values()))
    before = copy(everything)
    first, again = ({name: float(value) for name, value in small.validate(*batch(9)).items()} for _ in range(2))
    assert first == again
    assert all(np.isfinite(list(first.values())))
    assert not any(differ(everything, before))


def test_bfloat16_computes_in_it_and_keeps_weights_and_losses_in_float32():
    precise, coarse = (
        pix2pix.Pix2Pix(**{**SMALL, "dropout": 0, "precision": precision}) for precision in ("float32", "bfloat16")
    )
    results, expected = coarse.train_step(*batch()), precise.train_step(*batch())
    for network in (coarse.generator, coarse.discriminator):
        assert {variable.dtype for variable in network.variables} == {"float32"}
        assert {layer.compute_dtype for layer in network.layers if layer.weights} == {"bfloat16"}
        assert network.output.dtype == "float32"
    for optimizer in (coarse.generator_optimizer, coarse.discriminator_optimizer):
        assert {variable.dtype for variable in optimizer._momentums + optimizer._velocities} == {"float32"}
    for name, value in results.items():
        assert value.dtype == tf.float32
        assert float(value) == pytest.approx(float(expected[name]), rel=0.02)
    losses = [float(coarse.train_step(*batch())["l1"]) for _ in range(20)]
    assert losses[-1] < losses[0] < float(results["l1"])


def test_the_paper_s_values_are_the_defaults():
    keywords = inspect.signature(pix2pix.Pix2Pix).parameters
    paper = {
        "image_size": 256,
        "filters": 64,
        "dropout": 0.5,
        "skips": True,
        "adversarial": "vanilla",
        "reconstruction": "l1",
        "reconstruction_weight": 100.0,
        "conditional": True,
        "discriminator_layers": 3,
        "learning_rate": 2e-4,
    }
    assert {name: keywords[name].default for name in paper} == paper


def test_its_settings_build_the_same_model():
    model = pix2pix.Pix2Pix(**{**SMALL, "norm": "batch", "adversarial": "hinge", "seed": 3})
    again = pix2pix.Pix2Pix(**model.config)
    assert again.config == model.config
    for network in ("generator", "discriminator"):
        pairs = zip(getattr(model, network).get_weights(), getattr(again, network).get_weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)


def step_both_ways(build, batches):
    """Return the losses and variables of two models after the same steps, one compiled by XLA and one not."""
    ends = []
    for jit in (False, True):
        model = build()
        model.compile_step(jit_compile=jit)
        losses = [{name: float(value) for name, value in model.train_step(*one).items()} for one in batches]
        ends.append((losses, [variable.numpy() for part in model.state().values() for variable in part]))
    return ends


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"dropout": 0}, {}, REPAIRS], ids=["no dropout", "paper", "repairs"])
def test_xla_computes_the_same_step(options):
    """The noise too: the same values are dropped, or the losses would be far apart."""
    build = functools.partial(pix2pix.Pix2Pix, **{**SMALL, **options})
    (plain, variables), (compiled, others) = step_both_ways(build, [batch(step, 2) for step in range(2)])
    for one, other in zip(plain, compiled, strict=True):
        assert other == pytest.approx(one, rel=2e-5)
    # Adam's first steps are of the size of the learning rate whatever the gradient: where one is zero up to rounding
    # its sign decides, so a few weights may be two steps apart.
    for one, other in zip(variables, others, strict=True):
        assert np.mean(np.abs(other - one) <= 1e-5 + 1e-4 * np.abs(one)) > 0.98


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda images: tf.cast((images + 1) * 127.5, tf.uint8), "of type uint8"),
        (lambda images: (images + 1) * 127.5, "values from"),
        (lambda images: images * np.nan, "not finite"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_a_step_refuses_what_are_no_images(side, spoil, said):
    model, images = pix2pix.Pix2Pix(**SMALL), batch()
    images[side] = spoil(images[side])
    with pytest.raises(errors.InputError, match=f"{('source', 'target')[side]}: {said}.*expected"):
        model.train_step(*images)
    assert int(model.generator_optimizer.iterations) == 0


@pytest.mark.parametrize("seed", [None, -1, 2**31, 0.5, True, "0"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ValueError, match="seed is .*; expected a whole number from 0 to 2147483647"):
        pix2pix.Pix2Pix(**SMALL, seed=seed)


def test_the_numbers_of_numpy_are_taken_as_python_s():
    options = {"image_size": np.int64(16), "filters": np.int32(4), "seed": np.uint8(3), "dropout": np.float32(0.5)}
    model = pix2pix.Pix2Pix(**{**SMALL, **options, "reconstruction_weight": np.float64(50), "skips": np.bool_(True)})
    assert json.loads(json.dumps(model.config)) == model.config
    plain = pix2pix.Pix2Pix(**{**SMALL, "seed": 3, "reconstruction_weight": 50.0})
    assert plain.config == model.config
    for one, other in zip(plain.generator.get_weights(), model.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_changes_nothing_of_the_process(monkeypatch):
    def forbidden():
        raise AssertionError("a constructor may not")

    monkeypatch.setattr(hardware, "keep_freed_memory", forbidden)
    monkeypatch.setattr(hardware, "grow_gpu_memory", forbidden)
    pix2pix.Pix2Pix(**SMALL)


@eagerly
def test_void_counts_in_no_loss_and_is_shown_to_no_discriminator():
    """Whatever the target shows there, a step comes to the same bits; elsewhere it does not."""
    source, target = batch()
    void = np.zeros((1, 16, 16, 1), np.float32)
    void[:, :5, :7] = 1
    ends = []
    for place in (None, (2, 3), (10, 12)):
        changed = target.numpy()
        if place:
            changed[:, place[0], place[1]] = 0.9
        model = pix2pix.Pix2Pix(**SMALL, palette=REPAIRS["palette"])
        losses = model.train_step({"image": source, "void": void}, changed)
        ends.append([float(value) for value in losses.values()] + copy(model.generator.variables))
    same = [all(np.array_equal(*both) for both in zip(ends[0], other, strict=True)) for other in ends[1:]]
    assert same == [True, False]


@eagerly
def test_l1_with_void_is_the_mean_over_what_is_left():
    source, target = batch(size=2)
    void = (np.random.default_rng(0).uniform(size=(2, 16, 16, 1)) < 0.3).astype(np.float32)
    model = pix2pix.Pix2Pix(**SMALL, dropout=0, adversarial=None)
    fake = model.translate(source)
    apart = np.abs(fake - target.numpy()).mean(3)
    expected = np.mean([apart[image][void[image, ..., 0] == 0].mean() for image in range(2)])
    losses = model.train_step({"image": source, "void": void}, target)
    assert float(losses["l1"]) == pytest.approx(expected, rel=1e-5)


def test_the_averaged_generator_translates_and_the_other_one_learns():
    model = pix2pix.Pix2Pix(**SMALL, average=0.9)
    expected = copy(model.generator.trainable_variables)
    for step in range(1, 9):
        model.train_step(*batch(step))
        kept = min(0.9, (1 + step) / (10 + step))
        learned = copy(model.generator.trainable_variables)
        expected = [kept * old + (1 - kept) * now for old, now in zip(expected, learned, strict=True)]
    for average, wanted, now in zip(copy(model.trained_generator.trainable_variables), expected, learned, strict=True):
        np.testing.assert_allclose(average, wanted, rtol=1e-5, atol=1e-8)
        assert (average != now).any()
    expected = translation.Translator(model.trained_generator)(batch()[0])
    np.testing.assert_array_equal(model.translate(batch()[0]), expected)


def test_the_rate_falls_to_nearly_nothing_over_the_last_part():
    model = pix2pix.Pix2Pix(**SMALL, decay=0.4)
    model.plan(10)
    rates = [float(model.rate(step)) for step in range(10)]
    np.testing.assert_allclose(rates, 2e-4 * np.array([1] * 6 + [0.8, 0.6, 0.4, 0.2]), rtol=1e-5)
    assert model.config["total_steps"] == 10


@eagerly
def test_feature_matching_is_the_sum_over_layers_of_what_they_see():
    source, target = batch()
    model = pix2pix.Pix2Pix(**SMALL, dropout=0, feature_matching_weight=3.0)
    fake = model.translate(source)
    *real, _ = model.features([source, target], training=False)
    *made, logits = model.features([source, tf.constant(fake)], training=False)
    expected = sum(float(np.mean(np.abs(one - other))) for one, other in zip(real, made, strict=True))
    loss, results = model.generator_loss(source, target, tf.constant(fake))
    assert float(results["feature_matching"]) == pytest.approx(expected, rel=1e-5)
    assert float(loss) == pytest.approx(
        float(results["generator_adversarial"]) + 100 * float(results["l1"]) + 3 * expected, rel=1e-5
    )
    assert len(real) == 2 and logits.shape[1:] == model.discriminator.output_shape[1:]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"augmentation": "colour"}, "augmentation is 'colour'"),
        ({"average": 1.0}, "average is 1.0; expected 0 to"),
        ({"decay": 1.5}, "decay is 1.5; expected 0 to 1"),
        ({"adversarial": None, "feature_matching_weight": 1.0}, "expected a discriminator for it"),
        ({"adversarial": None, "discriminator_norm": "layer"}, "discriminator_norm is 'layer' and adversarial None"),
        ({"palette": [[0, 0, 0]], "in_channels": 1}, "palette is given; expected 3 channels"),
    ],
)
def test_a_repair_that_is_not_possible_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        pix2pix.Pix2Pix(**{**SMALL, **options})
