"""Images in memory at the size training wants them: decoded and resized once, gathered ever after."""

import atexit
import concurrent.futures
import threading
import time

import numpy as np
import tensorflow as tf

from pix2pix_tf import images
from pix2pix_tf.system import hardware

LOCKS = 64
QUIET_SECONDS = 0.2
LONGEST_SECONDS = 10


class Store:
    """Hold the examples of a source at one size, every side in its own type, as far as they fit.

    Resizing is deterministic and jitter is not, so the enlarged image is what can be kept.
    """

    def __init__(self, source, size, memory_limit):
        """Make room, which costs nothing yet.

        Args:
            source: a `source.Source`.
            size: side of the stored images.
            memory_limit: largest number of bytes to hold; a set that needs more is read anew at every use.
        """
        self.size = size
        self._source = source
        self._kept = np.zeros(len(source.names), bool)
        self._sides, self._tensors = None, None
        self._locks = [threading.Lock() for _ in range(LOCKS)]
        values = sum(side.channels * side.dtype.itemsize for side in source.sides)
        if len(source.names) * size * size * values <= memory_limit:
            self._sides = [_empty((len(source.names), size, size, side.channels), side.dtype) for side in source.sides]

    def keep(self, index, *sides):
        """Store an example of any size, if the set fits.

        Args:
            index: number of the example.
            *sides: arrays (height, width, channels), as many as the source has sides.
        """
        if self._sides is not None and not self._kept[index]:
            for side, image in zip(self._sides, self._resized(*sides), strict=True):
                side[index] = image
            self._kept[index] = True  # after the pixels: another thread may look at any time

    def get(self, index):
        """Return an example, read now if it is not held yet.

        Args:
            index: number of the example.

        Returns:
            Its sides as stored, arrays (size, size, channels). Not to be written to.
        """
        if self._sides is None:
            return self._resized(*self._source.read(int(index), self.size))
        with self._locks[index % len(self._locks)]:  # both domains of a set may want the same pair at the same time
            if not self._kept[index]:
                self.keep(index, *self._source.read(int(index), self.size))
        return tuple(side[index] for side in self._sides)

    def find_stored_size(self):
        """Return the smallest height or width of the first example as its source has it, in pixels."""
        return min(min(array.shape[:2]) for array in self._source.read(0, self.size))

    def prepare(self):
        """Read what is quick to read and fits, so that batches need no Python any more."""
        if self._sides is None or self._tensors is not None:
            return
        missing = np.flatnonzero(~self._kept)
        if not self._source.slow:
            with concurrent.futures.ThreadPoolExecutor(hardware.count_cores()) as executor:
                list(executor.map(self.get, missing))
        if self._kept.all():
            # Tensors in the same memory; tf.constant would keep two further copies. Nothing writes there any more.
            self._tensors = [tf.experimental.dlpack.from_dlpack(side.__dlpack__()) for side in self._sides]

    def gather(self, index):
        """Return an example within a data pipeline.

        Args:
            index: int64 scalar tensor.

        Returns:
            Its sides as stored, tensors (size, size, channels).
        """
        if self._tensors is not None:
            return tuple(tensor[index] for tensor in self._tensors)
        shapes = [(self.size, self.size, side.channels) for side in self._source.sides]
        types = [side.dtype for side in self._source.sides]
        nothing = tuple(np.zeros(shape, dtype) for shape, dtype in zip(shapes, types, strict=True))
        sides = tf.numpy_function(
            lambda index: _GUARD.call(self.get, nothing, index), [index], list(map(tf.as_dtype, types)), stateful=False
        )
        # Of a single side there is no list, if this is not run as a graph.
        return tuple(tf.ensure_shape(side, shape) for side, shape in zip(tf.nest.flatten(sides), shapes, strict=True))

    def _resized(self, *arrays):
        pairs = zip(arrays, self._source.sides, strict=True)
        return tuple(images.resize(array, self.size, labels=side.kind != "photo") for array, side in pairs)


def _empty(shape, dtype, alignment=64):
    """Return an uninitialised array; its pages take no memory until they are written to.

    It is aligned like TensorFlow's own tensors, or its operations could not read it in place.
    """
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.empty(size + alignment, np.uint8)
    start = -memory.ctypes.data % alignment
    return memory[start : start + size].view(dtype).reshape(shape)


class _Guard:
    """Let Python go while data pipelines are still reading ahead.

    A pipeline's thread that wants to call Python while the interpreter shuts down can never return, and the shutdown
    waits for it: the process would hang. So reads are answered at once when the program ends, until no more are asked
    for.
    """

    def __init__(self):
        """Register for the interpreter's end."""
        self._lock = threading.Lock()
        self._running, self._last, self._leaving = 0, 0.0, False
        atexit.register(self._leave)

    def call(self, function, stand_in, *arguments):
        """Call a function unless the interpreter leaves.

        Args:
            function: what to call.
            stand_in: what to return instead when the interpreter leaves; nobody will see it.
            *arguments: those of the function.

        Returns:
            What the function returns.
        """
        with self._lock:
            self._running += 1
        try:
            return stand_in if self._leaving else function(*arguments)
        finally:
            with self._lock:
                self._running -= 1
                self._last = time.monotonic()

    def _leave(self):
        """Wait until pipelines have filled their buffers: with nobody taking from them they stop asking."""
        self._leaving = True
        start = self._last = time.monotonic() if self._last else 0.0
        while self._last and time.monotonic() - start < LONGEST_SECONDS:
            with self._lock:
                quiet = not self._running and time.monotonic() - self._last > QUIET_SECONDS
            if quiet:
                return
            time.sleep(QUIET_SECONDS / 10)


_GUARD = _Guard()
