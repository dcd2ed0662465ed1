import inspect
import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import test_reference

from pix2pix_tf import cyclegan, datasets, errors, losses, training, translation

SMALL = {"image_size": 16, "blocks": 1, "filters": 4, "discriminator_layers": 1, "pool_size": 2, "precision": "float32"}
EXACT = {**SMALL, "precision": "float64"}
LEAN = {**SMALL, "blocks": 0, "identity_weight": 0.0}  # traced in half the time
NETWORKS = ("generator_a_to_b", "generator_b_to_a", "discriminator_a", "discriminator_b")

eagerly = pytest.mark.usefixtures("eager")  # saves tracing a step that runs two or three times


@pytest.fixture(scope="module")
def small():
    """A model whose tests leave its networks as they found them."""
    return cyclegan.CycleGAN(**SMALL)


def batch(step=0, size=1, dtype=np.float32):
    """Return images of A and of B for a step: B is darker."""
    random = np.random.default_rng(step)
    return [tf.constant(random.uniform(-1, high, (size, 16, 16, 3)), dtype) for high in (1, 0)]


def both_generators(model):
    return [model.generator_a_to_b, model.generator_b_to_a]


def both_discriminators(model):
    return [model.discriminator_a, model.discriminator_b]


def everything(model):
    return list(itertools.chain(*model.state().values()))


def copy(variables):
    return [variable.numpy().copy() for variable in variables]


def differ(variables, before):
    """Say for each variable whether a single bit of it has changed."""
    return [not np.array_equal(variable.numpy(), old) for variable, old in zip(variables, before, strict=True)]


def kernels(network):
    return [layer.kernel for layer in network.layers if hasattr(layer, "kernel")]


def make_constant(network):
    """Let a generator return the same value for all images; return the bias of its last layer, which decides it."""
    last = network.layers[-2]
    last.kernel.assign(tf.zeros_like(last.kernel))
    return last.bias


def test_the_paper_s_values_are_the_defaults():
    keywords = inspect.signature(cyclegan.CycleGAN).parameters
    paper = {
        "image_size": 256,
        "blocks": 9,
        "identity_weight": 5.0,
        "pool_size": 50,
        "cycle_weight": 10.0,
        "adversarial": "least_squares",
        "filters": 64,
        "generator": "resnet",
        "norm": "plain_instance",
        "initialization": "normal",
        "learning_rate": 2e-4,
    }
    assert {name: keywords[name].default for name in paper} == paper


def test_the_networks_differ_at_birth_and_a_seed_decides_them(small):
    again, other = cyclegan.CycleGAN(**SMALL), cyclegan.CycleGAN(**{**SMALL, "seed": 1})
    for name in NETWORKS:
        one, two, three = (kernels(getattr(model, name)) for model in (small, again, other))
        assert not any(differ(one, copy(two)))
        assert all(differ(one, copy(three)))
    assert all(differ(kernels(small.generator_a_to_b), copy(kernels(small.generator_b_to_a))))
    assert all(differ(kernels(small.discriminator_a), copy(kernels(small.discriminator_b))))


@eagerly
@pytest.mark.parametrize(("initialization", "deviation"), [("xavier", 0.02), ("he", 1)])
def test_all_networks_are_initialized_as_asked(initialization, deviation):
    model = cyclegan.CycleGAN(**{**SMALL, "filters": 16, "initialization": initialization})
    for name in NETWORKS:
        kernel = kernels(getattr(model, name))[1].numpy()
        inputs, outputs = (kernel.shape[0] * kernel.shape[1] * channels for channels in kernel.shape[2:])
        fans = (inputs + outputs) if initialization == "xavier" else inputs
        assert kernel.std() == pytest.approx(deviation * (2 / fans) ** 0.5, rel=0.05)


@eagerly
@pytest.mark.slow
@pytest.mark.parametrize("generator", cyclegan.GENERATORS)
def test_a_step_changes_every_network_and_is_decided_by_the_seed(generator):
    models = [cyclegan.CycleGAN(**{**SMALL, "generator": generator}) for _ in range(2)]
    before = [copy(kernels(getattr(models[0], name))) for name in NETWORKS]
    results = [[model.train_step(*batch(step)) for step in range(3)] for model in models]
    for name, old in zip(NETWORKS, before, strict=True):
        assert all(differ(kernels(getattr(models[0], name)), old))
    assert not any(differ(everything(models[0]), copy(everything(models[1]))))
    names = ["generator_adversarial", "cycle", "identity", "discriminator"]
    assert set(results[0][0]) == {f"{name}_{domain}" for name in names for domain in "ab"}
    assert results[0] == results[1]


@eagerly
def test_a_discriminator_update_leaves_the_generators_untouched():
    model = cyclegan.CycleGAN(**SMALL)
    generators = [*model.generator_a_to_b.variables, *model.generator_b_to_a.variables]
    before, learned = copy(generators), [copy(kernels(network)) for network in both_discriminators(model)]
    model.update_discriminators(*batch(0), *batch(1))
    assert not any(differ(generators, before))
    assert all(
        all(differ(kernels(network), old)) for network, old in zip(both_discriminators(model), learned, strict=True)
    )


@eagerly
def test_a_generator_update_leaves_the_discriminators_untouched(monkeypatch):
    model = cyclegan.CycleGAN(**SMALL)
    discriminators = [*model.discriminator_a.variables, *model.discriminator_b.variables]
    before, learned = copy(discriminators), [copy(kernels(network)) for network in both_generators(model)]
    monkeypatch.setattr(model, "update_discriminators", lambda *images: {})
    model.train_step(*batch())
    assert not any(differ(discriminators, before))
    assert all(all(differ(kernels(network), old)) for network, old in zip(both_generators(model), learned, strict=True))


@eagerly
def test_each_loss_compares_what_it_should():
    """The generators return one value each, so that the losses say which images they were compared with."""
    model = cyclegan.CycleGAN(**SMALL)
    for network, value in zip(both_generators(model), (0.5, -0.25), strict=True):
        make_constant(network).assign(np.full(3, np.arctanh(value), np.float32))
    images_a, images_b = batch()
    results = model.train_step(images_a, images_b)
    assert float(results["identity_b"]) == pytest.approx(np.abs(images_b - 0.5).mean(), rel=1e-5)
    assert float(results["identity_a"]) == pytest.approx(np.abs(images_a + 0.25).mean(), rel=1e-5)
    assert float(results["cycle_a"]) == pytest.approx(np.abs(images_a + 0.25).mean(), rel=1e-5)
    assert float(results["cycle_b"]) == pytest.approx(np.abs(images_b - 0.5).mean(), rel=1e-5)


def test_identity_loss_is_that_of_the_generator_to_the_domain(small):
    """On two networks that differ: fed the wrong domain, or the wrong network, the numbers are others."""
    images_a, images_b = batch(5)
    a_to_b, b_to_a = both_generators(small)
    expected = losses.l1(a_to_b(images_b), images_b), losses.l1(b_to_a(images_a), images_a)
    wrong = losses.l1(a_to_b(images_a), images_a), losses.l1(b_to_a(images_b), images_b)
    _, _, same_a, same_b = small.generate(images_a, images_b)
    measured = losses.l1(same_b, images_b), losses.l1(same_a, images_a)
    np.testing.assert_allclose(measured, expected, rtol=1e-5)
    assert np.abs(np.subtract(measured, wrong)).min() > 1e-3


@eagerly
def test_without_identity_its_passes_are_spared(monkeypatch):
    model = cyclegan.CycleGAN(**{**SMALL, "identity_weight": 0})
    seen = []
    for network in both_generators(model):
        call = network.call
        monkeypatch.setattr(
            network, "call", lambda images, *rest, call=call, **options: seen.append(len(images)) or call(images)
        )
    results = model.train_step(*batch())
    assert not [name for name in results if name.startswith("identity")]
    assert seen == [1, 1, 1, 1]


@eagerly
@pytest.mark.parametrize("adversarial", losses.ADVERSARIAL)
def test_discriminators_learn_from_the_pool_and_generators_from_what_is_new(monkeypatch, adversarial):
    model = cyclegan.CycleGAN(**{**SMALL, "adversarial": adversarial})
    images_a, images_b = batch()
    old_a, old_b = batch(7)
    monkeypatch.setattr(model, "pool_a", lambda images: old_a)
    monkeypatch.setattr(model, "pool_b", lambda images: old_b)
    fake_a, fake_b = model.generator_b_to_a(images_b), model.generator_a_to_b(images_a)
    a, b = model.discriminator_a, model.discriminator_b
    expected = {
        "generator_adversarial_a": losses.generator(a(fake_a), adversarial),
        "generator_adversarial_b": losses.generator(b(fake_b), adversarial),
        "discriminator_a": losses.discriminator(a(images_a), a(old_a), adversarial),
        "discriminator_b": losses.discriminator(b(images_b), b(old_b), adversarial),
    }
    results = model.train_step(images_a, images_b)
    for name, value in expected.items():
        assert float(results[name]) == pytest.approx(float(value), rel=1e-4)


def test_the_rate_decays_over_all_steps():
    model = cyclegan.CycleGAN(**{**SMALL, "total_steps": 10})
    rates = []
    for _ in range(10):
        rates.append(float(model.generator_optimizer.learning_rate))
        assert rates[-1] == float(model.discriminator_optimizer.learning_rate)
        model.generator_optimizer.iterations.assign_add(1)
        model.discriminator_optimizer.iterations.assign_add(1)
    assert rates == pytest.approx([2e-4 * (1 - max(0, step - 5) / 6) for step in range(1, 11)])


@eagerly
def test_its_settings_build_the_same_model():
    model = cyclegan.CycleGAN(**{**SMALL, "norm": "batch", "initialization": "he", "total_steps": 9, "seed": 3})
    again = cyclegan.CycleGAN(**json.loads(json.dumps(model.config)))
    assert again.config == model.config
    assert not any(differ(everything(model), copy(everything(again))))
    model.train_step(*batch(size=2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"adversarial": "wgan"}, "adversarial is 'wgan'; expected one of vanilla"),
        ({"generator": "vit"}, "generator is 'vit'; expected one of resnet, unet"),
        ({"generator": "unet", "input_skip": True}, "input_skip is True and generator 'unet'; expected 'resnet'"),
        ({"initialization": "zeros"}, "initialization is 'zeros'; expected one of normal"),
        ({"pool_size": -1}, "pool_size is -1; expected 0 or more"),
        ({"blocks": -1}, "blocks is -1; expected 0 or more"),
        ({"constant_steps": 5, "total_steps": 4}, "constant_steps is 5; expected 0 to total_steps, which is 4"),
        ({"constant_steps": -1}, "constant_steps is -1; expected 0 to total_steps"),
        ({"total_steps": -1}, "total_steps is -1; expected 0 or more"),
        ({"seed": None}, "seed is None; expected a whole number from 0 to 2147483647"),
        ({"constant_steps": 5, "total_steps": 4}, "constant_steps is 5; expected 0 to total_steps, which is 4"),
        ({"precision": "float16"}, "precision is 'float16'; expected one of auto"),
        ({"norm": "group"}, "norm is 'group'; expected one of instance"),
        ({"image_size": 96}, "image_size is 96; expected one of 16"),
    ],
)
def test_a_value_outside_those_named_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cyclegan.CycleGAN(**{**SMALL, **options})


def test_translations_go_both_ways_and_change_nothing(small):
    before, image = copy(everything(small)), batch()[0].numpy()
    # As graphs: there norm and ReLU are one operation, which rounds otherwise than the two one by one.
    np.testing.assert_array_equal(small.translate(image), tf.function(small.generator_a_to_b)(image))
    np.testing.assert_array_equal(small.translate(image, "b_to_a"), tf.function(small.generator_b_to_a)(image))
    assert small.translate(image[:, :5, :9], resize=True).shape == (1, 5, 9, 3)
    with pytest.raises(errors.InputError, match="direction is 'there'; expected one of a_to_b, b_to_a"):
        small.translate(image, "there")
    first, again = small.validate(*batch(9)), small.validate(*batch(9))
    assert {name: float(value) for name, value in first.items()} == {name: float(v) for name, v in again.items()}
    images_a, images_b = batch(9)
    there = losses.l1(small.generator_b_to_a(small.generator_a_to_b(images_a)), images_a)
    back = losses.l1(small.generator_a_to_b(small.generator_b_to_a(images_b)), images_b)
    assert float(first["validation_cycle_a"]) == pytest.approx(float(there), rel=1e-5)
    assert float(first["validation_cycle_b"]) == pytest.approx(float(back), rel=1e-5)
    assert not any(differ(everything(small), before))


def test_a_preview_goes_there_and_back(small):
    images_a, images_b = (images.numpy() for images in batch(size=2))
    columns = small.preview(images_a, images_b)
    assert list(columns) == ["A", "A to B", "A to B to A", "B", "B to A", "B to A to B"]
    np.testing.assert_array_equal(columns["A to B to A"], small.translate(columns["A to B"], "b_to_a"))
    np.testing.assert_array_equal(columns["B to A to B"], small.translate(columns["B to A"]))
    np.testing.assert_array_equal(columns["B"], images_b)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_both_directions_are_saved_and_loaded(tmp_path, precision):
    model = cyclegan.CycleGAN(**{**SMALL, "precision": precision})
    (tmp_path / "config.json").write_text(json.dumps({"model": model.config}))
    for variable in model.generator_a_to_b.variables:
        variable.assign(variable + 0.01)
    model.save(tmp_path)
    assert {path.name for path in tmp_path.glob("*.keras")} == {
        "generator_a_to_b.keras",
        "generator_b_to_a.keras",
    }
    loaded, image = cyclegan.CycleGAN.load(tmp_path), batch()[0].numpy()
    for direction in datasets.DIRECTIONS:
        np.testing.assert_array_equal(loaded.translate(image, direction), model.translate(image, direction))
        stored = translation.load(tmp_path / f"generator_{direction}.keras", precision)
        np.testing.assert_array_equal(translation.Translator(stored)(image), model.translate(image, direction))


@eagerly
def test_bfloat16_keeps_weights_losses_and_pools_in_float32():
    model = cyclegan.CycleGAN(**{**SMALL, "precision": "bfloat16"})
    results = model.train_step(*batch())
    assert {value.dtype for value in results.values()} == {tf.float32}
    assert model.pool_a.images.dtype == tf.float32
    assert {variable.dtype for variable in model.generator_a_to_b.variables} == {"float32"}
    assert model.generator_a_to_b.layers[2].compute_dtype == "bfloat16"
    assert isinstance(model.generator_a_to_b, keras.Model)


class PlainCycleGAN:
    """The step in PyTorch, written from the authors' description: every pass on its own, one optimizer for each kind.

    The pools are lists; what they exchange is drawn as `pools.ImagePool` documents it.
    """

    def __init__(self, model, torch, reference, rate):
        self.torch, self.reference, self.config = torch, reference, model.config
        self.generators = [reference.ResNet(filters=4, blocks=1).double() for _ in range(2)]
        self.discriminators = [
            reference.PatchGAN(filters=4, norm="plain_instance", layers=1, channels=3).double() for _ in range(2)
        ]
        for network, ours in self.pairs(model):
            self.take_weights(network, ours)
        self.adams = [
            torch.optim.Adam([*first.parameters(), *second.parameters()], rate, (0.5, 0.999))
            for first, second in (self.generators, self.discriminators)
        ]
        self.pools, self.seen = ([], []), 0

    def pairs(self, model):
        """Return our networks beside those of the model."""
        theirs = [*both_generators(model), *both_discriminators(model)]
        return list(zip([*self.generators, *self.discriminators], theirs, strict=True))

    def take_weights(self, network, ours):
        """Copy the weights of a Keras network."""
        copied = test_reference.weights(ours)
        self.reference.set_weights(network, lambda name, shape, number: copied[number][name].numpy())

    def apply(self, adam, loss, step):
        """Take a step of Adam; PyTorch adds epsilon after the correction of the squares' bias, Keras before."""
        adam.param_groups[0]["eps"] = 1e-8 / (1 - 0.999 ** (step + 1)) ** 0.5
        adam.zero_grad()
        loss.backward()
        adam.step()

    def pooled(self, pool, images, seed):
        """Exchange images with a pool, one after the other."""
        draws = tf.random.stateless_uniform([len(images), 2], [seed, self.seen]).numpy()
        shown = []
        for image, (swap, which) in zip(images.detach(), draws, strict=True):
            if len(pool) < self.config["pool_size"]:
                pool.append(image)
            elif swap > 0.5:
                slot = int(which * self.config["pool_size"])
                pool[slot], image = image, pool[slot]
            shown.append(image)
        return self.torch.stack(shown)

    def train_step(self, step, *batches):
        """Do one step; return the losses by name."""
        l1 = self.torch.nn.L1Loss()
        (to_b, to_a), (judge_a, judge_b) = self.generators, self.discriminators
        real_a, real_b = (self.reference.to_torch(images.numpy()) for images in batches)
        fake_b, fake_a = to_b(real_a), to_a(real_b)
        results = {
            "generator_adversarial_a": ((judge_a(fake_a) - 1) ** 2).mean(),
            "generator_adversarial_b": ((judge_b(fake_b) - 1) ** 2).mean(),
            "cycle_a": l1(to_a(fake_b), real_a),
            "cycle_b": l1(to_b(fake_a), real_b),
            "identity_a": l1(to_a(real_a), real_a),
            "identity_b": l1(to_b(real_b), real_b),
        }
        weights = [1, 1, 10, 10, 5, 5]
        loss = sum(weight * result for weight, result in zip(weights, results.values(), strict=True))
        self.apply(self.adams[0], loss, step)
        shown = [self.pooled(self.pools[0], fake_a, 0), self.pooled(self.pools[1], fake_b, 1)]
        self.seen += len(real_a)
        for name, judge, real, fake in zip("ab", self.discriminators, (real_a, real_b), shown, strict=True):
            loss = ((judge(real) - 1) ** 2).mean() + (judge(fake) ** 2).mean()
            results[f"discriminator_{name}"] = loss / 2
        self.apply(self.adams[1], results["discriminator_a"] + results["discriminator_b"], step)
        return {name: value.item() for name, value in results.items()}


def test_steps_equal_those_of_pytorch(monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): nothing to compare with")
    import torch_reference

    monkeypatch.setattr(torch_reference, "LEAK", float(np.float32(0.2)))  # as TensorFlow keeps it, in float64 too
    model = cyclegan.CycleGAN(**EXACT)
    plain = PlainCycleGAN(model, torch, torch_reference, float(np.float32(2e-4)))
    for step in range(4):
        images = batch(step, 2, np.float64)
        results = {name: float(value) for name, value in model.train_step(*images).items()}
        assert results == pytest.approx(plain.train_step(step, *images), rel=1e-9)
    for network, ours in plain.pairs(model):
        theirs = [parameter.detach().clone() for parameter in network.parameters()]
        plain.take_weights(network, ours)
        for parameter, trained in zip(network.parameters(), theirs, strict=True):
            assert (parameter - trained).abs().max() < 1e-9
    stored = np.stack([np.moveaxis(image.numpy(), 0, 2) for image in plain.pools[0]])
    np.testing.assert_allclose(model.pool_a.images.numpy(), stored, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_xla_computes_the_same_step():
    """With both pools, which swap the same images."""
    ends = []
    for jit in (False, True):
        model = cyclegan.CycleGAN(**SMALL)
        model.compile_step(jit_compile=jit)
        results = [model.train_step(*batch(step, 2)) for step in range(3)]
        ends.append([{name: float(value) for name, value in one.items()} for one in results])
        ends.append([pool.images.numpy() for pool in (model.pool_a, model.pool_b)])
    for one, other in zip(ends[0], ends[2], strict=True):
        assert other == pytest.approx(one, rel=1e-3)
    for one, other in zip(ends[1], ends[3], strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-3)


def rates(model, steps):
    return [float(model.rate(step)) for step in range(steps)]


def test_training_decays_the_rate_over_its_own_steps(tmp_path):
    """Every default is the paper's: constant for half of the steps, then falling; as if the number had been given."""
    pairs = datasets.load("day2night", image_size=16, count=3, unpaired=True)
    model = cyclegan.CycleGAN(**LEAN)
    assert rates(model, 10) == [pytest.approx(2e-4)] * 10, "how long it will train is not known yet"
    training.fit(model, pairs, 6, tmp_path / "run")
    told = cyclegan.CycleGAN(**LEAN, total_steps=6)
    assert rates(model, 8) == rates(told, 8) and rates(model, 8)[5] < 1e-4
    training.fit(told, pairs, 6, tmp_path / "told")
    assert model.config == told.config
    for one, other in zip(model.state().values(), told.state().values(), strict=True):
        for variable, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(variable.numpy(), same.numpy())


def test_a_rate_may_stay_as_it_is(tmp_path):
    pairs = datasets.load("day2night", image_size=16, count=3, unpaired=True)
    model = cyclegan.CycleGAN(**LEAN, total_steps=0)
    training.fit(model, pairs, 2, tmp_path / "run")
    assert rates(model, 10) == [pytest.approx(2e-4)] * 10 and model.config["total_steps"] == 0


def test_steps_that_were_given_are_kept(tmp_path):
    model = cyclegan.CycleGAN(**SMALL, total_steps=100)
    model.plan(6)
    assert model.config["total_steps"] == 100 and model.rate.constant == 50
