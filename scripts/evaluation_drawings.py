"""Draw the schematics of lesson 06 as SVG files: where each measure looks, how two sets compare, which measure to take.

python scripts/evaluation_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import drawing
import numpy as np
from drawing import arrow, box, page, picture, write
from matplotlib import patches

from pix2pix_tf import images, streets

SIDE = 32  # pixels of a drawn street
REAL, MADE = "#1f77b4", "#ff7f0e"  # as plots.scatter has them
QUESTION, ANSWER, ALWAYS = "#dbe9f6", "#e5f2dc", "#fdebd3"


def street(look=0, index=7):
    """Return a rendering and its label map, float32 (SIDE, SIDE, 3)."""
    return [images.to_float(side) for side in streets.draw(index, SIDE, 0, look)]


def points(axes, x, y, colour, radius=0.45):
    """Draw dots."""
    for place in zip(np.ravel(x), np.ravel(y), strict=True):
        axes.add_patch(patches.Circle(place, radius, facecolor=colour, edgecolor="white", linewidth=0.6, zorder=4))


def panel(axes, x, y, title, measures):
    """Frame one of six places, with words above and below."""
    axes.add_patch(
        patches.FancyBboxPatch((x - 17, y - 12), 34, 24, "round,pad=0.3", facecolor="white", edgecolor="#bbb")
    )
    write(axes, x, y - 9.7, title, 12, weight="bold")
    write(axes, x, y + 9.7, measures, 10.5)


def draw_where():
    """Draw where six kinds of measures look."""
    figure, axes = page(110, 54)
    truth, labels = street(0)
    answer, _ = street(1)
    columns, rows = (18, 55, 92), (14, 40)
    x, y = columns[0], rows[0]
    panel(axes, x, y, "one output, one truth", "L1, PSNR, SSIM, LPIPS")
    for left, image in ((x - 8, answer), (x + 8, truth)):
        picture(axes, left, y, 13, image)
        axes.add_patch(patches.Rectangle((left - 1.5, y - 2), 2.4, 2.4, fill=False, edgecolor="red", lw=2, zorder=5))
    arrow(axes, (x - 7, y - 0.8), (x + 6.4, y - 0.8), color="red", arrowstyle="<|-|>", zorder=6)
    x = columns[1]
    panel(axes, x, y, "all pixels in one bag", "histograms: blue real, orange generated")
    picture(axes, x - 9, y, 12, answer)
    arrow(axes, (x - 2.5, y), (x + 0.5, y))
    heights = np.array([1.5, 3, 6, 9, 5, 7, 3.5, 1.5])
    for number, height in enumerate(heights):
        left = x + 1.8 + 1.7 * number
        axes.add_patch(patches.Rectangle((left, y + 5.5 - height), 1.5, height, facecolor=MADE))
        axes.plot([left, left + 1.5], 2 * [y + 5.5 - np.roll(heights, 1)[number]], color=REAL, linewidth=2.5)
    x = columns[2]
    panel(axes, x, y, "two sets of many images", "Fréchet, kernel, precision, recall")
    random = np.random.default_rng(3)
    for shift, colour in ((-3.5, REAL), (3.5, MADE)):
        points(axes, x + shift + 3.4 * random.normal(size=26), y + 2.1 * random.normal(size=26).clip(-2, 2), colour)
    x, y = columns[0], rows[1]
    panel(axes, x, y, "what the image shows", "labels read back (lesson 7)")
    picture(axes, x - 10.5, y, 11, answer)
    arrow(axes, (x - 4.5, y), (x - 1.8, y))
    picture(axes, x + 4, y, 11, np.roll(labels, 1, axis=1))
    write(axes, x + 10.9, y, "?", 14, weight="bold")
    picture(axes, x + 14.3, y, 4.6, labels)
    x = columns[1]
    panel(axes, x, y, "many outputs of one input", "diversity")
    picture(axes, x - 12, y, 8, labels)
    arrow(axes, (x - 7.2, y), (x - 4.8, y))
    for number in range(3):
        picture(axes, x - 0.8 + 6.7 * number, y, 6.2, street(2 + number)[0])
    x = columns[2]
    panel(axes, x, y, "a person looks", "real or generated? (lesson 7)")
    picture(axes, x - 7.5, y, 11, answer)
    picture(axes, x + 7.5, y, 11, truth)
    write(axes, x, y, "?", 22, weight="bold")
    return figure


def draw_sets():
    """Draw how three measures compare the same two clouds."""
    figure, axes = page(108, 36)
    random = np.random.default_rng(5)
    real = random.normal(size=(14, 2)) * [4.2, 3.2]
    made = random.normal(size=(14, 2)) * [2.2, 2.0] + [8.5, 2]
    titles = ("Fréchet: two ellipses", "kernel: all pairs of points", "precision: balls of neighbours")
    texts = (
        "compares the centres\nand the shapes",
        "is a point as similar to the other set\nas to its own? (drawn for one point)",
        "which generated points lie\nin a ball of a real point?",
    )
    for x, title, text in zip((15, 52, 90), titles, texts, strict=True):
        write(axes, x + 2, 2.8, title, 12.5, weight="bold")
        write(axes, x + 2, 32.5, text, 11)
        points(axes, x + real[:, 0], 17 + real[:, 1], REAL, 0.55)
        points(axes, x + made[:, 0], 17 + made[:, 1], MADE, 0.55)
    for cloud, colour in ((real, REAL), (made, MADE)):
        values, vectors = np.linalg.eigh(np.cov(cloud.T))
        angle = np.degrees(np.arctan2(*vectors[::-1, 1]))
        centre, (height, width) = cloud.mean(axis=0) + [15, 17], 4 * np.sqrt(values)
        axes.add_patch(patches.Ellipse(centre, width, height, angle=angle, fill=False, edgecolor=colour, linewidth=2.5))
        axes.plot(*centre, "X", color=colour, markersize=13, markeredgecolor="white", zorder=6)
    arrow(axes, real.mean(axis=0) + [15, 17], made.mean(axis=0) + [15, 17], arrowstyle="<|-|>", zorder=7)
    one = real[np.argmin(real[:, 0] + real[:, 1])]
    for other in real:
        axes.plot(*np.transpose([one, other]) + [[52], [17]], color=REAL, linewidth=0.9)
    for other in made:
        axes.plot(*np.transpose([one, other]) + [[52], [17]], color=MADE, linewidth=0.9)
    apart = np.sort(np.linalg.norm(real[:, None] - real, axis=-1), axis=1)[:, 3]  # place 0 is the point itself
    for centre, radius in zip(real + [90, 17], apart, strict=True):
        axes.add_patch(patches.Circle(centre, radius, facecolor=REAL, edgecolor=REAL, alpha=0.13))
    return figure


def draw_choice():
    """Draw the page of questions that lead to a measure."""
    figure, axes = page(112, 66)
    rows = [
        (
            "Has each input\none right answer?",
            "L1, PSNR, SSIM for each image,\nwith an interval",
            "L1 charges a small shift\nas much as strong blur",
        ),
        (
            "Must the output obey\na label map?",
            "labels read back, between\nfloor and reference (lesson 7)",
            "they forgive ugly pictures",
        ),
        ("Do you fear\ngrey or odd colours?", "intersection of\ncolour histograms", "it sees no place"),
        (
            "Do you want to know whether\nthe whole set looks right?",
            "Fréchet distance (many images);\nkernel distance (fewer, if the fault\nis large); precision",
            "they see no input",
        ),
        (
            "Do you fear that\nthe outputs are all alike?",
            "recall and coverage; diversity\nfor one input",
            "noise is diverse, too",
        ),
    ]
    write(axes, 19, 2.6, "you ask", 13, weight="bold")
    write(axes, 62, 2.6, "then measure", 13, weight="bold")
    write(axes, 98, 2.6, "and remember", 13, weight="bold")
    for number, (question, answer, warning) in enumerate(rows):
        y = 9 + 10.2 * number
        box(axes, 19, y, 32, 7.4, QUESTION, question, 11.5)
        arrow(axes, (35.5, y), (43.5, y))
        write(axes, 39.2, y - 1.6, "yes", 10.5)
        box(axes, 62.5, y, 36, 7.4, ANSWER, answer, 11.5)
        write(axes, 98, y, warning, 11.5)
        arrow(axes, (19, y + 4), (19, y + 6.2), mutation_scale=12)
        write(axes, 20.2, y + 4.9, "next question" if number < len(rows) - 1 else "", 9.5, ha="left")
    box(
        axes,
        56,
        61.3,
        106,
        6.4,
        ALWAYS,
        "always: the same measure for a simple answer (baseline); how far chance moves it; and the pictures themselves",
        11.5,
    )
    return figure


DRAWINGS = {"06_where": draw_where, "06_sets": draw_sets, "06_choice": draw_choice}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
