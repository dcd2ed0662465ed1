"""Pictures of images, histories and networks; every function returns a matplotlib Figure."""

import matplotlib.figure
import numpy as np
from matplotlib.backends import backend_agg

from pix2pix_tf import files

PANEL = 1.8  # inches


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
    for column, (name, images) in enumerate(columns.items()):
        axes[0, column].set_title(name, fontsize=10)
        for row, image in enumerate(images):
            axes[row, column].imshow(displayable(image))
            axes[row, column].axis("off")
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def displayable(image):
    """Return an image as uint8 RGB, from [-1, 1] or uint8, one channel or three."""
    image = np.asarray(image)
    if image.dtype != np.uint8:
        image = np.round((np.clip(image, -1, 1) + 1) * 127.5).astype(np.uint8)
    return np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image


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
        axes.set_title(title, fontsize=10)
    return figure


def pixels(figure, dpi=100):
    """Return a figure as an image: uint8 (height, width, 3)."""
    figure.set_dpi(dpi)
    canvas = backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def save(figure, path, dpi=100):
    """Write a figure to a file, all or nothing; its ending decides the format."""
    with files.whole(path) as unfinished:
        figure.savefig(unfinished, dpi=dpi)
