"""Generators that come with the package, each a small run: its config, its generator and what belongs to that."""

import importlib
import pathlib

from pix2pix_tf import errors

FOLDER = pathlib.Path(__file__).parent


def list_names():
    """Return the names of the generators that come with the package."""
    return sorted(path.parent.name for path in FOLDER.glob("*/config.json"))


def find(name):
    """Return the folder of a generator that comes with the package, or None where none has the name."""
    return FOLDER / name if name in list_names() else None


def load(name):
    """Open a generator that comes with the package.

    Args:
        name: one of `list_names()`.

    Returns:
        What translates images of any size, called as `Method.translate` is.

    Raises:
        errors.InputError: if none has the name.
    """
    folder = find(name)
    if folder is None:
        known = ", ".join(list_names()) or "none does yet"
        raise errors.InputError(f"{name!r}: no generator of this name comes with the package; {known}")
    # It is opened as any run is, by what stands above this module and must not be needed to import it.
    return importlib.import_module("pix2pix_tf.runs").open(folder).translator()
