import keras
import numpy as np
import pytest

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
    ],
    ids=["paper", "epsilon", "weight decay", "clipnorm", "schedule"],
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


def test_saved_settings_build_the_same_optimizer():
    optimizer = optimizers.Adam(1e-3, 0.4, clipnorm=1.0)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(copy) is optimizers.Adam
    assert copy.get_config() == optimizer.get_config()


def test_a_form_the_kernel_has_not_is_refused():
    with pytest.raises(ValueError, match="amsgrad"):
        optimizers.Adam(amsgrad=True)
