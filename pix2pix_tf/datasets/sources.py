"""What the pairs of a split look like to the rest of the package, wherever they come from."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Source:
    """Name the pairs of one split and read them; the images of one domain are a source with a single side.

    Attributes:
        name: Name of the set, or the folder's path.
        split: "train", "val" or "test".
        names: The pairs' names, in order.
        counts: Number of pairs of every split of the set.
        direction: "a_to_b" or "b_to_a", the set's own.
        label_sides: Two bools: is side A, is side B a label map?
        read: (index, size) -> two uint8 arrays of shape (height, width, 3), sides A and B. `size` is the side wanted
            next: a source that draws its images draws them so, one that decodes files may ignore it.
            None for a domain, which `Domains.verify` checks.
        slow: Whether a pair takes so long to read that each is read when it is first wanted, not all before training.
        verify: (keep) -> str. Check all content before anything is trained on it and return its digest, SHA-256 in
            hexadecimal. Pairs that are decoded on the way may be handed over as `keep(index, a, b)`, from any thread.
    """

    name: str
    split: str
    names: list[str]
    counts: dict[str, int]
    direction: str
    label_sides: tuple[bool, bool]
    read: Callable
    verify: Callable | None = None
    slow: bool = False


@dataclasses.dataclass(frozen=True)
class Domains:
    """Name the images of two domains in one split: nothing is known of which image of A belongs to which of B.

    Attributes:
        name: Name of the set, or the folder's path.
        split: "train", "val" or "test".
        counts: Number of images of domains A and B in every split of the set, two int each.
        a: A `Source` of one side, or of two, of which the first is meant.
        b: A `Source` of one side, or the same source as `a`, of which the second side is meant.
        verify: (keep_a, keep_b) -> str. Like `Source.verify`, for both at once, with a `keep` for each source.
        counterparts: Whether image i of A and image i of B show the same, which training must not be told.
    """

    name: str
    split: str
    counts: dict[str, tuple[int, int]]
    a: Source
    b: Source
    verify: Callable
    counterparts: bool = False


def unpaired(source):
    """Forget which image of A belongs to which of B.

    Args:
        source: A `Source` of pairs.

    Returns:
        `Domains`: its two sides.
    """
    counts = {split: (count, count) for split, count in source.counts.items()}
    return Domains(
        source.name, source.split, counts, source, source, lambda keep, _: source.verify(keep), counterparts=True
    )
