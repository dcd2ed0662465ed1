import itertools

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies

from pix2pix_tf import convolutions, generators, translation


def images(size=32, batch=1, channels=3, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (batch, size, size, channels)).astype(np.float32)


def trainable(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


def innermost(network):
    """Return the convolution whose output is 1x1."""
    return next(
        layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D) and layer.output.shape[1] == 1
    )


def kernels(network):
    return [layer.kernel.numpy() for layer in network.layers if hasattr(layer, "kernel")]


def test_parameters_at_256_are_those_of_the_reference():
    batch = generators.unet(norm="batch", dropout=0, seed=0)
    assert trainable(batch) == 54_413_955
    assert batch.count_params() - trainable(batch) == 9_856


def test_parameters_at_128_with_instance_norm_are_those_of_the_reference_with_batch_norm():
    network = generators.unet(128, dropout=0, seed=0)
    assert trainable(network) == network.count_params() == 41_828_995


@pytest.mark.parametrize("image_size", generators.SIZES)
def test_every_size_goes_down_to_one_pixel_and_back(image_size):
    network = generators.unet(image_size, filters=2, seed=0)
    assert network.input_shape == network.output_shape == (None, image_size, image_size, 3)
    assert innermost(network).output.shape == (None, 1, 1, 16)


@hypothesis.given(strategies.integers(-2, 3000))
def test_any_other_size_is_refused(image_size):
    if image_size in (16, 32, 64, 128, 256, 512, 1024):
        generators.check_size(image_size)
    else:
        with pytest.raises(ValueError, match=f"image_size is {image_size}; expected one of 16, 32, .* 1024"):
            generators.check_size(image_size)


@pytest.mark.parametrize("image_size", [8, 48, 300, 2048, 256.0, "256", None, (256, 256)])
def test_a_network_of_another_size_is_refused(image_size):
    with pytest.raises(ValueError, match="image_size is .*; expected one of 16, 32"):
        generators.unet(image_size, seed=0)


@pytest.mark.parametrize(("depth", "bottleneck"), [(2, 16), (3, 8), (6, 1)])
def test_depth_decides_the_size_of_the_bottleneck(depth, bottleneck):
    network = generators.unet(64, filters=2, depth=depth, seed=0)
    sides = [layer.output.shape[1] for layer in network.layers if type(layer) is keras.layers.Conv2D]
    assert min(sides) == bottleneck
    assert network.output_shape == (None, 64, 64, 3)


@pytest.mark.parametrize("depth", [0, 1, 7])
def test_an_impossible_depth_is_refused(depth):
    with pytest.raises(ValueError, match=f"depth is {depth}; expected 2 to 6"):
        generators.unet(64, filters=2, depth=depth, seed=0)


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="expected one of instance, batch, none"):
        generators.unet(16, filters=2, norm="group", seed=0)


def test_channels_are_those_asked_for():
    network = generators.unet(16, in_channels=1, out_channels=4, filters=2, seed=0)
    assert network(images(16, channels=1)).shape == (1, 16, 16, 4)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_no_norm_follows_the_first_and_the_innermost_convolution(norm):
    network = generators.unet(64, filters=2, norm=norm, seed=0)
    norms = (keras.layers.GroupNormalization, keras.layers.BatchNormalization)
    sides = [layer.output.shape[1] for layer in network.layers if isinstance(layer, norms)]
    assert sides == [16, 8, 4, 2, 2, 4, 8, 16, 32]


def test_the_bottleneck_learns_at_batch_size_one():
    network = generators.unet(32, filters=4, seed=0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(network(images(), training=True) - images(seed=1)))
    gradient = tape.gradient(loss, innermost(network).kernel.value).numpy()
    assert np.abs(gradient).max() > 1e-8
    assert (np.abs(gradient).max(axis=(0, 1, 2)) > 0).mean() > 0.3, "the ReLU above lets about half the channels learn"


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_what_passes_the_bottleneck_depends_on_the_input_at_batch_size_one(norm):
    network = generators.unet(32, filters=4, norm=norm, dropout=0, skips=False, seed=0)
    first, second = (network(images(seed=seed), training=True).numpy() for seed in (0, 1))
    assert np.abs(first - second).max() > 1e-3


def test_without_skips_nothing_passes_but_through_the_bottleneck():
    for skips in (True, False):
        network = generators.unet(32, filters=4, skips=skips, seed=0)
        innermost(network).kernel.assign(tf.zeros_like(innermost(network).kernel))
        equal = np.array_equal(network(images(seed=0)), network(images(seed=1)))
        assert equal is not skips


@pytest.mark.parametrize("seed", [None, 0])
def test_layers_of_equal_shape_differ_at_birth(seed):
    network = generators.unet(128, filters=4, seed=seed)
    pairs = [pair for pair in itertools.combinations(kernels(network), 2) if pair[0].shape == pair[1].shape]
    assert len(pairs) >= 6
    assert not any(np.array_equal(*pair) for pair in pairs)


def test_a_seed_decides_the_initial_weights():
    first, again, other, fresh, fresher = (
        generators.unet(16, filters=2, seed=seed).get_weights() for seed in (1, 1, 2, None, None)
    )
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    for pair in ((first, other), (fresh, fresher)):
        drawn = [(one, two) for one, two in zip(*pair, strict=True) if one.size > 1 and one.any()]
        assert drawn
        assert not any(np.array_equal(one, two) for one, two in drawn)


def test_fresh_weights_ignore_the_global_seed():
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        weights.append(generators.unet(16, filters=2).get_weights()[0])
    assert not np.array_equal(*weights)


def test_dropout_is_in_the_first_three_decoder_blocks():
    network = generators.unet(32, filters=2, dropout=0.3, seed=0)
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    assert [(layer.rate, layer.output.shape[1]) for layer in dropouts] == [(0.3, 2), (0.3, 4), (0.3, 8)]
    assert len({layer.seed for layer in dropouts}) == 3
    assert not np.array_equal(network(images(), training=True), network(images(), training=True))
    np.testing.assert_array_equal(network(images()), network(images()))


def test_without_dropout_training_and_translating_are_the_same():
    network = generators.unet(32, filters=2, dropout=0, seed=0)
    np.testing.assert_array_equal(network(images(), training=True), network(images(), training=False))


def test_images_of_a_batch_do_not_see_each_other():
    network = generators.unet(32, filters=4, seed=0)
    together = network(images(batch=3))
    alone = np.concatenate([network(image[None]) for image in images(batch=3)])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "weights", "compute", "image"),
    [
        (None, "float32", "float32", "float32"),
        ("float32", "float32", "float32", "float32"),
        ("mixed_bfloat16", "float32", "bfloat16", "float32"),
        ("float64", "float64", "float64", "float64"),
    ],
)
def test_dtype_decides_the_arithmetic_and_not_the_global_policy(dtype, weights, compute, image):
    network = generators.unet(16, filters=2, dtype=dtype, seed=0)
    assert {variable.dtype for variable in network.trainable_variables} == {weights}
    assert {layer.compute_dtype for layer in network.layers if layer.weights} == {compute}
    assert network.input.dtype == network(images(16)).dtype == image
    assert keras.config.dtype_policy().name == "float32"


def test_float64_images_are_not_rounded():
    network = generators.unet(16, filters=2, dropout=0, dtype="float64", seed=0)
    precise = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3))
    assert not np.array_equal(network(precise), network(precise.astype(np.float32)))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_a_saved_network_gives_the_same_output_to_the_bit(tmp_path, dtype, norm):
    network = generators.unet(32, filters=4, norm=norm, dtype=dtype, seed=0)
    network(images(batch=2), training=True)
    network.save(tmp_path / "generator.keras")
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    np.testing.assert_array_equal(loaded(images()), network(images()))
    assert [variable.dtype for variable in loaded.variables] == [variable.dtype for variable in network.variables]
    assert {layer.compute_dtype for layer in loaded.layers} == {layer.compute_dtype for layer in network.layers}


@pytest.mark.parametrize(("blocks", "count"), [(9, 11_378_179), (6, 7_837_699)])
def test_parameters_of_the_resnet_are_those_of_the_reference(blocks, count):
    network = generators.resnet(blocks=blocks, seed=0)
    assert trainable(network) == network.count_params() == count


def test_parameters_of_the_unet_with_plain_instance_norm_are_those_of_the_reference():
    assert generators.unet(norm="plain_instance", dropout=0).count_params() == 54_409_603


@pytest.mark.parametrize("image_size", [16, 36, 128, 1024])
def test_a_resnet_takes_multiples_of_four(image_size):
    network = generators.resnet(image_size, 1, 2, filters=2, blocks=1, seed=0)
    assert network.input_shape == (None, image_size, image_size, 1)
    assert network.output_shape == (None, image_size, image_size, 2)


@pytest.mark.parametrize("image_size", [8, 18, 1028, 256.0, "256", None])
def test_a_resnet_of_another_size_is_refused(image_size):
    with pytest.raises(ValueError, match="image_size is .*; expected a multiple of 4 from 16 to 1024"):
        generators.resnet(image_size, seed=0)


@pytest.mark.parametrize("blocks", [-1, 2.0, None])
def test_an_impossible_number_of_blocks_is_refused(blocks):
    with pytest.raises(ValueError, match="blocks is .*; expected 0 or more"):
        generators.resnet(16, blocks=blocks, seed=0)


def test_a_seed_decides_the_initial_weights_of_a_resnet():
    first, again, other = (kernels(generators.resnet(16, filters=2, blocks=2, seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not any(np.array_equal(*pair) for pair in zip(first, other, strict=True))
    pairs = [pair for pair in itertools.combinations(first, 2) if pair[0].shape == pair[1].shape]
    assert len(pairs) >= 6
    assert not any(np.array_equal(*pair) for pair in pairs)


@pytest.mark.parametrize("norm", ["plain_instance", "instance"])
def test_images_of_a_batch_do_not_see_each_other_in_a_resnet(norm):
    network = generators.resnet(32, filters=4, blocks=1, norm=norm, seed=0)
    together = network(images(batch=3), training=True)
    alone = np.concatenate([network(image[None], training=True) for image in images(batch=3)])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "weights", "compute", "image"),
    [("mixed_bfloat16", "float32", "bfloat16", "float32"), ("float64", "float64", "float64", "float64")],
)
def test_dtype_decides_the_arithmetic_of_a_resnet(dtype, weights, compute, image):
    network = generators.resnet(16, filters=2, blocks=1, dtype=dtype, seed=0)
    assert {variable.dtype for variable in network.trainable_variables} == {weights}
    assert {layer.compute_dtype for layer in network.layers if layer.weights} == {compute}
    assert network.input.dtype == network.output.dtype == image


@pytest.mark.parametrize(
    ("dtype", "expected"), [("mixed_bfloat16", "float32"), ("float64", "float64"), (None, "float32")]
)
def test_what_enlarges_to_the_image_is_precise_enough_to_leave_no_grid(dtype, expected):
    """Where nothing changes in the image, the four pixels of each place must not differ."""
    network = generators.unet(32, filters=4, dtype=dtype, upsampling="nearest", seed=0)
    layer = [layer for layer in network.layers if type(layer) is convolutions.EnlargingConvolution][-1]
    assert layer.compute_dtype == expected
    layer.kernel.assign(np.random.default_rng(0).normal(size=layer.kernel.shape))
    made = np.asarray(layer(np.full((1, 16, 16, layer.kernel.shape[2]), 0.7, np.float32)))[0, 2:-2, 2:-2]
    assert np.ptp(made, axis=(0, 1)).max() < 1e-5


def test_precision_survives_the_file(tmp_path):
    network = generators.unet(32, filters=4, dtype="mixed_bfloat16", upsampling="nearest", seed=0)
    translation.save(network, tmp_path / "generator.keras")
    loaded = translation.load(tmp_path / "generator.keras", "bfloat16")
    assert [layer.compute_dtype for layer in loaded.layers] == [layer.compute_dtype for layer in network.layers]
    images = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(loaded(images), network(images))


def test_a_resnet_with_an_input_skip_begins_with_the_image_nearly_as_it_is():
    network, plain = (generators.resnet(32, filters=4, blocks=1, seed=0, input_skip=skip) for skip in (True, False))
    image = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(
        np.arctanh(network(image)), np.arctanh(plain(image)) + generators.INPUT_SHARE * image, atol=1e-4
    )
    for layer in network.layers:
        if layer.weights and layer.output.shape[-1] == 3:
            layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    np.testing.assert_allclose(network(image), np.tanh(generators.INPUT_SHARE * image), atol=1e-6)
    assert np.abs(network(image) - image).mean() < 0.05


def test_the_share_of_the_input_is_the_best_there_is():
    values = np.linspace(-1, 1, 2001)
    shares = np.arange(1, 2, 0.01)
    errors = [np.mean((np.tanh(share * values) - values) ** 2) for share in shares]
    assert shares[np.argmin(errors)] == pytest.approx(generators.INPUT_SHARE, abs=0.006)


def test_an_input_skip_keeps_the_image_precise_in_bfloat16():
    network = generators.resnet(16, filters=2, blocks=0, dtype="mixed_bfloat16", seed=0, input_skip=True)
    for layer in network.layers:
        layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    image = np.linspace(-1, 1, 16 * 16 * 3, dtype=np.float32).reshape(1, 16, 16, 3)
    np.testing.assert_allclose(network(image), np.tanh(generators.INPUT_SHARE * image), atol=1e-6)


def test_an_input_skip_wants_as_many_channels_in_as_out():
    with pytest.raises(ValueError, match="input_skip is True with 1 and 3 channels; expected as many of both"):
        generators.resnet(16, 1, 3, filters=2, blocks=0, input_skip=True)
