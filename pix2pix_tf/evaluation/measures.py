"""The measures of one candidate, each with its uncertainty, or left out with the reason."""

import functools

import numpy as np

from pix2pix_tf import errors, images, metrics
from pix2pix_tf.evaluation import album, artefacts, colouring, inputs, spread
from pix2pix_tf.metrics import labels

PAIRED = ("l1", "psnr", "ssim", "ms_ssim")
COLOURS = ("histogram_L", "histogram_a", "histogram_b")
REAL, TRAIN = "real photos", "real training photos"
NO_PAIRS = "the images are not in pairs, so no translation has a true photo"
NO_EXTRACTOR = (
    "no feature extractor was given; --extractor inception downloads one (91 MB), --extractor squeezenet --weights "
    "FILE, --extractor MODEL.keras and, of colours and textures alone, --extractor patches work offline"
)
LEAST = 4  # images of which half can be drawn and still have a spread
INCEPTION_SPLITS = 10
NEIGHBOURS = {  # names of the measures that a function gives at once, and its k
    ("precision", "recall"): (metrics.precision_recall, 3),
    ("density", "coverage"): (metrics.density_coverage, 5),
}


class Meter:
    """Takes all measures of one split, by one protocol."""

    def __init__(self, pairs, train, reader, extractor, seed, left_out, void=None):
        self.reader, self.seed, self.left_out, self.sets, self.void = reader, seed, left_out, None, void
        self.is_paired, self.is_coloured, self.per_image = pairs.paired, pairs.task is not None, {}
        self.targets = _read_side(pairs, 1, range(inputs.target_count(pairs)))
        sources = _read_side(pairs, 0, range(len(pairs))) if reader else ()
        self.true = np.concatenate([reader.true(some) for (some,) in album.parts(sources)]) if reader else None
        self.artefacts = artefacts.Artefacts(self.targets, seed, left_out)
        self.histograms = album.measure(metrics.histograms, self.targets)
        chosen = np.random.default_rng(seed).permutation(inputs.target_count(train))[: len(pairs)]
        self.train, self.chosen = train, np.sort(chosen)
        least = min(len(pairs), len(self.targets), len(self.chosen))
        self.can_halve = least >= LEAST
        if not pairs.paired:
            left_out["measures against the true photo"] = NO_PAIRS
        if not self.can_halve:
            left_out["measures of sets"] = f"{least} images are too few: half of them must be two or more"
        elif extractor is None:
            left_out["measures of sets"] = NO_EXTRACTOR
        else:
            self.sets = Sets(extractor, self.targets, seed, left_out)

    def score(self, candidate):
        """Return the name and all measures of a candidate."""
        outputs = candidate.images
        self.per_image[candidate.name] = {**self.paired(outputs), **self.labels(outputs)}
        found = {**self.over_images(self.per_image[candidate.name]), **self.colours(outputs)}
        found |= self.artefacts.score(outputs)
        if candidate.samples is not None:
            found |= self.over_images({("diversity",): (metrics.diversity_per_image(candidate.samples), np.mean)})
            found["diversity"]["between_inputs"] = _between(candidate.samples[0])
        found |= {**self.of_sets(outputs), **self.without_void(outputs), **candidate.recorded}
        return {"name": candidate.name, "measures": found}

    def real(self):
        """Return the rows that say what could be reached: the true photos, and as many of the train split."""
        self.per_image[REAL] = self.labels(self.targets)
        if self.is_coloured:
            self.per_image[REAL] |= colouring.of_images(self.targets)
        own = self.artefacts.score(self.targets)
        best = {"name": REAL, "measures": {**self.over_images(self.per_image[REAL]), **own}}
        photos = _read_side(self.train, 1, self.chosen)
        found = self.over_images(colouring.of_images(photos)) if self.is_coloured else {}
        found |= {**self.colours(photos), **self.artefacts.score(photos), **self.of_sets(photos)}
        floor = {"name": TRAIN, "measures": found}
        return [best, floor]

    def differences(self):
        """Return by how much the measures of all others are above those of the first, image by image.

        All are of the same images, so what makes an image hard for everyone drops out: where two intervals _overlap,
        that of the difference may well be far from 0.
        """
        (name, first), *others = self.per_image.items()
        rows = [{"name": other, "from": name, "measures": self.apart(first, own)} for other, own in others]
        return [row for row in rows if row["measures"]]

    def apart(self, first, own):
        """Return the differences of those measures that both have, by name."""
        found = {}
        for names in [names for names in first if names in own]:
            (values, statistic), (other_values, _) = first[names], own[names]
            both = np.stack([values, other_values], 1)
            if np.isfinite(both).all():  # PSNR of equal images is not
                found[names] = both, functools.partial(_difference, statistic)
        return self.over_images(found)

    def paired(self, outputs):
        """Return the measures against the true photo, where there is one: names to values and statistic."""
        found = {}
        for name in PAIRED if self.is_paired else ():
            try:
                found[(name,)] = (
                    album.measure(functools.partial(metrics.per_image, name), self.targets, outputs),
                    np.mean,
                )
            except errors.InputError as error:
                self.left_out[name] = str(error)
        if self.is_coloured:
            found |= {**colouring.against_truth(self.targets, outputs), **colouring.of_images(outputs)}
        if self.void is not None:
            found |= artefacts.by_region(self.targets, outputs, self.void, self.left_out)
        return found

    def labels(self, outputs):
        """Return label accuracy, if there is a segmenter to be trusted: names to values and statistic."""
        if self.reader is None:
            return {}
        counts = labels.confusions(self.true, self.reader.read(outputs), len(self.reader.colours))
        return {labels.SCORES: (counts, labels.scores)}

    def colours(self, outputs):
        """Return the histogram intersections with the real photos; only of pairs can both be drawn together."""
        counts = album.measure(metrics.histograms, outputs)
        if self.is_paired:
            both = np.stack([self.histograms, counts], 1)
            return self.over_images({COLOURS: (both, lambda drawn: _overlap(drawn[:, 0], drawn[:, 1]))})
        return spread.over_halves(COLOURS, _overlap, self.histograms, counts, self.seed) if self.can_halve else {}

    def over_images(self, found):
        """Return all measures by name with their intervals, from names to values of every image and statistic."""
        return {
            name: measure
            for names, (values, statistic) in found.items()
            for name, measure in spread.over_images(names, values, statistic, self.seed).items()
        }

    def of_sets(self, outputs):
        """Return the measures of features, if there is an extractor."""
        return self.sets.score(outputs) if self.sets else {}

    def without_void(self, outputs):
        """Return the Fréchet distance of translations that are as void as the true photos, where any is void."""
        if self.void is None or self.sets is None:
            return {}
        features = self.sets.features(artefacts.paste_void(self.targets, outputs, self.void))
        return self.sets.halves(("frechet_distance_void",), metrics.frechet_distance, features)


def _read_side(pairs, side, indices):
    """Return one side of a split, 0 for inputs and 1 for real targets, as it is stored: an `album.Album`."""
    return album.Album(images.to_uint8(pairs.pair(index)[side]) for index in indices)


def _overlap(real, generated):
    """Return the intersections of the colour histograms of two sets, from the counts of each image."""
    return np.array(list(metrics.intersection(real, generated).values()))


def _difference(statistic, both):
    """Return a statistic of the second of two candidates minus that of the first, from the values of each image."""
    return statistic(both[:, 1]) - statistic(both[:, 0])


def _between(outputs):
    """Return how far translations of different inputs are apart, in the unit of diversity."""
    return float(metrics.diversity(np.asarray(outputs)[:, None]))


class Sets:
    """Compares sets of images with the real one."""

    def __init__(self, extractor, real, seed, left_out):
        self.extractor, self.seed, self.left_out = extractor, seed, left_out
        self.real = self.features(real)

    def features(self, some):
        """Return the features of uint8 images, an array or an album, in the extractor's own batches."""
        return np.concatenate([self.extractor(part) for (part,) in album.parts(some)])

    def score(self, outputs):
        """Return the measures of uint8 images (n, height, width, 3), at least four, by name."""
        features = self.features(outputs)
        found = {**self.halves(("frechet_distance",), metrics.frechet_distance, features), **self.kernel(features)}
        for names, (measure, k) in NEIGHBOURS.items():
            found |= self.neighbours(names, measure, k, features)
        return {**found, **self.inception_score(features)}

    def halves(self, names, measure, features):
        """Return measures with their spread over halves."""
        return spread.over_halves(names, measure, self.real, features, self.seed)

    def kernel(self, features):
        """Return the kernel distance, itself a mean over subsets."""
        size = spread.half(self.real, features)
        distance = metrics.kernel_distance(self.real, features, size, spread.REPEATS, self.seed)
        subsets = {"size": size, "repeats": spread.REPEATS, **distance}
        return {"kernel_distance": {"value": distance["mean"], "n": len(features), "subsamples": subsets}}

    def neighbours(self, names, measure, k, features):
        """Return measures of nearest neighbours; none, with the reason, where the images are too few."""
        if spread.half(self.real, features) <= k:
            count = min(len(self.real), len(features))
            reason = f"{count} images are too few: half of them must be more than {k}"
            self.left_out.update(dict.fromkeys(names, reason))
            return {}
        return self.halves(names, lambda *sets: list(measure(*sets, k=k).values()), features)

    def inception_score(self, features):
        """Return the Inception score; none, with the reason, where there are no classes or too few images."""
        probabilities = self.extractor.probabilities(features)
        try:
            if probabilities is None:
                raise errors.InputError(f"{self.extractor.name} gives no classes")
            score = metrics.inception_score(probabilities, INCEPTION_SPLITS)
        except errors.InputError as error:
            self.left_out["inception_score"] = str(error)
            return {}
        splits = {"size": len(features) // INCEPTION_SPLITS, "repeats": INCEPTION_SPLITS, **score}
        return {"inception_score": {"value": score["mean"], "n": len(features), "subsamples": splits}}
