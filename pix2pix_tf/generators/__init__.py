"""Networks that turn an image into an image, or noise into a point or an image: a file for each family."""

from pix2pix_tf.generators.high_resolution import (
    COARSE,
    COARSE_TO_FINE,
    ENCODER,
    ENHANCER,
    PAINT,
    coarse_to_fine,
    encoder,
    stages,
    variables_of,
)
from pix2pix_tf.generators.noise import (
    SMALL_SIZES,
    START,
    class_input,
    dcgan,
    dcgan_widths,
    dense,
    dense_layers,
    join_classes,
)
from pix2pix_tf.generators.resnets import INPUT_SHARE, PRECISE, double, halve, resnet
from pix2pix_tf.generators.shared import SIZES, average_halved, check_count, check_size, image_dtype
from pix2pix_tf.generators.unets import OUTERMOST_SKIP, decode, encode, unet

__all__ = [
    "COARSE",
    "COARSE_TO_FINE",
    "ENCODER",
    "ENHANCER",
    "INPUT_SHARE",
    "OUTERMOST_SKIP",
    "PAINT",
    "PRECISE",
    "SIZES",
    "SMALL_SIZES",
    "START",
    "average_halved",
    "check_count",
    "check_size",
    "class_input",
    "coarse_to_fine",
    "dcgan",
    "dcgan_widths",
    "decode",
    "dense",
    "dense_layers",
    "double",
    "encode",
    "encoder",
    "halve",
    "image_dtype",
    "join_classes",
    "resnet",
    "stages",
    "unet",
    "variables_of",
]
