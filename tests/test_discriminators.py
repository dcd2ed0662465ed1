import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import discriminators, generators

FIELDS = [1, 16, 34, 70, 142, 286, 574]
SIDES = [256, 126, 62, 30, 14, 6, 2]


def images(size=32, channels=3, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (1, size, size, channels)).astype(np.float32)


def trainable(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


def positive(network):
    """Give a network positive kernels, so that what one pixel changes cannot cancel out on its way."""
    for layer in network.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(np.full(layer.kernel.shape, 1 / np.prod(layer.kernel.shape[:3])))
    return network


def seen(network, size):
    """Return first and last row and column of the pixels on which the logit in the middle depends."""
    image = tf.zeros((1, size, size, 1), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(image)
        logits = network(image)
        middle = logits[0, logits.shape[1] // 2, logits.shape[2] // 2, 0]
    gradient = tape.gradient(middle, image)[0, :, :, 0].numpy()
    rows, columns = np.nonzero(gradient.any(axis=1))[0], np.nonzero(gradient.any(axis=0))[0]
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize(
    ("layers", "count"),
    [
        (0, 9_024),
        (1, 139_585),
        (2, 666_433),
        (3, 2_768_705),
        (4, 6_964_033),
        (5, 11_159_361),
        (6, 15_354_689),
    ],
)
def test_parameters_are_those_of_the_reference(layers, count):
    assert trainable(discriminators.patchgan(layers=layers)) == count
    if layers < 4:
        assert trainable(discriminators.patchgan(layers=layers, norm="batch")) == count


def test_parameters_of_the_unconditional_one_with_plain_instance_norm_are_those_of_the_reference():
    assert discriminators.patchgan(None, norm="plain_instance").count_params() == 2_764_737


@pytest.mark.parametrize(("layers", "field"), list(enumerate(FIELDS)))
def test_receptive_field_formula(layers, field):
    assert discriminators.receptive_field(layers) == field


@pytest.mark.parametrize(("layers", "image_size"), list(enumerate([64, 64, 64, 128, 256, 512, 1024])))
def test_receptive_field_by_changing_one_pixel(layers, image_size):
    network = positive(
        discriminators.patchgan(None, 1, 2, layers, norm="none", dtype="float64", image_size=image_size, seed=0)
    )
    top, bottom, left, right = seen(network, image_size)
    assert bottom - top + 1 == right - left + 1 == FIELDS[layers]
    assert top > 0, "the patch must lie inside the image"
    assert bottom < image_size - 1, "the patch must lie inside the image"

    def middle(row=None, column=None):
        image = np.ones((1, image_size, image_size, 1))
        if row is not None:
            image[0, row, column, 0] += 1000
        logits = network(image).numpy()[0, :, :, 0]
        return logits[len(logits) // 2, len(logits) // 2]

    before = middle()
    for row, column in itertools.product((top, bottom), (left, right)):
        assert middle(row, column) != before
    for row, column in [(top - 1, left), (bottom + 1, right), (top, left - 1), (bottom, right + 1)]:
        assert middle(row, column) == before


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_a_norm_couples_all_positions(norm):
    network = discriminators.patchgan(None, 1, 4, 1, norm=norm, image_size=64, seed=0)
    image = images(64, 1)
    before = network(image, training=True).numpy()
    image[0, 0, 0, 0] += 1
    assert (network(image, training=True).numpy() != before).mean() > 0.9


@pytest.mark.parametrize(("layers", "side"), list(enumerate(SIDES)))
def test_output_side_at_256(layers, side):
    network = discriminators.patchgan(filters=2, layers=layers, seed=0)
    assert network.output_shape == (None, side, side, 1)
    assert network(2 * [images(256)]).shape == (1, side, side, 1)


@pytest.mark.parametrize("layers", [-1, 7, 1.5, "3", None])
def test_impossible_layers_are_refused(layers):
    for function in (discriminators.receptive_field, lambda layers: discriminators.patchgan(layers=layers)):
        with pytest.raises(ValueError, match=f"layers is {layers}; expected 0 to 6"):
            function(layers)


@pytest.mark.parametrize(("layers", "image_size"), [(3, 16), (4, 32), (6, 128)])
def test_too_many_layers_for_an_image_are_refused(layers, image_size):
    with pytest.raises(ValueError, match=f"for a discriminator of {layers} layers; expected {2 * image_size} at least"):
        discriminators.patchgan(filters=2, layers=layers, image_size=image_size, seed=0)
    smallest = discriminators.patchgan(filters=2, layers=layers, image_size=2 * image_size, seed=0)
    assert smallest.output_shape == (None, 2, 2, 1)


@pytest.mark.parametrize("image_size", [8, 300, 2048])
def test_a_network_of_another_size_is_refused(image_size):
    with pytest.raises(ValueError, match="image_size is .*; expected one of 16, 32"):
        discriminators.patchgan(image_size=image_size, seed=0)


def test_an_unknown_norm_is_refused():
    for layers in (0, 1, 3):
        with pytest.raises(ValueError, match="expected one of instance, batch, none"):
            discriminators.patchgan(filters=2, layers=layers, norm="group", image_size=32, seed=0)


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_conditional_discriminator_looks_at_both_images(layers):
    network = discriminators.patchgan(filters=4, layers=layers, image_size=32, seed=0)
    first, second = images(seed=0), images(seed=1)
    logits = [network(pair).numpy() for pair in ([first, second], [second, second], [first, first])]
    assert not np.array_equal(logits[0], logits[1])
    assert not np.array_equal(logits[0], logits[2])


def test_source_comes_before_target():
    network = discriminators.patchgan(1, 3, 4, 1, image_size=32, seed=0)
    assert [tuple(tensor.shape) for tensor in network.inputs] == [(None, 32, 32, 1), (None, 32, 32, 3)]
    assert [tensor.name for tensor in network.inputs] == ["source", "target"]
    assert network([images(channels=1), images()]).shape == (1, 14, 14, 1)


def test_an_unconditional_discriminator_takes_the_target_alone():
    network = discriminators.patchgan(None, 3, 4, 3, image_size=32, seed=0)
    assert network.input_shape == (None, 32, 32, 3)
    assert network(images()).shape == (1, 2, 2, 1)
    conditional = discriminators.patchgan(3, 3, 4, 3, image_size=32, seed=0)
    assert trainable(conditional) - trainable(network) == 4 * 4 * 3 * 4


def test_logits_are_not_squashed():
    network = discriminators.patchgan(None, 3, 4, 1, norm="none", image_size=32, seed=0)
    kernel, bias = network.layers[-2].kernel, network.layers[-2].bias
    kernel.assign(tf.zeros_like(kernel))
    bias.assign([-7.0])
    np.testing.assert_array_equal(network(images()), np.full((1, 14, 14, 1), -7))


def test_a_seed_decides_the_initial_weights():
    first, again, fresh, fresher = (
        discriminators.patchgan(filters=4, image_size=32, seed=seed).get_weights() for seed in (1, 1, None, None)
    )
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not np.array_equal(fresh[0], fresher[0])


def test_layers_of_equal_shape_differ_at_birth():
    network = discriminators.patchgan(filters=2, layers=6, seed=0)
    kernels = [layer.kernel.numpy() for layer in network.layers if hasattr(layer, "kernel")]
    pairs = [pair for pair in itertools.combinations(kernels, 2) if pair[0].shape == pair[1].shape]
    assert len(pairs) >= 3
    assert not any(np.array_equal(*pair) for pair in pairs)


def test_float64_images_are_not_rounded():
    network = discriminators.patchgan(None, filters=2, layers=1, dtype="float64", image_size=32, seed=0)
    precise = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3))
    assert not np.array_equal(network(precise), network(precise.astype(np.float32)))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("layers", [0, 3])
def test_a_saved_network_gives_the_same_logits_to_the_bit(tmp_path, dtype, layers):
    network = discriminators.patchgan(filters=4, layers=layers, image_size=32, dtype=dtype, seed=0)
    network.save(tmp_path / "discriminator.keras")
    loaded = keras.saving.load_model(tmp_path / "discriminator.keras")
    pair = [images(), images(seed=1)]
    np.testing.assert_array_equal(loaded(pair), network(pair))
    assert loaded(pair).dtype == "float32"
    assert {variable.dtype for variable in loaded.variables} == {"float32"}
    assert {layer.compute_dtype for layer in loaded.layers if layer.weights} == {network.layers[3].compute_dtype}


@pytest.mark.parametrize("scales", [1, 2, 3])
def test_the_smallest_scales_see_of_small_images_what_they_see_of_large_ones(scales):
    whole = discriminators.multiscale(2, 3, 4, 2, 3, image_size=64, seed=1)
    drawn = np.random.default_rng(0)
    images = [drawn.uniform(-1, 1, (1, 64, 64, channels)).astype(np.float32) for channels in (2, 3)]
    wanted = discriminators.with_features(whole)(images)[3 - scales :]
    for _ in range(3 - scales):
        images = [generators.average_halved(image) for image in images]
    found = discriminators.of_scales(whole, scales)(images)
    found = [found] if scales == 1 else found
    for own, others in zip(found, wanted, strict=True):
        for first, second in zip(own, others, strict=True):
            np.testing.assert_allclose(first, second, atol=1e-5)
