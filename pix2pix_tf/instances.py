"""Maps of instances: where one thing ends and the next begins, and averages over each thing.

An instance map has the same number at all pixels of one thing, a window or a car, and another number at every other
thing; which numbers does not matter.
"""

import tensorflow as tf


def boundaries(instances):
    """Mark the pixels beside which another instance begins, above, below, left or right: both sides of every border.

    Args:
        instances: whole numbers (batch, height, width, 1).

    Returns:
        float32 (batch, height, width, 1), 1 at borders and 0 elsewhere.

    Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
    3.3.
    """
    instances = tf.convert_to_tensor(instances)
    rows = instances[:, 1:] != instances[:, :-1]
    columns = instances[:, :, 1:] != instances[:, :, :-1]
    none, before, behind = (0, 0), (1, 0), (0, 1)
    edges = [tf.pad(rows, (none, side, none, none)) for side in (before, behind)]
    edges += [tf.pad(columns, (none, none, side, none)) for side in (before, behind)]
    return tf.cast(tf.reduce_any(edges, axis=0), tf.float32)


def average(features, instances):
    """Give every pixel the mean of its instance: what the encoder saw of a thing becomes one vector.

    No loop goes over instances, so a thousand of them take as long as one.

    Args:
        features: floats (batch, height, width, channels).
        instances: whole numbers of 0 or more, (batch, height, width, 1); those of one image have nothing to do with
            those of another.

    Returns:
        (batch, height, width, channels) of the features' dtype; sums are of float32 at least.

    Source: Wang et al. 2018, section 3.4 and figure 5, "instance-wise average pooling".
    """
    index, count = number(instances)
    shape, precise = tf.shape(features), features.dtype if features.dtype == tf.float64 else tf.float32
    flat = tf.reshape(tf.cast(features, precise), (-1, features.shape[-1]))
    sums = tf.math.unsorted_segment_sum(flat, index, count)
    pixels = tf.math.unsorted_segment_sum(tf.ones_like(flat[:, :1]), index, count)
    return tf.cast(tf.reshape(tf.gather(sums / pixels, index), shape), features.dtype)


def number(instances):
    """Number the instances of a batch from 0, in the order in which they are met.

    Args:
        instances: as of `average`.

    Returns:
        int32 (batch x height x width,), the number of each pixel's instance, and how many there are.
    """
    instances = tf.cast(instances, tf.int64)
    images = tf.range(tf.shape(instances, tf.int64)[0])
    own = instances + (tf.reduce_max(instances) + 1) * images[:, None, None, None]  # of each image, no other's
    found, index = tf.unique(tf.reshape(own, [-1]))
    return index, tf.size(found)
