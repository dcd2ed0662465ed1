"""Networks that judge images, one logit for every patch; or points and small images, one logit each."""

import keras

from pix2pix_tf import blocks, generators

MOST_LAYERS = 6
MOST_SCALES = 16  # no image is larger
SCALE = "scale"  # how the names of the scales begin


def patchgan(
    source_channels=3,
    target_channels=3,
    filters=64,
    layers=3,
    norm="instance",
    dtype=None,
    image_size=256,
    seed=None,
    spectral=False,
):
    """Build the PatchGAN: a convolutional network whose every output judges one patch of the image.

    Args:
        source_channels: channels of the conditioning image; None for a discriminator of the target alone.
        target_channels: channels of the image to judge.
        filters: channels after the first convolution; they double up to eight times that.
        layers: halvings, 0 to 6; 3 is the paper's 70x70 PatchGAN, 0 its 1x1 PixelGAN.
        norm: "instance", "plain_instance" (without scale and offset, after convolutions with biases, as in the
            authors' code of CycleGAN), "pixel", "batch" or "none"; the first and the last layer have none.
        dtype: Keras dtype policy of the layers; the logits are float32 (float64 for float64) whatever it is.
        image_size: side of the square images, a power of two from 16 to 1024.
        seed: integer for the same initial weights every time; None for fresh ones.
        spectral: whether every kernel is divided by its largest singular value, see
            `convolutions.SpectralConvolution`; then best without a norm.

    Returns:
        `keras.Model` from [source, target] (or target alone), each (batch, image_size, image_size, channels) in
        [-1, 1], to logits (batch, side, side, 1); positive means real.

    Raises:
        ValueError: if layers is not in 0 to 6, image_size is no power of two from 16 to 1024 or too small for that
            many layers, or norm is unknown.

    Source: Isola et al. 2017, section 3.2.2 and appendix 6.1.2. Deviation: as in the authors' code, the convolution
    before the last has strides 1, and the last layer gives logits: the sigmoid is part of the loss.
    """
    generators.check_size(image_size)
    _check_layers(layers, image_size)
    seeds = blocks.seeds(seed)
    image_dtype = generators.image_dtype(dtype)
    target = keras.Input((image_size, image_size, target_channels), dtype=image_dtype, name="target")
    inputs, x = target, target
    if source_channels is not None:
        source = keras.Input((image_size, image_size, source_channels), dtype=image_dtype, name="source")
        inputs = [source, target]
        x = keras.layers.Concatenate(dtype=dtype)(inputs)
    if layers == 0:
        x = _pixel_layers(x, filters, seeds, norm, dtype, spectral)
    else:
        x = _patch_layers(x, filters, layers, seeds, norm, dtype, spectral)
    logits = keras.layers.Activation("linear", dtype=image_dtype, name="logits")(x)
    return keras.Model(inputs, logits, name="patchgan")


def _patch_layers(x, filters, count, seeds, norm, dtype, spectral):
    """Apply `count` halving convolutions, one with strides 1, and the one that gives the logits."""
    bias = _is_biased(norm, spectral)
    x = blocks.convolution(x, filters, seeds, bias=True, dtype=dtype, spectral=spectral)
    for level in range(1, count):
        x = blocks.downsample(x, filters * min(2**level, 8), seeds, norm, bias=bias, dtype=dtype, spectral=spectral)
    x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype)(x)
    x = _padded_convolution(x, filters * min(2**count, 8), seeds, bias, dtype, spectral)
    x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    return _padded_convolution(x, 1, seeds, True, dtype, spectral)


def _is_biased(norm, spectral):
    """Say whether the inner convolutions have biases: with spectral norm alone nothing else gives an offset."""
    return blocks.biased(norm) or (spectral and norm == "none")


def _padded_convolution(x, filters, seeds, bias, dtype, spectral):
    """Convolve 4x4 with strides 1 after padding by 1 on every side: height and width shrink by one."""
    x = keras.layers.ZeroPadding2D(1, dtype=dtype)(x)
    return blocks.convolution(x, filters, seeds, strides=1, padding="valid", bias=bias, dtype=dtype, spectral=spectral)


def _pixel_layers(x, filters, seeds, norm, dtype, spectral):
    """Apply the 1x1 convolutions of the PixelGAN, which sees no neighbours."""
    bias, same = _is_biased(norm, spectral), {"size": 1, "strides": 1, "dtype": dtype, "spectral": spectral}
    x = blocks.convolution(x, filters, seeds, bias=True, **same)
    x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype)(x)
    x = blocks.convolution(x, filters * 2, seeds, bias=bias, **same)
    x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    return blocks.convolution(x, 1, seeds, bias=bias, **same)


def multiscale(
    source_channels=3,
    target_channels=3,
    filters=64,
    layers=3,
    scales=2,
    norm="plain_instance",
    dtype=None,
    image_size=1024,
    seed=None,
    spectral=False,
):
    """Build pix2pixHD's discriminator: PatchGANs of equal layers for the pair, for half of its size, and so on.

    Args:
        source_channels: channels of the conditioning image; None for a discriminator of the target alone.
        target_channels: channels of the image to judge.
        filters: channels after the first convolution; they double up to eight times that.
        layers: halvings of each, 1 to 6.
        scales: how many there are.
        norm: "plain_instance" (as in the paper), or another one of `blocks.NORMS`; the first and the last layer have
            none.
        dtype: Keras dtype policy of the layers; the logits are float32 (float64 for float64) whatever it is.
        image_size: side of the square images, a multiple of 2^(scales - 1), of which the smallest scale has 16 or more.
        seed: integer for the same initial weights every time; None for fresh ones.
        spectral: as of `patchgan`.

    Returns:
        `keras.Model` from [source, target] (or target alone), each (batch, image_size, image_size, channels), to a list
        of logits (batch, side, side, 1), those of the full size first; positive means real. The paths of variables
        begin with "scale_0" for the smallest scale: as many scales of half the size have the same.

    Raises:
        ValueError: if a number is not possible, or norm is unknown.

    Source: Wang et al. 2018, section 3.2. Convolutions are padded by 2 and not by 1 as those of pix2pix, as in the
    authors' code: a side of 256 has 35 logits.
    """
    _check_scales(image_size, layers, scales)
    seeds, image_dtype = blocks.seeds(seed), generators.image_dtype(dtype)
    target = keras.Input((image_size, image_size, target_channels), dtype=image_dtype, name="target")
    inputs, x, logits = target, target, []
    if source_channels is not None:
        source = keras.Input((image_size, image_size, source_channels), dtype=image_dtype, name="source")
        inputs = [source, target]
        x = keras.layers.Concatenate(dtype=dtype)(inputs)
    for number in reversed(range(scales)):
        with keras.name_scope(f"{SCALE}_{number}"):
            answer = _scale_layers(x, filters, layers, seeds, norm, dtype, spectral, f"{SCALE}_{number}")
        logits.append(keras.layers.Activation("linear", dtype=image_dtype, name=f"{SCALE}_{number}_logits")(answer))
        x = generators.average_halved(x, dtype) if number else None
    return keras.Model(inputs, logits, name="multiscale")


def _scale_layers(x, filters, count, seeds, norm, dtype, spectral, name):
    """Apply `count` halving convolutions 4x4, one with strides 1, and the one that gives the logits."""
    widths = [filters * min(2**level, 8) for level in range(count + 1)]
    for level, width in enumerate(widths):
        layer_norm = norm if level else "none"
        bias = _is_biased(norm, spectral) or level == 0
        strides, mark = (2 if level < count else 1), None if level else f"{name}_image"
        x = _widely_padded_convolution(x, width, seeds, strides, bias, dtype, spectral, mark)
        x = blocks.normalize(x, layer_norm, seeds, dtype)
        x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype, name=f"{name}_seen_{level}")(x)
    return _widely_padded_convolution(x, 1, seeds, 1, True, dtype, spectral)


def _widely_padded_convolution(x, filters, seeds, strides, bias, dtype, spectral, name=None):
    """Convolve 4x4 after padding by 2 on every side: a side of n becomes n / 2 + 1, or n + 1 with strides 1."""
    x = keras.layers.ZeroPadding2D(2, dtype=dtype, name=name)(x)
    return blocks.convolution(x, filters, seeds, 4, strides, "valid", bias, dtype, spectral)


def _check_scales(image_size, count, scales):
    """Raise ValueError unless so many scales of so many layers are possible."""
    generators.check_count("scales", scales)
    _check_layers(count)
    if count == 0:
        raise ValueError(f"layers is 0; expected 1 to {MOST_LAYERS}")
    if scales > MOST_SCALES:
        raise ValueError(f"scales is {scales}; expected 1 to {MOST_SCALES}")
    step, least = 2 ** (scales - 1), generators.SIZES[0] * 2 ** (scales - 1)
    if isinstance(image_size, bool) or image_size not in range(least, 2**20, step):
        raise ValueError(
            f"image_size is {image_size!r}; expected a multiple of {step} from {least} on for {scales} scales, or fewer"
        )


def dense(dimensions=2, width=512, layers=3, classes=0, dtype=None, seed=None):
    """Build the discriminator of points: dense layers with ReLU, and a last one that gives the logit.

    Args:
        dimensions: coordinates of a point.
        width, layers, classes, dtype, seed: as of `generators.dense`.

    Returns:
        `keras.Model` from points (batch, dimensions), with classes from [points, one-hot (batch, classes)], to logits
        (batch, 1); positive means real.

    Raises:
        ValueError: if a number is not possible.

    Source: as of `generators.dense`.
    """
    points = keras.Input((dimensions,), dtype=generators.image_dtype(dtype), name="point")
    condition = generators.class_input(classes, dtype)
    x = generators.dense_layers(points, condition, width, layers, 1, blocks.seeds(seed), dtype)
    logits = keras.layers.Activation("linear", dtype=generators.image_dtype(dtype), name="logits")(x)
    return keras.Model(points if condition is None else [points, condition], logits, name="dense_discriminator")


def dcgan(image_size=64, channels=3, filters=64, norm="batch", classes=0, dtype=None, seed=None, spectral=False):
    """Build the DCGAN discriminator: convolutions halve the image down to 4x4, and one more sees all of that.

    Args:
        image_size: side of the square image: 16, 32 or 64.
        channels: channels of the image.
        filters: channels after the first convolution; they double with every halving.
        norm: "batch", or another one of `blocks.NORMS`; the first and the last layer have none.
        classes: how many classes there are; 0 is without. A plane for each is joined to the image and to every feature
            map.
        dtype: Keras dtype policy of the layers; the logits are float32 (float64 for float64) whatever it is.
        seed: integer for the same initial weights every time; None for fresh ones.
        spectral: whether every kernel is divided by its largest singular value.

    Returns:
        `keras.Model` from images (batch, image_size, image_size, channels) in [-1, 1], with classes from [images,
        one-hot (batch, classes)], to logits (batch, 1); positive means real.

    Raises:
        ValueError: if image_size is none of 16, 32 and 64, filters is not possible, or norm is unknown.

    Source: as of `generators.dcgan`.
    """
    widths = generators.dcgan_widths(image_size, filters)
    images = keras.Input((image_size, image_size, channels), dtype=generators.image_dtype(dtype), name="image")
    condition = generators.class_input(classes, dtype)
    x, seeds, bias = images, blocks.seeds(seed), _is_biased(norm, spectral)
    for level, width in enumerate(widths):
        x = generators.join_classes(x, condition, dtype)
        x = blocks.convolution(x, width, seeds, bias=bias, dtype=dtype, spectral=spectral)
        x = blocks.normalize(x, norm if level else "none", seeds, dtype)
        x = keras.layers.LeakyReLU(blocks.LEAK, dtype=dtype)(x)
    x = generators.join_classes(x, condition, dtype)
    x = blocks.convolution(x, 1, seeds, generators.START, 1, "valid", bias, dtype, spectral)
    x = keras.layers.Reshape((1,), dtype=dtype)(x)
    logits = keras.layers.Activation("linear", dtype=generators.image_dtype(dtype), name="logits")(x)
    return keras.Model(images if condition is None else [images, condition], logits, name="dcgan_discriminator")


def with_features(discriminator):
    """Return a discriminator that gives what its hidden layers see beside its answer, with the same weights.

    Args:
        discriminator: `keras.Model` of `patchgan` or `multiscale`.

    Returns:
        `keras.Model` of the same inputs to a list: the result of every activation, the largest map first, and last the
        logits; of several scales to a list of such lists, the full size first.
    """
    hidden = [layer for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    if not isinstance(discriminator.output, list):
        seen = [*(layer.output for layer in hidden), discriminator.output]
        return keras.Model(discriminator.inputs, seen, name="patchgan_with_features")
    seen = []
    for number, logits in zip(reversed(range(len(discriminator.output))), discriminator.output, strict=True):
        own = [layer.output for layer in hidden if layer.name.startswith(f"{SCALE}_{number}_")]
        seen.append([*own, logits])
    return keras.Model(discriminator.inputs, seen, name="multiscale_with_features")


def of_scales(discriminator, scales):
    """Return the smallest scales of a discriminator, for smaller images, with the same weights and features.

    While a generator learns at half the size, the largest scale has nothing to see, and the others see what they
    always see.

    Args:
        discriminator: `keras.Model` of `multiscale`, for a source and a target.
        scales: how many of its scales; the image is that of the largest among them.

    Returns:
        `keras.Model` from [source, target] of any size to a list as of `with_features`.
    """
    seen = with_features(discriminator).output[-scales:]
    first = discriminator.get_layer(f"{SCALE}_{scales - 1}_image").input
    image = keras.Input((None, None, first.shape[3]), dtype=first.dtype)
    judge = keras.models.clone_model(keras.Model(first, seen), image, clone_function=lambda layer: layer)
    inputs = [keras.Input((None, None, one.shape[3]), dtype=one.dtype) for one in discriminator.inputs]
    joined = keras.layers.Concatenate(dtype=first.dtype)(inputs)
    return keras.Model(inputs, judge(joined), name=f"smallest_{scales}_of_multiscale")


def receptive_field(layers=3):
    """Return the side in pixels of the patch that one logit of a PatchGAN sees.

    Walks back from one output: a convolution of size k and strides s widens a field r to (r - 1) s + k.

    Args:
        layers: halvings, 0 to 6.

    Returns:
        int: 1, 16, 34, 70, 142, 286, 574 for 0 to 6 layers, if no norm couples all positions.

    Raises:
        ValueError: if layers is not in 0 to 6.

    Source: Isola et al. 2017, section 4.4.
    """
    _check_layers(layers)
    if layers == 0:
        return 1
    field = 1
    for strides in [1, 1] + [2] * layers:
        field = (field - 1) * strides + 4
    return field


def _check_layers(count, image_size=None):
    """Raise ValueError unless `count` layers are possible, at this image_size where one is given."""
    if count not in range(MOST_LAYERS + 1):
        raise ValueError(f"layers is {count}; expected 0 to {MOST_LAYERS}")
    if image_size is not None and count and image_size // 2**count < 3:
        needed = f"a discriminator of {count} layers; expected {2 ** (count + 2)} at least"
        raise ValueError(f"image_size is {image_size}, too small for {needed}")
