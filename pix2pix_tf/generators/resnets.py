"""The ResNet of CycleGAN: to a quarter of the size, residual blocks there, and back up."""

import numbers

import keras
from keras import layers

from pix2pix_tf import blocks
from pix2pix_tf.generators import shared

INPUT_SHARE = 1.23  # of all tanh(k x) the nearest to x over [-1, 1], in the mean square
PRECISE = "input_share", "changed_input"  # layers in which the image itself is, as precise as it is in any precision


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
            authors' code), "instance" (with both, after convolutions without biases), "layer", "pixel",
            "batch" or "none".
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
    if not isinstance(image_size, numbers.Integral) or image_size not in range(
        shared.SIZES[0], shared.SIZES[-1] + 1, 4
    ):
        raise ValueError(
            f"image_size is {image_size!r}; expected a multiple of 4 from {shared.SIZES[0]} to {shared.SIZES[-1]}"
        )
    if not isinstance(blocks, numbers.Integral) or blocks < 0:
        raise ValueError(f"blocks is {blocks!r}; expected 0 or more, such as 6 or 9")
    inputs = keras.Input((image_size, image_size, in_channels), dtype=shared.image_dtype(dtype), name="source")
    x = _residual_layers(inputs, out_channels, filters, blocks, norm, dtype, seed, upsampling)
    if input_skip:
        if in_channels != out_channels:
            raise ValueError(
                f"input_skip is True with {in_channels} and {out_channels} channels; expected as many of both"
            )
        share, changed = PRECISE
        kept = layers.Rescaling(INPUT_SHARE, dtype=shared.image_dtype(dtype), name=share)(inputs)
        x = layers.Add(dtype=shared.image_dtype(dtype), name=changed)([x, kept])
    outputs = layers.Activation("tanh", dtype=shared.image_dtype(dtype), name="image")(x)
    return keras.Model(inputs, outputs, name="resnet")


def _residual_layers(x, out_channels, filters, count, norm, dtype, seed, upsampling):
    """Apply all layers of the ResNet generator but the last activation; `count` of its blocks are residual."""
    seeds = blocks.seeds(seed)
    x = blocks.reflected_convolution(x, filters, seeds, 7, blocks.biased(norm), dtype)
    x = layers.ReLU(dtype=dtype)(blocks.normalize(x, norm, seeds, dtype))
    for width in (filters * 2, filters * 4):
        x = halve(x, width, seeds, norm, dtype)
    for _ in range(count):
        x = blocks.residual(x, seeds, norm, dtype)
    for width in (filters * 2, filters):
        x = double(x, width, seeds, norm, dtype, upsampling)
    return blocks.reflected_convolution(x, out_channels, seeds, 7, bias=True, dtype=dtype)


def halve(x, filters, seeds, norm, dtype):
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
