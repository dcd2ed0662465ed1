"""The measures of points in the plane: those of sets, on coordinates as they are, and how many Gaussians are found."""

import numpy as np

from pix2pix_tf.evaluation import measures, spread

NEAR = 4  # deviations from a Gaussian's middle within which a point belongs to it
LEAST_SHARE = 0.01  # of the points, with which a Gaussian counts as found


class Coordinates:
    """What stands for a feature extractor where points are their own features."""

    name = "coordinates"

    def __call__(self, points):
        """Return points (n, 2) as they are, in float64."""
        return np.asarray(points, np.float64)

    def probabilities(self, features):
        """Return None: there are no classes."""


class Meter:
    """Takes all measures of points, see `measures.Meter`."""

    def __init__(self, pairs, train, seed, left_out):
        self.real_points, self.train, self.pairs, self.seed = _read(pairs), train, pairs, seed
        self.sets = measures.Sets(Coordinates(), self.real_points, seed, left_out)

    def score(self, candidate):
        """Return the name and all measures of a candidate."""
        return self.measure(candidate.name, candidate.images)

    def measure(self, name, points):
        """Return the measures of points (n, 2)."""
        found = self.sets.score(points)
        if self.pairs.centres is not None:
            near = find_near(points, self.pairs.centres, NEAR * self.pairs.deviation)
            found |= spread.over_images(("modes", "within_modes"), near, count_modes, self.seed)
        return {"name": name, "measures": found}

    def real(self):
        """Return the row that says what could be reached: as many points of the train split."""
        return [self.measure("real training points", _read(self.train)[: len(self.pairs)])]

    def differences(self):
        """Return none: no point belongs to another."""
        return []


def _read(pairs):
    """Return all points of a split, (n, 2)."""
    return np.stack([pairs.pair(index)[1] for index in range(len(pairs))])


def find_near(points, centres, radius):
    """Say which points are near which centres: float64 (n, centres), 1 where so."""
    return (np.linalg.norm(points[:, None] - centres, axis=-1) <= radius).astype(np.float64)


def count_modes(near):
    """Return how many centres have enough points near them, and the share of points that are near one."""
    return np.array([(near.mean(axis=0) >= LEAST_SHARE).sum(), near.any(axis=1).mean()])
