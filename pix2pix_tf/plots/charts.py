"""Numbers over steps or over each other: histories, bands, lines, intervals, histograms."""

import matplotlib.figure
import numpy as np

from pix2pix_tf import errors


def curves(history, names, title=None):
    """Draw columns of a history over the steps.

    Args:
        history: dict of column name to list of floats, as `training.fit` returns it.
        names: the columns to draw; points without a value are left out.
        title: text above the axes.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((6, 2.6), layout="constrained")
    axes = figure.subplots()
    steps = np.array(history["step"])
    for name in names:
        values = np.array(history[name])
        known = ~np.isnan(values)
        axes.plot(steps[known], values[known], label=name.replace("_", " "))
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    if title:
        axes.set_title(errors.readable(title), fontsize=10, parse_math=False)
    return figure


def bands(x, series, x_label, y_label, title=None, logarithmic=False):
    """Draw values against x, each series as a line in a band: what was measured, and how far it moves.

    Args:
        x: (n,) numbers.
        series: dict of name to (low, middle, high), arrays (n,) each.
        x_label, y_label: what the axes say.
        title: text above the axes.
        logarithmic: whether equal ratios of x are equally far apart; then every x has its tick.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((6, 2.6), layout="constrained")
    axes = figure.subplots()
    for name, (low, middle, high) in series.items():
        (line,) = axes.plot(x, middle, marker="o", markersize=3, label=name)
        axes.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.set_xticks([], minor=True)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    if title:
        axes.set_title(title, fontsize=10)
    return figure


def intervals(rows, label, reference=None):
    """Draw values with their intervals, one below the other.

    Args:
        rows: dict of name to (low, value, high), drawn from the top down.
        label: what the values are.
        reference: a value to compare with, drawn as a dashed line.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((6, 0.55 + 0.26 * len(rows)), layout="constrained")
    axes = figure.subplots()
    low, value, high = np.transpose(list(rows.values()))
    heights = np.arange(len(rows))[::-1]
    axes.hlines(heights, low, high, linewidth=3, alpha=0.4)
    axes.plot(value, heights, "o", markersize=5)
    if reference is not None:
        axes.axvline(reference, linestyle="--", linewidth=1, color="gray")
    axes.set_yticks(heights, rows)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(label)
    axes.grid(axis="x", alpha=0.3)
    return figure


def lines(panels, x_label, y_label, styles=None, logarithmic=False):
    """Draw values against x, panels side by side.

    Args:
        panels: dict of panel title to a dict of name to (x, y), arrays (n,).
        x_label, y_label: what the axes say.
        styles: dict of name to a format of matplotlib, such as "o" for marks without a line; others are lines.
        logarithmic: whether equal ratios of y are equally far apart.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((max(5.5, 4.2 * len(panels)), 3.2), layout="constrained")
    for axes, (title, series) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for name, (x, y) in series.items():
            axes.plot(x, y, (styles or {}).get(name, "-"), linewidth=2, label=name)
        axes.set_title(title, fontsize=11)
        axes.set(xlabel=x_label, ylabel=y_label, yscale="log" if logarithmic else "linear")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=9)
    return figure


def histograms(panels, x_label, y_label, bins=60):
    """Draw how often values occur, panels side by side.

    Args:
        panels: dict of title to values of any shape.
        x_label, y_label: what the axes say.
        bins: how many there are.

    Returns:
        `matplotlib.figure.Figure`.
    """
    figure = matplotlib.figure.Figure((4.2 * len(panels), 3), layout="constrained")
    several = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, values) in zip(several, panels.items(), strict=True):
        axes.hist(np.ravel(values), bins)
        axes.set_title(title, fontsize=11)
        axes.set(xlabel=x_label, ylabel=y_label)
    return figure
