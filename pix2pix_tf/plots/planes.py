"""Points in the plane, alone and on the ground that a discriminator sees there."""

import math

import matplotlib.figure
import numpy as np
from matplotlib import colors

from pix2pix_tf import errors
from pix2pix_tf.plots.sheets import PANEL

SETS = ("#0b3d91", "#b34700")  # of real and of generated points
GROUND = ("#ff9f45", "#ffffff", "#6ea8ff")  # where a discriminator says generated, where it cannot tell, where real


def lattice(reach, count=80):
    """Return points on a square grid from -reach to reach in both coordinates: float32 (count * count, 2).

    What is measured on them, (count * count, ...), is a background of `landscapes`.
    """
    places = np.linspace(-reach, reach, count, dtype=np.float32)
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)


def landscapes(rows, reach, names=("real", "generated"), panel=PANEL, label=None):
    """Draw pairs of sets of points in the plane, each on the ground that a discriminator sees there.

    Args:
        rows: dict of row title to a dict of panel title to (ground, first points, second points). A ground is what a
            discriminator says on `lattice(reach)`, from 0 (drawn in the colour of the second set) to 1 (in that of the
            first); None is white. Points are (n, 2).
        reach: the panels go from -reach to reach.
        names: what the two sets are called.
        panel: height and width of one panel in inches.
        label: what the colours of the ground are, beside a bar of them; None draws no bar.

    Returns:
        `matplotlib.figure.Figure`.
    """
    widest = max(len(panels) for panels in rows.values())
    figure = matplotlib.figure.Figure((panel * widest + 0.2, (panel + 0.28) * len(rows) + 0.35), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    several = figure.subplots(len(rows), widest, squeeze=False)
    for axes in several.flat:
        axes.set(xticks=[], yticks=[], xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set_visible(False)
    ground_colours = colors.LinearSegmentedColormap.from_list("ground", GROUND)
    for line, (row, panels) in zip(several, rows.items(), strict=True):
        line[0].set_ylabel(row, fontsize=11)
        for axes, (title, (ground, *sets)) in zip(line, panels.items(), strict=False):
            axes.set_visible(True)
            axes.set_title(title, fontsize=11)
            if ground is not None:
                side = math.isqrt(np.size(ground))
                place = {"extent": (-reach, reach, -reach, reach), "origin": "lower", "interpolation": "nearest"}
                shown = axes.imshow(np.reshape(ground, (side, side)), cmap=ground_colours, vmin=0, vmax=1, **place)
            for name, points, colour in zip(names, sets, SETS, strict=True):
                axes.scatter(*np.transpose(points), s=5, c=colour, alpha=0.7, linewidths=0, label=name)
    if label:
        figure.colorbar(shown, ax=several, label=label, shrink=0.9, aspect=30)
    handles = several[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2, fontsize=10, markerscale=3, frameon=False)
    return figure


def clouds(columns, title=None):
    """Draw sets of points in the plane, each on top of those before, as far as the first set reaches and half as far.

    Args:
        columns: dict of name to points (n, 2).
        title: text above them.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((4, 4.4), layout="constrained")
    axes = figure.subplots()
    for name, points in columns.items():
        axes.scatter(*np.transpose(points), s=5, alpha=0.5, linewidths=0, label=errors.readable(name))
    first = np.concatenate([next(iter(columns.values())), np.zeros((1, 2))])
    axes.set(xlim=1.5 * np.array([first.min(), first.max()]), ylim=1.5 * np.array([first.min(), first.max()]))
    axes.set_aspect("equal")
    if title:
        axes.set_title(errors.readable(title), fontsize=10, parse_math=False)
    figure.legend(loc="outside lower center", ncols=len(columns), fontsize=8, markerscale=3)
    return figure


def scatter(panels, names=("real", "generated"), panel=PANEL):
    """Draw pairs of sets of points in the plane side by side, all on the same axes.

    Args:
        panels: dict of title to two arrays (n, 2) and (m, 2).
        names: what the two sets are called.
        panel: height and width of one panel in inches.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((panel * len(panels), panel + 0.5), layout="constrained")
    several = figure.subplots(1, len(panels), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (title, sets) in zip(several, panels.items(), strict=True):
        for name, points, size, alpha in zip(names, sets, (7, 12), (0.4, 0.6), strict=True):  # the second lies on top
            axes.scatter(*np.transpose(points), s=size, alpha=alpha, linewidths=0, label=name)
        axes.set_title(title, fontsize=10)
        axes.set_aspect("equal")
        axes.set(xticks=[], yticks=[])
    figure.legend(
        *several[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8, markerscale=2
    )
    return figure
