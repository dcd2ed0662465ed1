"""A user's folder of single images: its sub-folders are classes, and images that lie together have none."""

import functools
import pathlib

from pix2pix_tf import errors
from pix2pix_tf.datasets import folder_layouts, folders, known_files, source

HELP = "put the images into the folder itself, or into a folder for each class"


def describe(folder, split="train", data_dir=None, progress=False):
    """Describe a split of a folder of single images.

    Images lie in the folder or, class by class, in its sub-folders; or in the same way in train/, val/ and test/.
    Without splits a tenth of the names, chosen by hash, validates.

    Args:
        folder: pathlib.Path of the folder.
        split: "train", "val" or "test".
        data_dir, progress: as of `folders.describe_pairs`.

    Returns:
        `source.Source` of single images in colour.

    Raises:
        errors.InputError: if the folder has no such split, or holds no images.
    """
    folder, found = pathlib.Path(folder), []
    splits = find(folder, found)
    if split not in splits:
        errors.raise_for(folder, found)
        raise errors.InputError(f"{folder}: has no split {split!r}, only {', '.join(splits)}; {HELP}")
    classes = _name_classes(folder, splits)
    groups = [(name, "", 0, files) for name, files in splits.items()]
    known = known_files.Known(folder, "images", data_dir)
    return source.Source(
        name=str(folder),
        split=split,
        names=[files.name for files in splits[split]],
        counts={name: len(files) for name, files in splits.items()},
        direction="a_to_b",
        sides=(source.IMAGE,),
        read=functools.partial(folders.read, splits[split], folder, folders.decode_one),
        verify=functools.partial(folders.verify, folder, split, groups, found, folders.decode_one, known, progress),
        passed_over=folders.find_passed_over(folder, groups),
        classes=classes,
        class_of=tuple(classes.index(_class_of(files)) for files in splits[split]) if classes else (),
    )


def find(folder, problems):
    """Find the images of a folder, in one of the layouts of `describe`.

    Args:
        folder: pathlib.Path of the folder.
        problems: list to which single files are added that cannot be used.

    Returns:
        Dict of split to list of `folder_layouts.Files`, named with their class in front.

    Raises:
        errors.InputError: if it holds none.
    """
    parts = [part for part in folder_layouts.SPLITS if (folder / part).is_dir()]
    found = {part: _list(folder / part, folder, problems) for part in parts} or {"": _list(folder, folder, problems)}
    if not parts and found[""]:
        return folder_layouts.split_by_name(found[""])
    found = {part: files for part, files in found.items() if files}
    if not found and not problems:
        raise errors.InputError(f"{folder}: holds no images; {HELP}")
    return found


def _list(place, folder, problems):
    """Return the files of one folder and of the classes in it."""
    inside = [path for path in place.iterdir() if path.is_dir() and not path.name.startswith((".", "__MACOSX"))]
    files = [folder_layouts.Files(*one) for one in folder_layouts.pictures(place, folder, problems, True).items()]
    for path in sorted(inside, key=lambda path: folder_layouts.natural(path.name)):
        name = folder_layouts.normalize(path.name)
        of_class = folder_layouts.pictures(path, folder, problems, True)
        if of_class and files and "/" not in files[0].name:
            raise errors.InputError(
                f"{folder}: {files[0].a.relative_to(folder)} lies beside the folders of the classes, such as "
                f"{path.relative_to(folder)}/; put it into one of them"
            )
        files += [folder_layouts.Files(f"{name}/{own}", file) for own, file in of_class.items()]
    return files


def _name_classes(folder, splits):
    """Return the names of the classes, a tuple; raise InputError if training has none of another split's."""
    named = {split: list(dict.fromkeys(map(_class_of, files))) for split, files in splits.items()}
    (first, classes), *others = named.items()
    for split, own in others:
        foreign = [name for name in own if name not in classes]
        if foreign and (folder / split).is_dir():
            where = f"{foreign[0]}/" if foreign[0] else "images that are in no class"
            raise errors.InputError(f"{folder}: {split} has {where} and {first} has none; give both the same classes")
        classes = [*classes, *foreign]  # of one image that was put aside
    return tuple(classes) if classes != [""] else ()


def _class_of(files):
    """Return the name of the class of an example, "" without."""
    return files.name.rpartition("/")[0]
