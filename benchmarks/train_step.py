"""Time the project's train step beside others: 256x256, batch 1.

    python benchmarks/train_step.py [--rounds 5] [--beside "PROGRAM.py ARGUMENT..."]...

Each round starts every program once, so that the machine's noise falls on all alike. A program that is named with
--beside is any Python script that prints "median N ms".
"""

import argparse
import os
import pathlib
import shlex
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HERE = pathlib.Path(__file__).parent


def main():
    """Read the command line; time one precision, or all programs in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", action="append", default=[], help="a script to compare with, and its arguments")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--one", metavar="PRECISION", help="time only this process, in this precision")
    options = parser.parse_args()
    if options.one:
        one(options.one, options.image_size, options.steps)
    else:
        compare(options)


def one(precision, image_size, steps):
    """Time the project's step in this process."""
    import tensorflow as tf

    import plain_step
    from pix2pix_tf import pix2pix
    from pix2pix_tf.system import hardware

    hardware.keep_freed_memory()  # as `pix2pix-tf train` does
    model = pix2pix.Pix2Pix(image_size, precision=precision)
    source, target = (tf.random.uniform((1, image_size, image_size, 3), -1, 1, seed=seed) for seed in range(2))
    median = plain_step.median_milliseconds(lambda: model.compiled_step(source, target), steps)
    print(f"{model.config['precision']}: median {median:.1f} ms")


def compare(options):
    """Run every program in turn and print the table."""
    import alternation

    size = ["--image-size", str(options.image_size), "--steps", str(options.steps)]
    commands = {"plain": [sys.executable, str(HERE / "plain_step.py"), *size]}
    commands |= {
        f"pix2pix_tf {precision}": [sys.executable, __file__, "--one", precision, *size]
        for precision in ("float32", "auto")
    }
    others = {}
    for script in options.beside:
        path, *arguments = shlex.split(script)
        others[" ".join([pathlib.Path(path).stem, *arguments])] = [sys.executable, path, *arguments]
    results = alternation.alternate({**commands, **others}, options.rounds)
    alternation.table(results, "ms", ["plain", *others])


if __name__ == "__main__":
    main()
