"""Pictures beside each other."""

import matplotlib.figure
import numpy as np

from pix2pix_tf import errors

PANEL = 1.8  # inches
FONT_SIZE = 10  # of a column's title that fits
DPI = 100  # dots in an inch, at which an image is drawn pixel by pixel


def sheet(columns, title=None, panel=PANEL):
    """Draw images side by side: a row for each example, a column for each kind, none of them smoothed.

    Args:
        columns: dict of column title to images, (n, height, width, channels) in [-1, 1] or uint8, n the same for all.
        title: text above everything.
        panel: least width of one image in inches; a larger one is drawn pixel by pixel.

    Returns:
        `matplotlib.figure.Figure`.
    """
    return tiles(columns, title, round(panel * DPI))


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
    tall, wide = (2 + max(grid.shape[axis] for grid in grids) for axis in (2, 3))  # a white line around each image
    scale, widths = -(-least // wide), [grid.shape[1] for grid in grids]
    sheet = np.full((tall * max(len(grid) for grid in grids), wide * sum(widths), 3), 255, np.uint8)
    lefts = np.cumsum([0, *widths[:-1]])
    for left, grid in zip(lefts, grids, strict=True):
        for row, column in np.ndindex(grid.shape[:2]):
            image, top, start = displayable(grid[row, column]), tall * row + 1, wide * (left + column) + 1
            sheet[top : top + image.shape[0], start : start + image.shape[1]] = image
    sheet = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    height, width, head = *sheet.shape[:2], 24 + (30 if title else 0)  # pixels
    figure = matplotlib.figure.Figure((width / DPI, (height + head) / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, height / (height + head)))  # a figure without any is not shown in Jupyter
    axes.imshow(sheet, interpolation="nearest", aspect="auto")
    axes.axis("off")
    words = {"ha": "center", "va": "center", "parse_math": False}
    for name, left, columns_of in zip(columns, lefts, widths, strict=True):
        middle = (left + columns_of / 2) * wide * scale / width
        text = figure.text(middle, (height + 10) / (height + head), errors.readable(name), fontsize=FONT_SIZE, **words)
        room = columns_of * wide * scale - 4
        text.set_fontsize(FONT_SIZE * min(1, room / max(text.get_window_extent().width, 1)))  # or titles would touch
    if title:
        figure.text(0.5, (height + 38) / (height + head), errors.readable(title), fontsize=11, **words)
    return figure
