"""What pix2pixHD's networks see of a label map: a plane for each class, the borders between things, their styles."""

import tensorflow as tf

from pix2pix_tf import ids, instances, palettes

EXACT = 8  # in 255ths: of two colours of ids one channel at least differs by 32; bfloat16 moves each by 1


class Planes:
    """Turns label maps, as colours, and instance maps into the planes that networks see.

    Args:
        colours: list of [red, green, blue], 0 to 255, that name the classes; None leaves images as they are.
        unlabelled: whether the last colour names pixels without a class, which are 0 in every plane.
        boundaries: whether there is a plane of the borders between instances.
        channels: of the images, where colours is None.

    Attributes:
        count: how many planes there are.
        classes: how many of them are of classes.
        of_ids: whether the colours are those that stand for ids. Ids are exact: a pixel of another has no class.
    """

    def __init__(self, colours, unlabelled=False, boundaries=True, channels=3):
        self.colours, self.unlabelled, self.boundaries = colours, unlabelled, boundaries
        self.classes = channels if colours is None else len(colours) - unlabelled
        self.count = self.classes + boundaries
        self.of_ids = colours is not None and ids.are_colours(colours)

    def __call__(self, image, ids):
        """Return the planes of label maps.

        Args:
            image: floats (batch, height, width, channels) in [-1, 1].
            ids: whole numbers (batch, height, width, 1), the instances; None where there is no plane of borders.

        Returns:
            (batch, height, width, count) of the image's dtype, 0 or 1 but for images that are left as they are.

        Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs",
        section 3.3.
        """
        image = tf.convert_to_tensor(image)
        seen = image
        if self.colours is not None:
            seen = tf.one_hot(self.classify(image), self.classes, dtype=image.dtype)  # beyond the classes all are 0
        if not self.boundaries:
            return seen
        return tf.concat([seen, tf.cast(instances.boundaries(ids), image.dtype)], -1)

    def classify(self, image):
        """Return the class of every pixel, int32 (batch, height, width); of those that have none it is `classes`."""
        found = palettes.classify(tf.cast(image, tf.float32), self.colours, EXACT if self.of_ids else None)
        return tf.minimum(found, self.classes)


def halve(image, ids, times):
    """Return label and instance maps at a smaller size, of the nearest pixels: no class is invented.

    Args:
        image: (batch, height, width, channels).
        ids: (batch, height, width, 1), or None.
        times: how often height and width are halved.
    """
    step = 2**times
    return image[:, ::step, ::step], None if ids is None else ids[:, ::step, ::step]


def shrink(photo, times):
    """Return photos at a smaller size: the means of the pixels that become one.

    Args:
        photo: (batch, height, width, channels).
        times: how often height and width are halved.
    """
    return tf.nn.avg_pool2d(photo, 2**times, 2**times, "VALID") if times else photo
