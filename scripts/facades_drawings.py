"""Draw the schematics of lesson 5 as SVG files, and the same houses by both recorded runs from their translations.

python scripts/facades_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import NETWORK, arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import images, plots, pretrained, streets

SIDE, SEED, SHOWN = 64, 3, 8  # pixels of a drawn house, and which one is shown
FILE = "#f7d774"
HOUSES = range(1, 7)  # validation pairs, which stand in this order at the left of the improved run's sheet


def house(index, side=SIDE):
    """Return the rendering and the label map of a drawn house, float32 (side, side, 3)."""
    return tuple(images.to_float(one) for one in streets.draw(index, side, SEED))


def translate(label_map):
    """Return what the shipped generator makes of a label map of any size."""
    painter = pretrained.load("streets")
    return painter(label_map[None], palette=painter.palettes[0])[0]


def draw_workflow():
    """Draw the way from a folder of pairs to the translation of a new label map."""
    figure, axes = page(108, 31)
    for row, index in enumerate((SHOWN + 1, SHOWN + 2)):
        for column, side in enumerate(house(index)):
            picture(axes, 6 + 9 * column, 7 + 9 * row, 8, side)
    write(axes, 6, 22.5, "A: photo", 10)
    write(axes, 15.5, 22.5, "B: labels", 10)
    write(axes, 10.5, 28, "1. a folder of pairs", 11, weight="bold")
    arrow(axes, (20.5, 11.5), (27, 11.5))
    box(axes, 38, 7.5, 21, 7, NETWORK, "generator")
    box(axes, 38, 16.5, 21, 7, NETWORK, "discriminator")
    write(axes, 38, 22.5, "baselines first,\nthen train", 10)
    write(axes, 38, 28, "2. a run", 11, weight="bold")
    arrow(axes, (49.5, 11.5), (56, 11.5))
    for row, name in enumerate(("generator.keras", "palettes.json", "config.json")):
        box(axes, 66, 6 + 5.5 * row, 19, 4.6, FILE, name, 10)
    write(axes, 66, 22.5, "history.csv, previews,\ncheckpoints", 10)
    write(axes, 66, 28, "3. files", 11, weight="bold")
    arrow(axes, (76.5, 11.5), (81.5, 11.5))
    label_map = house(SHOWN, 256)[1]
    shown = {"your labels": label_map[::4, ::4], "new picture": translate(label_map)[::2, ::2]}
    for x, (text, side) in zip((86.8, 101.8), shown.items(), strict=True):
        picture(axes, x, 11.5, 9.6, side)
        write(axes, x, 18.5, text, 10)
    arrow(axes, (92, 11.5), (96.6, 11.5))
    write(axes, 94.5, 22.5, "any size", 10)
    write(axes, 94.5, 28, "4. translate", 11, weight="bold")
    return figure


def paint_medians(label_map, known):
    """Return a label map painted in the median colour that each class has in known pairs."""
    painted = np.zeros_like(label_map)
    for _, colour in streets.LABELS:
        named = images.to_float(np.array(colour, np.uint8))
        values = [photo[(labels == named).all(axis=-1)] for photo, labels in known]
        painted[(label_map == named).all(axis=-1)] = np.median(np.concatenate(values), axis=0)
    return painted


def draw_baselines():
    """Draw three answers to a label map that need no training."""
    figure, axes = page(104, 23)
    _, label_map = house(SHOWN)
    known = [house(index) for index in range(40) if index != SHOWN]
    flat = np.median([photo for photo, _ in known], axis=(0, 1, 2)).astype(np.float32)
    differs = [(labels != label_map).any(axis=-1).mean() for _, labels in known]
    photo, nearest = known[int(np.argmin(differs))]
    picture(axes, 9, 11, 14, label_map, "a new label map")
    arrow(axes, (17.5, 11), (22.5, 11))
    picture(axes, 31, 11, 14, np.broadcast_to(flat, label_map.shape), "one colour for all")
    picture(axes, 51, 11, 14, paint_medians(label_map, known), "one colour for each class")
    picture(axes, 78, 11, 14, nearest, "the nearest label map ...")
    picture(axes, 95, 11, 14, photo, "... and its picture")
    return figure


def draw_padding():
    """Draw how a picture of any size goes through a network that wants multiples."""
    figure, axes = page(101.5, 20)
    wide = np.concatenate([house(SHOWN)[1], house(SHOWN + 1)[1]], axis=1)[6:56, 6:121]
    pixel = 20.5 / wide.shape[1]  # the same in all three pictures
    picture(axes, 12.3, 8, 20.5, wide)
    write(axes, 12.3, 17, "100 x 230 pixels", 10)
    arrow(axes, (23.3, 8), (28, 8))
    mirrored = np.pad(wide, [(7, 7), (6, 7), (0, 0)], mode="reflect")
    picture(axes, 40.1, 8, pixel * mirrored.shape[1], mirrored)
    corner = (40.1 - pixel * mirrored.shape[1] / 2 + 6 * pixel, 8 - pixel * wide.shape[0] / 2)
    style = {"fill": False, "edgecolor": "white", "linestyle": "--", "linewidth": 2, "zorder": 4}
    axes.add_patch(patches.Rectangle(corner, 20.5, pixel * wide.shape[0], **style))
    write(axes, 40.1, 17, "mirrored at the edges:\n128 x 256", 10)
    arrow(axes, (52.2, 8), (57, 8))
    box(axes, 65, 8, 15, 8, NETWORK, "generator")
    arrow(axes, (73, 8), (77.7, 8))
    whole = np.concatenate([house(index, 256)[1] for index in (SHOWN, SHOWN + 1)], axis=1)[24:224, 24:484]
    picture(axes, 88.7, 8, 20.5, translate(whole)[::2, ::2])
    write(axes, 88.7, 17, "cropped back:\n100 x 230", 10)
    return figure


def draw_both_runs():
    """Draw six validation pairs with both runs' translations, all as small as input and truth are in the sheet."""
    rows = range(len(HOUSES))

    def recorded(run):
        files = [drawing.RESULTS / run / f"{number}.webp" for number in HOUSES]
        return np.stack([images.resize(images.read(file), drawing.cut(0, 0).shape[0]) for file in files])

    return plots.tiles(
        {
            "labels": np.stack([drawing.cut(row, 0) for row in rows]),
            "the paper's recipe": recorded("facades_pix2pix"),
            "improved recipe": recorded("facades_improved"),
            "true photo": np.stack([drawing.cut(row, 2) for row in rows]),
        }
    )


DRAWINGS = {"05_workflow": draw_workflow, "05_baselines": draw_baselines, "05_padding": draw_padding}

if __name__ == "__main__":
    plots.save(draw_both_runs(), drawing.main(__doc__, DRAWINGS) / "05_both_runs.jpg")
