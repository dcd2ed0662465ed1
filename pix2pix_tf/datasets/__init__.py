"""What there is to learn from: drawn street fronts, public sets, one's own folders, paired or not; single images."""

import dataclasses
import difflib
import numbers
import pathlib
import warnings

from pix2pix_tf import errors
from pix2pix_tf.datasets import catalogue

DIRECTIONS = ("a_to_b", "b_to_a")
LABELS = ("none", "a", "b", "both")
VOIDS = ("auto", "none")
INSTANCES = ("auto", "none")
TASKS = ("colorization",)
SMALLEST_SIZE, LARGEST_SIZE = 16, 1024


def load(
    name_or_folder,
    split="train",
    image_size=256,
    direction=None,
    jitter=None,
    seed=0,
    archive=None,
    data_dir=None,
    count=None,
    labels=None,
    mirror=None,
    memory_limit=2**30,
    progress=False,
    unpaired=False,
    void="none",
    task=None,
    domain=None,
    instances="none",
):
    """Load the pairs of one split; all that is wrong with them is reported here, before training starts.

    Args:
        name_or_folder: "synthetic", the name of a public set (which is downloaded if need be), or a folder of pairs or
            of two domains, also packed as a zip or tar.gz file (which is unpacked once, into `data_dir`).
            A folder with the name of a set is written as a path, `./facades`.
        split: "train", "val" or "test".
        image_size: side of the images in pixels.
        direction: "a_to_b" or "b_to_a"; None takes the set's own, for folders "a_to_b".
        jitter: whether batches are cropped from enlarged images and mirrored; None does so for "train" alone.
        seed: default seed of order and jitter, and of the synthetic drawings.
        archive: path of a public set's archive on disk, instead of a download.
        data_dir: folder for downloads and prepared sets; None as in `downloads.data_folder`.
        count: number of synthetic pairs, without limit; None takes 400, and 100 of the other splits.
        labels: which sides are label maps, resized without new colours: "none", "a", "b" or "both". None knows it for
            named sets, and for folders decides by the files (see `folders.describe_pairs`).
        mirror: address of a folder with the public archives; None takes $PIX2PIX_TF_MIRROR, else the authors' server.
        memory_limit: largest number of bytes of images to hold in memory; a larger set is read from disk as it goes.
        progress: whether downloads and the reading of many files show how far they are.
        unpaired: whether unpaired images are wanted. Any set will do: of pairs it takes the two sides, and never shows
            an image beside its own counterpart in training. False refuses sets that have no pairs.
        void: "auto" adds the side `source.VOID` to pairs of which targets have pixels that the source cannot foretell
            and nobody wants, see there: of facades the wedges of the photos, side A (`void.find_void`); of a folder the
            transparent pixels of the targets. All other sets are as with "none", which adds nothing.
        task: "colorization" makes pairs of single photographs, L as source, a and b as target (`lab.split`): of any
            folder (see `photographs.describe_folder`), of the sets "photographs" and "streets", and of one side of any
            other set. Greyscale photographs are left out. None takes pairs as they are.
        domain: for that task, which side of a set of two sides, "a", "b" or "both"; None takes the set's own
            (`catalogue.Entry.photographs`), of folders with trainA and trainB both.
        instances: "auto" adds the side `source.INSTANCES` to pairs whose sources are label maps: the set's own ids
            where it has some (drawn streets, folders with `instances/` or `train_inst/`), else the connected parts of
            each class, see `components.find_components`; `Pairs.instances` tells which. All other sets are as with
            "none".

    Returns:
        A `pairs.Pairs`, or an `unpaired.Unpaired` or a `photographs.Photographs`, which have the same surface.

    Raises:
        errors.InputError: if there is no such set, or anything given cannot be used; the message says what to do.

    Source: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", section 6.2 (jitter).
    Deviation: The paper's code resizes label maps like photographs; here they keep their colours.
    """
    from pix2pix_tf.datasets import pairs, photographs
    from pix2pix_tf.datasets import unpaired as unpaired_images

    _check_options(name_or_folder, image_size, direction, labels, archive, void)
    if instances not in INSTANCES:
        raise errors.InputError(f"instances is {instances!r}; expected one of {', '.join(INSTANCES)}")
    image_size = int(image_size)
    if unpaired and direction == "b_to_a":
        raise errors.InputError("direction b_to_a: unpaired images are learned both ways, A first; leave it out")
    jitter = split == "train" if jitter is None else jitter
    _warn_of_folder(name_or_folder)
    place = {"data_dir": data_dir, "mirror": mirror, "archive": archive, "progress": progress}
    if task is not None or domain is not None:
        _check_task(task, domain, {"direction": direction, "labels": labels, "unpaired": unpaired or None})
        found, domain = _describe_photographs(name_or_folder, split, domain, image_size, seed, count, place)
        return photographs.Photographs(found, image_size, jitter, seed, memory_limit, domain)
    void_of = None if unpaired or void == "none" else {"a_to_b": "b", "b_to_a": "a", None: "own"}[direction]
    further = {"void_of": void_of, "instances": None if unpaired or instances == "none" else direction or "own"}
    found = _describe(name_or_folder, split, unpaired, {"seed": seed, "count": count}, labels, place, further)
    if unpaired:
        return unpaired_images.Unpaired(found, image_size, jitter, seed, memory_limit)
    return pairs.Pairs(found, image_size, direction or found.direction, jitter, seed, memory_limit)


def load_greyscale(folder, image_size=256, data_dir=None, memory_limit=2**30, progress=False):
    """Load the photographs of a folder of which none has colours, such as old ones: there is nothing to learn.

    Args:
        folder: as of `load`; no name of a set.
        image_size, data_dir, memory_limit, progress: as of `load`.

    Returns:
        A `photographs.Photographs` of all that there are, whose a and b are 0; None where some have colours, or it is
        no folder.

    Raises:
        errors.InputError: if it holds no photographs, or some that cannot be read.
    """
    from pix2pix_tf.datasets import photographs

    if catalogue.find(folder) is not None:
        return None
    found = photographs.describe_greyscale(_find_folder(folder, data_dir), data_dir, progress)
    return found and photographs.Photographs(found, image_size, False, memory_limit=memory_limit)


def load_samples(
    name_or_folder,
    split="train",
    image_size=64,
    seed=0,
    data_dir=None,
    count=None,
    memory_limit=2**30,
    progress=False,
):
    """Load single images or points with their classes: what methods learn from that draw from noise.

    Args:
        name_or_folder: "digits" (scikit-learn's), "streets" (doors, shops and windows of the drawn street fronts),
            "photographs" (parts of those that scikit-image and scikit-learn bring along), "eight_gaussians",
            "gaussian_grid" or "swiss_roll" (points in the plane), or a folder of images, also packed, whose sub-folders
            are classes, see `class_folders.describe`.
        split: "train", "val" or "test", as far as the set has it.
        image_size: side of the images in pixels; points have none.
        seed: default seed of the order, and of what is drawn.
        data_dir: as of `load`.
        count: number of tiles of streets, or of the points that are measured on; None takes the set's own.
        memory_limit, progress: as of `load`.

    Returns:
        A `samples.Samples`, or a `points.Points`, which has the same surface.

    Raises:
        errors.InputError: if there is no such set, or anything given cannot be used; the message says what to do.
    """
    from pix2pix_tf.datasets import class_folders, points, samples

    entry = catalogue.find(name_or_folder)
    if entry is not None and not entry.single:
        raise errors.InputError(
            f"{entry.name}: holds {'pairs' if entry.paired else 'two domains'}, no single images with their classes; "
            f"choose one of {', '.join(catalogue.SINGLE)}, or a folder"
        )
    _warn_of_folder(name_or_folder)
    if entry is not None and entry.name in catalogue.POINTS:
        return points.Points(entry.name, split, seed, count)
    _check_options(name_or_folder, image_size, None, None, None, "none")
    image_size = int(image_size)
    if entry is None:
        found = class_folders.describe(
            _find_folder(name_or_folder, data_dir, catalogue.SINGLE), split, data_dir, progress
        )
        found = dataclasses.replace(found, name=str(pathlib.Path(name_or_folder)))
    else:
        found = _describe_single(entry, split, image_size, count, seed, progress)
    return samples.Samples(found, image_size, seed, memory_limit)


def _warn_of_folder(name):
    """Warn where a name means a set and there is a folder of that name too."""
    if catalogue.find(name) and pathlib.Path(name).is_dir():
        said = f"{name}: means the set of that name; for the folder beside you write ./{name}"
        warnings.warn(said, errors.NoteWarning, stacklevel=3)


def list_entries(data_dir=None):
    """List the sets that are known by name.

    Args:
        data_dir: folder of prepared sets; None as in `load`.

    Returns:
        List of `catalogue.Entry`.
    """
    return catalogue.entries(data_dir)


def prepare(name, archive=None, data_dir=None, mirror=None, progress=False):
    """Make a named set ready for use without a network; arguments as of `load`.

    Returns:
        The set's `catalogue.Entry`, with the number of pairs or of images that every split really has.

    Raises:
        errors.InputError: if there is no such set, or it cannot be had.
        errors.RunError: if it cannot be stored.
    """
    entry = catalogue.find(name)
    if entry is None:
        raise errors.InputError(f"{name}: is no known set; {_suggest(name)}")
    _check_archive(name, archive)
    if not entry.is_public:
        return dataclasses.replace(entry, prepared=True)
    from pix2pix_tf.datasets import public

    builder = public.prepare(entry, archive, data_dir, mirror, progress)
    return dataclasses.replace(entry, prepared=True, splits=public.counts(builder))


def has_instances(name_or_folder, data_dir=None):
    """Tell whether a folder of pairs has ids of instances of its own; arguments and errors as of `is_paired`.

    Returns:
        bool; False for sets that are known by name.
    """
    from pix2pix_tf.datasets import folder_instances, folder_layouts, folders

    if catalogue.find(name_or_folder) is not None:
        return False
    folder = _find_folder(name_or_folder, data_dir)
    return not folders.is_unpaired(folder) and folder_instances.are_there(folder, folder_layouts.find(folder)[0])


def is_paired(name_or_folder, data_dir=None):
    """Tell whether a set has pairs; `load` gives one that has none only as unpaired.

    Args:
        name_or_folder: as of `load`.
        data_dir: as of `load`.

    Returns:
        bool.

    Raises:
        errors.InputError: if there is no such set.
    """
    from pix2pix_tf.datasets import folders

    entry = catalogue.find(name_or_folder)
    return entry.paired if entry else not folders.is_unpaired(_find_folder(name_or_folder, data_dir))


def _describe(name, split, unpaired, drawing, labels, place, further):
    """Find out what a name means, once, and describe a split of it: a `source.Source`, or `source.Domains`.

    `further` has "void_of", the side of the targets, "a" or "b", or "own" for those of the set's own direction, if
    their void is wanted, else None, and "instances", the direction if they are wanted, "own" for the set's own, else
    None.
    """
    from pix2pix_tf.datasets import source

    entry = catalogue.find(name)
    if entry is not None and entry.single:
        raise errors.InputError(f"{name}: holds {entry.description}; it is for methods that draw from noise")
    wants_instances = entry is not None and _sources_are_labels(entry, further["instances"])
    if entry is None:
        from pix2pix_tf.datasets import archives, folders

        folder = _find_folder(name, place["data_dir"])
        has_pairs = not (unpaired and folders.is_unpaired(folder))
        options = {"labels": labels, "data_dir": place["data_dir"], "progress": place["progress"]}
        if has_pairs:
            described = folders.describe_pairs(folder, split, **options, **further)
        else:
            described = folders.describe_domains(folder, split, **options)
        beside = archives.find_beside(folder, place["data_dir"])
        passed_over = (*described.passed_over, *beside)
        described = dataclasses.replace(described, name=str(pathlib.Path(name)), passed_over=passed_over)
    elif entry.is_public:
        from pix2pix_tf.datasets import public

        has_pairs = entry.paired or not unpaired
        if has_pairs:
            wanted = {"void": further["void_of"] is not None, "instances": wants_instances}
            described = public.describe_pairs(entry, split, **place, **wanted)
        else:
            described = public.describe_domains(entry, split, **place)
    else:
        from pix2pix_tf.datasets import drawn

        has_pairs = not (unpaired and entry.name == "day2night")
        drawing |= {"instances": wants_instances} if has_pairs else {}
        described = (drawn.describe_pairs if has_pairs else drawn.describe_domains)(entry, split, **drawing)
    return source.forget_pairs(described) if unpaired and has_pairs else described


def _sources_are_labels(entry, direction):
    """Say whether the sources of a set are label maps in a direction, "own" for its own; None is no direction."""
    direction = entry.direction if direction == "own" else direction
    return direction is not None and entry.label_sides[0 if direction == "a_to_b" else 1]


def _describe_single(entry, split, image_size, count, seed, progress):
    """Describe a split of a set of single images that is known by name."""
    from pix2pix_tf.datasets import crops, digits, tiles

    if entry.name == "digits":
        return digits.describe(entry, split)
    if entry.name == "photographs":
        return crops.describe(entry, split, count, seed)
    return tiles.describe(entry, split, image_size, count, seed, progress)


def _check_task(task, domain, others):
    """Refuse a task that is not known, and what has no meaning for it."""
    if task not in TASKS:
        raise errors.InputError(
            f"task {task!r}: is not known; choose {' or '.join(TASKS)}"
            if task is not None
            else f"domain {domain}: is of use for the task {TASKS[0]} alone; leave it out"
        )
    for name, value in others.items():
        if value is not None:
            raise errors.InputError(
                f"{name} {value}: has no meaning for {task}, which makes a and b of L; leave it out"
            )


def _describe_photographs(name, split, domain, image_size, seed, count, place):
    """Describe the photographs of a split, a `source.Source` of one side; return it and the domain that is meant."""
    from pix2pix_tf.datasets import archives, drawn, photographs, public

    entry, progress = catalogue.find(name), place["progress"]
    if entry is None:
        folder = _find_folder(name, place["data_dir"], catalogue.COLOURED)
        domain = photographs.find_domain(folder, domain)
        found = photographs.describe_folder(folder, split, domain, place["data_dir"], progress)
        passed_over = (*found.passed_over, *archives.find_beside(folder, place["data_dir"]))
        return dataclasses.replace(found, name=str(pathlib.Path(name)), passed_over=passed_over), domain
    domain = photographs.find_domain(name, domain)
    if entry.name not in catalogue.COLOURED:
        raise errors.InputError(f"{name}: holds {entry.description}, and no colours to learn")
    if entry.single:
        return _describe_single(entry, split, image_size, count, seed, progress), domain
    if entry.is_public and not entry.paired:
        return photographs.from_domains(public.describe_domains(entry, split, **place), domain, progress), domain
    described = public.describe_pairs(entry, split, **place) if entry.is_public else None
    described = described or drawn.describe_pairs(entry, split, count, seed)
    return photographs.from_pairs(described, domain), domain


def _find_folder(name, data_dir, known=catalogue.TRANSLATED):
    """Return the folder that a name means, which may be an archive of one; `known` are the sets that fit instead."""
    from pix2pix_tf.datasets import archives

    path = pathlib.Path(name)
    if path.is_dir():
        return path
    if not path.is_file():
        raise errors.InputError(f"{name}: is neither a folder nor a known set; {_suggest(name, known)}")
    if not archives.is_archive(path):
        raise errors.InputError(
            f"{name}: is a file; give a folder, a zip or tar.gz archive of one, or a known set, "
            "and the archive of a known set as its archive"
        )
    return archives.unpack(path, data_dir)


def _suggest(name, known=catalogue.TRANSLATED):
    """Suggest what may have been meant: one of the known sets that fit, or a folder beside one not there."""
    path = pathlib.Path(name)
    beside = [str(other) for other in path.parent.iterdir() if other.is_dir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(str(name), [*known, *beside], n=1)
    start = f"did you mean {near[0]}? The" if near else "the"
    return f"{start} known sets are {', '.join(known)}"


def _check_options(name, image_size, direction, labels, archive, void):
    """Refuse options that no set takes."""
    if isinstance(image_size, bool) or not isinstance(image_size, numbers.Integral):
        raise errors.InputError(f"image size {image_size!r}: is no whole number; choose 256")
    if not SMALLEST_SIZE <= image_size <= LARGEST_SIZE:
        raise errors.InputError(
            f"image size {image_size}: is not between {SMALLEST_SIZE} and {LARGEST_SIZE}; choose 256"
        )
    if direction not in (None, *DIRECTIONS):
        raise errors.InputError(f"direction {direction!r}: is not known; choose {' or '.join(DIRECTIONS)}")
    if labels not in (None, *LABELS):
        raise errors.InputError(f"labels {labels!r}: is not known; choose one of {', '.join(LABELS)}")
    if void not in VOIDS:
        raise errors.InputError(f"void {void!r}: is not known; choose {' or '.join(VOIDS)}")
    _check_archive(name, archive)


def _check_archive(name, archive):
    """Refuse the archive of a set that has none."""
    if archive is not None and name not in catalogue.PUBLIC:
        raise errors.InputError(f"archive {archive}: is of use for {', '.join(catalogue.PUBLIC)}, not for {name}")
