"""Pairs of images and batches of them. A batch is a pure function of (seed, step)."""

import numpy as np
import tensorflow as tf

from pix2pix_tf import images
from pix2pix_tf.datasets import memory, sampling

GIBIBYTE = 2**30
_FOREVER = 2**62


class Pairs:
    """Hand out the pairs of one split, singly or in batches.

    Attributes:
        paired: Whether the two images of an example belong together; False for `unpaired.Unpaired`.
        name, split, names, counts: As of the source; `counts` tells which splits there are.
        direction, image_size, jitter: As given.
        label_sides: Two bools: is side A, is side B a label map?
        digest: SHA-256 of the content, in hexadecimal.
        held_out_splits: Which splits may be held out, the preferred first.
    """

    paired = True
    held_out_splits = ("val",)

    def __init__(self, source, image_size, direction, jitter, seed=0, memory_limit=GIBIBYTE):
        """Check all content, before anything is trained on it.

        Args:
            source: A `sources.Source`.
            image_size: Side of the images, in pixels; images that are not square are stretched.
            direction: "a_to_b" or "b_to_a".
            jitter: Whether batches are cropped from enlarged images and mirrored at random.
            seed: The default of `batch` and `batches`.
            memory_limit: Largest number of bytes of images to hold in memory.

        Raises:
            InputError: If content of the source cannot be used.
        """
        self.name, self.split, self.names, self.counts = source.name, source.split, source.names, source.counts
        self.direction, self.image_size, self.jitter = direction, image_size, jitter
        self.label_sides = source.label_sides
        self._source, self._seed = source, seed
        size = sampling.load_size(image_size) if jitter else image_size
        self._store = memory.Store(source, size, memory_limit)
        self._plain = memory.Store(source, image_size, memory_limit=0) if jitter else self._store
        self.digest = source.verify(self._store.keep)

    def __len__(self):
        """Count the pairs."""
        return len(self.names)

    def __repr__(self):
        """Describe the pairs."""
        return f"<{len(self)} pairs of {self.name!r}, split {self.split!r}, {self.image_size} pixels, {self.direction}>"

    @property
    def held_out(self):
        """Name the split to look at and measure on beside training, or None where the set has none."""
        return next((split for split in self.held_out_splits if split in self.counts), None)

    def pair(self, index):
        """Return one pair as it is, without jitter.

        Args:
            index: Number of the pair, as in `names`.

        Returns:
            Source and target, float32 arrays of shape (image_size, image_size, 3), values -1 to 1.
        """
        return self._ordered([images.to_float(side) for side in self._plain.get(range(len(self))[index])])

    def examples(self, indices):
        """Return several pairs as they are, without jitter.

        Args:
            indices: Numbers of the pairs, as in `names`.

        Returns:
            Sources and targets, float32 arrays of shape (n, image_size, image_size, 3), values -1 to 1.
        """
        chosen = [self.pair(index) for index in indices]
        shape = (len(chosen), self.image_size, self.image_size, 3)
        return tuple(np.array([pair[side] for pair in chosen], np.float32).reshape(shape) for side in (0, 1))

    def batch(self, step, batch_size=1, seed=None):
        """Return the batch of one step; the same one that `batches` yields there.

        Args:
            step: Number of the step, from 0.
            batch_size: Number of pairs in a batch.
            seed: Seed of order and jitter; None takes the one given to `load`.

        Returns:
            Source and target, float32 tensors of shape (batch_size, image_size, image_size, 3), values -1 to 1.
        """
        seed = self._seed if seed is None else seed
        with tf.device("CPU:0"):
            self._prepare()
            positions = tf.range(step * batch_size, (step + 1) * batch_size, dtype=tf.int64)
            examples = [self._example(position, seed) for position in positions]
            return tuple(tf.stack(side) for side in zip(*examples, strict=True))

    def batches(self, batch_size=1, seed=None, first_step=0, last_step=None, first_example=0, last_example=None):
        """Stream the batches of many steps, one element a step.

        Args:
            batch_size: Number of pairs in the global batch.
            seed: Seed of order and jitter; None takes the one given to `load`.
            first_step: The step to begin with, such as the one a run resumes at.
            last_step: The step to end before; None goes on for ever.
            first_example: With `last_example`, the slice of the global batch that a replica or worker wants.
            last_example: None means `batch_size`.

        Returns:
            tf.data.Dataset of source and target, float32 of shape (n, image_size, image_size, 3), values -1 to 1.
        """
        seed = self._seed if seed is None else seed
        width = (batch_size if last_example is None else last_example) - first_example
        if not 0 <= first_example < first_example + width <= batch_size:
            raise ValueError(f"examples {first_example} to {last_example} are no slice of a batch of {batch_size}")
        last_step = _FOREVER // batch_size if last_step is None else last_step

        def example(number):
            return self._example(number // width * batch_size + first_example + number % width, seed)

        with tf.device("CPU:0"):
            self._prepare()
            dataset = tf.data.Dataset.range(first_step * width, last_step * width)
            dataset = dataset.map(example, num_parallel_calls=2, deterministic=True)
            return dataset.batch(width, drop_remainder=True).prefetch(2).with_options(_options())

    def _prepare(self):
        """Read what batches are made of, as far as that is quick."""
        self._store.prepare()

    def _example(self, position, seed):
        """Make the example at a position: float32 source and target of shape (image_size, image_size, 3)."""
        sides = self._store.gather(sampling.index_at(position, len(self), seed))
        if self.jitter:
            draws = sampling.jitter_at(position, self._store.size - self.image_size, seed)
            sides = sampling.jitter(sides, *draws, self.image_size)
        return self._ordered([scaled(side) for side in sides])

    def _ordered(self, sides):
        """Turn sides A and B into source and target."""
        return tuple(sides) if self.direction == "a_to_b" else tuple(sides[::-1])


def scaled(image):
    """Map stored values to the networks' range within a pipeline: uint8 tensor, 0 to 255 -> float32, -1 to 1."""
    return tf.cast(image, tf.float32) * images.SCALE - images.ONE


def _options():
    """Keep the pipeline small and in order, and leave sharding to whoever asked for a slice."""
    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False  # rewriting copies the images held
    options.threading.private_threadpool_size = 2
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
