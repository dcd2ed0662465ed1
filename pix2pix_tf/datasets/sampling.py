"""Which image comes when, and how it is jittered: pure functions of (seed, position), so data resumes anywhere.

A position counts examples from the start of training: example `i` of step `s` has the position `s * batch_size + i`.
"""

import tensorflow as tf

JITTER = 286 / 256  # the paper enlarges 256 to 286 pixels before it crops
# Added to the seed: keeps these draws apart from others of (seed, position), such as dropout.
JITTER_STREAM = 0x6A697474
DOMAIN_STREAM = 0x646F6D62  # keeps the draws for domain B apart from those for domain A
SHIFT_STREAM = 0x73686966
ORDER_STREAM = 0x6F726472


def load_size(image_size):
    """Return the side to which images are enlarged before a crop of `image_size` is taken: 286 for 256."""
    return round(image_size * JITTER)


def index_at(position, count, seed, side=0):
    """Choose the pair at a position: every epoch is a permutation of all pairs, and each epoch another one.

    Args:
        position: int64 scalar tensor, 0 or more.
        count: number of pairs.
        seed: any integer.
        side: 0, also for pairs; 1 for the shuffle of domain B, which has nothing to do with that of A.

    Returns:
        int64 scalar tensor in [0, count).
    """
    count = tf.constant(count, tf.int64)
    key = _key(seed, position // count, side)
    if side == 0:  # `index_shuffle` looks at the lowest byte of each number only: larger ones are folded in
        folded = tf.random.experimental.stateless_fold_in(key, ORDER_STREAM)
        key = tf.where(tf.reduce_all((key >= 0) & (key < 256)), key, tf.cast(folded, tf.int64))
    return tf.random.experimental.index_shuffle(position % count, key, count - 1)


def other_index_at(position, count, seed):
    """Choose the image of B at a position so that it is never the counterpart of the one of A that `index_at` chooses.

    It is the one whose counterpart comes a number of places later in the same epoch, from 1 to count - 1, round the
    end; every epoch has a number of its own. So every epoch is a permutation of B as well.

    Args:
        position: int64 scalar tensor, 0 or more.
        count: number of pairs; of a single pair both sides are shown.
        seed: any integer.

    Returns:
        int64 scalar tensor in [0, count).
    """
    if count == 1:
        return tf.zeros_like(position)
    epoch = position // count
    key = tf.random.experimental.stateless_fold_in(_key(seed, epoch), SHIFT_STREAM)
    shift = tf.random.stateless_uniform([], key, 1, count, tf.int64, alg="philox")
    return index_at(epoch * count + (position + shift) % count, count, seed)


def jitter_at(position, margin, seed, side=0):
    """Draw the crop's offset and whether to mirror, at a position.

    Args:
        position: int64 scalar tensor, 0 or more.
        margin: the largest offset, load size minus image size.
        seed: any integer.
        side: 0, also for pairs; 1 for domain B.

    Returns:
        Tensors `top` and `left` (int32, 0 to margin, inclusive) and `mirrored` (bool).

    Source: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", section 6.2.
    """
    key = tf.random.experimental.stateless_fold_in(_key(seed, position, side), JITTER_STREAM)
    draws = tf.random.stateless_uniform([3], key, alg="philox")
    offsets = tf.cast(draws[:2] * (margin + 1), tf.int32)
    return offsets[0], offsets[1], draws[2] < 0.5


def jitter(sides, top, left, mirrored, image_size):
    """Crop and mirror all sides of an example alike.

    Args:
        sides: tensors (load_size, load_size, channels), of any type.
        top: offset of the crop's first row.
        left: offset of the crop's first column.
        mirrored: whether to exchange left and right.
        image_size: side of the crop.

    Returns:
        List of tensors (image_size, image_size, channels) of the same types.
    """
    crops = [side[top : top + image_size, left : left + image_size] for side in sides]
    crops = tf.cond(mirrored, lambda: [tf.reverse(crop, axis=[1]) for crop in crops], lambda: crops)
    shapes = [(image_size, image_size, side.shape[-1]) for side in sides]
    return [tf.ensure_shape(crop, shape) for crop, shape in zip(crops, shapes, strict=True)]


def _key(seed, number, side=0):
    """Return the key of the draws for an epoch or a position, int64 of shape (2,)."""
    key = tf.stack([tf.cast(seed, tf.int64), number])
    return tf.random.experimental.stateless_fold_in(key, DOMAIN_STREAM) if side else key
