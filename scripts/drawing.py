"""What the schematics of the lessons are drawn with: pages, words, boxes and arrows in one style, written as SVG."""

import argparse
import pathlib

import matplotlib
from matplotlib import figure as figures
from matplotlib import patches

from pix2pix_tf import images, plots

NETWORK, INK = "#eeeeee", "#333333"
FIGURES = pathlib.Path(__file__).parent.parent / "notebooks" / "figures"
RESULTS = FIGURES.parent.parent / "data" / "results"


def page(width, height):
    """Return a figure and its axes, which are measured in tenths of an inch, y downwards."""
    figure = figures.Figure((width / 10, height / 10), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return figure, axes


def write(axes, x, y, text, size=11, **options):
    """Write centred text."""
    axes.text(x, y, text, **{"ha": "center", "va": "center", "fontsize": size, "color": INK, **options})


def box(axes, x, y, width, height, colour, text="", size=11):
    """Draw a rounded box about a centre."""
    corner = (x - width / 2 + 0.4, y - height / 2 + 0.4)
    style = {"boxstyle": "round,pad=0.4", "facecolor": colour, "edgecolor": INK, "linewidth": 1.2}
    axes.add_patch(patches.FancyBboxPatch(corner, width - 0.8, height - 0.8, **style))
    write(axes, x, y, text, size)


def picture(axes, x, y, width, image, text="", below=2.2, size=10.5):
    """Draw an image about a centre, uint8 or float in [-1, 1], each pixel a square, its words below."""
    shown = plots.displayable(image)
    height = width * shown.shape[0] / shown.shape[1]
    edges = (x - width / 2, x + width / 2, y + height / 2, y - height / 2)
    axes.imshow(shown, extent=edges, interpolation="nearest", aspect="auto", zorder=2)
    axes.add_patch(patches.Rectangle((edges[0], edges[3]), width, height, fill=False, edgecolor=INK, zorder=3))
    if text:
        write(axes, x, y + height / 2 + below, text, size)


def arrow(axes, start, end, **options):
    """Draw an arrow from a point to another."""
    style = {"arrowstyle": "-|>", "mutation_scale": 14, "color": INK, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(patches.FancyArrowPatch(start, end, **{**style, **options}))


def cut(row, column):
    """Return a picture, uint8 (174, 174, 3), of the recorded sheet of the improved facades run."""
    top, left = round(22 + 181.6 * row), 3 + 180 * column
    return images.read(FIGURES / "facades_improved_validation.jpg")[top : top + 174, left : left + 174]


def main(description, drawings):
    """Read the command line and write every drawing.

    Args:
        description: what the script does, its first line.
        drawings: dict of file name without ending to a function that returns a figure.

    Returns:
        The folder that was written to.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=FIGURES)
    parser.add_argument("--format", default="svg", choices=("svg", "png"))
    options = parser.parse_args()
    always_same = {"metadata": {"Date": None}} if options.format == "svg" else {}
    with matplotlib.rc_context({"svg.hashsalt": "pix2pix_tf"}):
        for name, draw in drawings.items():
            draw().savefig(options.out / f"{name}.{options.format}", dpi=100, **always_same)
    return options.out
