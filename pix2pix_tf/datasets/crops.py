"""Photographs without a network: parts of the six that scikit-image and scikit-learn bring along.

The right third of each is for validation and the rest for training, so that no pixel is in both; that the two are of
the same photographs makes validation easier than other photographs are.
"""

import functools
import hashlib

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.datasets import drawn, source

BORDER = 2 / 3  # of the width: what lies left of it is for training
SHORTEST, LONGEST = 0.4, 1.0  # side of a crop, in parts of the shorter side of its part of the photograph
_STREAM = {"train": 0, "val": 1}


def describe(entry, split="train", count=None, seed=0):
    """Describe a split of crops, which are drawn by their numbers.

    Args:
        entry: the set's `catalogue.Entry`.
        split: "train" or "val".
        count: number of crops; None takes the set's own.
        seed: decides where they are.

    Returns:
        `source.Source` of single images in colour.

    Raises:
        errors.InputError: if there is no such split, or the count is not possible.
    """
    if split not in entry.splits:
        raise errors.InputError(f"{entry.name}: has no split {split!r}, only {', '.join(entry.splits)}")
    count = drawn.check_count(entry, split, count, seed)
    whole = read_photographs()
    digest = hashlib.sha256(f"{entry.name} {split} {count} {seed}".encode())
    for photograph in whole.values():
        digest.update(photograph.tobytes())

    def read(index, size):
        return (_cut(whole, split, index, seed),)

    return source.Source(
        name=entry.name,
        split=split,
        names=[f"{split}-{index:06d}-{list(whole)[index % len(whole)]}" for index in range(count)],
        counts={**entry.splits, split: count},
        direction="a_to_b",
        sides=(source.IMAGE,),
        read=read,
        verify=lambda keep: digest.hexdigest(),
    )


@functools.cache
def read_photographs():
    """Return the six photographs: dict of name to uint8 array (height, width, 3)."""
    from skimage import data
    from sklearn import datasets

    found = {name: getattr(data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")}
    return {**found, **{name: datasets.load_sample_image(f"{name}.jpg") for name in ("china", "flower")}}


def _cut(whole, split, index, seed):
    """Return crop number `index` of a split: the photographs take turns, place and size are drawn."""
    photograph = list(whole.values())[index % len(whole)]
    border = round(photograph.shape[1] * BORDER)
    part = photograph[:, :border] if split == "train" else photograph[:, border:]
    random = np.random.default_rng([seed, _STREAM[split], index])
    side = round(min(part.shape[:2]) * random.uniform(SHORTEST, LONGEST))
    top, left = (random.integers(length - side + 1) for length in part.shape[:2])
    return part[top : top + side, left : left + side]
