"""Draw the schematics of lesson 15 as SVG files, and its first picture from the recorded translations and sheets.

python scripts/repairs_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, write
from matplotlib import patches

from pix2pix_tf import images, plots

LABELS, IMAGE, FAULT, REPAIR = "#8cc07c", "#9cc3e6", "#d9534f", "#f7d774"
KERNELS = ("#f4b183", "#9cc3e6", "#8cc07c", "#c9a0dc")
SHOWN = {1: (0, 0), 11: (4, 3)}  # validation pair: row and first column in the sheet of the improved run


def cells(axes, left, top, colours, side=4.0, texts=None):
    """Draw a grid of square cells, colours as nested lists of rows."""
    for row, column in np.ndindex(len(colours), len(colours[0])):
        corner = (left + side * column, top + side * row)
        axes.add_patch(
            patches.Rectangle(corner, side, side, facecolor=colours[row][column], edgecolor=INK, linewidth=0.8)
        )
        if texts:
            write(axes, corner[0] + side / 2, corner[1] + side / 2, texts[row][column], 9)


def fault(axes, x, y, number, place, text):
    """Draw a numbered fault: a red disc, and its words at a place."""
    axes.add_patch(patches.Circle((x, y), 1.6, facecolor=FAULT, edgecolor=INK, linewidth=1, zorder=3))
    write(axes, x, y, str(number), 11, color="white", weight="bold", zorder=4)
    write(axes, *place, text, 10.5)


def draw_faults():
    """Draw the training step, and where five faults begin."""
    figure, axes = page(100, 38)
    box(axes, 9, 14, 14, 7, LABELS, "labels")
    box(axes, 36, 14, 24, 11, NETWORK, "generator", 12)
    box(axes, 64, 14, 14, 7, IMAGE, "translation")
    box(axes, 64, 30, 14, 7, IMAGE, "true photo")
    box(axes, 89, 14, 18, 9, NETWORK, "discriminator", 12)
    arrow(axes, (16, 14), (24, 14))
    arrow(axes, (48, 14), (57, 14))
    arrow(axes, (71, 14), (80, 14))
    arrow(axes, (71, 30), (85, 18.5))
    axes.plot((9, 9, 92), (17.5, 36, 36), color=INK, linewidth=1.5, solid_joinstyle="miter")
    arrow(axes, (92, 36), (92, 18.5))  # a conditional discriminator sees the labels
    arrow(axes, (64, 26.5), (64, 17.5), arrowstyle="<|-|>", linestyle="--")
    write(axes, 66.5, 22, "L1", 11)
    fault(axes, 57, 30, 1, (50.5, 30), "wedges")
    fault(axes, 42, 8.5, 2, (42, 5), "grid: the doubling")
    fault(axes, 89, 9.5, 3, (89, 6), "learns pairs by heart")
    fault(axes, 29, 19.5, 4, (29, 23), "spots: the norm?")
    fault(axes, 9, 10.5, 5, (9, 7), "which colour?")
    return figure


def draw_doubling():
    """Draw what a transposed convolution, and doubling with one kernel, make of a flat map."""
    figure, axes = page(100, 32)
    for left in (2, 47):
        cells(axes, left, 11, [["white"] * 2] * 2)
        write(axes, left + 4, 22, "flat map", 10)
    write(axes, 20, 3, "transposed convolution, stride 2", 12)
    write(axes, 73, 3, "double, then convolve", 12)
    arrow(axes, (11.5, 15), (19, 15))
    four = [[2 * (row % 2) + column % 2 for column in range(4)] for row in range(4)]
    colours = [[KERNELS[number] for number in row] for row in four]
    cells(axes, 20, 7, colours, texts=[["abcd"[number] for number in row] for row in four])
    write(axes, 28, 27, "four kernels, four answers:\na grid before any training", 10)
    arrow(axes, (56, 15), (60, 15))
    cells(axes, 61, 7, [["white"] * 4] * 4)
    arrow(axes, (78, 15), (82, 15))
    cells(axes, 83, 7, [[KERNELS[0]] * 4] * 4, texts=[["a"] * 4] * 4)
    write(axes, 80, 27, "one kernel, one answer:\nflat stays flat", 10)
    return figure


def draw_norms():
    """Draw what instance norm and pixel norm look at: three channels of the same feature maps, side by side."""
    figure, axes = page(100, 28)
    for start, title, text in (
        (3, "instance norm", "looks at one map: its spike shrinks all its other values"),
        (54, "pixel norm", "looks at one pixel in all maps: a spike elsewhere changes nothing"),
    ):
        write(axes, start + 21, 3, title, 12)
        write(axes, start + 21, 25, text, 9.5)
        for channel in range(3):
            colours = [[REPAIR if title == "instance norm" and channel == 0 else "white"] * 4 for _ in range(4)]
            if title == "pixel norm":
                colours[2][1] = REPAIR
            if channel == 0:
                colours[0][2] = FAULT
            cells(axes, start + 15 * channel, 7, colours, 3)
            write(axes, start + 15 * channel + 6, 21, f"map {channel + 1}", 10)
    return figure


def draw_palette():
    """Draw how a palette becomes a further input."""
    figure, axes = page(100, 34)
    wall, window, door = "#0030ff", "#0080ff", "#00cfff"
    house = [[wall] * 5, [wall, window, wall, window, wall], [wall] * 5, [wall, window, wall, door, wall]]
    named = {wall: "#a05030", window: "#c8d4dc", door: "#3b2a20"}
    cells(axes, 3, 9, house, 3.6)
    write(axes, 12, 27, "label map", 11)
    for row, (label, colour) in enumerate(named.items()):
        top = 8 + 6 * row
        cells(axes, 29, top, [[label]], 4)
        arrow(axes, (33.6, top + 2), (37, top + 2))
        cells(axes, 37.5, top, [[colour]], 4)
    write(axes, 35, 27, "palette: a colour\nfor every class", 11)
    arrow(axes, (44, 16), (49, 16))
    cells(axes, 50, 9, [[named[label] for label in row] for row in house], 3.6)
    write(axes, 59, 27, "painted palette", 11)
    box(axes, 85, 16, 20, 9, NETWORK, "generator", 12)
    arrow(axes, (68.5, 16), (74.5, 16))
    arrow(axes, (12, 8.6), (85, 11), connectionstyle="arc3,rad=-0.09")
    write(axes, 85, 27, "sees both", 11)
    return figure


def draw_two_runs():
    """Draw two validation pairs with both runs' translations; input and truth are cut out of the recorded sheet."""

    def cut(row, column):
        return images.resize(drawing.cut(row, column), 256)

    def recorded(run):
        return np.stack([images.read(drawing.RESULTS / run / f"{number}.webp") for number in SHOWN])

    return plots.tiles(
        {
            "labels": np.stack([cut(row, column) for row, column in SHOWN.values()]),
            "old run: the paper's recipe": recorded("facades_pix2pix"),
            "improved run": recorded("facades_improved"),
            "true photo": np.stack([cut(row, column + 2) for row, column in SHOWN.values()]),
        }
    )


DRAWINGS = {
    "15_faults": draw_faults,
    "15_doubling": draw_doubling,
    "15_norms": draw_norms,
    "15_palette": draw_palette,
}

if __name__ == "__main__":
    plots.save(draw_two_runs(), drawing.main(__doc__, DRAWINGS) / "15_two_runs.jpg")
