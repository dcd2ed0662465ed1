"""Points in the plane, drawn by seed: what a GAN can be watched on. A batch is a pure function of (seed, step)."""

import hashlib

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors
from pix2pix_tf.datasets import catalogue, drawn, pairs, samples

STREAM = 0x706F696E  # keeps these draws apart from others of (seed, step)
TURNS = 1.5  # of the roll, between its inner end and its outer one
INNER = 1 / 3  # where the roll begins, in parts of its outer end


def eight():
    """Return the places of eight Gaussians on the circle of radius 1, (8, 2)."""
    angles = np.arange(8) * np.pi / 4
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def grid():
    """Return the places of 25 Gaussians on a square grid from -1 to 1, (25, 2)."""
    places = np.linspace(-1, 1, 5)
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)


CENTRES = dict(zip(catalogue.POINTS, (eight(), grid(), None), strict=True))


class Points(samples.Samples):
    """Hand out points in the plane; every batch is new, and never one that `pair` and `examples` show.

    The surface is that of `samples.Samples`: which Gaussian a point is of stands where the class does. A split has
    points of its own for measuring, as many as `len` says, which stay the same.

    Attributes:
        shape: (2,).
        centres: float32 (classes, 2); None of the roll, which has no classes.
        image_size: 0.

    Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", figure 2 and the authors' toy.
    Deviation: the scale; the authors' are a radius of 1.414 and a deviation of 0.0141 for the eight Gaussians.
    """

    def __init__(self, name, split="train", seed=0, count=None, radius=2.0, deviation=0.05):
        """Draw the points that stay the same.

        Args:
            name: "eight_gaussians" (on a circle), "gaussian_grid" (25 of them) or "swiss_roll".
            split: "train", "val" or "test".
            seed: decides the points that stay the same; the default of `batch` and `batches`.
            count: how many they are; None takes 10,000 of train and 2,000 of the others.
            radius: of the circle, half the side of the grid, or how far out the roll ends.
            deviation: of each Gaussian, and of the noise on the roll.

        Raises:
            errors.InputError: if there are no such points.
        """
        if name not in CENTRES or radius <= 0 or deviation < 0:
            raise errors.InputError(f"{name}: expected one of {', '.join(CENTRES)}, and numbers above 0")
        entry, centres = catalogue.find(name), CENTRES[name]
        count = drawn.check_count(entry, split, count, seed)
        self.name, self.split, self._seed = name, split, seed
        self.radius, self.deviation = radius, deviation
        self.centres = None if centres is None else np.float32(centres * radius)
        self.classes = () if centres is None else tuple(str(number) for number in range(len(centres)))
        self.counts = {**entry.splits, split: count}
        self.names = [f"{split}-{number:06d}" for number in range(count)]
        self.shape, self.image_size, self.jitter, self.passed_over, self.sides = (2,), 0, False, (), ()
        with tf.device("CPU:0"):
            fixed = self._draw(len(self), tf.constant([seed, -1 - drawn.FIRST_INDEX[split]], tf.int64))
        self.class_of, self._points = (part.numpy() for part in fixed)
        described = f"{name} {split} {len(self)} {seed} {radius} {deviation}".encode()
        self.digest = hashlib.sha256(described + self._points.tobytes()).hexdigest()

    def __repr__(self):
        """Describe the points."""
        return f"<points of {self.name!r}, split {self.split!r}: {len(self)} to measure on>"

    def pair(self, index):
        """Return the number of the class of one point, int32, and the point, float32 (2,)."""
        return self.class_of[index], self._points[index]

    def batch(self, step, batch_size=1, seed=None):
        """Return the batch of one step, classes (batch_size,) and points (batch_size, 2), as of `pairs.Pairs`."""
        key = tf.stack([tf.cast(self._seed if seed is None else seed, tf.int64), tf.cast(step, tf.int64)])
        return self._draw(batch_size, key)

    def batches(self, batch_size=1, seed=None, first_step=0, last_step=None, first_example=0, last_example=None):
        """Stream the batches of many steps, one element a step; arguments as of `pairs.Pairs.batches`."""
        last_step = tf.int64.max if last_step is None else last_step
        last_example = batch_size if last_example is None else last_example
        if not 0 <= first_example < last_example <= batch_size:
            raise ValueError(f"examples {first_example} to {last_example} are no slice of a batch of {batch_size}")

        @tf.autograph.experimental.do_not_convert  # which takes a second
        def draw(step):
            return tuple(part[first_example:last_example] for part in self.batch(step, batch_size, seed))

        with tf.device("CPU:0"):
            return tf.data.Dataset.range(first_step, last_step).map(draw).prefetch(2).with_options(pairs.options())

    def _draw(self, count, key):
        """Draw points by a key, int64 (2,): int32 (count,) which Gaussian each is of, and float32 (count, 2)."""
        keys = tf.random.split(tf.random.experimental.stateless_fold_in(key, STREAM), 2, alg="philox")
        noise = self.deviation * tf.random.stateless_normal((count, 2), keys[0], alg="philox")
        if self.centres is None:
            along = INNER + (1 - INNER) * tf.random.stateless_uniform((count,), keys[1], alg="philox")
            angle = 2 * np.pi * TURNS * along
            roll = self.radius * along[:, None] * tf.stack([tf.cos(angle), tf.sin(angle)], axis=-1)
            return tf.zeros((count,), tf.int32), roll + noise
        which = tf.random.stateless_uniform((count,), keys[1], 0, len(self.centres), tf.int32, alg="philox")
        return which, tf.gather(self.centres, which) + noise
