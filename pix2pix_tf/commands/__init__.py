"""What the commands of the command line do, once TensorFlow may be imported."""

from pix2pix_tf.commands.data import data_list, data_prepare, data_show
from pix2pix_tf.commands.evaluating import evaluate
from pix2pix_tf.commands.training import train
from pix2pix_tf.commands.translating import translate

__all__ = ["data_list", "data_prepare", "data_show", "evaluate", "train", "translate"]
