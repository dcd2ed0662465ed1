"""What every measure asks of its arrays, refused in one line before anything is computed."""

import numpy as np

from pix2pix_tf import errors

TOLERANCE = 1e-3  # a resize or a half precision output may overshoot [-1, 1] by this


def images(array, name="images"):
    """Return images as float32 (n, height, width, channels), all values in [-1, 1].

    Raises:
        errors.InputError: if the rank is another, there is none, or a value is not finite or out of range.
    """
    array = np.asarray(array, np.float32)
    if array.ndim != 4 or 0 in array.shape:
        raise errors.InputError(f"{name} have shape {array.shape}; expected (n, height, width, channels), n at least 1")
    least, most = float(array.min()), float(array.max())  # NaN if any value is
    if not np.isfinite([least, most]).all():
        raise errors.InputError(f"{name} hold NaN or infinity; a network that gives them has diverged")
    if least < -1 - TOLERANCE or most > 1 + TOLERANCE:
        raise errors.InputError(f"{name} hold values from {least:g} to {most:g}; scale them to [-1, 1]")
    return array


def image_pairs(real, generated):
    """Return two sets of images of the same shape, as `images` does.

    Raises:
        errors.InputError: as `images`, and if the shapes differ.
    """
    real, generated = images(real, "real images"), images(generated, "generated images")
    if real.shape != generated.shape:
        raise errors.InputError(
            f"real images have shape {real.shape} and generated images {generated.shape}; "
            "a paired measure needs one generated image of the same size for every real one"
        )
    return real, generated


def features(array, name="features", least=1):
    """Return features as they are, an array of shape (n, d) of finite numbers with n at least `least`.

    Raises:
        errors.InputError: if the rank is another, there are fewer rows, or rows hold NaN or infinity.
    """
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] == 0:
        raise errors.InputError(f"{name} have shape {array.shape}; expected (n, d), a row for every image")
    if len(array) < least:
        raise errors.InputError(f"{name} have {len(array)} rows; this measure needs at least {least} images")
    bad = len(array) - int(np.isfinite(array).all(axis=1).sum())
    if bad:
        raise errors.InputError(f"{name} hold NaN or infinity in {bad} of {len(array)} rows; look at those images")
    return array


def feature_sets(real, generated, least=1):
    """Return two sets of features of one dimension, as `features` does.

    Raises:
        errors.InputError: as `features`, and if the dimensions differ.
    """
    real = features(real, "real features", least)
    generated = features(generated, "generated features", least)
    same_dimension(real.shape[1], generated.shape[1])
    return real, generated


def same_dimension(real, generated):
    """Raise InputError unless both sets have features of one dimension."""
    if real != generated:
        raise errors.InputError(
            f"real features have {real} dimensions and generated ones {generated}; use one extractor for both"
        )
