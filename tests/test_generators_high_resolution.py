"""pix2pixHD's generator and encoder; that they equal PyTorch's is in test_reference.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import generators, translation
from pix2pix_tf.generators import shared


def count(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


def images(size, channels, batch=1, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (batch, size, size, channels)).astype(np.float32)


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ({"filters": 16, "downs": 4, "blocks": 9}, 11_410_243),
        ({"filters": 16, "downs": 3, "blocks": 9}, 2_855_107),
        ({"filters": 16, "downs": 3, "blocks": 3}, 1_084_099),
        ({"filters": 16, "downs": 3, "blocks": 3, "in_channels": 13}, 1_091_939),
        ({"filters": 16, "downs": 2, "blocks": 3}, 272_515),
        ({"filters": 8, "downs": 2, "blocks": 2}, 50_947),
        ({"filters": 32, "downs": 3, "blocks": 6, "enhancers": 1}, 7_929_987),
        ({"filters": 16, "downs": 3, "blocks": 3, "enhancers": 1}, 1_100_355),
        ({"filters": 16, "downs": 2, "blocks": 2, "enhancers": 1, "enhancer_blocks": 2}, 210_275),
    ],
)
def test_parameters_are_those_of_the_authors(options, parameters):
    assert count(generators.coarse_to_fine(64, **options)) == parameters


@pytest.mark.parametrize(
    ("filters", "downs", "parameters"), [(16, 4, 788_803), (16, 3, 198_595), (8, 3, 50_915), (8, 2, 13_955)]
)
def test_parameters_of_the_encoder_are_those_of_the_authors(filters, downs, parameters):
    assert count(generators.encoder(64, filters=filters, downs=downs)) == parameters


def test_the_variables_of_the_stages_are_all_variables():
    network = generators.coarse_to_fine(32, filters=8, downs=2, blocks=1, enhancers=2, enhancer_blocks=1)
    stages = [generators.COARSE, "enhancer_1", "enhancer_2", generators.PAINT]
    found = [variable.path for stage in stages for variable in generators.variables_of(network, stage)]
    assert sorted(found) == sorted(variable.path for variable in network.trainable_variables)
    assert len(set(found)) == len(found)


def test_the_coarse_stage_is_the_coarse_generator():
    coarse = generators.coarse_to_fine(16, filters=8, downs=2, blocks=2, seed=0)
    fine = generators.coarse_to_fine(32, filters=8, downs=2, blocks=2, enhancers=1, enhancer_blocks=1, seed=1)
    pairs = zip(*(generators.variables_of(one, generators.COARSE) for one in (coarse, fine)), strict=True)
    for mine, other in pairs:
        other.assign(mine)
    adding = [layer for layer in fine.layers if isinstance(layer, keras.layers.Add)]
    join = next(layer for layer in adding if layer.path.startswith(generators.ENHANCER))
    features = keras.Model(coarse.input, coarse.layers[-3].input)
    small = shared.average_halved(tf.constant(images(32, 3)))
    inner = keras.Model(fine.input, join.input[1])
    np.testing.assert_allclose(inner(images(32, 3)), features(small), atol=1e-5)


def test_means_at_the_border_are_of_what_is_inside():
    image = images(6, 1)
    found = shared.average_halved(tf.constant(image)).numpy()[0, :, :, 0]
    assert found.shape == (3, 3)
    for row in range(3):
        for column in range(3):
            inside = image[0, max(2 * row - 1, 0) : 2 * row + 2, max(2 * column - 1, 0) : 2 * column + 2, 0]
            assert found[row, column] == pytest.approx(inside.mean(), abs=1e-6)


def test_the_paper_s_network_sees_the_whole_image():
    network = generators.coarse_to_fine(32, filters=4, downs=2, blocks=2, enhancers=1, enhancer_blocks=1, norm="none")
    image = tf.constant(images(32, 3))
    with tf.GradientTape() as tape:
        tape.watch(image)
        middle = tf.reduce_sum(network(image)[0, 16, 16])
    seen = np.abs(tape.gradient(middle, image)[0]).sum(axis=-1) > 0
    assert seen.all()


def test_it_is_saved_and_loaded_by_keras(tmp_path):
    network = generators.coarse_to_fine(32, 5, filters=4, downs=2, blocks=1, enhancers=1, enhancer_blocks=1)
    network.save(tmp_path / "generator.keras")
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    image = images(32, 5, batch=2)
    np.testing.assert_array_equal(loaded(image), network(image))


def test_bfloat16_gives_float32_images():
    network = generators.coarse_to_fine(32, filters=4, downs=2, blocks=1, enhancers=1, dtype="mixed_bfloat16")
    assert network(images(32, 3)).dtype == tf.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"image_size": 40, "downs": 4},
            "image_size is 40; expected a multiple of 16 from 32 on, such as 32 or 48, for 4 downs",
        ),
        ({"image_size": 16, "downs": 4}, "image_size is 16; expected a multiple of 16 from 32 on, such as 32 or 48"),
        (
            {"image_size": 32, "downs": 4, "enhancers": 1},
            "expected a multiple of 32 from 64 on, such as 64 or 96, for 4 downs and 1 enhancers, or fewer",
        ),
        ({"image_size": 19, "downs": 1}, "expected a multiple of 2 from 16 on, such as 18 or 20"),
        ({"image_size": 64, "enhancers": 9999}, "downs is 4 and enhancers 9999; expected 16 together at most"),
        ({"image_size": 64.0}, "image_size is 64.0"),
        ({"image_size": 64, "downs": -1}, "downs is -1; expected a whole number from 0 on"),
        ({"image_size": 64, "blocks": 1.5}, "blocks is 1.5"),
        ({"image_size": 64, "enhancers": True}, "enhancers is True"),
        (
            {"image_size": 64, "filters": 6, "downs": 2, "enhancers": 2},
            "filters is 6; expected a multiple of 4 for 2 enhancers, or fewer",
        ),
        ({"image_size": 64, "norm": "group"}, "norm is 'group'"),
    ],
)
def test_what_is_not_possible_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        generators.coarse_to_fine(**options)


def test_a_size_that_the_encoder_cannot_halve_is_refused_with_its_name():
    with pytest.raises(
        ValueError, match=r"image_size is 72; .* 16 from 32 on, such as 64 or 80, for the encoder's 4 h"
    ):
        generators.encoder(72)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float64"])
def test_a_stored_generator_comes_back_in_every_precision(tmp_path, precision):
    """With an enhancer, whose input is a smaller picture of the image."""
    network = generators.coarse_to_fine(32, 5, 3, 8, 1, 1, enhancers=1, enhancer_blocks=1, seed=3)
    translation.save(network, tmp_path / "generator.keras")
    loaded = translation.load(tmp_path / "generator.keras", precision)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 5)).astype(np.float32)
    rounding = {"float32": 1e-5, "bfloat16": 0.1, "float64": 1e-5}[precision]
    np.testing.assert_allclose(loaded(image), network(image), atol=rounding)


def test_stages_are_inside_one_another():
    """The coarse generator sees the image at half the size, and its last feature map is what the enhancer adds."""
    small, whole = generators.stages(32, 5, 3, 8, 1, 1, enhancers=1, enhancer_blocks=1, seed=3)
    inner = {id(variable) for variable in generators.variables_of(whole, generators.COARSE)}
    assert inner == {id(variable) for variable in generators.variables_of(small, generators.COARSE)}
    painted = generators.variables_of(small, f"{generators.PAINT}_0")
    assert len(small.trainable_variables) == len(inner) + len(painted) and len(painted) == 2
    plain = generators.coarse_to_fine(16, 5, 3, 8, 1, 1, seed=8)
    for own, other in zip(plain.trainable_variables, small.trainable_variables, strict=True):
        own.assign(other)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 5)).astype(np.float32)
    np.testing.assert_allclose(plain(image), small(image), atol=1e-6)


@pytest.mark.parametrize(
    ("options", "told_apart"),
    [
        ({"norm": "plain_instance"}, False),
        ({"norm": "instance"}, False),
        ({"norm": "layer"}, True),
        ({"norm": "pixel"}, True),
        ({"norm": "plain_instance", "plane_skip": True}, True),
    ],
)
@pytest.mark.parametrize("enhancers", [0, 1])
def test_instance_norm_does_not_see_a_style_that_fills_the_image(options, told_apart, enhancers):
    """What a plane has everywhere becomes a constant of every channel, and the norm takes the mean of each."""
    network = generators.coarse_to_fine(32, 4, filters=8, downs=1, blocks=1, enhancers=enhancers, seed=0, **options)
    for number, variable in enumerate(network.trainable_variables):
        variable.assign(tf.random.stateless_normal(variable.shape, (number, 1), stddev=0.2))
    planes, brighter = (images(32, 4) for _ in range(2))
    brighter[..., 3] += 0.5
    apart = float(np.abs(network(brighter) - network(planes)).mean())
    assert (apart > 0.003) is told_apart
    assert told_apart or apart < 1e-4
