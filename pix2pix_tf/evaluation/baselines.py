"""What can be had without a model: the least that a model must beat."""

import numpy as np

from pix2pix_tf import errors, images
from pix2pix_tf.evaluation import album, segmenter
from pix2pix_tf.evaluation.candidates import Candidate
from pix2pix_tf.metrics import labels

THUMBNAIL = 32  # pixels: where the layout of two inputs is compared


def baselines(pairs, train):
    """Return what can be had without a model, from the train split alone.

    Args:
        pairs: what is to be translated.
        train: the train split of the same set, without jitter.

    Returns:
        List of `Candidate`: the mean colour of every label class (of every pixel, where the sources are no label
        maps), and the photo of the training pair whose source is most alike. Without pairs, the inputs as they are.
    """
    return list(one_by_one(pairs, Looks(train) if pairs.paired else None))


def one_by_one(pairs, looks, collect=album.stack):
    """Yield what `baselines` returns, each made when it is asked for.

    Args:
        pairs: what is to be translated.
        looks: `Looks` of the train split; None without pairs.
        collect: as of `candidates.from_run`.
    """
    if pairs.single:
        return  # nothing but noise is given
    for name, function in (looks.functions if looks else {"not translated": images.to_uint8}).items():
        yield Candidate(name, collect(function(pairs.pair(index)[0]) for index in range(len(pairs))))


class Looks:
    """What a train split looks like: the mean colours of its targets, and thumbnails of its sources."""

    def __init__(self, train):
        self.train, self.colours = train, _find_colours(train)
        self.has_labels = self.colours is not None
        mean_name = "mean colour per class" if self.has_labels else "mean training target"
        self.functions = {mean_name: self.mean, "nearest training pair": self.nearest}
        self.thumbnails, sums, counts = [], 0.0, 0
        for index in range(len(train)):
            source, target = train.pair(index)
            self.thumbnails.append(self.thumbnail(source))
            if self.has_labels:
                classes = labels.class_map(images.to_uint8(source), self.colours).ravel()
                pixels = target.reshape(-1, 3)
                size = len(self.colours)
                sums = sums + np.stack([np.bincount(classes, pixels[:, channel], size) for channel in range(3)], -1)
                counts = counts + np.bincount(classes, minlength=size)[:, None]
            else:
                sums, counts = sums + target, counts + 1
        overall = np.sum(sums, 0) / np.sum(counts) if self.has_labels else 0.0  # for classes that never occur
        self.means = images.to_uint8(np.where(counts > 0, sums / np.maximum(counts, 1), overall))

    def thumbnail(self, source):
        """Return what two sources are compared by: classes where they are label maps, else colours."""
        small = images.resize(images.to_uint8(source), THUMBNAIL, self.has_labels)
        return labels.class_map(small, self.colours) if self.has_labels else small.astype(np.int16)

    def mean(self, source):
        """Return the mean colours of a source's classes in their places, uint8 (height, width, 3)."""
        return self.means[labels.class_map(images.to_uint8(source), self.colours)] if self.has_labels else self.means

    def nearest(self, source):
        """Return the target of the training pair with the most similar source, uint8 (height, width, 3)."""
        thumbnail = self.thumbnail(source)
        apart = [
            np.mean(other != thumbnail) if self.has_labels else np.mean(np.abs(other - thumbnail))
            for other in self.thumbnails
        ]
        return images.to_uint8(self.train.pair(int(np.argmin(apart)))[1])


def _find_colours(train):
    """Return the colours of the classes, where the sources are label maps of a few colours, else None."""
    try:
        return segmenter.class_colours(train) if has_label_sources(train) else None
    except errors.InputError:  # of more colours than there can be classes
        return None


def has_label_sources(pairs):
    """Say whether the sources, and only they, are label maps."""
    return sum(pairs.label_sides) == 1 and segmenter.label_side(pairs) == 0
