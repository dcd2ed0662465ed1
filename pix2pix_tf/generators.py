"""Networks that turn an image into an image, or noise into a point or an image."""

import numbers

import keras
from keras import layers

from pix2pix_tf import blocks

INPUT_SHARE = 1.23  # of all tanh(k x) the nearest to x over [-1, 1], in the mean square
SIZES = (16, 32, 64, 128, 256, 512, 1024)
SMALL_SIZES = (16, 32, 64)  # of images made from noise
START = 4  # side of the smallest feature map between noise and image
# What a network's layer is called whose two inputs are the first encoder layer's result and the last decoder block's.
# A network that has it says: nothing outside it looks at the whole image, so that level may be computed in strips.
OUTERMOST_SKIP = "outermost_skip"
PRECISE = "input_share", "changed_input"  # layers in which the image itself is, as precise as it is in any precision


def unet(
    image_size=256,
    in_channels=3,
    out_channels=3,
    filters=64,
    norm="instance",
    dropout=0.5,
    skips=True,
    dtype=None,
    depth=None,
    seed=None,
    upsampling="transposed",
    norm_least_side=2,
):
    """Build the U-Net: an encoder down to 1x1, a decoder back up, and skips between layers of equal size.

    Widths are filters times 1, 2, 4, 8, 8, ...; the first layer and the innermost one have no norm (at 1x1 a norm
    of the image's own statistics would return a constant, and nothing below it would learn). The first three decoder
    blocks have dropout: it is the noise z of the paper.

    Args:
        image_size: side of the square image, a power of two from 16 to 1024.
        in_channels: channels of the input.
        out_channels: channels of the output.
        filters: channels after the first convolution.
        norm: "instance" (what the paper's batch norm is at batch size 1), "plain_instance" (without scale and offset;
            every convolution then has biases), "pixel" (each pixel for itself), "batch" or "none".
        dropout: share dropped in the first three decoder blocks; 0 leaves the layers out.
        skips: False gives the paper's encoder-decoder.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        depth: number of halvings; None goes down to 1x1.
        seed: integer for the same initial weights every time; None for fresh ones.
        upsampling: how the decoder doubles, see `blocks.enlarge`; "blurred" leaves the last doubling, to the image,
            unblurred.
        norm_least_side: side of the smallest feature maps that have a norm. The statistics of few values say what the
            map shows, and a norm of the image's own takes it away; the paper's are on all maps from 2x2 on.

    Returns:
        `keras.Model` from (batch, image_size, image_size, in_channels) in [-1, 1] to
        (batch, image_size, image_size, out_channels) in (-1, 1).

    Raises:
        ValueError: if image_size is no power of two from 16 to 1024, depth does not divide it, or norm is unknown.

    Source: Isola et al. 2017, appendix 6.1.1, with the errata's missing norm at the bottleneck.
    Deviation: none in the order of operations (concatenate, then ReLU), as in the authors' code.
    """
    image_size = check_size(image_size)
    halvings = image_size.bit_length() - 1
    depth = halvings if depth is None else depth
    if not 2 <= depth <= halvings:
        raise ValueError(f"depth is {depth}; expected 2 to {halvings} for image_size {image_size}")
    widths = [filters * min(2**level, 8) for level in range(depth)]
    seeds = blocks.seeds(seed)
    inputs = keras.Input((image_size, image_size, in_channels), dtype=image_dtype(dtype), name="source")
    encoded = encode(inputs, widths, seeds, norm, dtype, norm_least_side)
    x = decode(encoded, widths, seeds, norm, dropout, skips, dtype, upsampling, norm_least_side)
    x = layers.ReLU(dtype=dtype)(x)
    last = "transposed" if upsampling == "blurred" else upsampling
    # Sums of weights, rounded to bfloat16, differ among the four places of the grid: too little to see, but measurable.
    last_dtype = image_dtype(dtype) if upsampling == "nearest" else dtype
    x = blocks.enlarge(x, out_channels, seeds, last, bias=True, dtype=last_dtype)
    outputs = layers.Activation("tanh", dtype=image_dtype(dtype), name="image")(x)
    return keras.Model(inputs, outputs, name="unet" if skips else "encoder_decoder")


def encode(x, widths, seeds, norm, dtype, norm_least_side=2):
    """Return the result of every encoder layer, the largest image first and the bottleneck last."""
    encoded = []
    for level, width in enumerate(widths):
        innermost = level == len(widths) - 1
        layer_norm = "none" if level == 0 or innermost or x.shape[1] // 2 < norm_least_side else norm
        x = blocks.downsample(x, width, seeds, layer_norm, level > 0, blocks.biased(norm), dtype)
        encoded.append(x)
    return encoded


def decode(encoded, widths, seeds, norm, dropout, skips, dtype, upsampling="transposed", norm_least_side=2):
    """Return the decoder's last feature map before the image, half the image's size."""
    *skipped, x = encoded
    for level, (width, skip) in enumerate(zip(reversed(widths[:-1]), reversed(skipped), strict=True)):
        own_norm, own_dropout = norm if 2 * x.shape[1] >= norm_least_side else "none", dropout if level < 3 else 0.0
        x = blocks.upsample(x, width, seeds, own_norm, own_dropout, blocks.biased(norm), dtype, upsampling)
        if skips:
            name = OUTERMOST_SKIP if skip is encoded[0] else None
            x = layers.Concatenate(dtype=dtype, name=name)([skip, x])
    return x


def resnet(
    image_size=256,
    in_channels=3,
    out_channels=3,
    filters=64,
    blocks=9,
    norm="plain_instance",
    dtype=None,
    seed=None,
    upsampling="transposed",
    input_skip=False,
):
    """Build the ResNet generator: to a quarter of the size, residual blocks there, and back up.

    In the paper's words c7s1-64, d128, d256, R256 as often as `blocks` says, u128, u64, c7s1-3. Images are padded by
    reflection, so that borders look like the rest. There is no dropout: without a pair there is nothing to vary from.

    Args:
        image_size: side of the square image, a multiple of 4 from 16 to 1024.
        in_channels: channels of the input.
        out_channels: channels of the output.
        filters: channels after the first convolution; four times that in the residual blocks.
        blocks: residual blocks; the paper takes 9 at 256 pixels and 6 at 128.
        norm: "plain_instance" (instance norm without scale and offset, after convolutions with biases, as in the
            authors' code), "instance" (with both, after convolutions without biases), "pixel", "batch" or "none".
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.
        upsampling: how it doubles, see `blocks.enlarge`. The paper's "transposed" has kernels of 3x3, which strides of
            2 do not divide: it leaves a grid. "transposed4" has 4x4.
        input_skip: whether the input, `INPUT_SHARE` times, is added to what the last layer makes, before tanh: the
            network then begins with the image nearly as it is and learns what to change.

    Returns:
        `keras.Model` from (batch, image_size, image_size, in_channels) in [-1, 1] to
        (batch, image_size, image_size, out_channels) in (-1, 1).

    Raises:
        ValueError: if image_size is no multiple of 4 from 16 to 1024, blocks is negative, norm is unknown, or an input
            of other channels than the output's is to be added to it.

    Source: Zhu et al. 2017, "Unpaired Image-to-Image Translation", appendix 7.2, after Johnson et al. 2016.
    Deviation: 3x3 convolutions of fractional strides are transposed ones, as in the authors' code.
    """
    if not isinstance(image_size, numbers.Integral) or image_size not in range(SIZES[0], SIZES[-1] + 1, 4):
        raise ValueError(f"image_size is {image_size!r}; expected a multiple of 4 from {SIZES[0]} to {SIZES[-1]}")
    if not isinstance(blocks, numbers.Integral) or blocks < 0:
        raise ValueError(f"blocks is {blocks!r}; expected 0 or more, such as 6 or 9")
    inputs = keras.Input((image_size, image_size, in_channels), dtype=image_dtype(dtype), name="source")
    x = _residual_layers(inputs, out_channels, filters, blocks, norm, dtype, seed, upsampling)
    if input_skip:
        if in_channels != out_channels:
            raise ValueError(
                f"input_skip is True with {in_channels} and {out_channels} channels; expected as many of both"
            )
        share, changed = PRECISE
        kept = layers.Rescaling(INPUT_SHARE, dtype=image_dtype(dtype), name=share)(inputs)
        x = layers.Add(dtype=image_dtype(dtype), name=changed)([x, kept])
    outputs = layers.Activation("tanh", dtype=image_dtype(dtype), name="image")(x)
    return keras.Model(inputs, outputs, name="resnet")


def _residual_layers(x, out_channels, filters, count, norm, dtype, seed, upsampling):
    """Apply all layers of the ResNet generator but the last activation; `count` of its blocks are residual."""
    seeds = blocks.seeds(seed)
    x = blocks.reflected_convolution(x, filters, seeds, 7, blocks.biased(norm), dtype)
    x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    for width in (filters * 2, filters * 4):
        x = _halve(x, width, seeds, norm, dtype)
    for _ in range(count):
        x = blocks.residual(x, seeds, norm, dtype)
    for width in (filters * 2, filters):
        x = double(x, width, seeds, norm, dtype, upsampling)
    return blocks.reflected_convolution(x, out_channels, seeds, 7, bias=True, dtype=dtype)


def _halve(x, filters, seeds, norm, dtype):
    """Halve height and width: convolution 3x3 with strides 2, norm, ReLU ("dk").

    Sides are even, so that of PyTorch's padding=1 only the first row and column are ever seen.
    """
    x = layers.ZeroPadding2D(((1, 0), (1, 0)), dtype=dtype)(x)
    x = blocks.convolution(x, filters, seeds, 3, padding="valid", bias=blocks.biased(norm), dtype=dtype)
    return layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))


def double(x, filters, seeds, norm, dtype, upsampling="transposed"):
    """Double height and width: transposed convolution 3x3 with strides 2 or another `enlarge`, norm, ReLU ("uk")."""
    x = blocks.enlarge(x, filters, seeds, upsampling, 3, blocks.biased(norm), dtype)
    return layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))


def dense(latent=2, dimensions=2, width=512, layers=3, classes=0, dtype=None, seed=None):
    """Build the generator of points: dense layers with ReLU, and a last one without.

    Args:
        latent: numbers of noise that one point is made from.
        dimensions: coordinates of a point.
        width: units of every hidden layer.
        layers: hidden layers.
        classes: how many classes there are; 0 is without. Their one-hot vector is joined to the input of every layer.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.

    Returns:
        `keras.Model` from noise (batch, latent), with classes from [noise, one-hot (batch, classes)], to points
        (batch, dimensions) of any size.

    Raises:
        ValueError: if a number is not possible.

    Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", section 4.2 and the authors' toy.
    """
    noise, condition = _noise_inputs(latent, classes, dtype)
    x = dense_layers(noise, condition, width, layers, dimensions, blocks.seeds(seed), dtype)
    points = keras.layers.Activation("linear", dtype=image_dtype(dtype), name="point")(x)
    return keras.Model(noise if condition is None else [noise, condition], points, name="dense_generator")


def dense_layers(x, condition, width, count, outputs, seeds, dtype):
    """Apply `count` dense layers with ReLU, and one of `outputs` units without; each sees the condition, if any.

    Kernels start He-uniform, biases at 0.
    """
    check_count("width", width)
    check_count("layers", count, least=0)
    for number in range(count + 1):
        units, activation = (width, "relu") if number < count else (outputs, None)
        start = keras.initializers.HeUniform(seed=next(seeds))
        layer = layers.Dense(units, activation, kernel_initializer=start, dtype=dtype)
        x = layer(join_classes(x, condition, dtype))
    return x


def dcgan(image_size=64, latent=100, channels=3, filters=64, norm="batch", classes=0, dtype=None, seed=None):
    """Build the DCGAN generator: noise is projected to 4x4, and transposed convolutions double it up to the image.

    Args:
        image_size: side of the square image: 16, 32 or 64.
        latent: numbers of noise that one image is made from.
        channels: channels of the image.
        filters: channels before the last convolution; they double towards the noise.
        norm: "batch", or another one of `blocks.NORMS`; the last layer has none.
        classes: how many classes there are; 0 is without. Their one-hot vector is joined to the noise, and to every
            feature map as a plane for each class.
        dtype: Keras dtype policy of the layers; the output is float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.

    Returns:
        `keras.Model` from noise (batch, latent), with classes from [noise, one-hot (batch, classes)], to images
        (batch, image_size, image_size, channels) in (-1, 1).

    Raises:
        ValueError: if image_size is none of 16, 32 and 64, another number is not possible, or norm is unknown.

    Source: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
    Networks", section 3 and figure 1; kernels of 4x4 are those of PyTorch's example, and the authors' code for MNIST
    joins classes so.
    Deviation: the paper's kernels are 5x5, which strides of 2 do not divide: they leave a grid.
    """
    widths = dcgan_widths(image_size, filters)[::-1]
    noise, condition = _noise_inputs(latent, classes, dtype)
    seeds, bias = blocks.seeds(seed), blocks.biased(norm)
    start = keras.initializers.RandomNormal(0.0, 0.02, seed=next(seeds))
    project = layers.Dense(START * START * widths[0], use_bias=bias, kernel_initializer=start, dtype=dtype)
    x = project(join_classes(noise, condition, dtype))
    x = layers.Reshape((START, START, widths[0]), dtype=dtype)(x)
    for width in widths[1:]:
        x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
        x = blocks.transposed_convolution(join_classes(x, condition, dtype), width, seeds, 4, bias, dtype)
    x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    x = blocks.transposed_convolution(join_classes(x, condition, dtype), channels, seeds, 4, bias, dtype)
    images = layers.Activation("tanh", dtype=image_dtype(dtype), name="image")(x)
    return keras.Model(noise if condition is None else [noise, condition], images, name="dcgan_generator")


def dcgan_widths(image_size, filters):
    """Return the channels of a DCGAN's feature maps, the largest map first: filters times 1, 2, ... down to 4x4.

    Raises:
        ValueError: if image_size is none of 16, 32 and 64, or filters is no whole number from 1 on.
    """
    if not isinstance(image_size, numbers.Integral) or image_size not in SMALL_SIZES:
        raise ValueError(f"image_size is {image_size!r}; expected one of {', '.join(map(str, SMALL_SIZES))}")
    check_count("filters", filters)
    return [filters * 2**level for level in range((int(image_size) // START).bit_length() - 1)]


def _noise_inputs(latent, classes, dtype):
    """Return the inputs of a generator from noise: the noise, and the one-hot classes or None."""
    check_count("latent", latent)
    return keras.Input((latent,), dtype=image_dtype(dtype), name="noise"), class_input(classes, dtype)


def class_input(classes, dtype):
    """Return the input for the one-hot vector of so many classes; None without."""
    return keras.Input((classes,), dtype=image_dtype(dtype), name="classes") if classes else None


def join_classes(x, condition, dtype):
    """Join one-hot classes to a vector, or to a feature map as a plane for each class, which is 1 or 0 all over.

    Args:
        x: (batch, n) or (batch, height, width, channels).
        condition: (batch, classes); None returns x as it is.
        dtype: Keras dtype policy.
    """
    if condition is None:
        return x
    if len(x.shape) == 4:
        height, width = x.shape[1:3]
        repeated = layers.RepeatVector(height * width, dtype=dtype)(condition)
        condition = layers.Reshape((height, width, condition.shape[-1]), dtype=dtype)(repeated)
    return layers.Concatenate(dtype=dtype)([x, condition])


def check_count(name, value, least=1):
    """Raise ValueError unless a value is a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"{name} is {value!r}; expected a whole number from {least} on")


def check_size(image_size):
    """Return image_size as a Python int; raise ValueError unless it is a power of two from 16 to 1024."""
    if not isinstance(image_size, numbers.Integral) or image_size not in SIZES:
        raise ValueError(f"image_size is {image_size!r}; expected one of {', '.join(map(str, SIZES))}")
    return int(image_size)


def image_dtype(dtype):
    """Return the dtype of a network's images and logits: float32, unless everything is float64."""
    return "float64" if dtype == "float64" else "float32"
