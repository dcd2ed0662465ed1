"""Compare bfloat16 with float32 as computing precision: is the automatic choice as good?

    python benchmarks/precision.py [--archive facades.tar.gz] [--steps 3000] [--seeds 2] [--out runs/precision]

Trains facades at 128x128 with both precisions and several seeds (interrupted runs go on where they were), translates
all validation pairs, and prints the mean L1 of each run. bfloat16 is as good if it loses no more than two seeds differ.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, pix2pix, plots, training

PRECISIONS = ("float32", "bfloat16")


def main():
    """Read the command line, train every run, print the table, draw a sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/precision"))
    options = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    name = "facades" if options.archive else "synthetic"
    pairs, validation = (datasets.load(name, split, 128, archive=options.archive) for split in ("train", "val"))
    sources, targets = validation.examples(range(len(validation)))
    sheet, scores = {"input": sources[:6]}, {}
    for seed in range(options.seeds):
        for precision in PRECISIONS:
            outputs = translations(pairs, validation, sources, precision, seed, options)
            scores[precision, seed] = float(np.mean(np.abs(outputs - targets)))
            sheet[f"{precision}, seed {seed}"] = outputs[:6]
            print(f"{precision}, seed {seed}: validation L1 {scores[precision, seed]:.4f}", flush=True)
    plots.save(plots.sheet({**sheet, "truth": targets[:6]}), options.out / "precision.png")
    for precision in PRECISIONS:
        values = [scores[precision, seed] for seed in range(options.seeds)]
        print(f"{precision}: mean {np.mean(values):.4f}, seeds differ by {np.ptp(values):.4f}")


def translations(pairs, validation, sources, precision, seed, options):
    """Train one run, or finish it, and return its translations of the sources."""
    keras.backend.clear_session()
    folder = options.out / f"{precision}_{seed}"
    model = pix2pix.Pix2Pix(128, precision=precision, seed=seed)
    training.fit(model, pairs, options.steps, folder, validation, seed=seed, checkpoint_every=1000, resume=True)
    return pix2pix.Pix2Pix.load(folder).translate(sources)


if __name__ == "__main__":
    main()
