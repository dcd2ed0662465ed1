"""What the pairs of a split look like to the rest of the package, wherever they come from."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Source:
    """Name the pairs of one split and read them.

    Attributes:
        name: Name of the set, or the folder's path.
        split: "train", "val" or "test".
        names: The pairs' names, in order.
        counts: Number of pairs of every split of the set.
        direction: "a_to_b" or "b_to_a", the set's own.
        label_sides: Two bools: is side A, is side B a label map?
        read: (index, size) -> two uint8 arrays of shape (height, width, 3), sides A and B. `size` is the side wanted
            next: a source that draws its images draws them so, one that decodes files may ignore it.
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
    verify: Callable
    slow: bool = False
