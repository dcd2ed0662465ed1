"""The measures of a set of images beside the real one, by their features."""

from pix2pix_tf import errors, metrics
from pix2pix_tf.evaluation import spread

INCEPTION_SPLITS = 10
NEIGHBOURS = {  # names of the measures that a function gives at once, and its k
    ("precision", "recall"): (metrics.precision_recall, 3),
    ("density", "coverage"): (metrics.density_coverage, 5),
}


class Sets:
    """Compares sets of images with the real one."""

    def __init__(self, extractor, real, seed, left_out):
        self.extractor, self.real, self.seed, self.left_out = extractor, extractor(real), seed, left_out

    def score(self, outputs):
        """Return the measures of uint8 images (n, height, width, 3), at least four, by name."""
        features = self.extractor(outputs)
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
