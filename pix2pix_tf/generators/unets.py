"""The U-Net of pix2pix: an encoder, a decoder, and skips between layers of equal size."""

import keras
from keras import layers

from pix2pix_tf import blocks
from pix2pix_tf.generators import shared

# What a network's layer is called whose two inputs are the first encoder layer's result and the last decoder block's.
# A network that has it says: nothing outside it looks at the whole image, so that level may be computed in strips.
OUTERMOST_SKIP = "outermost_skip"


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
            every convolution then has biases), "pixel" (each pixel for itself), "layer",
            "batch" or "none".
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
    image_size = shared.check_size(image_size)
    halvings = image_size.bit_length() - 1
    depth = halvings if depth is None else depth
    if not 2 <= depth <= halvings:
        raise ValueError(f"depth is {depth}; expected 2 to {halvings} for image_size {image_size}")
    widths = [filters * min(2**level, 8) for level in range(depth)]
    seeds = blocks.seeds(seed)
    inputs = keras.Input((image_size, image_size, in_channels), dtype=shared.image_dtype(dtype), name="source")
    encoded = encode(inputs, widths, seeds, norm, dtype, norm_least_side)
    x = decode(encoded, widths, seeds, norm, dropout, skips, dtype, upsampling, norm_least_side)
    x = layers.ReLU(dtype=dtype)(x)
    last = "transposed" if upsampling == "blurred" else upsampling
    # Sums of weights, rounded to bfloat16, differ among the four places of the grid: too little to see, but measurable.
    last_dtype = shared.image_dtype(dtype) if upsampling == "nearest" else dtype
    x = blocks.enlarge(x, out_channels, seeds, last, bias=True, dtype=last_dtype)
    outputs = layers.Activation("tanh", dtype=shared.image_dtype(dtype), name="image")(x)
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
