"""The segmenter behind label accuracy: a small network that reads the labels of a photo, trained on real pairs."""

import contextlib
import warnings

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from pix2pix_tf import blocks, errors, images, palettes, translation
from pix2pix_tf.metrics import labels
from pix2pix_tf.system import downloads, files, keras_settings, locks
from pix2pix_tf.system import progress as progress_bars

MULTIPLE = 16  # of its side: it halves four times
SIDE = 128  # pixels: fine enough for windows and balconies, and four times faster than 256
VERSION = 3  # to be raised with every change of the network or its training: older ones are not taken then
STEPS, BATCH_SIZE, LEARNING_RATE = 1500, 8, 2e-3
MARGIN = 0.1  # by how much it must beat the most frequent class on real photos
FILTERS = (32, 64, 128, 128)


class Segmenter:
    """Reads label maps from photos.

    Attributes:
        network: `keras.Model`, photos (n, size, size, 3) in [-1, 1] to logits (n, size, size, classes).
        colours: uint8 (classes, 3), the colour of every class in label maps.
        size: side of what it reads, in pixels.
    """

    def __init__(self, network, colours):
        self.network, self.colours, self.size = network, np.asarray(colours, np.uint8), network.input_shape[1]
        photos = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)
        self.classes = tf.function(lambda some: tf.argmax(network(some, training=False), -1), [photos], autograph=False)

    def read(self, photos, batch_size=10):
        """Read the labels of photos.

        Args:
            photos: uint8 or float32 in [-1, 1], (n, height, width, 3); resized to (size, size).
            batch_size: how many at a time.

        Returns:
            uint8 (n, size, size), the class of every pixel.
        """
        read = []
        for start in range(0, len(photos), batch_size):
            some = np.stack([self.photo(photo) for photo in photos[start : start + batch_size]])
            read.append(self.classes(some).numpy().astype(np.uint8))
        return np.concatenate(read)

    def photo(self, photo):
        """Return a photo as the network takes it: float32 (size, size, 3) in [-1, 1]."""
        photo = photo if np.asarray(photo).dtype == np.uint8 else images.to_uint8(photo)
        return images.to_float(images.resize(photo, self.size, False))

    def true(self, label_images):
        """Return the classes of label maps, uint8 (n, size, size); label maps as `read` takes photos."""
        return np.stack([self.label_map(image) for image in label_images])

    def label_map(self, image):
        """Return the classes of one label map, uint8 (size, size)."""
        image = image if np.asarray(image).dtype == np.uint8 else images.to_uint8(image)
        return labels.class_map(images.resize(image, self.size, True), self.colours)

    def confusions(self, label_images, photos):
        """Compare what is read from photos with their label maps: int64 (n, classes, classes)."""
        return labels.confusions(self.true(label_images), self.read(photos), len(self.colours))

    def check(self, label_images, photos, margin=MARGIN):
        """Raise InputError unless the labels of real photos are read better than by always saying the same.

        Args:
            label_images: label maps of real pairs that the segmenter has not learned from.
            photos: their photos.
            margin: by how much per-pixel accuracy must exceed the share of the most frequent class.
        """
        self.check_confusions(self.confusions(label_images, photos), margin)

    def check_pairs(self, pairs, margin=MARGIN, batch_size=10):
        """Do what `check` does with all pairs of a split, sources label maps, some at a time."""
        parts = [range(start, min(start + batch_size, len(pairs))) for start in range(0, len(pairs), batch_size)]
        self.check_confusions(
            sum(self.confusions(*pairs.examples(part)).sum(0, keepdims=True) for part in parts), margin
        )

    def check_confusions(self, counts, margin=MARGIN):
        """Raise InputError unless confusions, as `confusions` returns them, are better than one answer for all."""
        accuracy = labels.label_scores(counts)["per_pixel_accuracy"]
        majority = counts.sum(axis=(0, 2)).max() / counts.sum()
        if accuracy < majority + margin:
            raise errors.InputError(
                f"label accuracy is refused: on real photos the segmenter reads {accuracy:.2f} of the pixels right, "
                f"less than {margin} above the {majority:.2f} of always answering the most frequent class"
            )


def network(size, classes, seed=0):
    """Return the untrained network: four halvings, three doublings with the features of that size added.

    Args:
        size: side of the photos, a multiple of 16.
        classes: number of classes.
        seed: decides the weights.

    Returns:
        `keras.Model`, float32 (n, size, size, 3) in [-1, 1] to logits (n, size, size, classes). Its norm (groups of 8
        channels of each image) knows neither batch nor training mode, so that a photo is read alike in any company.
    """
    keras_settings.check_layout()
    seeds, skips = blocks.seeds(seed), []
    x = inputs = keras.Input((size, size, 3), name="photo")
    for filters in FILTERS:
        x = normalized(convolution(x, filters, seeds, 4, 2))
        skips.append(x)
    for filters, skip in zip(FILTERS[-2::-1], skips[-2::-1], strict=True):
        x = layers.UpSampling2D(interpolation="bilinear")(convolution(x, filters, seeds, 1))
        x = normalized(convolution(layers.Add()([x, skip]), filters, seeds, 3))
    return keras.Model(inputs, layers.UpSampling2D(interpolation="bilinear")(convolution(x, classes, seeds, 1)))


def convolution(x, filters, seeds, size, strides=1):
    """Convolve with kernels that suit the ReLU after them."""
    initializer = keras.initializers.HeNormal(next(seeds))
    return layers.Conv2D(filters, size, strides, "same", kernel_initializer=initializer)(x)


def normalized(x):
    """Normalize groups of 8 channels of each image, and cut off what is negative."""
    return layers.ReLU()(layers.GroupNormalization(x.shape[-1] // 8)(x))


def train(pairs, steps=STEPS, batch_size=BATCH_SIZE, seed=0, progress=False):
    """Train a segmenter on real pairs.

    Args:
        pairs: `datasets.pairs.Pairs`, one side of which holds label maps; its size is the segmenter's.
        steps: train steps.
        batch_size: pairs of one step.
        seed: decides weights and order.
        progress: whether to show a progress bar.

    Returns:
        `Segmenter`.

    Raises:
        errors.InputError: if it is not clear which side holds the label maps, or they have too many colours.
    """
    side, colours = label_side(pairs), class_colours(pairs)
    model = network(pairs.image_size, len(colours), seed)
    palette = tf.constant(colours, tf.float32)

    def prepare(*sides):
        distances = tf.reduce_sum(tf.square(((sides[side] + 1) * 127.5)[..., None, :] - palette), -1)
        return sides[1 - side], tf.argmin(distances, -1)

    fitted = keras.Model(model.inputs, model.outputs)  # the same layers; what is kept has no optimizer
    fitted.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,  # a minute of compiling, for a few minutes of training
    )
    batches = pairs.batches(batch_size, seed=seed, last_step=steps).map(prepare)
    with progress_bars.bar(None, "segmenter", total=steps, shown=progress) as bar:
        callback = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: bar.update())
        fitted.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[callback])
    return Segmenter(model, colours)


def label_side(pairs):
    """Return where the label maps are: 0 for the source, 1 for the target.

    Raises:
        errors.InputError: unless exactly one side holds label maps.
    """
    if sum(pairs.label_sides) != 1:
        raise errors.InputError(
            f"{pairs.name}: label accuracy needs label maps on one side and photos on the other; "
            "leave it out, or save the labels as PNG with one colour a class"
        )
    return pairs.label_sides.index(True) if pairs.direction == "a_to_b" else 1 - pairs.label_sides.index(True)


def class_colours(pairs):
    """Return the colours of the classes, uint8 (classes, 3): known for facades, else those that occur in the pairs."""
    return palettes.read_classes(pairs, label_side(pairs))


def kept(pairs, data_dir=None, progress=False, **options):
    """Return the segmenter of a data set: trained when it is first asked for, and kept in the data folder.

    Args:
        pairs: as of `train`; what is kept belongs to their content, whatever their name.
        data_dir: the data folder; None as in `datasets.load`.
        progress: whether to show a progress bar.
        **options: those of `train`; what is kept belongs to them too.

    Returns:
        `Segmenter`, the same bits every time on one machine.

    Raises:
        errors.InputError: as `train`.
    """
    settings = {"steps": STEPS, "batch_size": BATCH_SIZE, "seed": 0, **options}
    name = "_".join([pairs.digest[:16], f"v{VERSION}", str(pairs.image_size), *map(str, settings.values())])
    path = downloads.data_folder(data_dir) / "segmenters" / f"{name}.keras"
    with _alone(path):
        try:
            translation.check_whole(path)
            return Segmenter(keras.saving.load_model(path, compile=False), class_colours(pairs))
        except errors.InputError:  # of the pairs, not of the file
            raise
        except Exception:  # not there, or damaged, which has errors of many types: trained anew
            segmenter = train(pairs, **settings, progress=progress)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.whole(path) as unfinished:
                segmenter.network.save(unfinished)
        except OSError as error:
            said = f"{path}: the segmenter cannot be kept ({error.strerror}), so it will be trained again next time"
            warnings.warn(said, errors.NoteWarning, stacklevel=2)
    return segmenter


@contextlib.contextmanager
def _alone(path):
    """Let one process at a time look for a segmenter and train it, where its folder can be written to."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locks.alone(path.with_suffix(".lock")))
        yield
