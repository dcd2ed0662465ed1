"""A user's folder, of pairs or of two domains: every file is read and checked first, and all bad ones are reported."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import os
import pathlib

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import folder_instances, folder_layouts, known_files, pair_files, source
from pix2pix_tf.system import hardware
from pix2pix_tf.system import progress as progress_bars

LABEL_SAMPLE = 16
LABEL_SIDES = {"none": (False, False), "a": (True, False), "b": (False, True), "both": (True, True)}
DOMAINS_HELP = "put the images into trainA/ and trainB/, and others into testA/ and testB/"


def describe_pairs(folder, split="train", labels=None, data_dir=None, progress=False, void_of=None, instances=None):
    """Describe a split of a folder of pairs; `folder_layouts.find` says which layouts there are.

    Args:
        folder: path of the folder.
        split: "train", "val" or "test".
        labels: which sides are label maps, resized without new colours: "none", "a", "b" or "both". None decides by
            the files: a side is labels if of sixteen images, evenly spread over the names, all that can be read are
            lossless files (PNG, BMP, lossless WebP) of at most 64 colours and at least 16 pixels for every colour.
        data_dir: the data folder, which keeps what is known of unchanged files; None as in `downloads.data_folder`.
        progress: whether to show how far the files are read.
        void_of: "a" or "b", the side whose transparent pixels are void: they are 1 in a third side, if a file of it in
            any split may have such. "own" is the side of the targets in the folder's own direction. None asks for no
            such side. Label maps that are stored as ids have none.
        instances: "a_to_b" or "b_to_a", the direction of which the sources have instances in a further side if they are
            label maps: those of the folder's files, else connected parts. "own" is the folder's own direction, None
            asks for no such side.

    Returns:
        `source.Source`.

    Raises:
        errors.InputError: if the folder has no such split, or files that cannot be paired.
    """
    folder = pathlib.Path(folder)
    splits, found = folder_layouts.find(folder)
    if split not in splits:
        errors.raise_for(folder, found)
        advice = folder_layouts.HELP
        if folder_layouts.has_label_folders(folder):
            advice = f"put pictures into {split}_img/ and {split}_label/, and into {split}_inst/ if train has that"
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {advice}")
    of_authors = folder_layouts.has_label_folders(folder)
    label_sides = _find_label_sides(labels, folder, splits, of_authors)
    made = {"ids_in": _find_sides_of_ids(folder, splits, label_sides)}
    sides = tuple(
        dataclasses.replace(side, of_ids=side.name in made["ids_in"]) for side in source.name_sides(label_sides)
    )
    own, beside = "b_to_a" if of_authors else "a_to_b", []
    if void_of == "own":
        void_of = "a" if of_authors else "b"
    if void_of not in (None, *made["ids_in"]) and pair_files.can_be_transparent(splits, void_of):
        sides, made["void_of"] = (*sides, source.VOID), void_of
    translated = "a" if (own if instances in (None, "own") else instances) == "a_to_b" else "b"
    has_ids = folder_instances.are_there(folder, splits)
    if instances is not None and label_sides["ab".index(translated)]:
        sides, made["instances_of"] = (*sides, source.INSTANCES), translated
        if has_ids:
            splits, problems = folder_instances.attach(folder, splits, translated)
            found = [*found, *problems]
    elif has_ids:
        beside = folder_instances.list_files(folder, splits)  # not wanted, but no strangers
    groups, decode = (
        [(name, "", 0, files) for name, files in splits.items()],
        functools.partial(pair_files.decode, **made),
    )
    kind = "-".join(["pairs", *(f"{name}-{value}" for name, value in made.items() if value and name != "void_of")])
    return source.Source(
        name=str(folder),
        split=split,
        names=[files.name for files in splits[split]],
        counts={name: len(files) for name, files in splits.items()},
        direction=own,
        sides=sides,
        read=functools.partial(read, splits[split], folder, decode),
        verify=functools.partial(
            verify, folder, split, groups, found, decode, known_files.Known(folder, kind, data_dir), progress
        ),
        passed_over=find_passed_over(folder, groups, beside),
        has_components="instances_of" in made and not has_ids,
        read_side=functools.partial(_read_side, splits[split], folder, made["ids_in"]),
    )


def _find_sides_of_ids(folder, splits, label_sides):
    """Return the sides whose files hold ids of classes: a tuple of "a" or "b", or nothing.

    In the layout of pix2pixHD's authors these are the label maps, whatever they look like. In A and B these are label
    maps of which all files are greyscale, where a folder `instances` says that ids are meant: without it they are
    greys. A side that is no label maps is photos, greyscale or not.
    """
    if folder_layouts.has_label_folders(folder):
        return ("b",)
    if not folder_instances.are_there(folder, splits):
        return ()
    labelled = (side for side, is_labels in zip("ab", label_sides, strict=True) if is_labels)
    return tuple(side for side in labelled if pair_files.are_grey_ids(splits, side))


def _find_label_sides(labels, folder, splits, of_authors):
    """Return which sides are label maps, two bools: as they are named, by the layout, or by the files."""
    if of_authors and labels in ("none", "a"):
        raise errors.InputError(f"{folder}: labels is {labels}, but side B is train_label/; expected b or both")
    if labels is not None:
        return LABEL_SIDES[labels]
    if of_authors:
        return LABEL_SIDES["b"]
    return vote(next(iter(splits.values())), folder, pair_files.decode)


def is_unpaired(folder):
    """Tell whether a folder (pathlib.Path) has the layout of two domains: trainA and the like."""
    return any((folder / f"{split}{side}").is_dir() for split in folder_layouts.SPLITS for side in "AB")


def describe_domains(folder, split="train", labels=None, data_dir=None, progress=False):
    """Describe a split of a folder of two domains: trainA and trainB, or the same of "val" or "test".

    Args:
        folder: path of the folder.
        split: "train", "val" or "test".
        labels: as of `describe_pairs`.
        data_dir: as of `describe_pairs`.
        progress: as of `describe_pairs`.

    Returns:
        `source.Domains`.

    Raises:
        errors.InputError: if the folder has no such split, or a domain is missing or empty.
    """
    folder = pathlib.Path(folder)
    splits, found = _find_domains(folder)
    if split not in splits:
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {DOMAINS_HELP}")
    counts = {name: (len(a), len(b)) for name, (a, b) in splits.items()}
    if labels is None:
        label_sides = [vote(files, folder)[0] for files in next(iter(splits.values()))]
    else:
        label_sides = LABEL_SIDES[labels]
    a, b = (
        source.Source(
            name=str(folder),
            split=split,
            names=[files.name for files in splits[split][side]],
            counts={name: both[side] for name, both in counts.items()},
            direction="a_to_b",
            sides=source.name_sides([label_sides[side]]),
            read=functools.partial(read, splits[split][side], folder, decode_one),
        )
        for side in (0, 1)
    )
    groups = [(name, f"{'AB'[side]} ", side, splits[name][side]) for name in splits for side in (0, 1)]
    known = known_files.Known(folder, "images", data_dir)
    check = functools.partial(verify, folder, split, groups, found, decode_one, known, progress)
    return source.Domains(str(folder), split, counts, a, b, check, passed_over=find_passed_over(folder, groups))


def _find_domains(folder):
    """Return the files of A and of B by split, in the order of their names, and problems with single files.

    Only training needs both domains: another split with one of them is passed over.
    """
    splits, found = {}, []
    for split in folder_layouts.SPLITS:
        places = [folder / f"{split}{side}" for side in "AB"]
        if not any(place.is_dir() for place in places):
            continue
        problems = []
        sides = [folder_layouts.pictures(place, folder, problems, share_names=True) for place in places]
        if split != "train" and not all(sides) and not problems:
            continue
        for place, side in zip(places, sides, strict=True):
            if not side and not problems:
                reason = "holds no images" if place.is_dir() else "is missing"
                raise errors.InputError(f"{folder}: {place.name}/ {reason}; {DOMAINS_HELP}")
        splits[split] = tuple([folder_layouts.Files(name, path) for name, path in side.items()] for side in sides)
        found += problems
    if not splits:
        raise errors.InputError(f"{folder}: has no split with images of both domains; {DOMAINS_HELP}")
    return splits, found


def find_passed_over(folder, groups, others=()):
    """Return the pictures of a folder that are neither in its groups of files nor among other paths."""
    used = [path for *_, files in groups for one in files for path in one.paths]
    return tuple(folder_layouts.find_passed_over(folder, [*used, *others]))


def read(files, folder, decode, index, size):
    """Read an example, at whatever size it has."""
    return decode(files[index], folder, *pair_files.read_bytes(files[index], folder))


def _read_side(files, folder, ids_in, index, side):
    """Read side 0 or 1, A or B, of a pair alone, uint8 (height, width, 3)."""
    return pair_files.decode_side(files[index], folder, side, ids_in)


def decode_one(files, folder, data):
    """Decode an image of a domain, the only side of its source."""
    return (images.decode(data, files.a.relative_to(folder)),)


def verify(folder, split, groups, found, decode, known, shown, *keeps):
    """Read the split's files, and before training those of all splits; hand over its images and return their digest.

    Files that have not changed since they were found good are not read again.

    Args:
        folder: where the files lie.
        split: whose images are handed over and digested.
        groups: list of split, what its lines of the digest begin with, the number of its `keep`, and its files.
        found: problems that are known already.
        decode: function of files, folder and bytes that returns an example's arrays.
        known: `known_files.Known` of the folder.
        shown: whether to show progress.
        *keeps: functions of (index, *arrays).
    """
    wanted = [group for group in groups if split in ("train", group[0])]
    jobs = [(group, index) for group in wanted for index in range(len(group[3]))]

    def check(job):
        (name, _, number, files), index = job
        remembered = known.recall(files[index])
        if remembered:
            return None, remembered
        try:
            state = known.observe(files[index])
            data = pair_files.read_bytes(files[index], folder)
            arrays = decode(files[index], folder, *data)
        except errors.InputError as error:
            return str(error), None
        if name == split:
            keeps[number](index, *arrays)
        digests = " ".join(hashlib.sha256(content).hexdigest() for content in data)
        known.remember(files[index], state, digests)
        return None, digests

    with concurrent.futures.ThreadPoolExecutor(hardware.count_cores()) as executor:
        results = executor.map(check, jobs)
        shown = shown and len(jobs) > known.count_known(job[0][3][job[1]] for job in jobs)
        results = list(
            progress_bars.bar(results, f"reading {folder.name}", total=len(jobs), unit="image", shown=shown, delay=2)
        )
    known.store()
    errors.raise_for(folder, found + [problem for problem, _ in results if problem])
    digest = hashlib.sha256()
    for ((name, prefix, _, files), index), (_, hashes) in zip(jobs, results, strict=True):
        if name == split:
            digest.update(os.fsencode(f"{prefix}{files[index].name} {hashes}\n"))
    return digest.hexdigest()


def vote(files, folder, decode=decode_one):
    """Decide which sides are label maps, by some examples; what cannot be read has no vote, and no vote is no.

    Args:
        files: list of `folder_layouts.Files`.
        folder: where they lie.
        decode: function of files, folder and bytes that returns an example's arrays.

    Returns:
        Tuple of bools, one for each side.
    """
    votes = []
    step = max(1, -(-len(files) // LABEL_SAMPLE))
    for one in files[::step]:
        try:
            data = pair_files.read_bytes(one, folder)
            arrays = decode(one, folder, *data)
        except errors.InputError:
            continue
        lossless = [images.is_lossless(data[side % len(data)]) for side in range(len(arrays))]
        votes.append([keeps and images.is_label_map(array) for keeps, array in zip(lossless, arrays, strict=True)])
    return tuple(map(all, zip(*votes, strict=True))) if votes else (False, False)
