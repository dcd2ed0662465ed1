"""Files that appear whole or not at all, are on the disk when they appear, and whose names a file system takes."""

import contextlib
import errno
import os
import pathlib
import shutil
import tempfile
import uuid

from pix2pix_tf import errors

UNFINISHED = ".unfinished-"  # how the names of files and folders begin that are being written
LONGEST_NAME = 255  # bytes, of the file systems in use
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOENT)
_PATTERN = set("[]*?\\")  # what TensorFlow takes for a pattern in the path of a checkpoint


@contextlib.contextmanager
def whole(path):
    """Write a file beside its place, and put it there when all of it is on the disk.

    Args:
        path: where the file belongs; what is there stays until then.

    Returns:
        A context manager that gives the path to write to, one of its own for every process and thread; whatever
        happens, nothing is left there.
    """
    path = pathlib.Path(path)
    unfinished = path.with_name(f"{UNFINISHED}{uuid.uuid4().hex[:12]}{path.suffix[:32]}")
    try:
        yield unfinished
        synchronize(unfinished)
        unfinished.replace(path)
        synchronize(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def synchronize(path):
    """Return when a file or folder is on the disk, not only in the system's memory."""
    if os.name == "nt" and os.path.isdir(path):
        return  # Windows opens no folders, and writes their entries by itself
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unfinished(folder):
    """Remove what a killed process has left unfinished in a folder that is this process' own now."""
    if not os.path.isdir(folder):
        return
    for left in pathlib.Path(folder).iterdir():
        if left.name.startswith(UNFINISHED):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def fit_name(stem, suffix=""):
    """Return a file name that is no longer than a file system takes: the stem is cut, never the suffix.

    Args:
        stem: str, of any alphabet, or of bytes that are no text.
        suffix: its end, such as ".png".
    """
    room = LONGEST_NAME - len(os.fsencode(suffix))
    encoded = os.fsencode(stem)
    if len(encoded) <= room:
        return stem + suffix
    while room and encoded[room] & 0xC0 == 0x80:  # not in the middle of a character
        room -= 1
    return os.fsdecode(encoded[:room]) + suffix


@contextlib.contextmanager
def plain_path(folder):
    """Give a path to a folder that no pattern matcher misunderstands.

    Args:
        folder: an existing folder.

    Returns:
        A context manager that gives its own path, or that of a link to it for as long as it lasts.
    """
    folder = pathlib.Path(folder)
    if not _PATTERN & set(str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="pix2pix_tf-") as place:
        link = pathlib.Path(place, "folder")
        try:
            link.symlink_to(folder.resolve(), target_is_directory=True)
        except OSError:  # Windows, which lets few accounts make links
            shutil.copytree(folder, link)
        yield link


def check_writable(path):
    """Raise the `OSError` now that writing a file would end in later.

    Args:
        path: of a file that is not written yet, in a folder that exists.
    """
    probe = pathlib.Path(path).with_name(f"{UNFINISHED}{uuid.uuid4().hex[:12]}")
    try:
        probe.touch()
    finally:
        probe.unlink(missing_ok=True)


def explain_unwritable(path, error):
    """Return the error to raise where something could not be stored in the data folder.

    Args:
        path: what was to be written.
        error: the `OSError`.

    Returns:
        errors.InputError where no such folder may be written to, errors.RunError where the disk failed or is full.
    """
    reason = error.strerror or error
    if isinstance(error, PermissionError) or error.errno in _FORBIDDEN:
        return errors.InputError(f"{path}: cannot be written to ({reason}); set PIX2PIX_TF_DATA to another folder")
    return errors.RunError(f"{path}: could not be stored ({reason}); check the free space")
