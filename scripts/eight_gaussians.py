"""Record how many of eight Gaussians a GAN finds, by loss and by the balance of steps, with several seeds.

    python scripts/eight_gaussians.py [--seeds 6] [--commit HASH] [--hardware TEXT] [--out notebooks/figures]

The settings are those of lesson 00: two hidden layers of 64 units in both networks, batches of 128. Writes
00_eight_gaussians.json, with its provenance, and 00_hopping.jpg: what the impatient generator of seed 0 makes.
"""

import argparse
import datetime
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from pix2pix_tf import datasets, gan, plots
from pix2pix_tf.evaluation import points as of_points
from pix2pix_tf.plots import planes

FIGURES = pathlib.Path("notebooks/figures")
BATCH, WIDTH, LAYERS, SAMPLES, NEAR, PARTS = 128, 64, 2, 2000, 0.2, 4
CLIPPED = {"adversarial": "wasserstein", "clip": 0.05, "optimizer": "rmsprop", "learning_rate": 5e-4}
SETTINGS = {  # name: rounds, keywords
    "plain, 1 : 1": (3000, {}),
    "plain, 5 : 1": (1000, {"critic_steps": 5}),
    "penalty, 5 : 1": (1000, {"critic_steps": 5, "adversarial": "wasserstein_gp"}),
    "plain, 1 : 5": (3000, {"generator_steps": 5}),
    "penalty, 1 : 1": (3000, {"adversarial": "wasserstein_gp"}),
    "clipping, 5 : 1": (1000, {"critic_steps": 5, **CLIPPED}),
}
HOPPING, FRAMES = "plain, 1 : 5", range(0, 801, 200)


def build(keywords, seed):
    """Return the model of a setting."""
    return gan.GAN(**{"learning_rate": 1e-3, **keywords}, width=WIDTH, layers=LAYERS, seed=seed)


def trainer(model, points):
    """Return a function that trains a model on the rounds from one number to another."""

    @tf.function
    def train(first, last):
        for step in tf.range(first, last):
            model.compiled_step(*points.batch(step, BATCH * model.critic_steps))

    return lambda first, last: train(tf.constant(first), tf.constant(last))


def record(points, seeds):
    """Return rounds, keywords, modes, shares and seconds of every setting, seed by seed."""
    found = {}
    for name, (rounds, keywords) in SETTINGS.items():
        stops = [rounds * part // PARTS for part in range(PARTS + 1)]
        found[name] = {
            "rounds": rounds,
            "keywords": keywords,
            "stops": stops[1:],
            "modes": [],
            "near": [],
            "seconds": [],
        }
        for seed in range(seeds):
            start, model = time.perf_counter(), build(keywords, seed)
            train, counts = trainer(model, points), []
            for first, last in zip(stops, stops[1:], strict=False):
                train(first, last)
                counts.append(of_points.count_modes(of_points.find_near(model.sample(SAMPLES), points.centres, NEAR)))
            found[name]["modes"].append([int(modes) for modes, _ in counts])
            found[name]["near"].append([round(float(share), 3) for _, share in counts])
            found[name]["seconds"].append(round(time.perf_counter() - start, 1))
            print(f"{name}, seed {seed}: modes {found[name]['modes'][-1]}, near {found[name]['near'][-1]}", flush=True)
    return found


def draw_hopping(points):
    """Return the picture of what the impatient generator of seed 0 makes, along its training."""
    model = build(SETTINGS[HOPPING][1], 0)
    train, panels = trainer(model, points), {}
    for first, last in zip((0, *FRAMES), FRAMES, strict=False):
        train(first, last)
        panels[f"round {last}"] = (None, points.examples(range(500))[1], model.sample(500))
    return planes.landscapes({"": panels}, reach=3)


def main():
    """Write the record and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--commit", default="")
    parser.add_argument("--hardware", default="")
    parser.add_argument("--out", type=pathlib.Path, default=FIGURES)
    options = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    points = datasets.load_samples("eight_gaussians")
    plots.save(draw_hopping(points), options.out / "00_hopping.jpg")
    written = {
        "command": "python scripts/eight_gaussians.py",
        "commit": options.commit,
        "seeds": list(range(options.seeds)),
        "hardware": options.hardware,
        "date": datetime.date.today().isoformat(),
        "settings": record(points, options.seeds),
    }
    (options.out / "00_eight_gaussians.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
