"""Draw the schematics of lesson 01 as SVG files: what is ordered, the networks, the condition, the train step.

python scripts/conditional_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches
from PIL import Image
from sklearn import datasets

NOISE, CLASS, IMAGE, LOSS = "#f4b183", "#8cc07c", "#9cc3e6", "#f7d774"
LEARNS, CHANGES = "#c9b3e0", "#5b2d90"  # a network that learns, and the arrow to it


def maps(axes, x, y, side, count, colour):
    """Draw a stack of square feature maps about a centre; the front one has a grid in it."""
    for layer in reversed(range(count)):
        left, top = x - side / 2 + 0.7 * layer, y - side / 2 - 0.7 * layer
        axes.add_patch(patches.Rectangle((left, top), side, side, facecolor=colour, edgecolor=INK, linewidth=1))


def numbers(axes, x, y, values, colours, side=1.6):
    """Draw a vector as a column of cells about a centre."""
    for index, (value, colour) in enumerate(zip(values, colours, strict=True)):
        top = y + (index - len(values) / 2) * side
        axes.add_patch(
            patches.Rectangle((x - side / 2, top), side, side, facecolor=colour, edgecolor=INK, linewidth=0.8)
        )
        write(axes, x, top + side / 2, value, 8)


def threes(*chosen):
    """Return some of scikit-learn's handwritten threes, 16x16 as in the lesson."""
    digits = datasets.load_digits()
    found = (digits.images[digits.target == 3][list(chosen)] * (255 / 16)).astype(np.uint8)
    return [
        np.asarray(Image.fromarray(three).resize((16, 16), Image.Resampling.BILINEAR))[..., None] for three in found
    ]


def ones(chosen, count=10):
    """Return the texts and colours of a one-hot vector."""
    return [str(int(index == chosen)) for index in range(count)], [
        CLASS if index == chosen else "white" for index in range(count)
    ]


def draw_order():
    """Noise and an order go in, and pictures of the ordered class come out."""
    figure, axes = page(78, 30)
    shades = np.random.default_rng(3).uniform(0.25, 1, (3, 6))
    for row, (three, shade) in enumerate(zip(threes(26, 29, 37), shades, strict=True)):
        y = 5.5 + 9.5 * row
        for index, strength in enumerate(shade):
            left = 7 + 1.8 * index
            axes.add_patch(patches.Rectangle((left, y - 0.9), 1.8, 1.8, facecolor=NOISE, alpha=strength, edgecolor=INK))
        arrow(axes, (19, y), (34, y + (15 - y) * 0.55))
        picture(axes, 68, y, 8, three)
        arrow(axes, (52, y + (15 - y) * 0.55), (63, y))
    write(axes, 12.5, 1.5, "noise: three draws")
    box(axes, 43, 15, 17, 13, NETWORK, "generator", 14)
    box(axes, 43, 3.5, 14, 4.5, CLASS, "order: 3", 13)
    arrow(axes, (43, 5.8), (43, 8.3))
    return figure


def draw_networks(classes=False):
    """Both networks of a DCGAN for 16x16 pixels, without or with the class joined to every layer."""
    figure, axes = page(100, 55)
    (three,) = threes(39)
    for row, (y, title) in enumerate(((14, "generator"), (41, "discriminator"))):
        write(axes, 3, y - 11.5, title, 14, ha="left", weight="bold")
        if row:
            stages = ((14, 11, 1, "picture"), (42, 8, 4, "32 maps"), (66, 4.5, 7, "64 maps"))
        else:
            stages = ((36, 4.5, 7, "64 maps"), (62, 8, 4, "32 maps"), (88, 11, 1, "picture"))
        sizes = ("16x16", "8x8", "4x4") if row else ("4x4", "8x8", "16x16")
        for (x, side, count, text), size in zip(stages, sizes, strict=True):
            if text == "picture":
                picture(axes, x, y, side, three)
            else:
                maps(axes, x, y, side, count, IMAGE)
            write(axes, x, y + 8.2, f"{size}, {text}", 10)
            if classes and (row or text != "picture"):
                box(axes, x, y + 11, 12, 2.8, CLASS, "+ 10 planes", 9)
        if row:
            box(axes, 90, y, 9, 4, LOSS, "1 logit", 11)
            ends = (((20, y), (36, y)), ((51, y), (62, y)), ((74, y), (85, y)))
            halve = "convolution 4x4\nstride 2\n"
            texts = (halve + "leaky ReLU", halve + "batch norm\nleaky ReLU", "convolution\n4x4")
        else:
            numbers(axes, 10, y, [""] * 8, [NOISE] * 8)
            write(axes, 10, y + 8.2, "noise, 64 numbers", 10)
            if classes:
                box(axes, 10, y + 11, 13, 2.8, CLASS, "+ 10 numbers", 9)
            ends = (((13, y), (32, y)), ((44, y), (56, y)), ((71, y), (81, y)))
            double = "batch norm, ReLU\ntransposed\nconvolution 4x4\nstride 2"
            texts = ("dense", double, double + "\ntanh")
        for (start, end), text in zip(ends, texts, strict=True):
            arrow(axes, start, end)
            write(axes, (start[0] + end[0]) / 2, y - 0.9, text, 9, va="bottom")
    return figure


def draw_condition():
    """A class as a one-hot vector, and the same as planes beside feature maps."""
    figure, axes = page(100, 33)
    box(axes, 9, 17, 13, 5, CLASS, "class 3", 13)
    arrow(axes, (16, 17), (23, 17))
    numbers(axes, 26, 17, *ones(3), side=2.2)
    write(axes, 26, 31, "one-hot vector: ten numbers", 10)
    arrow(axes, (29, 17), (38, 17))
    write(axes, 33.5, 14.8, "repeat", 9)
    for index in range(10):
        left, top = 40 + 11.5 * (index % 5) * 0.62, 8 + 10 * (index // 5)
        colour = CLASS if index == 3 else "white"
        axes.add_patch(patches.Rectangle((left, top), 6, 6, facecolor=colour, edgecolor=INK, linewidth=1))
        write(axes, left + 3, top + 3, str(int(index == 3)), 10)
    write(axes, 57.5, 31, "ten planes, as large as the feature maps", 10)
    write(axes, 79, 17, "beside", 11)
    maps(axes, 88, 18, 8, 6, IMAGE)
    write(axes, 89, 31, "feature maps", 10)
    return figure


def update(axes, y, title, known, learns, loss):
    """Draw what both updates of a step have in common: a fake that the discriminator judges, and who learns from it."""
    (fake,) = threes(0)
    write(axes, 3, y - 7.5, title, 13, ha="left", weight="bold")
    box(axes, 9, y, 13, 5, NOISE, "noise", 12)
    box(axes, 28, y, 16, 7, LEARNS if learns == "generator" else NETWORK, "generator", 13)
    picture(axes, 47, y, 7, fake, "fake")
    box(axes, 69, y, 19, 7, LEARNS if learns == "discriminator" else NETWORK, f"{known}discriminator", 13)
    box(axes, 96, y, 20, 7, LOSS, loss, 11)
    for start, end in ((15.7, 19.8), (36.2, 43.2), (50.8, 59.2), (78.7, 85.7)):
        arrow(axes, (start, y), (end, y))


def draw_step():
    """One train step: first the discriminator learns from real and fake, then the generator from its answer."""
    figure, axes = page(108, 50)
    (real,) = threes(32)
    update(axes, 11, "1. The discriminator learns", "", "discriminator", "real: logit above 0\nfake: logit below 0")
    picture(axes, 56, 20.5, 7, real, "real")
    arrow(axes, (59.8, 19), (65, 15))
    arrow(axes, (96, 15), (72, 15), connectionstyle="arc3,rad=-0.35", color=CHANGES)
    write(axes, 84, 22, "changes the discriminator", 10.5, color=CHANGES)
    axes.plot([2, 106], [27.5, 27.5], color="#bbbbbb", linewidth=1, linestyle="--")
    update(axes, 38, "2. The generator learns", "new ", "generator", "fake:\nbe taken for real")
    arrow(axes, (96, 42), (28, 42), connectionstyle="arc3,rad=-0.13", color=CHANGES)
    write(axes, 62, 48.2, "changes the generator", 10.5, color=CHANGES)
    write(axes, 106, 3.5, "Purple: the network that learns", 10.5, ha="right", color=CHANGES)
    return figure


DRAWINGS = {
    "01_order": draw_order,
    "01_networks": draw_networks,
    "01_networks_with_classes": lambda: draw_networks(classes=True),
    "01_condition": draw_condition,
    "01_step": draw_step,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
