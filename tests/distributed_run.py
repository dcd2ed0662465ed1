"""Train a tiny model in one process, on two virtual devices, or as a worker of a cluster, and keep what came out.

    python distributed_run.py devices|worker FOLDER

`devices` trains on one device and then on two; `worker` is started twice, with TF_CONFIG set.
"""

import functools
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import toy

from pix2pix_tf import cyclegan, datasets, gan, palettes, pix2pix, pix2pixhd, plots, training

MODEL = {  # all that a replica does by itself: noise, averages, palettes, iterations of spectral norm
    **toy.REPAIRS,
    "norm": "instance",
    "image_size": 16,
    "filters": 4,
    "discriminator_layers": 1,
    "precision": "float64",
    "total_steps": 20,
}
UNPAIRED = {  # a pool that is full in the second step
    "image_size": 16,
    "blocks": 1,
    "filters": 2,
    "discriminator_layers": 1,
    "pool_size": 6,
    "total_steps": 8,
    "precision": "float64",
    "average": 0.9,
    "augmentation": "geometry",
}
NOISE = {  # a batch norm would take the statistics of each replica's own part
    "image_size": 16,
    "channels": 1,
    "filters": 2,
    "latent": 3,
    "classes": [str(number) for number in range(10)],
    "norm": "instance",
    "adversarial": "wasserstein_gp",
    "critic_steps": 2,
    "precision": "float64",
}
CRITIC = {**MODEL, "adversarial": "wasserstein_gp", "critic_steps": 2, "total_steps": 4}
UNPAIRED_CRITIC = {**UNPAIRED, "adversarial": "wasserstein", "clip": 0.02, "critic_steps": 2, "total_steps": 4}
COLOURS = {**MODEL, "in_channels": 1, "out_channels": 2, "palette": palettes.BANDS, "augmentation": "geometry"}
PHASED = {  # each replica averages over the instances of its own images
    "image_size": 32,
    "label_colours": toy.REPAIRS["palette"],
    "filters": 4,
    "downs": 1,
    "blocks": 1,
    "enhancer_blocks": 1,
    "features": 2,
    "encoder_filters": 2,
    "encoder_downs": 1,
    "discriminator_filters": 2,
    "discriminator_layers": 1,
    "scales": 2,
    "phases": [1, 2, 1],
    "total_steps": 4,
    "average": 0.9,
    "precision": "float64",
}
LOOP = {"batch_size": 4, "seed": 3, "checkpoint_every": 10}


def load_pairs(model):
    """Return what a model of pairs, or of two domains, learns from."""
    return datasets.load("synthetic", image_size=model.image_size, count=6)


def save(model, folder, steps):
    """Save the variables."""
    variables = [variable.numpy() for part in model.state().values() for variable in part]
    np.savez(folder / f"variables_{steps}.npz", *variables)


def train(strategy, folder, *goes, build=lambda: pix2pix.Pix2Pix(**MODEL), load=load_pairs):
    """Train to each of the steps in turn, with a new model that resumes; save the variables after each."""
    for number, steps in enumerate(goes):
        with strategy.scope():
            model = build()
        training.fit(model, load(model), steps, folder, resume=number > 0, **LOOP)
        if training.distribution.is_chief(strategy):
            save(model, folder, steps)


def train_alone(folder):
    """Train 20 steps at a stretch on a single device; save the variables after the first step too."""

    def build():
        model = pix2pix.Pix2Pix(**MODEL)
        step = model.compiled_step

        def step_and_save(source, target):
            losses = step(source, target)
            if int(model.step) == 1:
                save(model, folder, 1)
            return losses

        model.compiled_step = step_and_save
        return model

    train(tf.distribute.get_strategy(), folder, 20, build=build)


def train_unpaired(strategy, folder, *goes):
    """Do the same with CycleGAN."""
    train(strategy, folder, *goes, build=lambda: cyclegan.CycleGAN(**UNPAIRED))


def train_noise(strategy, folder, *goes):
    """Do the same with a DCGAN of digits."""
    same = {"build": lambda: gan.DCGAN(**NOISE), "load": lambda model: datasets.load_samples("digits", image_size=16)}
    train(strategy, folder, *goes, **same)


def train_colours(strategy, folder, *goes):
    """Do the same with photographs that are coloured."""
    same = {"build": lambda: pix2pix.Pix2Pix(**COLOURS)}
    load = functools.partial(datasets.load, "photographs", image_size=16, count=6, task="colorization")
    train(strategy, folder, *goes, load=lambda model: load(), **same)


def train_critics(strategy, folder, name, *goes):
    """Do the same with several updates of the discriminators in a step, and with bounds on them."""
    train(strategy, folder / f"critic_{name}", *goes, build=lambda: pix2pix.Pix2Pix(**CRITIC))
    train(strategy, folder / f"unpaired_critic_{name}", *goes, build=lambda: cyclegan.CycleGAN(**UNPAIRED_CRITIC))


def train_phases(strategy, folder, *goes):
    """Do the same with pix2pixHD, in all its phases."""
    load = functools.partial(datasets.load, "terraces", image_size=32, count=6, instances="auto")
    train(strategy, folder, *goes, build=lambda: pix2pixhd.Pix2PixHD(**PHASED), load=lambda model: load())


def train_measured(strategy, folder):
    """Do a few steps at a size at which all is measured that history.csv can hold."""
    train(strategy, folder, 4, build=lambda: pix2pix.Pix2Pix(**{**MODEL, "image_size": 64, "filters": 2}))


def main(what, folder):
    """Train 1 step and go on to 20, or 3 and 8 without pairs; on a single device do all at a stretch."""
    plots.sheet, plots.pixels = lambda columns, title: columns, lambda sheet, dpi: np.zeros((4, 4, 3), np.uint8)
    if what == "worker":
        strategy = training.strategy()
        train(strategy, folder / "workers", 1, 20)
        train_unpaired(strategy, folder / "unpaired_workers", 8)
        train_noise(strategy, folder / "noise_workers", 6)
        train_measured(strategy, folder / "measured_workers")
        return
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    train_alone(folder / "single")
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    train(mirrored, folder / "mirrored", 1, 20)
    train_unpaired(tf.distribute.get_strategy(), folder / "unpaired_single", 8)
    train_unpaired(mirrored, folder / "unpaired_mirrored", 3, 8)
    train_noise(tf.distribute.get_strategy(), folder / "noise_single", 6)
    train_noise(mirrored, folder / "noise_mirrored", 2, 6)
    train_colours(tf.distribute.get_strategy(), folder / "colours_single", 4)
    train_colours(mirrored, folder / "colours_mirrored", 2, 4)
    train_phases(tf.distribute.get_strategy(), folder / "phases_single", 4)
    train_phases(mirrored, folder / "phases_mirrored", 2, 4)
    train_critics(tf.distribute.get_strategy(), folder, "single", 4)
    train_critics(mirrored, folder, "mirrored", 2, 4)
    train_measured(tf.distribute.get_strategy(), folder / "measured_single")
    train_measured(mirrored, folder / "measured_mirrored")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
