"""Compare the steps a second of a whole `training.fit` with bare steps on a constant batch: 256x256, batch 1.

    python benchmarks/fit_overhead.py [--steps 500] [--rounds 3] [--archive facades.tar.gz]

The fit reads its data, writes rows, a preview with validation, a checkpoint and TensorBoard events, all as by
default (every 500 steps); starting up and tracing, a matter of seconds once a run, is left out of both.
"""

import argparse
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

import alternation
from pix2pix_tf import datasets, pix2pix, training


def main():
    """Read the command line, measure both in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    name = "facades" if options.archive else "synthetic"
    pairs, validation = (datasets.load(name, split, 256, archive=options.archive) for split in ("train", "val"))
    model = pix2pix.Pix2Pix(256, precision=options.precision)
    source, target = pairs.batch(0)
    model.train_step(source, target)
    model.preview(*validation.examples(range(4)))
    done = 0

    def bare(steps):
        start = time.perf_counter()
        for _ in range(steps):
            losses = model.train_step(source, target)
        losses["l1"].numpy()
        return [steps / (time.perf_counter() - start)]

    with tempfile.TemporaryDirectory() as folder:

        def whole(steps):
            nonlocal done
            done += steps
            start = time.perf_counter()
            training.fit(model, pairs, done, folder, validation, resume=True)
            return [steps / (time.perf_counter() - start)]

        whole(2)  # traces the validation and the preview
        results = alternation.alternate(
            {"bare": bare, "fit": whole}, options.rounds, lambda measure: measure(options.steps)
        )
    alternation.table(results, "steps/s", ["bare"])


if __name__ == "__main__":
    main()
