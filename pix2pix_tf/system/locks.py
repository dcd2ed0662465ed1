"""One process at a time: locks that a killed process leaves open, on local and on shared disks."""

import contextlib
import pathlib

import filelock

from pix2pix_tf import errors


@contextlib.contextmanager
def alone(path):
    """Wait until no other process or thread holds a lock, and hold it.

    Args:
        path: the lock's file, in a folder that exists; the file stays, empty.

    Raises:
        OSError: if the file cannot be made.
    """
    lock = filelock.FileLock(pathlib.Path(path), mode=0o666)
    try:
        lock.acquire()
    except NotImplementedError:  # a disk that knows no locks: as good as can be had
        yield
        return
    try:
        yield
    finally:
        lock.release()


def take(path, refusal):
    """Take a lock for as long as the process lives, or until it is released.

    Args:
        path: the lock's file, in a folder that exists.
        refusal: what to say where another process holds it.

    Returns:
        What has `release()`, or None where the disk knows no locks.

    Raises:
        errors.InputError: with `refusal`, at once.
        OSError: if the file cannot be made.
    """
    lock = filelock.FileLock(pathlib.Path(path), mode=0o666)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise errors.InputError(refusal) from None
    except NotImplementedError:
        return None
    return lock
