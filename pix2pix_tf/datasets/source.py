"""What the examples of a split look like to the rest of the package, wherever they come from."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

KINDS = ("photo", "labels", "ids", "mask")


@dataclasses.dataclass(frozen=True)
class Side:
    """Name a part of every example: the two sides of a pair, and what else belongs to it, such as instance ids.

    Attributes:
        name: what it is called; the first two sides of pairs are "a" and "b".
        channels: channels of its images.
        kind: "photo" (resampled smoothly), "labels" (colours that mean something), "ids" (integers that name things)
            or "mask" (0 and 1); the last three take the nearest pixel, and nothing new is invented.
        of_ids: whether label maps are stored as ids of classes; they come in the colours of `ids.colour`.
    """

    name: str
    channels: int = 3
    kind: str = "photo"
    of_ids: bool = False

    def __post_init__(self):
        """Refuse a kind that is not known."""
        if self.kind not in KINDS:
            raise ValueError(f"kind is {self.kind!r}; expected one of {', '.join(KINDS)}")

    @property
    def dtype(self):
        """NumPy type in which it is stored: ids keep all of 32 bits."""
        return np.dtype(np.int32 if self.kind == "ids" else np.uint8)


IMAGE = Side("image")  # the only side of single images in colour
VOID = Side("void", 1, "mask")  # 1 where nobody wants what a target shows, for its source cannot foretell it
INSTANCES = Side("instances", 1, "ids")  # which pixels belong to one thing: a window, a house


@dataclasses.dataclass(frozen=True)
class Source:
    """Name the examples of one split and read them; the images of one domain are a source with a single side.

    Attributes:
        name: name of the set, or the folder's path.
        split: "train", "val" or "test".
        names: the examples' names, in order.
        counts: number of examples of every split of the set.
        direction: "a_to_b" or "b_to_a", the set's own.
        sides: tuple of `Side`: of pairs A and B, then whatever else there is.
        read: function of (index, size) that returns an array (height, width, channels) for each side, of its dtype.
            `size` is the side wanted next: a source that draws its images draws them so, one that decodes files may
            ignore it.
        verify: function of (keep) that checks all content before anything is trained on it and returns its digest,
            SHA-256 in hexadecimal. Examples that are decoded on the way may be handed over as `keep(index, *arrays)`,
            from any thread. None for a domain, which `Domains.verify` checks.
        slow: whether an example takes so long to read that each is read when it is first wanted, not all before
            training.
        passed_over: pictures that lie in the folder and belong to no example.
        classes: names of the classes of single images, in the order of their numbers; empty where there are none.
        class_of: number of each example's class.
        greyscale: names of photographs that were left out, for they have no colour to learn from.
        has_components: whether the side INSTANCES, where it is there, was made of label maps by
            `components.find_components`, rather than given with the set.
        read_side: function of (index, side), 0 for A and 1 for B, that returns this side alone, as large as it is
            stored. None where it takes as long as `read`.
    """

    name: str
    split: str
    names: list[str]
    counts: dict[str, int]
    direction: str
    sides: tuple[Side, ...]
    read: Callable
    verify: Callable | None = None
    slow: bool = False
    passed_over: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    class_of: tuple[int, ...] = ()
    greyscale: tuple[str, ...] = ()
    has_components: bool = False
    read_side: Callable | None = None


@dataclasses.dataclass(frozen=True)
class Domains:
    """Name the images of two domains in one split: nothing is known of which image of A belongs to which of B.

    Attributes:
        name: name of the set, or the folder's path.
        split: "train", "val" or "test".
        counts: number of images of domains A and B in every split of the set, two int each.
        a: a `Source` of one side, or of two, of which the first is meant.
        b: a `Source` of one side, or the same source as `a`, of which the second side is meant.
        verify: function of (keep_a, keep_b) that returns a digest, like `Source.verify`, for both at once.
        counterparts: whether image i of A and image i of B show the same, which training must not be told.
        passed_over: as of `Source`.
    """

    name: str
    split: str
    counts: dict[str, tuple[int, int]]
    a: Source
    b: Source
    verify: Callable
    counterparts: bool = False
    passed_over: tuple[str, ...] = ()


def name_sides(label_sides):
    """Return the sides A and B, or A alone, of colour images.

    Args:
        label_sides: a bool for each: is it a label map?
    """
    kinds = ("labels" if labels else "photo" for labels in label_sides)
    return tuple(Side(name, 3, kind) for name, kind in zip("ab", kinds, strict=False))


def forget_pairs(pairs):
    """Forget which image of A belongs to which of B.

    Args:
        pairs: a `Source` of pairs.

    Returns:
        `Domains`: its two sides.
    """
    counts = {split: (count, count) for split, count in pairs.counts.items()}
    verify = functools.partial(_verify_both, pairs.verify)
    return Domains(pairs.name, pairs.split, counts, pairs, pairs, verify, True, pairs.passed_over)


def _verify_both(verify, keep, _):
    """Verify pairs that are shown as two domains, whose one store keeps both sides."""
    return verify(keep)
