"""Where the pairs of a user's folder lie: which files make which pair of which split, found by names alone."""

import dataclasses
import hashlib
import os
import pathlib
import re
import unicodedata

from pix2pix_tf import errors, images

SPLITS = ("train", "val", "test")
HELP = "put side-by-side pairs into train/ and val/, or equal names into A/ and B/"
# What the authors of Cityscapes add to the common part of a frame's name.
ENDINGS = re.compile("_(gtFine|gtCoarse)_(labelIds|labelTrainIds|instanceIds)$|_leftImg8bit$")


@dataclasses.dataclass(frozen=True)
class Files:
    """Name the files of one pair: A left and B right in one file, or one file for each side; and of its instances."""

    name: str
    a: pathlib.Path
    b: pathlib.Path | None = None
    instances: pathlib.Path | None = None

    @property
    def paths(self):
        """The paths of all files that there are, in order."""
        return [path for path in (self.a, self.b, self.instances) if path is not None]


def find(folder):
    """Find the pairs of a folder.

    Args:
        folder: pathlib.Path of an existing folder.

    Returns:
        Dict of split -> list of `Files` in the order of their names, and a list of problems (str) with single files.

    Raises:
        errors.InputError: if the folder has none of the layouts that hold pairs.
    """
    if any((folder / f"{split}{side}").is_dir() for split in SPLITS for side in "AB"):
        raise errors.InputError(
            f"{folder}: holds unpaired images (trainA, trainB), and pairs are needed; CycleGAN learns from those, and "
            "if equal names show the same scene, rename trainA to A/train and trainB to B/train"
        )
    if any((folder / side).is_dir() for side in "AB"):
        return _two_sided(folder)
    found = {split: folder / split for split in SPLITS if (folder / split).is_dir()}
    if any((part / side).is_dir() for part in found.values() for side in "AB"):
        raise errors.InputError(
            f"{folder}: has A and B inside its splits; make A/train and B/train of train/A, train/B"
        )
    of_authors = has_label_folders(folder)
    if of_authors or not (found or pictures(folder, folder, [])):
        _refuse_missing_labels(folder)
    return _label_and_photo(folder) if of_authors else _side_by_side(folder, found)


def has_label_folders(folder):
    """Tell whether a folder has the layout of pix2pixHD's authors, and no other: train_label, train_img and the like.

    Its label maps are always ids of classes, whatever they look like.
    """
    others = (*SPLITS, "A", "B", *(f"{split}{side}" for split in SPLITS for side in "AB"))
    labelled = any((folder / f"{split}_label").is_dir() for split in SPLITS)
    return labelled and not any((folder / other).is_dir() for other in others)


def split_by_name(pairs):
    """Put a tenth of the pairs aside for validation, chosen by the hash of their names.

    The choice does not depend on the order of files, and hardly changes when pairs are added.

    Args:
        pairs: list of `Files`.

    Returns:
        Dict of "train" and, for two pairs and more, "val".
    """
    ranked = sorted(pairs, key=lambda files: hashlib.sha256(os.fsencode(files.name)).digest())
    count = max(1, round(len(pairs) / 10)) if len(pairs) > 1 else 0
    chosen = {files.name for files in ranked[:count]}
    splits = {"train": [files for files in pairs if files.name not in chosen]}
    if chosen:
        splits["val"] = [files for files in pairs if files.name in chosen]
    return splits


def _side_by_side(folder, parts):
    """Find pairs of one file each, in the folder itself or in its splits."""
    problems = []
    if parts:
        splits = {split: pictures(part, folder, problems) for split, part in parts.items()}
        splits = {split: [Files(name, path) for name, path in found.items()] for split, found in splits.items()}
    else:
        splits = split_by_name([Files(name, path) for name, path in pictures(folder, folder, problems).items()])
    return _checked(folder, splits, problems)


def _two_sided(folder):
    """Find pairs of one file for each side, in A and B or in their splits."""
    parts = [split for split in SPLITS if any((folder / side / split).is_dir() for side in "AB")]
    places = [(folder / "A" / part, folder / "B" / part) for part in parts] or [(folder / "A", folder / "B")]
    for here, there in places + [place[::-1] for place in places]:
        if not there.is_dir():
            here, there = here.relative_to(folder), there.relative_to(folder)
            raise errors.InputError(f"{folder}: has {here}/ but no {there}/; add it, with the same names")
    problems = []
    found = [_matched(*place, folder, problems) for place in places]
    return _checked(folder, dict(zip(parts, found, strict=True)) if parts else split_by_name(found[0]), problems)


def _label_and_photo(folder):
    """Find pairs in train_img (A) and train_label (B), and the same of val and test, which may lack one of them."""
    splits, problems = {}, []
    for split in SPLITS:
        photos, maps = folder / f"{split}_img", folder / f"{split}_label"
        if split == "train":
            if maps.is_dir() and not photos.is_dir():
                raise errors.InputError(
                    f"{folder}: has {maps.name}/ but no {photos.name}/; add it, with the same names"
                )
        elif not all(pictures(place, folder, []) for place in (photos, maps)):
            continue
        splits[split] = _matched(photos, maps, folder, problems, match_parts)
    return _checked(folder, splits, problems)


def _refuse_missing_labels(folder):
    """Refuse a folder with photos or instances in the layout of pix2pixHD's authors that lacks their label maps."""
    labelled = [split for split in SPLITS if (folder / f"{split}_label").is_dir()]
    for split in SPLITS[:1] if labelled else SPLITS:  # val and test may lack one of them
        beside = [f"{split}_{part}/" for part in ("img", "inst") if (folder / f"{split}_{part}").is_dir()]
        if beside and split not in labelled:
            raise errors.InputError(
                f"{folder}: has {' and '.join(beside)} but no {split}_label/; add it, with the same names"
            )


def match_names(names, others):
    """Return which of some names is which of others: a dict of those in both."""
    return {name: name for name in names if name in others}


def match_parts(names, others):
    """Match names that are equal, then those of equal common parts, see `ENDINGS`: a dict of one to the other.

    A common part that two names share matches nothing.
    """
    equal = match_names(names, others)
    left, right = (_name_parts(name for name in some if name not in equal) for some in (names, others))
    return equal | {left[part]: right[part] for part in left if part in right}


def _name_parts(names):
    """Return a dict of common part -> name, without the parts that several names share."""
    found = {}
    for name in names:
        found.setdefault(common_part(name), []).append(name)
    return {part: some[0] for part, some in found.items() if len(some) == 1}


def common_part(name):
    """Return a name without what the authors of Cityscapes add to it."""
    return ENDINGS.sub("", name)


def _matched(side_a, side_b, folder, problems, match=match_names):
    """Pair the files of two folders by name, whatever their suffixes."""
    found_a, found_b = pictures(side_a, folder, problems), pictures(side_b, folder, problems)
    partners = match(found_a, found_b)
    if found_a and found_b and not partners:
        raise errors.InputError(
            f"{folder}: no name is in both {side_a.relative_to(folder)}/ and {side_b.relative_to(folder)}/; give both "
            "images of a pair the same name, or put images without pairs into trainA/ and trainB/ for CycleGAN"
        )
    for here, matched, missing in ((found_a, partners, side_b), (found_b, partners.values(), side_a)):
        problems += name_lonely(here, set(matched), missing, folder)
    parts = _name_parts(partners) if match is match_parts else {}
    called = {name: part for part, name in parts.items() if part not in partners}
    return [
        Files(called.get(name, name), path, found_b[partners[name]])
        for name, path in found_a.items()
        if name in partners
    ]


def name_lonely(found, matched, missing, folder):
    """Say of every picture that has no partner that it has none, as a list.

    Args:
        found: dict of name -> path.
        matched: names that have a partner.
        missing: pathlib.Path of the folder in which it would lie.
        folder: the set's folder.
    """
    lonely = [path.relative_to(folder) for name, path in found.items() if name not in matched]
    return [f"{path}: has no partner of that name in {missing.relative_to(folder)}/" for path in lonely]


def pictures(place, folder, problems, share_names=False):
    """List the images of one folder.

    Args:
        place: pathlib.Path of the folder; one that is not there has none.
        folder: the set's folder, for error messages.
        problems: list to which single files are added that cannot be used.
        share_names: whether two files may differ in their suffix alone; the second is then called by its whole name.

    Returns:
        Dict of name without suffix -> path, in the order of the names. A name is composed text, however the disk has
        it: an accented letter is one character there, and two on a Mac's older disks.
    """
    found = {}
    paths = [path for path in place.iterdir() if not path.name.startswith(".")] if place.is_dir() else []
    for path in sorted(path for path in paths if not path.is_dir()):
        relative, name = path.relative_to(folder), normalize(path.stem)
        if path.suffix.lower() in images.FOREIGN_SUFFIXES:
            problems.append(f"{relative}: is not a JPEG, PNG, WebP or BMP image; convert or remove it")
        elif path.suffix.lower() in images.SUFFIXES and name in found and not share_names:
            problems.append(f"{relative}: has the name of {found[name].name}; rename one of them")
        elif path.suffix.lower() in images.SUFFIXES:
            found[normalize(path.name) if name in found else name] = path
    return dict(sorted(found.items(), key=lambda item: natural(item[0])))


def find_passed_over(folder, used):
    """Find the pictures of a folder that belong to no example: in other folders, or with other endings.

    Args:
        folder: pathlib.Path of the set's folder.
        used: paths of the files that are used or named as problems.

    Returns:
        List of their paths within the folder (str), in order. Hidden files and folders do not count, nor do files that
        are no pictures.
    """
    used, found = {os.fspath(path) for path in used}, []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        paths = (os.path.join(place, name) for name in sorted(names) if not name.startswith("."))
        found += [os.path.relpath(path, folder) for path in paths if path not in used and images.is_picture(path)]
    return found


def normalize(name):
    """Return a name as it is compared: composed text."""
    return unicodedata.normalize("NFC", name)


def natural(name):
    """Return a sorting key that puts 2 before 10."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split("([0-9]+)", name))]


def _checked(folder, splits, problems):
    """Drop empty splits, and refuse a folder without anything in it."""
    splits = {split: found for split, found in splits.items() if found}
    if not splits and not problems:
        found = errors.first(find_passed_over(folder, ()))
        lie = f" where they are looked for (there are {', '.join(found)})" if found else ""
        raise errors.InputError(f"{folder}: holds no images{lie}; {HELP}")
    return splits, problems
