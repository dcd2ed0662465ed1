"""Styles of label classes: which looks the windows of a training set have, to give one to a window that is drawn.

An encoder turns each instance into a few numbers, its features; `cluster` sums up those of a class in a few centres. A
style is a centre.

Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
3.4.
"""

import difflib
import json
import pathlib
import re
import warnings
from typing import NamedTuple

import numpy as np
import threadpoolctl
from sklearn import cluster as clusters

from pix2pix_tf import errors, ids, streets
from pix2pix_tf.system import files

FILE = "styles.json"
COUNT = 10  # centres of a class
LEAST_AREA = 1 / 4096  # of the picture, of an instance that counts
UNLABELLED = "unlabelled"  # the name of what has no class
STARTS = 10  # of k-means, of which the best is kept


class Styles:
    """The styles of every class that training met.

    Args:
        centres: dict of class (its index) to floats (k, d), one style a row, the most frequent first.
        sizes: dict of class to k whole numbers, how many instances each style sums up.
        names: names of all classes by index, for messages; None calls them class0, class1 and so on.

    Raises:
        ValueError: if there is no style at all, or shapes do not fit together.
    """

    def __init__(self, centres, sizes, names=None):
        with np.errstate(over="ignore"):  # which leaves no finite number, and that is checked
            self.centres = {index: np.array(found, np.float32) for index, found in centres.items()}
        self.sizes = {index: np.array(found) for index, found in sizes.items()}
        self.names = None if names is None else tuple(names)
        self._check()

    def centre(self, index, number):
        """Return one style of a class, float32 (d,).

        A class of which no instance was found has one, the mean of all styles, each weighted by its size.

        Args:
            index: the class.
            number: of its style, from 0.

        Raises:
            errors.InputError: if the class has no style of that number.
        """
        last = len(self.centres.get(index, [0])) - 1
        if number not in range(last + 1):
            known = f"styles 0 to {last}" if last else "style 0 alone"
            raise errors.InputError(f"class {self.name(index)} has {known}; got {number}")
        return self.centres[index][int(number)].copy() if index in self.centres else self.mean()

    def draw(self, index, *key):
        """Return a style of a class, float32 (d,), the more frequent the likelier.

        Args:
            index: the class.
            key: whole numbers of 0 or more that alone decide which, such as a seed and an instance's id.
        """
        if index not in self.centres:
            return self.mean()
        shares = self.sizes[index] / self.sizes[index].sum()
        return self.centres[index][np.random.default_rng([*key, index]).choice(len(shares), p=shares)].copy()

    def name(self, index):
        """Return what a class is called."""
        return _name(index, self.names)

    @property
    def dimensions(self):
        """How many numbers a style has."""
        return next(iter(self.centres.values())).shape[1]

    def warn_of_unknown(self, indices):
        """Warn once of those among some classes of which no instance was found, so that they have the mean style."""
        unknown = sorted({index for index in indices if index not in self.centres})
        if unknown:
            named = ", ".join(errors.first([self.name(index) for index in unknown]))
            warnings.warn(
                f"at the trained size no instance was found of {named}; the mean of all styles stands for theirs",
                errors.NoteWarning,
                stacklevel=5,
            )

    def mean(self):
        """Return the mean of all styles, float32 (d,)."""
        centres, sizes = (np.concatenate(list(each.values())) for each in (self.centres, self.sizes))
        return np.average(centres.astype(np.float64), axis=0, weights=sizes).astype(np.float32)

    def _check(self):
        """Raise ValueError unless centres and sizes fit together."""
        if not self.centres or self.centres.keys() != self.sizes.keys():
            raise ValueError("there are no styles, or not of the classes that have sizes")
        for index, found in self.centres.items():
            sizes = self.sizes[index]
            if found.ndim != 2 or found.shape[1] != self.dimensions or not found.size or not np.isfinite(found).all():
                raise ValueError(f"class {index} has styles of shape {found.shape}, or not of finite numbers")
            if sizes.shape != found.shape[:1] or sizes.dtype.kind not in "iu" or sizes.min() < 1:
                raise ValueError(f"class {index} has sizes {sizes.tolist()} for {len(found)} styles")


def _name(index, names):
    """Return what a class is called, by the names of all of them or None; beyond them is what has no class."""
    if names is None:
        return f"class{index}"
    return names[index] if index < len(names) else UNLABELLED


def cluster(features, count=COUNT, seed=0, least_area=LEAST_AREA, names=None):
    """Sum up the features of a training set's instances in a few styles for every class.

    Args:
        features: dict of class (its index) to floats (n, d), a row for each instance, and (n,), the instances' shares
            of their pictures' pixels. A class with n = 0 gets no style.
        count: most styles of a class; there are no more than its instances have different features.
        seed: of k-means.
        least_area: share of the picture under which instances are left out, unless a class would have none.
        names: as of `Styles`.

    Returns:
        `Styles`, the largest cluster of each class first; of equal ones, that of the smaller numbers.

    Raises:
        errors.InputError: if there is no instance, or a feature is not finite.

    Source: Wang et al. 2018, section 3.4: k-means for every class, ten clusters in the authors' code. Deviation: the
    authors leave out instances of less than 1/64 of the picture, 32x32 pixels of 256x256. Of a hundred windows of
    drawn streets one or two would be left, and no sill. 1/4096, 4x4 pixels there, leaves all windows and nine tenths of
    every class.
    """
    features = {index: _select(_name(index, names), *found, least_area) for index, found in features.items()}
    features = {index: found for index, found in features.items() if len(found)}
    if not features:
        raise errors.InputError("there is no instance of any class to learn styles from; give pictures with some")
    found = {index: _cluster(one, count, seed) for index, one in sorted(features.items())}
    centres, sizes = ({index: one[part] for index, one in found.items()} for part in (0, 1))
    return Styles(centres, sizes, names)


def _select(name, features, areas, least_area):
    """Return the features (n, d) of the instances of a class that are large enough; of all, where none is."""
    features, areas = np.asarray(features, np.float32), np.asarray(areas)
    if not np.isfinite(features).all():
        raise errors.InputError(f"class {name}: its features are not finite; the encoder has diverged, train it anew")
    large = areas >= least_area
    return features[large] if large.any() else features


def _cluster(features, count, seed):
    """Return the centres (k, d) of clusters and how many features each has, the largest first."""
    count = min(count, len(np.unique(features, axis=0)))
    means = clusters.KMeans(count, n_init=STARTS, random_state=seed)
    with threadpoolctl.threadpool_limits(1):  # sums of several threads end differently
        numbers = means.fit_predict(features.astype(np.float64))
    used, sizes = np.unique(numbers, return_counts=True)
    centres = means.cluster_centers_.astype(np.float32)[used]
    order = sorted(range(len(used)), key=lambda number: (-sizes[number], *centres[number].tolist()))
    return centres[order], sizes[order]


class Choice(NamedTuple):
    """A style that somebody chose, for all instances of a class or for one.

    Args:
        index: the class, or None for one instance.
        instance: the id of one instance, or None for a class.
        number: of the style.
    """

    index: int | None
    instance: int | None
    number: int


def parse(text, names, instances, picture="the picture"):
    """Read a choice of style as `CLASS=NUMBER` or `ID=NUMBER`, such as window=3 or 17=2.

    Args:
        text: what stands left of the sign is an instance's id if it is a whole number, else the name of a class.
        names: names of all classes by index; None for a run without styles.
        instances: ids of the picture's instances.
        picture: what an error message calls it, such as its path.

    Returns:
        `Choice`.

    Raises:
        errors.InputError: if there is no such class or instance, the style is no number, or the run has no styles.
    """
    if names is None:
        raise errors.InputError(f"--style {text}: the run was trained without styles; leave it out")
    left, sign, right = (part.strip() for part in text.rpartition("="))
    if not sign or not left:
        raise errors.InputError(f"--style {text}: expected CLASS=NUMBER or ID=NUMBER, such as {names[0]}=3 or 17=2")
    if not re.fullmatch("[0-9]{1,6}", right):
        raise errors.InputError(f"--style {text}: {right!r} is no number of a style; expected a whole number from 0 on")
    index, instance = find(f"--style {text}", left, names, instances, picture)
    return Choice(index, instance, int(right))


def find(said, name, names, instances, picture="the picture"):
    """Find what somebody named: an instance, by a whole number, else a class.

    Args:
        said: what the message of an error begins with.
        name, names, instances, picture: as of `parse`, the first without the sign and what follows.

    Returns:
        The index of a class and None, or None and the id of an instance.

    Raises:
        errors.InputError: if the picture has no such instance, or there is no such class.
    """
    if re.fullmatch("[0-9]{1,9}", name):
        return None, _find_instance(said, int(name), instances, picture)
    return _find_class(said, name, names), None


def _find_instance(said, instance, instances, picture):
    """Return an instance's id if the picture has it."""
    known = sorted({int(one) for one in np.unique(instances)})
    if instance not in known:
        expected = "expected one of " + ", ".join(errors.first([str(one) for one in known])) if known else "it has none"
        raise errors.InputError(f"{said}: {instance} is no instance of {picture}; {expected}")
    return instance


def _find_class(said, name, names):
    """Return the index of a class by its name."""
    known = [one.lower() for one in names]
    if name.lower() in known:
        return known.index(name.lower())
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}? " if close else ""
    expected = ", ".join(errors.first(list(names), 12))
    raise errors.InputError(f"{said}: {name} is no class; {hint}expected one of {expected}, or an instance's id")


def name_classes(colours, unlabelled=False):
    """Return what classes are called.

    Where all have a colour of drawn streets or of facades, these are the names there, such as window. Where all have
    one that stands for an id, see `ids.colour`, it is class26 for the id 26. Else it is colour-ff8000 for the colour
    (255, 128, 0).

    Args:
        colours: (classes, 3), 0 to 255.
        unlabelled: whether there are pixels without a class, which are called unlabelled, the last name.

    Returns:
        Tuple of str.
    """
    colours = [tuple(int(value) for value in colour) for colour in colours]
    known = {colour: name for name, colour in streets.LABELS}
    if all(colour in known for colour in colours):
        found = [known[colour] for colour in colours]
    elif ids.are_colours(colours):
        found = [f"class{number}" for number in ids.of_colours(colours)]
    else:
        found = ["colour-{:02x}{:02x}{:02x}".format(*colour) for colour in colours]
    return (*found, *[UNLABELLED] * unlabelled)


def save(folder, styles):
    """Write styles into a folder."""
    classes = {
        str(index): {"sizes": styles.sizes[index].tolist(), "centres": found.tolist()}
        for index, found in styles.centres.items()
    }
    with files.whole(pathlib.Path(folder) / FILE) as unfinished:
        unfinished.write_text(json.dumps({"names": styles.names, "classes": classes}) + "\n", encoding="utf-8")


def load(folder):
    """Read what `save` wrote, to the last bit.

    Returns:
        `Styles`.

    Raises:
        errors.InputError: if it is missing or damaged.
    """
    path = pathlib.Path(folder) / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        classes, names = content["classes"].items(), content["names"]
        if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
            raise ValueError("its names are no words")
        centres, sizes = ({int(index): one[part] for index, one in classes} for part in ("centres", "sizes"))
        return Styles(centres, sizes, names)
    except FileNotFoundError:
        raise errors.InputError(f"{path}: is missing; a run with styles writes it with its generator") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.InputError(
            f"{path}: holds no styles ({error}); remove it, and resume the run, which writes it again"
        ) from error
