"""Colours as lightness L and two axes of colour, a and b, CIE L*a*b*, for pictures and within a network's pipeline.

A grey photograph is an L without its a and b: to colour it is to say those two. What scikit-image does to arrays is
done here by TensorFlow too, where images are made into batches.

Source: IEC 61966-2-1:1999 (sRGB); CIE 15:2004, section 8.2.1 (L*a*b*); D65, the observer of 1931, as scikit-image.
"""

import warnings

import numpy as np
import tensorflow as tf
from skimage import color

MIDDLE = 50.0  # L = 50 + 50 x, x in [-1, 1]
MOST = 110.0  # a, b = 110 x; sRGB reaches from -107.86 to 98.23, so x from -0.981 to 0.893
PIXELS = 2**18  # that are converted at a time: with all that is in between a large photograph would be gigabytes
STEPS, HALVINGS = 8, 6  # in which the most of a colour is looked for that can be shown
NEAR = 1e-3  # of the range of a channel, a quarter of a step of 8 bits: so little beyond it is clipped and no more

# As scikit-image has them: linear sRGB to XYZ, the white of D65, and its roundings of (6 / 29)^3 and (29 / 6)^2 / 3.
_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_WHITE = np.array([0.95047, 1.0, 1.08883])
_LIMIT, _SLOPE = 0.008856, 7.787
_TO_RGB = np.linalg.inv(_XYZ).T


def split(images):
    """Take colour images apart into what a grey photograph shows and what it lacks, within a pipeline.

    Args:
        images: float32 tensor (..., 3), sRGB in [-1, 1].

    Returns:
        L, float32 (..., 1), -1 black to 1 white, and a and b, float32 (..., 2), in [-0.981, 0.893].
    """
    companded = tf.clip_by_value(images / 2 + 0.5, 0.0, 1.0)
    linear = tf.where(companded > 0.04045, ((companded + 0.055) / 1.055) ** 2.4, companded / 12.92)
    relative = tf.linalg.matvec(tf.constant(_XYZ / _WHITE[:, None], tf.float32), linear)
    bent = tf.where(relative > _LIMIT, tf.maximum(relative, _LIMIT) ** (1 / 3), _SLOPE * relative + 16 / 116)
    x, y, z = tf.unstack(bent, axis=-1)
    lightness = (116 * y - 16 - MIDDLE) / MIDDLE
    return lightness[..., None], tf.stack([500 * (x - y), 200 * (y - z)], -1) / MOST


def split_array(image):
    """Do what `split` does to an image, float32 array (height, width, 3): arrays (height, width, 1) and (..., 2)."""
    return tuple(part.numpy() for part in split(tf.constant(image)))


def lightness_of(image):
    """Return L of an image of any size, as of `split`: float32 (height, width, 1), from (height, width, 3)."""
    rows = max(1, PIXELS // image.shape[1])
    parts = [split(tf.constant(image[top : top + rows]))[0].numpy() for top in range(0, len(image), rows)]
    return np.concatenate(parts)


def join(lightness, colours):
    """Colour an image, whose lightness stays as it is; of a colour too strong to be shown there is as much as can be.

    A colour is first clipped in RGB, as any picture is that is shown, which may change its lightness; then L is put
    back, and where that cannot be shown either, a and b are drawn towards grey, which always can.

    Args:
        lightness: float array (height, width, 1) in [-1, 1].
        colours: float array (height, width, 2), a and b as of `split`.

    Returns:
        float32 array (height, width, 3), sRGB in [-1, 1].
    """
    height, width = lightness.shape[:2]
    lightness, colours = lightness.reshape(-1, 1), colours.reshape(-1, 2)
    image = np.empty((height * width, 3), np.float32)
    for start in range(0, len(image), PIXELS):
        some = slice(start, start + PIXELS)
        image[some] = _show((np.float64(lightness[some]) + 1) * MIDDLE, np.float64(colours[some]) * MOST) * 2 - 1
    return image.reshape(height, width, 3)


def _show(light, colours):
    """Return pixels of L (n, 1) and of a and b (n, 2) in sRGB, 0 to 1."""
    linear = _to_linear(light, colours)
    beyond = np.flatnonzero(~_fit(linear))
    if len(beyond):
        linear[beyond] = _find_nearest(light[beyond], linear[beyond])
    return _compand(linear)


def _find_nearest(light, beyond):
    """Return colours of these lightnesses, in linear sRGB, with as much of the clipped ones' a and b as can be.

    On the way to grey a colour may leave what can be shown and come back: so steps come first, and halvings after.
    """
    colours = color.rgb2lab(_compand(beyond)[None])[0, :, 1:]
    share = np.zeros((len(light), 1))
    for part in np.linspace(0, 1, STEPS + 1)[1:]:
        share[_fit(_to_linear(light, colours * part))] = part
    width = 1 / STEPS
    for _ in range(HALVINGS):
        width /= 2
        more = np.minimum(share + width, 1)
        share = np.where(_fit(_to_linear(light, colours * more))[:, None], more, share)
    return _to_linear(light, colours * share)


def _fit(linear):
    """Say which pixels (n, 3) of linear sRGB can be shown as they are, up to less than a file's rounding."""
    return np.all((linear > -NEAR / 12.92) & (linear < 1 + NEAR), axis=1)


def _to_linear(light, colours):
    """Return pixels in linear sRGB, not clipped: what lies outside 0 to 1 cannot be shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a negative Z: such a colour cannot be shown either
        return color.lab2xyz(np.concatenate([light, colours], 1)[None])[0] @ _TO_RGB


def _compand(linear):
    """Return linear sRGB, clipped, as files have it, 0 to 1."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
