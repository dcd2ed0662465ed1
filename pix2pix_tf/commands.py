"""What the commands of the command line do, once TensorFlow may be imported."""

import pathlib

import tensorflow as tf

from pix2pix_tf import datasets, errors, pix2pix, plots, training, translation
from pix2pix_tf.datasets import images as image_files
from pix2pix_tf.training import records

METHODS = {"pix2pix": pix2pix.Pix2Pix}
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
SHOWN = 6

# Where each option of `train` goes: the model's keyword, the loop's, or the data's.
MODEL_OPTIONS = ("image_size", "filters", "adversarial", "reconstruction", "reconstruction_weight", "precision", "seed")
LOOP_OPTIONS = ("batch_size", "seed", "checkpoint_every", "preview_every", "steps")
DATA_OPTIONS = ("data", "direction", "image_size")
DEFAULTS = {"data": "synthetic", "steps": 2000}


def train(resume=False, out=None, method="pix2pix", archive=None, **given):
    """Train a model with the options that were given, those of config.json where a run is resumed, else the defaults."""
    tf.config.experimental.enable_op_determinism()
    folder = run_folder(out, resume)
    recorded = recorded_options(folder) if resume and (folder / "config.json").exists() else {}
    options = {**DEFAULTS, **recorded, **{name: None if value == "none" else value for name, value in given.items()}}
    options.setdefault("image_size", 128 if options["data"] == "synthetic" else 256)
    with training.strategy().scope():
        chosen = {name: options[name] for name in DATA_OPTIONS if name in options}
        pairs, validation = load_splits(chosen, archive)
        try:
            model = METHODS[method](**{name: options[name] for name in MODEL_OPTIONS if name in options})
        except ValueError as error:
            raise errors.InputError(str(error)) from error
    print(
        f"{method} on {len(pairs)} pairs of {pairs.name} ({pairs.direction}), {model.config['precision']}; run: {folder}"
    )
    loop = {name: options[name] for name in LOOP_OPTIONS if name in options}
    training.fit(model, pairs, run_dir=folder, validation=validation, resume=resume, **loop)
    print(
        f"finished: previews in {folder / 'previews'}; translate with: pix2pix-tf translate {folder} IMAGE... --out FOLDER"
    )


def run_folder(out, resume):
    """Return the folder of a new run, or of the newest one in runs/ to resume."""
    if out is not None:
        return out
    numbers = [int(path.name[4:]) for path in pathlib.Path("runs").glob("run-[0-9]*") if path.name[4:].isdigit()]
    newest = max(numbers, default=0)
    return pathlib.Path("runs") / f"run-{newest if resume and newest else newest + 1:03d}"


def recorded_options(folder):
    """Return the options that a run was started with."""
    config = records.read_config(folder)
    data = {"data": config["data"]["name"], "direction": config["data"]["direction"]}
    return {**config["model"], **config["training"], **data}


def load_splits(options, archive):
    """Return the pairs to train on and those to validate on."""
    name = options.pop("data")
    pairs = datasets.load(name, split="train", archive=archive, **options)
    try:
        return pairs, datasets.load(name, split="val", archive=archive, **options)
    except errors.InputError as error:
        print(f"no validation pairs ({error}): previews show training pairs")
        return pairs, datasets.load(name, split="train", archive=archive, jitter=False, **options)


def translate(run, images, out, direction, seed, resize):
    """Translate image files into PNGs of the same names and sizes."""
    files = outputs(images, out)
    translator = translation.Translator(generator(run, direction))
    problems = [problem for file in files for problem in unreadable(file)]
    if problems:
        raise errors.InputError(listed(problems))
    out.mkdir(parents=True, exist_ok=True)
    for file, output in files.items():
        image = image_files.to_float(image_files.read(file))
        image_files.write(output, image_files.to_uint8(translator(image[None], seed, resize)[0]))
        print(output)


def outputs(images, out):
    """Return every image file and where its translation goes; raise InputError where two would share a name."""
    files = [file for path in images for file in expand(path)]
    taken = {}
    for file in dict.fromkeys(files):
        output = out / f"{file.stem}.png"
        if output in taken.values():
            other = next(first for first, second in taken.items() if second == output)
            raise errors.InputError(f"{other} and {file} would both be written to {output}; translate them apart")
        if output.exists() and output.samefile(file):
            raise errors.InputError(f"{file} would be overwritten by its translation; choose another --out")
        taken[file] = output
    return taken


def expand(path):
    """Return the image files that a path names: itself, or those in a folder."""
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise errors.InputError(f"{path}: no images here; expected {', '.join(IMAGE_SUFFIXES)}")
    return files


def unreadable(file):
    """Return why an image file cannot be read, as a list of none or one."""
    try:
        image_files.read(file)
    except errors.InputError as error:
        return [str(error)]
    return []


def listed(problems):
    """Join problems to one message: the first ten, and how many more there are."""
    more = [f"and {len(problems) - 10} more"] if len(problems) > 10 else []
    return "; ".join(problems[:10] + more)


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
    for entry in datasets.catalogue():
        print(entry)


def data_prepare(name, archive):
    """Make a data set ready and say what it holds."""
    print(datasets.prepare(name, archive=archive))


def data_show(name, split, image_size, out):
    """Print what a data set holds and draw some of its pairs."""
    pairs = datasets.load(name, split=split, image_size=image_size, jitter=False)
    out = out or pathlib.Path(f"{pathlib.Path(name).name}.png")
    print(f"{pairs.name}, {split}: {len(pairs)} pairs, {pairs.direction}, digest {pairs.digest[:12]}")
    sources, targets = pairs.examples(range(min(SHOWN, len(pairs))))
    plots.save(plots.sheet({"source": sources, "target": targets}, title=f"{pairs.name} ({pairs.direction})"), out)
    print(out)
