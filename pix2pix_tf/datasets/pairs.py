"""Pairs of images and batches of them. A batch is a pure function of (seed, step)."""

import numpy as np
import tensorflow as tf

from pix2pix_tf import images
from pix2pix_tf.datasets import memory, sampling, source
from pix2pix_tf.system import hardware

GIBIBYTE = 2**30
_FOREVER = 2**62


class Pairs:
    """Hand out the pairs of one split, singly or in batches.

    Attributes:
        paired: whether the two images of an example belong together; False for `unpaired.Unpaired`.
        single: whether an example is one image, or point, and its class: `samples.Samples`.
        name, split, names, counts: those of the source; `counts` tells which splits there are.
        direction, image_size, jitter: as given.
        sides: tuple of `source.Side`, A and B first.
        label_sides: two bools: is side A, is side B a label map?
        void: "auto" where a mask of void rides with the source, else "none", as of `datasets.load`.
        instances: "given" or "components" where ids of instances ride with the source, else "none": the set's own ids,
            or the connected parts of its label maps.
        digest: SHA-256 of the content, in hexadecimal.
        passed_over: pictures that lie in the folder and belong to no example.
        task: what pairs are made for of single photographs, "colorization", or None; `domain` and `greyscale` are those
            of `photographs.Photographs`.
        held_out_splits: which splits may be held out, the preferred first.
    """

    paired = True
    single = False
    task = domain = None
    greyscale = ()
    has_components = False
    held_out_splits = ("val",)

    def __init__(self, source, image_size, direction, jitter, seed=0, memory_limit=GIBIBYTE):
        """Check all content, before anything is trained on it.

        Args:
            source: a `source.Source`.
            image_size: side of the images, in pixels; images that are not square are stretched.
            direction: "a_to_b" or "b_to_a".
            jitter: whether batches are cropped from enlarged images and mirrored at random, every side alike.
            seed: the default of `batch` and `batches`.
            memory_limit: largest number of bytes of images to hold in memory.

        Raises:
            errors.InputError: if content of the source cannot be used.
        """
        self.name, self.split, self.names, self.counts = source.name, source.split, source.names, source.counts
        self.direction, self.image_size, self.jitter = direction, image_size, jitter
        self.sides, self.passed_over = source.sides, source.passed_over
        self.has_components = source.has_components
        self._source, self._seed = source, seed
        size = sampling.load_size(image_size) if jitter else image_size
        self._store = memory.Store(source, size, memory_limit)
        self._plain = memory.Store(source, image_size, memory_limit=0) if jitter else self._store
        self.digest = source.verify(self._store.keep)

    @property
    def label_sides(self):
        """Whether side A, and whether side B, is a label map: two bools."""
        return tuple(side.kind == "labels" for side in self.sides[:2])

    @property
    def void(self):
        """What of `datasets.load` gives the same: "auto" where there is a side of void, else "none"."""
        return "auto" if source.VOID in self.sides else "none"

    @property
    def instances(self):
        """Where the side of instances comes from: "given" with the set, "components" of label maps, "none" is there."""
        if source.INSTANCES not in self.sides:
            return "none"
        return "components" if self.has_components else "given"

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

    def find_stored_size(self):
        """Return the smallest height or width of the first example as it is stored, before it is resized, in pixels."""
        return self._plain.find_stored_size()

    def pair(self, index):
        """Return one pair as it is, without jitter.

        Args:
            index: number of the pair, as in `names`.

        Returns:
            Source and target, arrays (image_size, image_size, channels): float32 in [-1, 1] of photos and labels, int32
            of ids, float32 0 or 1 of masks. Where there are more sides than A and B, the source is a dict: "image",
            and the further sides by their names.
        """
        return self._arrange(self._plain.get(range(len(self))[index]), finish_array)

    def read_side(self, index, side):
        """Return one side of a pair alone, as large as it is stored.

        Args:
            index: number of the pair, as in `names`.
            side: 0 for the source, 1 for the target.

        Returns:
            uint8 array (height, width, channels).
        """
        place = self._place(side)
        if self._source.read_side:
            return self._source.read_side(index, place)
        return self._source.read(index, self.image_size)[place]

    def is_of_ids(self, side):
        """Say whether side 0, the source, or 1, the target, is stored as ids of classes."""
        return self.sides[self._place(side)].of_ids

    def _place(self, side):
        """Return which of A and B, 0 or 1, is the source (side 0) or the target (side 1)."""
        return side if self.direction == "a_to_b" else 1 - side

    def show(self, sources, values=None):
        """Return targets, what was made of sources instead, or the sources, as pictures: (n, size, size, channels)."""
        return np.asarray(sources if values is None else values)

    def examples(self, indices):
        """Return several pairs as they are, without jitter.

        Args:
            indices: numbers of the pairs, as in `names`.

        Returns:
            Sources and targets as of `pair`, with an axis (n) in front.
        """
        chosen = [self.pair(index) for index in indices]
        if not chosen:
            return tf.nest.map_structure(lambda array: np.zeros((0, *array.shape), array.dtype), self.pair(0))
        return tf.nest.map_structure(lambda *arrays: np.stack(arrays), *chosen)

    def batch(self, step, batch_size=1, seed=None):
        """Return the batch of one step; the same one that `batches` yields there.

        Args:
            step: number of the step, from 0.
            batch_size: number of pairs in a batch.
            seed: seed of order and jitter; None takes the one given to `load`.

        Returns:
            Sources and targets as of `pair`, tensors with an axis (batch_size) in front.
        """
        seed = self._seed if seed is None else seed
        with tf.device("CPU:0"):
            self._prepare()
            positions = tf.range(step * batch_size, (step + 1) * batch_size, dtype=tf.int64)
            examples = [self._example(position, seed) for position in positions]
            return tf.nest.map_structure(lambda *parts: tf.stack(parts), *examples)

    def batches(self, batch_size=1, seed=None, first_step=0, last_step=None, first_example=0, last_example=None):
        """Stream the batches of many steps, one element a step.

        Args:
            batch_size: number of pairs in the global batch.
            seed: seed of order and jitter; None takes the one given to `load`.
            first_step: the step to begin with, such as the one a run resumes at.
            last_step: the step to end before; None goes on for ever.
            first_example: with `last_example`, the slice of the global batch that a replica or worker wants.
            last_example: None means `batch_size`.

        Returns:
            tf.data.Dataset of sources and targets as of `batch`.
        """
        seed = self._seed if seed is None else seed
        width = (batch_size if last_example is None else last_example) - first_example
        if not 0 <= first_example < first_example + width <= batch_size:
            raise ValueError(f"examples {first_example} to {last_example} are no slice of a batch of {batch_size}")
        last_step = _FOREVER // batch_size if last_step is None else last_step

        @tf.autograph.experimental.do_not_convert  # which takes a second
        def example(number):
            return self._example(number // width * batch_size + first_example + number % width, seed)

        with tf.device("CPU:0"):
            self._prepare()
            dataset = tf.data.Dataset.range(first_step * width, last_step * width)
            dataset = dataset.map(example, num_parallel_calls=hardware.count_cores(), deterministic=True)
            return dataset.batch(width, drop_remainder=True).prefetch(2).with_options(options())

    def _prepare(self):
        """Read what batches are made of, as far as that is quick."""
        self._store.prepare()

    def _example(self, position, seed):
        """Make the example at a position: source and target as of `pair`, tensors."""
        sides = self._store.gather(sampling.index_at(position, len(self), seed))
        if self.jitter:
            draws = sampling.jitter_at(position, self._store.size - self.image_size, seed)
            sides = sampling.jitter(sides, *draws, self.image_size)
        return self._arrange(sides, finish)

    def _arrange(self, stored, finish):
        """Turn sides as they are stored into source and target; further sides ride with the source."""
        a, b, *others = (finish(values, side) for values, side in zip(stored, self.sides, strict=True))
        source, target = (a, b) if self.direction == "a_to_b" else (b, a)
        if others:
            source = {"image": source, **dict(zip((side.name for side in self.sides[2:]), others, strict=True))}
        return source, target


def finish(values, side):
    """Map stored values to what networks take, within a pipeline.

    Args:
        values: tensor (size, size, channels) of the side's type.
        side: its `source.Side`.

    Returns:
        float32 tensor in [-1, 1] of photos and labels, int32 of ids, float32 0 or 1 of masks.
    """
    if side.kind == "ids":
        return values
    if side.kind == "mask":
        return tf.cast(values > 0, tf.float32)
    return tf.cast(values, tf.float32) * images.SCALE - images.ONE


def finish_array(values, side):
    """Do what `finish` does, to an array."""
    if side.kind == "ids":
        return np.array(values)
    return np.float32(values > 0) if side.kind == "mask" else images.to_float(values)


def options():
    """Keep the pipeline small and in order, and leave sharding to whoever asked for a slice."""
    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False  # rewriting copies the images held
    options.threading.private_threadpool_size = hardware.count_cores()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
