"""Critics: the penalty and its second derivatives, clipping, several updates of the discriminator in a step."""

import functools
import itertools
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy

from pix2pix_tf import augmentation, critic, cyclegan, discriminators, gan, method, pix2pix, training, translation
from pix2pix_tf.training import loop

SIDE = 16
PATCHGAN = {"image_size": SIDE, "filters": 4, "layers": 2, "seed": 3}
PAIRED = {"image_size": 16, "filters": 4, "discriminator_layers": 1, "precision": "float32"}
UNPAIRED = {**PAIRED, "blocks": 1, "pool_size": 3}
EXACT = {"precision": "float64"}
eagerly = pytest.mark.usefixtures("eager")  # saves tracing a step that runs once or twice
LEAK = float(np.float32(0.2))  # TensorFlow holds it so even for float64
CRITICS = {  # what is built, and how many classes it is given
    **{f"patchgan-{norm}": ("patchgan", {"norm": norm}) for norm in critic.NORMS},
    "patchgan-spectral": ("patchgan", {"norm": "none", "spectral": True}),
    "patchgan-instance-spectral": ("patchgan", {"norm": "instance", "spectral": True}),
    "patchgan-unconditional": ("patchgan", {"norm": "instance", "source_channels": None}),
    "pixelgan-instance": ("patchgan", {"norm": "instance", "layers": 0}),
    **{f"dcgan-{norm}": ("dcgan", {"norm": norm}) for norm in critic.NORMS},
    "dcgan-classes": ("dcgan", {"norm": "instance", "classes": 3}),
    "dcgan-spectral": ("dcgan", {"norm": "none", "spectral": True}),
    "dense": ("dense", {}),
    "dense-classes": ("dense", {"classes": 3}),
}


def build(name, dtype="float64"):
    """Return a critic with weights that all count."""
    kind, options = CRITICS[name]
    if kind == "patchgan":
        network = discriminators.patchgan(dtype=dtype, **{**PATCHGAN, **options})
    elif kind == "dcgan":
        network = discriminators.dcgan(SIDE, 3, 4, dtype=dtype, seed=3, **options)
    else:
        network = discriminators.dense(width=6, layers=2, dtype=dtype, seed=3, **options)
    random = np.random.default_rng(5)
    for variable in network.trainable_variables:
        scale = 0.4 if len(variable.shape) == 2 else 0.15
        variable.assign(variable + random.normal(0, scale, variable.shape))
    return network


def examples(network, count=3, dtype="float64"):
    """Return real and fake samples, and what the critic is given beside them."""
    random = np.random.default_rng(6)
    *beside, shape = [one.shape[1:] for one in network.inputs]
    if network.name != "patchgan" and beside:  # samples come first there, and classes are one-hot
        (shape,), beside = beside, [np.eye(3)[random.integers(3, size=count)]]
    else:
        beside = [random.uniform(-1, 1, (count, *one)) for one in beside]
    real, fake = (random.uniform(-1, 1, (count, *shape)) for _ in range(2))
    return [tf.constant(values, dtype) for values in (real, fake, *beside)]


def joined(network, shown, beside):
    """Return what a critic is called with."""
    return [*beside, shown] if network.name == "patchgan" and beside else [shown, *beside] if beside else shown


def penalty_and_gradient(network, count=3, dtype="float64"):
    real, fake, *beside = examples(network, count, dtype)
    judge = critic.in_float32(network)
    variables = method.values(network.trainable_variables)
    with tf.GradientTape() as tape:
        value = critic.gradient_penalty(lambda shown: judge(joined(network, shown, beside)), real, fake, 7, 11)
    return value, tape.gradient(value, variables)


def shares(count):
    """Return the places between real and fake, written again from what the module promises."""
    return tf.random.stateless_uniform([count], [7 ^ critic.STREAM, 11], alg="philox").numpy().astype(np.float64)


class TorchCritic:
    """The same critic in PyTorch: its parameters in the order of Keras', spectral norm written out."""

    def __init__(self, name, network):
        import torch
        import torch_gan
        import torch_reference

        kind, options = CRITICS[name]
        self.torch, self.spectral = torch, options.get("spectral", False)
        biased = self.spectral and options["norm"] == "none"  # nothing else gives an offset
        if kind == "patchgan":
            channels = 3 if options.get("source_channels", 3) is None else 6
            self.module = torch_reference.PatchGAN(4, options["norm"], options.get("layers", 2), channels)
        elif kind == "dcgan":
            classes = options.get("classes", 0)
            self.module = torch_gan.DCGANDiscriminator(SIDE, 3, 4, classes, options["norm"], biased or None)
        else:
            self.module = torch_gan.Dense(2, 1, 6, 2, options.get("classes", 0))
        for part in self.module.modules():
            if isinstance(part, torch.nn.LeakyReLU):
                part.negative_slope = LEAK
            if kind == "patchgan" and biased and isinstance(part, torch.nn.Conv2d) and part.bias is None:
                part.bias = torch.nn.Parameter(torch.zeros(part.out_channels))
        self.module = self.module.double()
        names = {id(parameter): name for name, parameter in self.module.named_parameters()}
        own = [part for part in self.module.modules() if list(part.parameters(recurse=False))]
        own.sort(key=lambda part: part.weight.dim() == 1)  # kernels first, as below
        theirs = sorted(
            (layer for layer in network.layers if layer.trainable_variables), key=lambda one: not has_kernel(one)
        )
        pairs = [
            zip(part.parameters(recurse=False), layer.trainable_variables, strict=True)
            for part, layer in zip(own, theirs, strict=True)
        ]
        self.parameters, self.vectors = {}, {}
        for parameter, variable in itertools.chain(*pairs):
            value = torch.tensor(to_torch(variable.numpy()))
            assert parameter.shape == value.shape
            self.parameters[variable.path] = (names[id(parameter)], value.requires_grad_())
        for layer in network.layers:
            if self.spectral and has_kernel(layer):
                self.vectors[self.parameters[layer.kernel.path][0]] = torch.tensor(layer.vector.numpy())

    def divided(self, name, kernel):
        """Return a kernel divided by its gain after one iteration."""
        if name not in self.vectors:
            return kernel
        matrix = kernel.permute(2, 3, 1, 0).reshape(-1, kernel.shape[0])
        constant, vector = matrix.detach(), self.vectors[name]
        left = constant @ vector / (constant @ vector).norm()
        right = left @ constant / (left @ constant).norm()
        return kernel / (left @ matrix @ right)

    def __call__(self, *inputs):
        weights = {name: self.divided(name, value) for name, value in self.parameters.values()}
        return self.torch.func.functional_call(self.module, weights, inputs)

    def penalty(self, network, count):
        """Return the penalty, and its gradients in Keras' order and shapes."""
        torch = self.torch
        real, fake, *beside = [torch.tensor(to_images(values.numpy())) for values in examples(network, count)]
        between = real + torch.tensor(shares(count)).reshape(-1, *[1] * (real.dim() - 1)) * (fake - real)
        between.requires_grad_()
        logits = self(*beside, between) if network.name == "patchgan" else self(between, *beside)
        values = logits.flatten(1).mean(1).sum()
        (slopes,) = torch.autograd.grad(values, between, create_graph=True)
        value = ((slopes.square().flatten(1).sum(1) + 1e-8).sqrt() - 1).square().mean()
        leaves = [leaf for _, leaf in self.parameters.values()]
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        return value.item(), {
            path: None if gradient is None else to_keras(gradient.numpy())
            for path, gradient in zip(self.parameters, found, strict=True)
        }


def has_kernel(layer):
    return hasattr(layer, "kernel")


def to_torch(values):
    return {4: lambda: values.transpose(3, 2, 0, 1), 2: lambda: values.T}.get(values.ndim, lambda: values)()


def to_keras(values):
    return {4: lambda: values.transpose(2, 3, 1, 0), 2: lambda: values.T}.get(values.ndim, lambda: values)()


def to_images(values):
    return np.moveaxis(values, 3, 1) if values.ndim == 4 else values


@pytest.mark.parametrize("name", CRITICS)
def test_the_gradient_of_the_penalty_equals_that_of_pytorch(name):
    pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with differences only")
    network = build(name)
    value, gradients = penalty_and_gradient(network)
    expected, theirs = TorchCritic(name, network).penalty(network, 3)
    assert float(value) == pytest.approx(expected, abs=1e-7)
    largest = 0
    for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
        other = theirs[variable.path]
        assert (gradient is None) or gradient.dtype == tf.float64
        ours = np.zeros(variable.shape) if gradient is None else gradient.numpy()
        np.testing.assert_allclose(ours, 0 if other is None else other, rtol=0, atol=1e-7, err_msg=variable.path)
        largest = max(largest, np.abs(ours).max())
    assert largest > 0.01, "a gradient near zero would prove nothing"


@pytest.mark.parametrize("name", [name for name in CRITICS if "spectral" not in name])
def test_the_gradient_of_the_penalty_is_the_slope_of_its_value(name):
    """Without PyTorch: the value needs first derivatives only, which are right in every norm."""
    network = build(name)
    _, gradients = penalty_and_gradient(network)
    random = np.random.default_rng(8)
    way = [random.normal(size=variable.shape) for variable in network.trainable_variables]
    slope = sum(np.sum(gradient * one) for gradient, one in zip(gradients, way, strict=True) if gradient is not None)
    ends, size = [], 1e-6
    for sign in (1, -1):
        for variable, one in zip(network.trainable_variables, way, strict=True):
            variable.assign(variable + sign * size * one)
        ends.append(float(penalty_and_gradient(network)[0]))
        for variable, one in zip(network.trainable_variables, way, strict=True):
            variable.assign(variable - sign * size * one)
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * size), rel=1e-6)


@pytest.mark.parametrize("norm", critic.NORMS)
@pytest.mark.parametrize("count", [2, 17])
def test_the_gradient_is_right_in_float32_too(norm, count):
    """Two images are normalized by another kernel than seventeen, on a processor."""
    precise, coarse = (build(f"patchgan-{norm}", dtype) for dtype in ("float64", "float32"))
    coarse.set_weights(precise.get_weights())
    found, expected = penalty_and_gradient(coarse, count, "float32")[1], penalty_and_gradient(precise, count)[1]
    for one, other in zip(found, expected, strict=True):
        if other is not None:  # some are 0: of biases before a norm
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-4 * max(0.1, np.abs(other).max()))


@pytest.mark.parametrize("norm", ["none", "instance", "pixel"])
def test_under_bfloat16_the_penalty_is_computed_in_float32(norm):
    plain, mixed = (build(f"patchgan-{norm}", dtype) for dtype in ("float32", "mixed_bfloat16"))
    mixed.set_weights(plain.get_weights())
    assert {layer.compute_dtype for layer in mixed.layers if layer.weights} == {"bfloat16"}
    expected, found = (penalty_and_gradient(network, 2, "float32") for network in (plain, mixed))
    assert float(found[0]) == pytest.approx(float(expected[0]), rel=1e-6)
    for one, other in zip(found[1], expected[1], strict=True):
        if other is not None:
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-6 * max(0.1, np.abs(other).max()))


def test_the_penalty_changes_no_variable():
    network = build("patchgan-spectral")
    before = [variable.numpy().copy() for variable in network.variables]
    penalty_and_gradient(network)
    for variable, old in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), old)


@pytest.mark.parametrize(("length", "expected"), [(0, 0.9998), (0.5, 0.25), (1, 0), (2, 1), (3.7, 7.29)])
def test_the_penalty_of_a_linear_critic(length, expected):
    """The length is over height, width and channels, and of the mean over the patches, of which there are 12 here."""
    real, fake = (np.random.default_rng(seed).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32) for seed in range(2))
    slope = np.random.default_rng(2).normal(size=(8, 8, 3)).astype(np.float32)
    slope *= length / np.linalg.norm(slope)
    patches = tf.reshape(tf.range(12.0), (3, 4, 1)) / 5.5  # of mean 1

    def judge(images):
        return tf.reduce_sum(images * slope, (1, 2, 3))[:, None, None, None] * patches

    found = critic.gradient_penalty(judge, tf.constant(real), tf.constant(fake), 0, 0)
    assert float(found) == pytest.approx(expected, abs=1e-5)


def test_every_sample_has_its_own_place_between_real_and_fake_and_its_own_slope():
    seen = []

    def judge(images):
        seen.append(images.numpy())
        return tf.reduce_sum(tf.square(images), axis=(1, 2, 3), keepdims=True) / 2

    real, fake = tf.zeros((6, 4, 4, 1)), tf.ones((6, 4, 4, 1))
    found = [float(critic.gradient_penalty(judge, real, fake, 7, number)) for number in (11, 11, 12)]
    np.testing.assert_allclose(seen[0], np.broadcast_to(shares(6)[:, None, None, None], (6, 4, 4, 1)), rtol=1e-6)
    assert found[0] == pytest.approx(np.mean((4 * shares(6) - 1) ** 2), rel=1e-5)
    assert found[0] == found[1] != found[2]
    assert np.ptp(shares(6)) > 0.3


def test_a_step_s_examples_lie_between_each_other():
    source = {"image": tf.range(6), "void": tf.range(6) + 10}
    first, second = critic.divide((source, tf.range(6), None), 2)
    assert first[0]["image"].numpy().tolist() == [0, 2, 4] and second[0]["void"].numpy().tolist() == [11, 13, 15]
    assert second[1].numpy().tolist() == [1, 3, 5] and first[2] is None
    assert critic.divide((source, None), 1) == [(source, None)]


def test_clipping_takes_all_that_is_learned_and_nothing_else():
    network = discriminators.patchgan(**PATCHGAN, norm="batch", spectral=True)
    for variable in network.variables:
        variable.assign(tf.ones_like(variable) * 0.7)
    critic.clip(network, 0.01)
    assert {float(np.abs(one).max()) for one in network.trainable_variables} == {np.float32(0.01)}
    assert {float(one.numpy().min()) for one in network.non_trainable_variables} == {np.float32(0.7)}
    assert any(variable.name == "gamma" for variable in network.trainable_variables)


def images(number, count, dtype=np.float64):
    random = np.random.default_rng(number)
    return [tf.constant(random.uniform(-1, 1, (count, 16, 16, 3)), dtype) for _ in range(2)]


def build_method(kind, **options):
    if kind == "pix2pix":
        return pix2pix.Pix2Pix(**{**PAIRED, **options})
    return cyclegan.CycleGAN(**{**UNPAIRED, **options})


@eagerly
@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
@pytest.mark.parametrize("adversarial", ["vanilla", "wasserstein", "wasserstein_gp"])
def test_critic_steps_are_updates_by_batches_of_their_own(kind, adversarial, monkeypatch):
    """The same by hand: updates of the discriminator alone, then a step; with noise and augmentation of each."""
    options = {**EXACT, "adversarial": adversarial, "augmentation": "all", "seed": 4}
    whole, parts = (build_method(kind, **options, critic_steps=steps) for steps in (3, 1))
    for step in range(2):
        source, target = images(step, 6)
        found = whole.compiled_step(source, target)
        for number in range(2):
            own = source[number::3], target[number::3]
            if kind == "pix2pix":
                parts.update_discriminator(*own, parts.generate(own[0]), None, parts.draw(own[0]))
            else:
                fakes = parts.generator_b_to_a(own[1]), parts.generator_a_to_b(own[0])
                parts.update_discriminators(*own, *fakes, parts.draw(*own))
        expected = parts.compiled_step(source[2::3], target[2::3])
        assert {name: float(value) for name, value in found.items()} == pytest.approx(
            {name: float(value) for name, value in expected.items()}, rel=1e-9
        )
    for one, other in zip(toy.values(whole), toy.values(parts), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)
    assert int(whole.discriminator_optimizer.iterations) == 6 and int(whole.generator_optimizer.iterations) == 2


@eagerly
@pytest.mark.parametrize(("kind", "domains"), [("pix2pix", 1), ("cyclegan", 2)])
def test_every_update_has_noise_of_its_own(kind, domains, monkeypatch):
    """Augmentation, places between real and fake, and dropout, of a step with two updates."""
    drawn, placed, dropped = [], [], []
    draw, penalty, run = augmentation.draw, critic.gradient_penalty, translation.run
    monkeypatch.setattr(augmentation, "draw", lambda *given: drawn.append(int(given[2])) or draw(*given))
    monkeypatch.setattr(critic, "gradient_penalty", lambda *given: placed.append(int(given[4])) or penalty(*given))
    monkeypatch.setattr(translation, "run", lambda *given: dropped.append(int(given[2][1])) or run(*given))
    model = build_method(kind, adversarial="wasserstein_gp", augmentation="geometry", critic_steps=2)
    model.train_step(*images(0, 2, np.float32))
    assert drawn == placed == list(range(2 * domains))
    assert dropped == (list(range(2)) if kind == "pix2pix" else [])


@eagerly
@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
def test_a_step_clips_after_the_update(kind):
    model = build_method(kind, adversarial="wasserstein", learning_rate=0.05)
    found = model.train_step(*images(0, 1, np.float32))
    networks = [model.discriminator] if kind == "pix2pix" else [model.discriminator_a, model.discriminator_b]
    sizes = [np.abs(one.numpy()).max() for network in networks for one in network.trainable_variables]
    assert max(sizes) == pytest.approx(critic.CLIP)
    assert sum(sizes) > 0.8 * len(sizes) * critic.CLIP, "but for the last bias, of which the distance does not depend"
    assert not any("penalty" in name for name in found)
    generator = model.generator if kind == "pix2pix" else model.generator_a_to_b
    assert max(np.abs(one.numpy()).max() for one in generator.trainable_variables) > critic.CLIP


@eagerly
@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
def test_the_penalty_counts_with_its_weight(kind):
    names = ["gradient_penalty"] if kind == "pix2pix" else ["gradient_penalty_a", "gradient_penalty_b"]
    models = [
        build_method(kind, **EXACT, adversarial="wasserstein_gp", **weight)
        for weight in ({}, {"penalty_weight": 10}, {"penalty_weight": 0})
    ]
    results = [model.train_step(*images(0, 2)) for model in models]
    for name in names:
        assert 0 < float(results[0][name]) < 1.1
    default, usual, without = (toy.values(model) for model in models)
    assert all(np.array_equal(*both) for both in zip(default, usual, strict=True))
    assert not all(np.array_equal(*both) for both in zip(default, without, strict=True))


@eagerly
def test_the_slope_is_of_what_the_critic_sees():
    """What is void counts neither in the places nor in the slopes."""
    source, target = images(0, 2)
    void = np.zeros((2, 16, 16, 1))
    void[:, :9] = 1
    found = []
    for shown in (target, tf.where(void > 0, 0.3, target)):
        model = build_method("pix2pix", **EXACT, adversarial="wasserstein_gp")
        found.append(float(model.compiled_step({"image": source, "void": void}, shown)["gradient_penalty"]))
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    model = build_method("pix2pix", **EXACT, adversarial="wasserstein_gp")
    assert abs(float(model.compiled_step(source, target)["gradient_penalty"]) - found[0]) > 1e-6


@eagerly
def test_pix2pix_with_a_penalty_equals_pytorch(monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with parts only")
    import torch_reference
    from test_reference import weights

    monkeypatch.setattr(torch_reference, "LEAK", LEAK)
    model = pix2pix.Pix2Pix(
        **{**PAIRED, **EXACT}, dropout=0, adversarial="wasserstein_gp", critic_steps=2, penalty_weight=3.0, seed=7
    )
    generator = torch_reference.UNet(16, filters=4).double()
    discriminator = torch_reference.PatchGAN(filters=4, layers=1).double()
    for reference, network in ((generator, model.generator), (discriminator, model.discriminator)):
        copied = weights(network)
        torch_reference.set_weights(reference, lambda name, shape, number, own=copied: own[number][name].numpy())
    learners = [
        torch.optim.Adam(one.parameters(), float(np.float32(2e-4)), (0.5, 0.999), 1e-30)
        for one in (generator, discriminator)
    ]
    for optimizer in (model.generator_optimizer, model.discriminator_optimizer):
        optimizer.epsilon = 1e-30  # PyTorch adds it at another place
    for step in range(2):
        both = images(step, 4)
        results = model.compiled_step(*both)
        for number in range(2):
            source, target = (torch_reference.to_torch(one.numpy()[number::2]) for one in both)
            fake = generator(source)
            places = tf.random.stateless_uniform([2], [7 ^ critic.STREAM, 2 * step + number], alg="philox").numpy()
            between = target + torch.tensor(places, dtype=torch.float64)[:, None, None, None] * (fake.detach() - target)
            between.requires_grad_()
            (slopes,) = torch.autograd.grad(
                discriminator(source, between).mean((1, 2, 3)).sum(), between, create_graph=True
            )
            penalty = ((slopes.square().sum((1, 2, 3)) + 1e-8).sqrt() - 1).square().mean()
            distance = discriminator(source, target).mean() - discriminator(source, fake.detach()).mean()
            learners[1].zero_grad()
            (3 * penalty - distance).backward()
            learners[1].step()
        adversarial, reconstruction = -discriminator(source, fake).mean(), (fake - target).abs().mean()
        learners[0].zero_grad()
        (adversarial + 100 * reconstruction).backward()
        learners[0].step()
        expected = {"discriminator": -distance, "gradient_penalty": penalty, "generator_adversarial": adversarial}
        expected |= {"l1": reconstruction}
        assert {name: float(value) for name, value in results.items()} == pytest.approx(
            {name: value.item() for name, value in expected.items()}, abs=1e-7
        )


@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
def test_the_discriminator_s_rate_falls_with_the_steps(kind):
    """It is updated several times a step, and its schedule counts updates."""
    model = build_method(kind, critic_steps=3, **({"decay": 0.5} if kind == "pix2pix" else {}))
    model.plan(10)
    rates = [float(model.rate(step)) for step in range(10)]
    assert len(set(rates)) == 6 and rates == sorted(rates, reverse=True)
    for update in range(30):
        assert float(model.rates[1](update)) == rates[update // 3]
    assert model.discriminator_optimizer._learning_rate is model.rates[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("pix2pix", {"adversarial": "wasserstein_gp", "augmentation": "all", "spectral": True, "decay": 0.5}),
        ("cyclegan", {"adversarial": "wasserstein", "clip": 0.02}),
        ("cyclegan", {"adversarial": "wasserstein_gp"}),
    ],
)
def test_a_resumed_run_ends_with_the_same_bits(kind, options, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "time", types.SimpleNamespace(perf_counter=functools.partial(next, itertools.count())))
    alone, begun, resumed = (build_method(kind, **options, critic_steps=2, total_steps=5) for _ in range(3))
    pairs = toy.pairs(unpaired=kind == "cyclegan")
    same = {"batch_size": 2, "seed": 3, "checkpoint_every": 3, "preview_every": 4}
    training.fit(alone, pairs, 5, tmp_path / "alone", **same)
    training.fit(begun, pairs, 3, tmp_path / "resumed", **same)
    training.fit(resumed, pairs, 5, tmp_path / "resumed", **same, resume=True)
    toy.assert_same(alone, resumed)
    assert toy.history(tmp_path / "alone") == toy.history(tmp_path / "resumed")
    lines = (tmp_path / "alone" / "history.csv").read_text().splitlines()
    assert ("penalty" in lines[0]) is (options["adversarial"] == "wasserstein_gp")
    assert lines[1].split(",")[0] == "4" and float(lines[1].split(",")[-1]) == 4 * 2 * 2, "all images of four steps"


def test_a_step_learns_from_the_images_that_steps_of_one_update_would_see():
    """Nothing is shown twice: two steps of three batches are six batches."""
    pairs = toy.pairs()
    wide = [source.numpy() for source, _ in pairs.batches(6, 3, 0, 2)]
    narrow = [source.numpy() for source, _ in pairs.batches(2, 3, 0, 6)]
    np.testing.assert_array_equal(np.concatenate(wide), np.concatenate(narrow))


@eagerly
def test_bfloat16_trains_with_a_penalty():
    """The first step's losses are those of float32, up to the precision of the logits."""
    for kind in ("pix2pix", "cyclegan"):
        options = {"adversarial": "wasserstein_gp", "norm": "instance"} | ({"dropout": 0} if kind == "pix2pix" else {})
        models = [build_method(kind, **options, precision=precision) for precision in ("float32", "bfloat16")]
        first, second = (model.train_step(*images(0, 2, np.float32)) for model in models)
        names = [name for name in first if "penalty" in name]
        assert names
        for name in names:
            assert second[name].dtype == tf.float32
            assert float(second[name]) == pytest.approx(float(first[name]), abs=2e-3)


def test_a_gan_s_penalty_under_bfloat16_is_in_float32_too():
    options = {"image_size": 16, "channels": 3, "filters": 4, "latent": 5, "adversarial": "wasserstein_gp"}
    model = gan.DCGAN(**options, precision="bfloat16")
    twin = gan.DCGAN(**options, precision="float32")
    real, fake = images(0, 3, np.float32)
    found, expected = (float(one.gradient_penalty(real, fake, None)) for one in (model, twin))
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan", "gan", "dcgan"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"critic_steps": 0}, "critic_steps is 0; expected a whole number from 1 on"),
        ({"critic_steps": 1.5}, "critic_steps is 1.5; expected a whole number"),
        ({"adversarial": "wasserstein", "clip": 0}, "clip is 0; expected more than 0"),
        ({"adversarial": "wasserstein", "clip": float("nan")}, "clip is nan; expected more than 0"),
        ({"adversarial": "wasserstein_gp", "penalty_weight": -1}, "penalty_weight is -1; expected 0 or more"),
        ({"adversarial": "hinge", "clip": 0.1}, "clip is 0.1 and adversarial 'hinge'; expected 'wasserstein', which"),
        ({"adversarial": "wasserstein_gp", "clip": 0.1}, "clip is 0.1 and adversarial 'wasserstein_gp'; expected"),
        (
            {"adversarial": "least_squares", "penalty_weight": 10},
            "penalty_weight is 10 and adversarial 'least_squares'; expected 'wasserstein_gp'",
        ),
        (
            {"adversarial": "wasserstein", "clip": 0.1, "penalty_weight": 1.0},
            "clip is 0.1 and penalty_weight 1.0; expected one of them",
        ),
        ({"adversarial": "wgan"}, "adversarial is 'wgan'; expected one of vanilla, minimax"),
    ],
)
def test_what_is_not_possible_is_refused(kind, options, words):
    build = {"gan": gan.GAN, "dcgan": gan.DCGAN, "pix2pix": pix2pix.Pix2Pix, "cyclegan": cyclegan.CycleGAN}[kind]
    with pytest.raises(ValueError, match=words):
        build(**options)


@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
def test_a_norm_that_mixes_samples_has_no_penalty(kind):
    for options, name in (({"norm": "batch"}, "norm"), ({"discriminator_norm": "batch"}, "discriminator_norm")):
        with pytest.raises(ValueError, match=f"^{name} is 'batch'; expected .* own, and 'batch' mixes the samples"):
            build_method(kind, adversarial="wasserstein_gp", **options)
    build_method(kind, adversarial="wasserstein_gp", norm="batch", discriminator_norm="instance")
    build_method(kind, adversarial="wasserstein", norm="batch")


def test_without_a_discriminator_there_are_no_critic_steps():
    for options, words in (
        ({"critic_steps": 2}, "critic_steps is 2 and adversarial None; expected a discriminator"),
        ({"penalty_weight": 1.0}, "penalty_weight is 1.0 and adversarial None; expected 'wasserstein_gp'"),
    ):
        with pytest.raises(ValueError, match=words):
            build_method("pix2pix", adversarial=None, **options)


def test_a_step_refuses_a_batch_that_it_cannot_divide():
    model = build_method("pix2pix", critic_steps=2)
    with pytest.raises(ValueError, match="3 examples; expected a multiple of the 2 critic steps"):
        model.train_step(*images(0, 3, np.float32))


def test_norms_offered_are_norms():
    from pix2pix_tf import blocks

    assert set(critic.NORMS) == set(blocks.NORMS) - {"batch"}
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in build("dcgan-instance").layers)
