"""Where commands write: never over a file that they did not write, unless that is asked for."""

import os

from pix2pix_tf import errors
from pix2pix_tf.system import files


def check(path, is_own, force):
    """Raise InputError unless a file may be written, before the work is done that it is for.

    Args:
        path: pathlib.Path of the file, whose folder exists.
        is_own: function of a path that says whether this program wrote the file that is there.
        force: whether any file may be written over.
    """
    if path.is_dir():
        raise errors.InputError(f"{path}: is a folder; expected the name of a file")
    if os.path.lexists(path) and not force and not is_own(path):
        raise errors.InputError(
            f"{path}: is there already, and was not written by this program; choose another --out, or add --force"
        )
    try:
        files.check_writable(path)
    except OSError as error:
        raise errors.InputError(f"{path}: cannot be written ({error.strerror}); choose another --out") from error


def make_folder(out):
    """Make the folder for what a command writes; raise InputError if it cannot be one."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.InputError(f"{out}: is no folder to write to ({error.strerror}); choose another --out") from error
