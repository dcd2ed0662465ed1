"""The networks that are compared with PyTorch: what they are built from, their weights and their inputs.

Neither PyTorch nor Keras is imported here: weights and inputs are numbers from a seed, so that both sides can draw
them and only outputs need to be stored.
"""

import pathlib
from typing import NamedTuple

import numpy as np

OUTPUTS = pathlib.Path(__file__).with_name("reference_outputs.npz")
TOLERANCE = 1e-4
SHOWN = 3  # every third row and column is stored: each phase of a convolution of strides 2 and of 4 is among them


class Case(NamedTuple):
    """Describe one comparison: a network, how it is built, and whether batch statistics are used."""

    network: str
    options: dict
    channels: tuple = (3,)
    image_size: int = 32
    batch: int = 1
    training: bool = False


CASES = {
    "unet-instance": Case("unet", {"filters": 4, "norm": "instance"}),
    "unet-batch": Case("unet", {"filters": 4, "norm": "batch"}),
    "unet-batch-training": Case("unet", {"filters": 4, "norm": "batch"}, batch=2, training=True),
    "unet-none": Case("unet", {"filters": 4, "norm": "none"}),
    "unet-without-skips": Case("unet", {"filters": 4, "norm": "instance", "skips": False}),
    "patchgan-3-instance": Case("patchgan", {"filters": 4, "norm": "instance", "layers": 3}, (3, 3)),
    "patchgan-3-batch": Case("patchgan", {"filters": 4, "norm": "batch", "layers": 3}, (3, 3)),
    "patchgan-3-batch-training": Case(
        "patchgan", {"filters": 4, "norm": "batch", "layers": 3}, (3, 3), batch=2, training=True
    ),
    "patchgan-5-instance": Case("patchgan", {"filters": 2, "norm": "instance", "layers": 5}, (3, 3), image_size=128),
    "patchgan-1-unconditional": Case("patchgan", {"filters": 4, "norm": "instance", "layers": 1}, (3,)),
    "patchgan-0-instance": Case("patchgan", {"filters": 4, "norm": "instance", "layers": 0}, (3, 3)),
    "patchgan-3-plain-instance": Case("patchgan", {"filters": 4, "norm": "plain_instance", "layers": 3}, (3,)),
    "patchgan-0-plain-instance": Case("patchgan", {"filters": 4, "norm": "plain_instance", "layers": 0}, (3,)),
    "unet-plain-instance": Case("unet", {"filters": 4, "norm": "plain_instance"}),
    "resnet-plain-instance": Case("resnet", {"filters": 4, "blocks": 2, "norm": "plain_instance"}),
    "resnet-instance": Case("resnet", {"filters": 4, "blocks": 1, "norm": "instance"}, batch=2),
    "resnet-batch-training": Case("resnet", {"filters": 4, "blocks": 1, "norm": "batch"}, batch=2, training=True),
    "resnet-of-36-pixels": Case("resnet", {"filters": 4, "blocks": 1, "norm": "none"}, image_size=36),
    "coarse": Case("coarse_to_fine", {"filters": 4, "downs": 2, "blocks": 2}, (5,)),
    "coarse-and-one-enhancer": Case(
        "coarse_to_fine", {"filters": 8, "downs": 2, "blocks": 1, "enhancers": 1, "enhancer_blocks": 2}, (5,), batch=2
    ),
    "coarse-and-two-enhancers": Case(
        "coarse_to_fine",
        {"filters": 8, "downs": 2, "blocks": 1, "enhancers": 2, "enhancer_blocks": 1, "norm": "instance"},
        image_size=64,
    ),
    "coarse-layer": Case("coarse_to_fine", {"filters": 4, "downs": 2, "blocks": 1, "norm": "layer"}, (5,), batch=2),
    "coarse-and-one-enhancer-plane-skip": Case(
        "coarse_to_fine",
        {"filters": 4, "downs": 2, "blocks": 1, "enhancers": 1, "enhancer_blocks": 1, "plane_skip": True},
        (5,),
    ),
    "encoder": Case("encoder", {"filters": 4, "downs": 2}),
    "multiscale-1": Case("multiscale", {"filters": 4, "layers": 2, "scales": 1}, (3,)),
    "multiscale-2": Case("multiscale", {"filters": 4, "layers": 3, "scales": 2}, (3, 3)),
    "multiscale-3": Case("multiscale", {"filters": 2, "layers": 3, "scales": 3}, (3, 3), image_size=64, batch=2),
    "residual-instance": Case("residual", {"norm": "instance"}, (8,), image_size=8),
    "residual-batch": Case("residual", {"norm": "batch"}, (8,), image_size=8),
}


def inputs(case, seed=0):
    """Draw the images of a case, float32 (batch, image_size, image_size, channels) in [-1, 1] each."""
    random = np.random.default_rng([seed, 1])
    shapes = [(case.batch, case.image_size, case.image_size, channels) for channels in case.channels]
    return [random.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]


def weight(name, shape, layer, seed=0):
    """Draw one weight of the layer of that number, by its name and shape in Keras."""
    random = np.random.default_rng([seed, 2, layer, len(name)])
    if name == "moving_variance":
        return random.uniform(0.01, 0.1, shape).astype(np.float32)
    mean, deviation = {"kernel": (0, 0.05), "bias": (0, 0.1), "gamma": (1, 0.2)}.get(name, (0, 0.2))
    return random.normal(mean, deviation, shape).astype(np.float32)


def summary(output):
    """Return what is stored of an output (batch, height, width, channels), or of a list of them, as a vector."""
    if isinstance(output, list):
        return np.concatenate([summary(one) for one in output])
    part = output[:, ::SHOWN, ::SHOWN] if output.shape[1] > 8 else output
    return np.concatenate([part.ravel(), [output.mean(), output.std()]]).astype(np.float32)
