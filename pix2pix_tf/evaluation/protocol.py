"""The protocol: which measures are taken of which images, with which uncertainty, and which are refused."""

import pathlib

import numpy as np
import threadpoolctl
from tqdm.auto import tqdm

from pix2pix_tf import datasets, errors, metrics
from pix2pix_tf.datasets import images
from pix2pix_tf.evaluation import candidates, seeds
from pix2pix_tf.metrics import labels, segmentation
from pix2pix_tf.training import records

LEVEL, RESAMPLES, REPEATS = 0.95, 2000, 100
INCEPTION_SPLITS = 10
PAIRED = ("l1", "psnr", "ssim", "ms_ssim")
NEIGHBOURS = {"precision": 3, "recall": 3, "density": 5, "coverage": 5}
REAL, TRAIN = "real photos", "real training photos"
NO_EXTRACTOR = (
    "no feature extractor was given; --extractor inception downloads one (91 MB), --extractor squeezenet --weights "
    "FILE and --extractor MODEL.keras work offline"
)


def scorecard(
    runs,
    data=None,
    split="val",
    direction=None,
    seed=0,
    extractor=None,
    archive=None,
    data_dir=None,
    segmenter_steps=segmentation.STEPS,
    segmenter_margin=segmentation.MARGIN,
    progress=False,
):
    """Score runs and folders of translations on one split, beside baselines and the real photos.

    Args:
        runs: folders: runs, or translations named as the set's pairs are.
        data: a data set or folder, as of `datasets.load`; None takes the first run's.
        split: "train", "val" or "test".
        direction: "a_to_b" or "b_to_a"; None takes the first run's, else the set's own.
        seed: decides noise and resampling.
        extractor: `metrics.extractors.Extractor` for the measures of sets; None leaves them out.
        archive: the set's archive, as of `datasets.load`.
        data_dir: the data folder, as of `datasets.load`.
        segmenter_steps: how long the segmenter of label accuracy is trained, if it is not kept already.
        segmenter_margin: by how much it must beat the most frequent class on real photos, or its score is left out.
        progress: whether to show progress bars.

    Returns:
        Dict as JSON can hold it: "protocol" (every value that decided the numbers), "scores" (a list of "name" and
        "measures": measure to "value", "n" and its uncertainty: "low" and "high" of the 95 % bootstrap interval over
        images, or "subsamples"), "seeds" (where runs differ in nothing else: mean and std over them), "left_out"
        (measure to reason).

    Raises:
        errors.InputError: if anything given cannot be scored; the message says why.
    """
    folders = [pathlib.Path(run) for run in runs]
    chosen = choose(folders, data, direction)
    pairs, train = (load(chosen, name, archive, data_dir) for name in (split, "train"))
    if len(pairs) < 2:
        raise errors.InputError(f"{pairs.name}, split {split}: has {len(pairs)} pair; measures need two or more")
    for folder in filter(candidates.is_run, folders):
        candidates.check_run(folder, pairs)  # all of them before the first is translated
    left_out = {}
    reader = reading(train, pairs, left_out, data_dir, segmenter_steps, segmenter_margin, progress)
    scored = [
        candidates.from_run(folder, pairs, seed, progress)
        if candidates.is_run(folder)
        else candidates.from_folder(folder, pairs)
        for folder in folders
    ]
    scored += candidates.baselines(pairs, train)
    meter = Meter(pairs, train, reader, extractor, seed, left_out)
    with threadpoolctl.threadpool_limits(1, "blas"):  # the matrices are small: threads only wait for each other
        scores = [meter.score(one) for one in tqdm(scored, "measures", disable=not progress, unit="set")]
        scores += meter.real()
    return {
        "protocol": described(pairs, reader, extractor, seed, segmenter_steps),
        "scores": scores,
        "seeds": seeds.over_seeds(scored, scores),
        "left_out": left_out,
    }


def choose(folders, data, direction):
    """Return what to load: set, direction and size, from what was given, else from the first run."""
    found = {"data": data, "direction": direction, "image_size": None}
    for folder in folders:
        if candidates.is_run(folder):
            config = records.read_config(folder)
            own = {"data": config["data"]["name"], "direction": config["data"]["direction"]}
            own["image_size"] = config["model"]["image_size"]
            return {name: own[name] if value is None else value for name, value in found.items()}
    if data is None:
        raise errors.InputError(f"{folders[0]}: is no run; say with --data which set its translations are of")
    return {**found, "image_size": candidates.size_of(folders[0])}


def load(chosen, split, archive, data_dir):
    """Load a split without jitter."""
    return datasets.load(
        chosen["data"],
        split=split,
        image_size=chosen["image_size"],
        direction=chosen["direction"],
        jitter=False,
        archive=archive,
        data_dir=data_dir,
    )


def reading(train, pairs, left_out, data_dir, steps, margin, progress):
    """Return the segmenter of a set, or None where labels cannot be read, with the reason in `left_out`."""
    try:
        if not candidates.has_label_sources(train):
            raise errors.InputError(f"{train.name}, {train.direction}: the sources are no label maps")
        size = min(segmentation.SIDE, train.image_size)
        small = datasets.load(train.name, "train", size, train.direction, data_dir=data_dir)
        segmenter = segmentation.kept(small, data_dir, progress, steps=steps)
        segmenter.check(*pairs.examples(range(len(pairs))), margin)
        return segmenter
    except errors.InputError as error:
        left_out["label accuracy"] = str(error)
        return None


class Meter:
    """Takes all measures of one split, by one protocol."""

    def __init__(self, pairs, train, reader, extractor, seed, left_out):
        self.reader, self.extractor, self.seed, self.left_out = reader, extractor, seed, left_out
        sources, self.targets = pairs.examples(range(len(pairs)))
        self.true = reader.true(sources) if reader else None
        self.histograms = metrics.histograms(self.targets)
        chosen = np.random.default_rng(seed).permutation(len(train))[: len(pairs)]
        self.training_photos = train.examples(np.sort(chosen))[1]
        self.features = None
        if extractor is None:
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
        """Return the measures against the true photo."""
        found = {}
        for name in PAIRED:
            try:
                found[name] = self.interval(metrics.per_image(name, self.targets, outputs))
            except errors.InputError as error:
                self.left_out[name] = str(error)
        return found

    def colours(self, outputs):
        """Return the histogram intersections with the real photos."""
        stacked = np.stack([self.histograms, metrics.histograms(outputs)], 1)

        def statistic(counts):
            return np.array(list(metrics.intersection(counts[:, 0], counts[:, 1]).values()))

        return dict(zip(("histogram_L", "histogram_a", "histogram_b"), self.interval(stacked, statistic), strict=True))

    def labels(self, outputs):
        """Return label accuracy, if there is a segmenter to be trusted."""
        if self.reader is None:
            return {}
        counts = labels.confusions(self.true, self.reader.read(outputs), len(self.reader.colours))
        return dict(zip(labels.SCORES, self.interval(counts, labels.scores), strict=True))

    def sets(self, outputs):
        """Return the measures of the set of features beside the real one, if there is an extractor."""
        if self.extractor is None:
            return {}
        features = self.extractor(outputs)
        size = len(features) // 2
        found = {"frechet_distance": self.spread(metrics.frechet_distance, features)}
        kernel = metrics.kernel_distance(self.features, features, size, REPEATS, self.seed)
        subsets = {"size": size, "repeats": REPEATS, **kernel}
        found["kernel_distance"] = {"value": kernel["mean"], "n": len(features), "subsamples": subsets}
        for name, k in NEIGHBOURS.items():
            measure = metrics.precision_recall if name in ("precision", "recall") else metrics.density_coverage
            if size <= k:
                self.left_out[name] = f"{len(features)} images are too few: half of them must be more than {k}"
                continue
            found[name] = self.spread(lambda *sets, m=measure, n=name, k=k: m(*sets, k=k)[n], features)
        self.inception_score(outputs, features, found)
        return found

    def spread(self, measure, features):
        """Return a measure of two sets with its spread over subsamples of half the images."""
        size = len(features) // 2
        subsamples = metrics.subsample_spread(measure, self.features, features, size, REPEATS, self.seed, level=LEVEL)
        return {"value": float(measure(self.features, features)), "n": len(features), "subsamples": subsamples}

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


def described(pairs, reader, extractor, seed, segmenter_steps):
    """Return every value that decided the numbers."""
    about = {
        "data": pairs.name,
        "digest": pairs.digest,
        "split": pairs.split,
        "n": len(pairs),
        "direction": pairs.direction,
        "image_size": pairs.image_size,
        "resize": f"files to {pairs.image_size}x{pairs.image_size}: photos bicubic with antialias, label maps nearest",
        "values": "compared as stored, 8 bits; L1 and diversity on a scale of -1 to 1",
        "noise": f"dropout as in training, seed {seed}, the same for every image",
        "seed": seed,
        "intervals": f"{LEVEL:.0%} percentile bootstrap over images, {RESAMPLES} resamples",
        "subsamples": f"{REPEATS} pairs of subsamples of half the images, without replacement: the spread at that size",
        "segmenter": None,
        "extractor": None,
    }
    if reader is not None:
        about["segmenter"] = {"side": reader.size, "steps": segmenter_steps, "batch_size": segmentation.BATCH_SIZE}
    if extractor is not None:
        about["extractor"] = {name: getattr(extractor, name) for name in ("name", "digest", "resize", "dimensions")}
    return about
