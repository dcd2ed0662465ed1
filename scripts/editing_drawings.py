"""Draw the schematics of lesson 12 as SVG files: instances, a mean for each, the way of a style, k-means, and leaks.

python scripts/editing_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import colors, patches
from sklearn import cluster

from pix2pix_tf import images, instances, pretrained, streets

NUMBER, SIDE = 1_000_000_000, 64  # of the terrace that is drawn, and its pixels
LEARNED, CHOSEN, LEAK = "#e5f2dc", "#1f77b4", "#c44e00"
THINGS = ("#9cc3e6", "#f4b183", "#8cc07c", "#c9a0dc")


def terrace():
    """Return rendering and label map, uint8 (SIDE, SIDE, 3), and ids, (SIDE, SIDE, 1)."""
    rendering, labels = streets.draw_terrace(NUMBER, SIDE)
    return rendering, labels, streets.draw_instances(NUMBER, SIDE, kind="terrace")[..., None]


def paint_ids(ids):
    """Return a picture in which every instance has a colour of its own."""
    colours = np.random.default_rng(1).integers(60, 240, (ids.max() + 1, 3)).astype(np.uint8)
    walls = len(streets.wall_colours(NUMBER))  # they have the first numbers, and touch: four clearly different colours
    colours[1 : walls + 1] = [tuple(round(255 * part) for part in colors.to_rgb(one)) for one in THINGS[:walls]]
    return colours[ids[..., 0]]


def flatten(rendering, ids):
    """Return a picture, float, in which every instance has its mean colour."""
    return np.asarray(instances.average(images.to_float(rendering)[None], ids[None]))[0]


def generated():
    """Return what the shipped network makes of the terrace with the features of its rendering, float (128, 128, 3)."""
    photo, labels = (images.to_float(one) for one in streets.draw_terrace(NUMBER, 128))
    ids = streets.draw_instances(NUMBER, 128, kind="terrace")[..., None]
    return pretrained.load("terraces")(labels[None], instances=ids[None], photos=photo[None])[0]


def draw_instances():
    """Draw what a label map shows, what an instance map adds, and the borders between instances."""
    figure, axes = page(104, 33)
    _, labels, ids = terrace()
    edges = 1 - 2 * np.asarray(instances.boundaries(ids[None]))[0]
    words = ("label map: which class?\nall walls are one colour", "instance map: which thing?\nevery wall has a number")
    words += ("boundary map: 1 (black) where a\nneighbour has another number",)
    for x, shown, text in zip((17, 52, 87), (labels, paint_ids(ids), edges), words, strict=True):
        picture(axes, x, 13, 24, shown, text, 3.6)
    return figure


def draw_average():
    """Draw how four numbers of two instances become two means."""
    figure, axes = page(104, 27)
    ids = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]])
    values = np.array([[2, 4, 9, 7], [1, 3, 8, 8], [3, 5, 7, 9]])
    means = np.where(ids == 1, values[ids == 1].mean(), values[ids == 2].mean())
    titles = ("instance numbers", "one feature at every pixel", "its mean over each instance")
    for left, table, title in zip((4, 40, 76), (ids, values, means), titles, strict=True):
        for (row, column), value in np.ndenumerate(table):
            corner = (left + 6 * column, 3 + 6 * row)
            colour = THINGS[ids[row, column] - 1]
            axes.add_patch(patches.Rectangle(corner, 6, 6, facecolor=colour, edgecolor=INK, linewidth=0.8))
            write(axes, corner[0] + 3, corner[1] + 3, f"{value:.0f}", 13)
        write(axes, left + 12, 23.8, title, 12)
    write(axes, 34, 12, "and", 14)
    arrow(axes, (66, 12), (74.5, 12), linewidth=2.5)
    return figure


def draw_way():
    """Draw the way from a photo to a vector for each instance, and from there to a picture; and the choice instead."""
    figure, axes = page(116, 48)
    rendering, labels, ids = terrace()
    flat = flatten(rendering, ids)
    picture(axes, 9, 11, 15, rendering, "photo")
    box(axes, 29, 11, 13, 8, LEARNED, "encoder", 12.5)
    arrow(axes, (17, 11), (22.2, 11))
    box(axes, 49, 11, 15, 8, NETWORK, "mean over\neach instance", 11.5)
    arrow(axes, (36, 11), (41.2, 11))
    picture(axes, 71, 11, 15, flat, "one vector for each thing\n(mean colours stand for features)", 3.4)
    arrow(axes, (56.9, 11), (63.2, 11))
    picture(axes, 9, 37, 15, labels, "label map")
    picture(axes, 27, 37, 15, 1 - 2 * np.asarray(instances.boundaries(ids[None]))[0], "boundaries")
    arrow(axes, (35, 37), (66, 37))
    write(axes, 50.5, 34.4, "a plane for each class,\none for borders", 10.5)
    box(axes, 74, 37, 15, 9, LEARNED, "generator", 12.5)
    arrow(axes, (71, 24.8), (73, 32))
    arrow(axes, (82, 37), (89.5, 37))
    picture(axes, 98, 37, 15, generated(), "picture")
    box(axes, 104, 11, 20, 11, "#dbe9f6", "list of styles:\nwall 0 to 9,\nwindow 0 to 9, ...", 11)
    arrow(axes, (93.4, 11), (79.2, 11), color=CHOSEN, linewidth=2.5, linestyle="--")
    write(axes, 104, 20, "after training:\nyou choose", 11, color=CHOSEN, weight="bold")
    write(axes, 29, 18.5, "in training", 11, weight="bold")
    return figure


def draw_styles():
    """Draw wall paints as points, their clusters' centres, and one that is chosen."""
    figure, axes = page(100, 36)
    paints = np.array([paint for number in range(70) for paint in streets.wall_colours(NUMBER + number).values()])
    places = np.stack([paints[:, 0] - paints[:, 2].astype(float), paints.mean(axis=1)], -1)
    places = (places - places.min(0)) / (places.max(0) - places.min(0)) * [40, 26] + [4, 3]
    means = cluster.KMeans(6, n_init=10, random_state=0).fit(places)
    for left in (0, 50):
        axes.plot([left + 2, left + 2, left + 47], [2, 31, 31], color=INK, linewidth=1)
        style = {"edgecolors": INK, "linewidths": 0.3, "alpha": 0.35 if left else 1}
        axes.scatter(left + places[:, 0], places[:, 1], s=26, c=paints / 255, **style)
    order = np.argsort(-np.bincount(means.labels_), kind="stable")  # the largest first, as in a list of styles
    for number, place in enumerate(order):
        own = means.labels_ == place
        x, y = means.cluster_centers_[place]
        colour = paints[own].mean(axis=0) / 255
        axes.add_patch(patches.Circle((50 + x, y), 2.2, facecolor=colour, edgecolor=INK, linewidth=2, zorder=4))
        write(axes, 50 + x, y, str(number), 12, weight="bold", zorder=5, color="white" if colour.mean() < 0.5 else INK)
    write(axes, 24, 33.5, "many walls; here paints stand for features", 11.5)
    write(axes, 74, 33.5, "k-means: a centre is a style", 11.5)
    return figure


def draw_leaks():
    """Draw the two ways on which an edit of one instance reaches others."""
    figure, axes = page(105, 36)
    for left, title in ((3, "convolution: to neighbours"), (58, "instance norm: to every pixel")):
        for row, column in np.ndindex(6, 11):
            corner = (left + 4 * column, 3 + 4 * row)
            edited = column in (2, 3) and row > 0
            reached = not edited and (left != 3 or 1 <= column <= 4)
            colour = CHOSEN if edited else "#f6cfb5" if reached else "white"
            axes.add_patch(patches.Rectangle(corner, 4, 4, facecolor=colour, edgecolor=INK, linewidth=0.6))
        write(axes, left + 22, 29.6, title, 12.5, weight="bold")
    write(axes, 80, 32, "mean and deviation are of a whole feature map", 10.5)
    write(axes, 25, 32, "one kernel sees both sides; more layers reach farther", 10.5)
    for x, colour, text in ((28, CHOSEN, "edited instance"), (56, LEAK, "what may change with it")):
        write(axes, x + 2, 34.6, text, 10.5, color=colour, weight="bold")
    return figure


DRAWINGS = {
    "12_way": draw_way,
    "12_instances": draw_instances,
    "12_average": draw_average,
    "12_styles": draw_styles,
    "12_leaks": draw_leaks,
}


if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
