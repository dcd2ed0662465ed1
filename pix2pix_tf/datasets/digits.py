"""Scikit-learn's handwritten digits: 1,797 grey pictures of 8x8 pixels, which come with that library."""

import functools
import hashlib

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.datasets import source

CLASSES = tuple("0123456789")
EVERY = 6  # every sixth picture validates: the writers follow each other, and so each is in both splits


def describe(entry, split="train"):
    """Describe a split of the digits.

    Args:
        entry: the set's `catalogue.Entry`.
        split: "train" or "val".

    Returns:
        `source.Source` of single images with one channel, and ten classes.

    Raises:
        errors.InputError: if there is no such split.

    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """
    if split not in entry.splits:
        raise errors.InputError(f"{entry.name}: has no split {split!r}; choose one of {', '.join(entry.splits)}")
    pictures, classes = _load()
    indices = [index for index in range(len(pictures)) if (index % EVERY == 0) == (split == "val")]
    digest = hashlib.sha256(pictures[indices].tobytes() + classes[indices].tobytes()).hexdigest()
    return source.Source(
        name=entry.name,
        split=split,
        names=[f"{index:04d}" for index in indices],
        counts=entry.splits,
        direction="a_to_b",
        sides=(source.Side("image", 1),),
        read=lambda index, size: (pictures[indices[index]],),
        verify=lambda keep: digest,
        classes=CLASSES,
        class_of=tuple(int(classes[index]) for index in indices),
    )


@functools.cache
def _load():
    """Return pictures, uint8 (n, 8, 8, 1), white on black, and their classes."""
    from sklearn import datasets as sklearn_datasets  # takes a second, which nobody waits for who has other data

    loaded = sklearn_datasets.load_digits()
    return np.round(loaded.images * (255 / 16)).astype(np.uint8)[..., None], loaded.target.astype(np.int32)
