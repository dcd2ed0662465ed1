"""How good a model is: its translations of one split beside baselines and the real set, measured by one protocol."""

from pix2pix_tf.evaluation.scorecard import scorecard
from pix2pix_tf.evaluation.tables import markdown, text

__all__ = ["markdown", "scorecard", "text"]
