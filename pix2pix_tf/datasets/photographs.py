"""Photographs to learn colours from: the source is L, the target a and b; any images in colour will do, without pairs.

Greyscale photographs are left out: they would teach that the right colour is none.
"""

import concurrent.futures
import dataclasses
import functools
import hashlib
import pathlib
import warnings

import numpy as np

from pix2pix_tf import errors, images, lab
from pix2pix_tf.datasets import (
    catalogue,
    class_folders,
    folder_layouts,
    folders,
    inspection,
    known_files,
    pairs,
    source,
)
from pix2pix_tf.system import hardware
from pix2pix_tf.system import progress as progress_bars

DOMAINS = ("a", "b", "both")
OLD = "all"  # what the split of photographs is called that have no colours: nothing is learned from any
PEEPED = 4 * inspection.SIDE  # side at which a file is looked at, least: a JPEG is decoded no larger


class Photographs(pairs.Pairs):
    """Hand out photographs as L and as a and b, singly or in batches; the surface is that of `pairs.Pairs`.

    Photographs are stored and jittered in RGB, and taken apart (`lab.split`) when they are handed out.

    Attributes:
        task: "colorization".
        domain: of a set of two domains, which photographs these are: "a", "b" or "both"; else None.
        greyscale: names of the photographs of this split that were left out.
    """

    task = "colorization"
    held_out_splits = "val", "test"
    label_sides, direction = (False, False), "a_to_b"

    def __init__(self, found, image_size, jitter, seed=0, memory_limit=pairs.GIBIBYTE, domain=None):
        """Check all content, before anything is trained on it.

        Args:
            found: a `source.Source` with one side, in colour.
            image_size: side of the images, in pixels; images that are not square are stretched.
            jitter: whether batches are cropped from enlarged images and mirrored at random.
            seed: the default of `batch` and `batches`.
            memory_limit: largest number of bytes of images to hold in memory.
            domain: as of the class.

        Raises:
            errors.InputError: if content of the source cannot be used.
        """
        super().__init__(found, image_size, self.direction, jitter, seed, memory_limit)
        self.domain, self.greyscale = domain, found.greyscale

    def __repr__(self):
        """Describe the photographs."""
        return f"<{len(self)} photographs of {self.name!r}, split {self.split!r}, {self.image_size} pixels>"

    def _arrange(self, stored, finish):
        """Take a photograph as it is stored apart: L and a and b."""
        image = finish(stored[0], self.sides[0])
        return lab.split_array(image) if isinstance(image, np.ndarray) else lab.split(image)

    def picture(self, index):
        """Return one photograph as it is stored, float32 (image_size, image_size, 3) in [-1, 1], sRGB."""
        return pairs.finish_array(self._plain.get(range(len(self))[index])[0], self.sides[0])

    def show(self, sources, values=None):
        """Return values of a and b as the pictures that they make of their sources, (n, size, size, 3) in [-1, 1]."""
        values = np.zeros((*np.shape(sources)[:3], 2)) if values is None else np.asarray(values)
        return np.stack([lab.join(*both) for both in zip(np.asarray(sources), values, strict=True)])


def find_domain(name, domain):
    """Return which photographs of a set are meant, "a", "b" or "both"; None where it is a folder of photographs.

    Raises:
        errors.InputError: if there is no such choice.
    """
    entry = catalogue.find(name)
    has_domains = entry is not None and not entry.single or entry is None and folders.is_unpaired(pathlib.Path(name))
    if domain is not None and not has_domains:
        raise errors.InputError(f"domain {domain}: {name} has no two sides to choose from; leave it out")
    if domain not in (None, *DOMAINS):
        raise errors.InputError(f"domain {domain!r}: is not known; choose one of {', '.join(DOMAINS)}")
    if entry is None:
        return domain or "both" if has_domains else None
    return (domain or entry.photographs) if has_domains else None


def describe_folder(folder, split, domain, data_dir=None, progress=False):
    """Describe a split of a folder of photographs.

    They lie in the folder or in its sub-folders; or in the same way in train/, val/ and test/; or in trainA/, trainB/
    and so on. Without splits a tenth of the names, chosen by hash, validates.

    Args:
        folder: pathlib.Path of the folder.
        split: "train", "val" or "test".
        domain: as of `find_domain`.
        data_dir, progress: as of `folders.describe_pairs`.

    Returns:
        `source.Source` with one side.

    Raises:
        errors.InputError: if the folder has no such split, or no photographs in colour.
    """
    problems = []
    splits = class_folders.find(folder, problems) if domain is None else _find_domains(folder, domain, problems)
    if split not in splits:
        errors.raise_for(folder, problems)
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {class_folders.HELP}")
    grey = _find_grey(folder, splits, known_files.Known(folder, "colour", data_dir), progress)
    coloured = {part: [one for one in found if one.a not in grey] for part, found in splits.items()}
    _refuse_grey(folder, split, coloured[split], splits[split])
    _warn_of_labels(folder, coloured[split])
    groups = [(part, "", 0, found) for part, found in coloured.items()]
    known = known_files.Known(folder, "images", data_dir)
    used = [(part, "", 0, found) for part, found in splits.items()]
    return source.Source(
        name=str(folder),
        split=split,
        names=[one.name for one in coloured[split]],
        counts={part: len(found) for part, found in coloured.items() if found},
        direction="a_to_b",
        sides=(source.IMAGE,),
        read=functools.partial(folders.read, coloured[split], folder, folders.decode_one),
        verify=functools.partial(folders.verify, folder, split, groups, problems, folders.decode_one, known, progress),
        passed_over=folders.find_passed_over(folder, used),
        greyscale=tuple(one.name for one in splits[split] if one.a in grey),
    )


def describe_greyscale(folder, data_dir=None, progress=False):
    """Describe all photographs of a folder if none has colours, a `source.Source` of the split `OLD`; else None.

    Args:
        folder: pathlib.Path of the folder, laid out as for `describe_folder`.
        data_dir, progress: as of `folders.describe_pairs`.

    Raises:
        errors.InputError: if it holds no photographs.
    """
    if folders.is_unpaired(folder):
        return None
    problems = []
    splits = class_folders.find(folder, problems)
    files = [one for found in splits.values() for one in found]
    files = sorted(files, key=lambda one: folder_layouts.natural(one.name))
    grey = _find_grey(folder, splits, known_files.Known(folder, "colour", data_dir), progress)
    if not files or len(grey) < len(files):
        return None
    groups, known = [(OLD, "", 0, files)], known_files.Known(folder, "images", data_dir)
    return source.Source(
        name=str(folder),
        split=OLD,
        names=[one.name for one in files],
        counts={OLD: len(files)},
        direction="a_to_b",
        sides=(source.IMAGE,),
        read=functools.partial(folders.read, files, folder, folders.decode_one),
        verify=functools.partial(folders.verify, folder, OLD, groups, problems, folders.decode_one, known, progress),
    )


def _find_domains(folder, domain, problems):
    """Return the files of a folder of two domains by split, each named with its folder; problems are added."""
    found = {}
    for split in folder_layouts.SPLITS:
        places = [folder / f"{split}{side.upper()}" for side in ("ab" if domain == "both" else domain)]
        files = [
            folder_layouts.Files(f"{place.name}-{name}", path)
            for place in places
            for name, path in folder_layouts.pictures(place, folder, problems, True).items()
        ]
        found |= {split: files} if files else {}
    if not found and not problems:
        raise errors.InputError(f"{folder}: has no photographs in trainA/ or trainB/; {class_folders.HELP}")
    return found


def _find_grey(folder, splits, known, shown):
    """Return the paths of the files that show no colour; what cannot be read is left to whoever decodes it."""
    files = [one for found in splits.values() for one in found]

    def look(one):
        told = known.recall(one)
        if told is None:
            state = known.observe(one)
            told = "grey" if images.is_grey(one.a, PEEPED, inspection.LEAST_COLOUR) else "colour"
            known.remember(one, state, told)
        return told == "grey"

    with concurrent.futures.ThreadPoolExecutor(hardware.count_cores()) as executor:
        shown = shown and len(files) > known.count_known(files)
        bar = {"total": len(files), "unit": "image", "shown": shown, "delay": 2}
        answers = list(progress_bars.bar(executor.map(look, files), f"looking at {folder.name}", **bar))
    known.store()
    return {one.a for one, is_grey in zip(files, answers, strict=True) if is_grey}


def _refuse_grey(name, split, coloured, every):
    """Raise InputError if there are photographs, and none in colour."""
    if every and not coloured:
        raise errors.InputError(
            f"{name}: all {len(every)} photographs of {split} are greyscale; colours are learned from colour ones"
        )


def _warn_of_labels(folder, files):
    """Warn if what should be photographs looks like label maps."""
    if files and folders.vote(files, folder)[0]:
        said = f"{folder}: its images have few colours, as label maps have; colours are learned from photographs"
        warnings.warn(said, errors.NoteWarning, stacklevel=2)


def from_pairs(described, domain):
    """Take the photographs of a side of pairs, or of both; these are not looked at for colour.

    Args:
        described: `source.Source` with two sides.
        domain: "a", "b" or "both".

    Returns:
        `source.Source` with one side.
    """
    reads = {side: functools.partial(_read_side, described.read, place) for place, side in enumerate("ab")}
    parts = {side: dataclasses.replace(described, read=read) for side, read in reads.items()}
    return _choose(parts, domain, lambda keep: _digest(described.verify(lambda *_: None), domain))


def from_domains(described, domain, progress=False):
    """Take the photographs of a domain of a public set, or of both, without the greyscale ones.

    Args:
        described: `source.Domains`.
        domain: "a", "b" or "both".
        progress: whether to show how far they are looked at.

    Returns:
        `source.Source` with one side.

    Raises:
        errors.InputError: if none is in colour.
    """
    counts = [{split: both[place] for split, both in described.counts.items()} for place in (0, 1)]
    parts = {"a": dataclasses.replace(described.a, counts=counts[0])}
    parts |= {"b": dataclasses.replace(described.b, counts=counts[1])}
    both = _choose(parts, domain, lambda keep: _digest(described.verify(lambda *_: None, lambda *_: None), domain))
    return both if both.slow else _leave_out_grey(both, progress)


def _leave_out_grey(described, progress):
    """Return photographs that are read from records without the greyscale ones of this split."""
    numbers = range(len(described.names))
    with concurrent.futures.ThreadPoolExecutor(hardware.count_cores()) as executor:
        small = executor.map(lambda index: images.resize(described.read(index, PEEPED)[0], inspection.SIDE), numbers)
        bar = {"total": len(numbers), "unit": "image", "shown": progress, "delay": 2}
        small = np.stack(list(progress_bars.bar(small, f"looking at {described.name}", **bar)))
    grey = set(inspection.greyscale(np.float32(small).reshape(len(small), -1)))
    kept = [index for index in numbers if index not in grey]
    _refuse_grey(described.name, described.split, kept, numbers)
    return dataclasses.replace(
        described,
        names=[described.names[index] for index in kept],
        counts={**described.counts, described.split: len(kept)},
        read=lambda index, size: described.read(kept[index], size),
        greyscale=tuple(described.names[index] for index in sorted(grey)),
    )


def _choose(sides, domain, verify):
    """Return the photographs of a side, or of both as one source; of both, names begin with their side."""
    if domain != "both":
        return dataclasses.replace(sides[domain], sides=(source.IMAGE,), verify=verify, direction="a_to_b")
    parts = [dataclasses.replace(part, names=[f"{side}-{name}" for name in part.names]) for side, part in sides.items()]
    first = len(parts[0].names)

    def read(index, size):
        part, own = (parts[0], index) if index < first else (parts[1], index - first)
        return part.read(own, size)

    counts = {split: sum(part.counts[split] for part in parts) for split in parts[0].counts}
    names = [name for part in parts for name in part.names]
    same = {"sides": (source.IMAGE,), "verify": verify, "direction": "a_to_b"}
    return dataclasses.replace(parts[0], names=names, counts=counts, read=read, **same)


def _read_side(read, place, index, size):
    """Read one side of a pair."""
    return (read(index, size)[place],)


def _digest(digest, domain):
    """Return the digest of a choice of what a set holds."""
    return hashlib.sha256(f"{digest} colorization {domain}\n".encode()).hexdigest()
