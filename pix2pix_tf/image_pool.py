"""The image pool: a discriminator learns from generated images of the past too."""

import tensorflow as tf

from pix2pix_tf.system import replicas, tensorflow_kernels

DRAWS = 2  # random numbers for each image: whether to swap, and with which


class ImagePool:
    """Keeps generated images and hands out older ones in the place of half of the new ones.

    While it fills it stores every image and returns it. Then, with probability one half, it returns a stored image
    drawn at random and stores the new one in its place; else it returns the new one and forgets it. What is drawn for
    an image depends on the seed, on the number of images before its batch and on its place in the batch alone.

    Under a strategy every replica keeps the same pool of the global batch, so that a run does not depend on the number
    of replicas: each sees the images of all and takes its own.

    Args:
        image_size: side of the square images.
        channels: channels of the images.
        size: images it keeps; 0 returns every image as it is.
        seed: decides what is swapped.
        dtype: of the images.

    Attributes:
        images: variable (size, image_size, image_size, channels); zeros where nothing is stored yet.
        seen: variable, the number of images that have come so far.

    Source: Zhu et al. 2017, section 4, after Shrivastava et al. 2017, "Learning from Simulated and Unsupervised
    Images", section 2.3; the probability and the filling are those of the authors' code.
    """

    def __init__(self, image_size, channels=3, size=50, seed=0, dtype="float32"):
        self.size, self.seed = size, seed
        shape = (size, image_size, image_size, channels)
        self.images = replicas.make_variable(tf.zeros(shape, dtype))
        self.seen = replicas.make_variable(tf.constant(0, tf.int64))

    @property
    def variables(self):
        """What a checkpoint must hold."""
        return [self.images, self.seen] if self.size else []

    def __call__(self, images):
        """Return what the discriminator is shown for this replica's new images, in their order and shape.

        Args:
            images: (batch, image_size, image_size, channels).
        """
        if not self.size:
            return images
        shown = self.exchange(replicas.gather(images))
        return tf.ensure_shape(replicas.own_part(shown, tf.shape(images)[0]), images.shape)

    def exchange(self, images):
        """Return what the pool gives for the images of the global batch, as if they came one after the other.

        All are done at once: the n images decide which slot each of them reads and writes, and where an earlier image
        of this batch has written to that slot, it is read from the batch.
        """
        count = tf.shape(images)[0]
        slots, reads, writes = self.decide(count)
        same = tf.logical_and(slots[:, None] == slots, writes)  # (n, n): image j writes to the slot of image i
        order = tf.range(count)
        earlier = tf.reduce_max(tf.where(tf.logical_and(same, order < order[:, None]), order, -1), axis=1)
        last = tf.reduce_max(tf.where(same, order, -1), axis=1)
        stored = tf.raw_ops.ResourceGather(resource=self.images.handle, indices=slots, dtype=self.images.dtype)
        found = tf.where(_expand(earlier >= 0), tf.gather(images, tf.maximum(earlier, 0)), stored)
        kept = tf.where(_expand(last >= 0), tf.gather(images, tf.maximum(last, 0)), stored)
        with tf.control_dependencies([stored]):
            tf.raw_ops.ResourceScatterUpdate(resource=self.images.handle, indices=slots, updates=kept)
            self.seen.assign_add(tf.cast(count, tf.int64))
        return tf.where(_expand(reads), found, images)

    def decide(self, count):
        """Return for each of the next images its slot, whether it is swapped, and whether it is stored."""
        seen = tf.cast(self.seen, tf.int32)
        draws = tensorflow_kernels.uniform([count, DRAWS], tf.stack([self.seed, seen]))
        numbers = seen + tf.range(count)
        filling = numbers < self.size
        swaps = tf.logical_and(draws[:, 0] > 0.5, tf.logical_not(filling))
        drawn = tf.minimum(tf.cast(draws[:, 1] * self.size, tf.int32), self.size - 1)  # 0.99999997 x 50 rounds to 50
        return tf.where(filling, numbers, drawn), swaps, tf.logical_or(filling, swaps)


def _expand(answers):
    """Turn (n) into (n, 1, 1, 1)."""
    return answers[:, None, None, None]
