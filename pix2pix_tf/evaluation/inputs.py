"""What is scored on: inputs and real targets of a split, in pairs or as one direction between two domains."""

import numpy as np

from pix2pix_tf import datasets, errors
from pix2pix_tf.evaluation import colouring

MEMORY = 2**27  # bytes of a split's images that are held; a larger one is read anew where it is wanted


def load(
    name,
    split,
    image_size,
    direction,
    archive,
    data_dir,
    labels=None,
    progress=False,
    single=False,
    task=None,
    domain=None,
):
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
        single: whether single images or points are scored, see `datasets.load_samples`.
        task: as of `datasets.load`.
        domain: as of `datasets.load`.

    Returns:
        Two `datasets.pairs.Pairs`, `OneWay`, `Single` or `colouring.Coloured`; the second is None where the first are
        greyscale photographs of a folder, of which all are scored, whatever their split.

    Raises:
        errors.InputError: if there is no such set or split, or a direction is needed.
    """
    if domain is not None and (single or not task):
        raise errors.InputError(f"domain {domain}: is of use for the task colorization alone; leave it out")
    if single:
        train = datasets.load_samples(name, "train", image_size, data_dir=data_dir, progress=progress)
        held_out = split or train.held_out or "val"
        scored = datasets.load_samples(name, held_out, image_size, data_dir=data_dir, progress=progress)
        return Single(scored), Single(train)
    if task:
        return _load_photographs(name, split, domain, image_size, archive, data_dir, progress)
    paired = datasets.is_paired(name, data_dir)
    if direction is None and not paired:
        raise errors.InputError(f"{name}: is translated both ways; say which to score, --direction a_to_b or b_to_a")
    same = {"image_size": image_size, "jitter": False, "archive": archive, "data_dir": data_dir, "labels": labels}
    same |= {"memory_limit": MEMORY, "progress": progress}
    same |= {"direction": direction} if paired else {"unpaired": True}
    train = datasets.load(name, "train", **same)
    both = datasets.load(name, split or train.held_out or "val", **same), train
    return both if paired else tuple(OneWay(part, direction) for part in both)


def _load_photographs(name, split, domain, image_size, archive, data_dir, progress):
    """Load photographs to be coloured, see `load`."""
    same = {"data_dir": data_dir, "memory_limit": MEMORY, "progress": progress}
    old = datasets.load_greyscale(name, image_size, **same)
    if old is not None:
        return colouring.Coloured(old), None
    same |= {"image_size": image_size, "jitter": False, "archive": archive, "task": colouring.Coloured.task}
    train = datasets.load(name, "train", domain=domain, **same)
    scored = datasets.load(name, split or train.held_out or "val", domain=domain, **same)
    return colouring.Coloured(scored), colouring.Coloured(train)


def load_void(name, pairs, archive=None, data_dir=None, labels=None, progress=False):
    """Load where the targets of a split are void, such as the wedges beside a turned photo.

    Args:
        name: the data set or folder that the split is of.
        pairs: the split, as of `load`.
        archive, data_dir, labels, progress: as of `load`.

    Returns:
        bool (n, height, width), True where void; None without pairs, or where nothing is.
    """
    if not pairs.paired or pairs.task:
        return None
    marked = _load_again(name, pairs, archive, data_dir, labels, progress, void="auto")
    if marked.void == "none":
        return None
    void = np.stack([marked.pair(index)[0]["void"][..., 0] > 0 for index in range(len(marked))])
    return void if void.any() else None


def load_instances(name, pairs, archive=None, data_dir=None, labels=None, progress=False):
    """Load a split with the instances beside its sources, for what translates those too.

    Args:
        name, pairs, archive, data_dir, labels, progress: as of `load_void`.

    Returns:
        `datasets.pairs.Pairs`; without pairs, or of sources that are no label maps, those that are given.
    """
    if not pairs.paired or pairs.task:
        return pairs
    found = _load_again(name, pairs, archive, data_dir, labels, progress, instances="auto")
    return pairs if found.instances == "none" else found


def _load_again(name, pairs, archive, data_dir, labels, progress, **further):
    """Load a split as it was, with a further side."""
    like = {"image_size": pairs.image_size, "direction": pairs.direction, "jitter": False, "memory_limit": MEMORY}
    place = {"archive": archive, "data_dir": data_dir, "labels": labels, "progress": progress}
    return datasets.load(name, pairs.split, **like, **place, **further)


class OneWay:
    """One direction between two domains: inputs, and real images of which none is the counterpart of an input.

    Attributes:
        paired: False.
        name, split, image_size, digest: as of the set.
        direction: "a_to_b" or "b_to_a".
        names, target_names: of the inputs and of the real targets; their numbers may differ.
    """

    paired = single = False
    task = None

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


class Single:
    """Real images or points that samples are scored against; nothing is translated, so there are no inputs.

    Attributes:
        paired, single: False, True.
        direction: how samples are made, in words.
        name, split, image_size, digest, names, classes, class_of: as of the set.
        target_names: the names.
        centres, deviation: of points, as of the set; else None.
    """

    paired, single, task, direction = False, True, None, "from noise"

    def __init__(self, samples):
        """Take a `datasets.samples.Samples`."""
        self.samples, self.name, self.split, self.digest = samples, samples.name, samples.split, samples.digest
        self.image_size, self.names, self.target_names = samples.image_size, samples.names, samples.names
        self.classes, self.class_of = samples.classes, samples.class_of
        self.centres, self.deviation = (getattr(samples, name, None) for name in ("centres", "deviation"))

    def __len__(self):
        """Count the samples."""
        return len(self.names)

    def pair(self, index):
        """Return None and the image at an index, float32 (height, width, 3), or the point (2,)."""
        return None, in_colour(self.samples.pair(index)[1])


def in_colour(images):
    """Return images with three channels where they have one, (..., height, width, 3); points as they are."""
    is_grey = images.ndim > 2 and images.shape[-1] == 1
    return np.repeat(images, 3, axis=-1) if is_grey else images


def target_count(split):
    """Count the real targets of a split: as many as inputs, where they are pairs."""
    return len(split.names if split.paired else split.target_names)
