"""The generators of pix2pixHD: a coarse one, enhancers around it for each doubling of the size, and an encoder."""

import numbers

import keras
from keras import layers

from pix2pix_tf import blocks
from pix2pix_tf.generators import resnets, shared

COARSE_TO_FINE, ENCODER = "coarse_to_fine", "encoder"  # what networks are called, in files too
MOST_HALVINGS = 16  # no image is larger
COARSE, ENHANCER, PAINT = "coarse", "enhancer", "paint"  # how the paths of the stages' variables begin


def coarse_to_fine(
    image_size=1024,
    in_channels=3,
    out_channels=3,
    filters=64,
    downs=4,
    blocks=9,
    enhancers=0,
    enhancer_blocks=3,
    norm="plain_instance",
    dtype=None,
    seed=None,
    upsampling="transposed",
    plane_skip=False,
):
    """Build pix2pixHD's generator: a ResNet for a small image, and enhancers that each double its size.

    Every enhancer looks at the image itself, halves it once, adds the last feature map of the generator inside it,
    which saw the image at half the size, and goes on with residual blocks. All but the outermost generator lose the
    layer that gives an image.

    Args:
        image_size: side of the square image, a multiple of 2^(downs + enhancers) from 16 on.
        in_channels: channels of the input: one for each label class, and one for the boundaries of instances.
        out_channels: channels of the output.
        filters: channels of the coarse generator after its first convolution; every enhancer has half of those inside.
        downs: halvings of the coarse generator; the channels double with each.
        blocks: residual blocks of the coarse generator, at its smallest size.
        enhancers: how often the size doubles around the coarse generator; 0 is the coarse generator alone.
        enhancer_blocks: residual blocks of each enhancer.
        norm: "plain_instance" (as in the paper, after convolutions with biases), or another one of `blocks.NORMS`.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.
        upsampling: how it doubles, see `blocks.enlarge`; the paper's "transposed" has kernels of 3x3.
        plane_skip: whether the layer that paints sees the input too, beside the last feature map. The paper's does not.
            Where one thing fills an image, its style is the mean of a channel, and instance norm removes that mean.

    Returns:
        `keras.Model` from (batch, image_size, image_size, in_channels) to
        (batch, image_size, image_size, out_channels) in (-1, 1). `variables_of` knows its stages: the coarse generator,
        the enhancers, of which 1 is the innermost, and what paints.

    Raises:
        ValueError: if a number is not possible, or the image is too small for so many halvings: norms over a single
            pixel would give nothing.

    Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
    3.1 and the appendix on architectures.
    """
    options = {"downs": downs, "blocks": blocks, "enhancers": enhancers, "enhancer_blocks": enhancer_blocks}
    return stages(
        image_size, in_channels, out_channels, filters, **options, norm=norm, dtype=dtype, seed=seed,
        upsampling=upsampling, plane_skip=plane_skip,
    )[-1]  # fmt: skip


def stages(
    image_size=1024,
    in_channels=3,
    out_channels=3,
    filters=64,
    downs=4,
    blocks=9,
    enhancers=0,
    enhancer_blocks=3,
    norm="plain_instance",
    dtype=None,
    seed=None,
    upsampling="transposed",
    plane_skip=False,
):
    """Build the generators that pix2pixHD trains one after the other: each is inside the next, with the same weights.

    Args: as of `coarse_to_fine`.

    Returns:
        List of `keras.Model`s: the coarse generator for images of image_size / 2^enhancers, then one for each enhancer
        at twice the size; the last is `coarse_to_fine`. The last layer of each, which paints, belongs to it alone.

    Raises:
        ValueError: as of `coarse_to_fine`.

    Source: Wang et al. 2018, section 3.1.
    """
    _check(image_size, filters, downs, blocks, enhancers, enhancer_blocks)
    inputs = keras.Input((image_size, image_size, in_channels), dtype=shared.image_dtype(dtype), name="source")
    how = _Layers(norm, dtype, upsampling, seed)
    x = how.enhance(inputs, filters, downs, blocks, enhancers, enhancer_blocks)
    painted = how.paint(x, out_channels, PAINT, inputs if plane_skip else None)
    whole = keras.Model(inputs, painted, name=COARSE_TO_FINE)
    smaller = []
    for number, (image, x) in enumerate(how.inside):
        painted = how.paint(x, out_channels, f"{PAINT}_{number}", image if plane_skip else None)
        smaller.append(keras.Model(image, painted, name=f"stage_{number}"))
    return [*smaller, whole]


def encoder(
    image_size=1024, in_channels=3, features=3, filters=16, downs=4, norm="plain_instance", dtype=None, seed=None
):
    """Build pix2pixHD's encoder, which sees in a photo what its labels do not say, such as colours.

    Its features are averaged over each instance afterwards, see `instances.average`.

    Args:
        image_size: side of the square image, a multiple of 2^downs from 16 on.
        in_channels: channels of the photo.
        features: numbers that each pixel is given.
        filters: channels after the first convolution; they double with each halving.
        downs: halvings.
        norm, dtype, seed: as of `coarse_to_fine`.

    Returns:
        `keras.Model` from photos (batch, image_size, image_size, in_channels) in [-1, 1] to
        (batch, image_size, image_size, features) in (-1, 1).

    Raises:
        ValueError: as of `coarse_to_fine`.

    Source: Wang et al. 2018, section 3.4; the widths are those of the authors' code.
    """
    _check(image_size, filters, downs, 0, 0, 0, f"the encoder's {downs} halvings")
    inputs = keras.Input((image_size, image_size, in_channels), dtype=shared.image_dtype(dtype), name="photo")
    how = _Layers(norm, dtype, "transposed", seed)
    x = how.coarse(inputs, filters, downs, 0)
    return keras.Model(inputs, how.paint(x, features, PAINT), name=ENCODER)


class _Layers:
    """The layers of one network: its norm, precision, way to enlarge, and seeds.

    Attributes:
        inside: image and last feature map of every smaller generator inside the one that `enhance` has made.
    """

    def __init__(self, norm, dtype, upsampling, seed):
        self.norm, self.dtype, self.upsampling = norm, dtype, upsampling
        self.seeds = blocks.seeds(seed)
        self.inside = []

    def enhance(self, image, filters, downs, count, enhancers, enhancer_blocks):
        """Return the last feature map of so many enhancers around the coarse generator, as large as the image."""
        if enhancers == 0:
            return self.coarse(image, filters, downs, count)
        smaller = shared.average_halved(image, self.dtype)
        inner = self.enhance(smaller, filters, downs, count, enhancers - 1, enhancer_blocks)
        self.inside.append((smaller, inner))
        width = filters // 2**enhancers
        with keras.name_scope(f"{ENHANCER}_{enhancers}"):
            x = self.halve(self.first(image, width), 2 * width)
            x = layers.Add(dtype=self.dtype)([x, inner])
            for _ in range(enhancer_blocks):
                x = blocks.residual(x, self.seeds, self.norm, self.dtype)
            return self.double(x, width)

    def coarse(self, image, filters, downs, count):
        """Return the last feature map of the coarse generator, as large as the image."""
        with keras.name_scope(COARSE):
            x = self.first(image, filters)
            for level in range(1, downs + 1):
                x = self.halve(x, filters * 2**level)
            for _ in range(count):
                x = blocks.residual(x, self.seeds, self.norm, self.dtype)
            for level in reversed(range(downs)):
                x = self.double(x, filters * 2**level)
            return x

    def first(self, x, filters):
        """Convolve 7x7, norm, ReLU."""
        x = blocks.reflected_convolution(x, filters, self.seeds, 7, blocks.biased(self.norm), self.dtype)
        return layers.ReLU(dtype=self.dtype)(blocks.normalize(x, self.norm, self.seeds, self.dtype))

    def halve(self, x, filters):
        """Halve height and width as CycleGAN's ResNet does."""
        return resnets.halve(x, filters, self.seeds, self.norm, self.dtype)

    def double(self, x, filters):
        """Double height and width as CycleGAN's ResNet does."""
        return resnets.double(x, filters, self.seeds, self.norm, self.dtype, self.upsampling)

    def paint(self, x, channels, name, planes=None):
        """Convolve a feature map, and planes beside it if there are any, 7x7 to an image in (-1, 1)."""
        with keras.name_scope(name):
            if planes is not None:
                x = layers.Concatenate(dtype=self.dtype)([x, planes])
            x = blocks.reflected_convolution(x, channels, self.seeds, 7, bias=True, dtype=self.dtype)
        return layers.Activation("tanh", dtype=shared.image_dtype(self.dtype), name="image")(x)


def variables_of(network, stage):
    """Return the trainable variables of one stage of a network of this file, in the order of its layers.

    Args:
        network: `keras.Model` of `coarse_to_fine`, `stages` or `encoder`, as built; a loaded one does not know its
            stages.
        stage: COARSE, f"{ENHANCER}_1" and so on, or PAINT; of the smaller ones of `stages` f"{PAINT}_0" and so on.
    """
    return [variable for variable in network.trainable_variables if variable.path.startswith(f"{stage}/")]


def _check(image_size, filters, downs, count, enhancers, enhancer_blocks, who=None):
    """Raise ValueError unless such a network is possible; `who` says of an encoder what the size depends on."""
    named = {"downs": downs, "blocks": count, "enhancers": enhancers, "enhancer_blocks": enhancer_blocks}
    for name, value in named.items():
        shared.check_count(name, value, least=0)
    shared.check_count("filters", filters)
    if downs + enhancers > MOST_HALVINGS:
        raise ValueError(f"downs is {downs} and enhancers {enhancers}; expected {MOST_HALVINGS} together at most")
    if filters % 2**enhancers:
        needed = f"a multiple of {2**enhancers} for {enhancers} enhancers, or fewer enhancers"
        raise ValueError(f"filters is {filters}; expected {needed}")
    step = 2 ** (downs + enhancers)
    least = max(2 * step, -(-shared.SIZES[0] // step) * step)
    is_whole = isinstance(image_size, numbers.Integral) and not isinstance(image_size, bool)
    if not is_whole or image_size % step or image_size < least:
        below = max(least, image_size // step * step if is_whole else 0)
        who = who or f"{downs} downs and {enhancers} enhancers, or fewer of them"
        such = f"a multiple of {step} from {least} on, such as {below} or {below + step}"
        raise ValueError(f"image_size is {image_size!r}; expected {such}, for {who}")
