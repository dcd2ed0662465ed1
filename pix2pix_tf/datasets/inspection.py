"""What small copies of pictures tell: which are greyscale, and which are nearly the same in training and in test."""

import numpy as np

from pix2pix_tf import images

SIDE = 16  # of the thumbnails that are compared
# Root of the mean squared difference of two thumbnails, of 255. Different pictures of horses or zebras in horse2zebra
# are 20 and more apart. Mirrored and re-encoded copies are found, other crops of the same picture are not.
NEAR = 10.0
LEAST_CONTRAST = 4.0  # standard deviation of a thumbnail: two pictures of nothing are no duplicates
# Largest difference of two channels of a greyscale thumbnail, of 255: in horse2zebra they are 0, or 10 and more.
LEAST_COLOUR = 4.0


def shrink(pictures):
    """Shrink pictures to what is compared.

    Args:
        pictures: float32 array of shape (n, size, size, 3), values -1 to 1.

    Returns:
        float32 array of shape (n, SIDE * SIDE * 3), values 0 to 255.
    """
    small = [images.resize(images.to_uint8(picture), SIDE).ravel() for picture in pictures]
    return np.array(small, np.float32).reshape(len(small), -1)


def greyscale(small):
    """Find the pictures without colour, stored as greyscale or not: among colour ones they teach a network to fade.

    Args:
        small: thumbnails, shape (n, SIDE * SIDE * 3), values 0 to 255.

    Returns:
        List of indices.
    """
    colours = np.ptp(small.reshape(-1, SIDE * SIDE, 3), axis=2).max(axis=1)
    return [int(index) for index in np.flatnonzero(colours < LEAST_COLOUR)]


def near_duplicates(train, test, distance=NEAR):
    """Find the pictures of a test set that have nearly the same picture, or its mirror image, in the training set.

    A network may know the answer to those by heart.

    Args:
        train: thumbnails of the training set, shape (m, SIDE * SIDE * 3), values 0 to 255.
        test: thumbnails of the test set, shape (n, SIDE * SIDE * 3).
        distance: the largest root of the mean squared difference that counts, of 255.

    Returns:
        List of (index in test, index in train, distance), the nearest of the training set each, in the order of test.
    """
    if not len(train) or not len(test):
        return []
    mirrored = train.reshape(-1, SIDE, SIDE, 3)[:, :, ::-1].reshape(train.shape)
    apart = np.minimum(_distances(test, train), _distances(test, mirrored))
    nearest = apart.argmin(axis=1)
    found = (apart.min(axis=1) <= distance) & (test.std(axis=1) >= LEAST_CONTRAST)
    return [(int(index), int(nearest[index]), float(apart[index, nearest[index]])) for index in np.flatnonzero(found)]


def _distances(rows, columns):
    """Return the root mean squared difference of every row of two arrays, (n, d) and (m, d) -> (n, m)."""
    rows, columns = rows.astype(np.float64), columns.astype(np.float64)
    squares = np.square(rows).sum(axis=1)[:, None] + np.square(columns).sum(axis=1) - 2 * rows @ columns.T
    return np.sqrt(squares.clip(0, None) / rows.shape[1])
