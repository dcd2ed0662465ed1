"""Draw the schematics of lesson 17 as SVG files: from folder to file, two ways to split, what travels out of a run.

python scripts/own_data_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import INK, NETWORK, arrow, box, page, picture, write
from matplotlib import patches
from skimage import color, feature

from pix2pix_tf import images
from pix2pix_tf.datasets import crops

SIDE = 64  # pixels of a tile
SMALL = 96  # rows of a photograph as it is drawn
TRAIN, TEST, FILE, STAYS = "#2f6fb3", "#d9792b", "#f7d774", "#f4d0cc"
PHOTOGRAPHS = crops.read_photographs()


def tile(name, top, left, side):
    """Return a square of a photograph, and the same as pen and wash, uint8 (SIDE, SIDE, 3)."""
    photograph = images.resize(PHOTOGRAPHS[name][top : top + side, left : left + side], SIDE)
    lines = feature.canny(color.rgb2gray(photograph), sigma=1)
    wash = images.resize(images.resize(photograph, 8), SIDE)
    return photograph, np.where(lines[..., None], 0, wash).astype(np.uint8)


def small(name):
    """Return a photograph with SMALL rows."""
    height, width = PHOTOGRAPHS[name].shape[:2]
    return images.resize(PHOTOGRAPHS[name], (SMALL, round(width * SMALL / height)))


def frame(axes, left, top, side, colour, dashed=False):
    """Draw a square about a crop."""
    white = {"fill": False, "edgecolor": "white", "linewidth": 4.2, "zorder": 4}  # a coloured line is seen on any photo
    style = {"fill": False, "edgecolor": colour, "linewidth": 2.6, "linestyle": "--" if dashed else "-", "zorder": 5}
    for look in (white, style):
        axes.add_patch(patches.Rectangle((left, top), side, side, **look))


def step(axes, x, number, text):
    """Write below the drawing which step stands there."""
    write(axes, x, 30, f"{number}. {text}", 10.5, weight="bold")


def draw_way():
    """Draw the way from a folder of photographs to another program."""
    figure, axes = page(109, 33)
    for row, name in enumerate(("chelsea", "china", "flower")):
        picture(axes, 8, 4.5 + 8 * row, 11, small(name))
    step(axes, 8, 1, "photographs")
    arrow(axes, (14.6, 12.5), (18.3, 12.5))
    for row, (name, *place) in enumerate(
        (("chelsea", 30, 100, 250), ("china", 40, 120, 330), ("flower", 60, 160, 300))
    ):
        for column, side in enumerate(reversed(tile(name, *place))):
            picture(axes, 22.6 + 9.4 * column, 4.5 + 8 * row, 7.4, side)
    write(axes, 22.6, 26.4, "A: source", 9.5)
    write(axes, 32, 26.4, "B: photograph", 9.5)
    step(axes, 27.3, 2, "pairs")
    arrow(axes, (36.2, 12.5), (40.5, 12.5))
    box(axes, 49, 6, 16, 6, NETWORK, "data show", 10.5)
    arrow(axes, (49, 9.2), (49, 11.4))
    box(axes, 49, 14.5, 16, 6, NETWORK, "train", 10.5)
    arrow(axes, (49, 17.7), (49, 19.9))
    box(axes, 49, 23, 16, 6, NETWORK, "evaluate", 10.5)
    step(axes, 49, 3, "a run, judged")
    arrow(axes, (57.5, 14.5), (62.5, 14.5))
    step(axes, 71.5, 4, "files and note")
    for y, name, text in (
        (6.5, "generator.keras", "Keras alone"),
        (14.5, "SavedModel", "TensorFlow alone"),
        (22.5, "MODEL.md", "you, next year"),
    ):
        box(axes, 71.5, y, 17, 6, FILE, name, 10.5)
        arrow(axes, (80.3, y), (87.6, y))
        box(axes, 97, y, 18.5, 6, "white", text, 10.5)
    step(axes, 97, 5, "other programs")
    return figure


def draw_split():
    """Draw a split by crop, in which crops of one photograph are on both sides, and one by photograph."""
    figure, axes = page(116, 38)
    width = 24
    for start, name, other, title in (
        (2, "china", "coffee", "split by crop"),
        (62, "china", "coffee", "split by photograph"),
    ):
        by_crop = start == 2
        write(axes, start + 26, 2.4, title, 12.5, weight="bold")
        for column, photograph in enumerate((name, other)):
            shown = small(photograph)
            height = width * shown.shape[0] / shown.shape[1]
            left, top = start + 27 * column, 6
            picture(axes, left + width / 2, top + height / 2, width, shown)
            for number, (x, y, side) in enumerate(((1.2, 1, 8.5), (4.2, 3.2, 9.5), (12.5, 2, 8), (13.8, 4.6, 9.2))):
                is_test = number % 2 == 1 if by_crop else column == 1
                frame(axes, left + x, top + y, side, TEST if is_test else TRAIN, is_test)
        text = "Each test crop has relatives in training.\nThe score is of photographs that you know."
        text = text if by_crop else "No test photograph has a relative.\nThe score is of new photographs."
        write(axes, start + 26, 29.5, text, 10.5)
    axes.plot([58, 58], [2, 34], color=INK, linewidth=1, linestyle=":")
    frame(axes, 35, 34.2, 2.6, TRAIN)
    write(axes, 38.8, 35.5, "crop for training", 10.5, ha="left")
    frame(axes, 62, 34.2, 2.6, TEST, True)
    write(axes, 65.8, 35.5, "crop for the test", 10.5, ha="left")
    return figure


def draw_out():
    """Draw what of a run goes out, and what stays at home."""
    figure, axes = page(112, 34)
    write(axes, 20, 2.4, "stays at home", 12.5, weight="bold")
    stays = (
        ("checkpoints/", "to go on with training"),
        ("history.csv, events/", "curves"),
        ("previews/", "your photographs!"),
        ("config.json", "the path of your folder!"),
    )
    for row, (name, text) in enumerate(stays):
        box(axes, 11.5, 7.5 + 7 * row, 20, 5.4, STAYS if "!" in text else NETWORK, name, 10.5)
        write(axes, 23, 7.5 + 7 * row, text, 10.5, ha="left")
    axes.plot([46, 46], [1, 33], color=INK, linewidth=1, linestyle=":")
    write(axes, 60, 2.4, "goes out", 12.5, weight="bold")
    box(axes, 60, 9.5, 22, 6.4, FILE, "generator.keras", 11)
    write(axes, 60, 14.6, "layers and weights", 10)
    box(axes, 60, 22, 22, 6.4, FILE, "SavedModel", 11)
    write(axes, 60, 27.1, "the same as a graph", 10)
    arrow(axes, (60, 16.2), (60, 18.6))
    box(axes, 99, 9.5, 22, 6.4, "white", "Keras alone", 11)
    box(axes, 99, 22, 22, 6.4, "white", "TensorFlow alone", 11)
    for y, text in ((9.5, "load_model"), (22, "saved_model.load")):
        arrow(axes, (71.4, y), (87.6, y))
        write(axes, 79.5, y - 1.9, text, 9.5, family="monospace")
    box(axes, 79.5, 31, 30, 4.6, FILE, "MODEL.md: data, rights, limits", 10.5)
    return figure


DRAWINGS = {"17_way": draw_way, "17_split": draw_split, "17_out": draw_out}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
