"""A user's archive as a folder: unpacked once, safely, beside the prepared sets."""

import pathlib
import shutil

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import archives, folder_layouts, members
from pix2pix_tf.system import downloads

PICTURES = (*images.SUFFIXES, *folder_layouts.FOREIGN_SUFFIXES)


def folder(path, data_dir=None):
    """Unpack the pictures of an archive, unless that has been done before.

    Args:
        path: pathlib.Path of a zip or tar.gz file, in which a folder's layout lies, or one folder that has it.
        data_dir: Folder for prepared sets; None as in `downloads.data_folder`.

    Returns:
        pathlib.Path of the folder.

    Raises:
        InputError: If the archive is cut short, unsafe to unpack or without pictures.
        RunError: If there is no place to unpack it to.
    """
    place = (
        downloads.data_folder(data_dir) / "unpacked" / f"{path.name.split('.')[0]}-{archives.file_digest(path)[:16]}"
    )
    if not place.exists():
        unfinished = place.with_name(f".unfinished-{place.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _unpack(path, unfinished)
            unfinished.replace(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return _innermost(place)


def _unpack(path, place):
    """Write all pictures of an archive; names that lead outside never come out of `members.walk`."""
    twice = []
    for name, content in members.walk(path, path.name, _is_picture):
        target = place / name
        if target.exists():
            twice.append(f"{name}: is there twice")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            reason = error.strerror or error
            raise errors.RunError(f"{target}: cannot be written ({reason}); check the data folder") from error
    errors.raise_for(path, twice)
    if not place.exists():
        raise errors.InputError(f"{path}: holds no images; pack a folder of them")


def _is_picture(name):
    """Tell whether a member is a picture; hidden files, and what macOS adds, are none."""
    parts = pathlib.PurePosixPath(name).parts
    return name.lower().endswith(PICTURES) and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _innermost(place):
    """Step into the one folder in which everything lies, as archives of a folder have it."""
    inside = list(place.iterdir())
    known = {*folder_layouts.SPLITS, "A", "B", *(f"{split}{side}" for split in folder_layouts.SPLITS for side in "AB")}
    if len(inside) == 1 and inside[0].is_dir() and inside[0].name not in known:
        return _innermost(inside[0])
    return place
