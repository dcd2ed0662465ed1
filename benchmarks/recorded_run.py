"""Train the long runs that the project shows, and keep what it shows of them.

    python benchmarks/recorded_run.py train [facades] [--archive facades.tar.gz] [--steps 20000] [--resume]
    python benchmarks/recorded_run.py train horse2zebra [--archive horse2zebra.zip] [--steps 6000] [--resume]
    python benchmarks/recorded_run.py show [facades|horse2zebra] [--archive FILE] [--commit HASH] [--hardware TEXT]

facades is the paper's pix2pix at 256 pixels, horse2zebra its CycleGAN at 128 with 6 blocks; the run is in runs/NAME
unless --out says otherwise. `train` is what `pix2pix-tf train` does; for facades it also keeps the previews' outputs as
images. `show` writes config, history, provenance and sheets to notebooks/figures/, and the translations of all
validation or test images as lossless WebP to data/results/.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image

from pix2pix_tf import cyclegan, datasets, pix2pix, plots, training
from pix2pix_tf.datasets import images

FIGURES = pathlib.Path("notebooks/figures")
RESULTS = pathlib.Path("data/results")
STEPS = {"facades": 20_000, "horse2zebra": 6_000}
ALONG = (500, 1000, 2000, 4000, 8000, 20000)
LEVEL = 3  # translations are stored in multiples of it: generated noise in the lowest bits is a third of the file


def load(options, split):
    """Load a split of the run's data set."""
    unpaired = options.run == "horse2zebra"
    return datasets.load(options.run, split, 128 if unpaired else 256, archive=options.archive, unpaired=unpaired)


def train(options):
    """Train, and keep the output of every preview as images."""
    tf.config.experimental.enable_op_determinism()
    facades = options.run == "facades"
    steps = options.steps or STEPS[options.run]
    pairs, validation = load(options, "train"), load(options, "val" if facades else "test")
    along = options.out / "along"

    def keep(step, columns):
        along.mkdir(exist_ok=True)
        for number, image in enumerate(columns["output"]):
            images.write(along / f"{number}_{step:06d}.png", images.to_uint8(image))

    with training.strategy().scope():
        model = pix2pix.Pix2Pix() if facades else cyclegan.CycleGAN(128, blocks=6, total_steps=steps)
    training.fit(
        model,
        pairs,
        steps,
        options.out,
        validation,
        checkpoint_every=1000 if facades else 250,
        on_preview=keep if facades else None,
        resume=options.resume,
    )


def show(options):
    """Write the figures and the translations of a run."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    for name in ("history.csv", "config.json"):
        shutil.copy(options.out / name, FIGURES / f"{options.run}_{name}")
    about = json.dumps(provenance(options), indent=2) + "\n"
    (FIGURES / f"{options.run}_provenance.json").write_text(about)
    (show_facades if options.run == "facades" else show_horse2zebra)(options)


def provenance(options):
    """Return how the run was made, as a dict."""
    config = json.loads((options.out / "config.json").read_text())
    rows = np.genfromtxt(options.out / "history.csv", delimiter=",", names=True)
    seconds = config["training"]["batch_size"] / rows["images_per_second"]
    return {
        "command": f"python benchmarks/recorded_run.py train {options.run} --steps {config['training']['steps']}",
        "commit": options.commit,
        "seed": config["training"]["seed"],
        "steps": int(rows["step"][-1]),
        "hardware": options.hardware,
        "seconds_per_step": round(float(np.median(seconds)), 3),
        "hours": round(float(np.sum(np.diff(rows["step"], prepend=0) * seconds)) / 3600, 2),
        "precision": config["model"]["precision"],
        "date": datetime.date.fromtimestamp((options.out / "history.csv").stat().st_mtime).isoformat(),
        "translations": f"lossless WebP of values rounded to multiples of {LEVEL}, which changes them by 1 of 255",
        "note": options.note,
    }


def store(path, output):
    """Write a translation, (height, width, 3) in [-1, 1], as lossless WebP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = np.round(images.to_uint8(output) / LEVEL) * LEVEL
    Image.fromarray(rounded.astype(np.uint8)).save(path, lossless=True, quality=100, method=6)


def show_facades(options):
    """Translate the validation split; draw its sheet and that of the same inputs along training."""
    model, validation = pix2pix.Pix2Pix.load(options.out), load(options, "val")
    results = RESULTS / "facades_pix2pix"
    for index, name in enumerate(validation.names):
        store(results / f"{name}.webp", model.translate(validation.pair(index)[0][None])[0])
    plots.save(validation_sheet(results, validation), FIGURES / "facades_validation.jpg")
    plots.save(sheet_along_training(options.out / "along", validation), FIGURES / "facades_along_training.jpg")


def validation_sheet(results, validation):
    """Draw twelve validation pairs, evenly spread, with their translations: two triples a row."""
    indices = np.linspace(0, len(validation) - 1, 12).astype(int)
    sources, targets = validation.examples(indices)
    outputs = [images.read(results / f"{validation.names[index]}.webp") for index in indices]
    columns = {}
    for half, blank in enumerate(("", " ")):
        rows = slice(6 * half, 6 * half + 6)
        columns |= {f"input{blank}": sources[rows], f"output{blank}": outputs[rows], f"truth{blank}": targets[rows]}
    return plots.sheet(columns)


def sheet_along_training(along, validation):
    """Draw the translations of the same three inputs at several steps."""
    sources, targets = validation.examples(range(3))
    columns = {"input": sources}
    for step in ALONG:
        if (along / f"0_{step:06d}.png").exists():
            columns[f"step {step:,}"] = [images.read(along / f"{number}_{step:06d}.png") for number in range(3)]
    return plots.sheet({**columns, "truth": targets})


def show_horse2zebra(options):
    """Translate both domains of the test split; draw eight of each with what comes back of them."""
    model, test = cyclegan.CycleGAN.load(options.out), load(options, "test")
    sides = test.examples(range(len(test)))
    for side, (names, domain) in enumerate(zip(test.side_names, "AB", strict=True)):
        for name, image in zip(names, sides[side], strict=False):
            output = model.translate(image[None], datasets.DIRECTIONS[side])[0]
            store(RESULTS / "horse2zebra_cyclegan" / f"test{domain}" / f"{pathlib.Path(name).stem}.webp", output)
    shown = [np.linspace(0, len(names) - 1, 8).astype(int) for names in test.side_names]
    columns = model.preview(sides[0][shown[0]], sides[1][shown[1]])
    plots.save(plots.sheet(columns, panel=1.4), FIGURES / "horse2zebra_test.jpg")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "show"))
    parser.add_argument("run", nargs="?", choices=tuple(STEPS), default="facades")
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--commit", default="", help="show: the commit that the run was made with")
    parser.add_argument("--hardware", default="", help="show: what it ran on")
    parser.add_argument("--note", default="", help="show: anything else that a reader should know")
    options = parser.parse_args()
    options.out = options.out or pathlib.Path("runs") / options.run
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
