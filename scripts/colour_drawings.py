"""Draw the schematics of lesson 14 as SVG files: a photograph's way to its colours, a thing of two, a palette of bands.

python scripts/colour_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import images, lab, palettes
from pix2pix_tf.datasets import crops

SIDE, SMALL = 96, 12  # pixels of the photograph, and of its small copy
SHOWN = 0.4  # the lightness at which a and b are shown
EITHER = 0.45  # b of a yellow balloon, and of a blue one with a minus


def photograph():
    """Return a part of a photograph, float32 (SIDE, SIDE, 3)."""
    return images.to_float(images.resize(crops.read_photographs()["china"][20:380, 60:420], SIDE))


def colour_of(b, lightness=SHOWN):
    """Return the colour of a value of b, as matplotlib takes it; of arrays an image."""
    b = np.atleast_1d(np.asarray(b, np.float32))[None]
    pixels = lab.join(np.full((*b.shape, 1), lightness, np.float32), np.stack([0 * b, b], -1))
    return pixels[0, 0] / 2 + 0.5 if b.size == 1 else pixels / 2 + 0.5


def balloon(axes, x, y, colour, radius=3.2):
    """Draw a balloon on its string."""
    axes.plot([x, x + 0.5, x - 0.3, x + 0.2], np.linspace(y + radius, y + 2.2 * radius, 4), color=INK, linewidth=1)
    axes.add_patch(patches.Ellipse((x, y), 1.7 * radius, 2 * radius, facecolor=colour, edgecolor=INK, linewidth=1.2))


def show_grey(lightness):
    """Return the picture of an L alone."""
    return lab.join(lightness, np.zeros((*lightness.shape[:2], 2), np.float32))


def draw_way():
    """Draw how a photograph of any size gets its colours, and keeps its own L."""
    figure, axes = page(104, 42)
    whole = photograph()
    lightness, _ = lab.split_array(whole)
    small, colours = lab.split_array(images.resize(whole, SMALL))
    shown = lab.join(np.full_like(small, SHOWN), colours)
    picture(axes, 11, 14, 18, show_grey(lightness), "grey photograph:\nL at full size", 3)
    picture(axes, 36, 31, 8, show_grey(small), "small L")
    box(axes, 54, 31, 15, 8, NETWORK, "generator", 12)
    picture(axes, 71, 31, 8, shown, "small a and b")
    coloured = lab.join(lightness, images.resize(colours, SIDE))
    picture(axes, 93, 14, 18, coloured, "coloured photograph,\nat full size", 3)
    arrow(axes, (20.6, 12), (83.4, 12), linewidth=3, mutation_scale=20)
    write(axes, 52, 9, "L stays as it is: every edge, every leaf", 12)
    arrow(axes, (20.6, 20), (31.4, 29))
    write(axes, 28, 21.5, "shrink", 11)
    arrow(axes, (40.6, 31), (46, 31))
    arrow(axes, (62, 31), (66.4, 31))
    arrow(axes, (75.6, 29), (83.4, 20))
    write(axes, 76.3, 21.5, "enlarge", 11)
    return figure


def draw_either():
    """Draw a balloon that is yellow or blue, and all the answers between."""
    figure, axes = page(100, 38)
    write(axes, 8, 5.5, "the input", 12)
    balloon(axes, 8, 13, colour_of(0))
    for y, sign in ((9, 1), (28, -1)):
        arrow(axes, (13, 17), (31, y + 1))
        balloon(axes, 37, y, colour_of(sign * EITHER))
    write(axes, 21, 7.5, "half of the photos", 10)
    write(axes, 17.5, 27.5, "half of the photos", 10)
    write(axes, 73, 3, "one answer for this balloon: any b on this line", 12)
    axes.imshow(colour_of(np.linspace(-EITHER, EITHER, 120)), extent=(50, 96, 19, 12), aspect="auto", zorder=2)
    axes.add_patch(patches.Rectangle((50, 12), 46, 7, fill=False, edgecolor=INK, zorder=3))
    for x, text in ((50, "-0.45"), (73, "0"), (96, "+0.45")):
        axes.plot([x, x], [19, 20.2], color=INK, linewidth=1)
        write(axes, x, 22, text, 10)
    write(axes, 73, 27.5, "What does each answer cost,\nover all balloons of both colours?", 12)
    return figure


def draw_bands():
    """Draw how a palette of four bands of lightness becomes a further input."""
    figure, axes = page(106, 29)
    whole = images.resize(photograph(), 32)
    lightness, colours = lab.split_array(whole)
    bands = np.abs(images.to_uint8(lightness).astype(int) - np.ravel(palettes.BANDS)).argmin(-1)
    levels = np.ravel(images.to_float(np.uint8(palettes.BANDS)))
    means = np.stack([colours[bands == band].mean(axis=0) for band in range(len(levels))])
    picture(axes, 10, 14, 15, show_grey(lightness), "grey photograph")
    arrow(axes, (18, 14), (22.5, 14))
    picture(axes, 31, 14, 15, show_grey(levels[bands][..., None]), "four bands\nof lightness", 3.2)
    for row, band in enumerate(reversed(range(len(levels)))):
        top = 6 + 4.4 * row
        for left, colour in ((43, 0 * means[band]), (51.5, means[band])):
            pixel = lab.join(levels[band].reshape(1, 1, 1), colour.reshape(1, 1, 2))[0, 0] / 2 + 0.5
            axes.add_patch(patches.Rectangle((left, top), 3.6, 3.6, facecolor=pixel, edgecolor=INK, linewidth=0.8))
        arrow(axes, (47.2, top + 1.8), (51, top + 1.8), mutation_scale=10)
    write(axes, 49, 26, "palette: a and b\nfor each band", 10.5)
    arrow(axes, (56, 14), (60.5, 14))
    painted = lab.join(levels[bands][..., None], means[bands])
    picture(axes, 69, 14, 15, painted, "painted palette")
    box(axes, 95, 14, 16, 8, NETWORK, "generator", 12)
    arrow(axes, (77, 14), (86.5, 14))
    axes.plot([10, 10, 95], [6, 3, 3], color=INK, linewidth=1.5)
    arrow(axes, (95, 3), (95, 9.6))
    write(axes, 95, 23.9, "sees both", 10.5)
    return figure


DRAWINGS = {"14_way": draw_way, "14_either": draw_either, "14_bands": draw_bands}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
