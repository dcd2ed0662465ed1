"""What is scored on: inputs and real targets of a split, in pairs or as one direction between two domains."""

import numpy as np

from pix2pix_tf import datasets, errors

MEMORY = 2**27  # bytes of a split's images that are held; a larger one is read anew where it is wanted


def load(name, split, image_size, direction, archive, data_dir, labels=None, progress=False):
    """Load the split to score on, and the train split beside it; both without jitter.

    Args:
        name: a data set or folder, with or without pairs.
        split: "val" or "test"; None takes what the set holds out: val, of unpaired images without one test.
        image_size: side of the images in pixels.
        direction: "a_to_b" or "b_to_a"; None takes the set's own, which unpaired images have not.
        archive: the set's archive, as of `datasets.load`.
        data_dir: the data folder, as of `datasets.load`.
        labels: which sides are label maps, as of `datasets.load`.
        progress: whether to show progress bars.

    Returns:
        Two `datasets.pairs.Pairs` or `OneWay`.

    Raises:
        errors.InputError: if there is no such set or split, or a direction is needed.
    """
    paired = datasets.is_paired(name, data_dir)
    if direction is None and not paired:
        raise errors.InputError(f"{name}: is translated both ways; say which to score, --direction a_to_b or b_to_a")
    same = {"image_size": image_size, "jitter": False, "archive": archive, "data_dir": data_dir, "labels": labels}
    same |= {"memory_limit": MEMORY, "progress": progress}
    same |= {"direction": direction} if paired else {"unpaired": True}
    train = datasets.load(name, "train", **same)
    both = datasets.load(name, split or train.held_out or "val", **same), train
    return both if paired else tuple(OneWay(part, direction) for part in both)


def load_void(name, pairs, archive=None, data_dir=None, labels=None, progress=False):
    """Load where the targets of a split are void, such as the wedges beside a turned photo.

    Args:
        name: the data set or folder that the split is of.
        pairs: the split, as of `load`.
        archive, data_dir, labels, progress: as of `load`.

    Returns:
        bool (n, height, width), True where void; None without pairs, or where nothing is.
    """
    if not pairs.paired:
        return None
    like = {"image_size": pairs.image_size, "direction": pairs.direction, "jitter": False, "memory_limit": MEMORY}
    place = {"archive": archive, "data_dir": data_dir, "labels": labels, "progress": progress}
    marked = datasets.load(name, pairs.split, void="auto", **like, **place)
    if marked.void == "none":
        return None
    void = np.stack([marked.pair(index)[0]["void"][..., 0] > 0 for index in range(len(marked))])
    return void if void.any() else None


class OneWay:
    """One direction between two domains: inputs, and real images of which none is the counterpart of an input.

    Attributes:
        paired: False.
        name, split, image_size, digest: as of the set.
        direction: "a_to_b" or "b_to_a".
        names, target_names: of the inputs and of the real targets; their numbers may differ.
    """

    paired = False

    def __init__(self, domains, direction):
        """Take one direction of a `datasets.unpaired.Unpaired`."""
        self.domains, self.direction = domains, direction
        self.name, self.split = domains.name, domains.split
        self.image_size, self.digest = domains.image_size, domains.digest
        self.order = (0, 1) if direction == "a_to_b" else (1, 0)
        self.names, self.target_names = (domains.side_names[side] for side in self.order)

    def __len__(self):
        """Count the inputs."""
        return len(self.names)

    def pair(self, index):
        """Return the input and a target at an index, float32 (height, width, 3) each; the shorter begins anew."""
        both = self.domains.pair(index)
        return tuple(both[side] for side in self.order)

    def examples(self, indices):
        """Return inputs and targets at indices, two float32 arrays (n, height, width, 3)."""
        both = self.domains.examples(indices)
        return tuple(both[side] for side in self.order)


def target_count(split):
    """Count the real targets of a split: as many as inputs, where they are pairs."""
    return len(split.names if split.paired else split.target_names)
