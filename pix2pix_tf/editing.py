"""Translating label maps with a style for every instance: drawn, chosen, or those that an encoder sees in a photo.

Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
3.4.
"""

import numbers
import pathlib
import warnings
import zlib

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, palettes, semantics, styles, translation
from pix2pix_tf import ids as class_ids
from pix2pix_tf import instances as instance_maps
from pix2pix_tf.datasets import components
from pix2pix_tf.metrics import labels as label_maps

ENCODER = "encoder.keras"


def seed_of(seed, name):
    """Return the seed of one of many pictures, a whole number below 2**31, by a seed for all and the picture's name.

    A seed for all alone would give the first wall of every picture the same style. The picture's content instead of
    its name would draw all styles anew whenever somebody edits it.
    """
    return zlib.crc32(f"{seed}/{name}".encode()) >> 1


class Editor:
    """Translates label maps of any size; it is called like the `translation.Translator` that it wraps.

    Args:
        translator: `translation.Translator` of a network from planes, and the features of styles, to images.
        planes: `semantics.Planes`, what the network sees of a label map.
        encoder: `keras.Model` from photos to features; None where the network takes none.
        known: `styles.Styles` of the training set; None where there are none yet.

    Attributes:
        generator, image_size: of the network.
        dimensions: numbers of a style; 0 without styles.
    """

    takes_instances = True

    def __init__(self, translator, planes, encoder=None, known=None):
        self.translator, self.planes, self.styles = translator, planes, known
        self.generator, self.image_size = translator.generator, translator.image_size
        self.dimensions = 0 if encoder is None else encoder.output_shape[-1]
        self.encoder = None if encoder is None else translation.any_size(encoder)
        self.sides = None if encoder is None else (translation.multiple(encoder), translation.least_side(encoder))

    def __call__(self, labels, seed=None, resize=False, instances=None, styles=None, photos=None):
        """Translate label maps one by one.

        Args:
            labels: float32 (batch, height, width, 3) in [-1, 1], label maps as colours; or a dict of them as "image"
                and "instances", as sources of pairs are.
            seed: decides which styles are drawn, with the number of each instance; None is seed 0.
            resize: True translates at the trained size and enlarges the result.
            instances: whole numbers (batch, height, width, 1); None takes the connected parts of each class.
            styles: dict of an instance's number to its style, which is a number of one of its class, or the features
                themselves, (dimensions,); of a class's name to a number for all its instances. Those that are not named
                are drawn.
            photos: float32 (batch, height, width, 3) in [-1, 1], whose own styles are taken where none is named.

        Returns:
            float32 array (batch, height, width, channels) in [-1, 1].

        Raises:
            errors.InputError: if shapes do not fit, values are not those, a style is not known, or styles are wanted of
                a network that has none.
        """
        if isinstance(labels, dict):
            if "image" not in labels:
                raise errors.InputError(f'labels is a dict of {", ".join(map(str, labels))}; expected one with "image"')
            instances = labels.get("instances") if instances is None else instances
            labels = labels["image"]
        seed = 0 if seed is None else translation.check_seed(seed)
        labels = _to_array("labels", labels)
        self.check(labels.shape, resize)
        images.check_values(labels)
        labels = np.asarray(labels, np.float32)
        self._check_colours(labels)
        ids = self.find_instances(labels) if instances is None else _check_instances(instances, labels.shape)
        styles = {} if styles is None else styles
        if not isinstance(styles, dict):
            raise errors.InputError(
                f"styles is a {type(styles).__name__}; expected a dict, of a class or an instance to its style"
            )
        if self.encoder is None and (styles or photos is not None):
            raise errors.InputError("the network was trained without features, and has no styles; leave them out")
        chosen = [None] * len(labels) if photos is None else self._check_photos(photos, labels.shape)
        outputs = [self._translate(*one, seed, resize, styles) for one in zip(labels, ids, chosen, strict=True)]
        return np.stack(outputs)

    def _check_photos(self, photos, shape):
        """Return photos as float32; raise InputError unless they are what the encoder sees, of the labels' size."""
        photos, wanted = _to_array("photos", photos), (*shape[:3], self.encoder.input_shape[-1])
        if photos.shape != wanted:
            raise errors.InputError(f"photos have shape {photos.shape}; expected {wanted}, of the labels' size")
        images.check_values(photos, "photos")
        return np.asarray(photos, np.float32)

    def check(self, shape, resize=False):
        """Raise InputError unless label maps of this shape can be translated."""
        if len(shape) != 4 or shape[3] != 3 or 0 in shape:
            raise errors.InputError(f"label maps have shape {tuple(shape)}; expected (batch, height, width, 3)")
        self.translator.check((*shape[:3], self.generator.input_shape[3]), resize)

    def classes_of(self, label_map, ids):
        """Return the instances of one label map and the class that most pixels of each have.

        Args:
            label_map: float32 (height, width, 3).
            ids: whole numbers (height, width, 1).

        Returns:
            Numbers of the instances (n,), classes (n,), pixels (n,), and for every pixel which of them it is.
        """
        found, index, pixels = np.unique(ids, return_inverse=True, return_counts=True)
        index = index.reshape(ids.shape[:2])
        count = self.planes.classes + 1  # one more for what is not labelled
        classes = np.zeros(ids.shape[:2], np.int64)
        if self.planes.colours is not None:
            classes = np.asarray(self.planes.classify(label_map[None])[0])
        votes = np.bincount(index.ravel() * count + classes.ravel(), minlength=len(found) * count)
        return found, votes.reshape(-1, count).argmax(1), pixels, index

    def features_of(self, photo, ids):
        """Return what the encoder sees of each instance in a photo, float32 (n, dimensions), in the numbers' order."""
        height, width = np.shape(photo)[:2]
        rows, columns = (translation.margins(side, *self.sides) for side in (height, width))
        padded = np.pad(photo, [rows, columns, (0, 0)], mode="reflect")  # as `translation.Translator` does
        seen = self.encoder(padded[None], training=True)
        seen = seen[:, rows[0] : rows[0] + height, columns[0] : columns[0] + width]
        averaged = np.asarray(instance_maps.average(seen, tf.constant(ids[None])))[0]
        _, first = np.unique(ids, return_index=True)
        return averaged.reshape(-1, self.dimensions)[first].astype(np.float32)

    def find_styles(self, examples, seed=0):
        """Return the styles of some examples, see `styles.cluster`.

        Args:
            examples: iterable of sources, dicts as of `Editor`, and targets, without an axis for the batch.
            seed: of the clusters.
        """
        collected = {}
        for source, photo in examples:
            _, classes, pixels, _ = self.classes_of(source["image"], source["instances"])
            features = self.features_of(photo, source["instances"])
            for number in np.unique(classes):
                own = classes == number
                collected.setdefault(int(number), []).append((features[own], pixels[own] / pixels.sum()))
        parts = {
            number: [np.concatenate(one) for one in zip(*found, strict=True)] for number, found in collected.items()
        }
        return styles.cluster(parts, seed=seed, names=self.names)

    @property
    def names(self):
        """Names of the classes, by their numbers; last that of what is not labelled, where that was learned."""
        colours = self.planes.colours
        if colours is None:
            return ("everything",)
        return styles.name_classes(colours[: self.planes.classes], self.planes.unlabelled)

    def find_strange_ids(self, label_map):
        """Return the ids of classes in a label map, uint8 (height, width, 3), that were not learned, a list.

        Of a run whose label maps are no ids there are none; colours that stand for no id are None at the end.
        """
        if not self.planes.of_ids:
            return []
        strange = set(label_maps.count_colours(label_map, limit=None)) - set(map(tuple, self.planes.colours))
        named = {int(class_ids.of_colours(one)) if class_ids.are_colours([one]) else None for one in strange}
        return sorted(named - {None}) + [None] * (None in named)

    def _check_colours(self, labels):
        """Raise InputError if labels, float32 (batch, height, width, 3), are no label maps; warn of ids not learned."""
        if self.planes.colours is None:
            return
        known, farthest = self.planes.colours, palettes.FARTHEST
        if self.planes.of_ids:
            known, farthest = class_ids.colour(np.arange(class_ids.UNLABELLED + 1)), semantics.EXACT
        stored = images.to_uint8(labels)
        for label_map in stored:
            palettes.check_label_map(label_map, known, "labels", farthest)
        found = {one for label_map in stored for one in self.find_strange_ids(label_map)}
        if found:
            named = ", ".join("colours of no id" if one is None else str(one) for one in sorted(found, key=str))
            warnings.warn(
                f"label maps have class ids that the run has not learned ({named}); they are taken as unlabelled",
                errors.NoteWarning,
                stacklevel=3,
            )

    def check_styles(self, label_map, ids, chosen):
        """Raise InputError unless styles that are chosen for one label map are known, arguments as of `Editor`."""
        found, classes, *_ = self.classes_of(label_map, ids)
        self._read(chosen, found, classes)

    def _translate(self, label_map, ids, photo, seed, resize, chosen):
        """Translate one label map (height, width, 3)."""
        shape = label_map.shape[:2]
        if resize:
            label_map, ids = (images.resize(one, self.image_size, labels=True) for one in (label_map, ids))
            photo = None if photo is None else images.resize(photo, self.image_size)
        seen = np.asarray(self.planes(label_map[None], ids[None]))
        if self.encoder is not None:
            features = self._choose(label_map, ids, photo, seed, chosen)
            seen = np.concatenate([seen, features[None]], -1)
        output = self.translator(seen, seed)[0]
        return images.resize(output, shape) if resize else output

    def _choose(self, label_map, ids, photo, seed, chosen):
        """Return the features of every pixel, those of its instance: float32 (height, width, dimensions)."""
        found, classes, _, index = self.classes_of(label_map, ids)
        wanted = self._read(chosen, found, classes)
        own = None if photo is None else self.features_of(photo, ids)
        if own is None and self.styles is None and len(wanted) < len(found):
            raise errors.InputError("the network has no styles yet: training ends with them; give photos until then")
        kinds = dict(zip(found.tolist(), classes.tolist(), strict=True))
        drawn = {} if own is not None else {one: kind for one, kind in kinds.items() if one not in wanted}
        if drawn:
            self.styles.warn_of_unknown(drawn.values())
        table = [
            wanted[number]
            if number in wanted
            else self.styles.draw(drawn[number], seed, number)
            if number in drawn
            else own[place]
            for place, number in enumerate(kinds)
        ]
        return np.stack(table).astype(np.float32)[index]

    def _read(self, chosen, found, classes):
        """Return the features that somebody chose, instance by instance: dict of number to (dimensions,)."""
        kinds = dict(zip(found.tolist(), classes.tolist(), strict=True))
        wanted = {}
        for name, style in sorted(chosen.items(), key=lambda item: not isinstance(item[0], str)):  # single ones last
            if isinstance(name, bool) or not isinstance(name, str | numbers.Integral):
                said = f"styles has a key {name!r}"
                raise errors.InputError(f"{said}; expected a class's name or an instance's id, a whole number")
            if isinstance(name, str):
                if name not in self.names:
                    known = ", ".join(errors.first(list(self.names), 40))
                    raise errors.InputError(
                        f"styles has {name!r}, no class; expected one of {known}, or an instance's id as a number"
                    )
                kind = self.names.index(name)
                own = [number for number, of in kinds.items() if of == kind]
            elif name in kinds:
                kind, own = kinds[name], [name]
            else:
                known = ", ".join(errors.first(found.astype(str).tolist()))
                raise errors.InputError(f"styles has {name}, no instance of the picture; expected one of {known}")
            features = self._style(name, kind, style)  # checked where the picture has none of the class, too
            wanted |= dict.fromkeys(own, features)
        return wanted

    def _style(self, name, kind, style):
        """Return the features of a style of a class, or those that are given themselves."""
        said = f"styles: {name!r}"
        given = _to_array(said, style)
        if given.ndim == 0:
            if given.dtype.kind not in "iu":
                raise errors.InputError(f"{said} is {style!r}; expected the number of a style, or its features")
            if self.styles is None:
                raise errors.InputError("the network has no styles yet: training ends with them; give features")
            centre = self.styles.centre(kind, int(given))
            self.styles.warn_of_unknown([kind])
            return centre
        if given.shape != (self.dimensions,):
            raise errors.InputError(f"{said} has features of shape {given.shape}; expected ({self.dimensions},)")
        is_number = "float" in given.dtype.name or given.dtype.kind in "iu"
        if not is_number or not (np.abs(given) <= images.WIDEST).all():  # so written for NaN
            raise errors.InputError(f"{said} has the features {given.tolist()}; expected numbers from -1 to 1")
        return given.astype(np.float32)

    def find_instances(self, labels):
        """Return the connected parts of each class in some label maps, int32 (batch, height, width, 1)."""
        colours = self.planes.colours
        known = None if colours is None else np.asarray(colours, np.uint8)
        return np.stack([components.find_components(images.to_uint8(one), known) for one in labels])


def _to_array(said, values):
    """Return what somebody gave as an array; raise InputError where it is none, as of rows that differ in length."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise errors.InputError(f"{said}: no array ({str(error).splitlines()[0]}); expected numbers") from error


def _check_instances(instances, shape):
    """Return instance maps as int32; raise InputError unless they are whole numbers of the labels' shape."""
    instances = _to_array("instances", instances)
    if instances.shape != (*shape[:3], 1):
        raise errors.InputError(f"instances have shape {instances.shape}; expected {(*shape[:3], 1)}, as the labels")
    if instances.dtype.kind not in "iu":
        raise errors.InputError(f"instances are {instances.dtype}; expected whole numbers, for large ids are no floats")
    if instances.size and (instances.min() < 0 or instances.max() >= 2**31):
        raise errors.InputError(f"instances are {instances.min()} to {instances.max()}; expected 0 to {2**31 - 1}")
    return instances.astype(np.int32)


def load(folder, dimensions):
    """Read the encoder and the styles of a run, as `Editor` takes them.

    Args:
        folder: `pathlib.Path` of the run.
        dimensions: numbers of a style; 0 for none.

    Returns:
        `keras.Model` and `styles.Styles`, or None for each that the run has not.

    Raises:
        errors.InputError: if a file is missing or damaged.
    """
    if not dimensions:
        return None, None
    folder = pathlib.Path(folder)
    return translation.load(folder / ENCODER, "float32"), styles.load(folder)
