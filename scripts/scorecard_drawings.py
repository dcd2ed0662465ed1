"""Draw the schematics of lesson 07 as SVG files: where chance enters, overlap of labels, a scale, a bootstrap.

python scripts/scorecard_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, write
from matplotlib import patches

DATA, NUMBER, CHANCE = "#dbe9f6", "#e5f2dc", "#c44e00"
TRUE, READ = "#1f77b4", "#ff7f0e"


def draw_chance():
    """Draw the way from pairs and a seed to a number, and where another draw would change it."""
    figure, axes = page(110, 34)
    box(axes, 11, 11, 20, 8, DATA, "training pairs", 12)
    box(axes, 11, 24, 20, 8, DATA, "seed", 12)
    box(axes, 41, 17, 18, 10, NETWORK, "training", 12.5)
    box(axes, 65, 17, 16, 10, NETWORK, "model", 12.5)
    box(axes, 65, 29, 16, 6, DATA, "test photos", 12)
    box(axes, 97, 17, 20, 10, NUMBER, "0.632", 17)
    arrow(axes, (21.6, 11), (31.5, 15.5))
    arrow(axes, (21.6, 24), (31.5, 18.5))
    arrow(axes, (50.4, 17), (56.6, 17))
    arrow(axes, (73.4, 17), (86.6, 17))
    arrow(axes, (73.4, 29), (86.6, 20.5))
    red = {"color": CHANCE, "weight": "bold"}
    write(axes, 11, 4.5, "other pairs?\ntrain again", 11, **red)
    write(axes, 11, 30.9, "another seed?\ntrain again", 11, **red)
    write(axes, 90, 30, "other photos?\nbootstrap", 11, **red)
    write(axes, 97, 8.6, "one number", 12)
    return figure


def draw_overlap():
    """Draw what was true, what was read, and the share that counts."""
    figure, axes = page(104, 27)
    for left, colour, name in ((4, TRUE, "true window"), (13, READ, "read as window")):
        axes.add_patch(patches.Rectangle((left, 6), 20, 14, facecolor=colour, edgecolor=INK, alpha=0.45))
        write(axes, left + (5 if left == 4 else 15), 3.4, name, 11.5, color=colour, weight="bold")
    write(axes, 8.5, 13, "missed", 11)
    write(axes, 18.5, 13, "right", 12, weight="bold")
    write(axes, 28.5, 13, "invented", 11)
    write(axes, 18.5, 24, "one class of one image", 11)
    texts = (
        ("accuracy of the class", "right", "right + missed"),
        ("IoU of the class", "right", "right + missed + invented"),
    )
    for y, (name, above, below) in zip((7.5, 19), texts, strict=True):
        write(axes, 54, y, f"{name}  =", 12.5)
        write(axes, 82, y - 2, above, 12.5)
        axes.plot([68, 96], [y, y], color=INK, linewidth=1.3)
        write(axes, 82, y + 2.1, below, 12.5)
    return figure


def draw_scale():
    """Draw a score between its floor and its reference."""
    figure, axes = page(104, 22)
    axes.plot([6, 98], [11, 11], color=INK, linewidth=2)
    for x, name, below in (
        (6, "0", ""),
        (38, "floor", "always say\nthe largest class"),
        (66, "score", "your outputs"),
        (84, "reference", "the true pictures,\nsame reader"),
        (98, "1", ""),
    ):
        axes.plot([x, x], [9.6, 12.4], color=INK, linewidth=2)
        write(axes, x, 7.6, name, 12.5, weight="bold")
        write(axes, x, 15.6, below, 10.5)
    arrow(axes, (38, 3.4), (66, 3.4), color=CHANCE, linewidth=2.5)
    write(axes, 52, 1.5, "the way that was gone", 11, color=CHANCE)
    axes.plot([38, 84], [20.4, 20.4], color=TRUE, linewidth=2.5)
    write(axes, 61, 18.7, "the whole way", 11, color=TRUE)
    return figure


def draw_bootstrap():
    """Draw how one set of images becomes many sets, and an interval."""
    figure, axes = page(108, 30)
    values, shades = [2, 3, 5, 6, 9], ["#eff6fc", "#dbe9f6", "#bfd8ee", "#9ec8e4", "#79b3d8"]

    def row(x, y, chosen, side=5):
        for number, place in enumerate(chosen):
            box(axes, x + (side + 0.6) * number, y, side, side, shades[place], str(values[place]), 12)

    row(5, 15, range(5))
    write(axes, 16, 8.5, "five images, five errors", 11.5)
    write(axes, 16, 21, "mean 5.0", 12, weight="bold")
    for y, chosen in ((4.5, (0, 2, 2, 3, 4)), (13, (1, 0, 0, 3, 2)), (21.5, (4, 4, 1, 3, 2))):
        arrow(axes, (31.5, 15), (40, y))
        row(43.5, y, chosen)
        write(axes, 75, y, f"mean {np.mean([values[place] for place in chosen]):.1f}", 12)
    write(axes, 55, 27.6, "... 2,000 times, with replacement", 11.5)
    random = np.random.default_rng(0)
    means = random.choice(values, (2000, 5)).mean(axis=1)
    counts, edges = np.histogram(means, bins=15, range=(2, 9))
    low, high = np.quantile(means, [0.025, 0.975])
    for count, left, right in zip(counts, edges, edges[1:], strict=False):
        inside = low <= (left + right) / 2 <= high
        x = 84 + 3.1 * (left - 2)
        corner = (x, 21 - count / counts.max() * 15)
        axes.add_patch(
            patches.Rectangle(
                corner, 3.1 * (right - left), 21 - corner[1], facecolor=TRUE, alpha=0.75 if inside else 0.2
            )
        )
    axes.plot([84, 106], [21, 21], color=INK)
    write(axes, 95, 24.5, "the middle 95 % of the means\nis the interval", 11.5)
    return figure


DRAWINGS = {
    "07_chance": draw_chance,
    "07_overlap": draw_overlap,
    "07_scale": draw_scale,
    "07_bootstrap": draw_bootstrap,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
