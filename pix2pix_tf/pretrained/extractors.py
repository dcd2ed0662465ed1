"""What turns images into features, behind one small protocol, so that a measure need not know which network it is.

A score belongs to its extractor: the name, the way of resizing and the digest of the weights go wherever it goes.
"""

import dataclasses
import difflib
import functools
import hashlib
import pathlib
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from scipy import special

from pix2pix_tf import errors
from pix2pix_tf import images as image_values
from pix2pix_tf.metrics import patches
from pix2pix_tf.pretrained import inception, resizing, squeezenet
from pix2pix_tf.system import addresses, downloads

NAMES = (*addresses.WEIGHTS, "squeezenet", "patches")
SUFFIXES = (".keras", ".h5", ".hdf5")
SCALES = {"[0,255]": (1, 0), "[0,1]": (1 / 255, 0), "[-1,1]": (1 / 127.5, -1)}
BATCH_SIZE = 16


@dataclasses.dataclass(frozen=True, eq=False)
class Extractor:
    """A network from images to features.

    Args:
        name: what it is called in a score's protocol.
        digest: SHA-256 of its weights, in hexadecimal.
        resize: in words, what happens to the size of an image.
        dimensions: number of features of an image.
        prepare: function of uint8 images that returns the network's input.
        network: `keras.Model` from that to features (batch, dimensions).
        head: function of features that returns logits (batch, classes); None where there are none.
    """

    name: str
    digest: str
    resize: str
    dimensions: int
    prepare: Callable
    network: keras.Model
    head: Callable | None = None

    def __call__(self, images):
        """Return the features of images; the same images give the same bits, and no variable changes.

        Args:
            images: uint8 (n, height, width, 3); any n fits, they pass in batches of 16.

        Returns:
            float32 array (n, dimensions), finite.

        Raises:
            errors.InputError: if images are no such array or of a size that the network does not take, or features are
                not finite.
        """
        images = self.checked(images)
        batches = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
        features = np.concatenate([self.run(batch) for batch in batches])
        bad = int((~np.isfinite(features)).any(axis=1).sum())
        if bad:
            raise errors.InputError(
                f"{self.name}: its features are NaN or infinite for {bad} of {len(images)} images; its weights are "
                "damaged, or it expects another scale of images"
            )
        return features

    def logits(self, images):
        """Return the logits of images, float32 (n, classes), or None where the network has none."""
        return self.head(self(images)) if self.head else None

    def probabilities(self, features):
        """Return the class probabilities that belong to features, for the Inception score.

        Args:
            features: (n, dimensions), as a call returned them.

        Returns:
            float32 array (n, classes), rows sum to 1; None where the network has no classes.
        """
        return special.softmax(self.head(features), axis=1) if self.head else None

    def checked(self, images):
        """Return images as an array if they are what a call takes."""
        images = np.asarray(images)
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or 0 in images.shape:
            raise errors.InputError(
                f"{self.name}: images are {images.dtype} of shape {images.shape}; expected uint8 (n, height, width, 3)"
            )
        return images

    def run(self, batch):
        """Return the features of one batch, which may hold NaN."""
        try:
            return self.graph(tf.constant(self.prepare(batch))).numpy()
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            height, width = batch.shape[1:3]
            raise errors.InputError(
                f"{self.name}: does not take images of {width}x{height} ({str(error).splitlines()[0][:120]})"
            ) from error

    @functools.cached_property
    def graph(self):
        """The network as a graph, at inference."""
        shape = self.network.input_shape

        def call(images):
            return tf.cast(self.network(images, training=False), tf.float32)

        return tf.function(call, input_signature=[tf.TensorSpec(shape, tf.float32)], autograph=False)


class Fixed(Extractor):
    """An extractor whose `network` is a function of arrays that has no weights; its digest is that of its version."""

    def run(self, batch):
        """Return the features of one batch."""
        return self.network(self.prepare(batch)).astype(np.float32)


def named(name, weights=None, resize=None, scale=None, folder=None, progress=False):
    """Return an extractor by its name, of a model file, or of a model.

    Args:
        name: "inception" (the FID Inception of 2015-12-05, 2048 features and logits), "keras-inception" (Inception v3
            of Keras Applications, mean over space, 2048), "vgg16" (of Keras Applications, 4096 of its second dense
            layer, on which improved precision and recall were published), "squeezenet" (512; needs `weights`),
            "patches" (159 of `metrics.patch_features`, which need no weights), the path of a Keras model (.keras or
            .h5), or a `keras.Model`. A map is averaged over space.
        weights: file of the weights of a named network, fetched elsewhere; its digest must be the published one.
        resize: for "inception" only, see `inception.prepare`; None is "pytorch-fid".
        scale: for a model only, the range of its input: "[0,255]" (None), "[0,1]" or "[-1,1]".
        folder, progress: see `downloads.fetch`.

    Returns:
        `Extractor`.

    Raises:
        errors.InputError: if there is no such name or file, or weights cannot be had or are others.

    Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models",
    section 3, for VGG16's second dense layer.
    """
    is_model = isinstance(name, keras.Model) or str(name).lower().endswith(SUFFIXES)
    _check_options(name, is_model, weights, resize, scale)
    if isinstance(name, keras.Model):
        return _from_model(name, name.name, _digest_of_variables(name), scale or "[0,255]")
    if is_model:
        return _from_file(name, scale or "[0,255]")
    if name == "patches":
        return _patches()
    if name == "squeezenet":
        return _squeezenet(weights)
    path = _fetch(name, weights, folder, progress)
    return _fid_inception(path, resize or "pytorch-fid") if name == "inception" else _application(name, path)


def _check_options(name, is_model, weights, resize, scale):
    """Raise InputError for an unknown name, or options that do not go with it."""
    if not is_model and name not in NAMES:
        close = difflib.get_close_matches(str(name).lower(), NAMES, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]}? " if close else ""
        raise errors.InputError(
            f"{name}: is no extractor; {hint}expected one of {', '.join(NAMES)}, or a Keras model's file (.keras, .h5)"
        )
    if is_model and weights is not None:
        raise errors.InputError(f"{weights}: a Keras model has its own weights; give the model or a name and weights")
    if name == "patches" and weights is not None:
        raise errors.InputError(f"{weights}: patches are features without a network or weights; leave it out")
    if resize is not None and (name != "inception" or resize not in inception.RESIZES):
        known = ", ".join(inception.RESIZES)
        raise errors.InputError(f"{resize}: is no way of resizing for {name}; only inception has a choice, of {known}")
    if scale is not None and (not is_model or scale not in SCALES):
        raise errors.InputError(f"{scale}: is no scale for {name}; a Keras model has a choice, of {' '.join(SCALES)}")


def _fetch(name, file, folder, progress):
    """Return the path of the published weights of a named network."""
    address, digest = addresses.WEIGHTS[name]
    return downloads.fetch(address, digest, file, folder, progress)


def _fid_inception(path, resize):
    """Return the extractor of the FID Inception."""
    model = inception.load(path)
    features = keras.Model(model.input, model.outputs[0])
    prepare = functools.partial(inception.prepare, resize=resize)
    words = {"pytorch-fid": "bilinear", "torch-fidelity": "TF1's bilinear", "clean-fid": "Pillow's bicubic"}
    return Extractor(
        name="inception",
        digest=downloads.digest_of(path),
        resize=f"299x299 {words[resize]} as {resize}",
        dimensions=inception.FEATURES,
        prepare=prepare,
        network=features,
        head=functools.partial(inception.unbiased_logits, model),
    )


def _squeezenet(path):
    """Return the extractor of SqueezeNet."""
    if path is None:
        raise errors.InputError("squeezenet: its weights have no published address; give a file with --weights FILE")
    network = squeezenet.load(path)
    resize = f"{squeezenet.IMAGE_SIZE}x{squeezenet.IMAGE_SIZE} bilinear with antialias"
    digest = downloads.digest_of(path)
    return Extractor("squeezenet", digest, resize, squeezenet.FEATURES, squeezenet.prepare, network)


def _patches():
    """Return the extractor of features that no network computes."""
    digest = hashlib.sha256(f"patches {patches.VERSION}".encode()).hexdigest()
    return Fixed("patches", digest, "own size", patches.DIMENSIONS, image_values.to_float, patches.patch_features)


def _application(name, path):
    """Return the extractor of a network of Keras Applications, at the size and scale it was trained with."""
    if path.suffix != ".h5":  # Keras goes by the name
        raise errors.InputError(f"{path}: is the file of {name}, but not called so; rename it to end in .h5")
    if name == "vgg16":
        size, module = 224, keras.applications.vgg16
        whole = module.VGG16(weights=None)
        network = keras.Model(whole.input, whole.get_layer("fc2").output)
    else:
        size, module = 299, keras.applications.inception_v3
        whole = network = module.InceptionV3(
            weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3)
        )
    whole.load_weights(path)

    def prepare(images):
        return module.preprocess_input(resizing.resize(images, (size, size), "antialias"))

    resize = f"{size}x{size} bilinear with antialias"
    return Extractor(name, downloads.digest_of(path), resize, network.output_shape[1], prepare, network)


def _from_file(path, scale):
    """Return the extractor of a Keras model's file."""
    model = read_model(path)
    return _from_model(model, pathlib.Path(path).name, downloads.digest_of(path), scale)


def read_model(path):
    """Return the `keras.Model` of a file (.keras, .h5); code inside a file is never run.

    Raises:
        errors.InputError: if there is no such file, or it holds no whole model.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise errors.InputError(f"{path}: no such file; give a Keras model (.keras, .h5) or one of {', '.join(NAMES)}")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever a damaged file makes of Keras' reader
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        raise errors.InputError(f"{path}: not a whole model saved by Keras ({reason})") from error


def _from_model(model, name, digest, scale):
    """Return the extractor of any Keras model from colour images to a vector or a map, see `named`."""
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise errors.InputError(
            f"{name}: has {len(model.inputs)} inputs and {len(model.outputs)} outputs; expected one each"
        )
    given, made = model.input_shape, model.output_shape
    if len(given) != 4 or given[3] != 3 or len(made) not in (2, 4) or made[-1] is None:
        raise errors.InputError(
            f"{name}: goes from {given} to {made}; expected (None, height, width, 3) to (None, features) or a map"
        )
    network = model
    if len(made) == 4:
        network = keras.Model(model.input, keras.layers.GlobalAveragePooling2D()(model.output))
    factor, offset = SCALES[scale]

    def prepare(images):
        size = [side or own for side, own in zip(given[1:3], images.shape[1:3], strict=True)]
        return resizing.resize(images, size, "antialias") * np.float32(factor) + np.float32(offset)

    words = "x".join("own" if side is None else str(side) for side in (given[2], given[1]))
    return Extractor(name, digest, f"{words} bilinear with antialias, scaled to {scale}", made[-1], prepare, network)


def _digest_of_variables(model):
    """Return the SHA-256 of the weights of a model that comes from no file, in the model's order."""
    digest = hashlib.sha256()
    for values in model.get_weights():
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
