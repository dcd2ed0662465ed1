"""A figure as an image, and as a file."""

import pathlib

import numpy as np
from matplotlib.backends import backend_agg

from pix2pix_tf import errors, images
from pix2pix_tf.system import files


def pixels(figure, dpi=100):
    """Return a figure as an image: uint8 (height, width, 3)."""
    figure.set_dpi(dpi)
    canvas = backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def save(figure, path, dpi=100, quality=75):
    """Write a figure to a file, all or nothing; its ending decides the format, and quality is that of a JPEG."""
    path = pathlib.Path(path)
    options = {"metadata": {"Software": images.OWN}} if path.suffix.lower() == ".png" else {}
    if path.suffix.lower() in (".jpg", ".jpeg"):
        options = {"pil_kwargs": {"comment": images.OWN, "quality": quality}}
    try:
        with files.whole(path) as unfinished:
            figure.savefig(unfinished, dpi=dpi, **options)
    except OSError as error:
        reason = error.strerror or error
        raise errors.RunError(f"{path}: cannot be written ({reason}); check the folder and the free space") from error
