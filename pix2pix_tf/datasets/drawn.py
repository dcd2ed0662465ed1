"""The synthetic set as a source: splits are ranges of indices, pairs are drawn when they are first wanted."""

import hashlib

from pix2pix_tf import errors
from pix2pix_tf.datasets import records, sources

# Far apart, so that a split can be widened without ever drawing a pair of another one.
FIRST_INDEX = {"train": 0, "val": 1_000_000_000, "test": 2_000_000_000}
LARGEST_COUNT = 1_000_000_000
LARGEST_SIZE = 1024  # of a drawing; what is wanted larger is enlarged
_DIGEST_SIZE = 64


def source(split="train", count=None, seed=0):
    """Describe a split of the synthetic street fronts.

    Args:
        split: "train", "val" or "test".
        count: Number of pairs; None takes 400 for train and 100 for the others.
        seed: Seed of the drawings.

    Returns:
        A `sources.Source`.

    Raises:
        InputError: If there is no such split, or the count is not possible.
    """
    from pix2pix_tf.datasets import synthetic

    record = records.find("synthetic")
    if split not in FIRST_INDEX:
        raise errors.InputError(f"synthetic: has no split {split!r}; choose one of {', '.join(FIRST_INDEX)}")
    count = record.splits[split] if count is None else count
    if not 1 <= count <= LARGEST_COUNT:
        raise errors.InputError(f"synthetic: count {count} is not between 1 and {LARGEST_COUNT}")
    if seed < 0:
        raise errors.InputError(f"synthetic: seed {seed} is negative; choose 0 or more")
    first = FIRST_INDEX[split]

    def read(index, size):
        return synthetic.draw(first + index, image_size=min(size, LARGEST_SIZE), seed=seed)

    def verify(keep):
        return _digest(read, f"synthetic {split} {count} {seed}")

    return sources.Source(
        name="synthetic",
        split=split,
        names=[f"{split}-{index:06d}" for index in range(count)],
        counts={**record.splits, split: count},
        direction=record.direction,
        label_sides=record.label_sides,
        read=read,
        verify=verify,
        slow=True,
    )


def _digest(read, description):
    """Identify the content by what it is drawn from and by one drawing, which changes where the drawing code does."""
    digest = hashlib.sha256(description.encode())
    for side in read(0, _DIGEST_SIZE):
        digest.update(side.tobytes())
    return digest.hexdigest()
