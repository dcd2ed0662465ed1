"""Draw the schematics of lesson 11 as SVG files: what a patch sees, coarse to fine, the scales, the three phases.

python scripts/coarse_to_fine_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import discriminators, streets

COARSE, FINE, LEARNS, MARK = "#9cc3e6", "#f4b183", "#8cc07c", "#e6194b"
TERRACE = 4


def terrace(size):
    """Return a label map and its rendering, uint8 (size, size, 3)."""
    photo, labels = streets.draw_terrace(TERRACE, image_size=size)
    return labels, photo


def square(axes, x, y, side, colour=MARK):
    """Draw the outline of a square about a centre."""
    axes.add_patch(
        patches.Rectangle(
            (x - side / 2, y - side / 2), side, side, fill=False, edgecolor=colour, linewidth=2.5, zorder=4
        )
    )


def draw_patch():
    """One patch of 70 pixels, on a picture of 256 pixels and on one of 1024."""
    figure, axes = page(100, 44)
    for x, size, text in ((26, 256, "256 pixels"), (74, 1024, "1024 pixels")):
        picture(axes, x, 20, 36, terrace(256)[1])
        square(axes, x - 3, 18, 36 * discriminators.receptive_field() / size)
        write(axes, x, 41, f"{text}: one answer sees {discriminators.receptive_field() / size:.0%} of the side", 12)
    return figure


def draw_coarse_to_fine():
    """The coarse generator inside of an enhancer, with what happens to the size."""
    figure, axes = page(110, 50)
    labels, photo = terrace(128)
    picture(axes, 9, 13, 14, labels, "labels, borders")
    picture(axes, 101, 13, 14, photo, "image")
    for x, width, text, colour in (
        (29, 16, "7x7,\nhalve", FINE),
        (62, 16, "residual\nblocks", FINE),
        (82, 14, "double,\n7x7", FINE),
    ):
        box(axes, x, 13, width, 12, colour, text, 12)
    write(axes, 46, 13, "+", 26, weight="bold")
    for start, end in ((16.5, 20.5), (37.5, 43.5), (48.5, 53.5), (70.5, 74.5), (89.5, 93.5)):
        arrow(axes, (start, 13), (end, 13))
    write(axes, 56, 2.5, "enhancer: full size", 13, weight="bold")
    picture(axes, 9, 38, 7, labels[::2, ::2], "half the size")
    arrow(axes, (9, 23.5), (9, 33.5))
    write(axes, 10.5, 29.5, "mean of 3x3,\nevery second", 10, ha="left")
    box(axes, 24, 38, 12, 9, COARSE, "7x7,\nhalve ...", 11)
    box(axes, 46, 38, 20, 9, COARSE, "residual blocks", 11)
    box(axes, 70, 38, 14, 9, COARSE, "... double", 11)
    for start, end in ((13, 17.5), (30.5, 35.5), (56.5, 62.5)):
        arrow(axes, (start, 38), (end, 38))
    arrow(axes, (70, 33), (47, 16.5))
    write(axes, 66, 25.5, "its last feature map", 10.5, ha="left")
    box(axes, 92, 38, 13, 9, "white", "7x7 to\nan image", 10.5)
    arrow(axes, (77.5, 38), (85, 38), linestyle="dashed")
    write(axes, 92, 45.5, "in the first phase only", 10)
    write(axes, 46, 47.3, "coarse generator: half the size", 13, weight="bold")
    return figure


def draw_scales():
    """What one answer of each discriminator sees."""
    figure, axes = page(106, 46)
    photo = terrace(256)[1]
    for number, x in enumerate((18, 53, 88)):
        step = 2**number
        small = photo.reshape(256 // step, step, 256 // step, step, 3).mean((1, 3)).astype(np.uint8)
        picture(axes, x, 18, 32, small)
        field = (discriminators.receptive_field() - 1) * step + 2 * step - 1  # of means over 3x3, every other pixel
        side = min(256, field)
        square(axes, x, 18 if side == 256 else 20, 32 * side / 256 - (0.6 if side == 256 else 0))
        sees = f"{field / 256:.0%} of the side" if side < 256 else "all of it"
        write(axes, x, 37, f"{256 // step}x{256 // step} pixels", 12, weight="bold")
        write(axes, x, 40.5, f"one answer sees {sees}", 12)
    write(axes, 53, 44.5, "three discriminators with the same layers, each with weights of its own", 11)
    return figure


def draw_phases():
    """Which part learns in which phase, and the learning rate of each."""
    figure, axes = page(104, 48)
    names = ("1: coarse alone", "2: enhancer alone", "3: all together")
    parts = ("coarse generator", "enhancer", "discriminators")
    learns = ((1, None, 1), (0, 1, 1), (1, 1, 1))
    words = {1: ("learns", LEARNS), 0: ("stays", NETWORK), None: ("not there", "white")}
    for column, (name, states) in enumerate(zip(names, learns, strict=True)):
        x = 38 + 26 * column
        write(axes, x, 3, name, 13, weight="bold")
        write(axes, x, 7, "half the size" if column == 0 else "full size", 11)
        for row, state in enumerate(states):
            text, colour = words[state]
            if row == 2:
                text = "learn" if column else "learn, except\nthe full-size one"
            box(axes, x, 13 + 8 * row, 20, 6, colour, text, 12)
    for row, part in enumerate(parts):
        write(axes, 2, 13 + 8 * row, part, 12, ha="left")
    write(axes, 2, 42, "learning rate", 12, ha="left")
    top, bottom = 36.5, 46.5
    axes.plot([27, 39, 51], [top, top, bottom], color=INK, linewidth=2)
    axes.plot([51, 51, 77, 103], [bottom, top, top, bottom], color=INK, linewidth=2)
    for x in (51, 77):
        axes.plot([x, x], [9, 47], color=INK, linewidth=0.8, linestyle="dotted")
    return figure


DRAWINGS = {
    "11_patch": draw_patch,
    "11_coarse_to_fine": draw_coarse_to_fine,
    "11_scales": draw_scales,
    "11_phases": draw_phases,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
