"""Draw the schematics of lesson 04 as SVG files: a wall that is red or blue, the two updates of a train step.

python scripts/training_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import NETWORK, arrow, box, page, picture, write

LOSS, LEARNS = "#f7d774", "#f4b183"
LABELS = {"wall": (0, 0, 255), "window": (0, 128, 255)}
RED, BLUE, GREY = ((191, 51, 38), (38, 51, 191), (115, 115, 115))
SIDE, WINDOW = 32, (slice(8, 22), slice(11, 22))


def draw_labels():
    """Return the label map of a house, uint8 (32, 32, 3)."""
    labels = np.full((SIDE, SIDE, 3), LABELS["wall"], np.uint8)
    labels[WINDOW] = LABELS["window"]
    return labels


def draw_house(colour):
    """Return a house of bricks of a colour, uint8 (32, 32, 3)."""
    down, across = np.mgrid[:SIDE, :SIDE]
    joints = (down % 4 == 0) | ((across + 4 * (down // 4 % 2)) % 8 == 0)
    house = np.where(joints[..., None], (166, 166, 166), colour).astype(np.uint8)
    house[WINDOW] = 13
    return house


def draw_wall():
    """One label map, two houses that are equally right, and a generator that may paint one answer."""
    figure, axes = page(78, 37)
    picture(axes, 9, 17, 12, draw_labels(), "label map")
    for y, colour in ((8.5, RED), (26.5, BLUE)):
        picture(axes, 38, y, 12, draw_house(colour))
        arrow(axes, (16, 17), (31, y))
    write(axes, 22, 8.5, "half of the houses", 10)
    write(axes, 22, 26.5, "half of the houses", 10)
    write(axes, 65, 7, "one answer\nfor this label map", 12)
    picture(axes, 65, 18, 12, draw_house(GREY), "which colour?")
    for x, y in ((61.2, 18), (69.2, 18)):
        write(axes, x, y, "?", 18, color="white")  # on the bricks, beside the window
    return figure


def row(axes, y, title, known, learns):
    """Draw what one update has in common with the other: the discriminator sees the labels beside an image."""
    write(axes, 3, y - 10.5, title, 13, ha="left", weight="bold")
    box(axes, 24, y, 15, 7, LEARNS if learns == "generator" else NETWORK, "generator\n$G$", 12)
    picture(axes, 7, y, 8, draw_labels(), "labels $x$")
    arrow(axes, (11.6, y), (15.8, y))
    arrow(axes, (32.2, y), (37.4, y))
    picture(axes, 42, y, 8, draw_house(GREY), "fake $G(x)$")
    box(axes, 66, y, 18, 7, LEARNS if learns == "discriminator" else NETWORK, f"{known}discriminator\n$D$", 12)
    arrow(axes, (46.6, y), (56.4, y))
    arrow(axes, (75.6, y), (80.4, y))


def draw_step():
    """One train step: which network learns from what."""
    figure, axes = page(106, 66)
    row(axes, 13, "1. The discriminator learns", "", "discriminator")
    picture(axes, 53, 26, 7, draw_house(RED), "real $y$")
    arrow(axes, (56.8, 24.5), (62, 17.2))
    box(axes, 93, 13, 23, 8.5, LOSS, "half of: call $y$ real\n+ call $G(x)$ fake", 11)
    arrow(axes, (93, 17.8), (68, 17.2), connectionstyle="arc3,rad=-0.35", color="#b34700")
    write(axes, 84, 26.5, "changes the weights of $D$", 10.5, color="#b34700")
    axes.plot([2, 104], [33.5, 33.5], color="#bbbbbb", linewidth=1, linestyle="--")
    row(axes, 46, "2. The generator learns", "new ", "generator")
    picture(axes, 98, 58.5, 7, draw_house(RED), "real $y$")
    arrow(axes, (98, 54.6), (98, 50.7))
    box(axes, 93, 46, 23, 8.5, LOSS, "be taken for real\n+ 100 \u00d7 L1 to $y$", 11)
    arrow(axes, (93, 50.8), (24, 50.2), connectionstyle="arc3,rad=-0.17", color="#b34700")
    write(axes, 52, 61, "changes the weights of $G$; the slope passes through $D$", 10.5, color="#b34700")
    write(
        axes, 45, 2.5, "$D$ sees the labels $x$ beside every image. Orange: the network that learns.", 10.5, ha="left"
    )
    return figure


DRAWINGS = {"04_wall": draw_wall, "04_step": draw_step}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
