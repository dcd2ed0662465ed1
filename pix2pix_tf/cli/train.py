"""The command `train`: a new run, or one that goes on."""

import os
import pathlib

import tensorflow as tf

from pix2pix_tf import datasets, errors, registry, runs, training
from pix2pix_tf.cli import options as method_options
from pix2pix_tf.datasets import catalogue
from pix2pix_tf.training import distribution

LOOP_OPTIONS = ("batch_size", "seed", "checkpoint_every", "preview_every", "steps")


def train(options, given, archive, out, resume):
    """Train a model.

    Args:
        options: dict of the options' values, defaults included, without those that depend on others.
        given: names of the options that were given; where a run is resumed, its config.json decides the others.
        archive: path of the data set's archive, or None.
        out: the run's folder, or None for a new one; with resume for the newest.
        resume: whether to go on with a run.
    """
    tf.config.experimental.enable_op_determinism()
    folder = choose_folder(out, resume)
    model_class, keywords, options = resolve_options(options, given, folder, resume)
    with training.strategy().scope():
        model = _build(model_class, keywords)
        pairs, validation = _load_splits(options, model_class.paired, archive)
    tell = print if distribution.is_chief(model.strategy) else lambda *_: None
    tell(f"{options['method']} on {_describe(pairs)}, in {model.config['precision']}: {folder}")
    if validation is None or validation.split != "val":
        instead = "its test images" if validation else f"training {'pairs' if pairs.paired else 'images'}"
        tell(f"{pairs.name} has no split val; previews and validation losses are of {instead}")
    chosen = {name: options[name] for name in LOOP_OPTIONS}
    training.fit(model, pairs, run_dir=folder, validation=validation, resume=resume, **chosen)
    way = "" if model_class.paired else " --direction a_to_b"
    tell(f"finished; translate with: pix2pix-tf translate {folder} IMAGE... --out FOLDER{way}")


def _describe(pairs):
    """Say what is learned from."""
    if pairs.paired:
        return f"{len(pairs)} pairs of {pairs.name}, {pairs.direction}"
    a, b = pairs.side_counts[pairs.split]
    return f"{a} + {b} unpaired images of {pairs.name}, both ways"


def resolve_options(options, given, folder, resume):
    """Return the class of the method, the keywords of its model, and all options.

    Where a run is resumed, its config.json decides what was not given.
    """
    options = {name: None if value == "none" else value for name, value in options.items()}
    data = options.get("data")
    if data is not None and catalogue.find(data) is None and os.path.exists(data):
        options["data"] = str(pathlib.Path(data).resolve())  # a run may be resumed from another folder
    given = {name: options[name] for name in given}
    recorded = {}
    if runs.is_begun(folder, resume):
        config = runs.read_config(folder)
        recorded = {**config["model"], **config["training"], "method": config["method"]}
        recorded |= {"data": config["data"]["name"], "direction": config["data"]["direction"]}
        _refuse_contradictions(given, recorded, folder)
    options = {**options, **recorded, **given}
    name = options["method"]
    row = registry.find(name, f"{folder}: " if recorded else "")
    model_class = row.load_class()
    foreign = method_options.find_foreign(name, model_class.paired, given)
    if foreign:
        raise errors.InputError(f"{_option(foreign[0])}: is no option of --method {name}; leave it out")
    options = method_options.complete(name, options)
    known = config["model"] if recorded else method_options.select_keywords(model_class, options)
    return model_class, {name: options[name] for name in known}, options


def _refuse_contradictions(given, recorded, folder):
    """Raise InputError if an option that was given is not the resumed run's, before anything is loaded.

    Precision and data are left to the loop, which knows what "auto" means here and whether the data are the same.
    """
    found = []
    for name, value in given.items():
        is_other = value != recorded.get(name, value)
        if name == "steps" and recorded.get("total_steps") is None:
            is_other = value < recorded[name]  # where no learning rate depends on their number, more are possible
        if name not in ("precision", "data") and is_other:
            found.append(f"{_option(name)} {value} (the run has {recorded[name]})")
    if found:
        raise errors.InputError(f"{folder}: cannot be resumed with {', '.join(found)}; leave out what differs")


def _option(name):
    """Return how the command line writes an option."""
    return f"--{name.replace('_', '-')}"


def _build(model_class, keywords):
    """Build a model; name the option where its value is not possible."""
    try:
        return model_class(**keywords)
    except ValueError as error:
        message = str(error)
        for name in keywords:
            message = message.replace(name, _option(name))
        raise errors.InputError(message) from error


def choose_folder(out, resume):
    """Return the folder of a new run, or of the newest one in runs/ to resume."""
    if out is not None:
        return out
    if os.environ.get("TF_CONFIG"):
        raise errors.InputError("--out is missing; the workers of a cluster share one run folder, so give it to each")
    numbers = [int(path.name[4:]) for path in pathlib.Path("runs").glob("run-[0-9]*") if path.name[4:].isdigit()]
    newest = max(numbers, default=0)
    return pathlib.Path("runs") / f"run-{newest if resume and newest else newest + 1:03d}"


def _load_splits(options, is_paired, archive):
    """Return what to train on, and what to measure and preview on, None where the set has nothing else."""
    same = {"image_size": options["image_size"], "archive": archive, "unpaired": not is_paired}
    same["direction"] = options.get("direction") if is_paired else None
    pairs = datasets.load(options["data"], split="train", **same)
    return pairs, datasets.load(options["data"], split=pairs.held_out, **same) if pairs.held_out else None
