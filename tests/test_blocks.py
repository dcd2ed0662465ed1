import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import blocks, method

IMAGES = np.random.default_rng(0).normal(0.3, 2, (2, 8, 6, 3)).astype(np.float32)


def network(block, shape=IMAGES.shape[1:], **options):
    """Return a block as a network of its own."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, block(inputs, seeds=blocks.seeds(0), **options))


def randomize(model):
    """Give every weight of a model a random value, so that none is at its neutral start."""
    random = np.random.default_rng(1)
    for variable in model.variables:
        if "seed" not in variable.path:
            variable.assign(random.uniform(0.1, 1, variable.shape))
    return model


def weight(model, name):
    return next(variable.numpy() for variable in model.variables if variable.name == name)


def convolve(images, kernel, padding):
    """Convolve with strides 2, one patch after the other."""
    padded = np.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    size = kernel.shape[0]
    rows, columns = ((side - size) // 2 + 1 for side in padded.shape[1:3])
    outputs = np.zeros((len(images), rows, columns, kernel.shape[3]))
    for row, column in np.ndindex(rows, columns):
        patch = padded[:, 2 * row : 2 * row + size, 2 * column : 2 * column + size]
        outputs[:, row, column] = np.tensordot(patch, kernel, 3)
    return outputs


def convolve_transposed(images, kernel):
    """Paint a 4x4 patch for every pixel, two pixels apart, and take off the border of 1."""
    batch, rows, columns, _ = images.shape
    canvas = np.zeros((batch, 2 * rows + 2, 2 * columns + 2, kernel.shape[2]))
    for row, column in np.ndindex(rows, columns):
        patch = np.tensordot(images[:, row, column], kernel, [[1], [3]])
        canvas[:, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4] += patch
    return canvas[:, 1:-1, 1:-1]


def standardize(images, axes):
    mean, variance = images.mean(axes, keepdims=True), images.var(axes, keepdims=True)
    return (images - mean) / np.sqrt(variance + 1e-5)


def test_seeds_repeat_for_a_seed_and_are_fresh_without_one():
    first, again, other, fresh, fresher = (
        list(itertools.islice(blocks.seeds(seed), 20)) for seed in (3, 3, 4, None, None)
    )
    assert first == again
    assert first != other
    assert fresh != fresher
    assert len(set(first)) == 20
    assert all(0 <= seed < 2**31 for seed in first + fresh)


def test_kernels_start_as_the_paper_says_and_differ():
    inputs, seeds = keras.Input((16, 16, 32)), blocks.seeds(0)
    for block in (blocks.convolution, blocks.transposed_convolution):
        first, second = (keras.Model(inputs, block(inputs, 64, seeds)).weights[0].numpy() for _ in range(2))
        assert first.mean() == pytest.approx(0, abs=5e-4)
        assert first.std() == pytest.approx(0.02, rel=0.02)
        assert not np.array_equal(first, second)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_scales_start_as_the_paper_says_and_differ(norm):
    inputs, seeds = keras.Input((4, 4, 4096)), blocks.seeds(0)
    models = [keras.Model(inputs, blocks.normalize(inputs, norm, seeds)) for _ in range(2)]
    first, second = (weight(model, "gamma") for model in models)
    assert first.mean() == pytest.approx(1, abs=2e-3)
    assert first.std() == pytest.approx(0.02, rel=0.05)
    assert not np.array_equal(first, second)
    assert not weight(models[0], "beta").any()


@pytest.mark.parametrize("training", [False, True])
def test_instance_norm_equals_its_formula(training):
    model = randomize(network(blocks.normalize, norm="instance"))
    expected = standardize(IMAGES, (1, 2)) * weight(model, "gamma") + weight(model, "beta")
    np.testing.assert_allclose(model(IMAGES, training=training), expected, rtol=0, atol=1e-5)


def test_batch_norm_equals_its_formula_in_training():
    model = randomize(network(blocks.normalize, norm="batch"))
    expected = standardize(IMAGES, (0, 1, 2)) * weight(model, "gamma") + weight(model, "beta")
    np.testing.assert_allclose(model(IMAGES, training=True), expected, rtol=0, atol=1e-5)


def test_batch_norm_uses_moving_statistics_otherwise():
    model = randomize(network(blocks.normalize, norm="batch"))
    mean, variance = weight(model, "moving_mean"), weight(model, "moving_variance")
    expected = (IMAGES - mean) / np.sqrt(variance + 1e-5) * weight(model, "gamma") + weight(model, "beta")
    np.testing.assert_allclose(model(IMAGES, training=False), expected, rtol=0, atol=2e-5)


def test_moving_statistics_keep_nine_tenths():
    model = randomize(network(blocks.normalize, norm="batch"))
    before = weight(model, "moving_mean")
    model(IMAGES, training=True)
    expected = 0.9 * before + 0.1 * IMAGES.mean((0, 1, 2))
    np.testing.assert_allclose(weight(model, "moving_mean"), expected, rtol=1e-5)


def test_a_norm_of_small_values_shows_its_epsilon():
    model = network(blocks.normalize, norm="instance")
    small = IMAGES * 1e-3
    expected = standardize(small, (1, 2)) * weight(model, "gamma")
    np.testing.assert_allclose(model(small), expected, rtol=0, atol=1e-5)


def test_no_norm_has_no_weights_and_changes_nothing():
    model = network(blocks.normalize, norm="none")
    assert not model.weights
    np.testing.assert_array_equal(model(IMAGES), IMAGES)


@pytest.mark.parametrize("norm", ["group", "Instance", "", None])
def test_an_unknown_norm_is_refused(norm):
    with pytest.raises(ValueError, match="expected one of instance, batch, none"):
        network(blocks.normalize, norm=norm)


@pytest.mark.parametrize("activation", [True, False])
def test_downsample_equals_its_formula(activation):
    model = randomize(network(blocks.downsample, filters=4, activation=activation))
    activated = np.where(IMAGES > 0, IMAGES, 0.2 * IMAGES) if activation else IMAGES
    convolved = convolve(activated, weight(model, "kernel"), padding=1)
    expected = standardize(convolved, (1, 2)) * weight(model, "gamma") + weight(model, "beta")
    np.testing.assert_allclose(model(IMAGES), expected, rtol=0, atol=1e-4)


def test_upsample_equals_its_formula():
    model = randomize(network(blocks.upsample, filters=4, dropout=0.5))
    painted = convolve_transposed(np.maximum(IMAGES, 0), weight(model, "kernel"))
    expected = standardize(painted, (1, 2)) * weight(model, "gamma") + weight(model, "beta")
    np.testing.assert_allclose(model(IMAGES, training=False), expected, rtol=0, atol=1e-4)


def test_dropout_comes_last_and_drops_its_share_while_training():
    model = network(blocks.upsample, filters=64, dropout=0.5)
    kept, dropped = model(IMAGES, training=False).numpy(), model(IMAGES, training=True).numpy()
    assert (dropped == 0).mean() == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(dropped[dropped != 0], 2 * kept[dropped != 0], rtol=1e-5)


def test_residual_equals_its_formula():
    model = randomize(network(blocks.residual, norm="none"))
    kernels = [variable.numpy() for variable in model.variables]

    def convolve_reflected(images, kernel):
        padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
        return np.einsum("bijcrs,rscf->bijf", windows, kernel)

    inner = np.maximum(convolve_reflected(IMAGES, kernels[0]), 0)
    expected = IMAGES + convolve_reflected(inner, kernels[1])
    np.testing.assert_allclose(model(IMAGES), expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("padding", [1, 3, 5])
def test_reflection_padding_equals_that_of_numpy(padding):
    expected = np.pad(IMAGES, [(0, 0), (padding, padding), (padding, padding), (0, 0)], mode="reflect")
    np.testing.assert_array_equal(blocks.ReflectionPadding2D(padding)(IMAGES), expected)


def test_reflection_padding_keeps_its_settings():
    layer = blocks.ReflectionPadding2D(3, name="mirror")
    copy = blocks.ReflectionPadding2D.from_config(layer.get_config())
    assert (copy.padding, copy.name) == (3, "mirror")


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_a_network_with_our_own_layer_is_saved_and_loaded(tmp_path, dtype):
    model = network(blocks.residual, dtype=dtype)
    model.save(tmp_path / "residual.keras")
    loaded = keras.saving.load_model(tmp_path / "residual.keras")
    np.testing.assert_array_equal(keras.ops.cast(loaded(IMAGES), "float32"), keras.ops.cast(model(IMAGES), "float32"))


def test_plain_instance_norm_equals_its_formula_and_learns_nothing():
    model = network(blocks.normalize, norm="plain_instance")
    assert not model.weights
    np.testing.assert_allclose(model(IMAGES), standardize(IMAGES, (1, 2)), rtol=0, atol=1e-5)


def paint(images, kernel):
    """Paint a 3x3 patch for every pixel, two pixels apart, and take off the first row and column."""
    batch, rows, columns, _ = images.shape
    canvas = np.zeros((batch, 2 * rows + 1, 2 * columns + 1, kernel.shape[2]))
    for row, column in np.ndindex(rows, columns):
        patch = np.tensordot(images[:, row, column], kernel, [[1], [3]])
        canvas[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3] += patch
    return canvas[:, 1:, 1:]


def test_a_small_transposed_convolution_equals_its_formula():
    model = randomize(network(blocks.transposed_convolution, filters=4, size=3))
    np.testing.assert_allclose(model(IMAGES), paint(IMAGES, weight(model, "kernel")), rtol=1e-5, atol=1e-4)


KERNEL = 3 * 3  # the values of a kernel for one input and one output channel


@pytest.mark.parametrize(
    ("initialization", "deviations"),
    [
        ("normal", [0.02, 0.02]),
        ("xavier", [0.02 * (2 / (KERNEL * (40 + 160))) ** 0.5, 0.02 * (2 / (KERNEL * (160 + 40))) ** 0.5]),
        ("he", [(2 / (KERNEL * 40)) ** 0.5, (2 / (KERNEL * 40)) ** 0.5]),
    ],
)
def test_kernels_are_drawn_as_the_initialization_says(initialization, deviations):
    inputs, seeds = keras.Input((8, 8, 40)), blocks.seeds(0)
    x = blocks.convolution(inputs, 160, seeds, 3, 1, bias=True)
    x = blocks.normalize(x, "instance", seeds)
    model = keras.Model(inputs, blocks.transposed_convolution(x, 40, seeds, 3))
    before = [variable.numpy() for variable in model.variables]
    blocks.initialize(model, initialization, seed=3)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    for kernel, deviation in zip(kernels, deviations, strict=True):
        assert kernel.mean() == pytest.approx(0, abs=deviation / 50)
        assert kernel.std() == pytest.approx(deviation, rel=0.02)
        assert np.abs(kernel).max() > 3 * deviation, "a cut-off normal distribution is another one"
    same = {
        variable.name: np.array_equal(*pair)
        for variable, *pair in zip(model.variables, before, weights(model), strict=True)
    }
    assert same == {"kernel": False, "bias": True, "gamma": True, "beta": True}
    first = weights(model)
    blocks.initialize(model, initialization, seed=3)
    assert all(np.array_equal(*pair) for pair in zip(first, weights(model), strict=True))
    blocks.initialize(model, initialization, seed=4)
    assert not np.array_equal(first[0], model.variables[0].numpy())


def weights(model):
    return [variable.numpy() for variable in model.variables]


def test_an_unknown_initialization_is_refused():
    with pytest.raises(ValueError, match="initialization is 'zeros'; expected one of normal, xavier, he"):
        blocks.initialize(network(blocks.residual), "zeros")


def value_and_gradient(function, images, upstream, variables=()):
    """Return what a function makes of images, and the gradients of its sum weighted by `upstream`."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        result = function(images)
    return result, *tape.gradient(result, [images, *variables], upstream)


def images_and_upstream(batch, padding=0, dtype="float32"):
    random = np.random.default_rng(batch)
    sides = [(batch, 10 + 2 * margin, 8 + 2 * margin, 3) for margin in (0, padding)]
    return [tf.constant(random.normal(0.3, 2, shape), dtype) for shape in sides]


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(
    ("batch", "dtype"), [(1, "float32"), (2, "float32"), (3, "float32"), (17, "float32"), (2, "float64")]
)
def test_instance_norm_and_its_gradients_equal_those_of_keras(batch, dtype, affine):
    images, upstream = images_and_upstream(batch, dtype=dtype)
    options = {"epsilon": 1e-5, "scale": affine, "center": affine, "dtype": dtype}
    norms = [kind(-1, **options) for kind in (blocks.InstanceNormalization, keras.layers.GroupNormalization)]
    for norm in norms:
        norm.build(images.shape)
        norm.set_weights(np.array([[0.5, 1.5, -2.0], [0.1, -0.3, 0.7]])[: len(norm.weights)])
    results, expected = (
        value_and_gradient(norm, images, upstream, method.values(norm.trainable_variables)) for norm in norms
    )
    for result, value in zip(results, expected, strict=True):
        assert result.dtype == dtype
        np.testing.assert_allclose(result, value, rtol=2e-6 if affine else 0, atol=2e-6)


def test_instance_norm_of_bfloat16_keeps_its_statistics_in_float32():
    images = 100 + images_and_upstream(2)[0]
    images = tf.cast(images, "bfloat16")
    result = blocks.InstanceNormalization(-1, epsilon=1e-5, dtype="mixed_bfloat16")(images)
    assert result.dtype == tf.bfloat16
    expected = blocks.InstanceNormalization(-1, epsilon=1e-5, dtype="float64")(tf.cast(images, "float64"))
    np.testing.assert_allclose(tf.cast(result, "float64"), expected, rtol=2**-8, atol=1e-3)


@pytest.mark.parametrize("padding", [1, 3, 4])
def test_the_gradient_of_reflection_padding_equals_that_of_tensorflow(padding):
    images, upstream = images_and_upstream(2, padding)
    sides = [[0, 0], [padding] * 2, [padding] * 2, [0, 0]]
    expected = value_and_gradient(lambda images: tf.pad(images, sides, "REFLECT"), images, upstream)
    for result, value in zip(
        value_and_gradient(blocks.ReflectionPadding2D(padding), images, upstream), expected, strict=True
    ):
        np.testing.assert_allclose(result, value, rtol=0, atol=1e-5)


def test_the_first_row_and_column_are_taken_off():
    images, _ = images_and_upstream(1)
    result, gradient = value_and_gradient(blocks.WithoutFirst(), images, tf.ones((1, 9, 7, 3)))
    np.testing.assert_array_equal(result, images[:, 1:, 1:])
    np.testing.assert_array_equal(gradient[0, :, :, 0], [[0] * 8] + 9 * [[0] + [1] * 7])


@pytest.mark.parametrize("rate", [0.3, 0.5])
def test_dropout_is_that_of_keras(rate):
    """The same values, of the same seed, are dropped, and the others enlarged alike."""
    own, plain = (kind(rate, seed=3, dtype="float32") for kind in (blocks.Dropout, keras.layers.Dropout))
    for _ in range(3):
        first, second = (layer(tf.constant(IMAGES), training=True).numpy() for layer in (own, plain))
        np.testing.assert_array_equal(first, second)
        assert 0 < np.mean(first == 0) < 1
    np.testing.assert_array_equal(own(IMAGES, training=False), IMAGES)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "float64"])
def test_what_is_dropped_does_not_depend_on_the_precision(dtype):
    first, second = (
        blocks.Dropout(0.3, seed=3, dtype=one)(tf.constant(IMAGES), training=True) for one in ("float32", dtype)
    )
    np.testing.assert_array_equal(first.numpy() == 0, np.asarray(second) == 0)
    np.testing.assert_allclose(np.asarray(second, np.float64), first, rtol=1e-2)


def test_xla_drops_the_same_values():
    network = keras.Sequential([keras.Input(IMAGES.shape[1:]), blocks.Dropout(0.5, seed=3)])
    states = [tf.constant([5, 7], tf.uint32)]
    run = [
        tf.function(lambda images: network.stateless_call([], states, images, training=True)[0], jit_compile=jit)
        for jit in (False, True)
    ]
    plain, compiled = (function(IMAGES).numpy() for function in run)
    np.testing.assert_array_equal(plain, compiled)
    assert 0.3 < np.mean(plain == 0) < 0.7
