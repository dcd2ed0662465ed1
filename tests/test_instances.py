import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import instances


def block(side, rows, columns):
    """A map of one thing with another one on it."""
    ids = np.zeros((1, side, side, 1), np.int32)
    ids[:, rows, columns] = 7
    return ids


@pytest.mark.parametrize(
    ("ids", "pixels"),
    [
        (block(6, slice(2, 4), slice(2, 4)), 12),
        (block(7, slice(3, 4), slice(3, 4)), 5),
        (block(6, slice(0, 6), slice(3, 6)), 12),
        (np.arange(64, dtype=np.int32).reshape(1, 8, 8, 1), 64),
        (np.full((1, 8, 8, 1), 34_012, np.int32), 0),
    ],
)
def test_borders_have_as_many_pixels_as_those_of_the_authors(ids, pixels):
    found = instances.boundaries(ids)
    assert found.dtype == tf.float32 and set(np.unique(found)) <= {0, 1}
    assert int(tf.reduce_sum(found)) == pixels


def test_borders_are_those_of_a_loop_over_pixels():
    ids = np.random.default_rng(0).integers(0, 3, (2, 9, 7, 1)).astype(np.int32)
    found = instances.boundaries(ids).numpy()
    for image in range(2):
        for row in range(9):
            for column in range(7):
                around = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
                inside = [(y, x) for y, x in around if 0 <= y < 9 and 0 <= x < 7]
                differs = any(ids[image, y, x, 0] != ids[image, row, column, 0] for y, x in inside)
                assert found[image, row, column, 0] == differs


def by_loop(features, ids):
    """The same by a loop over images and instances, in float64."""
    means = np.zeros(features.shape)
    for image, own in enumerate(ids[..., 0]):
        for instance in np.unique(own):
            means[image][own == instance] = features[image][own == instance].mean(axis=0, dtype=np.float64)
    return means


@pytest.mark.parametrize("largest", [1, 4, 35_000])
def test_means_are_those_of_a_loop_over_instances(largest):
    random = np.random.default_rng(largest)
    ids = random.integers(0, largest, (3, 16, 12, 1)).astype(np.int32)
    features = random.normal(size=(3, 16, 12, 4)).astype(np.float32)
    np.testing.assert_allclose(instances.average(features, ids), by_loop(features, ids), atol=1e-6)


def test_equal_numbers_in_two_images_are_two_instances():
    features = np.stack([np.zeros((4, 4, 1)), np.ones((4, 4, 1))]).astype(np.float32)
    ids = np.full((2, 4, 4, 1), 3, np.int32)
    np.testing.assert_array_equal(instances.average(features, ids), features)


def test_means_of_large_instances_are_exact_in_bfloat16():
    features = tf.cast(tf.fill((1, 256, 256, 1), 0.5), tf.bfloat16)
    found = instances.average(features, np.zeros((1, 256, 256, 1), np.int32))
    assert found.dtype == tf.bfloat16
    assert float(tf.reduce_max(tf.abs(tf.cast(found, tf.float32) - 0.5))) == 0


def test_a_pixel_s_gradient_is_its_share_of_the_instance():
    ids = np.array([[[[0], [0], [0], [5]]]], np.int32)
    features = tf.Variable(np.zeros((1, 1, 4, 1), np.float32))
    with tf.GradientTape() as tape:
        first = instances.average(features, ids)[0, 0, 0, 0]
    np.testing.assert_allclose(tape.gradient(first, features)[0, 0, :, 0], [1 / 3, 1 / 3, 1 / 3, 0], atol=1e-7)


def test_it_is_the_same_in_a_graph_and_for_any_batch():
    average = tf.function(
        instances.average,
        input_signature=[tf.TensorSpec((None, None, None, 2)), tf.TensorSpec((None, None, None, 1), tf.int32)],
    )
    random = np.random.default_rng(1)
    for shape in ((1, 4, 6), (3, 8, 8)):
        ids, features = random.integers(0, 5, (*shape, 1)).astype(np.int32), random.normal(size=(*shape, 2))
        np.testing.assert_allclose(average(features.astype(np.float32), ids), by_loop(features, ids), atol=1e-6)
