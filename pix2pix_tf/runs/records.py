"""What a run leaves behind to be looked at: history.csv, previews, TensorBoard events."""

import csv
import json
import math
import pathlib

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, plots
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
            (self.folder / "previews").mkdir(parents=True, exist_ok=True)
            with files.whole(self.folder / "config.json") as unfinished:
                unfinished.write_text(json.dumps(config, indent=2) + "\n")
            self.rewrite_history()
            self.events = tf.summary.create_file_writer(str(self.folder / "events"))
        except (OSError, tf.errors.OpError) as error:
            reason = getattr(error, "strerror", None) or error
            raise errors.InputError(f"{self.folder}: cannot be written ({reason}); choose another --out") from error

    def rewrite_history(self):
        """Write history.csv anew: every row has the columns of all, empty where it has no value."""
        columns = list(dict.fromkeys(name for row in self.history for name in row))
        columns = [name for name in columns if name != "images_per_second"] + ["images_per_second"]
        with files.whole(self.folder / "history.csv") as unfinished, unfinished.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.history)

    def add_row(self, row):
        """Append a row of scalars, with "step" among them, to the history and to TensorBoard."""
        self.history.append(row)
        if not self.writes:
            return
        self.rewrite_history()
        with self.events.as_default(step=row["step"]):
            for name, value in row.items():
                if name != "step":
                    tf.summary.scalar(name, value)
        self.events.flush()

    def add_preview(self, step, columns):
        """Write a preview as previews/step_000500.png and to TensorBoard."""
        if not self.writes:
            return
        side = max(len(example) for examples in columns.values() for example in examples)
        sheet = plots.sheet(columns, title=f"step {step:,}")
        pixels = plots.pixels(sheet, dpi=max(100, math.ceil(side / plots.PANEL)))
        images.write(self.folder / "previews" / f"step_{step:06d}.png", pixels)
        with self.events.as_default(step=step):
            tf.summary.image("preview", pixels[None])

    def columns(self):
        """Return the history as name to list of floats; NaN where a row has no value."""
        names = dict.fromkeys(name for row in self.history for name in row)
        return {name: [row.get(name, np.nan) for row in self.history] for name in names}


def read_history(folder):
    """Read history.csv of a run: a list of dicts of numbers; empty where there is none.

    Raises:
        errors.InputError: if it cannot be read.
    """
    path = pathlib.Path(folder) / "history.csv"
    if not path.is_file():
        return []
    try:
        with path.open(newline="") as file:
            rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
        return [{**{name: float(value) for name, value in row.items()}, "step": int(row["step"])} for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.InputError(f"{path}: is not the history of a run ({error!r}); restore or remove it") from error
