"""The option --palette of `translate`: a number, a photo, or a file that names colours."""

import json
import pathlib
import re

import numpy as np

from pix2pix_tf import colorization, errors, images, palettes, streets

HELP = 'expected a number from 0 on, a photo, or a .json file such as {"facade": "#a05030"}'
HELP_IN_COLOUR = "expected a number from 0 on, or a photo that lends its colours"


def choose(text, painter, run):
    """Return what gives each source its palette, a function of the source, from what was given as --palette.

    Args:
        text: a number, which draws one of the run's palettes for all images; the path of a photo, whose mean colours
            are taken at the places that each source gives to its classes; or the path of a .json file, an object of
            class (its name, or its colour in the sources as "#rrggbb") to the colour it shall have, where classes that
            it does not name have those of the run's first palette.
        painter: `palettes.Painter`, or a `colorization.Colorizer`, to which a photo lends the colours of its own bands
            of lightness, and no .json file names any.
        run: what it was made of, for messages.

    Raises:
        errors.InputError: if it is none of these, or the run has no palettes.
    """
    colorizer = painter if isinstance(painter, colorization.Colorizer) else None
    if not (isinstance(painter, palettes.Painter) or colorizer and colorizer.has_palettes):
        raise errors.InputError(f"--palette {text}: {run} was trained without palettes; leave it out")
    if re.fullmatch(r"[0-9]{1,10}", text):
        chosen = painter.draw(int(text))
        return lambda source: chosen
    path, expected = pathlib.Path(text), HELP_IN_COLOUR if colorizer else HELP
    if colorizer and path.suffix == ".json":
        raise errors.InputError(f"--palette {text}: {run} colours photographs; {expected}")
    if not path.is_file():
        is_number = re.fullmatch(r"[-+]?[0-9]*[.]?[0-9]+", text)
        what = "is no such number" if is_number else "is a folder" if path.is_dir() else "no such file"
        raise errors.InputError(f"--palette {text}: {what}; {expected}")
    if colorizer:
        chosen = colorizer.measure(images.to_float(images.read(path)))
        return lambda source: chosen
    if path.suffix == ".json":
        chosen = _read_colours(path, painter)
        return lambda source: chosen
    photo = images.to_float(images.read(path))
    return lambda source: painter.measure(images.resize(photo, source.shape[:2]), source)


def _read_colours(path, painter):
    """Return the palette that a .json file names."""
    known = {_to_hex(colour): number for number, colour in enumerate(painter.colours)}
    known |= {name: known[_to_hex(colour)] for name, colour in streets.LABELS if _to_hex(colour) in known}
    try:
        wanted = json.loads(path.read_text(encoding="utf-8"))
        items = wanted.items()
    except (OSError, ValueError, AttributeError) as error:
        raise errors.InputError(f"{path}: is no JSON object ({error}); {HELP}") from error
    palette = painter.palettes[0].copy()
    for name, colour in items:
        if name.lower() not in known:
            raise errors.InputError(f"{path}: {name!r} is no class; expected one of {', '.join(known)}")
        if not isinstance(colour, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise errors.InputError(f"{path}: {name} is {colour!r}; expected a colour such as #a05030")
        palette[known[name.lower()]] = images.to_float(np.array(list(bytes.fromhex(colour[1:])), np.uint8))
    return palette


def _to_hex(colour):
    """Write a colour as #rrggbb."""
    return "#" + bytes(int(value) for value in colour).hex()
