"""Time the project's CycleGAN step beside the one that is written down first: 128x128, 6 blocks, batch 1.

    python benchmarks/cyclegan_step.py [--rounds 5]
    python benchmarks/cyclegan_step.py --memory [--image-size 256] [--blocks 9]

Each round starts every program once, so that the machine's noise falls on all alike. With --memory the peak resident
memory of a process that does some steps is printed instead; the target is 6 GB at 256x256 with 9 blocks.
"""

import argparse
import os
import pathlib
import resource
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HERE = pathlib.Path(__file__).parent
MOST_MEBIBYTES = 6e9 / 2**20


def main():
    """Read the command line; time one precision, or all programs in turn, or measure the memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--blocks", type=int)
    parser.add_argument("--memory", action="store_true", help="print the peak memory of each precision")
    parser.add_argument("--one", metavar="PRECISION", help="measure only this process, in this precision")
    options = parser.parse_args()
    steps, image_size, blocks = (3, 256, 9) if options.memory else (12, 128, 6)
    size = [options.steps or steps, options.image_size or image_size, options.blocks or blocks]
    if options.one:
        one(options.one, *size)
    else:
        compare(options.rounds, options.memory, *size)


def one(precision, steps, image_size, blocks):
    """Time the project's step in this process and say how much memory it took."""
    import tensorflow as tf

    import plain_step
    from pix2pix_tf import cyclegan
    from pix2pix_tf.system import hardware

    hardware.keep_freed_memory()  # as `pix2pix-tf train` does
    model = cyclegan.CycleGAN(image_size, blocks, precision=precision)
    batch_a, batch_b = (tf.random.uniform((1, image_size, image_size, 3), -1, 1, seed=seed) for seed in range(2))
    median = plain_step.median_milliseconds(lambda: model.compiled_step(batch_a, batch_b), steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10  # Linux counts in KiB
    print(f"{model.config['precision']}: median {median:.1f} ms, peak {peak:.1f} MiB")


def compare(rounds, memory, steps, image_size, blocks):
    """Run every program in turn and print the table."""
    import alternation

    size = ["--steps", str(steps), "--image-size", str(image_size), "--blocks", str(blocks)]
    own = {name: [sys.executable, __file__, "--one", name, *size] for name in ("float32", "auto")}
    if memory:
        results = alternation.alternate(own, 1, lambda command: alternation.figures(command, r"peak ([\d.]+)"))
        alternation.table({"target": [MOST_MEBIBYTES], **results}, "MiB", ["target"])
        return
    plain = [sys.executable, str(HERE / "plain_cyclegan_step.py"), *size]
    commands = {"plain": plain, "plain, shared": [*plain, "--shared"]}
    own = {f"pix2pix_tf {name}": command for name, command in own.items()}
    alternation.table(alternation.alternate({**commands, **own}, rounds), "ms", commands)


if __name__ == "__main__":
    main()
