"""The drawing program of the synthetic sets: street fronts, their labels and renderings, by index and seed."""

from pix2pix_tf.streets.fronts import LABELLED, LABELS, draw, draw_photo

__all__ = ["LABELLED", "LABELS", "draw", "draw_photo"]
