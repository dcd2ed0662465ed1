"""Draw the schematics of lesson 08 as SVG files: the switches of pix2pix, a fair comparison, the share of a field.

python scripts/ablation_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import discriminators, streets

HOUSE, SIDE, SEED = 8, 64, 3
LOSS, LEARNS, DATA, NUMBER = "#f7d774", "#f4b183", "#dbe9f6", "#e5f2dc"
CUT, ON, OFF = "#c44e00", "#3b8f4a", "#d9d9d9"
SWITCHES = ("L1", "adversarial", "condition", "skips", "field")
VARIANTS = {
    "L1": ("1001-", "adversarial=None"),
    "GAN": ("0101" + "7", "reconstruction=None, conditional=False"),
    "cGAN": ("0111" + "7", "reconstruction=None"),
    "L1 + GAN": ("1101" + "7", "conditional=False"),
    "L1 + cGAN": ("1111" + "7", "the paper's choice"),
    "encoder-decoder": ("1110" + "7", "skips=False"),
    "PixelGAN": ("11111", "discriminator_layers=0"),
}


def house(side=SIDE):
    """Return the rendering and the label map of a drawn house, uint8 (side, side, 3)."""
    return streets.draw(HOUSE, side, SEED)


def badge(axes, x, y, number):
    """Draw the number of a switch."""
    axes.add_patch(patches.Circle((x, y), 1.45, facecolor=CUT, edgecolor="white", linewidth=1.2, zorder=5))
    axes.text(x, y, str(number), ha="center", va="center", fontsize=11, color="white", weight="bold", zorder=6)


def path(axes, *points, color=INK):
    """Draw an arrow around corners."""
    for start, end in zip(points, points[1:-1], strict=False):
        axes.plot([start[0], end[0]], [start[1], end[1]], color=color, linewidth=1.5, zorder=1)
    arrow(axes, points[-2], points[-1], color=color)


def draw_generator(axes, left, middle):
    """Draw a U-Net as bars, its skips above them."""
    heights = (14, 10, 6.4, 3.2, 6.4, 10, 14)
    centres = [left + 4 * number for number in range(7)]
    for x, height in zip(centres, heights, strict=True):
        axes.add_patch(patches.Rectangle((x - 1, middle - height / 2), 2, height, facecolor=LEARNS, edgecolor=INK))
    for start, end in zip(centres, centres[1:], strict=False):
        arrow(axes, (start + 1, middle), (end - 1, middle), mutation_scale=9, linewidth=1.1)
    for number in range(3):
        y = middle - heights[number] / 2 + 1
        arrow(axes, (centres[number] + 1, y), (centres[6 - number] - 1, y), color=CUT, linewidth=1.7)
    badge(axes, centres[3], middle - heights[0] / 2 + 1, 4)
    write(axes, centres[3], middle + 9.3, "generator $G$", 11.5)


def draw_pill(axes, x, y, on):
    """Draw a switch that is on or off."""
    style = {"boxstyle": "round,pad=0.9", "facecolor": ON if on else OFF, "edgecolor": INK, "linewidth": 0.8}
    axes.add_patch(patches.FancyBboxPatch((x - 1.1, y - 0.05), 2.2, 0.1, **style))
    axes.add_patch(patches.Circle((x + (1.1 if on else -1.1), y), 0.8, facecolor="white", edgecolor=INK, linewidth=0.8))


def draw_switches():
    """Draw pix2pix with its five switches, and which variant has which of them."""
    figure, axes = page(112, 64)
    rendering, labels = house()
    picture(axes, 7, 14, 10, labels)
    write(axes, 7, 7.3, "labels $x$", 10.5)
    arrow(axes, (12.4, 14), (18, 14))
    draw_generator(axes, 19.5, 14)
    arrow(axes, (44.8, 14), (48.6, 14))
    picture(axes, 54, 14, 10, rendering[::4, ::4], "fake $G(x)$")
    path(axes, (59.4, 12), (63, 12), (63, 5), (67.6, 5))
    box(axes, 74, 5, 12, 5, LOSS, "L1", 12)
    picture(axes, 96, 5.8, 9, rendering)
    write(axes, 105.5, 5.5, "truth $y$", 10.5)
    arrow(axes, (91, 5), (80.4, 5))
    badge(axes, 79.2, 2.4, 1)
    path(axes, (59.4, 16), (67.6, 16))
    box(axes, 76, 16, 16, 7.5, NETWORK, "discriminator\n$D$", 11.5)
    arrow(axes, (96, 10.6), (84.6, 14.4))
    badge(axes, 83, 19.4, 5)
    arrow(axes, (84.4, 17), (93, 20))
    box(axes, 101, 20.5, 15.4, 5, LOSS, "adversarial", 12)
    badge(axes, 108, 17.8, 2)
    path(axes, (7, 19.3), (7, 27), (76, 27), (76, 20.2), color=CUT)
    badge(axes, 58, 27, 3)
    write(axes, 41, 25.7, "the condition: $D$ sees the labels, too", 10)
    columns = [27 + 10.5 * number for number in range(5)]
    for number, (x, name) in enumerate(zip(columns, SWITCHES, strict=True), 1):
        badge(axes, x, 32.6, number)
        write(axes, x, 35.6, name, 10.5)
    write(axes, 102, 35.6, "Pix2Pix(...)", 10.5, family="monospace")
    for row, (name, (switches, keywords)) in enumerate(VARIANTS.items()):
        y = 39.2 + 3.6 * row
        if row % 2 == 0:
            axes.add_patch(patches.Rectangle((1, y - 1.8), 110, 3.6, facecolor="#f5f5f5", zorder=0))
        write(axes, 3, y, name, 11.5, ha="left", weight="bold" if name == "L1 + cGAN" else "normal")
        for x, switch in zip(columns[:4], switches, strict=False):
            draw_pill(axes, x, y, switch == "1")
        field = {"7": f"{discriminators.receptive_field(3)} pixels", "1": "1 pixel", "-": "\u2013"}[switches[4]]
        write(axes, columns[4], y, field, 10.5, color=CUT if switches[4] == "1" else INK)
        write(axes, 110, y, keywords, 9, ha="right", family="monospace" if "=" in keywords else None)
    return figure


def draw_fair():
    """Draw what two variants share, seed by seed, and what is left at the end."""
    figure, axes = page(110, 38)
    write(axes, 14, 2.6, "a seed decides", 11.5, weight="bold")
    write(axes, 45, 2.6, "two trainings, one switch", 11.5, weight="bold")
    write(axes, 74, 2.6, "one difference", 11.5, weight="bold")
    write(axes, 98, 2.6, "what you report", 11.5, weight="bold")
    for seed in range(3):
        y = 9.5 + 11 * seed
        box(axes, 14, y, 24, 8.6, DATA, f"seed {seed}: start weights,\norder of pairs, dropout", 10.5)
        for name, shift, colour in (("with the part", -2.5, NETWORK), ("without the part", 2.5, LOSS)):
            box(axes, 46, y + shift, 22, 4.2, colour, name, 10.5)
            arrow(axes, (26.6, y), (34.6, y + shift))
            arrow(axes, (57.4, y + shift), (65.6, y))
        box(axes, 74, y, 16, 5.4, NUMBER, f"$d_{seed}$ = with \u2212 without", 10)
        arrow(axes, (82.4, y), (90, 20.5 + 1.2 * (seed - 1)))
    box(axes, 99, 20.5, 17, 12, NUMBER, "mean of $d_0, d_1, d_2$\nand an interval\nfrom their spread", 10.5)
    return figure


def draw_share():
    """Draw which share of a house a logit sees, at two sizes."""
    figure, axes = page(104, 31)
    panels = ((16, 256, 3, "the paper"), (52, 64, 3, "the same layers"), (88, 64, 1, "the same share"))
    for x, side, layers, title in panels:
        field, width = discriminators.receptive_field(layers), 19
        picture(axes, x, 14.5, width, house(side)[0])
        shown = width * field / side
        axes.add_patch(
            patches.Rectangle(
                (x - shown / 2, 14.5 - shown / 2), shown, shown, fill=False, edgecolor=CUT, linewidth=2.8, zorder=4
            )
        )
        write(axes, x, 2.2, f"{title}: {side} x {side} pixels", 11.5, weight="bold")
        write(axes, x, 27, f"field of {field} pixels, {field / side:.0%} of the side", 11)
        write(axes, x, 29.3, f"discriminator_layers={layers}", 9.5, family="monospace")
    return figure


DRAWINGS = {"08_switches": draw_switches, "08_fair": draw_fair, "08_share": draw_share}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
