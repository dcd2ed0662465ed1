"""The folder of a run: its config.json, and what the run has learned."""

import contextlib
import json
import os
import pathlib
import platform
import shlex
import zlib

import keras
import tensorflow as tf

from pix2pix_tf import colorization, datasets, errors, pretrained, registry
from pix2pix_tf.datasets import folders
from pix2pix_tf.system import files, locks

_LABELS = {sides: name for name, sides in folders.LABEL_SIDES.items()}
CHECKSUM = "checksum"
NUMBERS = ("steps", "batch_size", "seed", "checkpoint_every", "preview_every")
LOCK = pathlib.Path("checkpoints", ".lock")  # out of sight
FOLDERS = ("previews", "events", "checkpoints")


def open(folder):
    """Open a run: the only way in which translations, scores and exports are made of one.

    Args:
        folder: the run's folder, or the name of a generator that comes with the package, see
            `pretrained.list_names`, where no folder is called so.

    Returns:
        `Run`.

    Raises:
        errors.InputError: if there is no run, its config.json cannot be read, or its method is not known.
    """
    return Run(_find_shipped(folder) or folder)


def _find_shipped(name):
    """Return the folder of a generator that comes with the package, or None; what lies here under its name is meant."""
    return None if os.path.exists(name) else pretrained.find(str(name))


class Run:
    """A run that has been trained, or is being trained.

    Attributes:
        folder: `pathlib.Path`.
        config: its config.json, a dict.
        method: the class of its method.
        data: name of the set it was trained on.
        image_size: side of the images it was trained on, in pixels.
        directions: tuple of the directions it translates; empty where it draws from noise.
        task: "colorization" where it has learned to colour photographs, else None.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = read_config(self.folder)
        self.method = registry.find(self.config["method"], f"{self.folder}: ").load_class()
        self.data, self.image_size = self.config["data"]["name"], self.config["data"]["image_size"]
        self.task = self.config["data"].get("task")
        self.directions = (self.config["data"]["direction"],) if self.method.paired else datasets.DIRECTIONS
        if not self.method.translates:
            self.directions = ()

    def choose_direction(self, direction=None):
        """Return the direction that is meant: the one given, or the only one.

        Raises:
            errors.InputError: if the run does not translate that way, or both ways and no direction was given.
        """
        if direction is None and len(self.directions) > 1:
            raise errors.InputError(
                f"{self.folder}: translates both ways; choose one with --direction a_to_b or b_to_a"
            )
        if direction not in (None, *self.directions):
            raise errors.InputError(
                f"{self.folder}: translates {self.directions[0]} only; leave out --direction {direction}"
            )
        return direction or self.directions[0]

    def check_generators(self):
        """Raise InputError if the run has not written its generators yet, or has lost what belongs to them."""
        for name in self.method.saved_files(self.config["model"]):
            if not (self.folder / name).exists():
                raise errors.InputError(
                    f"{self.folder}: has no {name}; a run writes it when it ends or is stopped by Ctrl-C, and again "
                    f"when it is resumed (pix2pix-tf train --resume --out {shlex.quote(str(self.folder))})"
                )

    def translator(self, direction=None):
        """Return what translates images of any size as the run has learned to.

        Args:
            direction: "a_to_b" or "b_to_a"; None for the only one that there is.

        Returns:
            What the method gives, a `translation.Translator` or what is called like one; of a run that has learned to
            colour photographs a `colorization.Colorizer` of it.

        Raises:
            errors.InputError: as `choose_direction` and `check_generators`, or if a file is no generator.
        """
        if not self.method.translates:
            name = self.method.name
            raise errors.InputError(f"{self.folder}: is a run of {name}, which draws from noise; use pix2pix-tf sample")
        direction = self.choose_direction(direction)
        self.check_generators()
        translator = self.method.open_translator(self.folder, self.config, direction)
        return colorization.Colorizer(translator) if self.task == colorization.TASK else translator

    def sampler(self):
        """Return what draws samples from noise as the run has learned to.

        Returns:
            What the method gives: a `translation.Sampler`, or what is called like one.

        Raises:
            errors.InputError: if the run translates images, as `check_generators`, or if its file is no generator.
        """
        if self.method.translates:
            name = self.method.name
            raise errors.InputError(f"{self.folder}: is a run of {name}, which needs images; use pix2pix-tf translate")
        self.check_generators()
        return self.method.open_sampler(self.folder, self.config)


def is_run(folder):
    """Say whether `open` finds a run there, rather than translations or nothing."""
    return _holds_run(_find_shipped(folder) or folder)


def _holds_run(folder):
    """Say whether a folder holds a run."""
    return os.path.exists(pathlib.Path(folder) / "config.json")


def is_begun(folder, resume):
    """Say whether a folder holds a run.

    Args:
        folder: the run's folder.
        resume: whether its run is to go on.

    Raises:
        errors.InputError: if it holds a run that is not to be resumed, or files of a run's names that are no run's.
    """
    folder = pathlib.Path(folder)
    if errors.readable(folder) != str(folder):
        raise errors.InputError(f"{errors.readable(folder)}: is no name for a run, for TensorFlow takes UTF-8 only")
    found = _holds_run(folder) or any((folder / "checkpoints").glob("step_*"))
    if found and not resume:
        raise errors.InputError(f"{folder}: holds a run already; resume it, or choose another folder")
    if not found:
        foreign = [
            name
            for name in ("history.csv", *FOLDERS)
            if (folder / name).exists() and not _is_only_locked(folder / name)
        ]
        foreign += [path.name for path in folder.glob("generator*.keras")]
        if foreign:
            raise errors.InputError(
                f"{folder}: holds no run, but {', '.join(foreign)}, which a run would write over; choose another folder"
            )
    return found


def check_places(folder, saved):
    """Raise InputError if there is a file where a run has a folder, or a folder where it saves a file."""
    for name in (*FOLDERS, *saved):
        place, is_file = pathlib.Path(folder) / name, name in saved
        if place.is_dir() if is_file else place.is_file():
            found, wanted = ("folder", "file") if is_file else ("file", "folder")
            raise errors.InputError(f"{place}: is a {found}, and a run has a {wanted} there; move it away")


def take(folder):
    """Take a run's folder, which is made if it is missing, for this process alone.

    Args:
        folder: the run's folder.

    Returns:
        What has `release()`, see `locks.take`; a process that ends or is killed releases it.

    Raises:
        errors.InputError: if another process trains there, or the folder cannot be written to.
    """
    folder = pathlib.Path(folder)
    try:
        (folder / LOCK).parent.mkdir(parents=True, exist_ok=True)
        return locks.take(folder / LOCK, f"{folder}: is being trained by another process; wait for it or stop it")
    except OSError as error:
        reason = error.strerror or error
        raise errors.InputError(f"{folder}: cannot be written ({reason}); choose another folder") from error


def release(folder, lock):
    """Release a folder that `take` took; one in which nothing was written is removed."""
    folder = pathlib.Path(folder)
    lock.release()
    with contextlib.suppress(OSError):
        if list(folder.iterdir()) == [folder / LOCK.parent] and _is_only_locked(folder / LOCK.parent):
            (folder / LOCK).unlink()
            (folder / LOCK).parent.rmdir()
            folder.rmdir()


def _is_only_locked(place):
    """Say whether the folder of checkpoints holds nothing but the lock, or not even that: no run has begun there."""
    is_checkpoints = place.name == LOCK.parent.name and place.is_dir()
    return is_checkpoints and {path.name for path in place.iterdir()} <= {LOCK.name}


def read_config(folder):
    """Read config.json of a run.

    Raises:
        errors.InputError: if there is none, or it cannot be read.
    """
    path = pathlib.Path(folder) / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        parts = [config["model"], config["data"], config["training"]]
        if config.pop(CHECKSUM, None) not in (None, _sum(config)):
            raise ValueError(f"it was changed; if that was meant, remove its {CHECKSUM!r}")
        data, numbers = parts[1], [parts[1]["image_size"], *(parts[2].get(name, 1) for name in NUMBERS)]
        is_known = all(isinstance(part, dict) for part in parts) and data["direction"] in datasets.DIRECTIONS
        texts = [config["method"], data["name"], data["digest"]]
        if not is_known or not all(isinstance(text, str) for text in texts) or not all(map(_is_count, numbers)):
            raise ValueError("values are missing, or of other kinds")
        return config
    except (FileNotFoundError, NotADirectoryError):
        raise errors.InputError(f"{folder}: no run here (config.json is missing); give the --out of a run") from None
    except ValueError as error:
        raise errors.InputError(f"{path}: is not the configuration of a run ({error}); restore it") from error
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise errors.InputError(f"{path}: is not the configuration of a run ({error!r}); restore it") from error


def write_config(folder, config):
    """Write config.json of a run, with a checksum that tells later whether it is still what was written."""
    with files.whole(pathlib.Path(folder) / "config.json") as unfinished:
        text = json.dumps({**config, CHECKSUM: _sum(config)}, indent=2)
        unfinished.write_text(f"{text}\n", encoding="utf-8")


def _sum(config):
    """Return a number that changes when a configuration does."""
    return zlib.crc32(json.dumps(config, sort_keys=True).encode())


def _is_count(number):
    """Say whether a value is a whole number of 0 or more."""
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def describe(model, pairs, training):
    """Return every value that decides a run, as JSON can hold it."""
    about = ("name", "split", "paired", "direction", "image_size", "jitter", "digest", "void", "instances")
    data = {name: getattr(pairs, name) for name in about}
    data["labels"] = _LABELS[tuple(pairs.label_sides)]
    if pairs.task:
        data |= {"task": pairs.task, "domain": pairs.domain}
    versions = {"python": platform.python_version(), "tensorflow": tf.__version__, "keras": keras.__version__}
    devices = [device.device_type for device in tf.config.list_logical_devices()]
    return {
        "method": model.name,
        "model": model.config,
        "data": {**data, "pairs": len(pairs)},
        "training": training,
        "generators": list(model.generators),
        "versions": versions,
        "device": {"machine": platform.machine(), "devices": devices, "replicas": model.strategy.num_replicas_in_sync},
    }


def find_contradictions(old, new):
    """List the values in which a resumed run would differ from its config.json, as "name: old, now new".

    More steps are no contradiction, nor are other versions and devices, nor the same data in another place.
    """
    found = []
    lacking = {"labels": new["data"]["labels"], "void": "none", "instances": "none"}  # in older runs
    old, new = ({**config, "data": {**lacking, **config["data"]}} for config in (old, new))
    first, second = (_comparable(config) for config in (old, new))
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            found.append(f"{name}: {first.get(name)}, now {second.get(name)}")
    if old["data"]["digest"] != new["data"]["digest"]:
        names = [f"{config['data']['name']} (digest {config['data']['digest'][:8]})" for config in (old, new)]
        found.append(f"data: {names[0]}, now {names[1]}, which has other content")
    if old["training"]["steps"] > new["training"]["steps"]:
        found.append(f"steps: {old['training']['steps']}, now {new['training']['steps']}; only more are possible")
    return found


def _comparable(config):
    """Return the values of a config.json that must stay as they are, by name."""
    free = {"data": ("name", "digest", "pairs"), "training": ("steps",)}
    values = {"method": config["method"]}
    for part in ("model", "data", "training"):
        values |= {f"{part} {name}": value for name, value in config[part].items() if name not in free.get(part, ())}
    return values
