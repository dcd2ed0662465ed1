"""Files that appear whole or not at all."""

import contextlib
import pathlib


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
