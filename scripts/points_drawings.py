"""Draw the schematics of lesson 00 as SVG files: the two networks, the train step, and who moves how often.

python scripts/points_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, write
from matplotlib import patches

NOISE, LOSS, HIDDEN = "#f4b183", "#f7d774", "#ffffff"
REAL, FAKE = "#0b3d91", "#b34700"


def units(axes, x, y, count, colour, height):
    """Draw the numbers of a layer as circles in a column about a centre; return their heights."""
    places = [y + (index - (count - 1) / 2) * height for index in range(count)]
    for place in places:
        axes.add_patch(patches.Circle((x, place), 1.1, facecolor=colour, edgecolor=INK, linewidth=1, zorder=3))
    return places


def network(axes, columns, y, height=2.6):
    """Draw a dense network: (x, count, colour) for each layer, every unit joined to all of the next."""
    layers = [(x, units(axes, x, y, count, colour, height)) for x, count, colour in columns]
    for (x, places), (next_x, next_places) in zip(layers, layers[1:], strict=False):
        for start in places:
            for end in next_places:
                axes.plot([x, next_x], [start, end], color="#999999", linewidth=0.6, zorder=1)


def cloud(axes, x, y, colour, side=7.0, bend=1.0, seed=0):
    """Draw a small cloud of points along a smile about a centre, in a frame."""
    random = np.random.default_rng(seed)
    angle = random.uniform(0, np.pi, 60)
    across, down = np.cos(angle), bend * (np.sin(angle) - 0.5)
    scatter = random.normal(0, 0.06 if bend == 1.0 else 0.2, (2, 60))
    axes.add_patch(patches.Rectangle((x - side / 2, y - side / 2), side, side, facecolor="white", edgecolor=INK))
    axes.scatter(
        x + (across + scatter[0]) * side * 0.33, y + (down + scatter[1]) * side * 0.33, s=5, c=colour, zorder=3
    )


def draw_players():
    """Both networks, unit by unit."""
    figure, axes = page(104, 34)
    write(axes, 25, 2.5, "generator: 42 weights", 14, weight="bold")
    network(axes, ((8, 2, NOISE), (25, 8, HIDDEN), (42, 2, FAKE)), 15)
    write(axes, 8, 29, "noise z:\n2 random\nnumbers", 10)
    write(axes, 25, 29, "8 hidden\nunits", 10)
    write(axes, 42, 29, "fake point:\nx and y", 10, color=FAKE)
    write(axes, 78, 2.5, "discriminator: 33 weights", 14, weight="bold")
    network(axes, ((62, 2, REAL), (79, 8, HIDDEN), (96, 1, LOSS)), 15)
    write(axes, 62, 29, "real or fake\npoint:\nx and y", 10, color=REAL)
    write(axes, 79, 29, "8 hidden\nunits", 10)
    write(axes, 96, 29, "logit:\n+ means real\n\u2212 means fake", 10)
    arrow(axes, (45, 15), (58, 15))
    return figure


def draw_step():
    """One train step: the discriminator learns from real and fake, then the generator from its answer."""
    figure, axes = page(104, 38)
    box(axes, 9, 9, 13, 5, NOISE, "noise", 12)
    box(axes, 28, 9, 16, 7, NETWORK, "generator", 13)
    cloud(axes, 47, 9, FAKE, bend=-0.4)
    write(axes, 47, 14.2, "fake points", 11, color=FAKE)
    cloud(axes, 47, 28, REAL)
    write(axes, 47, 33.2, "real points", 11, color=REAL)
    box(axes, 68, 18.5, 19, 7, NETWORK, "discriminator", 13)
    for start, end in (
        ((15.7, 9), (19.8, 9)),
        ((36.2, 9), (43.2, 9)),
        ((50.8, 10.5), (60, 14.8)),
        ((50.8, 26.5), (60, 22.2)),
    ):
        arrow(axes, start, end)
    box(axes, 92, 9, 17, 6, LOSS, "real: logit above 0\nfake: logit below 0", 10)
    box(axes, 92, 28, 17, 6, LOSS, "fake: be\ntaken for real", 10)
    arrow(axes, (77.6, 16.5), (84.5, 12))
    arrow(axes, (77.6, 20.5), (84.5, 25))
    write(axes, 88, 4.2, "1. the discriminator learns", 10, weight="bold")
    write(axes, 89, 33, "2. the generator learns", 10, weight="bold")
    return figure


def draw_balance():
    """Who moves how often in one round: equal, a patient generator, an impatient one."""
    figure, axes = page(104, 22)
    rows = (("1 : 1", "DG" * 6), ("5 : 1", "DDDDDG" * 2), ("1 : 5", "DGGGGG" * 2))
    words = (
        "each learns once a round",
        "the discriminator learns five times",
        "impatient: the generator learns five times",
    )
    for row, ((title, moves), text) in enumerate(zip(rows, words, strict=True)):
        y = 4 + 7 * row
        write(axes, 5, y, title, 14, weight="bold")
        for index, move in enumerate(moves):
            box(axes, 13 + 4.2 * index, y, 3.6, 4.2, REAL if move == "D" else FAKE)
            write(axes, 13 + 4.2 * index, y, move, 12, color="white", weight="bold")
        write(axes, 64, y, text, 11, ha="left")
    return figure


DRAWINGS = {"00_players": draw_players, "00_step": draw_step, "00_balance": draw_balance}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
