"""Which colour is the wall? A palette says: the mean colour of every label class, as a further input.

Labels fix where things are and not which colour they have, so that a network which must answer gives everything the
average. In training it is told the mean colour that each class has in the very target; afterwards the palettes of
training images are at hand to choose from, or a user's own. Of a photograph that is to be coloured the classes are
bands of lightness, and the colours are a and b.
"""

import json
import pathlib
import zlib
from concurrent import futures

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, ids, images, streets, translation
from pix2pix_tf.metrics import labels
from pix2pix_tf.system import files, hardware, progress, replicas

FILE = "palettes.json"
SIZE = 256  # palettes that are remembered, of the pairs seen last
LEAST = 16  # pixels of a class, for its mean to count
FARTHEST = 48  # in 255ths: colours beyond are none of a class, rather than blurred by a JPEG file
SECONDS = 5  # that looking for classes may take before a bar shows it
BANDS = [[32], [96], [160], [224]]  # of lightness, of 255: shadows, two of middle tones, lights


def find_colours(pairs, kind, advice="choose the palette mean, or none"):
    """Return the colours that name the classes in the sources of some pairs.

    Args:
        pairs: `datasets.pairs.Pairs`.
        kind: "classes", which of photographs to be coloured are bands of lightness; or "mean", where everything is one
            class.
        advice: what to do where there are no classes, for the message.

    Returns:
        List of [red, green, blue], or of [lightness], 0 to 255; for "mean" a single one, which means anything.

    Raises:
        errors.InputError: if the sources are no label maps, or of too many colours.
    """
    is_colorization = pairs.task == "colorization"
    if kind == "mean":
        return [[0]] if is_colorization else [[0, 0, 0]]
    if is_colorization:
        return BANDS
    side = 0 if pairs.direction == "a_to_b" else 1
    if not pairs.label_sides[side]:
        raise errors.InputError(f"{pairs.name}: its sources are no label maps, so there are no classes; {advice}")
    try:
        return read_classes(pairs, 0).tolist()
    except errors.InputError as error:
        raise errors.InputError(f"{error}; {advice}") from error


def read_classes(pairs, side):
    """Return the colours of the classes in label maps: known for facades, else all that occur in the pairs.

    Every label map is read as large as it is stored, for a rare or thin thing is in few of them and lost at a smaller
    size.

    Args:
        pairs: `datasets.pairs.Pairs`.
        side: 0 for sources, 1 for targets.

    Returns:
        uint8 array (classes, 3): of label maps that are stored as ids in the order of the ids, of others those of most
        pixels first.

    Raises:
        errors.InputError: if there are more than 64 that are not ids.
    """
    if pairs.name in streets.LABELLED:
        return np.array([colour for _, colour in streets.LABELS], np.uint8)
    if not pairs.is_of_ids(side):
        return labels.sort_colours(_count_colours(pairs, side, labels.MOST_COLOURS))
    found = np.array(list(_count_colours(pairs, side, None)), np.uint8)
    return ids.colour(np.sort(ids.of_colours(found)))


def _count_colours(pairs, side, limit):
    """Count the pixels of every colour in the label maps of all pairs: dict of colour to pixels."""

    def count(index):
        try:
            return labels.count_colours(pairs.read_side(index, side), limit)
        except ValueError as error:
            raise errors.InputError(f"{pairs.name}: its label map {pairs.names[index]} has {error}") from error

    with futures.ThreadPoolExecutor(hardware.count_cores()) as executor:
        try:
            counts = executor.map(count, range(len(pairs)))
            counts = progress.bar(counts, "looking for classes", total=len(pairs), unit="image", delay=SECONDS)
            return labels.merge_colours(counts, limit)
        except ValueError as error:
            raise errors.InputError(f"{pairs.name}: its label maps together have {error}") from error
        finally:
            executor.shutdown(cancel_futures=True)


def image_of(source):
    """Return the image of a source, which may be a dict with further sides."""
    return source["image"] if isinstance(source, dict) else source


def classify(sources, colours, farthest=None):
    """Return the class of every pixel: the nearest of the colours that name classes.

    Args:
        sources: float tensor (batch, height, width, channels) in [-1, 1].
        colours: array (classes, channels), 0 to 255.
        farthest: distance of a pixel's colour from the nearest, in 255ths, beyond which it has no class and gets the
            number of classes; None gives every pixel a class.

    Returns:
        int32 tensor (batch, height, width).
    """
    named = tf.constant(images.to_float(np.asarray(colours, np.uint8)), sources.dtype)
    apart = tf.reduce_sum(named**2, -1) - 2 * tf.linalg.matmul(sources, named, transpose_b=True)
    nearest = tf.argmin(apart, -1, tf.int32)
    if farthest is None:
        return nearest
    squared = tf.reduce_min(apart, -1) + tf.reduce_sum(sources**2, -1)
    return tf.where(squared > (farthest * images.SCALE) ** 2, len(named), nearest)


def check_label_map(image, colours, name, farthest=FARTHEST):
    """Raise InputError where most of a picture has none of the colours that name classes, such as a photograph.

    Args:
        image: uint8 array (height, width, 3).
        colours: (classes, 3), 0 to 255. A single one means anything.
        name: of the picture, for the message.
        farthest: as of `classify`.
    """
    if len(colours) == 1:
        return
    classes = classify(tf.constant(images.to_float(image)[None]), colours, farthest).numpy()
    share = float(np.mean(classes == len(colours)))
    if share > 0.5:
        known = ", ".join(f"({red}, {green}, {blue})" for red, green, blue in np.asarray(colours)[:3].tolist())
        raise errors.InputError(
            f"{name}: is no label map of the colours that the run has learned; {share:.0%} of its pixels have others. "
            f"Expected colours such as {known}"
        )


def measure(targets, classes, count, kept=None):
    """Return the mean colour of every class.

    Args:
        targets: float tensor (batch, height, width, channels).
        classes: int32 tensor (batch, height, width).
        count: number of classes.
        kept: (batch, height, width, 1), 0 for pixels that do not count; None counts all.

    Returns:
        Mean colours (batch, count, channels), 0 for classes that do not occur, and the pixels of each (batch, count).
    """
    members = tf.one_hot(classes, count, dtype=targets.dtype)
    members = members if kept is None else members * kept
    flat = tf.reshape(members, (-1, members.shape[1] * members.shape[2], count))
    sums = tf.linalg.matmul(flat, tf.reshape(targets, (-1, flat.shape[1], targets.shape[3])), transpose_a=True)
    pixels = tf.reduce_sum(flat, 1)
    return sums / tf.maximum(pixels, 1)[..., None], pixels


def paint(sources, classes, palette):
    """Return sources with the colour of each pixel's class beside them: (batch, height, width, channels + colour).

    Args:
        sources: (batch, height, width, channels).
        classes: int32 (batch, height, width).
        palette: (batch, classes, colour) in [-1, 1], of as many numbers as a target's pixel has.
    """
    return tf.concat([sources, tf.gather(palette, classes, batch_dims=1)], -1)


class Memory:
    """Remembers the palettes of the training pairs seen last.

    Under a strategy every replica keeps the same memory of the global batch.

    Args:
        classes: number of classes.
        size: palettes that are kept.
        channels: numbers of a colour.

    Attributes:
        colours: variable (size, classes, channels) in [-1, 1].
        pixels: variable (size, classes): how many pixels each mean was made of; 0 where nothing is known.
        seen: variable, the number of palettes that have come so far.
    """

    def __init__(self, classes, size=SIZE, channels=3):
        self.size = size
        self.colours = replicas.make_variable(tf.zeros((size, classes, channels)))
        self.pixels = replicas.make_variable(tf.zeros((size, classes)))
        self.seen = replicas.make_variable(tf.constant(0, tf.int64))

    @property
    def variables(self):
        """What a checkpoint must hold."""
        return [self.colours, self.pixels, self.seen]

    def keep(self, colours, pixels):
        """Remember the palettes of this replica's part of a batch, as `measure` returns them."""
        colours, pixels = replicas.gather(colours), replicas.gather(pixels)
        count = tf.shape(colours)[0]
        places = (tf.cast(self.seen, tf.int32) + tf.range(count)) % self.size
        for variable, values in ((self.colours, colours), (self.pixels, pixels)):
            values = tf.cast(values, variable.dtype)
            tf.raw_ops.ResourceScatterUpdate(resource=variable.handle, indices=places, updates=values)
        self.seen.assign_add(tf.cast(count, tf.int64))

    def recall(self, palettes):
        """Remember palettes from a file, (n, classes, channels) in [-1, 1], all classes known."""
        palettes = palettes[: self.size]
        missing = self.size - len(palettes)
        self.colours.assign(np.pad(palettes, [(0, missing), (0, 0), (0, 0)]))
        self.pixels.assign(np.pad(np.full(palettes.shape[:2], LEAST, np.float32), [(0, missing), (0, 0)]))
        self.seen.assign(len(palettes))

    def palettes(self):
        """Return the palettes: float32 (n, classes, channels) in [-1, 1], one of zeros where none was seen yet.

        A class that a pair did not show has its mean over those that did.
        """
        count = min(int(self.seen.numpy()), self.size)
        colours, pixels = self.colours.numpy()[:count], self.pixels.numpy()[:count]
        if not count:
            return np.zeros((1, *self.colours.shape[1:]), np.float32)
        known = (pixels >= LEAST)[..., None]
        everything = np.sum(colours * pixels[..., None], (0, 1)) / max(float(pixels.sum()), 1.0)
        occurs = known.sum(0)
        means = np.where(occurs > 0, np.sum(colours * known, 0) / np.maximum(occurs, 1), everything)
        return np.where(known, colours, means).astype(np.float32)


class Painter:
    """Translates images with a network that takes a palette's colours beside them.

    It is called like the `translation.Translator` that it wraps, with a palette more.

    Args:
        translator: of a network with as many more channels than the images have as a colour has.
        colours: (classes, channels), 0 to 255, that name the classes.
        palettes: float32 (n, classes, colour) in [-1, 1] to draw from.
    """

    def __init__(self, translator, colours, palettes):
        self.translator, self.colours, self.palettes = translator, np.asarray(colours, np.uint8), palettes
        self.channels = translator.generator.input_shape[3] - palettes.shape[2]
        self.generator, self.image_size = translator.generator, translator.image_size

    def __call__(self, sources, seed=None, resize=False, palette=None):
        """Translate images one by one.

        Args:
            sources: float32 (batch, height, width, channels) in [-1, 1].
            seed: decides the noise, and with the image itself which palette is drawn; None is seed 0.
            resize: as of `translation.Translator`.
            palette: (classes, colour) in [-1, 1] for all images, or (batch, classes, colour); None draws one for each.

        Returns:
            float32 array (batch, height, width, channels) in [-1, 1].

        Raises:
            errors.InputError: as of `translation.Translator`, if a palette has another shape, or if there are several
                classes and most of an image has none of their colours.
        """
        self.check(np.shape(sources), resize)
        images.check_values(sources if hasattr(sources, "dtype") else np.asarray(sources))
        sources = np.asarray(sources, np.float32)
        for source in sources if self.channels == 3 else ():
            check_label_map(images.to_uint8(source), self.colours, "sources")
        seed = 0 if seed is None else translation.check_seed(seed)
        chosen = self._choose(sources, seed) if palette is None else self._spread(palette, len(sources))
        outputs = [
            self.translator(paint(source, classify(source, self.colours), colours).numpy(), seed, resize)
            for source, colours in zip(sources[:, None], chosen[:, None], strict=True)
        ]
        return np.concatenate(outputs)

    def draw(self, *key):
        """Return one of the palettes, (classes, colour), by whole numbers that alone decide which."""
        return self.palettes[np.random.default_rng(key).integers(len(self.palettes))]

    def check(self, shape, resize=False):
        """Raise InputError unless images of this shape can be translated."""
        if len(shape) != 4 or shape[3] != self.channels or 0 in shape:
            raise errors.InputError(
                f"images have shape {tuple(shape)}; expected (batch, height, width, {self.channels})"
            )
        self.translator.check((*shape[:3], self.generator.input_shape[3]), resize)

    def measure(self, image, source):
        """Return the palette (classes, colour) of an image: its mean colours where a source of its shape has classes.

        Both are float32 (height, width, channels) in [-1, 1]. Classes that do not occur have those of the first
        palette.
        """
        means, pixels = measure(tf.constant(image[None]), classify(tf.constant(source[None]), self.colours), self.count)
        return np.where(pixels[0][:, None] >= LEAST, means[0], self.palettes[0])

    @property
    def count(self):
        """The number of classes."""
        return len(self.colours)

    def _choose(self, sources, seed):
        """Draw a palette for each image, by the seed and the image alone, whatever stands beside it."""
        return np.stack([self.draw(seed, zlib.crc32(images.to_uint8(source).tobytes())) for source in sources])

    def _spread(self, palette, count):
        """Return a palette for each image."""
        palette, wanted = np.asarray(palette, np.float32), self.palettes.shape[1:]
        if palette.shape not in (wanted, (count, *wanted)):
            raise errors.InputError(f"palette has shape {palette.shape}; expected {wanted}")
        images.check_values(palette, "palette")
        return np.broadcast_to(palette, (count, *wanted))


def save(folder, colours, palettes):
    """Write palettes into a folder, as whole numbers from 0 to 255."""
    content = {"classes": np.asarray(colours).tolist(), "palettes": images.to_uint8(palettes).tolist()}
    with files.whole(pathlib.Path(folder) / FILE) as unfinished:
        unfinished.write_text(json.dumps(content) + "\n", encoding="utf-8")


def load(folder):
    """Read what `save` wrote.

    Returns:
        The classes' colours, uint8 (classes, channels), and the palettes, float32 (n, classes, colour) in [-1, 1].

    Raises:
        errors.InputError: if it is missing or damaged.
    """
    path = pathlib.Path(folder) / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        colours, found = (np.array(content[name]) for name in ("classes", "palettes"))
        shapes = {(len(colours), 3): (len(colours), 3), (len(colours), 1): (len(colours), 2)}
        if not len(found) or found.shape[1:] != shapes.get(colours.shape):
            raise ValueError("its numbers do not fit together")
        if min(colours.min(), found.min()) < 0 or max(colours.max(), found.max()) > 255:
            raise ValueError("its numbers are not from 0 to 255")
    except FileNotFoundError:
        raise errors.InputError(f"{path}: is missing; a run writes it with its generator") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.InputError(
            f"{path}: holds no palettes ({error}); remove it, and resume the run, which writes it again"
        ) from error
    return colours.astype(np.uint8), images.to_float(found.astype(np.uint8))
