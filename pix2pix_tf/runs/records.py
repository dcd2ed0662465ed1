"""What a run leaves behind to be looked at: history.csv, previews, TensorBoard events."""

import csv
import io
import json
import pathlib
import zlib

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, plots
from pix2pix_tf.runs import folder as run_folder
from pix2pix_tf.system import files


class Records:
    """The readable files of one run folder.

    Args:
        folder: the run's folder.
        writes: False for the processes of a cluster that leave the writing to the first.
    """

    def __init__(self, folder, writes=True):
        self.folder = pathlib.Path(folder)
        self.writes = writes
        self.history = []
        self.events = None

    def open(self, config, step, regular):
        """Make the folder and its files ready to go on from a step.

        Args:
            config: dict, see `folder.describe`.
            step: steps done; rows of the history beyond it are dropped.
            regular: function of a step that says whether an undisturbed run has a row there.

        Raises:
            errors.InputError: if the folder cannot be written, or its history.csv cannot be read.
        """
        rows = read_history(self.folder)
        self.history = [row for row in rows if row["step"] <= step and regular(row["step"])]
        if not self.writes:
            return
        try:
            previews = self.folder / "previews"
            for place in (self.folder, previews):
                files.remove_unfinished(place)
            self.folder.mkdir(parents=True, exist_ok=True)
            run_folder.write_config(self.folder, config)  # first of all: it says that this is a run
            previews.mkdir(exist_ok=True)
            self.rewrite_history()
            self.rewrite_events(step)
        except (OSError, tf.errors.OpError) as error:
            reason = getattr(error, "strerror", None) or error
            raise errors.InputError(f"{self.folder}: cannot be written ({reason}); choose another folder") from error

    def rewrite_events(self, step):
        """Begin TensorBoard's events anew with the rows and previews up to a step: it cannot take back later ones."""
        events = self.folder / "events"
        old = sorted(events.iterdir()) if events.is_dir() else []
        self.events = tf.summary.create_file_writer(str(events))
        for row in self.history:
            self._add_scalars(row)
        for row in self.history if old else ():
            preview = self.folder / "previews" / f"step_{row['step']:06d}.png"
            if preview.is_file() and row["step"] <= step:
                self._add_image(row["step"], images.read(preview))
        self.events.flush()
        for file in old:
            file.unlink(missing_ok=True)

    def rewrite_history(self):
        """Write history.csv anew: every row has the columns of all, empty where it has no value."""
        columns = list(dict.fromkeys(name for row in self.history for name in row))
        columns = [name for name in columns if name != "images_per_second"] + ["images_per_second"]
        with (
            files.whole(self.folder / "history.csv") as unfinished,
            unfinished.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.history)

    def add_row(self, row):
        """Append a row of scalars, with "step" among them, to the history and to TensorBoard."""
        self.history.append(row)
        if not self.writes:
            return
        self.rewrite_history()
        self._add_scalars(row)
        self.events.flush()

    def add_preview(self, step, columns, picture="sheet"):
        """Write a preview, drawn by this function of `plots`, as previews/step_000500.png and to TensorBoard."""
        if not self.writes:
            return
        pixels = plots.pixels(getattr(plots, picture)(columns, title=f"step {step:,}"), dpi=plots.DPI)
        images.write(self.folder / "previews" / f"step_{step:06d}.png", pixels)
        self._add_image(step, pixels)

    def _add_scalars(self, row):
        """Hand a row to TensorBoard."""
        with self.events.as_default(step=row["step"]):
            for name, value in row.items():
                if name != "step":
                    tf.summary.scalar(name, value)

    def _add_image(self, step, pixels):
        """Hand a preview to TensorBoard."""
        with self.events.as_default(step=step):
            tf.summary.image("preview", pixels[None])

    def columns(self):
        """Return the history as name to list of floats; NaN where a row has no value."""
        names = dict.fromkeys(name for row in self.history for name in row)
        return {name: [row.get(name, np.nan) for row in self.history] for name in names}


def checksum(rows):
    """Return a number that changes when rows of a history do."""
    return zlib.crc32(json.dumps([sorted(row.items()) for row in rows]).encode())


def read_history(folder):
    """Read history.csv of a run: a list of dicts of numbers; empty where there is none.

    Raises:
        errors.InputError: if it cannot be read.
    """
    path = pathlib.Path(folder) / "history.csv"
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8")
        header, *rows = csv.reader(io.StringIO(text), strict=True)
        if not text.endswith("\n") or any(len(row) != len(header) for row in rows):
            raise ValueError("it is cut short")
        rows = [{name: value for name, value in zip(header, row, strict=True) if value} for row in rows]
        return [{**{name: float(value) for name, value in row.items()}, "step": int(row["step"])} for row in rows]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise errors.InputError(f"{path}: is not the history of a run ({error}); restore or remove it") from error
