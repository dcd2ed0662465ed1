"""Pictures of images, histories and networks; every function returns a matplotlib Figure."""

import pathlib

import matplotlib.figure
import numpy as np
from matplotlib.backends import backend_agg

from pix2pix_tf import errors, images
from pix2pix_tf.system import files

PANEL = 1.8  # inches
DPI = 100  # dots in an inch, at which an image is drawn pixel by pixel


def sheet(columns, title=None, panel=PANEL):
    """Draw images side by side: a row for each example, a column for each kind.

    Args:
        columns: dict of column title to images, (n, height, width, channels) in [-1, 1] or uint8, n the same for all.
        title: text above everything.
        panel: height and width of one image in inches.

    Returns:
        `matplotlib.figure.Figure`.
    """
    rows = len(next(iter(columns.values())))
    head = 0.28 + (0.3 if title else 0.0)
    figure = matplotlib.figure.Figure((panel * len(columns), panel * rows + head), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    axes = figure.subplots(rows, len(columns), squeeze=False)
    for column, (name, examples) in enumerate(columns.items()):
        axes[0, column].set_title(errors.readable(name), fontsize=10, parse_math=False)
        for row, image in enumerate(examples):
            axes[row, column].imshow(displayable(image))
            axes[row, column].axis("off")
    if title:  # a name in it may hold a $, which is no mathematics here
        figure.suptitle(errors.readable(title), fontsize=11, parse_math=False)
    return figure


def displayable(image):
    """Return an image as uint8 RGB, from [-1, 1] or uint8, one channel or three."""
    image = np.asarray(image)
    if image.dtype != np.uint8:
        image = np.round((np.clip(image, -1, 1) + 1) * 127.5).astype(np.uint8)
    return np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image


def tiles(columns, title=None, least=96):
    """Draw small images side by side, each pixel as a square of whole pixels.

    Args:
        columns: dict of title to images in [-1, 1] or uint8: (n, height, width, channels), drawn below each other, or a
            grid (rows, columns, height, width, channels).
        title: text above everything.
        least: pixels of the picture that an image is at least wide.

    Returns:
        `matplotlib.figure.Figure`.
    """
    grids = [np.asarray(images) for images in columns.values()]
    grids = [grid if grid.ndim == 5 else grid[:, None] for grid in grids]
    side = grids[0].shape[2] + 2  # a white line around each image
    scale, widths = -(-least // side), [grid.shape[1] for grid in grids]
    sheet = np.full((side * max(len(grid) for grid in grids), side * sum(widths), 3), 255, np.uint8)
    lefts = np.cumsum([0, *widths[:-1]])
    for left, grid in zip(lefts, grids, strict=True):
        for row, column in np.ndindex(grid.shape[:2]):
            top, start = side * row + 1, side * (left + column) + 1
            sheet[top : top + side - 2, start : start + side - 2] = displayable(grid[row, column])
    sheet = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    height, width, head = *sheet.shape[:2], 24 + (30 if title else 0)  # pixels
    figure = matplotlib.figure.Figure((width / DPI, (height + head) / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, height / (height + head)))  # a figure without any is not shown in Jupyter
    axes.imshow(sheet, interpolation="nearest", aspect="auto")
    axes.axis("off")
    words = {"ha": "center", "va": "center", "parse_math": False}
    for name, left, columns_of in zip(columns, lefts, widths, strict=True):
        middle = (left + columns_of / 2) * side * scale / width
        figure.text(middle, (height + 10) / (height + head), errors.readable(name), fontsize=10, **words)
    if title:
        figure.text(0.5, (height + 38) / (height + head), errors.readable(title), fontsize=11, **words)
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


def pixels(figure, dpi=100):
    """Return a figure as an image: uint8 (height, width, 3)."""
    figure.set_dpi(dpi)
    canvas = backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def save(figure, path, dpi=100):
    """Write a figure to a file, all or nothing; its ending decides the format."""
    path = pathlib.Path(path)
    options = {"metadata": {"Software": images.OWN}} if path.suffix.lower() == ".png" else {}
    if path.suffix.lower() in (".jpg", ".jpeg"):
        options = {"pil_kwargs": {"comment": images.OWN}}
    try:
        with files.whole(path) as unfinished:
            figure.savefig(unfinished, dpi=dpi, **options)
    except OSError as error:
        reason = error.strerror or error
        raise errors.RunError(f"{path}: cannot be written ({reason}); check the folder and the free space") from error
