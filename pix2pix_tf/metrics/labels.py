"""Label accuracy: how well the labels a translation was made from can be read back from it.

The paper's FCN score, carried to any set of label maps and photos: a segmenter (see `segmentation`) that has learned on
real photos reads the labels of a translated one, and what it reads is compared with the true label map.
"""

import collections

import numpy as np

SCORES = ("per_pixel_accuracy", "per_class_accuracy", "class_iou")
MOST_COLOURS = 64
BLOCK = 2**16  # pixels at a time


def count_colours(image, limit=MOST_COLOURS):
    """Count the pixels of each colour of a label map.

    Args:
        image: uint8 (height, width, 3).
        limit: most colours; None is no limit.

    Returns:
        Dict of (red, green, blue) to the number of pixels.

    Raises:
        ValueError: if there are more colours.
    """
    packed = np.asarray(image, np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)  # much faster than rows
    found, pixels = np.unique(packed, return_counts=True)
    _refuse_many(len(found), limit)
    return {
        (one >> 16, one >> 8 & 255, one & 255): count
        for one, count in zip(found.tolist(), pixels.tolist(), strict=True)
    }


def merge_colours(counts, limit=MOST_COLOURS):
    """Sum up what `count_colours` returned of several label maps; raise ValueError if there are too many colours.

    Args:
        counts: iterable of dicts.
        limit: most colours; None is no limit.
    """
    merged = collections.Counter()
    for one in counts:
        merged.update(one)
        _refuse_many(len(merged), limit)
    return merged


def sort_colours(counts):
    """Return colours as uint8 (n, 3), those of most pixels first, of equal ones the smaller numbers first.

    Args:
        counts: dict of (red, green, blue) to the number of pixels.
    """
    return np.array(sorted(counts, key=lambda colour: (-counts[colour], colour)), np.uint8)


def _refuse_many(count, limit):
    """Raise ValueError if there are more colours than label maps have."""
    if limit is not None and count > limit:
        raise ValueError(f"more than {limit} colours; expected label maps of one colour a class, not JPEG")


def class_map(label_images, colours):
    """Return the class of every pixel of label maps: the nearest colour, since JPEG and translation blur colours.

    Args:
        label_images: uint8 (..., 3).
        colours: uint8 (classes, 3), one colour a class.

    Returns:
        uint8 (...), the row of the nearest colour in `colours`.
    """
    pixels = np.reshape(label_images, (-1, 3)).astype(np.float32)
    colours = np.asarray(colours, np.float32)
    from_colour = np.sum(colours**2, 1)  # |p - c|^2 less |p|^2; whole numbers, so exact
    nearest = [
        np.argmin(from_colour - 2 * pixels[start : start + BLOCK] @ colours.T, 1).astype(np.uint8)
        for start in range(0, len(pixels), BLOCK)
    ]
    return np.concatenate(nearest).reshape(np.shape(label_images)[:-1])


def confusions(true, read, classes):
    """Count, for every image, the pixels of each true class that were read as each class.

    Args:
        true: integers (n, height, width) in [0, classes).
        read: the same shape and range.
        classes: number of classes.

    Returns:
        int64 (n, classes, classes): image, true class, class read. `label_scores` of any selection of images is that
        of their sum, so a bootstrap over images needs nothing else.

    Raises:
        ValueError: if the shapes differ.
    """
    if np.shape(true) != np.shape(read):
        raise ValueError(f"true labels are {np.shape(true)} and those read {np.shape(read)}; expected the same shape")
    pairs = np.asarray(true, np.int64) * classes + np.asarray(read, np.int64)
    counted = [np.bincount(image.ravel(), minlength=classes**2) for image in pairs]
    return np.reshape(counted, (-1, classes, classes)).astype(np.int64)


def label_scores(confusions):
    """Score what was read: three shares in [0, 1], more is better.

    With c_ij the pixels of class i that were read as j, over all images together: per-pixel accuracy
    sum_i c_ii / sum_ij c_ij; per-class accuracy, the mean over classes of c_ii / sum_j c_ij; class IoU, the mean over
    classes of c_ii / (sum_j c_ij + sum_j c_ji - c_ii). Classes that occur neither in truth nor in what was read are
    left out of the means.

    Do not read them without the same segmenter's scores of the real photos: they are the ceiling, and no photo of a
    person's taste. A translation may be easier to read than a real photo, and a model may please the segmenter
    without pleasing the eye. Per-pixel accuracy is mostly that of the largest classes.

    Args:
        confusions: integers (n, classes, classes) or (classes, classes), see `confusions`.

    Returns:
        Dict of "per_pixel_accuracy", "per_class_accuracy", "class_iou": floats.

    Source: Isola et al. 2017, section 4.1 ("FCN-score"), after Long et al. 2015, "Fully Convolutional Networks for
    Semantic Segmentation", section 5. Deviation: the segmenter is small and learns from the set's own train split.
    """
    return dict(zip(SCORES, map(float, scores(confusions)), strict=True))


def scores(confusions):
    """Return the three of `label_scores` as an array (3,): the form in which a bootstrap asks for them."""
    counts = np.reshape(confusions, (-1, *np.shape(confusions)[-2:])).sum(0).astype(np.float64)
    hits, true, read = np.diag(counts), counts.sum(1), counts.sum(0)
    if not true.sum():
        raise ValueError("the confusions count no pixel; expected those of one image or more")
    accuracy = hits[true > 0] / true[true > 0]
    union = true + read - hits
    return np.array([hits.sum() / true.sum(), accuracy.mean(), (hits[union > 0] / union[union > 0]).mean()])


def majority_share(true, classes):
    """Return the share of pixels of the most frequent class: the accuracy of always answering that."""
    counts = np.bincount(np.ravel(true), minlength=classes)
    return float(counts.max() / counts.sum())
