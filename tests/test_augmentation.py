import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import augmentation

SIDE = 16


def random(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def draws(**chosen):
    """Return draws that do nothing, but for those chosen by number: no change of colour, no move, a hole far away."""
    neutral = {0: 0.5, 1: 0.5, 2: 0.5, 3: 0.5, 4: 0.5, 5: 0.0, 6: 0.0}
    values = {**neutral, **{int(name[1:]): value for name, value in chosen.items()}}
    return tf.constant([[values[number] for number in range(augmentation.DRAWS)]], tf.float32)


def without_hole(images):
    """Cover what a hole with its middle in the first pixel covers: less than a quarter of the side."""
    images = images.copy()
    images[:, : SIDE // 4, : SIDE // 4] = 0
    return images


@pytest.mark.parametrize("rows, columns", [(0.0, 0.999), (0.999, 0.3), (0.5, 0.0)])
def test_an_image_and_its_source_are_moved_alike(rows, columns):
    image, source = random(1, SIDE, SIDE, 3), random(1, SIDE, SIDE, 2, seed=1)
    moved = augmentation.augment(tf.constant(image), draws(_3=rows, _4=columns), "geometry", tf.constant(source))
    most = SIDE // 8
    down, right = (int(draw * (2 * most + 1)) - most for draw in (rows, columns))
    for before, after in zip((source, image), moved, strict=True):
        expected = np.zeros_like(before)
        for row in range(SIDE):
            for column in range(SIDE):
                if 0 <= row - down < SIDE and 0 <= column - right < SIDE:
                    expected[:, row, column] = before[:, row - down, column - right]
        np.testing.assert_array_equal(after, without_hole(expected))


def test_a_hole_covers_half_of_the_side():
    image = np.ones((1, SIDE, SIDE, 3), np.float32)
    covered = augmentation.augment(tf.constant(image), draws(_5=0.5, _6=0.5), "geometry").numpy()[0, ..., 0]
    rows, columns = np.nonzero(covered == 0)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 11, 5, 11)
    assert covered.sum() == SIDE * SIDE - 49


def test_colours_of_the_image_alone_change():
    image, source = random(1, SIDE, SIDE, 3), random(1, SIDE, SIDE, 3, seed=1)
    chosen = draws(_0=0.9, _1=0.2, _2=0.7)
    kept, changed = augmentation.augment(tf.constant(image), chosen, "all", tf.constant(source))
    brighter = image + np.float32(0.4)
    grey = brighter.mean(3, keepdims=True)
    paler = grey + (brighter - grey) * np.float32(0.4)
    expected = paler.mean((1, 2, 3)) + (paler - paler.mean((1, 2, 3))) * np.float32(1.2)
    np.testing.assert_array_equal(kept, without_hole(source))
    np.testing.assert_allclose(changed, without_hole(expected), atol=1e-6)


def test_without_a_policy_nothing_happens():
    image = tf.constant(random(1, SIDE, SIDE, 3))
    assert augmentation.augment(image, None, None) is image


@pytest.mark.parametrize("policy", augmentation.POLICIES)
def test_the_gradient_reaches_what_is_shown_and_nothing_else(policy):
    image = tf.constant(random(1, SIDE, SIDE, 3))
    with tf.GradientTape() as tape:
        tape.watch(image)
        shown = tf.reduce_sum(augmentation.augment(image, draws(_3=0.999, _4=0.999, _2=0.5), policy))
    gradient = tape.gradient(shown, image).numpy()[0]
    moved = SIDE // 8
    assert not gradient[SIDE - moved :].any() and not gradient[:, SIDE - moved :].any()  # moved out of sight
    assert (np.abs(gradient[moved + 2 : SIDE - moved, moved + 2 : SIDE - moved]) > 0.1).all()


def test_draws_depend_on_seed_and_step_and_are_even():
    images = tf.zeros((4, SIDE, SIDE, 3))
    first, again = augmentation.draw(images, 3, 5), augmentation.draw(images, 3, 5)
    np.testing.assert_array_equal(first, again)
    for other in (augmentation.draw(images, 3, 6), augmentation.draw(images, 4, 5)):
        assert not np.array_equal(first, other)
    many = np.concatenate([augmentation.draw(images, 0, step) for step in range(200)])
    assert many.shape == (800, augmentation.DRAWS)
    np.testing.assert_allclose(many.mean(0), 0.5, atol=0.05)
    assert np.abs(np.corrcoef(many.T) - np.eye(augmentation.DRAWS)).max() < 0.15


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="augmentation is 'colour'; expected one of geometry, all, None"):
        augmentation.check("colour")
