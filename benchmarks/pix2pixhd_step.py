"""Time pix2pixHD: its step beside the passes of its networks, styles of a thousand instances, and what size costs.

    python benchmarks/pix2pixhd_step.py step [--image-size 256] [--rounds 9]
    python benchmarks/pix2pixhd_step.py pooling [--instances 1000] [--image-size 512]
    python benchmarks/pix2pixhd_step.py sizes [--sizes 256 512 1024] [--out notebooks/figures/pix2pixhd_cost.json]

`step` compares a joint train step with the sum of what it cannot do without, each measured in turn in one process:
the generator and the encoder forwards and backwards, the discriminators forwards and backwards for the real pair, and
for the generated one, and the updates of Adam. `sizes` trains a few steps of every size, in a process of its own,
and notes the time of a step of the first and of the last phase and the most memory.
"""

import argparse
import functools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

SMALL = {"filters": 32, "downs": 3, "blocks": 4, "enhancer_blocks": 2, "discriminator_filters": 32, "scales": 2}
SMALL |= {"features": 3, "encoder_downs": 3, "encoder_filters": 8}
TIMED = 5  # steps of a size


def build(image_size, **options):
    """Return a model that learns all parts together, and a batch for it."""
    import tensorflow as tf

    from pix2pix_tf import pix2pixhd, streets
    from pix2pix_tf.system import hardware

    hardware.keep_freed_memory()  # as `pix2pix-tf train` does
    colours = [list(colour) for _, colour in streets.LABELS]
    model = pix2pixhd.Pix2PixHD(image_size, colours, precision="float32", **SMALL, **options)
    photo, labels = streets.draw_terrace(0, image_size)
    ids = streets.draw_instances(0, image_size, kind="terrace").astype(np.int32)
    image, target = (tf.constant(side[None] / 127.5 - 1, tf.float32) for side in (labels, photo))
    return model, {"image": image, "instances": tf.constant(ids[None, ..., None])}, target


def milliseconds(call, fetch):
    """Return how long a call takes, until its result is there."""
    start = time.perf_counter()
    fetch(call())
    return 1000 * (time.perf_counter() - start)


def time_step(options):
    """Print the medians of the step and of its parts, measured in turn."""
    import tensorflow as tf

    model, source, target = build(options.image_size)
    seen, photo, ids, _ = model.look(source, target)
    features = tf.zeros((*ids.shape[:3], SMALL["features"]))
    condition = tf.concat([seen, features], -1)
    judge = model.judges[-1]

    def backwards(network, inputs, more=()):
        """Return a function that runs a network forwards and backwards, to its weights and to some inputs."""

        @tf.function
        def run():
            with tf.GradientTape() as tape:
                tape.watch(list(more))
                outputs = tf.nest.flatten(network(inputs, training=True))
                total = sum(tf.reduce_mean(tf.square(one)) for one in outputs)
            return tape.gradient(total, [*network.trainable_weights, *more])

        return run

    @tf.function
    def update():
        for block in model.blocks:
            block.optimizer.apply([tf.ones_like(one) for one in block.trainable_variables], block.trainable_variables)
        weights = model.discriminator.trainable_variables
        model.discriminator_optimizer.apply([tf.zeros_like(one) for one in weights], weights)
        return [weights[0]]

    parts = {
        "generator": backwards(model.generator, condition, (condition,)),
        "encoder": backwards(model.encoder, photo),
        "discriminators, real": backwards(judge, [seen, photo]),
        "discriminators, generated": backwards(judge, [seen, photo], (photo,)),
        "updates": update,
    }
    calls = {"step": lambda: tf.nest.flatten(model.compiled_step(source, target)), **parts}
    found = {name: [] for name in calls}
    for number in range(options.rounds + 2):
        for name, call in calls.items():
            took = milliseconds(call, lambda results: [float(tf.reduce_sum(one)) for one in results[:1]])
            if number >= 2:  # the first ones compile
                found[name].append(took)
    medians = {name: statistics.median(values) for name, values in found.items()}
    whole = sum(medians[name] for name in parts)
    for name, value in medians.items():
        print(f"{name:26} {value:8.1f} ms")
    print(f"{'sum of the parts':26} {whole:8.1f} ms; the step is {medians['step'] / whole:.2f} times that")


def time_pooling(options):
    """Print how long it takes to average features over many instances."""
    import tensorflow as tf

    from pix2pix_tf import instances

    size = options.image_size
    side = int(np.ceil(np.sqrt(options.instances)))
    rows = np.arange(size) * side // size
    ids = np.minimum(rows[:, None] * side + rows, options.instances - 1)
    ids = tf.constant(ids[None, ..., None], tf.int32)
    features = tf.random.stateless_uniform((1, size, size, 3), (0, 0))
    average = tf.function(instances.average)
    took = [milliseconds(lambda: average(features, ids), lambda found: float(found[0, 0, 0, 0])) for _ in range(23)][3:]
    print(f"{len(np.unique(ids))} instances at {size} pixels: median {statistics.median(took):.1f} ms")


def time_size(options):
    """Print the milliseconds of a step of the first and of the last phase, and the most memory, as JSON."""
    import resource

    took = {}
    for name, phases in (("coarse", [TIMED, 0, 0]), ("joint", [0, 0, TIMED])):
        model, source, target = build(options.image_size, phases=phases)
        step = functools.partial(model.compiled_step, source, target)
        times = [milliseconds(step, lambda found: float(min(found.values()))) for _ in range(TIMED)]
        took[f"{name}_milliseconds"] = round(statistics.median(times[2:]))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"image_size": options.image_size, **took, "gigabytes": round(most, 1)}))


def time_sizes(options):
    """Time every size in a process of its own, print a table, and keep it."""
    rows = []
    for size in options.sizes:
        command = [sys.executable, __file__, "size", "--image-size", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    if options.out:
        about = {"command": "python benchmarks/pix2pixhd_step.py sizes", "networks": SMALL, "precision": "float32"}
        about |= {"hardware": options.hardware, "commit": options.commit}
        options.out.write_text(json.dumps({**about, "sizes": rows}, indent=2) + "\n")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("step", "pooling", "sizes", "size"))
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--out", type=pathlib.Path, help="a JSON file for the table of sizes")
    parser.add_argument("--commit", default="", help="what was timed")
    parser.add_argument("--hardware", default="", help="on what")
    options = parser.parse_args()
    options.image_size = options.image_size or (512 if options.what == "pooling" else 256)
    {"step": time_step, "pooling": time_pooling, "sizes": time_sizes, "size": time_size}[options.what](options)


if __name__ == "__main__":
    main()
