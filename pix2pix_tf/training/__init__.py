"""Training, the same for every method: `fit` is the loop, `strategy` decides on which devices it runs."""

from pix2pix_tf.training.distribution import strategy
from pix2pix_tf.training.loop import fit

__all__ = ["fit", "strategy"]
