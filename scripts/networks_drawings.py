"""Draw the schematics of lesson 03 as SVG files: both networks, their blocks, all shapes, and what one logit sees.

python scripts/networks_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import streets

MAP, SKIP, STAMP, OTHER, FIELD = "#9cc3e6", "#8cc07c", "#f4b183", "#c9a0dc", "#d9534f"
NUMBER, SIDE = 3, 64  # of the street that is drawn, and its pixels


def pair():
    """Return a label map and its rendering, uint8 (SIDE, SIDE, 3)."""
    rendering, labels = streets.draw(NUMBER, SIDE)
    return labels, rendering


def grid(axes, left, top, count, side, colour="white"):
    """Draw a square grid of cells."""
    for row, column in np.ndindex(count, count):
        corner = (left + side * column, top + side * row)
        axes.add_patch(patches.Rectangle(corner, side, side, facecolor=colour, edgecolor=INK, linewidth=0.6))


def square(axes, left, top, side, colour, **options):
    """Draw a coloured square over a grid."""
    style = {"facecolor": colour, "edgecolor": INK, "linewidth": 1.6, "zorder": 3, **options}
    axes.add_patch(patches.Rectangle((left, top), side, side, **style))


def maps(axes, x, y, side, count, colour=MAP):
    """Draw a stack of square feature maps about a centre."""
    for layer in reversed(range(count)):
        left, top = x - side / 2 + 0.5 * layer, y - side / 2 - 0.5 * layer
        axes.add_patch(patches.Rectangle((left, top), side, side, facecolor=colour, edgecolor=INK, linewidth=0.9))


def draw_two():
    """Draw both networks and what goes in and out."""
    figure, axes = page(104, 40)
    labels, rendering = pair()
    picture(axes, 10, 15, 16, labels)
    write(axes, 10, 25, "label map", 12)
    for index, height in enumerate((16, 11, 6, 2, 6, 11, 16)):
        left = 28 + 2.8 * index
        axes.add_patch(patches.Rectangle((left, 15 - height / 2), 2, height, facecolor=MAP, edgecolor=INK))
    for height, first in ((6.6, 0), (4, 1)):
        start, end = (29 + 2.8 * first, 15 - height), (45.8 - 2.8 * first, 15 - height)
        axes.plot(*zip(start, end, strict=True), color=SKIP, linewidth=3, zorder=0)
    write(axes, 38, 25, "generator: U-Net", 12, weight="bold")
    write(axes, 38, 4.5, "skips", 11)
    picture(axes, 62, 15, 16, rendering)
    write(axes, 62, 25, "picture", 12)
    arrow(axes, (18.5, 15), (27, 15))
    arrow(axes, (47.8, 15), (53.5, 15))
    box(axes, 82, 15, 13, 12, NETWORK)
    for index, height in enumerate((9, 6.5, 4.5, 3.5)):
        left = 77 + 2.7 * index
        axes.add_patch(patches.Rectangle((left, 15 - height / 2), 1.8, height, facecolor=MAP, edgecolor=INK))
    write(axes, 84, 25, "discriminator: PatchGAN", 12, weight="bold")
    arrow(axes, (70.5, 15), (75.2, 15))
    axes.plot([10, 10, 82], [27, 33, 33], color=INK, linewidth=1.5)
    arrow(axes, (82, 33), (82, 27))
    write(axes, 46, 35.2, "the discriminator sees the label map too", 11)
    shades = np.random.default_rng(4).uniform(0.25, 1, (6, 6))
    for (row, column), shade in np.ndenumerate(shades):
        corner = (92 + 1.7 * column, 9.9 + 1.7 * row)
        colour = SKIP if row < 4 or column < 3 else FIELD
        axes.add_patch(patches.Rectangle(corner, 1.7, 1.7, facecolor=colour, alpha=shade, edgecolor=INK))
    arrow(axes, (88.8, 15), (91.6, 15))
    write(axes, 96, 6.2, "real or fake?\none answer\nfor each patch", 10.5)
    return figure


def draw_blocks():
    """Draw what a convolution and a transposed one do at stride 2, and the blocks around them."""
    figure, axes = page(104, 47)
    for start, title in ((2, "down block: halves"), (56, "up block: doubles")):
        write(axes, start, 3, title, 13, weight="bold", ha="left")
    grid(axes, 2, 8, 8, 2.4)
    square(axes, 4.4, 10.4, 9.6, MAP)
    grid(axes, 34, 12.8, 4, 2.4)
    square(axes, 36.4, 15.2, 2.4, MAP)
    arrow(axes, (14.4, 15.2), (36, 16.4), zorder=5)
    write(axes, 29, 9.8, "16 numbers times\n16 weights: 1 sum", 10)
    write(axes, 11.6, 30, "the window moves on by 2", 10)
    grid(axes, 56, 12.8, 4, 2.4)
    square(axes, 58.4, 15.2, 2.4, STAMP)
    square(axes, 60.8, 15.2, 2.4, OTHER)
    grid(axes, 82, 8, 8, 2.4)
    square(axes, 84.4, 10.4, 9.6, STAMP, alpha=0.75)
    square(axes, 89.2, 10.4, 9.6, OTHER, alpha=0.6)
    arrow(axes, (60, 15), (84, 13), zorder=5)
    arrow(axes, (63.4, 17), (89, 18), zorder=5)
    write(axes, 73, 10, "1 number times\n16 weights: a stamp", 10)
    write(axes, 91.6, 30, "stamps overlap, and are added", 10)
    for start, parts in (
        (2, (("leaky\nReLU", 9), ("convolution\n4x4, stride 2", 15), ("norm", 9))),
        (56, (("ReLU", 7), ("transposed conv.\n4x4, stride 2", 16), ("norm", 7), ("dropout", 9))),
    ):
        left = start
        for index, (text, width) in enumerate(parts):
            box(axes, left + width / 2, 39, width, 6, NETWORK, text, 10)
            if index:
                arrow(axes, (left - 2.2, 39), (left, 39), mutation_scale=10)
            left += width + 2.2
    write(axes, 20, 44.5, "in this order", 10)
    write(axes, 79, 44.5, "dropout in the first three up blocks only", 10)
    return figure


def draw_unet():
    """Draw the U-Net of 256 pixels with the shape of every feature map."""
    figure, axes = page(104, 68)
    widths = [3, 64, 128, 256, 512, 512, 512, 512, 512]
    for level, width in enumerate(widths):
        side, y, shift = 256 >> level, 6 + 7 * level, 3.3 * level
        left, right, wide = 14 + shift, 90 - shift, 20
        colour = STAMP if level == 0 else MAP
        if level < 8:
            box(axes, left, y, wide, 4.2, colour, f"{side} x {side} x {width}", 10.5)
            text = f"{side} x {side} x 3" if level == 0 else f"{side} x {side} x ({width} + {width})"
            box(axes, right, y, wide + 2, 4.2, colour, text, 10)
        else:
            box(axes, 52, y, wide, 4.6, SKIP, "1 x 1 x 512", 11)
            write(axes, 52, y + 4, "bottleneck: no norm", 10)
        if level:
            end = (left, y - 2.2) if level < 8 else (44, y - 2.2)
            arrow(axes, (left - 3.3, y - 4.8), end, mutation_scale=11)
            start = (right, y - 2.2) if level < 8 else (60, y - 2.2)
            arrow(axes, start, (right + 3.3, y - 4.8), mutation_scale=11)
        if 0 < level < 8:
            arrow(axes, (left + 10.4, y), (right - 11.4, y), color=SKIP, linewidth=2.5)
        if level in (5, 6, 7):
            write(axes, right + 11.8, y, "dropout", 10, ha="left")
        if level == 3:
            write(axes, right + 11.8, y, "first join,\nthen ReLU", 10, ha="left")
    write(axes, 52, 5.2, "green: skips, joined by concatenation", 11)
    write(axes, 14, 1.8, "label map", 11, weight="bold")
    write(axes, 90, 1.8, "picture (tanh)", 11, weight="bold")
    write(axes, 2, 13, "no\nnorm", 9.5)
    write(axes, 8, 48, "encoder:\neight down blocks", 11, ha="left")
    write(axes, 97, 60, "decoder:\nup blocks", 11, ha="right")
    return figure


def draw_patchgan():
    """Draw the PatchGAN with the shape of every feature map, and the patch of one logit."""
    figure, axes = page(104, 36)
    labels, rendering = pair()
    picture(axes, 10.5, 13, 16, labels)
    picture(axes, 12.5, 16, 16, rendering)
    field = 16 * 70 / 256
    square(axes, 9, 13, field, FIELD, alpha=0.45)
    write(axes, 11, 28, "256 x 256 x 6", 10.5)
    write(axes, 11, 31.5, "labels and picture", 10)
    stages = ((34, 12, 2, "128 x 128 x 64"), (53, 8, 4, "64 x 64 x 128"), (69, 5.5, 6, "32 x 32 x 256"))
    previous = 21
    for number, (x, side, count, text) in enumerate(stages):
        maps(axes, x, 15, side, count)
        arrow(axes, (previous, 15), (x - side / 2 - 0.4, 15))
        write(axes, x, 28, text, 10.5)
        write(axes, x, 31.5, "no norm" if number == 0 else "norm", 10)
        previous = x + side / 2 + 0.5 * count + 0.2
    maps(axes, 83, 15, 5.2, 8)
    arrow(axes, (previous, 15), (80, 15))
    write(axes, 83.5, 28, "31 x 31 x 512", 10.5)
    write(axes, 83.5, 31.5, "norm", 10)
    arrow(axes, (90, 15), (94, 15))
    grid(axes, 94.4, 11, 6, 1.4, "white")
    square(axes, 97.2, 13.8, 1.4, FIELD)
    write(axes, 98, 28, "30 x 30 x 1", 10.5)
    write(axes, 98, 31.5, "logits", 10)
    for x in (24.3, 44, 61):
        write(axes, x, 24, "stride 2", 10)
    for x in (76, 92):
        write(axes, x, 24, "stride 1", 10)
    arrow(axes, (98, 10.6), (12.5, 12.8), connectionstyle="arc3,rad=0.2", color=FIELD, linestyle="--", zorder=5)
    write(axes, 54, 6.8, "one logit sees one patch of 70 x 70 pixels", 11, color=FIELD)
    return figure


def draw_field():
    """Draw how wide a stretch of every layer one logit depends on."""
    figure, axes = page(104, 44)
    rows = (
        (1, "one logit", ""),
        (4, "31 x 31", "(1 - 1) x 1 + 4"),
        (7, "32 x 32", "(4 - 1) x 1 + 4"),
        (16, "64 x 64", "(7 - 1) x 2 + 4"),
        (34, "128 x 128", "(16 - 1) x 2 + 4"),
        (70, "the picture", "(34 - 1) x 2 + 4"),
    )
    middle, cell = 46, 0.85
    for row, (width, text, formula) in enumerate(rows):
        y = 3 + 7.2 * row
        left = middle - width * cell / 2
        for index in range(width):
            corner = (left + index * cell, y)
            axes.add_patch(patches.Rectangle(corner, cell, 2.6, facecolor=MAP, edgecolor=INK, linewidth=0.4))
        write(axes, 0.5, y + 1.3, text, 10.5, ha="left")
        write(axes, 103, y + 1.3, f"{formula} = {width}" if formula else "1", 10.5, ha="right")
        if row:
            last = rows[row - 1][0] * cell / 2
            for sign in (-1, 1):
                ends = ([middle + sign * last, middle + sign * width * cell / 2], [y - 4.6, y])
                axes.plot(*ends, color=INK, linewidth=0.8, linestyle=":")
    return figure


def draw_residual():
    """Draw the residual block of the ResNet generator."""
    figure, axes = page(104, 26)
    x = 8
    box(axes, x, 15, 11, 6, MAP, "x", 13)
    convolved = (("mirror\nborder", 10), ("3x3", 7), ("norm", 8))
    parts = (*convolved, ("ReLU", 8), *convolved)
    edge = 13.5
    for text, width in parts:
        arrow(axes, (edge, 15), (edge + 2.4, 15), mutation_scale=10)
        box(axes, edge + 2.4 + width / 2, 15, width, 7, NETWORK, text, 10.5)
        edge += 2.4 + width
    arrow(axes, (edge, 15), (edge + 3.4, 15), mutation_scale=10)
    axes.add_patch(patches.Circle((edge + 5.4, 15), 2, facecolor=SKIP, edgecolor=INK, linewidth=1.2))
    write(axes, edge + 5.4, 15, "+", 14)
    arrow(axes, (edge + 7.4, 15), (edge + 10.8, 15), mutation_scale=10)
    write(axes, edge + 13, 15, "y", 13)
    axes.plot([x, x, edge + 5.4], [12, 5, 5], color=INK, linewidth=1.5)
    arrow(axes, (edge + 5.4, 5), (edge + 5.4, 12.8))
    write(axes, 50, 2.6, "x itself, unchanged", 11)
    write(axes, 50, 22.5, "the change that the block has learned", 11)
    return figure


DRAWINGS = {
    "03_two": draw_two,
    "03_blocks": draw_blocks,
    "03_unet": draw_unet,
    "03_patchgan": draw_patchgan,
    "03_field": draw_field,
    "03_residual": draw_residual,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
