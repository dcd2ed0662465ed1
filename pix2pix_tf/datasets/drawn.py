"""The drawn sets as sources: splits are ranges of indices, images are drawn when they are first wanted."""

import functools
import hashlib

from pix2pix_tf import errors
from pix2pix_tf.datasets import source

# Far apart, so that a split can be widened without ever drawing a house of another one.
FIRST_INDEX = {"train": 0, "val": 1_000_000_000, "test": 2_000_000_000}
LARGEST_COUNT = 500_000_000  # two domains take twice as many houses
LARGEST_SIZE = 1024  # of a drawing; what is wanted larger is enlarged
TIMES = ("day", "night")
KINDS = {"synthetic": "front", "terraces": "terrace"}  # the sets with labels, and what `streets` draws for them
_DIGEST_SIZE = 64


def describe_pairs(entry, split="train", count=None, seed=0, instances=False):
    """Describe a split of pairs: a photo and its labels, or a house by day and at night.

    Args:
        entry: the set's `catalogue.Entry`.
        split: "train", "val" or "test".
        count: number of pairs; None takes 400 for train and 100 for the others.
        seed: seed of the drawings.
        instances: whether to add the side `source.INSTANCES`: the numbers of what the label map shows.

    Returns:
        `source.Source`.

    Raises:
        errors.InputError: if there is no such split, the count is not possible, or the set has no instances.
    """
    name, count = entry.name, check_count(entry, split, count, seed)
    first, sides = FIRST_INDEX[split], source.name_sides(entry.label_sides)
    if instances and name not in KINDS:
        raise errors.InputError(f"{name}: has no instances; {' and '.join(KINDS)} have them")

    def read(index, size):
        return _draw(name, first + index, min(size, LARGEST_SIZE), seed, instances)

    def verify(keep):
        return _digest(read(0, _DIGEST_SIZE), f"{name} {split} {count} {seed}")

    return source.Source(
        name=name,
        split=split,
        names=[f"{split}-{index:06d}" for index in range(count)],
        counts={**entry.splits, split: count},
        direction=entry.direction,
        sides=(*sides, source.INSTANCES) if instances else sides,
        read=read,
        verify=verify,
        slow=True,
    )


def describe_domains(entry, split="train", count=None, seed=0):
    """Describe a split of "day2night" as two domains: by day and at night.

    No house of the training set stands in both domains: day shows every other one, night those between. In the other
    splits both show the same houses, so that what a translation should have been is known.

    Args:
        entry: the set's `catalogue.Entry`.
        split: "train", "val" or "test".
        count: number of images of each domain; None takes 400 for train and 100 for the others.
        seed: seed of the drawings.

    Returns:
        `source.Domains`.

    Raises:
        errors.InputError: as of `describe_pairs`.
    """
    from pix2pix_tf import streets

    name, count = entry.name, check_count(entry, split, count, seed)
    counts, apart = {**entry.splits, split: count}, split == "train"

    def house(side, index):
        return 2 * index + side if apart else index

    def read(side, index, size):
        number, size = FIRST_INDEX[split] + house(side, index), min(size, LARGEST_SIZE)
        return (streets.draw_photo(number, size, seed, TIMES[side]),)

    a, b = (
        source.Source(
            name=name,
            split=split,
            names=[f"{split}-{house(side, index):06d}" for index in range(count)],
            counts=counts,
            direction=entry.direction,
            sides=source.name_sides([False]),
            read=functools.partial(read, side),
            slow=True,
        )
        for side in (0, 1)
    )

    def verify(*keeps):
        shown = [read(side, 0, _DIGEST_SIZE)[0] for side in (0, 1)]
        return _digest(shown, f"{name} unpaired {split} {count} {seed}")

    both = {key: (value, value) for key, value in counts.items()}
    return source.Domains(name, split, both, a, b, verify, counterparts=not apart)


def _draw(name, index, size, seed, instances):
    """Draw sides A and B of a pair, and the instance map, (size, size, 1), if it is wanted."""
    from pix2pix_tf import streets

    if name not in KINDS:
        return tuple(streets.draw_photo(index, size, seed, time) for time in TIMES)
    draw = streets.draw_terrace if name == "terraces" else streets.draw
    pair = draw(index, image_size=size, seed=seed)
    if not instances:
        return pair
    return (*pair, streets.draw_instances(index, size, seed, KINDS[name])[..., None])


def check_count(entry, split, count, seed):
    """Return the number of images, the set's own where none is given; raise InputError if it is not possible."""
    name = entry.name
    if split not in FIRST_INDEX:
        raise errors.InputError(f"{name}: has no split {split!r}; choose one of {', '.join(FIRST_INDEX)}")
    count = entry.splits[split] if count is None else count
    if not 1 <= count <= LARGEST_COUNT:
        raise errors.InputError(f"{name}: count {count} is not between 1 and {LARGEST_COUNT}")
    if seed < 0:
        raise errors.InputError(f"{name}: seed {seed} is negative; choose 0 or more")
    return count


def _digest(drawings, description):
    """Identify the content by what it is drawn from and by one drawing, which changes where the drawing code does."""
    digest = hashlib.sha256(description.encode())
    for drawing in drawings:
        digest.update(drawing.tobytes())
    return digest.hexdigest()
