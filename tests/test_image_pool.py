import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import image_pool


def images(first, count):
    """Return images of 2x2 pixels, each filled with its number."""
    return (
        np.ones((count, 2, 2, 3), np.float32) * np.arange(first, first + count, dtype=np.float32)[:, None, None, None]
    )


class PlainPool:
    """One image after the other, in plain Python, each with its two random numbers."""

    def __init__(self, size):
        self.size, self.stored = size, []

    def query(self, image, swap, which):
        if self.size == 0:
            return image
        if len(self.stored) < self.size:
            self.stored.append(image)
            return image
        if swap > 0.5:
            slot = int(which * self.size)
            image, self.stored[slot] = self.stored[slot], image
        return image


def numbers(shown):
    return [float(image[0, 0, 0]) for image in shown.numpy()]


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize(("size", "batch"), [(50, 1), (3, 1), (3, 4), (5, 16), (1, 2), (0, 3)])
def test_it_is_the_plain_pool(size, batch, graph):
    pool, plain = image_pool.ImagePool(2, size=size, seed=7), PlainPool(size)
    query = tf.function(pool) if graph else pool
    changed = 0
    for first in range(0, 60 if size == 50 else 10 * batch, batch):
        shown = numbers(query(tf.constant(images(first, batch))))
        draws = tf.random.stateless_uniform([batch, 2], [7, first]).numpy()
        assert shown == [plain.query(float(first + number), *draws[number]) for number in range(batch)]
        changed += sum(shown != np.arange(first, first + batch))
        assert numbers(pool.images)[: len(plain.stored)] == plain.stored
    assert int(pool.seen) == (first + batch if size else 0)
    assert (changed > 0) == (size > 0)


def test_half_of_the_images_are_swapped_with_any_of_the_stored_ones():
    pool = image_pool.ImagePool(2, size=8, seed=1)
    pool(tf.constant(images(0, 8)))
    slots, swaps, stored = (part.numpy() for part in pool.decide(4000))
    np.testing.assert_array_equal(swaps, stored)
    assert swaps.mean() == pytest.approx(0.5, abs=0.03)
    shares = np.bincount(slots[swaps], minlength=8) / swaps.sum()
    np.testing.assert_allclose(shares, 1 / 8, atol=0.03)


def test_a_batch_of_unknown_size_is_taken():
    query = tf.function(image_pool.ImagePool(2, size=2), [tf.TensorSpec((None, 2, 2, 3))])
    assert numbers(query(images(0, 2))) == [0, 1]
    assert query(images(2, 3)).shape == (3, 2, 2, 3)


def test_its_variables_are_all_that_it_remembers():
    pool, other = (image_pool.ImagePool(2, size=3, seed=4) for _ in range(2))
    pool(tf.constant(images(0, 5)))
    for mine, its in zip(other.variables, pool.variables, strict=True):
        mine.assign(its)
    assert numbers(pool(tf.constant(images(5, 9)))) == numbers(other(tf.constant(images(5, 9))))


def test_another_seed_swaps_others():
    shown = []
    for seed in (0, 0, 1):
        pool = image_pool.ImagePool(2, size=3, seed=seed)
        shown.append(numbers(pool(tf.constant(images(0, 40)))))
    assert shown[0] == shown[1] != shown[2]


@pytest.mark.parametrize(("size", "batch"), [(3, 1), (5, 4)])
def test_xla_swaps_the_same_images(size, batch):
    pools = [image_pool.ImagePool(2, size=size, seed=7) for _ in range(2)]
    compiled = [tf.function(pool.exchange, jit_compile=jit) for pool, jit in zip(pools, (False, True), strict=True)]
    for step in range(30):
        new = tf.constant(images(step * batch, batch))
        plain, xla = (numbers(exchange(new)) for exchange in compiled)
        assert plain == xla
    for one, other in zip(*(pool.variables for pool in pools), strict=True):
        np.testing.assert_array_equal(one, other)
