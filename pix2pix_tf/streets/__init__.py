"""The drawing program of the synthetic sets: street fronts and terraces, their maps and photos, by index and seed."""

from pix2pix_tf.streets.fronts import (
    LABELLED,
    LABELS,
    draw,
    draw_instances,
    draw_photo,
    draw_terrace,
    wall_colours,
)

__all__ = ["LABELLED", "LABELS", "draw", "draw_instances", "draw_photo", "draw_terrace", "wall_colours"]
