"""What is scored: translations of every input of a split, from a run or from a folder of files."""

import dataclasses

import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, editing, errors, images, runs
from pix2pix_tf.datasets import folder_layouts
from pix2pix_tf.evaluation import album, inputs
from pix2pix_tf.runs import records
from pix2pix_tf.system import progress as progress_bars

GAP = ("memorised", "source_counts")  # what `training.instruments` calls its two parts
NAMED = 3
NOISES = 3  # translations of an input for diversity
NOISY_INPUTS = 16
USUAL_SIZE = 256  # at which translations are compared that are no squares of one size


@dataclasses.dataclass
class Candidate:
    """Translations of a split, in its order.

    Attributes:
        name: what the table calls it.
        images: uint8 (n, height, width, 3), an array or an `album.Album`.
        config: a run's config.json; None for others.
        samples: float32 (noises, inputs, height, width, 3) in [-1, 1], translations of some inputs with other noise;
            None where there is no generator.
    """

    name: str
    images: np.ndarray | album.Album
    config: dict | None = None
    samples: np.ndarray | None = None
    recorded: dict = dataclasses.field(default_factory=dict)


def open_run(path, pairs):
    """Open a run that translates as the pairs do.

    Raises:
        errors.InputError: if it has another size or direction, or no generator yet.
    """
    run = runs.open(path)
    if run.method.translates == pairs.single:
        what, others = ("images", "samples") if run.method.translates else ("samples", "translations")
        made = "translates" if run.method.translates else "draws"
        raise errors.InputError(f"{path}: {made} {what}, and {others} are scored here; evaluate them apart")
    is_known = pairs.single or pairs.direction in run.directions
    direction = pairs.direction if is_known else run.directions[0]
    for name, found, wanted in (
        ("task", run.task or "none", pairs.task or "none"),
        ("image size", run.image_size, pairs.image_size),
        ("direction", direction, pairs.direction),
    ):
        if found != wanted:
            raise errors.InputError(f"{path}: has {name} {found}, and the others have {wanted}; evaluate them apart")
    run.check_generators()
    return run


def from_run(path, pairs, seed, progress=False, collect=album.stack, load_instances=None):
    """Translate every input with the generator of a run.

    Args:
        path: the run's folder.
        pairs: what to translate.
        seed: the noise, the same for every image; of styles, with the image's name, which are drawn.
        progress: whether to show a progress bar.
        collect: what makes of an iterable of images those of the candidate, `album.stack` or `album.Album`.
        load_instances: function that returns the same pairs with instances, for a run that translates those too; None
            loads the set by its name.

    Returns:
        `Candidate`.
    """
    run = open_run(path, pairs)
    if pairs.single:
        return _from_noise(run, pairs, seed, collect)
    translator = run.translator(pairs.direction)
    sources = pairs
    if getattr(translator, "takes_instances", False):
        sources = load_instances() if load_instances else inputs.load_instances(pairs.name, pairs)

    draws = getattr(translator, "dimensions", 0) > 0

    def translated(index, seed):
        source = tf.nest.map_structure(lambda side: side[None], sources.pair(index)[0])
        own = editing.seed_of(seed, pairs.names[index]) if draws else seed
        return images.to_uint8(translator(source, own)[0])

    shown = progress_bars.bar(range(len(pairs)), errors.readable(path), unit="image", shown=progress)
    outputs = collect(translated(index, seed) for index in shown)
    some = spread(len(pairs), NOISY_INPUTS)
    others = [np.stack([translated(index, seed + number) for index in some]) for number in range(1, NOISES)]
    samples = images.to_float(np.stack([outputs[some], *others]))
    return Candidate(str(path), outputs, run.config, samples, read_gap(path))


def _from_noise(run, pairs, seed, collect):
    """Draw as many samples as there are real ones, of the same classes, into a `Candidate`; points as they are."""
    sampler = run.sampler()
    made = sampler(len(pairs), seed, [pairs.classes[one] for one in pairs.class_of] if sampler.classes else None)
    samples = made if made.ndim == 2 else collect(images.to_uint8(inputs.in_colour(made)))
    return Candidate(str(run.folder), samples, run.config)


def read_gap(path):
    """Return the discriminator's gap at a run's last preview, as its history has it: measures by name, with "step".

    A finished run keeps no discriminator, so that it cannot be measured afterwards.
    """
    rows = [row for row in records.read_history(path) if set(GAP) <= row.keys()]
    return {name: {"value": rows[-1][name], "step": rows[-1]["step"]} for name in GAP} if rows else {}


def spread(count, wanted):
    """Return up to `wanted` of the numbers below `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, wanted).astype(int))


def _find_files(folder):
    """Return the translations in a folder: dict of file name without ending to path.

    Raises:
        errors.InputError: if there are fewer than two, or two share a name.
    """
    if not folder.is_dir():
        raise errors.InputError(f"{folder}: no such folder; expected a run, or a folder of translations")
    found = {}
    for path in sorted(folder.iterdir()):
        name = folder_layouts.normalize(path.stem)
        if path.suffix.lower() in images.SUFFIXES and not path.name.startswith("."):
            if name in found:
                raise errors.InputError(f"{found[name]} and {path}: two translations of one name; remove one")
            found[name] = path
    if len(found) < 2:
        raise errors.InputError(f"{folder}: neither a run nor a folder of at least two translations")
    return found


def size_of(folder):
    """Return the side at which to compare the translations in a folder: their own if they are squares of one size."""
    shapes = {images.read(path).shape for path in _find_files(folder).values()}
    (height, width, _), *others = shapes
    is_usable = datasets.SMALLEST_SIZE <= height <= datasets.LARGEST_SIZE
    return height if height == width and not others and is_usable else USUAL_SIZE


def match_files(folder, pairs):
    """Return the translations in a folder in the order of the inputs, which they are named as.

    Raises:
        errors.InputError: if one is missing, or one too many.
    """
    files = _find_files(folder)
    if pairs.single:
        return list(files.values())  # samples belong to nothing
    wanted = [name.replace("/", "-") for name in pairs.names]  # of photographs in sub-folders
    for what, names in (
        ("inputs have no translation", set(wanted) - files.keys()),
        ("files belong to no input", files.keys() - set(wanted)),
    ):
        if names:
            some = ", ".join(sorted(names)[:NAMED])
            raise errors.InputError(
                f"{folder}: {len(names)} {what} of {pairs.name}, split {pairs.split} (such as {some}); "
                "name each translation like its input"
            )
    return [files[name] for name in wanted]


def check_folder(folder, pairs):
    """Raise InputError, as `match_files` does, unless every translation in a folder can be read."""
    for path in match_files(folder, pairs):
        images.read(path)


def from_folder(folder, pairs, collect=album.stack):
    """Read the translations of a folder, named as the inputs are, into a `Candidate`.

    Those of another size, as `translate` writes them of images that are no squares, are resized like the set's.

    Raises:
        errors.InputError: as `check_folder`.
    """
    read = (images.read(path) for path in match_files(folder, pairs))
    return Candidate(str(folder), collect(images.resize(image, pairs.image_size) for image in read))
