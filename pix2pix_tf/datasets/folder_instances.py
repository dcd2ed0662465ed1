"""Where the instances of a folder's pairs lie: train_inst beside train_label, or `instances` beside A and B."""

import dataclasses

from pix2pix_tf import errors
from pix2pix_tf.datasets import folder_layouts


def are_there(folder, splits):
    """Tell whether a folder has ids of instances for its pairs.

    Args:
        folder: pathlib.Path of the set.
        splits: dict of split -> list of `folder_layouts.Files`, as `folder_layouts.find` gives it.

    Returns:
        bool.
    """
    if folder_layouts.has_label_folders(folder):
        return any((folder / f"{split}_inst").is_dir() for split in splits)
    return (folder / "instances").is_dir() and any(one.b is not None for files in splits.values() for one in files)


def list_files(folder, splits):
    """List the pictures in the folders of instances: paths."""
    places = _find_places(folder, splits).values() if are_there(folder, splits) else ()
    return [
        path for place in dict.fromkeys(places) for path in folder_layouts.pictures(place, folder, [], True).values()
    ]


def attach(folder, splits, side):
    """Find the file of instances of every pair.

    Args:
        folder: pathlib.Path of the set, which has some.
        splits: as of `are_there`.
        side: "a" or "b", whose instances they are: the label maps.

    Returns:
        Splits whose files have their instances, without the pairs that lack them, and a list of problems (str) with
        single files.

    Raises:
        errors.InputError: if a folder of instances is missing or empty.
    """
    match = folder_layouts.match_parts if folder_layouts.has_label_folders(folder) else folder_layouts.match_names
    made, problems, places = {}, [], _find_places(folder, splits)
    found = {place: _read_place(place, folder, problems) for place in places.values()}
    used = {place: set() for place in found}
    for split, files in splits.items():
        place = places[split]
        named = {folder_layouts.normalize(getattr(one, side).stem): one for one in files}
        partners = match(named, found[place])
        used[place] |= set(partners.values())
        paths = {name: getattr(one, side) for name, one in named.items()}
        problems += folder_layouts.name_lonely(paths, set(partners), place, folder)
        made[split] = [
            dataclasses.replace(named[name], instances=found[place][partners[name]])
            for name in named
            if name in partners
        ]
    for place, pictures in found.items():
        label_folder = getattr(
            next(one for split, there in places.items() if there == place for one in splits[split]), side
        )
        problems += folder_layouts.name_lonely(pictures, used[place], label_folder.parent, folder)
    return made, problems


def find_file(path, place):
    """Find the file of instances of one label map, which lies in whatever folder, by its name as `attach` does.

    Args:
        path: pathlib.Path of the label map; it is not its own file of instances.
        place: pathlib.Path of the folder of instances.

    Returns:
        pathlib.Path.

    Raises:
        errors.InputError: if there is none, or more than one.
    """
    others = folder_layouts.pictures(place, place, [], share_names=True).values()
    names = {one: folder_layouts.normalize(one.stem) for one in others if one.resolve() != path.resolve()}
    own = folder_layouts.normalize(path.stem)
    found = [one for one, name in names.items() if name == own]
    part = folder_layouts.common_part
    found = found or [one for one, name in names.items() if part(name) == part(own)]
    if len(found) == 1:
        return found[0]
    if found:
        called = ", ".join(errors.first([one.name for one in found]))
        raise errors.InputError(f"{path}: has more than one file of its name in {place}, {called}; leave one there")
    raise errors.InputError(f"{path}: has no instances of its name in {place}; put a PNG of ids there")


def _find_places(folder, splits):
    """Return the folder of instances of every split: pathlib.Path by split."""
    if folder_layouts.has_label_folders(folder):
        return {split: folder / f"{split}_inst" for split in splits}
    return {
        split: folder / "instances" / files[0].a.parent.relative_to(folder / "A") for split, files in splits.items()
    }


def _read_place(place, folder, problems):
    """Return the pictures of one folder of instances by name, which must be there and hold some."""
    known = len(problems)
    found = folder_layouts.pictures(place, folder, problems)
    if not found and len(problems) == known:
        reason = "holds no images" if place.is_dir() else "is missing"
        raise errors.InputError(
            f"{folder}: {place.relative_to(folder)}/ {reason}; put the ids of instances there, named like the label "
            "maps, or move all such folders elsewhere, for connected parts to stand for them"
        )
    return found
