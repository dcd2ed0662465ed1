"""What the commands of the command line do, once TensorFlow may be imported."""

from pix2pix_tf.cli.data import data_list, data_prepare, data_show
from pix2pix_tf.cli.evaluate import evaluate
from pix2pix_tf.cli.train import train
from pix2pix_tf.cli.translate import translate

__all__ = ["data_list", "data_prepare", "data_show", "evaluate", "train", "translate"]
