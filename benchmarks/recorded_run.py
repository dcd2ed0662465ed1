"""Train the paper's facades model and keep what the project shows of it.

    python benchmarks/recorded_run.py train [--archive facades.tar.gz] [--out runs/facades] [--steps 20000] [--resume]
    python benchmarks/recorded_run.py show [--out runs/facades]

`train` is `pix2pix-tf train --data facades --steps 20000 --out runs/facades` that also keeps the previews' outputs as
images. `show` writes the sheets to notebooks/figures/, the history beside them, and all validation translations as
lossless WebP to data/results/facades_pix2pix/.
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

from pix2pix_tf import datasets, pix2pix, plots, training
from pix2pix_tf.datasets import images

FIGURES = pathlib.Path("notebooks/figures")
RESULTS = pathlib.Path("data/results/facades_pix2pix")
ALONG = (500, 1000, 2000, 4000, 8000, 20000)


def train(options):
    """Train, and keep the output of every preview as images."""
    tf.config.experimental.enable_op_determinism()
    pairs, validation = (datasets.load("facades", split, 256, archive=options.archive) for split in ("train", "val"))
    along = options.out / "along"

    def keep(step, columns):
        along.mkdir(exist_ok=True)
        for number, image in enumerate(columns["output"]):
            images.write(along / f"{number}_{step:06d}.png", images.to_uint8(image))

    with training.strategy().scope():
        model = pix2pix.Pix2Pix()
    training.fit(
        model,
        pairs,
        options.steps,
        options.out,
        validation,
        checkpoint_every=1000,
        on_preview=keep,
        resume=options.resume,
    )


def show(options):
    """Write the figures and the translations of a finished run."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in ("history.csv", "config.json"):
        shutil.copy(options.out / name, FIGURES / f"facades_{name}")
    (FIGURES / "facades_provenance.json").write_text(json.dumps(provenance(options), indent=2) + "\n")
    validation = datasets.load("facades", "val", 256, archive=options.archive)
    translate(pix2pix.Pix2Pix.load(options.out), validation)
    plots.save(validation_sheet(validation), FIGURES / "facades_validation.jpg")
    plots.save(sheet_along_training(options.out / "along", validation), FIGURES / "facades_along_training.jpg")


def provenance(options):
    """Return how the run was made, as a dict."""
    config = json.loads((options.out / "config.json").read_text())
    rows = np.genfromtxt(options.out / "history.csv", delimiter=",", names=True)
    seconds = config["training"]["batch_size"] / rows["images_per_second"]
    return {
        "command": f"python benchmarks/recorded_run.py train --steps {config['training']['steps']}",
        "commit": options.commit,
        "seed": config["training"]["seed"],
        "steps": int(rows["step"][-1]),
        "hardware": options.hardware,
        "seconds_per_step": round(float(np.median(seconds)), 3),
        "hours": round(float(np.sum(np.diff(rows["step"], prepend=0) * seconds)) / 3600, 2),
        "precision": config["model"]["precision"],
        "date": datetime.date.fromtimestamp((options.out / "history.csv").stat().st_mtime).isoformat(),
        "note": options.note,
    }


def translate(model, validation):
    """Write the translation of every validation pair as lossless WebP."""
    for index, name in enumerate(validation.names):
        output = images.to_uint8(model.translate(validation.pair(index)[0][None])[0])
        Image.fromarray(output).save(RESULTS / f"{name}.webp", lossless=True, quality=100, method=6)


def validation_sheet(validation):
    """Draw twelve validation pairs, evenly spread, with their translations: two triples a row."""
    indices = np.linspace(0, len(validation) - 1, 12).astype(int)
    sources, targets = validation.examples(indices)
    outputs = [images.read(RESULTS / f"{validation.names[index]}.webp") for index in indices]
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


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "show"))
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/facades"))
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--commit", default="", help="show: the commit that the run was made with")
    parser.add_argument("--hardware", default="", help="show: what it ran on")
    parser.add_argument("--note", default="", help="show: anything else that a reader should know")
    options = parser.parse_args()
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
