"""Images in memory at the size training wants them: decoded and resized once, gathered ever after."""

import concurrent.futures
import threading

import numpy as np
import tensorflow as tf

from pix2pix_tf import images
from pix2pix_tf.datasets import leaving

LOCKS = 64


class Store:
    """Hold the pairs of a source, or the single images of a domain, at one size as uint8, as far as they fit.

    Resizing is deterministic and jitter is not, so the enlarged image is what can be kept.
    """

    def __init__(self, source, size, memory_limit):
        """Make room, which costs nothing yet.

        Args:
            source: A `sources.Source`.
            size: Side of the stored images.
            memory_limit: Largest number of bytes to hold; a set that needs more is read anew at every use.
        """
        self.size = size
        self._source = source
        self._kept = np.zeros(len(source.names), bool)
        self._sides, self._tensors = None, None
        self._locks = [threading.Lock() for _ in range(LOCKS)]
        shape = (len(source.names), size, size, 3)
        if len(source.label_sides) * np.prod(shape, dtype=np.int64) <= memory_limit:
            self._sides = [_empty(shape) for _ in source.label_sides]

    def keep(self, index, *sides):
        """Store a pair of any size, if the set fits.

        Args:
            index: Number of the pair.
            *sides: uint8 arrays of shape (height, width, 3), as many as the source has sides.
        """
        if self._sides is not None and not self._kept[index]:
            for side, image in zip(self._sides, self._resized(*sides), strict=True):
                side[index] = image
            self._kept[index] = True  # after the pixels: another thread may look at any time

    def get(self, index):
        """Return a pair, read now if it is not held yet.

        Args:
            index: Number of the pair.

        Returns:
            The source's sides, uint8 arrays of shape (size, size, 3). Not to be written to.
        """
        if self._sides is None:
            return self._resized(*self._source.read(int(index), self.size))
        with self._locks[index % len(self._locks)]:  # both domains of a set may want the same pair at the same time
            if not self._kept[index]:
                self.keep(index, *self._source.read(int(index), self.size))
        return tuple(side[index] for side in self._sides)

    def prepare(self):
        """Read what is quick to read and fits, so that batches need no Python any more."""
        if self._sides is None or self._tensors is not None:
            return
        missing = np.flatnonzero(~self._kept)
        if not self._source.slow:
            with concurrent.futures.ThreadPoolExecutor(2) as executor:
                list(executor.map(self.get, missing))
        if self._kept.all():
            # Tensors in the same memory; tf.constant would keep two further copies. Nothing writes there any more.
            self._tensors = [tf.experimental.dlpack.from_dlpack(side.__dlpack__()) for side in self._sides]

    def gather(self, index):
        """Return a pair within a data pipeline.

        Args:
            index: int64 scalar tensor.

        Returns:
            The source's sides, uint8 tensors of shape (size, size, 3).
        """
        if self._tensors is not None:
            return tuple(tensor[index] for tensor in self._tensors)
        count = len(self._source.label_sides)
        nothing = (np.zeros((self.size, self.size, 3), np.uint8),) * count
        sides = tf.numpy_function(
            lambda index: leaving.GUARD.call(self.get, nothing, index), [index], [tf.uint8] * count, stateful=False
        )
        # Of a single side there is no list, if this is not run as a graph.
        return tuple(tf.ensure_shape(side, (self.size, self.size, 3)) for side in tf.nest.flatten(sides))

    def _resized(self, *sides):
        sides = zip(sides, self._source.label_sides, strict=True)
        return tuple(images.resize(side, self.size, labels) for side, labels in sides)


def _empty(shape, alignment=64):
    """Return an uninitialised uint8 array; its pages take no memory until they are written to.

    It is aligned like TensorFlow's own tensors, or its operations could not read it in place.
    """
    size = int(np.prod(shape))
    memory = np.empty(size + alignment, np.uint8)
    start = -memory.ctypes.data % alignment
    return memory[start : start + size].reshape(shape)
