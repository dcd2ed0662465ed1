"""The command `train`: a new run, or one that goes on."""

import os
import pathlib

import tensorflow as tf

from pix2pix_tf import datasets, errors, pix2pix, training
from pix2pix_tf.datasets import records as data_records
from pix2pix_tf.training import distribution, loop, records

METHODS = {"pix2pix": pix2pix.Pix2Pix}
PAPER = {"image_size": 256, "filters": 64}
SMALL = {"image_size": 128, "filters": 32}  # of the synthetic default: worth looking at after minutes without a GPU

# Where each option of `train` goes: to the model, to the loop, or to the data.
MODEL_OPTIONS = ("image_size", "filters", "adversarial", "reconstruction", "reconstruction_weight", "precision", "seed")
LOOP_OPTIONS = ("batch_size", "seed", "checkpoint_every", "preview_every", "steps")


def train(method, options, given, archive, out, resume):
    """Train a model.

    Args:
        method: a key of METHODS.
        options: dict of the options' values, defaults included, without those that depend on others.
        given: names of the options that were given; where a run is resumed, its config.json decides the others.
        archive: path of the data set's archive, or None.
        out: the run's folder, or None for a new one; with resume for the newest.
        resume: whether to go on with a run.
    """
    tf.config.experimental.enable_op_determinism()
    folder = run_folder(out, resume)
    model_options, options = settled(options, given, folder, resume)
    with training.strategy().scope():
        model = built(METHODS[method], model_options)
        pairs, validation = load_splits(options["data"], options.get("direction"), options["image_size"], archive)
    tell = print if distribution.is_chief(model.strategy) else lambda *_: None
    tell(f"{method} on {len(pairs)} pairs of {pairs.name}, {pairs.direction}, in {model.config['precision']}: {folder}")
    if validation is None:
        tell(f"{pairs.name} has no split val; previews and validation losses are of training pairs")
    chosen = {name: options[name] for name in LOOP_OPTIONS}
    training.fit(model, pairs, run_dir=folder, validation=validation, resume=resume, **chosen)
    tell(f"finished; translate with: pix2pix-tf translate {folder} IMAGE... --out FOLDER")


def settled(options, given, folder, resume):
    """Return the keywords of the model, and all options; a resumed run's config.json decides what was not given."""
    options = {name: None if value == "none" else value for name, value in options.items()}
    if data_records.find(options["data"]) is None and os.path.isdir(options["data"]):
        options["data"] = str(pathlib.Path(options["data"]).resolve())  # a run may be resumed from another folder
    given = {name: options[name] for name in given}
    recorded = {}
    if loop.check_folder(folder, resume):
        config = records.read_config(folder)
        recorded = {**config["model"], **config["training"]}
        recorded |= {"data": config["data"]["name"], "direction": config["data"]["direction"]}
        refuse_contradictions(given, recorded, folder)
    options = {**options, **recorded, **given}
    for name, value in (SMALL if options["data"] == "synthetic" else PAPER).items():
        options.setdefault(name, value)
    keywords = config["model"].keys() if recorded else MODEL_OPTIONS
    return {name: options[name] for name in keywords}, options


def refuse_contradictions(given, recorded, folder):
    """Raise InputError if an option that was given is not the resumed run's, before anything is loaded.

    Precision and data are left to the loop, which knows what "auto" means here and whether the data are the same.
    """
    found = []
    for name, value in given.items():
        is_other = value < recorded[name] if name == "steps" else value != recorded[name]
        if name not in ("precision", "data") and is_other:
            found.append(f"{option(name)} {value} (the run has {recorded[name]})")
    if found:
        raise errors.InputError(f"{folder}: cannot be resumed with {', '.join(found)}; leave out what differs")


def option(name):
    """Return how the command line writes an option."""
    return f"--{name.replace('_', '-')}"


def built(method, keywords):
    """Build a model; name the option where its value is not possible."""
    try:
        return method(**keywords)
    except ValueError as error:
        message = str(error)
        for name in keywords:
            message = message.replace(name, option(name))
        raise errors.InputError(message) from error


def run_folder(out, resume):
    """Return the folder of a new run, or of the newest one in runs/ to resume."""
    if out is not None:
        return out
    if os.environ.get("TF_CONFIG"):
        raise errors.InputError("--out is missing; the workers of a cluster share one run folder, so give it to each")
    numbers = [int(path.name[4:]) for path in pathlib.Path("runs").glob("run-[0-9]*") if path.name[4:].isdigit()]
    newest = max(numbers, default=0)
    return pathlib.Path("runs") / f"run-{newest if resume and newest else newest + 1:03d}"


def load_splits(name, direction, image_size, archive):
    """Return the pairs to train on and those to validate on, None where the set has none."""
    same = {"image_size": image_size, "direction": direction, "archive": archive}
    pairs = datasets.load(name, split="train", **same)
    return pairs, datasets.load(name, split="val", **same) if "val" in pairs.counts else None
