"""The named pieces that the networks of the papers are made of.

Every function takes a symbolic tensor of shape (batch, height, width, channels) and returns one, so a network reads
like the paper's table. Kernels start as N(0, 0.02) and norm scales as N(1, 0.02), each from a seed of its own: one
unseeded initializer object shared by layers of equal shape would give them identical kernels.

Source: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", appendix 6.1.
"""

import random

import keras
from keras import layers, ops

from pix2pix_tf import convolutions
from pix2pix_tf.system import keras_settings

if keras.backend.backend() == "tensorflow":
    from pix2pix_tf.system import tensorflow_kernels as kernels
else:
    kernels = None  # networks run on Keras' other backends too, without what is faster on this one

LEAK = 0.2
NORM_EPSILON = 1e-5
BATCH_NORM_MOMENTUM = 0.9
NORMS = ("instance", "batch", "none", "plain_instance", "pixel", "layer")
UPSAMPLINGS = ("transposed", "transposed4", "tied", "blurred", "nearest")
BLUR = (1, 3, 3, 1)
INITIALIZATIONS = ("normal", "xavier", "he")


def seeds(seed=None):
    """Yield integers that seed one initializer or dropout layer each.

    Args:
        seed: an integer for the same integers every time; None for fresh ones.

    Returns:
        An endless iterator of integers in [0, 2**31).
    """
    keras_settings.check_layout()  # every network begins here
    source = random.Random(None if seed is None else int(seed))
    while True:
        yield source.randrange(2**31)


def convolution(x, filters, seeds, size=4, strides=2, padding="same", bias=False, dtype=None, spectral=False):
    """Convolve with kernels drawn from N(0, 0.02), divided by their largest singular value if `spectral` says so.

    "same" pads an even side by 1 before and after for size 4 and strides 2, as PyTorch's padding=1 does.
    """
    initializer = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
    layer = convolutions.SpectralConvolution if spectral else layers.Conv2D
    return layer(filters, size, strides, padding, use_bias=bias, kernel_initializer=initializer, dtype=dtype)(x)


def enlarge(x, filters, seeds, upsampling="transposed", size=4, bias=False, dtype=None):
    """Double height and width, and convolve.

    Args:
        x: (batch, height, width, channels).
        filters: channels of the result.
        seeds: iterator of seeds, see `seeds`.
        upsampling: "transposed" (the papers': a transposed convolution with strides 2, which leaves a grid where its
            outputs are unevenly made), "transposed4" (the same 4x4 whatever `size` says), "tied" (the same 4x4, started
            from a kernel that leaves none), "blurred" (the same 4x4, then a fixed blur), or "nearest" (each pixel four
            times, then a convolution 3x3).
        size: of the transposed convolution's kernel, 4, or 3 in the paper's ResNet.
        bias: whether there are biases.
        dtype: Keras dtype policy; None for the global one.

    Returns:
        (batch, 2 height, 2 width, filters).

    Raises:
        ValueError: for another upsampling.

    Source: Odena et al. 2016, "Deconvolution and Checkerboard Artifacts", for "nearest"; Aitken et al. 2017,
    "Checkerboard artifact free sub-pixel convolution", for the start of "tied"; Zhang 2019, "Making Convolutional
    Networks Shift-Invariant Again", for the blur.
    """
    if upsampling not in UPSAMPLINGS:
        raise ValueError(f"upsampling is {upsampling!r}; expected one of {', '.join(UPSAMPLINGS)}")
    if upsampling == "nearest":
        initializer = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
        return convolutions.EnlargingConvolution(filters, bias, initializer, dtype=dtype)(x)
    if upsampling.startswith("transposed"):
        return transposed_convolution(x, filters, seeds, 4 if upsampling == "transposed4" else size, bias, dtype)
    start = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
    layer = layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=bias, kernel_initializer=start, dtype=dtype)
    enlarged = layer(x)
    if upsampling == "blurred":
        return _blur(enlarged, dtype)
    layer.kernel.assign(convolutions.widen(start((3, 3, x.shape[-1], filters))))
    return enlarged


def _blur(x, dtype):
    """Blur every channel by (1, 3, 3, 1) / 8 in both directions, fixed."""
    blur = layers.DepthwiseConv2D(len(BLUR), padding="same", use_bias=False, dtype=dtype, trainable=False)
    blurred = blur(x)
    taps = keras.ops.array(BLUR, "float32") / sum(BLUR)
    blur.kernel.assign(keras.ops.tile(keras.ops.outer(taps, taps)[..., None, None], (1, 1, x.shape[-1], 1)))
    return blurred


def transposed_convolution(x, filters, seeds, size=4, bias=False, dtype=None):
    """Convolve transposed with strides 2: height and width double; size is 4 or 3.

    "same" takes off a border of 1 for size 4, as PyTorch's padding=1 does. For size 3 it would take off the last row
    and column, and PyTorch (padding=1, output_padding=1) takes off the first.
    """
    initializer = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
    padding = "same" if size == 4 else "valid"
    x = layers.Conv2DTranspose(filters, size, 2, padding, use_bias=bias, kernel_initializer=initializer, dtype=dtype)(x)
    return x if size == 4 else WithoutFirst(dtype=dtype)(x)


@keras.saving.register_keras_serializable("pix2pix_tf")
class WithoutFirst(layers.Layer):
    """Take off the first row and the first column: `Cropping2D` by a slice, which has a faster gradient."""

    def call(self, inputs):
        """Return (batch, height - 1, width - 1, channels) of (batch, height, width, channels)."""
        batch, height, width, channels = keras.ops.shape(inputs)
        return keras.ops.slice(inputs, [0, 1, 1, 0], [batch, height - 1, width - 1, channels])


def biased(norm):
    """Say whether convolutions before a norm have biases: where it has no offset, or does not take every channel's."""
    return norm in ("plain_instance", "pixel", "layer")


def normalize(x, norm, seeds, dtype=None):
    """Normalize to zero mean and unit variance, then scale and offset by learned values per channel, if it has them.

    Args:
        x: (batch, height, width, channels).
        norm: "instance" (statistics of each image and channel; independent of the batch and of the training flag),
            "plain_instance" (the same without scale and offset: nothing is learned), "batch" (statistics of the batch
            while training, moving averages otherwise), "pixel" (each pixel's values divided by their root mean square
            over the channels, then scaled; it looks at no other pixel), "layer" (statistics of each image over all its
            channels: what a whole image has in common, such as the colour of its wall, is kept) or "none".
        seeds: iterator of seeds, see `seeds`.
        dtype: Keras dtype policy; None for the global one.

    Returns:
        The same shape.

    Raises:
        ValueError: for another norm.

    Source: Ulyanov et al. 2016, "Instance Normalization"; Ioffe and Szegedy 2015, "Batch Normalization"; Karras et al.
    2018, "Progressive Growing of GANs", section 4.2, for "pixel", whose learned scale is that of Zhang and Sennrich
    2019, "Root Mean Square Layer Normalization"; Ba et al. 2016, "Layer Normalization", for "layer", which Huang et al.
    2018, "Multimodal Unsupervised Image-to-Image Translation", take where instance norm would remove a style.
    Deviation: epsilon 1e-5 and momentum 0.9 are PyTorch's, with which the reference was trained; Keras' own defaults
    are 1e-3 and 0.99.
    """
    if norm not in NORMS:
        raise ValueError(f"norm is {norm!r}; expected one of {', '.join(NORMS)}")
    if norm == "none":
        return x
    if norm == "plain_instance":
        return InstanceNormalization(-1, epsilon=NORM_EPSILON, scale=False, center=False, dtype=dtype)(x)
    if norm == "pixel":
        return layers.RMSNormalization(-1, epsilon=NORM_EPSILON, dtype=dtype)(x)
    scale = keras.initializers.RandomNormal(1.0, 0.02, seed=next(seeds))
    if norm == "layer":
        return LayerNormalization(1, epsilon=NORM_EPSILON, gamma_initializer=scale, dtype=dtype)(x)
    if norm == "instance":
        return InstanceNormalization(-1, epsilon=NORM_EPSILON, gamma_initializer=scale, dtype=dtype)(x)
    return layers.BatchNormalization(
        epsilon=NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM, gamma_initializer=scale, dtype=dtype
    )(x)


@keras.saving.register_keras_serializable("pix2pix_tf")
class InstanceNormalization(layers.GroupNormalization):
    """Keras' group norm for groups of one channel (-1), by a faster way where there is one, and with right derivatives.

    On TensorFlow Keras' own takes its mean for a constant where it computes the variance. That does no harm to the
    first derivative; to the second one, which the gradient penalty of a critic needs, it does.
    """

    axes = (1, 2)  # over which mean and variance are taken

    def call(self, inputs):
        """Normalize (batch, height, width, channels)."""
        if kernels is not None and self.axes == (1, 2) and kernels.are_for_batch_norm(inputs):
            return kernels.normalized(inputs, self.epsilon, self.gamma, self.beta)
        values = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        centred = values - ops.mean(values, axis=self.axes, keepdims=True)
        gain = ops.rsqrt(ops.mean(ops.square(centred), axis=self.axes, keepdims=True) + self.epsilon)
        if self.gamma is not None:
            gain = gain * ops.cast(self.gamma, values.dtype)
        outputs = centred * gain
        if self.beta is not None:
            outputs = outputs + ops.cast(self.beta, values.dtype)
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable("pix2pix_tf")
class LayerNormalization(InstanceNormalization):
    """Keras' group norm for one group (1), all channels of a sample together, with right derivatives as above."""

    axes = (1, 2, 3)


def downsample(x, filters, seeds, norm="instance", activation=True, bias=False, dtype=None, spectral=False):
    """Halve height and width: LeakyReLU (slope 0.2), convolution 4x4 with strides 2, norm.

    The activation comes first so that a skip connection takes the value before it.

    Args:
        x: (batch, height, width, channels), height and width even.
        filters: channels of the result.
        seeds: iterator of seeds, see `seeds`.
        norm: one of NORMS, see `normalize`.
        activation: False for the first layer of a network, whose input is an image.
        bias: whether the convolution has biases.
        dtype: Keras dtype policy; None for the global one.
        spectral: as of `convolution`.

    Returns:
        (batch, height / 2, width / 2, filters).

    Source: Isola et al. 2017, appendix 6.1.1 ("Ck").
    """
    if activation:
        x = layers.LeakyReLU(LEAK, dtype=dtype)(x)
    x = convolution(x, filters, seeds, bias=bias, dtype=dtype, spectral=spectral)
    return normalize(x, norm, seeds, dtype)


def upsample(x, filters, seeds, norm="instance", dropout=0.0, bias=False, dtype=None, upsampling="transposed"):
    """Double height and width: ReLU, transposed convolution 4x4 with strides 2 or another `enlarge`, norm, dropout.

    Args:
        x: (batch, height, width, channels).
        filters: channels of the result.
        seeds: iterator of seeds, see `seeds`.
        norm: one of NORMS, see `normalize`.
        dropout: share of values set to 0 while training, in [0, 1).
        bias: whether the convolution has biases.
        dtype: Keras dtype policy; None for the global one.
        upsampling: one of UPSAMPLINGS, see `enlarge`.

    Returns:
        (batch, 2 height, 2 width, filters).

    Source: Isola et al. 2017, appendix 6.1.1 ("CDk").
    """
    x = layers.ReLU(dtype=dtype)(x)
    x = enlarge(x, filters, seeds, upsampling, bias=bias, dtype=dtype)
    x = normalize(x, norm, seeds, dtype)
    if dropout:
        x = Dropout(dropout, seed=next(seeds), dtype=dtype)(x)
    return x


@keras.saving.register_keras_serializable("pix2pix_tf")
class Dropout(layers.Dropout):
    """Keras' dropout, whose noise under TensorFlow is that of the global batch, and the same when XLA compiles it.

    Every replica draws the noise of all images and takes its own, so that a run does not depend on their number.
    """

    def call(self, inputs, training=False):
        """Drop values of (batch, height, width, channels) while training."""
        if kernels is None or not training or self.rate == 0:
            return super().call(inputs, training)
        return kernels.dropped(inputs, self.rate, self.seed_generator.next())


@keras.saving.register_keras_serializable("pix2pix_tf")
class ReflectionPadding2D(layers.Layer):
    """Pad height and width by mirroring at the border, without repeating the border itself.

    Args:
        padding: rows and columns added on each side; less than height and width.
        **options: those of `keras.layers.Layer`.
    """

    def __init__(self, padding=1, **options):
        super().__init__(**options)
        self.padding = padding

    def call(self, inputs):
        """Pad (batch, height, width, channels) to (batch, height + 2 padding, width + 2 padding, channels)."""
        if kernels is not None and kernels.are_to_be_mirrored(inputs, self.padding):
            return kernels.mirrored(inputs, self.padding)
        sides = [self.padding, self.padding]
        return keras.ops.pad(inputs, [[0, 0], sides, sides, [0, 0]], mode="reflect")

    def get_config(self):
        """Return what rebuilds the layer when a saved network is loaded."""
        return {**super().get_config(), "padding": self.padding}


def residual(x, seeds, norm="instance", dtype=None):
    """Add to the input what two 3x3 convolutions make of it; shape and channels stay.

    Args:
        x: (batch, height, width, channels).
        seeds: iterator of seeds, see `seeds`.
        norm: one of NORMS, see `normalize`.
        dtype: Keras dtype policy; None for the global one.

    Returns:
        The same shape.

    Source: Zhu et al. 2017, "Unpaired Image-to-Image Translation", appendix 7.2 ("Rk"), after Johnson et al. 2016.
    """
    filters = x.shape[-1]
    inner = reflected_convolution(x, filters, seeds, 3, bias=biased(norm), dtype=dtype)
    inner = layers.ReLU(dtype=dtype)(normalize(inner, norm, seeds, dtype))
    inner = reflected_convolution(inner, filters, seeds, 3, bias=biased(norm), dtype=dtype)
    return layers.Add(dtype=dtype)([x, normalize(inner, norm, seeds, dtype)])


def reflected_convolution(x, filters, seeds, size, bias=False, dtype=None):
    """Convolve with strides 1 after padding by reflection: height and width stay; size is odd."""
    x = ReflectionPadding2D(size // 2, dtype=dtype)(x)
    return convolution(x, filters, seeds, size, strides=1, padding="valid", bias=bias, dtype=dtype)


def initialize(network, initialization="normal", seed=None):
    """Draw the kernels of a network anew; biases, scales and offsets stay as they are.

    Args:
        network: `keras.Model`.
        initialization: "normal" (N(0, 0.02), with which every network of this package is born), "xavier" (variance
            0.02^2 * 2 / (inputs + outputs)) or "he" (variance 2 / inputs). Inputs and outputs are the numbers of
            values that one output depends on, and that one input reaches, if strides are 1; a transposed convolution
            counts them the other way round.
        seed: integer for the same kernels every time; None for fresh ones.

    Raises:
        ValueError: for another initialization.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"; He et
    al. 2015, "Delving Deep into Rectifiers". Deviation: the gain 0.02 of "xavier" is that of the authors of CycleGAN.
    """
    if initialization not in INITIALIZATIONS:
        raise ValueError(f"initialization is {initialization!r}; expected one of {', '.join(INITIALIZATIONS)}")
    scale, mode = {"normal": (None, None), "xavier": (0.02**2, "fan_avg"), "he": (2.0, "fan_in")}[initialization]
    for layer, layer_seed in zip(network.layers, seeds(seed), strict=False):
        if not hasattr(layer, "kernel"):
            continue
        initializer = keras.initializers.RandomNormal(0.0, 0.02, seed=layer_seed)
        if scale:
            initializer = keras.initializers.VarianceScaling(scale, mode, "untruncated_normal", seed=layer_seed)
        layer.kernel.assign(initializer(layer.kernel.shape, layer.kernel.dtype))
