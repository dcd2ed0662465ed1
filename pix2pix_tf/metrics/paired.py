"""Measures of a translation against the one true image, and of repeated translations against each other.

All of them ask for the same picture, pixel by pixel or window by window. Where the input leaves something open, such
as a wall's colour, they prefer the blurred mean of all answers to any sharp one: read them beside a measure of
distributions or of labels, never alone.
"""

import functools
import itertools

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks

BATCH = 16  # images at once: the windows of SSIM take several copies of them
SSIM_SIDE = 11
MS_SSIM_SIDE = 176


def l1(real, generated):
    """Return the mean absolute difference of image pairs: mean |real - generated|.

    Range 0 to 2 for images in [-1, 1]; lower is better. Do not trust it to see sharpness: the blurred mean of all
    plausible answers has the lowest L1 of all, and one pixel's shift of a fine texture costs as much as its absence.

    Args:
        real: float32 (n, height, width, channels) in [-1, 1].
        generated: the same shape and range, image i the translation that belongs to real image i.

    Returns:
        Float, the mean over images; `per_image("l1", ...)` gives each.

    Raises:
        errors.InputError: if shapes differ, values are not finite or out of range.

    Source: Isola et al. 2017, section 3.1, equation 3.
    """
    return float(per_image("l1", real, generated).mean())


def psnr(real, generated):
    """Return the peak signal-to-noise ratio of image pairs in decibels: 10 log10(2^2 / mean squared difference).

    Range from 0 (black against white) to infinity (equal images: one such pair makes the mean infinite); higher is
    better. It is squared error in another unit and prefers blur as L1 does. The mean is of decibels, not of errors.

    Args:
        real: float32 (n, height, width, channels) in [-1, 1].
        generated: the same shape and range, paired with `real`.

    Returns:
        Float, the mean over images; `per_image("psnr", ...)` gives each.

    Raises:
        errors.InputError: as `l1`.

    Source: Huynh-Thu and Ghanbari 2008, "Scope of validity of PSNR in image/video quality assessment".
    """
    return float(per_image("psnr", real, generated).mean())


def ssim(real, generated):
    """Return the structural similarity of image pairs: luminance, contrast and structure agree in Gaussian windows.

    The mean over windows of (2 m1 m2 + c1)(2 s12 + c2) / ((m1^2 + m2^2 + c1)(s1^2 + s2^2 + c2)), with windows of 11
    pixels (deviation 1.5) that lie inside the image, c1 = 0.01^2 and c2 = 0.03^2 for values in [0, 1], and the mean
    over channels. Range -1 to 1; higher is better, 1 for equal images. Do not trust it across sizes (windows have
    fixed pixels), on flat images (they score high whatever their hue), or where a shift of the picture is no fault.

    Args:
        real: float32 (n, height, width, channels) in [-1, 1], sides of at least 11 pixels.
        generated: the same shape and range, paired with `real`.

    Returns:
        Float, the mean over images; `per_image("ssim", ...)` gives each.

    Raises:
        errors.InputError: as `l1`, and if a side is under 11 pixels.

    Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", section III.
    Deviation: The paper looks at luminance only; here every channel counts alike, as in tf.image.
    """
    return float(per_image("ssim", real, generated).mean())


def ms_ssim(real, generated):
    """Return the multi-scale structural similarity of image pairs: contrast and structure at five scales.

    The product over five halvings of the image of the SSIM's contrast and structure term, to powers .0448, .2856,
    .3001, .2363, .1333, times the luminance term of the last. Range 0 to 1 (negative terms count as 0); higher is
    better, 1 for equal images. Do not trust it where `ssim` is not to be trusted; one scale at 0 makes it 0.

    Args:
        real: float32 (n, height, width, channels) in [-1, 1], sides of at least 176 pixels.
        generated: the same shape and range, paired with `real`.

    Returns:
        Float, the mean over images; `per_image("ms_ssim", ...)` gives each.

    Raises:
        errors.InputError: as `l1`, and if a side is under 176 pixels.

    Source: Wang et al. 2003, "Multi-scale Structural Similarity for Image Quality Assessment", section 3.
    """
    return float(per_image("ms_ssim", real, generated).mean())


def per_image(name, real, generated):
    """Measure every pair of images, as a bootstrap over images needs it.

    Args:
        name: "l1", "psnr", "ssim" or "ms_ssim".
        real: float32 (n, height, width, channels) in [-1, 1].
        generated: the same shape and range, paired with `real`.

    Returns:
        Float64 array of shape (n,); the measure of that name is its mean.

    Raises:
        errors.InputError: as the measure of that name.
        ValueError: for another name.
    """
    if name not in MEASURES:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(MEASURES)}")
    real, generated = checks.image_pairs(real, generated)
    measure, reason, side = MEASURES[name]
    if min(real.shape[1:3]) < side:
        raise errors.InputError(
            f"images of {real.shape[2]}x{real.shape[1]} are too small for {name}: {reason}; "
            f"use sides of at least {side} pixels, or leave it out"
        )
    batches = (slice(start, start + BATCH) for start in range(0, len(real), BATCH))
    return np.concatenate([np.asarray(measure(real[batch], generated[batch]), np.float64) for batch in batches])


def diversity(samples):
    """Return how much repeated translations of the same inputs differ: mean |sample - other sample| over all pairs.

    Range 0 (the noise does nothing) to 2; neither way is better by itself: read it beside the same mean difference
    between translations of *different* inputs, the most it could reach, and beside a measure of quality, since noise
    that ruins an image is diverse too. Dropout noise in pix2pix gives little.

    Args:
        samples: float32 (k, n, height, width, channels) in [-1, 1]; k at least 2 translations, each with other noise,
            of the same n inputs.

    Returns:
        Float, the mean over inputs; `diversity_per_image` gives each.

    Raises:
        errors.InputError: if the shape is another, values are not finite or out of range.

    Source: Isola et al. 2017, section 3.1, on dropout as noise; Zhu et al. 2017, "Toward Multimodal Image-to-Image
        Translation", section 5.1.
    Deviation: Zhu et al. measure LPIPS between random pairs; here it is L1 in pixels between all pairs.
    """
    return float(diversity_per_image(samples).mean())


def diversity_per_image(samples):
    """Return `diversity` of every input.

    Args:
        samples: as in `diversity`.

    Returns:
        Float64 array of shape (n,).

    Raises:
        errors.InputError: as `diversity`.
    """
    samples = np.asarray(samples, np.float32)
    if samples.ndim != 5 or len(samples) < 2:
        raise errors.InputError(
            f"samples have shape {samples.shape}; expected (k, n, height, width, channels), k at least 2 translations"
        )
    samples = [checks.images(sample, "samples") for sample in samples]
    return np.mean([absolute(*pair) for pair in itertools.combinations(samples, 2)], axis=0)


def absolute(first, second):
    """Return the mean absolute difference of every pair of images, shape (n,)."""
    return np.abs(first - second).mean(axis=(1, 2, 3), dtype=np.float64)


def _decibels(real, generated):
    """Return the PSNR of every pair of images, shape (n,)."""
    return graph("psnr")(real, generated, max_val=2.0)


def _similarity(real, generated):
    """Return the SSIM of every pair of images, shape (n,)."""
    return graph("ssim")(_clip_positive(real), _clip_positive(generated), max_val=1.0)


def _similarity_at_scales(real, generated):
    """Return the MS-SSIM of every pair of images, shape (n,)."""
    return graph("ssim_multiscale")(_clip_positive(real), _clip_positive(generated), max_val=1.0)


@functools.cache
def graph(name):
    """Return a measure of `tf.image` as a graph, which takes half the time of its operations one by one."""
    import tensorflow as tf  # here: the other measures start without it

    return tf.function(getattr(tf.image, name), autograph=False, reduce_retracing=True)


def _clip_positive(images):
    """Bring images from [-1, 1] to [0, 1]: SSIM compares means by their ratio, which is of no use around zero."""
    return images / 2 + 0.5


MEASURES = {
    "l1": (absolute, "", 1),
    "psnr": (_decibels, "", 1),
    "ssim": (_similarity, f"its window has {SSIM_SIDE} pixels", SSIM_SIDE),
    "ms_ssim": (
        _similarity_at_scales,
        f"it halves them four times and its window has {SSIM_SIDE} pixels",
        MS_SSIM_SIDE,
    ),
}
