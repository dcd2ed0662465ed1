"""Photographs that are coloured: the measures of their colours, what can be had without a model, and old ones."""

import numpy as np

from pix2pix_tf import images, lab, metrics
from pix2pix_tf.evaluation import album, artefacts, spread
from pix2pix_tf.metrics import colours

LEVELS = 101  # of lightness, whose colours are averaged apart
DECIMALS = 4  # of L in [-1, 1], in which pixels are ranked
THUMBNAIL = 32  # pixels: where the lightness of two photographs is compared
OF_ONE = {"colourfulness": colours.colourfulness, "colours_used": colours.colours_used}
GREY = "greyscale photographs have no true colours: nothing is compared with them"


class Coloured:
    """Photographs of a split as pairs of pictures: without their colours, and with them.

    Attributes:
        paired, single: True, False.
        task: "colorization".
        name, split, names, direction, image_size, label_sides, digest: as of the set.
    """

    paired, single, task = True, False, "colorization"

    def __init__(self, photographs):
        """Take a `datasets.photographs.Photographs`."""
        self.photographs = photographs
        for name in ("name", "split", "names", "direction", "image_size", "label_sides", "digest"):
            setattr(self, name, getattr(photographs, name))

    def __len__(self):
        """Count the photographs."""
        return len(self.names)

    def pair(self, index):
        """Return one photograph without its colours and with them, float32 (height, width, 3) each, sRGB."""
        photograph = self.photographs.picture(index)
        return self.photographs.show(lab.split_array(photograph)[0][None])[0], photograph

    def examples(self, indices):
        """Return several photographs as `pair` does, two float32 arrays (n, height, width, 3)."""
        return tuple(np.stack(side) for side in zip(*map(self.pair, indices), strict=True))


def of_images(outputs):
    """Return the measures that each picture has of its own: names to values and statistic, as `Meter.paired`."""
    return {(name,): (album.measure(function, outputs), np.mean) for name, function in OF_ONE.items()}


def against_truth(targets, outputs):
    """Return the same of the distance from the true colours."""
    return {("ab_error",): (album.measure(metrics.ab_error, targets, outputs), np.mean)}


class Looks:
    """What can be had without a model, from a train split: see `baselines.Looks`."""

    def __init__(self, train):
        self.train, self.thumbnails = train, []
        sums, counts = np.zeros((LEVELS, 2)), np.zeros(LEVELS)
        for index in range(len(train)):
            lightness, ab = lab.split_array(train.pair(index)[1])
            levels = _levels(lightness)
            sums += np.stack([np.bincount(levels, ab[..., axis].ravel(), LEVELS) for axis in (0, 1)], -1)
            counts += np.bincount(levels, minlength=LEVELS)
            self.thumbnails.append(images.resize(lightness, THUMBNAIL))
        self.means = sums / np.maximum(counts, 1)[:, None]
        self.functions = {
            "grey": images.to_uint8,
            "mean colour of each lightness": self.mean,
            "colours of the nearest training photo": self.nearest,
        }

    def mean(self, source):
        """Return a photograph in the mean colours that its lightnesses have in training, uint8 (height, width, 3)."""
        lightness, _ = lab.split_array(source)
        return images.to_uint8(lab.join(lightness, self.means[_levels(lightness)].reshape(*lightness.shape[:2], 2)))

    def nearest(self, source):
        """Return a photograph with all colours of the training one whose lightness is most alike.

        Its darkest pixel takes the colour of the darkest one there, and so on: both have the same colours as often.
        """
        lightness, _ = lab.split_array(source)
        thumbnail = images.resize(lightness, THUMBNAIL)
        apart = [np.mean(np.abs(other - thumbnail)) for other in self.thumbnails]
        other, ab = lab.split_array(self.train.pair(int(np.argmin(apart)))[1])
        colours_of_rank = ab.reshape(-1, 2)[_rank(other)]
        chosen = np.empty_like(colours_of_rank)
        chosen[_rank(lightness)] = colours_of_rank
        return images.to_uint8(lab.join(lightness, chosen.reshape(ab.shape)))


def _rank(lightness):
    """Return the numbers of the pixels from dark to light; those whose L differs by rounding alone keep their order."""
    return np.argsort(np.round(lightness.ravel(), DECIMALS), kind="stable")


def _levels(lightness):
    """Return the level of lightness of each pixel, 0 to 100, in one row."""
    return np.round((lightness.ravel() + 1) * lab.MIDDLE).astype(int).clip(0, LEVELS - 1)


class Meter:
    """Takes the measures that mean something of old photographs, whose colours nobody knows; see `measures.Meter`."""

    def __init__(self, seed, left_out):
        self.seed = seed
        self.artefacts = artefacts.Artefacts(None, seed, left_out)
        left_out["measures against the true photo, and of sets"] = GREY

    def score(self, candidate):
        """Return the name and all measures of a candidate."""
        found = {}
        for names, (values, statistic) in of_images(candidate.images).items():
            found |= spread.over_images(names, values, statistic, self.seed)
        found |= self.artefacts.score(candidate.images)
        if candidate.samples is not None:
            per_image = metrics.diversity_per_image(candidate.samples)
            found |= spread.over_images(("diversity",), per_image, np.mean, self.seed)
        return {"name": candidate.name, "measures": {**found, **candidate.recorded}}

    def real(self):
        """Return no rows: what could be reached is not known."""
        return []

    def differences(self):
        """Return none: there is nothing to be nearer to."""
        return []
