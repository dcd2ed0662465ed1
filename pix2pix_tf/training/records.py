"""What a run leaves behind to be read: config.json, history.csv, previews, TensorBoard events."""

import csv
import json
import pathlib
import platform

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, plots


def configuration(method, model, pairs, training):
    """Return every value that decides a run, as JSON can hold it."""
    data = {name: getattr(pairs, name) for name in ("name", "split", "direction", "image_size", "jitter", "digest")}
    versions = {"python": platform.python_version(), "tensorflow": tf.__version__, "keras": keras.__version__}
    devices = [device.device_type for device in tf.config.list_logical_devices()]
    return {
        "method": method,
        "model": model.config,
        "data": {**data, "pairs": len(pairs)},
        "training": training,
        "versions": versions,
        "device": {"machine": platform.machine(), "devices": devices, "replicas": model.strategy.num_replicas_in_sync},
    }


def contradictions(old, new):
    """List the values in which a resumed run would differ from its config.json, as "name: old, now new".

    More steps are no contradiction, nor are other versions and devices.
    """
    found = []
    for part in ("method", "model", "data", "training"):
        first, second = (
            config[part] if isinstance(config[part], dict) else {part: config[part]} for config in (old, new)
        )
        for name in sorted(first.keys() | second.keys()):
            if name != "steps" and first.get(name) != second.get(name):
                found.append(f"{name}: {first.get(name)}, now {second.get(name)}")
    return found


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
            config: dict, see `configuration`.
            step: steps done; rows of the history beyond it are dropped.
            regular: function of a step that says whether an undisturbed run has a row there.
        """
        rows = [row for row in read_history(self.folder) if row["step"] <= step and regular(row["step"])]
        self.history = rows
        if not self.writes:
            return
        try:
            (self.folder / "previews").mkdir(parents=True, exist_ok=True)
            replace_text(self.folder / "config.json", json.dumps(config, indent=2) + "\n")
            self.rewrite_history()
        except OSError as error:
            raise errors.InputError(
                f"{self.folder}: cannot be written ({error.strerror}); choose another --out"
            ) from error
        self.events = tf.summary.create_file_writer(str(self.folder / "events"))

    def rewrite_history(self):
        """Write history.csv anew: every row has the columns of all, empty where it has no value."""
        columns = list(dict.fromkeys(name for row in self.history for name in row))
        columns = [name for name in columns if name != "images_per_second"] + ["images_per_second"]
        lines = [",".join(columns)]
        lines += [",".join(str(row.get(name, "")) for name in columns) for row in self.history]
        replace_text(self.folder / "history.csv", "\n".join(lines) + "\n")

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
        sheet = plots.sheet(columns, title=f"step {step:,}")
        pixels = plots.pixels(sheet)
        plots.save(sheet, self.folder / "previews" / f"step_{step:06d}.png")
        with self.events.as_default(step=step):
            tf.summary.image("preview", pixels[None])

    def columns(self):
        """Return the history as name to list of floats; NaN where a row has no value."""
        names = dict.fromkeys(name for row in self.history for name in row)
        return {name: [row.get(name, np.nan) for row in self.history] for name in names}


def read_history(folder):
    """Read history.csv of a run: a list of dicts of numbers; empty where there is none."""
    path = pathlib.Path(folder) / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {name: int(value) if name == "step" else float(value) for name, value in row.items() if value} for row in rows
    ]


def read_config(folder):
    """Read config.json of a run.

    Raises:
        errors.InputError: if there is none, or it cannot be read.
    """
    path = pathlib.Path(folder) / "config.json"
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise errors.InputError(f"{folder}: no run here (config.json is missing)") from None
    except (OSError, ValueError) as error:
        raise errors.InputError(f"{path}: cannot be read ({error})") from error


def replace_text(path, text):
    """Write a text file, all or nothing."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    unfinished.write_text(text)
    unfinished.replace(path)
