"""A user's folder of two domains, trainA and trainB, as sources: read and checked before training, like pairs."""

import concurrent.futures
import functools
import hashlib
import pathlib

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import folder_layouts, folders, sources

HELP = "put the images into trainA/ and trainB/, and others into testA/ and testB/"


def is_unpaired(folder):
    """Tell whether a folder (pathlib.Path) has the layout of two domains: trainA and the like."""
    return any((folder / f"{split}{side}").is_dir() for split in folder_layouts.SPLITS for side in "AB")


def find(folder):
    """Find the images of two domains.

    Args:
        folder: pathlib.Path of an existing folder, with trainA and trainB, or the same of "val" or "test", in it.

    Returns:
        Dict of split -> lists of `folder_layouts.Files` of A and of B, in the order of their names; a list of problems
        (str) with single files.

    Raises:
        InputError: If a domain is missing or empty.
    """
    splits, found = {}, []
    for split in folder_layouts.SPLITS:
        places = [folder / f"{split}{side}" for side in "AB"]
        if not any(place.is_dir() for place in places):
            continue
        before = len(found)
        sides = [folder_layouts.pictures(place, folder, found) for place in places]
        for place, side in zip(places, sides, strict=True):
            if not side and len(found) == before:
                reason = "holds no images" if place.is_dir() else "is missing"
                raise errors.InputError(f"{folder}: {place.name}/ {reason}; {HELP}")
        splits[split] = tuple([folder_layouts.Files(name, path) for name, path in side.items()] for side in sides)
    return splits, found


def source(folder, split="train", labels=None):
    """Describe a split of a folder of two domains.

    Args:
        folder: Path of the folder, see `find`.
        split: "train", "val" or "test".
        labels: As of `folders.source`.

    Returns:
        A `sources.Domains`.

    Raises:
        InputError: If the folder has no such split, or a domain is missing.
    """
    folder = pathlib.Path(folder)
    splits, found = find(folder)
    if split not in splits:
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {HELP}")
    counts = {name: (len(a), len(b)) for name, (a, b) in splits.items()}
    if labels is None:
        label_sides = [_are_labels(side, folder) for side in next(iter(splits.values()))]
    else:
        label_sides = folders.LABEL_SIDES[labels]
    a, b = (
        sources.Source(
            name=str(folder),
            split=split,
            names=[files.name for files in splits[split][side]],
            counts={name: both[side] for name, both in counts.items()},
            direction="a_to_b",
            label_sides=(label_sides[side],),
            read=functools.partial(_read, splits[split][side], folder),
        )
        for side in (0, 1)
    )
    verify = functools.partial(_verify, folder, splits, split, found)
    return sources.Domains(str(folder), split, counts, a, b, verify)


def _read(files, folder, index, size):
    """Read one image, as the only side of a source."""
    return (_decoded(files[index], folder)[0],)


def _decoded(files, folder):
    """Return an image, uint8 of shape (height, width, 3), and the bytes it was read from."""
    (data,) = folders.contents(files, folder)
    return images.decode(data, files.a.relative_to(folder)), data


def _verify(folder, splits, split, found, *keeps):
    """Read the split's files, and before training those of all splits; hand over its images and return their digest."""
    wanted = splits if split == "train" else [split]
    jobs = [(name, side, index) for name in wanted for side in (0, 1) for index in range(len(splits[name][side]))]

    def check(job):
        name, side, index = job
        try:
            image, data = _decoded(splits[name][side][index], folder)
        except errors.InputError as error:
            return str(error), None
        if name == split:
            keeps[side](index, image)
        return None, hashlib.sha256(data).hexdigest()

    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        results = list(executor.map(check, jobs))
    errors.raise_for(folder, found + [problem for problem, _ in results if problem])
    digest = hashlib.sha256()
    for (name, side, index), (_, content) in zip(jobs, results, strict=True):
        if name == split:
            digest.update(f"{'AB'[side]} {splits[name][side][index].name} {content}\n".encode())
    return digest.hexdigest()


def _are_labels(files, folder):
    """Decide whether a domain is label maps, by its first images; files that cannot be read have no vote."""
    votes = []
    for one in files[: folders.LABEL_SAMPLE]:
        try:
            image, data = _decoded(one, folder)
        except errors.InputError:
            continue
        votes.append(folders.is_lossless(data) and folders.few_colours(image))
    return bool(votes) and all(votes)
