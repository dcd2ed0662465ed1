"""The protocol: which measures are taken of which images, with which uncertainty, and which are refused."""

import dataclasses
import functools
import gc
import pathlib
from concurrent import futures

from pix2pix_tf import datasets, errors
from pix2pix_tf import runs as run_folders
from pix2pix_tf.datasets import catalogue
from pix2pix_tf.evaluation import album, baselines, candidates, colouring, inputs, measures, points, segmenter, spread
from pix2pix_tf.metrics import matrices


def scorecard(
    runs,
    data=None,
    split=None,
    direction=None,
    labels=None,
    image_size=None,
    seed=0,
    extractor=None,
    archive=None,
    data_dir=None,
    segmenter_steps=segmenter.STEPS,
    segmenter_margin=segmenter.MARGIN,
    progress=False,
    task=None,
    domain=None,
):
    """Score runs and folders of translations on one split, beside baselines and the real photos.

    Args:
        runs: folders: runs, or translations named as the set's inputs are.
        data: a data set or folder, as of `datasets.load`, paired or not; None takes the first run's. Without pairs
            there is no true photo, and measures of sets remain: colours, and those of features.
        split: "val" or "test"; None takes val, of unpaired images without one test.
        direction: "a_to_b" or "b_to_a"; None takes the first run's, else the set's own.
        labels: which sides are label maps, as of `datasets.load`; None takes the first run's.
        image_size: side at which everything is compared; None takes the first run's, else the translations' own if they
            are squares of one size, else 256. Translations of another size are resized, as the set's images are.
        seed: decides noise and resampling.
        extractor: `pretrained.extractors.Extractor` for the measures of sets; None leaves them out.
        archive: the set's archive, as of `datasets.load`.
        data_dir: the data folder, as of `datasets.load`.
        segmenter_steps: how long the segmenter of label accuracy is trained, if it is not kept already.
        segmenter_margin: by how much it must beat the most frequent class on real photos, or its score is left out.
        progress: whether to show progress bars.
        task: "colorization" scores photographs that are coloured, see `datasets.load`; None takes the first run's. Of a
            folder of greyscale photographs, which have no true colours, only what looks at the coloured ones is taken.
        domain: for that task, as of `datasets.load`; None takes the first run's.

    Returns:
        Dict as JSON can hold it: "protocol" (every value that decided the numbers), "scores" (a list of "name" and
        "measures": measure to "value", "n" and its uncertainty: "low" and "high" of the 95 % bootstrap interval over
        images, or "subsamples", or the "step" at which a run took it itself; of artefacts also "real", how many times
        the real photos' own value it is, and "frequency" or "place"), "differences" (a list of "name", "from", the
        first, and "measures": by how much they are above the first's, image by image), "seeds" (where runs differ in
        nothing else: mean and std over them), "left_out" (measure to reason).

    Raises:
        errors.InputError: if anything given cannot be scored; the message says why.
    """
    if split == "train":
        raise errors.InputError("split train: baselines, segmenter and noise floor are made of it; choose val or test")
    folders = [pathlib.Path(run) for run in runs]
    chosen = _choose(folders, data, direction, labels, image_size, task, domain)
    size, labels = chosen["image_size"], chosen["labels"]
    place = (archive, data_dir, labels, progress, chosen["single"], chosen["task"], chosen["domain"])
    pairs, train = inputs.load(chosen["data"], split, size, chosen["direction"], *place)
    if min(len(pairs), inputs.target_count(pairs)) < 2:
        what = "pair" if pairs.paired else "image of a domain"
        raise errors.InputError(f"{pairs.name}, split {pairs.split}: has 1 {what}; measures need two or more")
    for folder in filter(run_folders.is_run, folders):
        candidates.open_run(folder, pairs)  # all of them before the first is translated
    for folder in folders:
        if not run_folders.is_run(folder):
            candidates.check_folder(folder, pairs)  # likewise, before minutes of work
    left_out, scored, scores = {}, [], []
    if train is None:
        return _score_old(folders, pairs, seed, progress)
    reader = _prepare_reader(train, pairs, labels, left_out, data_dir, segmenter_steps, segmenter_margin, progress)
    again = (chosen["data"], pairs, archive, data_dir, labels, progress)
    void, load_instances = inputs.load_void(*again), functools.partial(inputs.load_instances, *again)
    if pairs.image_size:
        meter = measures.Meter(pairs, train, reader, extractor, seed, left_out, void)
    else:
        meter = points.Meter(pairs, train, seed, left_out)
    with futures.ThreadPoolExecutor() as pool, matrices.one_thread():  # the sets are small too
        make_looks = colouring.Looks if pairs.task else baselines.Looks
        looks = pool.submit(make_looks, train) if pairs.paired else None  # while the networks leave a core
        for folder in folders:
            one = _translate(folder, pairs, seed, progress, load_instances)
            scores.append(meter.score(one))
            scored.append(dataclasses.replace(one, images=None, samples=None))  # one set of images at a time
        scores += map(meter.score, baselines.one_by_one(pairs, looks and looks.result(), album.Album))
        scores += meter.real()
    return {
        "protocol": _describe_protocol(pairs, void, reader, extractor, seed, segmenter_steps),
        "scores": scores,
        "differences": meter.differences(),
        "seeds": spread.over_seeds(scored, scores),
        "left_out": left_out,
    }


def _score_old(folders, pairs, seed, progress):
    """Return the scorecard of coloured photographs whose colours nobody knows."""
    left_out = {}
    meter = colouring.Meter(seed, left_out)
    scores = [meter.score(_translate(folder, pairs, seed, progress)) for folder in folders]
    protocol = _describe_protocol(pairs, None, None, None, seed, None)
    return {"protocol": protocol, "scores": scores, "differences": [], "seeds": [], "left_out": left_out}


def _translate(folder, pairs, seed, progress, load_instances=None):
    """Return the translations of a run or a folder; what made them is given back before they are measured."""
    if not run_folders.is_run(folder):
        return candidates.from_folder(folder, pairs, album.Album)
    translated = candidates.from_run(folder, pairs, seed, progress, album.Album, load_instances)
    gc.collect()  # a network of the paper's width is half a gigabyte, in cycles
    return translated


def _choose(folders, data, direction, labels, image_size, task, domain):
    """Return what to load: set, direction, labels, size and task, from what was given, else from the first run."""
    found = {"data": data, "direction": direction, "labels": labels, "image_size": image_size, "single": None}
    found |= {"task": task, "domain": domain}
    opened = [run_folders.open(folder) for folder in folders if run_folders.is_run(folder)]
    names = {run.data: run.folder for run in opened}
    if data is None and len(names) > 1:
        said = ", ".join(f"{folder} of {name}" for name, folder in names.items())
        raise errors.InputError(f"the runs are of different sets ({said}); say with --data on which to compare them")
    if opened:
        run = opened[0]
        only = run.directions[0] if len(run.directions) == 1 else None
        same_data = data in (None, run.data)
        own = {"data": run.data, "direction": only, "image_size": run.image_size}
        own |= {"single": not run.method.translates, "task": run.task}
        own["domain"] = run.config["data"].get("domain") if same_data else None
        own["labels"] = run.config["data"].get("labels") if same_data and catalogue.find(run.data) is None else None
        return {name: own[name] if value is None else value for name, value in found.items()}
    if data is None:
        raise errors.InputError(f"{folders[0]}: is no run; say with --data which set its translations are of")
    return {**found, "image_size": image_size or candidates.size_of(folders[0]), "single": data in catalogue.SINGLE}


def _prepare_reader(train, pairs, label_sides, left_out, data_dir, steps, margin, progress):
    """Return the segmenter of a set, or None where labels cannot be read, with the reason in `left_out`."""
    try:
        if train.single:
            raise errors.InputError(f"{train.name}: samples are made of noise, and not of labels")
        if not train.paired:
            raise errors.InputError(f"{train.name}: without pairs nothing says which labels a translation should show")
        if not baselines.has_label_sources(train):
            raise errors.InputError(f"{train.name}, {train.direction}: the sources are no label maps")
        size = max(segmenter.MULTIPLE, min(segmenter.SIDE, train.image_size) // segmenter.MULTIPLE * segmenter.MULTIPLE)
        small = datasets.load(train.name, "train", size, train.direction, data_dir=data_dir, labels=label_sides)
        reader = segmenter.kept(small, data_dir, progress, steps=steps)
        reader.check_pairs(pairs, margin)
        return reader
    except errors.InputError as error:
        left_out["label accuracy"] = str(error)
        return None


def _describe_protocol(pairs, void, reader, extractor, seed, segmenter_steps):
    """Return every value that decided the numbers."""
    about = {
        "data": pairs.name,
        "digest": pairs.digest,
        "split": pairs.split,
        "paired": pairs.paired,
        "n": len(pairs),
        "targets": inputs.target_count(pairs),
        "direction": pairs.direction,
        "task": pairs.task,
        "image_size": pairs.image_size,
        "resize": f"files to {pairs.image_size}x{pairs.image_size}: photos and translations bicubic "
        "with antialias, label maps nearest",
        "values": "compared as stored, 8 bits; L1 and diversity on a scale of -1 to 1",
        "noise": f"runs: dropout as in training, seed {seed}, the same for every image; palettes and "
        "styles drawn for each image; folders: as they are",
        "seed": seed,
        "intervals": f"{spread.LEVEL:.0%} percentile bootstrap over images, {spread.RESAMPLES} resamples",
        "subsamples": f"{spread.REPEATS} pairs of halves drawn without replacement: the spread at that size",
        "void": None if void is None else float(void.mean()),
        "segmenter": None,
        "extractor": None,
    }
    if pairs.single:
        about["noise"] = f"runs: seed {seed}, of the real images' classes if they know any; folders: as they are"
    if not pairs.image_size:
        about |= {"resize": "none", "values": "coordinates"}
    if reader is not None:
        about["segmenter"] = {"side": reader.size, "steps": segmenter_steps, "batch_size": segmenter.BATCH_SIZE}
    if extractor is not None:
        about["extractor"] = {name: getattr(extractor, name) for name in ("name", "digest", "resize", "dimensions")}
    return about
