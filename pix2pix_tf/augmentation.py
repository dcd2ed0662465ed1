"""What a discriminator is shown of few images, so that it cannot learn them by heart: other places, holes, colours.

Real and generated images pass through the same, and so do the gradients to the generator: nothing of it leaks into what
the generator makes.

Source: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", section 3.2.
"""

import tensorflow as tf

from pix2pix_tf.system import replicas, tensorflow_kernels

POLICIES = ("geometry", "all")
DRAWS = 7  # random numbers for each image
SHIFT = 8  # of the side, the most an image is moved
HOLE = 2  # of the side, the side of what is covered
STREAM = 0x61756764  # keeps these draws apart from the noise of dropout


def draw(images, seed, step):
    """Draw what a step does to each image: numbers from 0 to 1, (batch, DRAWS), a replica's own of the global batch.

    Args:
        images: (batch, ...), this replica's part of the global batch.
        seed: an integer.
        step: scalar integer tensor.
    """
    count = tf.shape(images)[0]
    seed = tf.stack([seed ^ STREAM, tf.cast(step, tf.int32)])
    return replicas.own_part(tensorflow_kernels.uniform([count * replicas.count(), DRAWS], seed), count)


def augment(images, draws, policy, source=None):
    """Change images at random.

    Args:
        images: (batch, side, side, channels) in [-1, 1].
        draws: (batch, DRAWS) from 0 to 1, see `draw`.
        policy: "geometry" (move by an eighth of the side at most, then cover a square of half the side, both with 0),
            "all" (brightness, saturation and contrast before), or None (nothing).
        source: (batch, side, side, channels) what the images belong to, which is moved and covered alike, and keeps its
            colours; or None.

    Returns:
        The images, of the same shape, about [-1, 1]; with a source, source and images.

    Deviation: the authors draw anew for every batch; here real and generated images of a step share their draws, so
    that a discriminator never tells them apart by them.
    """
    if policy is None:
        return images if source is None else (source, images)
    draws = tf.cast(draws, images.dtype)
    if policy == "all":
        images = _recolour(images, draws)
    both = images if source is None else tf.concat([source, images], -1)
    both = _cover(_move(both, draws[:, 3:5]), draws[:, 5:7])
    return both if source is None else tf.split(both, [source.shape[3], images.shape[3]], -1)


def _recolour(images, draws):
    """Change brightness by 0.5 at most, saturation by a factor from 0 to 2, contrast by one from 0.5 to 1.5."""
    brightness, saturation, contrast = (draws[:, number, None, None, None] for number in range(3))
    images += brightness - 0.5
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    images = grey + (images - grey) * 2 * saturation
    middle = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return middle + (images - middle) * (contrast + 0.5)


def _move(images, draws):
    """Move each image; what comes in from outside is 0."""
    side, places = images.shape[1], tf.range(images.shape[1])
    most = side // SHIFT
    moved = []
    for image, shift in zip(tf.unstack(images), tf.unstack(draws), strict=True):
        rows, columns = (tf.cast(shift[axis] * (2 * most + 1), tf.int32) - most for axis in (0, 1))
        inside = [(places - way >= 0) & (places - way < side) for way in (rows, columns)]
        mask = tf.cast(inside[0][:, None] & inside[1], image.dtype)[..., None]
        moved.append(tf.roll(image, [rows, columns], [0, 1]) * mask)  # a roll has the gradient that XLA can compile
    return tf.stack(moved)


def _cover(images, draws):
    """Cover a square of each image with 0, with its middle anywhere."""
    side = images.shape[1]
    places = tf.range(side)
    middles = tf.cast(draws * side, tf.int32)[:, :, None]  # (batch, 2, 1)
    covered = tf.abs(places - middles) < side // HOLE // 2  # (batch, 2, side)
    mask = covered[:, 0, :, None] & covered[:, 1, None, :]
    return images * tf.cast(~mask, images.dtype)[..., None]


def check(policy):
    """Raise ValueError unless a policy is known."""
    if policy not in (*POLICIES, None):
        raise ValueError(f"augmentation is {policy!r}; expected one of {', '.join(POLICIES)}, None")
