"""Pieces of the networks in TensorFlow's own operations, where these are faster on a processor than Keras'.

Each gives what Keras gives, up to rounding, and says for which images it is the faster one.
"""

import math

import keras
import tensorflow as tf

from pix2pix_tf.system import replicas

MANTISSA = 23  # bits of a float32 behind its leading one
MOST_IMAGES = 16  # of a batch that is taken apart


def are_for_batch_norm(images):
    """Say whether `normalized` is the faster way: on a processor, for batches that are known and small."""
    gpus = tf.config.list_logical_devices("GPU")
    return not gpus and images.dtype in (tf.float32, tf.bfloat16) and (images.shape[0] or math.inf) <= MOST_IMAGES


def normalized(images, epsilon, scale=None, offset=None):
    """Normalize every channel of every image to zero mean and unit variance, then scale and offset it.

    The kernel is that of batch norm, to which one image is a batch: it goes over the values two or three times,
    where Keras' group norm goes a dozen times, and makes no copy of bfloat16 in float32. That saves a fifth of the step
    of pix2pix.

    Args:
        images: (batch, height, width, channels), batch known.
        epsilon: added to the variance.
        scale: (channels,), or None for 1.
        offset: (channels,), or None for 0.

    Returns:
        Tensor of the same shape and type.
    """
    channels = images.shape[3:]
    scale = tf.ones(channels) if scale is None else keras.ops.convert_to_tensor(scale, "float32")
    offset = tf.zeros(channels) if offset is None else keras.ops.convert_to_tensor(offset, "float32")

    def alone(image):
        return tf.raw_ops.FusedBatchNormV3(
            x=image, scale=scale, offset=offset, mean=[], variance=[], epsilon=epsilon, is_training=True
        ).y

    return tf.concat([alone(image) for image in tf.split(images, images.shape[0])], axis=0)


def uniform(shape, seed):
    """Draw numbers from 0 up to but not including 1: the same on a processor, a GPU and when XLA compiles it.

    They are those of `tf.random.stateless_uniform` in float32 on a processor. XLA's own differ: it makes floats of
    other bits of the same random integers.

    Args:
        shape: of the result, integers or an int32 tensor.
        seed: two integers.

    Returns:
        float32 tensor, multiples of 2^-23.
    """
    seed = tf.cast(seed, tf.int32)
    integers = tf.random.stateless_uniform(shape, seed, None, None, tf.int32, alg="philox")
    return tf.cast(tf.bitwise.bitwise_and(integers, 2**MANTISSA - 1), tf.float32) * 2.0**-MANTISSA


def dropped(images, rate, seed):
    """Set a share of the values to 0 and enlarge the others, by the noise of the global batch.

    Args:
        images: (batch, ...), this replica's part of the global batch; the parts are equally large.
        rate: share to drop, between 0 and 1.
        seed: two integers, the same on every replica.

    Returns:
        Tensor of the same shape and type. What is dropped does not depend on the type.
    """
    shape = tf.shape(images)
    noise = uniform(tf.concat([shape[:1] * replicas.count(), shape[1:]], axis=0), seed)
    noise = replicas.own_part(noise, shape[0])
    kept = tf.where(noise >= rate, images * tf.cast(1 / (1 - rate), images.dtype), tf.zeros((), images.dtype))
    return tf.ensure_shape(kept, images.shape)


def are_to_be_mirrored(images, padding):
    """Say whether `mirrored` can pad images: their sides must be known, and 2 padding + 2 at least."""
    return all(side and side >= 2 * padding + 2 for side in images.shape[1:3])


def mirrored(images, padding):
    """Pad images by reflection, with a faster gradient than that of `tf.pad`.

    Args:
        images: (batch, height, width, channels), see `are_to_be_mirrored`.
        padding: pixels added on each side, 1 at least.

    Returns:
        Tensor (batch, height + 2 padding, width + 2 padding, channels).
    """

    @tf.custom_gradient
    def pad(images):
        def gradient(upstream):
            return _folded(_folded(upstream, padding, 1), padding, 2)

        return tf.pad(images, [[0, 0], [padding] * 2, [padding] * 2, [0, 0]], "REFLECT"), gradient

    return pad(images)


def _folded(upstream, padding, axis):
    """Add to the values beside the border what is beyond it, which mirrors them."""
    inner = upstream.shape[axis] - 4 * padding - 2
    sizes = [padding, 1, padding, inner, padding, 1, padding]
    before, first, low, middle, high, last, after = tf.split(upstream, sizes, axis)
    low, high = low + tf.reverse(before, [axis]), high + tf.reverse(after, [axis])
    return tf.concat([first, low, middle, high, last], axis)
