"""Pictures of images, histories, points; every function returns a matplotlib Figure."""

from pix2pix_tf.plots.charts import bands, curves, histograms, intervals, lines
from pix2pix_tf.plots.output import pixels, save
from pix2pix_tf.plots.planes import clouds, scatter
from pix2pix_tf.plots.sheets import DPI, PANEL, displayable, sheet, tiles

__all__ = [
    "DPI",
    "PANEL",
    "bands",
    "clouds",
    "curves",
    "displayable",
    "histograms",
    "intervals",
    "lines",
    "pixels",
    "save",
    "scatter",
    "sheet",
    "tiles",
]
