"""Pairs in memory at the size training wants them: decoded and resized once, gathered ever after."""

import numpy as np

from pix2pix_tf.datasets import images


class Store:
    """Hold the pairs of a source at one size as uint8, as far as they fit.

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
        shape = (len(source.names), size, size, 6)
        # Empty pages cost nothing until a pair is written to them.
        self._pairs = np.empty(shape, np.uint8) if np.prod(shape, dtype=np.int64) <= memory_limit else None

    def keep(self, index, a, b):
        """Store a pair of any size, if the set fits.

        Args:
            index: Number of the pair.
            a: uint8 array of shape (height, width, 3).
            b: uint8 array of shape (height, width, 3).
        """
        if self._pairs is not None:
            self._pairs[index] = self._stack(a, b)
            self._kept[index] = True  # after the pixels: another thread may look at any time

    def get(self, index):
        """Return a pair, read now if it is not held yet.

        Args:
            index: Number of the pair.

        Returns:
            uint8 array of shape (size, size, 6): side A, then side B along the channels. Not to be written to.
        """
        if not self._kept[index]:
            a, b = self._source.read(int(index), self.size)
            if self._pairs is None:
                return self._stack(a, b)
            self.keep(index, a, b)
        return self._pairs[index]

    def _stack(self, a, b):
        sides = zip((a, b), self._source.label_sides, strict=True)
        return np.concatenate([images.resize(side, self.size, labels) for side, labels in sides], axis=2)
