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
            texts = ("convolution\nstride 2", "convolution\nstride 2", "convolution\n4x4")
        else:
            numbers(axes, 10, y, [""] * 8, [NOISE] * 8)
            write(axes, 10, y + 8.2, "noise, 64 numbers", 10)
            if classes:
                box(axes, 10, y + 11, 13, 2.8, CLASS, "+ 10 numbers", 9)
            ends = (((13, y), (32, y)), ((44, y), (56, y)), ((71, y), (81, y)))
            texts = ("dense", "transposed\nconvolution", "transposed\nconvolution")
        for (start, end), text in zip(ends, texts, strict=True):
            arrow(axes, start, end)
            write(axes, (start[0] + end[0]) / 2, y - 2.6, text, 9)
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


def draw_step():
    """One train step: the discriminator learns from real and fake, then the generator from its answer."""
    figure, axes = page(104, 38)
    fake, real = threes(0, 32)
    box(axes, 9, 9, 13, 5, NOISE, "noise", 12)
    box(axes, 28, 9, 16, 7, NETWORK, "generator", 13)
    picture(axes, 47, 9, 7, fake)
    write(axes, 47, 14.2, "fake", 11)
    picture(axes, 47, 28, 7, real)
    write(axes, 47, 33.2, "real", 11)
    box(axes, 68, 18.5, 19, 7, NETWORK, "discriminator", 13)
    arrow(axes, (15.7, 9), (19.8, 9))
    arrow(axes, (36.2, 9), (43.2, 9))
    arrow(axes, (50.8, 10.5), (60, 14.8))
    arrow(axes, (50.8, 26.5), (60, 22.2))
    box(axes, 92, 9, 17, 6, LOSS, "real: logit above 0\nfake: logit below 0", 10)
    box(axes, 92, 28, 17, 6, LOSS, "fake: be\ntaken for real", 10)
    arrow(axes, (77.6, 16.5), (84.5, 12))
    arrow(axes, (77.6, 20.5), (84.5, 25))
    write(axes, 89, 4.2, "1. the discriminator learns", 10, weight="bold")
    write(axes, 89, 33, "2. the generator learns", 10, weight="bold")
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
