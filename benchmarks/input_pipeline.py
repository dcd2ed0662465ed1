"""Count the images a second of the input pipeline beside the usual one: 256x256, batch 1, jitter included.

    python benchmarks/input_pipeline.py [--archive facades.tar.gz] [--rounds 5] [--images 1200]

The usual one decodes each JPEG every epoch, resizes by nearest neighbour, crops and mirrors. Without an archive, and
where facades is not prepared, both read synthetic street fronts, written to a folder as JPEGs.
"""

import argparse
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

import alternation
from pix2pix_tf import datasets, images


def usual(files):
    """Return the usual pipeline over side-by-side JPEGs, endless."""

    def load(file):
        image = tf.io.decode_jpeg(tf.io.read_file(file))
        width = tf.shape(image)[1] // 2
        return tf.cast(image[:, width:], tf.float32), tf.cast(image[:, :width], tf.float32)

    def jitter(source, target):
        source, target = (tf.image.resize(image, (286, 286), "nearest") for image in (source, target))
        both = tf.image.random_crop(tf.stack([source, target]), (2, 256, 256, 3))
        both = tf.cond(tf.random.uniform(()) > 0.5, lambda: both[:, :, ::-1], lambda: both)
        return both[0] / 127.5 - 1, both[1] / 127.5 - 1

    data = tf.data.Dataset.from_tensor_slices([str(file) for file in files]).shuffle(400).repeat()
    return data.map(lambda file: jitter(*load(file)), num_parallel_calls=tf.data.AUTOTUNE).batch(1)


def rate(data, count):
    """Return the images a second of a data set's next `count` batches of one."""
    iterator = iter(data)
    for _ in range(400):  # one epoch, in which everything is decoded at least once
        next(iterator)
    start = time.perf_counter()
    for _ in range(count):
        next(iterator)
    return [count / (time.perf_counter() - start)]


def write_folder(pairs, folder):
    """Write pairs as side-by-side JPEGs of the public archives' layout, A left."""
    for index, name in enumerate(pairs.names):
        source, target = pairs.pair(index)
        sides = (target, source) if pairs.direction == "b_to_a" else (source, target)
        images.write(folder / f"{name}.jpg", images.to_uint8(np.concatenate(sides, axis=1)))


def main():
    """Read the command line, measure both in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=1200)
    options = parser.parse_args()
    name = "facades" if options.archive else "synthetic"
    pairs = datasets.load(name, "train", 256, archive=options.archive)
    with tempfile.TemporaryDirectory() as folder:
        write_folder(datasets.load(name, "train", 256, jitter=False), pathlib.Path(folder))
        pipelines = {
            "usual": usual(sorted(pathlib.Path(folder).iterdir())),
            "pix2pix_tf": pairs.batches(1, 0, 0, 10**6),
        }
        results = alternation.alternate(pipelines, options.rounds, lambda data: rate(data, options.images))
    alternation.table(results, "images/s", ["usual"])


if __name__ == "__main__":
    main()
