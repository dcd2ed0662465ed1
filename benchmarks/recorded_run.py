"""Train the paper's facades model and keep what the project shows of it.

    python benchmarks/recorded_run.py train [--archive facades.tar.gz] [--out runs/facades] [--steps 20000] [--resume]
    python benchmarks/recorded_run.py show [--out runs/facades]

`train` is `pix2pix-tf train --data facades --steps 20000 --out runs/facades` that also keeps the previews' outputs as
images. `show` writes the sheets to notebooks/figures/, the history beside them, and all validation translations as
lossless WebP to data/results/facades_pix2pix/.
"""

import argparse
import os
import pathlib
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, pix2pix, plots, training
from pix2pix_tf.datasets import images

FIGURES = pathlib.Path("notebooks/figures")
RESULTS = pathlib.Path("data/results/facades_pix2pix")
ALONG = (500, 2000, 5000, 10000, 20000)


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
    model = pix2pix.Pix2Pix.load(options.out)
    validation = datasets.load("facades", "val", 256, archive=options.archive)
    FIGURES.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    shutil.copy(options.out / "history.csv", FIGURES / "facades_history.csv")
    shutil.copy(options.out / "config.json", FIGURES / "facades_config.json")
    for name, index in zip(validation.names, range(len(validation)), strict=True):
        output = model.translate(validation.pair(index)[0][None])[0]
        images.write(RESULTS / f"{name}.webp", images.to_uint8(output))
    indices = np.linspace(0, len(validation) - 1, 12).astype(int)
    sources, targets = validation.examples(indices)
    outputs = np.stack([images.to_float(images.read(RESULTS / f"{validation.names[i]}.webp")) for i in indices])
    columns = {}
    for half in range(2):
        rows = slice(6 * half, 6 * half + 6)
        columns |= {f"input{' ' * half}": sources[rows], f"output{' ' * half}": outputs[rows]}
        columns |= {f"truth{' ' * half}": targets[rows]}
    plots.save(plots.sheet(columns), FIGURES / "facades_validation.jpg")
    sources, targets = validation.examples(range(3))
    columns = {"input": sources}
    for step in [step for step in ALONG if (options.out / "along" / f"0_{step:06d}.png").exists()]:
        columns[f"step {step:,}"] = [images.read(options.out / "along" / f"{n}_{step:06d}.png") for n in range(3)]
    plots.save(plots.sheet({**columns, "truth": targets}), FIGURES / "facades_along_training.jpg")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "show"))
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/facades"))
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
