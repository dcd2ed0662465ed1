"""What the commands of the command line do, once TensorFlow may be imported."""

import os
import pathlib

import tensorflow as tf

from pix2pix_tf import datasets, errors, pix2pix, plots, training, translation
from pix2pix_tf.datasets import images as image_files
from pix2pix_tf.datasets import records as data_records
from pix2pix_tf.datasets import synthetic
from pix2pix_tf.training import distribution, loop, records

CLASSES = ("synthetic", "facades")  # the sets whose label maps have the colours of `synthetic.LABELS`
METHODS = {"pix2pix": pix2pix.Pix2Pix}
PAPER = {"image_size": 256, "filters": 64}
SMALL = {"image_size": 128, "filters": 32}  # of the synthetic default: worth looking at after minutes without a GPU
NAMED = 10
SHOWN = 6

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


def translate(run, images, out, direction, seed, resize):
    """Translate image files into PNGs of the same names and sizes; check all of them before the first is written."""
    tf.config.experimental.enable_op_determinism()
    files = outputs(images, out)
    translator = translation.Translator(generator(run, direction))
    problems = [problem for file in files for problem in untranslatable(file, translator, resize)]
    if problems:
        more = [f"and {len(problems) - NAMED} more"] if len(problems) > NAMED else []
        raise errors.InputError("; ".join(problems[:NAMED] + more))
    make_folder(out)
    for file, output in files.items():
        image = image_files.to_float(image_files.read(file))
        image_files.write(output, image_files.to_uint8(translator(image[None], seed, resize)[0]))
        print(output)


def outputs(images, out):
    """Return every image file and where its translation goes; raise InputError where two would share a name."""
    taken = {}
    for file in dict.fromkeys(file for path in images for file in expand(path)):
        output = out / f"{file.stem}.png"
        if output in taken:
            raise errors.InputError(
                f"{taken[output]} and {file} would both be written to {output}; translate them apart"
            )
        if output.exists() and file.exists() and output.samefile(file):
            raise errors.InputError(f"{file}: would be overwritten by its translation; choose another --out")
        taken[output] = file
    return {file: output for output, file in taken.items()}


def expand(path):
    """Return the image files that a path names: itself, or those in a folder."""
    if not path.is_dir():
        return [path]
    suffixes = image_files.SUFFIXES
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes and file.name[0] != ".")
    if not files:
        raise errors.InputError(f"{path}: holds no images; expected {', '.join(suffixes)}")
    return files


def untranslatable(file, translator, resize):
    """Return why an image file cannot be translated, as a list of none or one."""
    try:
        shape = image_files.read(file).shape
    except errors.InputError as error:
        return [str(error)]
    try:
        translator.check((1, *shape), resize)
    except errors.InputError as error:
        return [f"{file}: {error}"]
    return []


def make_folder(out):
    """Make the folder for the translations."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.InputError(f"{out}: is no folder to write to ({error.strerror}); choose another --out") from error


def generator(run, direction):
    """Load the generator of a run folder, or of a .keras file."""
    if run.suffix == ".keras":
        return translation.load(run)
    config = records.read_config(run)
    if direction not in (None, config["data"]["direction"]):
        raise errors.InputError(f"--direction {direction}: {run} has learned {config['data']['direction']} only")
    return translation.load(run / "generator.keras", config["model"]["precision"])


def data_list():
    """Print the data sets, a line each."""
    rows = [("name", "ready", "direction", "pairs", "what it shows")]
    for record in datasets.catalogue():
        ready = "yes" if record.prepared else "no"
        rows.append(
            (record.name, ready, record.direction, counted(record.splits) or "not known yet", record.description)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] + [0]
    for row in rows:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)))


def counted(splits):
    """Return the sizes of splits as text."""
    return ", ".join(f"{name} {count}" for name, count in splits.items())


def data_prepare(name, archive):
    """Make a data set ready and say what it holds."""
    record = datasets.prepare(name, archive=archive, progress=True)
    print(f"{record.name} is ready: {counted(record.splits)}")
    print(f"{record.description}; terms: {record.licence}; see {record.homepage}")


def data_show(name, split, image_size, out):
    """Print what a data set holds and draw some of its pairs."""
    out = out or pathlib.Path(f"{pathlib.Path(name).resolve().name}.png")
    if out.suffix.lower() not in (".png", ".jpg", ".jpeg") or not out.parent.is_dir():
        raise errors.InputError(f"--out {out}: expected a .png or .jpg file in a folder that exists")
    pairs = datasets.load(name, split=split, image_size=image_size, jitter=False)
    record = data_records.find(name)
    print(f"name       {pairs.name}" + (f": {record.description}" if record else ""))
    print(f"pairs      {counted(pairs.counts)}")
    print(f"direction  {pairs.direction}")
    print(f"shown      {split}, at {image_size}x{image_size} pixels, to {out}")
    print(f"digest     {pairs.digest}")
    if name in CLASSES:
        print("classes    " + ", ".join(f"{label} #{bytes(colour).hex()}" for label, colour in synthetic.LABELS))
    sources, targets = pairs.examples(range(min(SHOWN, len(pairs))))
    sheet = plots.sheet({"source": sources, "target": targets}, title=f"{pairs.name} ({pairs.direction})")
    plots.save(sheet, out)
