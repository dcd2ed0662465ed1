"""Measure the memory of `pix2pix-tf evaluate` on a large split: 1,098 pairs at 256x256, as the set "maps" has.

    python benchmarks/evaluate_memory.py [--pairs 1098] [--image-size 256] [--filters 64]

The pairs are noise at two scales, the run is an untrained network of the paper's width; the target is 1.5 GB.
"""

import argparse
import os
import pathlib
import resource
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

TARGET = 1.5e9


def main():
    """Make the set and a run, score it, print the peak."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1098)
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--filters", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, run = make_set(pathlib.Path(place), options.pairs, options.image_size), pathlib.Path(place, "run")
        if os.fork() == 0:  # what training takes is not measured
            make_run(run, folder, options.image_size, options.filters)
            os._exit(0)
        os.wait()
        from pix2pix_tf import evaluation

        start = time.perf_counter()
        card = evaluation.scorecard([run])
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 2**10  # Linux counts in KiB
    print(f"{card['protocol']['n']} pairs: peak {peak / 1e9:.2f} GB, target {TARGET / 1e9:.1f} GB; {seconds:.0f} s")


def make_set(place, count, size):
    """Write two splits of side-by-side pairs."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for split in ("train", "val"):
        (place / "set" / split).mkdir(parents=True)
        for number in range(count):
            coarse = random.integers(0, 256, (size // 16, size // 8, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((2 * size, size)).save(place / "set" / split / f"{number}.jpg", quality=90)
    return place / "set"


def make_run(run, folder, size, filters):
    """Train for a step."""
    from pix2pix_tf import datasets, pix2pix, training

    model = pix2pix.Pix2Pix(size, filters=filters)
    training.fit(model, datasets.load(folder, image_size=size, memory_limit=0), 1, run)


if __name__ == "__main__":
    main()
