"""Which pair comes when, and how it is jittered: pure functions of (seed, position), so data resumes anywhere.

A position counts examples from the start of training: example `i` of step `s` has the position `s * batch_size + i`.
"""

import tensorflow as tf

JITTER = 286 / 256  # the paper enlarges 256 to 286 pixels before it crops
# Added to the seed: keeps these draws apart from others of (seed, position), such as dropout.
JITTER_STREAM = 0x6A697474


def load_size(image_size):
    """Return the side to which images are enlarged before a crop of `image_size` is taken: 286 for 256."""
    return round(image_size * JITTER)


def index_at(position, count, seed):
    """Choose the pair at a position: every epoch is a permutation of all pairs, and each epoch another one.

    Args:
        position: int64 scalar tensor, 0 or more.
        count: Number of pairs.
        seed: Any integer.

    Returns:
        int64 scalar tensor in [0, count).
    """
    count = tf.constant(count, tf.int64)
    epoch_seed = tf.stack([tf.cast(seed, tf.int64), position // count])
    return tf.random.experimental.index_shuffle(position % count, epoch_seed, count - 1)


def jitter_at(position, margin, seed):
    """Draw the crop's offset and whether to mirror, at a position.

    Args:
        position: int64 scalar tensor, 0 or more.
        margin: The largest offset, load size minus image size.
        seed: Any integer.

    Returns:
        Tensors `top` and `left` (int32, 0 to margin, inclusive) and `mirrored` (bool).

    Source: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", section 6.2.
    """
    key = tf.stack([tf.cast(seed, tf.int64), position])
    key = tf.random.experimental.stateless_fold_in(key, JITTER_STREAM)
    draws = tf.random.stateless_uniform([3], key, alg="philox")
    offsets = tf.cast(draws[:2] * (margin + 1), tf.int32)
    return offsets[0], offsets[1], draws[2] < 0.5


def jitter(sides, top, left, mirrored, image_size):
    """Crop and mirror both images of a pair alike.

    Args:
        sides: Tensors of shape (load_size, load_size, 3).
        top: Offset of the crop's first row.
        left: Offset of the crop's first column.
        mirrored: Whether to exchange left and right.
        image_size: Side of the crop.

    Returns:
        List of tensors of shape (image_size, image_size, 3) and the same type.
    """
    crops = [side[top : top + image_size, left : left + image_size] for side in sides]
    crops = tf.cond(mirrored, lambda: [tf.reverse(crop, axis=[1]) for crop in crops], lambda: crops)
    return [tf.ensure_shape(crop, (image_size, image_size, 3)) for crop in crops]
