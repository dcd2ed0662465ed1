"""Measures of what goes wrong in a set of translations, each beside what it is of the real photos."""

import functools

import numpy as np

from pix2pix_tf import errors, images, metrics
from pix2pix_tf.evaluation import album, spread
from pix2pix_tf.metrics import artefacts

# Means over the pixels that the true photo does not leave void, and what `metrics.error_by_region` calls them.
REGIONS = {"l1_outside_void": "outside", "l1_border": "border", "l1_middle": "middle"}


class Artefacts:
    """Looks for grids, lack of colours and spots, by name: "spectral_peak", "colour_spread", "droplet"."""

    def __init__(self, real, seed, left_out):
        """Look at the real photos.

        Args:
            real: uint8 (n, height, width, 3), an array or an album; None where there are none.
            seed: decides the resampling.
            left_out: dict that takes the reason for each measure that cannot be taken.
        """
        self.seed, self.left_out = seed, left_out
        self.real = {} if real is None else self.find(real)

    def score(self, outputs):
        """Return the measures of uint8 images (n, height, width, 3), as of `find`, each with "real": times the photos'.

        Where that of the photos is 0 there is no "real".
        """
        found = self.find(outputs)
        for name in found.keys() & self.real.keys():
            if self.real[name]["value"] > 0:
                found[name]["real"] = found[name]["value"] / self.real[name]["value"]
        return found

    def find(self, some):
        """Return measures by name: "value", "low" and "high" over images, "n", and where it is; none of one image."""
        if len(some) < 2:
            return {}
        return {**self.peak(some), **self.colours(some), **self.droplet(some)}

    def peak(self, some):
        """Return the spectral peak, with its "frequency"; none, with the reason, of images that are too small."""
        try:
            powers = album.measure(artefacts.lattice_powers, some)
        except errors.InputError as error:
            self.left_out["spectral_peak"] = str(error)
            return {}
        highest = artefacts.highest_peak(powers)
        return self.one("spectral_peak", powers, _height_of_peak, frequency=list(highest["frequency"]))

    def colours(self, some):
        """Return the spread of colours."""
        return self.one("colour_spread", album.measure(artefacts.mean_colours, some), artefacts.spread_of)

    def droplet(self, some):
        """Return the droplet, with its "place"; the interval is that of the deviation at this one place."""
        place = artefacts.stands_out(_mean_image(some))["place"]
        deviations = album.measure(functools.partial(artefacts.deviations_at, place=place), some)
        return self.one("droplet", deviations, _size_of_mean, place=list(place))

    def one(self, name, values, statistic, **where):
        """Return one measure by its name, with its interval over images."""
        (measure,) = spread.over_images((name,), values, statistic, self.seed).values()
        return {name: {**measure, **where}}


def by_region(real, outputs, void, left_out):
    """Return the L1 of translations outside void, and there at the border and in the middle.

    Args:
        real: uint8 (n, height, width, channels), an array or an album.
        outputs: uint8 likewise, translation i that of photo i.
        void: bool (n, height, width).
        left_out: dict that takes the reason where fewer than two photos show anything.

    Returns:
        Dict of names, as of `Meter.paired`, to values of those images that have such pixels, and statistic.
    """
    parts = [
        metrics.error_by_region(images.to_float(photos), images.to_float(some), where)
        for photos, some, where in album.parts(real, outputs, void)
    ]
    found = {}
    for name, region in REGIONS.items():
        values = np.concatenate([part[region] for part in parts])
        values = values[np.isfinite(values)]
        if len(values) < 2:
            left_out[name] = f"{len(values)} photos show anything there; an interval needs two"
        else:
            found[(name,)] = values, np.mean
    return found


def paste_void(real, outputs, void):
    """Return translations with the true photo where that is void, arguments as of `by_region`: an `album.Album`."""
    return album.Album(
        image
        for photos, some, where in album.parts(real, outputs, void)
        for image in np.where(where[..., None], photos, some)
    )


def _mean_image(some):
    """Return the mean of uint8 images in [-1, 1], float64 (height, width, 3)."""
    return sum(images.to_float(part).sum(axis=0, dtype=np.float64) for (part,) in album.parts(some)) / len(some)


def _height_of_peak(powers):
    """Return the value of a spectral peak from the powers of every image."""
    return artefacts.highest_peak(powers)["value"]


def _size_of_mean(values):
    """Return the absolute value of a mean."""
    return np.abs(np.mean(values))
