"""Running a trained generator: noise by seed, images of any size, files; no trace is left behind."""

from pix2pix_tf.translation.noise import check_seed, keep_statistics, run, seed_states
from pix2pix_tf.translation.sampler import Sampler
from pix2pix_tf.translation.storage import check_whole, load, save
from pix2pix_tf.translation.strips import any_size
from pix2pix_tf.translation.translator import Translator, least_side, margins, multiple

__all__ = [
    "Sampler",
    "Translator",
    "any_size",
    "check_seed",
    "check_whole",
    "keep_statistics",
    "least_side",
    "load",
    "margins",
    "multiple",
    "run",
    "save",
    "seed_states",
]
