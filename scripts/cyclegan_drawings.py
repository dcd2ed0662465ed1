"""Draw the schematics of lessons 9 and 10 as SVG files.

python scripts/cyclegan_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, write
from matplotlib import patches

DAY, NIGHT, LOSS, WRONG = "#9cc3e6", "#8d86b5", "#f7d774", "#d9534f"


def loss(axes, x, y, text, width=15):
    """Draw a loss: a yellow box with its words."""
    box(axes, x, y, width, 5, LOSS, text, 10)


def draw_analogy():
    """Draw a sentence and a house that go there and back."""
    figure, axes = page(100, 40)
    rows = (
        (6, "“The door\nis open.”", "« La porte\nest ouverte. »", "“The door\nis open.”", "to French", "to English"),
        (26, "house\nby day", "house\nat night", "house\nby day", "G", "F"),
    )
    for y, start, middle, end, there, back in rows:
        for x, text, colour in ((11, start, DAY), (50, middle, NIGHT), (89, end, DAY)):
            box(axes, x, y, 19, 9, colour, text)
        for x, text in ((30.5, there), (69.5, back)):
            box(axes, x, y, 11, 6, NETWORK, text)
            arrow(axes, (x - 10, y), (x - 5.5, y))
            arrow(axes, (x + 5.5, y), (x + 10, y))
        arrow(axes, (11, y + 4.5), (89, y + 4.5), connectionstyle="arc3,rad=0.07", arrowstyle="<|-|>", linestyle="--")
        write(axes, 50, y + 9, "the same as before?", 10.5, style="italic")
    return figure


def draw_cycles():
    """Draw both cycles with all their losses."""
    figure, axes = page(104, 60)
    cycles = (
        (13, "a", "G(a)", "F(G(a))", "G", "F", DAY, NIGHT, "night?", "B"),
        (43, "b", "F(b)", "G(F(b))", "F", "G", NIGHT, DAY, "day?", "A"),
    )
    for y, start, middle, end, there, back, own, other, question, domain in cycles:
        for x, text, colour in ((8, start, own), (48, middle, other), (88, end, own)):
            box(axes, x, y, 14, 8, colour, text, 12)
        for x, text in ((28, there), (68, back)):
            box(axes, x, y, 10, 7, NETWORK, text, 13)
            arrow(axes, (x - 13, y), (x - 5, y))
            arrow(axes, (x + 5, y), (x + 13, y))
        box(axes, 28, y + 12, 24, 6, NETWORK, f"discriminator $D_{domain}$", 10.5)
        arrow(axes, (46, y + 4), (37, y + 9))
        loss(axes, 62, y + 12, f"adversarial: {question}", 22)
        arrow(axes, (40, y + 12), (51, y + 12))
        arrow(axes, (8, y - 4), (88, y - 4), connectionstyle="arc3,rad=-0.09", arrowstyle="<|-|>", linestyle="--")
        loss(axes, 48, y - 8.8, "cycle, times 10", 17)
    write(axes, 88, 25, "identity, times 5:\nG(b) against b\nF(a) against a", 10)
    axes.add_patch(patches.Rectangle((79, 20.5), 18, 9.4, fill=False, edgecolor=INK, linewidth=0.8))
    write(axes, 88, 55, "a: days, b: nights, of other houses", 9.5, style="italic")
    return figure


def draw_resnet():
    """Draw the ResNet generator at 64 pixels."""
    figure, axes = page(104, 36)
    parts = (  # centre, width, height, words above, words below
        (6, 4, 22, "image", "64x64\n3"),
        (17, 5, 22, "7x7", "64x64\n16"),
        (28, 6, 16, "halve", "32x32\n32"),
        (39, 7, 10, "halve", "16x16\n64"),
        (52, 7, 10, "", ""),
        (65, 7, 10, "", "16x16\n64"),
        (76, 6, 16, "double", "32x32\n32"),
        (87, 5, 22, "double", "64x64\n16"),
        (98, 4, 22, "7x7, tanh", "64x64\n3"),
    )
    for (x, width, height, above, below), after in zip(parts, (*parts[1:], None), strict=True):
        colour = DAY if x == 6 else NIGHT if x == 98 else LOSS if x in (52, 65) else NETWORK
        box(axes, x, 18, width, height, colour)
        write(axes, x, 18 - height / 2 - 2, above, 10)
        write(axes, x, 18 + height / 2 + 3, below, 9.5)
        if after:
            arrow(axes, (x + width / 2, 18), (after[0] - after[1] / 2, 18))
    for x in (52, 65):
        arrow(axes, (x - 5.2, 18), (x + 5.2, 18), connectionstyle="arc3,rad=-1.45", linewidth=1.2)
    write(axes, 58.5, 4.5, "residual blocks:\nx + two convolutions of x", 10)
    return figure


def draw_pool():
    """Draw what the pool does with a new image."""
    figure, axes = page(104, 34)
    box(axes, 9, 17, 15, 8, NIGHT, "new fake")
    box(axes, 34, 17, 15, 8, LOSS, "toss a coin")
    arrow(axes, (16.5, 17), (26.5, 17))
    box(axes, 93, 17, 19, 9, NETWORK, "discriminator", 12)
    arrow(axes, (34, 13), (83.5, 15), connectionstyle="arc3,rad=-0.13")
    write(axes, 58, 4.6, "heads: show the new fake, and forget it", 10.5)
    for number in range(5):
        colour = NIGHT if number == 3 else "white"
        axes.add_patch(patches.Rectangle((47 + 5 * number, 23), 4.4, 4.4, facecolor=colour, edgecolor=INK, linewidth=1))
    write(axes, 59, 31, "tails: store the new fake in a random place,\nand show the old one that was there", 10.5)
    arrow(axes, (36, 21), (46.6, 25))
    arrow(axes, (71.6, 25), (88, 21.5))
    write(axes, 59, 20.6, "the pool: 50 fakes", 10.5)
    return figure


def draw_judges():
    """Draw what each loss asks, and what none of them asks."""
    figure, axes = page(104, 36)
    box(axes, 9, 18, 15, 8, DAY, "this house\nby day")
    box(axes, 35, 18, 10, 7, NETWORK, "G", 13)
    box(axes, 60, 18, 15, 8, NIGHT, "a night")
    arrow(axes, (16.5, 18), (30, 18))
    arrow(axes, (40, 18), (52.5, 18))
    for y, name, question in (
        (4.5, "cycle", "Can I find the day again?"),
        (13.5, "adversarial", "Do such nights occur?"),
        (22.5, "identity", "Does G leave nights alone?"),
    ):
        box(axes, 89, y, 28, 7.4, LOSS, f"{name}:\n{question}", 9.5)
        arrow(axes, (67.5, 18 + (y - 18) / 4), (75, y))
    box(axes, 89, 31.5, 28, 7.4, "white", "nobody asks:\nIs it the night of this house?", 9.5)
    arrow(axes, (67.5, 20.5), (75, 31.5), color=WRONG, linestyle="--")
    return figure


def draw_signs():
    """Draw the two translations that all losses without identity like equally well."""
    figure, axes = page(104, 36)
    place = np.linspace(-1.75, 1.75, 200)
    height = 21 - 14 * ((place**2 - 1) ** 2 / 2 - 0.25)
    axes.plot(52 + 26 * place, np.clip(height, 6, None), color=INK, linewidth=1.6)
    for x, text in ((26, "bright stays bright,\ndark stays dark"), (78, "bright turns dark,\ndark turns bright")):
        axes.add_patch(patches.Circle((x, 22.6), 1.6, facecolor=NIGHT, edgecolor=INK, linewidth=1))
        write(axes, x, 29, text, 10.5)
    write(axes, 52, 3, "cycle + adversarial loss: two valleys", 11.5)
    write(axes, 52, 33.5, "The start decides into which valley the training rolls.", 10.5, style="italic")
    return figure


DRAWINGS = {
    "09_analogy": draw_analogy,
    "09_cycles": draw_cycles,
    "09_resnet": draw_resnet,
    "09_pool": draw_pool,
    "10_judges": draw_judges,
    "10_signs": draw_signs,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
