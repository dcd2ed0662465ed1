"""Files that appear whole or not at all."""

import contextlib
import errno
import pathlib

from pix2pix_tf import errors

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


@contextlib.contextmanager
def whole(path):
    """Write a file beside its place, and put it there when all of it is written.

    Args:
        path: where the file belongs; what is there stays until then.

    Returns:
        A context manager that gives the path to write to; whatever happens, nothing is left there.
    """
    path = pathlib.Path(path)
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


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
