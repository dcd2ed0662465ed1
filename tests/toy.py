"""A method small enough to train in a blink, with all that the loop asks of one: moments, noise, a file at the end."""

import contextlib

import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, streets

REPAIRS = {  # everything that is not the paper's, at once
    "upsampling": "nearest",
    "norm": "pixel",
    "discriminator_norm": "none",
    "spectral": True,
    "average": 0.9,
    "decay": 0.5,
    "augmentation": "all",
    "feature_matching_weight": 1.0,
    "palette": [list(colour) for _, colour in streets.LABELS],
}


@contextlib.contextmanager
def eagerly():
    """Compute operations one by one, which saves tracing a step that runs a few times."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def pairs(**options):
    """Return five synthetic pairs of 16 pixels."""
    return datasets.load("synthetic", image_size=16, count=5, **options)


class Toy:
    """Learns a 3x3 colour matrix by gradient descent with momentum and noise that the step decides.

    Args:
        size: side of the matrix.
        seed: a value for config.json.
        hook: function of the method and a step's losses, called after every step; what it returns are the losses.
    """

    name = "toy"
    generators = {"generator.keras": "weights"}

    def __init__(self, size=3, seed=0, hook=lambda method, losses: losses):
        self.hook = hook
        self.config = {"size": size, "seed": seed}
        self.strategy = tf.distribute.get_strategy()
        self.weights = tf.Variable(tf.zeros((size, size)))
        self.momentum = tf.Variable(tf.zeros((size, size)))
        self.iterations = tf.Variable(0, dtype=tf.int64)

    @classmethod
    def defaults(cls):
        """Have none that an older run might lack."""
        return {}

    def plan(self, steps):
        """Need not know."""

    def compiled_step(self, source, target):
        """Do what the loop asks for."""
        return self.train_step(source, target)

    def train_step(self, source, target):
        """Do one step; return its losses."""
        return self.hook(self, self.update(source, target))

    @tf.function
    def update(self, source, target):
        """Change the weights; return the losses."""
        noise = tf.random.stateless_normal(tf.shape(source), tf.stack([0, tf.cast(self.iterations, tf.int32)]))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square((source + 0.1 * noise) @ self.weights - target))
        self.momentum.assign(0.9 * self.momentum + tape.gradient(loss, self.weights))
        self.weights.assign_sub(0.01 * self.momentum)
        self.iterations.assign_add(1)
        return {"l2": loss}

    def validate(self, source, target):
        """Return the loss of a batch."""
        return {"validation_l2": tf.reduce_mean(tf.square(source @ self.weights - target))}

    def preview(self, source, target):
        """Return the columns of a preview."""
        return {"input": source, "output": (source @ self.weights).numpy(), "truth": target}

    def state(self):
        """Return all variables."""
        return {"network": [self.weights], "optimizer": [self.momentum, self.iterations]}

    def save(self, folder):
        """Write the weights."""
        (folder / "generator.keras").write_bytes(self.weights.numpy().tobytes())


def values(method):
    """Return a copy of every variable of a method."""
    return [variable.numpy().copy() for part in method.state().values() for variable in part]


def assert_same(first, second):
    """Assert that two methods' variables have the same bits."""
    for one, other in zip(values(first), values(second), strict=True):
        np.testing.assert_array_equal(one, other)


def history(folder):
    """Return the text of a run's history without its last column, the timing."""
    return [line.rsplit(",", 1)[0] for line in (folder / "history.csv").read_text().splitlines()]


def snapshot(folder):
    """Return every file and folder of a run with its time of change and content."""
    paths = [folder, *folder.rglob("*")]
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None) for path in paths}
