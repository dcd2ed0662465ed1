"""Draw the schematics of lesson 02 as SVG files: a pair and its two directions, the twelve classes, the jitter.

python scripts/pairs_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import images, streets

HOUSE, SEED = 8, 0  # the house of the lesson
SIZE, ENLARGED = 64, 72  # pixels of the pictures in the drawings, before and after the jitter enlarges them
OFFSET = (6, 2)  # rows and columns that the crop leaves out
POINT = (0.605, 0.84)  # across and down, in parts of the picture: a place on the door
MARK, DRAWS = "#ff2fd0", "#f7d774"


def draw_pair():
    """Draw a rendering and its label map, one place in both, and the two directions."""
    figure, axes = page(84, 37)
    rendering, label_map = streets.draw(HOUSE, 2 * SIZE, SEED)
    for x, image, text in ((15, rendering, "side A: photo"), (69, label_map, "side B: label map")):
        picture(axes, x, 18, 26, image)
        write(axes, x, 3, text, 13, weight="bold")
        place = (x - 13 + 26 * POINT[0], 5 + 26 * POINT[1])
        axes.add_patch(patches.Circle(place, 1.2, fill=False, edgecolor=MARK, linewidth=2.5, zorder=4))
    write(axes, 42, 4.5, "direction b_to_a", 12, weight="bold")
    arrow(axes, (55, 8), (29, 8), linewidth=3, mutation_scale=22)
    write(axes, 42, 11, "labels in, photo out", 11)
    write(axes, 42, 16, "direction a_to_b", 12, weight="bold")
    arrow(axes, (29, 19.5), (55, 19.5), linewidth=3, mutation_scale=22)
    write(axes, 42, 22.5, "photo in, labels out", 11)
    for x, tail in ((18.9, 40.5), (70.6, 43.5)):
        axes.plot([tail, x], [33, 27.4], color=MARK, linewidth=1.2, linestyle="--")
    write(axes, 42, 34.5, "the same place shows the same thing: here the door", 11)
    return figure


def draw_classes():
    """Draw a label map beside the names of its colours."""
    figure, axes = page(84, 27)
    rendering, label_map = streets.draw(HOUSE, 2 * SIZE, SEED)
    picture(axes, 12, 13.5, 23, rendering)
    picture(axes, 37, 13.5, 23, label_map)
    for number, (name, colour) in enumerate(streets.LABELS):
        column, row = divmod(number, 6)
        left, top = 52 + 17 * column, 2.5 + 4 * row
        axes.add_patch(
            patches.Rectangle((left, top), 4, 2.6, facecolor=np.array(colour) / 255, edgecolor=INK, linewidth=1)
        )
        write(axes, left + 5, top + 1.3, name, 11, ha="left")
    return figure


def draw_jitter():
    """Draw how both sides of a pair are enlarged, cropped and mirrored alike."""
    figure, axes = page(104, 50)
    side = 16
    grown = side * ENLARGED / SIZE
    pair = streets.draw(HOUSE, SIZE, SEED)[::-1]
    top, left = OFFSET
    for y, image, labels in ((16, pair[0], True), (38, pair[1], False)):
        enlarged = images.resize(image, ENLARGED, labels)
        crop = enlarged[top : top + SIZE, left : left + SIZE]
        stages = ((11, side, image), (38, grown, enlarged), (66, side, crop), (93, side, crop[:, ::-1]))
        for x, width, shown in stages:
            picture(axes, x, y, width, shown)
        corner = (38 - grown / 2 + left / SIZE * side, y - grown / 2 + top / SIZE * side)
        axes.add_patch(patches.Rectangle(corner, side, side, fill=False, edgecolor=MARK, linewidth=2.5, zorder=4))
        for start, end in ((19.6, 28.4), (47.6, 57.4), (74.6, 84.4)):
            arrow(axes, (start, y), (end, y))
    for x, text in ((24, "enlarge"), (52.5, "crop"), (79.5, "mirror\nor not")):
        write(axes, x, 13 if "\n" not in text else 12, text, 11)
    box(axes, 66, 3.2, 50, 4.4, DRAWS, "one draw for both: rows, columns, mirror", 11.5)
    for x, text in ((11, "256"), (38, "286"), (66, "256"), (93, "256")):
        write(axes, x, 48.6, f"{text} pixels", 11)
    for x in (52.5, 79.5):
        axes.plot([x, x], [5.6, 9.6 if x == 79.5 else 11.4], color=INK, linewidth=1, linestyle="--")
        axes.plot([x, x], [14.6, 36], color=INK, linewidth=1, linestyle="--")
    return figure


DRAWINGS = {"02_pair": draw_pair, "02_classes": draw_classes, "02_jitter": draw_jitter}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
