"""What a run leaves behind to be read: config.json, history.csv, previews, TensorBoard events."""

import csv
import json
import math
import pathlib
import platform

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, plots
from pix2pix_tf.system import files

ONE_WAY = "generator.keras"  # the file of a run that has learned one direction


def configuration(method, model, pairs, training):
    """Return every value that decides a run, as JSON can hold it."""
    about = ("name", "split", "paired", "direction", "image_size", "jitter", "digest")
    data = {name: getattr(pairs, name) for name in about}
    versions = {"python": platform.python_version(), "tensorflow": tf.__version__, "keras": keras.__version__}
    devices = [device.device_type for device in tf.config.list_logical_devices()]
    return {
        "method": method,
        "model": model.config,
        "data": {**data, "pairs": len(pairs)},
        "training": training,
        "generators": list(model.generator_files),
        "versions": versions,
        "device": {"machine": platform.machine(), "devices": devices, "replicas": model.strategy.num_replicas_in_sync},
    }


def contradictions(old, new):
    """List the values in which a resumed run would differ from its config.json, as "name: old, now new".

    More steps are no contradiction, nor are other versions and devices, nor the same data in another place.
    """
    found = []
    first, second = (comparable(config) for config in (old, new))
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            found.append(f"{name}: {first.get(name)}, now {second.get(name)}")
    if old["data"]["digest"] != new["data"]["digest"]:
        names = [f"{config['data']['name']} (digest {config['data']['digest'][:8]})" for config in (old, new)]
        found.append(f"data: {names[0]}, now {names[1]}")
    if old["training"]["steps"] > new["training"]["steps"]:
        found.append(f"steps: {old['training']['steps']}, now {new['training']['steps']}; only more are possible")
    return found


def comparable(config):
    """Return the values of a config.json that must stay as they are, by name."""
    free = {"data": ("name", "digest", "pairs"), "training": ("steps",)}
    values = {"method": config["method"]}
    for part in ("model", "data", "training"):
        values |= {f"{part} {name}": value for name, value in config[part].items() if name not in free.get(part, ())}
    return values


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

        Raises:
            errors.InputError: if the folder cannot be written, or its history.csv cannot be read.
        """
        rows = read_history(self.folder)
        self.history = [row for row in rows if row["step"] <= step and regular(row["step"])]
        if not self.writes:
            return
        try:
            (self.folder / "previews").mkdir(parents=True, exist_ok=True)
            replace_text(self.folder / "config.json", json.dumps(config, indent=2) + "\n")
            self.rewrite_history()
            self.events = tf.summary.create_file_writer(str(self.folder / "events"))
        except (OSError, tf.errors.OpError) as error:
            reason = getattr(error, "strerror", None) or error
            raise errors.InputError(f"{self.folder}: cannot be written ({reason}); choose another --out") from error

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


def read_config(folder):
    """Read config.json of a run.

    Raises:
        errors.InputError: if there is none, or it cannot be read.
    """
    path = pathlib.Path(folder) / "config.json"
    try:
        config = json.loads(path.read_text())
        parts = [config["model"], config["data"], config["training"]]
        if not all(isinstance(part, dict) for part in parts) or not {"name", "digest", "direction"} <= parts[1].keys():
            raise ValueError("parts are missing")
        return config
    except (FileNotFoundError, NotADirectoryError):
        raise errors.InputError(f"{folder}: no run here (config.json is missing); give the --out of a run") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.InputError(f"{path}: is not the configuration of a run ({error!r}); restore it") from error


def direction(config):
    """Return the direction that a run of this config.json has learned; None if it has learned both."""
    return config["data"]["direction"] if config.get("generators", [ONE_WAY]) == [ONE_WAY] else None


def generator_file(folder, config, wanted=None):
    """Return the path of the generator that a run has learned for a direction.

    Args:
        folder: the run's folder, a path.
        config: its config.json, as `read_config` returns it.
        wanted: direction, "a_to_b" or "b_to_a"; None for the only one that there is.

    Raises:
        errors.InputError: if the run does not translate that way, or both ways and no direction was given.
    """
    learned = direction(config)
    if learned is None and wanted is None:
        raise errors.InputError(f"{folder}: translates both ways; choose one with --direction a_to_b or b_to_a")
    if learned is None:
        return folder / f"generator_{wanted}.keras"
    if wanted not in (None, learned):
        raise errors.InputError(f"{folder}: translates {learned} only; leave out --direction {wanted}")
    return folder / ONE_WAY


def replace_text(path, text):
    """Write a text file, all or nothing."""
    with files.whole(path) as unfinished:
        unfinished.write_text(text)
