"""Generators that come with the package, each a small run: its config, its generator and what belongs to that."""

import importlib
import pathlib

from pix2pix_tf import errors

FOLDER = pathlib.Path(__file__).parent
NAMES = ("streets",)


def find(name):
    """Return the folder of a generator that comes with the package, or None where none has the name."""
    return FOLDER / name if name in NAMES else None


def load(name):
    """Open a generator that comes with the package.

    Args:
        name: "streets": label maps in the colours of facades (`streets.LABELS`) to photos of street fronts, trained on
            drawn streets alone; how is in the provenance.json of its folder.

    Returns:
        What translates images of any size, called as `Method.translate` is: for "streets" `palettes.Painter`.

    Raises:
        errors.InputError: if none has the name.
    """
    folder = find(name)
    if folder is None:
        raise errors.InputError(
            f"{name!r}: no generator of this name comes with the package; choose {', '.join(NAMES)}"
        )
    # It is opened as any run is, by what stands above this module and must not be needed to import it.
    return importlib.import_module("pix2pix_tf.runs").open(folder).translator()
