"""The measures of one candidate, each with its uncertainty, or left out with the reason."""

import numpy as np

from pix2pix_tf import errors, metrics
from pix2pix_tf.datasets import images
from pix2pix_tf.evaluation import splits
from pix2pix_tf.metrics import labels

LEVEL, RESAMPLES, REPEATS = 0.95, 2000, 100
INCEPTION_SPLITS = 10
LEAST = 4  # images of which half can be drawn and still have a spread
PAIRED = ("l1", "psnr", "ssim", "ms_ssim")
NEIGHBOURS = {  # names of the measures that a function gives at once, and its k
    ("precision", "recall"): (metrics.precision_recall, 3),
    ("density", "coverage"): (metrics.density_coverage, 5),
}
REAL, TRAIN = "real photos", "real training photos"
NO_PAIRS = "the images are not in pairs, so no translation has a true photo"
NO_EXTRACTOR = (
    "no feature extractor was given; --extractor inception downloads one (91 MB), --extractor squeezenet --weights "
    "FILE and --extractor MODEL.keras work offline"
)


class Meter:
    """Takes all measures of one split, by one protocol."""

    def __init__(self, pairs, train, reader, extractor, seed, left_out):
        self.reader, self.extractor, self.seed, self.left_out = reader, extractor, seed, left_out
        self.is_paired = pairs.paired
        sources, self.targets = pairs.examples(range(splits.target_count(pairs)))
        self.true = reader.true(sources) if reader else None
        self.histograms = metrics.histograms(self.targets)
        chosen = np.random.default_rng(seed).permutation(splits.target_count(train))[: len(pairs)]
        self.training_photos = train.examples(np.sort(chosen))[1]
        self.features = None
        least = min(len(pairs), len(self.targets), len(self.training_photos))
        self.can_halve = least >= LEAST
        if not pairs.paired:
            left_out["measures against the true photo"] = NO_PAIRS
        if not self.can_halve:
            left_out["measures of sets"] = f"{least} images are too few: half of them must be two or more"
        elif extractor is None:
            left_out["measures of sets"] = NO_EXTRACTOR
        else:
            self.features = extractor(images.to_uint8(self.targets))

    def score(self, candidate):
        """Return the name and all measures of a candidate."""
        outputs = images.to_float(candidate.images)
        found = {**self.paired(outputs), **self.colours(outputs), **self.labels(outputs)}
        if candidate.samples is not None:
            found["diversity"] = self.interval(metrics.diversity_per_image(candidate.samples))
            found["diversity"]["between_inputs"] = between(candidate.samples[0])
        return {"name": candidate.name, "measures": {**found, **self.sets(candidate.images)}}

    def real(self):
        """Return the rows that say what could be reached: the true photos, and as many of the train split."""
        best = {"name": REAL, "measures": self.labels(self.targets)}
        photos = self.training_photos
        floor = {"name": TRAIN, "measures": {**self.colours(photos), **self.sets(images.to_uint8(photos))}}
        return [best, floor]

    def interval(self, values, statistic=np.mean):
        """Return a statistic over images with its bootstrap interval; for several statistics a list of them."""
        bounds = metrics.bootstrap_interval(values, statistic, LEVEL, RESAMPLES, self.seed)
        value, low, high = (np.asarray(part, np.float64) for part in (statistic(values), *bounds))
        if value.ndim:
            rows = zip(value.tolist(), low.tolist(), high.tolist(), strict=True)
            return [{"value": one, "low": least, "high": most, "n": len(values)} for one, least, most in rows]
        return {"value": float(value), "low": float(low), "high": float(high), "n": len(values)}

    def paired(self, outputs):
        """Return the measures against the true photo, where there is one."""
        found = {}
        for name in PAIRED if self.is_paired else ():
            try:
                found[name] = self.interval(metrics.per_image(name, self.targets, outputs))
            except errors.InputError as error:
                self.left_out[name] = str(error)
        return found

    def colours(self, outputs):
        """Return the histogram intersections with the real photos; only of pairs can both be drawn together."""
        counts, names = metrics.histograms(outputs), ("histogram_L", "histogram_a", "histogram_b")

        def overlap(real, generated):
            return np.array(list(metrics.intersection(real, generated).values()))

        if not self.is_paired:
            return self.apart(names, self.spread(overlap, self.histograms, counts)) if self.can_halve else {}
        both = np.stack([self.histograms, counts], 1)
        return dict(zip(names, self.interval(both, lambda drawn: overlap(drawn[:, 0], drawn[:, 1])), strict=True))

    def labels(self, outputs):
        """Return label accuracy, if there is a segmenter to be trusted."""
        if self.reader is None:
            return {}
        counts = labels.confusions(self.true, self.reader.read(outputs), len(self.reader.colours))
        return dict(zip(labels.SCORES, self.interval(counts, labels.scores), strict=True))

    def sets(self, outputs):
        """Return the measures of the set of features beside the real one, if there is an extractor."""
        if self.features is None:
            return {}
        features = self.extractor(outputs)
        size = min(len(self.features), len(features)) // 2
        found = {"frechet_distance": self.spread(metrics.frechet_distance, self.features, features)}
        kernel = metrics.kernel_distance(self.features, features, size, REPEATS, self.seed)
        subsets = {"size": size, "repeats": REPEATS, **kernel}
        found["kernel_distance"] = {"value": kernel["mean"], "n": len(features), "subsamples": subsets}
        for names in NEIGHBOURS:
            found |= self.neighbours(names, features)
        self.inception_score(outputs, features, found)
        return found

    def neighbours(self, names, features):
        """Return measures of nearest neighbours by name; none, with the reason, where the images are too few."""
        measure, k = NEIGHBOURS[names]
        least = min(len(self.features), len(features))
        if least // 2 <= k:
            self.left_out.update(
                dict.fromkeys(names, f"{least} images are too few: half of them must be more than {k}")
            )
            return {}
        return self.apart(names, self.spread(lambda *sets: list(measure(*sets, k=k).values()), self.features, features))

    def spread(self, measure, real, generated):
        """Return a measure of two sets, or a list of them, with its spread over subsamples of half the images."""
        size = min(len(real), len(generated)) // 2
        subsamples = metrics.subsample_spread(measure, real, generated, size, REPEATS, self.seed, level=LEVEL)
        return {"value": measure(real, generated), "n": len(generated), "subsamples": subsamples}

    def apart(self, names, together):
        """Tell the measures apart that were taken together, by name."""
        spreads, found = together["subsamples"], {}
        for number, name in enumerate(names):
            own = {key: float(spreads[key][number]) for key in ("mean", "std", "low", "high")}
            value = float(together["value"][number])
            found[name] = {"value": value, "n": together["n"], "subsamples": {**spreads, **own}}
        return found

    def inception_score(self, outputs, features, found):
        """Add the Inception score where there are classes and images enough."""
        probabilities = self.extractor.probabilities(features)
        if probabilities is None:
            self.left_out["inception_score"] = f"{self.extractor.name} gives no classes"
            return
        try:
            score = metrics.inception_score(probabilities, INCEPTION_SPLITS)
            found["inception_score"] = {
                "value": score["mean"],
                "n": len(outputs),
                "subsamples": {"size": len(outputs) // INCEPTION_SPLITS, "repeats": INCEPTION_SPLITS, **score},
            }
        except errors.InputError as error:
            self.left_out["inception_score"] = str(error)


def between(outputs):
    """Return how far translations of different inputs are apart, in the unit of diversity."""
    return float(metrics.diversity(np.asarray(outputs)[:, None]))
