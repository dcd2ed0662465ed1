"""The command `train`: a new run, or one that goes on."""

import difflib
import functools
import inspect
import os
import pathlib
import re
import shlex

import tensorflow as tf

from pix2pix_tf import datasets, errors, palettes, registry, runs, training
from pix2pix_tf.cli import options as method_options
from pix2pix_tf.datasets import catalogue
from pix2pix_tf.system import hardware
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
    hardware.keep_freed_memory()
    folder = find_folder(out, resume, options.get("data"))
    model_class, keywords, options = resolve_options(options, given, folder, resume)
    with training.strategy().scope():
        loaded = None
        if isinstance(keywords.get("palette"), str):  # it depends on what the sources are
            loaded = _load_splits(options, model_class, archive, given)
            keywords["palette"] = _choose_palette(keywords["palette"], loaded[0])
        if model_class.needs_instances:
            _build(model_class, keywords)  # what is impossible is said before sets are read
            loaded = _load_splits(options, model_class, archive, given)
            keywords = model_class.fit_to(keywords, loaded[0])
        if not model_class.translates:
            _build(model_class, {**keywords, "classes": None})  # what is impossible is said before tiles are drawn
            loaded = _load_splits(options, model_class, archive, given)
            keywords = model_class.fit_to(keywords, loaded[0])
        model = _build(model_class, keywords)
        pairs, validation = loaded or _load_splits(options, model_class, archive, given)
        if not model_class.translates:
            model.check_data(pairs, options["batch_size"])
    tell = print if distribution.is_chief(model.strategy) else lambda *_: None
    folder = folder or make_folder()
    tell(f"{options['method']} on {_describe(pairs)}, in {model.config['precision']}: {folder}")
    if pairs.passed_over:
        count = len(pairs.passed_over)
        named = ", ".join(errors.first(list(pairs.passed_over)))
        tell(f"passed over: {count} picture{'s' * (count != 1)}, {named}")
    if pairs.greyscale:
        named = ", ".join(errors.first(list(pairs.greyscale)))
        tell(f"left out: {len(pairs.greyscale)} greyscale photographs, {named}")
    if getattr(pairs, "instances", None) == "components":
        tell(f"{pairs.name} has no ids of instances; the connected parts of each class stand for them")
    if model_class.needs_instances:
        names = model.editor.names
        tell(f"{len(names)} class{'es' * (len(names) != 1)}: {', '.join(errors.first(list(names), 40))}")
    if model_class.translates and (stored := pairs.find_stored_size()) < pairs.image_size:
        tell(f"the first image is enlarged from {stored} pixels to {pairs.image_size}; --image-size may be less")
    if validation is None or validation.split != "val":
        instead = "its test images" if validation else f"training {'pairs' if pairs.paired else 'images'}"
        tell(f"{pairs.name} has no split val; previews and validation losses are of {instead}")
    chosen = {name: options[name] for name in LOOP_OPTIONS}
    try:
        training.fit(model, pairs, run_dir=folder, validation=validation, resume=resume, **chosen)
    except KeyboardInterrupt as stop:
        go_on = f"; go on with: pix2pix-tf train --resume --out {shlex.quote(str(folder))}" if str(stop) else ""
        raise KeyboardInterrupt(f"{str(stop).partition(';')[0] or 'interrupted'}{go_on}") from None
    way, place = "" if model_class.paired else " --direction a_to_b", shlex.quote(str(folder))
    if model_class.translates:
        tell(f"finished; translate with: pix2pix-tf translate {place} IMAGE... --out FOLDER{way}")
    else:
        tell(f"finished; draw samples with: pix2pix-tf sample {place} --out FOLDER")


def _choose_palette(kind, pairs):
    """Return the palette's classes for some pairs: "auto" is by classes where the sources alone are label maps.

    Of labels that are to be made it is None, for their colours are what must be found out; else one mean colour.
    """
    source, target = pairs.label_sides if pairs.direction == "a_to_b" else pairs.label_sides[::-1]
    if kind == "auto" and target:
        return None
    kind = ("classes" if source or pairs.task else "mean") if kind == "auto" else kind
    return palettes.find_colours(pairs, kind)


def _describe(pairs):
    """Say what is learned from."""
    if pairs.single:
        return f"{len(pairs)} images of {pairs.name}" if pairs.image_size else f"points of {pairs.name}"
    if pairs.task:
        return f"{len(pairs)} photographs of {pairs.name}, {pairs.task}"
    if pairs.paired:
        return f"{len(pairs)} pairs of {pairs.name}, {pairs.direction}"
    a, b = pairs.side_counts[pairs.split]
    return f"{a} + {b} unpaired images of {pairs.name}, both ways"


def resolve_options(options, given, folder, resume):
    """Return the class of the method, the keywords of its model, and all options.

    Where a run is resumed, its config.json decides what was not given.
    """
    words = ("labels", "void", "norm", "discriminator_norm")  # of which "none" is one
    options = {name: None if value == "none" and name not in words else value for name, value in options.items()}
    options |= {name: read(options[name]) for name, read in READERS.items() if isinstance(options.get(name), str)}
    data = options.get("data")
    if data is not None and catalogue.find(data) is None and os.path.exists(data):
        options["data"] = str(pathlib.Path(data).resolve())  # a run may be resumed from another folder
    given = {name: options[name] for name in given}
    recorded = {}
    if folder is not None and runs.is_begun(folder, resume):
        config = runs.read_config(folder)
        recorded = {**config["model"], **config["training"], "method": config["method"]}
        recorded |= {"data": config["data"]["name"], "direction": config["data"]["direction"]}
        recorded |= {"labels": config["data"]["labels"]} if "labels" in config["data"] else {}
        recorded |= {"void": config["data"].get("void", "none")}
        recorded |= {name: config["data"].get(name) for name in ("task", "domain")}
        _refuse_contradictions(given, recorded, folder)
    options = {**options, **recorded, **given}
    name = options["method"]
    row = registry.find(name, f"{folder}: " if recorded else "")
    model_class = row.load_class()
    foreign = method_options.find_foreign(name, model_class.paired, given)
    if foreign:
        raise errors.InputError(f"{_option(foreign[0])}: is no option of --method {name}; leave it out")
    wrong = method_options.find_wrong_word(name, given)
    if wrong:
        said = f"{_option(wrong.name)} {given[wrong.name] or 'none'}: is not for --method {name}"
        raise errors.InputError(f"{said}; expected one of {', '.join(wrong.kind)}")
    _refuse_foreign_to_task(given, options)
    options = method_options.complete(name, options)
    _refuse_useless(given, options)
    known = config["model"] if recorded else method_options.select_keywords(model_class, options)
    return model_class, {name: options[name] for name in known}, {**options, "learned_from": recorded.get("data")}


def _find_file(name):
    """Return the whole path of a file, for a run may be resumed from another folder; any other name as it is."""
    return str(pathlib.Path(name).resolve()) if os.path.isfile(name) else name


def _read_phases(text):
    """Return the numbers of `--phases 2000,100,900`; raise InputError where they are none."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise errors.InputError(
            f"--phases {text}: expected numbers of steps with commas between, such as 2000,100,900"
        ) from error


READERS = {  # of options whose text is not yet what the model takes
    "phases": _read_phases,
    "perceptual": _find_file,
    "perceptual_file": _find_file,
    "perceptual_layers": lambda text: [name.strip() for name in text.split(",")],
}

USELESS = {  # options, and the value of another one with which they do nothing; a model cannot tell them from defaults
    "enhancer_blocks": ("enhancers", 0),
    "reconstruction_weight": ("reconstruction", None),
    "discriminator_norm": ("adversarial", None),
    "beta_1": ("optimizer", "rmsprop"),
    "beta_2": ("optimizer", "rmsprop"),
    **dict.fromkeys(("perceptual_file", "perceptual_layers", "perceptual_weight"), ("perceptual", None)),
}


def _refuse_foreign_to_task(given, options):
    """Raise InputError if an option was given that has no meaning for the task of colouring, or only for it."""
    if options.get("task") is None:
        wrong = [f"--domain {given['domain']}: is of use with --task colorization alone"] if given.get("domain") else []
    else:
        reason = f"has no meaning for --task {options['task']}, which makes a and b of L"
        wrong = [f"--{name} {given[name]}: {reason}" for name in ("direction", "labels", "void") if name in given]
    if wrong:
        raise errors.InputError(f"{wrong[0]}; leave it out")


def _refuse_useless(given, options):
    """Raise InputError if an option was given that another one, by its value, leaves without use."""
    own_names = method_options.find_keywords(options["method"])
    for name, (other, value) in USELESS.items():
        if name in given and other in own_names and options.get(other) == value:
            own = ",".join(given[name]) if isinstance(given[name], list) else given[name]
            said = f"{_option(name)} {own}: is of no use with {_option(other)} {'none' if value is None else value}"
            raise errors.InputError(f"{said}; leave it out, or choose another {_option(other)}")


def _find_other_values(recipe, row, recorded, given):
    """Return the values in which a recorded run differs from a recipe, but for those that were given themselves.

    Palette and void depend on the data too: whether they are the same is left to the loop.
    """
    known = inspect.signature(row.load_class()).parameters
    improved = {name: value for name, value in row.improve(recorded).items() if name in known and name != "palette"}
    wanted = improved if recipe == "improved" else {name: known[name].default for name in improved}
    own = {name: recorded.get(name, known[name].default) for name in wanted if name not in given}
    return {name: value for name, value in own.items() if value != wanted[name]}


def _refuse_contradictions(given, recorded, folder):
    """Raise InputError if an option that was given is not the resumed run's, before anything is loaded.

    Precision, data, palette, classes and void are left to the loop, which knows what "auto" means here and whether the
    data are the same.
    """
    found, row = [], registry.find(recorded["method"], f"{folder}: ")
    recorded = {**row.load_class().defaults(), **recorded}  # a run from before a keyword has its default
    for name, value in given.items():
        is_other = value != recorded.get(name, value)
        if name == "steps" and recorded.get("total_steps") is None:
            is_other = value < recorded[name]  # where no learning rate depends on their number, more are possible
        if name not in ("precision", "data", "palette", "classes", "void", "recipe") and is_other:
            falls = ", in which its learning rate falls" if name == "steps" and recorded.get("total_steps") else ""
            found.append(f"{_option(name)} {value} (the run has {recorded[name]}{falls})")
    if "recipe" in given:
        others = _find_other_values(given["recipe"], row, recorded, given)
        found += [f"--recipe {given['recipe']} (the run has {name} {value})" for name, value in others.items()][:1]
    if found:
        raise errors.InputError(f"{folder}: cannot be resumed with {', '.join(found)}; leave out what differs")


def _option(name):
    """Return how the command line writes an option."""
    return f"--{name.replace('_', '-')}"


def _build(model_class, keywords):
    """Build a model; name the option where its value is not possible."""
    try:
        return model_class(**keywords)
    except (ValueError, TypeError, OverflowError) as error:
        message = str(error).splitlines()[0]
        others = [name for name in model_class.defaults() if "_" in name]  # which are no words of a sentence
        own = method_options.find_keywords(model_class.name)
        for name in dict.fromkeys(one for one in [*keywords, *others] if one in own):
            message = re.sub(rf"\b{name}\b", _option(name), message)
        raise errors.InputError(message) from error


def find_folder(out, resume, data=None):
    """Return the folder that was given, that of the newest run in runs/ to resume, or None for a new one.

    Raises:
        errors.InputError: if there is nothing to resume, a new run would lie among other files, or the workers of a
            cluster were given no folder.
    """
    if out is None and os.environ.get("TF_CONFIG"):
        raise errors.InputError("--out is missing; the workers of a cluster share one run folder, so give it to each")
    if not resume:
        _refuse_mixture(out, data)
        return out
    numbers = _number_runs()
    if out is None and not numbers:
        raise errors.InputError("runs/: holds no run to resume; give the folder of one with --out")
    folder = pathlib.Path("runs", f"run-{max(numbers):03d}") if out is None else out
    if not runs.is_begun(folder, resume):
        others = [str(path) for path in folder.parent.glob("*") if runs.is_run(path)]
        near = difflib.get_close_matches(str(folder), others, n=1)
        there = f"; did you mean {near[0]}?" if near else "; leave out --resume to begin one"
        raise errors.InputError(f"{folder}: no run to resume here{there}")
    return folder


def _refuse_mixture(out, data):
    """Raise InputError if a new run would lie among other files, or in the folder of the images it learns from."""
    is_folder = out is not None and data is not None and catalogue.find(data) is None
    if is_folder and pathlib.Path(data).resolve() in (out.resolve(), *out.resolve().parents):
        raise errors.InputError(f"--out {out}: lies in the folder of --data {data}; choose another for the run")
    if out is None or not out.is_dir() or runs.is_begun(out, resume=False):
        return
    others = sorted(path.name for path in out.iterdir() if not path.name.startswith(".") and path.name != "checkpoints")
    if others:
        named = errors.readable(", ".join(errors.first(others, 3)))
        raise errors.InputError(f"--out {out}: holds other files ({named}); choose a new folder for the run")


def make_folder():
    """Make the folder of a new run in runs/, one that no other process has."""
    number = max(_number_runs(), default=0)
    while True:
        number += 1
        folder = pathlib.Path("runs", f"run-{number:03d}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise errors.InputError(f"{folder}: cannot be made ({error.strerror}); choose another --out") from error


def _number_runs():
    """Return the numbers of the runs in runs/."""
    names = (path.name.removeprefix("run-") for path in pathlib.Path("runs").glob("run-*"))
    return [int(name) for name in names if name.isdecimal() and name.isascii()]


def _load_splits(options, model_class, archive, given):
    """Return what to train on, and what to measure and preview on, None where the set has nothing else."""
    load = _find_loader(options, model_class, archive)
    try:
        pairs = load(options["data"], "train")
    except errors.InputError as error:
        learned_from = options["learned_from"]
        if learned_from not in (None, options["data"]) and os.path.exists(options["data"]):
            raise errors.InputError(
                f"--data {options['data']}: cannot be loaded as {learned_from} was, from which the run has learned and "
                f"must go on learning: {error}"
            ) from error
        if "data" in given or os.path.exists(options["data"]) or catalogue.find(options["data"]):
            raise
        raise errors.InputError(f"{error}; if the data have moved, say where to with --data FOLDER") from error
    return pairs, load(options["data"], pairs.held_out) if pairs.held_out else None


def _find_loader(options, model_class, archive):
    """Return a function of a set and a split that loads it as the method learns from it."""
    same, is_paired = {"image_size": options.get("image_size"), "progress": True}, model_class.paired
    if not model_class.translates:
        if archive is not None:
            raise errors.InputError(f"--archive {archive}: is of no use for {options['data']}; leave it out")
        return functools.partial(datasets.load_samples, **same)
    same |= {"archive": archive, "unpaired": not is_paired, "labels": options.get("labels")}
    same |= {"direction": options.get("direction") if is_paired else None}
    same |= {"void": options.get("void", "none")} if is_paired else {}
    same |= {"instances": "auto"} if model_class.needs_instances else {}
    if options.get("task"):
        place = {name: same[name] for name in ("image_size", "progress", "archive")}
        return functools.partial(datasets.load, **place, task=options["task"], domain=options.get("domain"))
    return functools.partial(datasets.load, **same)
