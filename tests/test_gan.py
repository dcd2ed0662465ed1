"""GANs from noise: the papers' networks and one step of each against PyTorch, and what the loop asks of a method."""

import numpy as np
import pytest
import tensorflow as tf
import toy

from pix2pix_tf import (
    critic,
    datasets,
    discriminators,
    errors,
    from_noise,
    gan,
    generators,
    losses,
    runs,
    training,
    translation,
)

RANDOM = np.random.default_rng(0)
BATCH = 6
POINTS = {"width": 8, "layers": 1, "precision": "float64"}
IMAGES = {"image_size": 16, "channels": 1, "filters": 4, "latent": 5, "precision": "float64"}
DIGITS = [str(number) for number in range(10)]


def trainable(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


@pytest.mark.parametrize(
    ("image_size", "channels", "filters", "expected"),
    [
        (64, 3, 64, (3_576_704, 2_765_568)),
        (32, 3, 64, (1_068_928, 663_296)),
        (32, 3, 32, (370_624, 167_808)),
        (32, 3, 16, (144_352, 42_944)),
        (32, 1, 32, (369_600, 166_784)),
        (32, 1, 16, (143_840, 42_432)),
    ],
)
def test_dcgan_has_as_many_parameters_as_its_reference(image_size, channels, filters, expected):
    sizes = {"channels": channels, "filters": filters}
    assert trainable(generators.dcgan(image_size, **sizes)) == expected[0]
    assert trainable(discriminators.dcgan(image_size, **sizes)) == expected[1]


def test_dcgan_without_norm_has_no_biases_either():
    assert trainable(generators.dcgan(32, filters=32, norm="none")) == 370_176
    assert trainable(discriminators.dcgan(32, filters=32, norm="none")) == 167_424


@pytest.mark.parametrize(("width", "expected"), [(512, (527_874, 527_361)), (64, (8_642, 8_577))])
def test_dense_networks_have_as_many_parameters_as_the_authors_toy(width, expected):
    assert (trainable(generators.dense(width=width)), trainable(discriminators.dense(width=width))) == expected


@pytest.mark.parametrize("name", ["dense", "dcgan"])
def test_classes_add_weights_of_their_own_to_every_layer(name):
    """Seven of them: seven more inputs of each kernel, 4x4 a plane in a convolution."""
    for module in (generators, discriminators):
        options = {"width": 8, "layers": 2} if name == "dense" else {"image_size": 16, "filters": 4, "channels": 1}
        plain, conditional = (getattr(module, name)(**options, classes=classes) for classes in (0, 7))
        outputs = [layer.kernel for layer in plain.layers if hasattr(layer, "kernel")]
        if name == "dense":
            expected = 7 * sum(kernel.shape[-1] for kernel in outputs)
        else:
            widths = [8 * 16, 4 * 16, 16] if module is generators else [4 * 16, 8 * 16, 16]
            expected = 7 * sum(widths)
        assert trainable(conditional) - trainable(plain) == expected


@pytest.mark.parametrize("kind", ["gan", "dcgan"])
@pytest.mark.parametrize("classes", [None, ["a", "b", "c"]], ids=["plain", "conditional"])
@pytest.mark.parametrize("training_mode", [True, False], ids=["training", "inference"])
def test_networks_equal_pytorch(kind, classes, training_mode):
    torch_gan = pytest.importorskip("torch_gan")
    model = build(kind, classes)
    perturb(model)
    noise, real, one_hot = inputs(model)
    for network, shown in zip((model.generator, model.discriminator), (noise, real), strict=True):
        found = network([shown, one_hot] if classes else shown, training=training_mode).numpy()
        reference = torch_network(torch_gan, model, network).train(training_mode)
        expected = torch_run(reference, shown, one_hot)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)
        assert np.ptp(found) > 1e-3


def build(kind, classes=None, **options):
    if kind == "gan":
        return gan.GAN(**{**POINTS, "classes": classes, **options})
    return gan.DCGAN(**{**IMAGES, "classes": classes, **options})


def perturb(model):
    """Move weights and statistics away from where they start, so that each counts."""
    random = np.random.default_rng(1)
    for network in (model.generator, model.discriminator):
        for variable in network.variables:
            if "float" in variable.dtype:
                variable.assign(variable + np.abs(random.normal(0, 0.3, variable.shape)))
        for layer in network.layers:
            if hasattr(layer, "kernel"):
                layer.kernel.assign(random.normal(0, 0.3, layer.kernel.shape))


def inputs(model):
    noise = RANDOM.normal(size=(BATCH, model.latent))
    shape = model.sampler.shape
    real = RANDOM.uniform(-1, 1, (BATCH, *shape))
    return noise, real, np.eye(3)[RANDOM.integers(3, size=BATCH)]


def torch_network(torch_gan, model, network):
    classes = len(model.classes or ())
    if isinstance(model, gan.GAN):
        outputs = 2 if network is model.generator else 1
        reference = torch_gan.Dense(2, outputs, 8, 1, classes)
    elif network is model.generator:
        reference = torch_gan.DCGANGenerator(16, 5, 1, 4, classes)
    else:
        norm = "none" if model.adversarial == "wasserstein_gp" else "batch"
        reference = torch_gan.DCGANDiscriminator(16, 1, 4, classes, norm)
    return torch_gan.copy_weights(reference.double(), network)


def torch_run(reference, shown, one_hot=None):
    """Apply a PyTorch network to arrays in Keras' order of axes."""
    import torch

    shown = torch.tensor(np.moveaxis(shown, 3, 1) if shown.ndim == 4 else shown)
    with torch.no_grad():
        planes = None if one_hot is None or not has_classes(reference, shown) else torch.tensor(one_hot)
        found = reference(shown, planes).numpy()
    return np.moveaxis(found, 1, 3) if found.ndim == 4 else found


def has_classes(reference, shown):
    first = next(reference.parameters())
    axis = 0 if type(reference).__name__ == "DCGANGenerator" else 1
    return first.shape[axis] > shown.shape[1]


@pytest.mark.parametrize("kind", ["gan", "dcgan"])
@pytest.mark.parametrize("classes", [None, ["a", "b", "c"]], ids=["plain", "conditional"])
@pytest.mark.parametrize(
    ("adversarial", "critic_steps"),
    [
        ("vanilla", 1),
        ("vanilla", 2),
        ("minimax", 1),
        ("least_squares", 1),
        ("hinge", 1),
        ("wasserstein_gp", 1),
        ("wasserstein_gp", 3),
    ],
)
def test_two_steps_equal_pytorch(kind, classes, adversarial, critic_steps):
    """The order of updates, separate batches of real and fake, the sum of both terms, Adam and its moments, penalty."""
    torch_gan, torch = pytest.importorskip("torch_gan"), pytest.importorskip("torch")
    weight = {"critic_steps": critic_steps} | ({"penalty_weight": 3.0} if adversarial == "wasserstein_gp" else {})
    model = build(kind, classes, adversarial=adversarial, learning_rate=1e-3, beta_1=0.4, beta_2=0.9, **weight)
    perturb(model)
    theirs = [torch_network(torch_gan, model, network).train() for network in (model.generator, model.discriminator)]
    # Adam's epsilon stands at another place there: so small that this does not matter (gradients are 1e-7 and more),
    # and far above the rounding of gradients that cancel, as those of a class do where real and fake share all slopes.
    epsilon = 1e-12
    betas = {"betas": (0.4, 0.9), "eps": epsilon}
    learners = [torch.optim.Adam(network.parameters(), 1e-3, **betas) for network in theirs]
    for optimizer in (model.generator_optimizer, model.discriminator_optimizer):
        optimizer.epsilon = epsilon
    criterion = TORCH_LOSSES[adversarial]
    for step in range(2):
        numbers = RANDOM.integers(3, size=BATCH * critic_steps).astype(np.int32)
        real = RANDOM.uniform(-1, 1, (BATCH * critic_steps, *model.sampler.shape))
        found = model.compiled_step(tf.constant(numbers), tf.constant(real))
        every = torch.tensor(np.moveaxis(real, 3, 1) if real.ndim == 4 else real)
        generator, discriminator = theirs
        for number in range(critic_steps):
            shown, done = every[number::critic_steps], step * critic_steps + number
            planes = torch.tensor(np.eye(3)[numbers[number::critic_steps]]) if classes else None
            fake = generator(torch.tensor(step_noise(model, done)), planes)
            loss = criterion(discriminator(shown, planes), discriminator(fake.detach(), planes))
            if adversarial == "wasserstein_gp":
                penalty = torch_penalty(discriminator, shown, fake.detach(), planes, step_shares(model, done))
                update(learners[1], loss + 3 * penalty)
                assert number < critic_steps - 1 or float(found["gradient_penalty"]) == pytest.approx(
                    float(penalty.detach())
                )
            else:
                update(learners[1], loss)
        own = criterion(discriminator(fake, planes))
        update(learners[0], own)
        assert float(found["discriminator"]) == pytest.approx(float(loss.detach()), abs=1e-6)
        assert float(found["generator_adversarial"]) == pytest.approx(float(own.detach()), abs=1e-6)
    noise, real, one_hot = inputs(model)
    for network, reference, arrays in zip((model.generator, model.discriminator), theirs, (noise, real), strict=True):
        out = network([arrays, one_hot] if classes else arrays, training=True).numpy()  # moving variances differ:
        expected = torch_run(reference, arrays, one_hot)  # PyTorch keeps unbiased ones
        np.testing.assert_allclose(out, expected, rtol=0, atol=1e-7)


def update(learner, loss):
    learner.zero_grad()
    loss.backward()
    learner.step()


def step_noise(model, iterations, stream=from_noise.STREAM):
    """Return the noise of a step, written again from what the class promises."""
    seed = [model.seed ^ stream, iterations]
    drawn = tf.random.stateless_normal([BATCH, model.latent], seed, alg="philox")
    return drawn.numpy().astype(np.float64)


def step_shares(model, iterations):
    """Return the random places between real and fake of an update, likewise."""
    drawn = tf.random.stateless_uniform([BATCH, 1], [model.seed ^ critic.STREAM, iterations], alg="philox")
    return drawn.numpy().astype(np.float64)


def torch_penalty(discriminator, real, fake, planes, shares):
    """Return the mean of (|slope| - 1)^2 of a critic at places between real and fake."""
    import torch

    shares = torch.tensor(shares).reshape(BATCH, *[1] * (real.dim() - 1))
    between = (real + shares * (fake - real)).requires_grad_()
    (slopes,) = torch.autograd.grad(discriminator(between, planes).sum(), between, create_graph=True)
    return ((slopes.square().flatten(1).sum(1) + 1e-8).sqrt() - 1).square().mean()


def _softplus(values):
    from torch.nn import functional

    return functional.softplus(values).mean()


TORCH_LOSSES = {
    "minimax": lambda real, fake=None: -_softplus(real) if fake is None else _softplus(-real) + _softplus(fake),
    "vanilla": lambda real, fake=None: _softplus(-real) + (0 if fake is None else _softplus(fake)),
    "wasserstein_gp": lambda real, fake=None: -real.mean() + (0 if fake is None else fake.mean()),
    "least_squares": lambda real, fake=None: ((real - 1) ** 2).mean() + (0 if fake is None else (fake**2).mean()),
    "hinge": lambda real, fake=None: (
        -real.mean() if fake is None else (1 - real).clamp(0).mean() + (1 + fake).clamp(0).mean()
    ),
}


def test_clipping_follows_every_update_and_takes_norms_too():
    model = gan.DCGAN(**IMAGES, adversarial="wasserstein", clip=0.005, optimizer="rmsprop", learning_rate=5e-2)
    assert max(np.abs(weights).max() for weights in model.discriminator.get_weights()) > 0.9, "scales of norms"
    found = model.train_step(tf.zeros(BATCH, tf.int32), RANDOM.uniform(-1, 1, (BATCH, 16, 16, 1)))
    sizes = [np.abs(variable.numpy()).max() for variable in model.discriminator.trainable_variables]
    assert max(sizes) == pytest.approx(0.005) and list(found) == ["discriminator", "generator_adversarial"]
    assert max(np.abs(variable.numpy()).max() for variable in model.generator.trainable_variables) > 0.005


@pytest.mark.parametrize("kind", ["gan", "dcgan"])
def test_clip_and_penalty_weight_belong_to_one_loss_each(kind):
    for name, value, others in (
        ("clip", 0.1, ("vanilla", "wasserstein_gp")),
        ("penalty_weight", 1.0, ("hinge", "wasserstein")),
    ):
        for adversarial in others:
            with pytest.raises(ValueError, match=f"{name} is {value} and adversarial '{adversarial}'; expected"):
                build(kind, None, adversarial=adversarial, **{name: value})


def test_where_no_weight_is_given_the_penalty_has_that_of_the_paper():
    for kind, usual in (("gan", 0.1), ("dcgan", 10.0)):
        models = [build(kind, None, adversarial="wasserstein_gp", **given) for given in ({}, {"penalty_weight": usual})]
        shape = (BATCH, *models[0].sampler.shape)
        target = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        for model in models:
            model.train_step(tf.zeros(BATCH, tf.int32), target)
        weights = [model.discriminator.get_weights() for model in models]
        for one, other in zip(*weights, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_critic_with_a_penalty_has_no_norm_that_spoils_it():
    penalised = {**IMAGES, "adversarial": "wasserstein_gp"}
    assert not any(hasattr(layer, "gamma") for layer in gan.DCGAN(**penalised).discriminator.layers)
    assert gan.DCGAN(**penalised, discriminator_norm="pixel").config["discriminator_norm"] == "pixel"
    with pytest.raises(
        ValueError, match="discriminator_norm is 'batch'; expected .* none, pixel, .* mixes the samples"
    ):
        gan.DCGAN(**penalised, discriminator_norm="batch")


def test_a_constant_critic_costs_nearly_one():
    model = build("gan", adversarial="wasserstein_gp")
    model.discriminator.set_weights([np.zeros_like(weights) for weights in model.discriminator.get_weights()])
    penalty = model.gradient_penalty(tf.zeros((4, 2), tf.float64), tf.ones((4, 2), tf.float64), None)
    assert float(penalty) == pytest.approx(0.9998, abs=1e-6)


def test_losses_at_chance_are_what_they_say():
    model = build("gan")
    for network in (model.discriminator,):
        network.set_weights([np.zeros_like(weights) for weights in network.get_weights()])
    model.discriminator_optimizer.learning_rate = 0.0
    found = model.train_step(tf.zeros(BATCH, tf.int32), tf.ones((BATCH, 2)))
    assert float(found["discriminator"]) == pytest.approx(2 * np.log(2))
    assert float(found["generator_adversarial"]) == pytest.approx(np.log(2))


@pytest.mark.parametrize(("critic_steps", "generator_steps"), [(1, 1), (3, 1), (1, 4)])
def test_each_network_learns_as_often_as_it_is_told(critic_steps, generator_steps):
    model = build("gan", critic_steps=critic_steps, generator_steps=generator_steps)
    batches = 2
    assert model.batches_per_step == critic_steps
    for _ in range(batches):
        model.train_step(tf.zeros(BATCH * critic_steps, tf.int32), RANDOM.normal(size=(BATCH * critic_steps, 2)))
    assert int(model.discriminator_optimizer.iterations) == batches * critic_steps
    assert int(model.generator_optimizer.iterations) == batches * generator_steps


def test_optimizers_are_those_that_were_asked_for():
    model = gan.GAN(**POINTS, optimizer="rmsprop", learning_rate=5e-4, discriminator_learning_rate=5e-5)
    assert type(model.generator_optimizer).__name__ == "RMSprop"
    rates = [float(one.learning_rate) for one in (model.generator_optimizer, model.discriminator_optimizer)]
    assert rates == pytest.approx([5e-4, 5e-5])
    model = gan.GAN(**POINTS)
    assert (model.generator_optimizer.beta_1, model.generator_optimizer.beta_2) == (0.5, 0.9)
    assert (build("dcgan").discriminator_optimizer.beta_2, build("dcgan").config["learning_rate"]) == (0.999, 2e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_size": 8}, "image_size is 8; expected one of 16, 32, 64"),
        ({"image_size": 128}, "image_size is 128; expected one of 16, 32, 64"),
        ({"latent": 0}, "latent is 0; expected a whole number from 1 on"),
        ({"filters": 2.5}, "filters is 2.5; expected a whole number"),
        ({"critic_steps": 0}, "critic_steps is 0; expected a whole number from 1 on"),
        ({"generator_steps": 0}, "generator_steps is 0; expected a whole number from 1 on"),
        ({"adversarial": "cramer"}, "adversarial is 'cramer'; expected one of"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'; expected one of adam, rmsprop"),
        ({"beta_1": 1}, "beta_1 is 1; expected 0 or more and less than 1"),
        ({"learning_rate": -1}, "learning_rate is -1; expected 0 or more"),
        ({"classes": ["a", "a"]}, "expected different names, or None"),
        ({"norm": "group"}, "norm is 'group'; expected one of"),
    ],
)
def test_what_is_not_possible_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        gan.DCGAN(**{**IMAGES, **options})


@pytest.mark.parametrize(("options", "words"), [({"width": 0}, "width is 0"), ({"layers": -1}, "layers is -1")])
def test_impossible_dense_networks_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        gan.GAN(**{**POINTS, **options})


@pytest.fixture(scope="module")
def digits():
    return datasets.load_samples("digits", image_size=16)


def small_dcgan(**options):
    return gan.DCGAN(**{**IMAGES, "classes": DIGITS, "precision": "float32", **options})


def small_gan(**options):
    return gan.GAN(**{**POINTS, "precision": "float32", **options})


def fit(model, samples, folder, steps, **options):
    return training.fit(model, samples, steps, folder, batch_size=8, seed=3, checkpoint_every=3, **options)


@pytest.mark.parametrize("kind", ["dcgan", "gan"])
def test_a_resumed_run_ends_with_the_same_bits(kind, digits, tmp_path):
    build_model = small_dcgan if kind == "dcgan" else small_gan
    samples = digits if kind == "dcgan" else datasets.load_samples("eight_gaussians")
    alone, resumed = build_model(), build_model()
    fit(alone, samples, tmp_path / "alone", 5, preview_every=4)
    fit(build_model(), samples, tmp_path / "resumed", 3, preview_every=4)
    fit(resumed, samples, tmp_path / "resumed", 5, preview_every=4, resume=True)
    toy.assert_same(alone, resumed)
    assert toy.history(tmp_path / "alone") == toy.history(tmp_path / "resumed")
    assert (tmp_path / "alone" / "previews" / "step_000005.png").is_file()
    start = build_model()
    for name in ("generator", "discriminator"):
        weights = (getattr(model, name).get_weights() for model in (start, alone))
        assert not any(map(np.array_equal, *weights)), "everything learns"


def test_a_run_gives_the_samples_of_its_model_and_keras_alone_opens_it(digits, tmp_path):
    import subprocess
    import sys

    model = small_dcgan()
    fit(model, digits, tmp_path / "run", 2)
    run = runs.open(tmp_path / "run")
    expected = model.sample(12, seed=4)
    np.testing.assert_allclose(run.sampler()(12, seed=4), expected, rtol=0, atol=1e-6)
    assert expected.shape == (12, 16, 16, 1) and np.abs(expected).max() <= 1
    loaded = gan.DCGAN.load(tmp_path / "run")
    np.testing.assert_array_equal(loaded.sample(12, seed=4), expected)
    np.savez(tmp_path / "inputs.npz", noise=model.sampler.draw_noise(3, 4), classes=np.eye(10)[:3])
    program = f"""
import sys, keras, numpy as np
folder = {str(tmp_path)!r}
stored = np.load(folder + "/inputs.npz")
network = keras.saving.load_model(folder + "/run/generator.keras")
np.save(folder + "/made.npy", network([stored["noise"], stored["classes"]], training=False))
assert not any(name.startswith("pix2pix") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "made.npy"), expected[:3], rtol=0, atol=1e-6)
    with pytest.raises(errors.InputError, match="draws from noise; use pix2pix-tf sample"):
        run.translator()
    assert run.directions == ()


def test_samples_do_not_depend_on_how_many_are_drawn_nor_on_the_model_s_past():
    model = small_dcgan()
    before = [variable.numpy() for part in model.state().values() for variable in part]
    few, many = model.sample(3, seed=1, classes="4"), model.sample(70, seed=1, classes="4")
    np.testing.assert_allclose(few, many[:3], rtol=0, atol=1e-6)
    assert np.abs(few - model.sample(3, seed=2, classes="4")).max() > 1e-4
    assert np.abs(few - model.sample(3, seed=1, classes="5")).max() > 1e-5
    after = [variable.numpy() for part in model.state().values() for variable in part]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_classes_are_named_or_numbered_or_come_in_turn():
    sampler = translation.Sampler(small_dcgan(classes=["door", "shop", "7"]).generator, ["door", "shop", "7"])
    np.testing.assert_array_equal(sampler.number_classes(5), [0, 1, 2, 0, 1])
    np.testing.assert_array_equal(sampler.number_classes(2, "7"), [2, 2])
    np.testing.assert_array_equal(sampler.number_classes(3, ["shop", 0, "7"]), [1, 0, 2])
    for wrong in ("window", 3, "0", ["door", "x"]):
        with pytest.raises(errors.InputError, match="is none; expected one of door, shop, 7"):
            sampler.number_classes(2, wrong)
    with pytest.raises(errors.InputError, match="1 classes for 2 samples"):
        sampler.number_classes(2, ["door"])
    with pytest.raises(errors.InputError, match="has learned no classes"):
        translation.Sampler(small_gan().generator).number_classes(2, "door")


def test_a_walk_goes_from_one_sample_to_another_and_between_classes():
    model = small_dcgan()
    noise = model.sampler.draw_noise(2, 0)
    along = np.stack([noise[0], (noise[0] + noise[1]) / 2, noise[1]])
    walk = model.sampler.make(along, np.full(3, 2))
    np.testing.assert_allclose(walk[[0, 2]], model.sample(2, 0, "2"), rtol=0, atol=1e-6)
    weights = np.eye(10, dtype=np.float32)[[2, 3]]
    between = model.sampler.make(noise[[0, 0]], weights)
    np.testing.assert_allclose(between[0], walk[0], rtol=0, atol=1e-6)


def test_previews_show_every_class_with_the_same_noise(digits):
    model = small_dcgan()
    columns = model.preview(*digits.examples(range(3)))
    assert list(columns) == ["real", *DIGITS]
    noise = model.sampler.draw_noise(gan.ROWS)
    np.testing.assert_array_equal(columns["3"], model.sampler.make(noise, np.full(gan.ROWS, 3)))
    plain = small_dcgan(classes=None).preview(*digits.examples(range(3)))
    assert plain["samples"].shape == (gan.ROWS, gan.ROWS, 16, 16, 1)
    points = small_gan().preview(None, np.zeros((30, 2)))
    assert points["generated"].shape == (30, 2)


def test_what_does_not_fit_is_refused_before_anything_is_written(digits, tmp_path):
    points = datasets.load_samples("swiss_roll", count=100)
    cases = [
        (small_dcgan(), points, 8, "makes samples of 16x16x1, and those of swiss_roll are 2"),
        (small_dcgan(channels=3), digits, 8, "makes samples of 16x16x3, and those of digits are 16x16x1"),
        (small_dcgan(classes=["a"]), digits, 8, "has the classes a, and digits has the classes 0, 1"),
        (small_gan(classes=["a"]), points, 8, "has the classes a, and swiss_roll has no classes"),
        (small_dcgan(), digits, 1500, "batch size is 1500, and digits has 1497 images of split train"),
        (small_dcgan(), toy.pairs(), 1, "learns from single images or points, and not from <5 pairs"),
    ]
    for model, samples, batch_size, words in cases:
        with pytest.raises(errors.InputError, match=words):
            training.fit(model, samples, 2, tmp_path / "run", batch_size=batch_size)
    with pytest.raises(errors.InputError, match="expected -1 to 1"):
        small_dcgan().train_step(np.zeros(2, np.int32), np.full((2, 16, 16, 1), 200, np.float32))
    with pytest.raises(errors.InputError, match="translates nothing; draw samples"):
        small_dcgan().translate(np.zeros((1, 16, 16, 1)))
    assert not (tmp_path / "run").exists()


def test_pix2pix_does_not_learn_from_single_images(digits, tmp_path):
    from pix2pix_tf import pix2pix

    model = pix2pix.Pix2Pix(image_size=16, filters=2, discriminator_layers=1, precision="float32")
    with pytest.raises(errors.InputError, match="pix2pix translates images, and <1497 images of 'digits'.* are single"):
        training.fit(model, digits, 2, tmp_path / "run")


def test_validation_is_the_loss_in_inference_and_changes_nothing(digits):
    model = small_dcgan()
    before = toy.values(model)
    numbers, real = digits.examples([5])
    found = model.validate(numbers, real)
    for one, other in zip(before, toy.values(model), strict=True):
        np.testing.assert_array_equal(one, other)
    condition = np.eye(10, dtype=np.float32)[numbers]
    noise = tf.random.stateless_normal([from_noise.VALIDATED, model.latent], [model.seed, 0], alg="philox").numpy()
    fake = model.generator([noise, np.repeat(condition, from_noise.VALIDATED, axis=0)], training=False).numpy()
    logits = [
        model.discriminator([shown, np.repeat(condition, len(shown), axis=0)], training=False) for shown in (real, fake)
    ]
    expected = 2 * losses.discriminator(*logits)
    assert float(found["validation_discriminator"]) == pytest.approx(float(expected), rel=1e-5)
