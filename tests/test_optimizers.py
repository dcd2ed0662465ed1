import keras
import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import optimizers

PAPER = {"learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999, "epsilon": 1e-8}
SHAPES = [(4, 4, 3, 8), (8,), (1,)]


def starts_and_gradients(steps, dtype="float32"):
    random = np.random.default_rng(0)
    starts = [random.normal(0, 0.02, shape).astype(dtype) for shape in SHAPES]
    gradients = [[random.normal(0, 10.0**-step, shape).astype(dtype) for shape in SHAPES] for step in range(steps)]
    return starts, gradients


def train(optimizer, starts, gradients):
    """Return the weights, and both moments of each, after some steps."""
    variables = [keras.Variable(start, dtype=start.dtype) for start in starts]
    optimizer.build(variables)
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in step], variables)
    moments = [*optimizer._momentums, *optimizer._velocities]
    return [variable.numpy() for variable in variables], [moment.numpy() for moment in moments]


def adam(starts, gradients, learning_rate, beta_1, beta_2, epsilon):
    """Take Adam's steps as algorithm 1 of Kingma and Ba writes them, its epsilon as in section 2's faster order."""
    weights = [start.astype(np.float64) for start in starts]
    means, squares = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    for step, step_gradients in enumerate(gradients, 1):
        rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        for weight, mean, square, gradient in zip(weights, means, squares, step_gradients, strict=True):
            mean += (1 - beta_1) * (gradient - mean)
            square += (1 - beta_2) * (gradient**2 - square)
            weight -= rate * mean / (np.sqrt(square) + epsilon)
    return weights, means + squares


def test_defaults_are_those_of_the_paper():
    config = optimizers.Adam().get_config()
    assert {name: config[name] for name in PAPER} == pytest.approx(PAPER)


@pytest.mark.parametrize(
    "options",
    [
        PAPER,
        {**PAPER, "epsilon": 1e-3},
        {**PAPER, "weight_decay": 0.1},
        {**PAPER, "clipnorm": 0.01},
        {**PAPER, "learning_rate": keras.optimizers.schedules.PolynomialDecay(1e-2, 8)},
        {**PAPER, "learning_rate": optimizers.LinearDecay(1e-2, 4, 4)},
    ],
    ids=["paper", "epsilon", "weight decay", "clipnorm", "schedule", "linear decay"],
)
def test_fused_adam_equals_that_of_keras(options):
    starts, gradients = starts_and_gradients(10)
    fused, fused_moments = train(optimizers.Adam(**options), starts, gradients)
    stock, stock_moments = train(keras.optimizers.Adam(**options), starts, gradients)
    for ours, theirs, start in zip(fused, stock, starts, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
        np.testing.assert_allclose(ours - start, theirs - start, rtol=1e-3, atol=1e-7)
    for ours, theirs in zip(fused_moments, stock_moments, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_fused_adam_equals_its_formula(dtype, tolerance):
    starts, gradients = starts_and_gradients(10, dtype)
    options = {**PAPER, "learning_rate": 2**-12}  # Keras keeps the rate in float32, where this one is exact
    fused = train(optimizers.Adam(**options), starts, gradients)
    expected = adam(starts, gradients, **options)
    for ours, formula in zip(sum(fused, []), sum(expected, []), strict=True):
        np.testing.assert_allclose(ours, formula, rtol=1e-4 if dtype == "float32" else 1e-12, atol=tolerance)


def test_moments_change_in_place_and_steps_are_counted():
    optimizer = optimizers.Adam()
    train(optimizer, *starts_and_gradients(3))
    assert int(optimizer.iterations) == 3


def test_a_restarted_one_does_what_a_new_one_does_and_counts_on():
    starts, gradients = starts_and_gradients(6)
    optimizer = optimizers.Adam()
    variables = [keras.Variable(start) for start in starts]
    optimizer.build(variables)
    for step in gradients[:3]:
        optimizer.apply([keras.ops.convert_to_tensor(1e-6 * gradient) for gradient in step], variables)
    between = [variable.numpy() for variable in variables]
    optimizer.restart(3)
    for step in gradients[3:]:
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in step], variables)
    expected, moments = train(optimizers.Adam(), between, gradients[3:])
    for ours, new in zip(variables, expected, strict=True):
        np.testing.assert_array_equal(ours.numpy(), new)
    for ours, new in zip([*optimizer._momentums, *optimizer._velocities], moments, strict=True):
        np.testing.assert_array_equal(ours.numpy(), new)
    assert int(optimizer.iterations) == 6


def test_saved_settings_build_the_same_optimizer():
    optimizer = optimizers.Adam(1e-3, 0.4, clipnorm=1.0)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(copy) is optimizers.Adam
    assert copy.get_config() == optimizer.get_config()


def test_a_form_the_kernel_has_not_is_refused():
    with pytest.raises(ValueError, match="amsgrad"):
        optimizers.Adam(amsgrad=True)


@pytest.mark.parametrize("steps", [1, 7])
def test_the_rate_of_an_epoch_is_that_of_the_reference(steps):
    schedule = optimizers.LinearDecay(2e-4, constant=100, decay=100, steps=steps)
    for epoch in range(1, 201):
        expected = 2e-4 * (1.0 - max(0, epoch - 100) / float(100 + 1))
        for step in {(epoch - 1) * steps, epoch * steps - 1}:
            assert float(schedule(step)) == pytest.approx(expected, rel=1e-5)
    assert float(schedule(200 * steps - 1)) == pytest.approx(2e-4 / 101, rel=1e-4)
    assert float(schedule(10_000)) == float(schedule(200 * steps - 1)) > 0


def test_the_rate_is_that_of_a_schedule_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with numbers only")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2e-4)
    # epochs are counted from 0 there, hence the 1
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0 - max(0, epoch + 1 - 3) / float(5 + 1))
    ours = optimizers.LinearDecay(2e-4, constant=3, decay=5)
    for step in range(8):
        assert float(ours(step)) == pytest.approx(schedule.get_last_lr()[0], rel=1e-6)
        optimizer.step()
        schedule.step()


def test_adam_takes_its_rate_from_the_steps_it_has_done():
    starts, gradients = starts_and_gradients(6)
    schedule = optimizers.LinearDecay(1e-2, constant=2, decay=3)
    variables = [keras.Variable(start) for start in starts]
    optimizer = optimizers.Adam(schedule)
    optimizer.build(variables)
    rates = []
    for step in gradients:
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in step], variables)
    assert rates == pytest.approx([1e-2, 1e-2, 0.75e-2, 0.5e-2, 0.25e-2, 0.25e-2])


def test_a_saved_decay_builds_the_same_one():
    optimizer = optimizers.Adam(optimizers.LinearDecay(1e-3, 4, 6, 2))
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert copy._learning_rate.get_config() == {"learning_rate": 1e-3, "constant": 4, "decay": 6, "steps": 2}


@pytest.mark.parametrize("steps", [1, 7, 64, 90])
def test_an_average_follows_every_early_step_and_then_every_eighth(steps):
    """A run that is shorter than eight steps once kept its random start."""
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    average = optimizers.MovingAverage(network, 0.9)
    expected = float(network.weights[0].numpy()[0, 0])
    for step in range(1, steps + 1):
        network.set_weights([np.full((1, 1), float(step), np.float32)])
        average.update(tf.constant(step))
        if step <= 64 or step % 8 == 0:
            kept = min(0.9, (1 + step) / (10 + step)) ** (1 if step <= 64 else 8)
            expected = kept * expected + (1 - kept) * step
    np.testing.assert_allclose(average.network.weights[0].numpy(), expected, rtol=1e-5)
    assert abs(expected - steps) < max(12, steps / 5)
