"""Images of one size on the disk, looked at some at a time: a split as floats would be gigabytes."""

import os
import tempfile

import numpy as np

from pix2pix_tf import images

PART = 16  # images that are held as floats at a time


class Album:
    """A sequence of uint8 images (height, width, channels), all of one shape, in a file that goes with it.

    An index gives an image, a slice or an array of indices several, as arrays; `parts` goes through all.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, images):
        """Write images to the disk, one after the other.

        Args:
            images: iterable of arrays (height, width, channels), one at least.
        """
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed, and so removed, with the album
        count = 0
        for image in images:
            image = np.ascontiguousarray(image, np.uint8)
            self._one, count = image.shape, count + 1
            self._file.write(image.tobytes())
        self._file.flush()
        self.shape = (count, *self._one)

    def __len__(self):
        """Count the images."""
        return self.shape[0]

    def __getitem__(self, which):
        """Read an image, or several."""
        indices = np.arange(len(self))[which]
        return self._read(int(indices)) if np.ndim(indices) == 0 else np.stack([self._read(one) for one in indices])

    def __array__(self, dtype=None, copy=None):
        """Read all images."""
        return self[:] if dtype is None else self[:].astype(dtype)

    def _read(self, index):
        size = int(np.prod(self._one))
        return np.frombuffer(os.pread(self._file.fileno(), size, int(index) * size), np.uint8).reshape(self._one)


def stack(images):
    """Return images as one array, (n, height, width, channels): what an `Album` is without the disk."""
    return np.stack(list(images))


def parts(*albums):
    """Go through albums, or arrays, side by side, some images of each at a time."""
    for start in range(0, len(albums[0]), PART):
        yield [one[start : start + PART] for one in albums]


def measure(function, *sets):
    """Measure images some at a time.

    Args:
        function: of arrays in [-1, 1], that returns a value, or an array, for each image.
        *sets: uint8 (n, height, width, 3) each, arrays or albums.

    Returns:
        Array (n, ...).
    """
    return np.concatenate([function(*map(images.to_float, some)) for some in parts(*sets)])
