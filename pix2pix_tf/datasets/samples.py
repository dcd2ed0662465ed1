"""Single images with their classes, and batches of them. A batch is a pure function of (seed, step)."""

import numpy as np
import tensorflow as tf

from pix2pix_tf.datasets import pairs, sampling


class Samples(pairs.Pairs):
    """Hand out single images, each with the number of its class; the surface is that of `pairs.Pairs`.

    The class stands where pairs have their source and the image where they have their target: a class is what an image
    may be made from, as a label map is.

    Attributes:
        single: True.
        paired: False.
        name, split, names, counts: those of the source; `counts` tells which splits there are.
        classes: tuple of the names of the classes, in the order of their numbers; empty where there are none, and all
            numbers are 0.
        class_of: int32 (n,), the number of each image's class.
        shape: of one image, (image_size, image_size, channels).
        image_size, digest, passed_over: as of `pairs.Pairs`.
    """

    single, paired = True, False
    held_out_splits = "val", "test"
    label_sides, direction = (False, False), "a_to_b"

    def __init__(self, source, image_size, seed=0, memory_limit=pairs.GIBIBYTE):
        """Check all content, before anything is trained on it.

        Args:
            source: a `source.Source` with one side.
            image_size: side of the images, in pixels; images that are not square are stretched.
            seed: the default of `batch` and `batches`.
            memory_limit: largest number of bytes of images to hold in memory.

        Raises:
            errors.InputError: if content of the source cannot be used.
        """
        super().__init__(source, image_size, self.direction, False, seed, memory_limit)
        self.classes, self.shape = tuple(source.classes), (image_size, image_size, source.sides[0].channels)
        self.class_of = np.array(source.class_of or [0] * len(source.names), np.int32)

    def __repr__(self):
        """Describe the images."""
        classes = f", {len(self.classes)} classes" if self.classes else ""
        return f"<{len(self)} images of {self.name!r}, split {self.split!r}, {self.image_size} pixels{classes}>"

    def pair(self, index):
        """Return the number of the class of one image, int32, and the image, float32 of `shape` in [-1, 1]."""
        index = range(len(self))[index]
        return self.class_of[index], pairs.finish_array(self._store.get(index)[0], self.sides[0])

    def _example(self, position, seed):
        """Make the example at a position: class and image as of `pair`, tensors."""
        index = sampling.index_at(position, len(self), seed)
        (image,) = self._store.gather(index)
        return tf.constant(self.class_of)[index], pairs.finish(image, self.sides[0])
