"""A user's folder as a source: every file is read and checked before training starts, and all bad ones are reported."""

import concurrent.futures
import functools
import hashlib
import pathlib

import numpy as np

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import folder_layouts, sources

LABEL_COLOURS = 64
LABEL_SAMPLE = 8
LABEL_SIDES = {"none": (False, False), "a": (True, False), "b": (False, True), "both": (True, True)}


def source(folder, split="train", labels=None):
    """Describe a split of a folder of pairs; `folder_layouts.find` says which layouts there are.

    Args:
        folder: Path of the folder.
        split: "train", "val" or "test".
        labels: Which sides are label maps, resized without new colours: "none", "a", "b" or "both". None decides by
            the files: a side is labels if the first eight of its images, in the order of names, all are lossless
            files (PNG, BMP, lossless WebP) of at most 64 colours and at least 16 pixels for every colour.

    Returns:
        A `sources.Source`.

    Raises:
        InputError: If the folder has no such split, or files that cannot be paired.
    """
    folder = pathlib.Path(folder)
    splits, found = folder_layouts.find(folder)
    if split not in splits:
        errors.raise_for(folder, found)
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {folder_layouts.HELP}")
    pairs = splits[split]
    return sources.Source(
        name=str(folder),
        split=split,
        names=[files.name for files in pairs],
        counts={name: len(files) for name, files in splits.items()},
        direction="a_to_b",
        label_sides=_guess_labels(next(iter(splits.values())), folder) if labels is None else LABEL_SIDES[labels],
        read=lambda index, size: read(pairs[index], folder),
        verify=functools.partial(_verify, folder, splits, split, found),
    )


def read(files, folder):
    """Read a pair.

    Args:
        files: `folder_layouts.Files`.
        folder: The folder to which an error message relates the files' names.

    Returns:
        Two uint8 arrays of the same shape (height, width, 3), sides A and B.

    Raises:
        InputError: If a file cannot be read, or the two do not make a pair.
    """
    return _pair(files, folder, *contents(files, folder))


def contents(files, folder):
    """Return the bytes of a pair's one or two files."""
    paths = [path for path in (files.a, files.b) if path is not None]
    try:
        return [path.read_bytes() for path in paths]
    except OSError as error:
        name = pathlib.Path(error.filename).relative_to(folder)
        raise errors.InputError(f"{name}: cannot be opened ({error.strerror}); check its permissions") from error


def _pair(files, folder, data_a, data_b=None):
    """Decode and check a pair."""
    name = files.a.relative_to(folder)
    a = images.decode(data_a, name)
    if files.b is None:
        return images.halves(a, name)
    name_b = files.b.relative_to(folder)
    b = images.decode(data_b, name_b)
    if a.shape != b.shape:
        sizes = [f"{side.shape[1]}x{side.shape[0]}" for side in (a, b)]
        raise errors.InputError(f"{name}: has {sizes[0]} pixels and {name_b} {sizes[1]}; make them the same size")
    return a, b


def _verify(folder, splits, split, found, keep):
    """Read the split's files, and before training those of all splits; hand over its pairs and return their digest."""
    wanted = splits if split == "train" else [split]
    jobs = [(name, index) for name in wanted for index in range(len(splits[name]))]

    def check(job):
        name, index = job
        files = splits[name][index]
        try:
            data = contents(files, folder)
            a, b = _pair(files, folder, *data)
        except errors.InputError as error:
            return str(error), None
        if name == split:
            keep(index, a, b)
        return None, [hashlib.sha256(content).hexdigest() for content in data]

    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        results = list(executor.map(check, jobs))
    errors.raise_for(folder, found + [problem for problem, _ in results if problem])
    digest = hashlib.sha256()
    for (name, index), (_, hashes) in zip(jobs, results, strict=True):
        if name == split:
            digest.update(f"{splits[name][index].name} {' '.join(hashes)}\n".encode())
    return digest.hexdigest()


def _guess_labels(pairs, folder):
    """Decide which sides are label maps, by the first pairs; files that cannot be read have no vote."""
    votes = []
    for files in pairs[:LABEL_SAMPLE]:
        try:
            data = contents(files, folder)
            sides = _pair(files, folder, *data)
        except errors.InputError:
            continue
        votes.append([is_lossless(data[side % len(data)]) and few_colours(sides[side]) for side in (0, 1)])
    return all(vote[0] for vote in votes), all(vote[1] for vote in votes)


def is_lossless(data):
    """Tell by its first bytes whether a file keeps its colours: PNG, BMP, lossless WebP."""
    return data.startswith((b"\x89PNG", b"BM")) or data[8:16] == b"WEBPVP8L"


def few_colours(image):
    """Tell whether an image of shape (height, width, 3) has as few colours as a label map."""
    codes = image.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    return len(np.unique(codes)) <= min(LABEL_COLOURS, codes.size // 16)
