"""Measures of translations: pure functions of images or of features; floats or small dictionaries come out.

What each is for, and where it fails, stands in its docstring. In short: `l1`, `psnr`, `ssim`, `ms_ssim` compare with
the one true image and favour blur; `histogram_intersection`, `colourfulness` and `colours_used` look at colours alone,
`ab_error` at how far they are from the true ones; `frechet_distance`,
`kernel_distance`, `precision_recall`, `density_coverage` and `inception_score` look at sets of features or class
probabilities and need many images; `diversity` looks at what noise does; `spectral_peak`, `colour_spread`, `droplet`
and `error_by_region` each look for one fault; `patch_features` are features without a network. No number goes without
its uncertainty: `bootstrap_interval` for means over images, `subsample_spread` for measures of sets.
"""

from pix2pix_tf.metrics.artefacts import (
    colour_spread,
    droplet,
    error_by_region,
    mean_spectrum,
    spectral_peak,
    spectrum_bands,
)
from pix2pix_tf.metrics.colours import (
    ab_error,
    colourfulness,
    colours_used,
    histogram_intersection,
    histograms,
    intersection,
    lab,
)
from pix2pix_tf.metrics.distributions import FeatureStatistics, frechet_distance, inception_score, kernel_distance
from pix2pix_tf.metrics.labels import label_scores
from pix2pix_tf.metrics.neighbours import density_coverage, precision_recall
from pix2pix_tf.metrics.paired import diversity, diversity_per_image, l1, ms_ssim, per_image, psnr, ssim
from pix2pix_tf.metrics.patches import patch_features
from pix2pix_tf.metrics.uncertainty import bootstrap_interval, subsample_spread

__all__ = [
    "FeatureStatistics",
    "ab_error",
    "bootstrap_interval",
    "colour_spread",
    "colourfulness",
    "colours_used",
    "density_coverage",
    "diversity",
    "diversity_per_image",
    "droplet",
    "error_by_region",
    "frechet_distance",
    "histogram_intersection",
    "histograms",
    "inception_score",
    "intersection",
    "kernel_distance",
    "l1",
    "lab",
    "label_scores",
    "mean_spectrum",
    "ms_ssim",
    "patch_features",
    "per_image",
    "precision_recall",
    "psnr",
    "spectral_peak",
    "spectrum_bands",
    "ssim",
    "subsample_spread",
]
