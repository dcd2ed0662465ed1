"""A perceptual loss: how far two images are apart in the eyes of a trained network, layer by layer.

Early layers see colours and edges, late ones what is there. A network that was trained to recognise things forgives
bricks that lie elsewhere, for which L1 asks a blur.
"""

import difflib
import os

import keras
import numpy as np
from keras import ops

from pix2pix_tf import errors, losses
from pix2pix_tf.pretrained import extractors, squeezenet
from pix2pix_tf.system import addresses, downloads, keras_settings

LAYERS = {  # each after its ReLU
    "vgg19": ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
    "squeezenet": ("conv1", "fire3", "fire5", "fire7", "fire9"),
}
WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)  # from the first layer to the last
DEVIATION = 57.6  # of ImageNet's pixels, of 255
LARGEST = 1024  # side up to which the smallest image that fits is looked for
OFFLINE = "give the file fetched elsewhere, choose another network, or leave the perceptual loss out"


class Perceptual:
    """The weighted sum of mean absolute differences between what layers of a network make of two images.

    Args:
        network: functional `keras.Model` from (batch, height, width, 3). It is frozen: no optimizer may have its
            variables, and norms and dropout work as at inference.
        layers: names of its layers.
        weights: a number for each layer; None weighs all of them 1.
        prepare: function of images in [-1, 1] that returns the network's input; None gives them as they are.

    Raises:
        errors.InputError: if the network takes no colour images, or has no such layer.
        ValueError: if there is not one weight for each layer.

    Source: Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution", section 3.2;
    with L1 and several layers in Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with
    Conditional GANs", section 4.
    """

    def __init__(self, network, layers, weights=None, prepare=None):
        _check_network(network, layers)
        self.layers = tuple(layers)
        self.weights = (1.0,) * len(self.layers) if weights is None else tuple(map(float, weights))
        if len(self.weights) != len(self.layers):
            raise ValueError(f"there are {len(self.weights)} weights for {len(self.layers)} layers")
        self.network, self.prepare = network, prepare or (lambda images: images)
        network.trainable = False
        outputs = [_find(network, name).output for name in self.layers]
        self.features = keras.Model(network.input, outputs, trainable=False)
        self._fitting = set()

    def __call__(self, real, fake):
        """Return how far fake is from real.

        Args:
            real: float (batch, height, width, 3) in [-1, 1], a constant: no gradient reaches it.
            fake: the same of generated images.

        Returns:
            float32 scalar tensor, whatever the type of the images; 0 is best.

        Raises:
            errors.InputError: if images are no such batch, differ in shape, or are too small for a layer.
        """
        real, fake = ops.convert_to_tensor(real), ops.convert_to_tensor(fake)
        self.check(real.shape, fake.shape)
        pairs = zip(self.see(real), self.see(fake), strict=True)
        distances = [losses.l1(ops.stop_gradient(seen), made) for seen, made in pairs]
        return sum(weight * distance for weight, distance in zip(self.weights, distances, strict=True))

    def see(self, images):
        """Return what each layer makes of images: a list of float32 tensors."""
        features = self.features(self.prepare(ops.cast(images, "float32")), training=False)
        return [ops.cast(feature, "float32") for feature in keras.tree.flatten(features)]  # of one layer a tensor

    def check(self, real, fake):
        """Raise InputError unless images of these shapes can be compared; sides of None are not looked at."""
        for shape in (real, fake):
            if len(shape) != 4 or shape[3] != 3:
                raise errors.InputError(f"images have shape {tuple(shape)}; expected (batch, height, width, 3)")
        if any(one != other for one, other in zip(real, fake, strict=True) if None not in (one, other)):
            raise errors.InputError(f"real images have shape {tuple(real)} and fake ones {tuple(fake)}; expected one")
        sides = tuple(real[1:3])
        if None in sides or sides in self._fitting:
            return
        own = self.network.input_shape[1:3]
        if any(side not in (None, one) for side, one in zip(own, sides, strict=True)):
            raise errors.InputError(
                f"{self.network.name}: takes images of {own[1]}x{own[0]}; got {sides[1]}x{sides[0]}; give a network "
                "that takes any size"
            )
        self._check_size(*sides)

    def _check_size(self, height, width):
        """Raise InputError unless every layer has something left of images of this size."""
        if not self._fits(height, width):
            least = next((side for side in range(1, LARGEST) if self._fits(side, side)), LARGEST)
            raise errors.InputError(
                f"images of {width}x{height} are too small for {self.layers[-1]} of {self.network.name}; "
                f"expected {least}x{least} or more, or name earlier layers"
            )
        self._fitting.add((height, width))

    def _fits(self, height, width):
        """Say whether all layers give features of images of a size."""
        try:
            self.features.compute_output_shape((1, height, width, 3))
        except ValueError:  # of a convolution or a pool that leaves nothing
            return False
        return True


def build(name, file=None, layers=None, weights=None, mean=True, scale="[-1,1]", folder=None, progress=False):
    """Return a perceptual loss by the name of a published network, or of a Keras model's file.

    Args:
        name: "vgg19" (of Keras Applications, trained on ImageNet; 80 MB are downloaded), "squeezenet" (1.1, much
            smaller; needs `file`), or the path of a Keras model (.keras, .h5).
        file: weights of a named network, fetched elsewhere; those of "vgg19" must be the published ones.
        layers: names of layers, whose weights are then 1; None takes those of LAYERS with WEIGHTS.
        weights: a number for each layer.
        mean: of a named network, whether ImageNet's mean colour is subtracted from images, as its training did. False
            subtracts middle grey.
        scale: of a Keras model, the range of its input: "[-1,1]", "[0,1]" or "[0,255]".
        folder, progress: see `downloads.fetch`.

    Returns:
        `Perceptual`.

    Raises:
        errors.InputError: if there is no such name, file or layer, or weights cannot be had or are others.

    Source: Wang et al. 2018, section 4 and the authors' code for the layers and weights of VGG19. Deviation: whether
    images should have ImageNet's mean subtracted is an open question there. The authors give theirs in [-1, 1] as
    they are to weights that were trained on others, of deviation 1 and without the mean. Keras' weights were trained
    on images of 0 to 255, blue first, minus the mean, and so they get them here. What they answer is divided by 57.6,
    ImageNet's deviation: without that, the loss would be some 50 times the authors', and its weight of 10 too large.
    """
    if str(name).lower().endswith(extractors.SUFFIXES):
        return _from_file(name, file, layers, weights, scale)
    if name not in LAYERS:
        hint = _suggest(str(name).lower(), LAYERS)
        raise errors.InputError(
            f"{name}: is no network of a perceptual loss; {hint}expected one of {', '.join(LAYERS)}, or a Keras "
            "model's file (.keras, .h5)"
        )
    network = _squeezenet(file) if name == "squeezenet" else _vgg19(file, folder, progress)
    if layers is None:
        layers, weights = LAYERS[name], WEIGHTS if weights is None else weights
    weights = [weight / DEVIATION for weight in (np.ones(len(layers)) if weights is None else weights)]
    return Perceptual(network, layers, weights, subtract_mean if mean else subtract_grey)


def subtract_mean(images):
    """Return images in [-1, 1], red first, as ImageNet's in 0 to 255 less their mean colour, blue first."""
    return 127.5 * (ops.flip(images, -1) + 1) - np.float32(squeezenet.MEAN)


def subtract_grey(images):
    """Return images in [-1, 1], red first, as -127.5 to 127.5, blue first."""
    return 127.5 * ops.flip(images, -1)


def _squeezenet(file):
    """Return SqueezeNet for images of any size."""
    if file is None:
        raise errors.InputError("squeezenet: its weights have no published address; give perceptual_file, their file")
    return squeezenet.load(file, image_size=None)


def _vgg19(file, folder, progress):
    """Return VGG19 without its dense layers, for images of any size."""
    keras_settings.check_layout()
    path = downloads.fetch(*addresses.LAYERS["vgg19"], file, folder, progress, advice=OFFLINE)
    if path.suffix != ".h5":  # Keras goes by the name
        raise errors.InputError(f"{path}: is the file of vgg19, but not called so; rename it to end in .h5")
    network = keras.applications.VGG19(include_top=False, weights=None)
    network.load_weights(path)
    return network


def _from_file(path, file, layers, weights, scale):
    """Return the loss of a Keras model's file."""
    if file is not None:
        raise errors.InputError(f"{file}: a Keras model has its own weights; give the model or a name and weights")
    if scale not in extractors.SCALES:
        raise errors.InputError(f"{scale}: is no scale; expected one of {' '.join(extractors.SCALES)}")
    if not os.path.isfile(path):
        raise errors.InputError(f"{path}: no such file; give a Keras model (.keras, .h5), or {' or '.join(LAYERS)}")
    factor, offset = extractors.SCALES[scale]

    def prepare(images):
        return 127.5 * (images + 1) * factor + offset

    return Perceptual(extractors.read_model(path), layers or (), weights, None if scale == "[-1,1]" else prepare)


def _check_network(network, layers):
    """Raise InputError unless a network takes colour images, and some of its layers are named."""
    shapes = [tuple(one.shape) for one in network.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3:
        raise errors.InputError(
            f"{network.name}: takes {', '.join(map(str, shapes))}; expected images (None, height, width, 3)"
        )
    if not layers:
        known = ", ".join(errors.first([layer.name for layer in network.layers]))
        raise errors.InputError(f"{network.name}: no layers are named; expected some of {known}")


def _find(network, name):
    """Return the layer of a name."""
    known = {layer.name: layer for layer in network.layers}
    if name not in known:
        hint = _suggest(name, known)
        raise errors.InputError(
            f"{network.name}: has no layer {name}; {hint}expected some of {', '.join(errors.first(list(known)))}"
        )
    return known[name]


def _suggest(name, known):
    """Return the question whether a known name was meant, or nothing where none is like it."""
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    return f"did you mean {close[0]}? " if close else ""
