"""The exercises of the lessons: their cells run with an answer in them, and what they must say to it."""

import pathlib

import nbformat
import pytest

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"
SAID = {None: "not tried yet", True: "right: ", False: "no: "}


def run(lesson, start, old, new, /, **names):
    """Run the cell of an exercise with an answer in it.

    Args:
        lesson: name of its file, without the ending.
        start: what the cell, and no other one, starts with.
        old: what the learner replaces.
        new: the answer.
        names: what earlier cells have made.

    Returns:
        Dict of all names.
    """
    cells = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if cell.source.startswith(start)]
    assert old in cell.source
    exec(cell.source.replace(old, new), names)
    return names


def expect(trial, is_right, capsys):
    """Assert that a trial is accepted or refused, and what is said; None is for an exercise that was not tried."""
    if is_right is False:
        with pytest.raises(AssertionError):
            trial()
    else:
        trial()
    assert capsys.readouterr().out.startswith(SAID[is_right])
