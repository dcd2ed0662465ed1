"""Equality with PyTorch: live where it is installed, and everywhere with what it gave."""

import keras
import numpy as np
import pytest
import reference_cases

from pix2pix_tf import blocks, discriminators, generators

STORED = np.load(reference_cases.OUTPUTS)
NAMES = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


def torch_reference():
    pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with its stored outputs only")
    import torch_reference

    return torch_reference


def build(case):
    if case.network == "unet":
        return generators.unet(case.image_size, dropout=0, **case.options)
    if case.network == "resnet":
        return generators.resnet(case.image_size, **case.options)
    if case.network == "patchgan":
        source_channels = 3 if len(case.channels) == 2 else None
        return discriminators.patchgan(source_channels, 3, image_size=case.image_size, **case.options)
    if case.network == "multiscale":
        source_channels = 3 if len(case.channels) == 2 else None
        return discriminators.multiscale(source_channels, 3, image_size=case.image_size, **case.options)
    if case.network == "coarse_to_fine":
        return generators.coarse_to_fine(case.image_size, *case.channels, **case.options)
    if case.network == "encoder":
        return generators.encoder(case.image_size, *case.channels, **case.options)
    inputs = keras.Input((case.image_size, case.image_size, *case.channels))
    return keras.Model(inputs, blocks.residual(inputs, blocks.seeds(), **case.options))


def weights(network):
    """Return the variables of each layer that has any, by name, in the order in which an image meets them."""
    layers = sorted((layer for layer in network.layers if layer.weights), key=stage)
    return [{name: getattr(layer, name) for name in NAMES if hasattr(layer, name)} for layer in layers]


def stage(layer):
    """Return when an image meets a stage of pix2pixHD's generator, or a scale; the same for all other networks."""
    name, _, number = layer.path.split("/")[0].rpartition("_")
    order = {"enhancer": 1, "scale": -1}
    return 100 if layer.path.startswith("paint/") else order[name] * int(number) if name in order else 0


def output(network, case):
    images = reference_cases.inputs(case)
    output = network(images if len(images) > 1 else images[0], training=case.training)
    return [one.numpy() for one in output] if isinstance(output, list) else output.numpy()


def draw_weights(network, seed=0):
    for number, layer in enumerate(weights(network)):
        for name, variable in layer.items():
            if variable is not None:
                variable.assign(reference_cases.weight(name, tuple(variable.shape), number, seed))


def output_of_pytorch(network, case):
    """Copy the weights of a Keras network to PyTorch and return the output of that."""
    torch, copied = torch_reference(), weights(network)
    reference = torch.build(case)
    torch.set_weights(reference, lambda name, shape, number: copied[number][name].numpy().reshape(shape))
    return torch.run(reference, reference_cases.inputs(case))


def difference(case, name):
    network = build(case)
    draw_weights(network)
    return np.abs(reference_cases.summary(output(network, case)) - STORED[name]).max()


@pytest.mark.parametrize("name", reference_cases.CASES)
def test_output_equals_what_pytorch_gave(name):
    assert difference(reference_cases.CASES[name], name) < reference_cases.TOLERANCE


@pytest.mark.parametrize("name", reference_cases.CASES)
def test_output_equals_that_of_pytorch_with_the_same_weights(name):
    case = reference_cases.CASES[name]
    network = build(case)
    draw_weights(network, seed=1)
    assert_equal(output(network, case), output_of_pytorch(network, case))


def assert_equal(found, expected):
    for one, other in zip(*(value if isinstance(value, list) else [value] for value in (found, expected)), strict=True):
        assert np.abs(other).max() > 100 * reference_cases.TOLERANCE, "an output near zero would prove nothing"
        np.testing.assert_allclose(one, other, rtol=0, atol=reference_cases.TOLERANCE)


@pytest.mark.parametrize("name", ["multiscale-2", "multiscale-3"])
def test_what_all_scales_see_equals_that_of_pytorch(name):
    case = reference_cases.CASES[name]
    network, torch = build(case), torch_reference()
    draw_weights(network, seed=1)
    copied, reference = weights(network), torch.build(case)
    torch.set_weights(reference, lambda name, shape, number: copied[number][name].numpy().reshape(shape))
    expected = torch.run_with_features(reference, reference_cases.inputs(case))
    found = discriminators.with_features(network)(reference_cases.inputs(case))
    assert [len(seen) for seen in found] == [case.options["layers"] + 2] * case.options["scales"]
    for seen, others in zip(found, expected, strict=True):
        assert_equal([one.numpy() for one in seen], others)


@pytest.mark.parametrize(
    ("network", "norm", "channels"),
    [
        ("unet", "instance", (3,)),
        ("patchgan", "instance", (3, 3)),
        ("patchgan", "plain_instance", (3,)),
        ("resnet", "plain_instance", (3,)),
    ],
)
def test_networks_of_the_papers_equal_those_of_pytorch(network, norm, channels):
    case = reference_cases.Case(network, {"norm": norm}, channels, image_size=256)
    network = build(case)
    assert_equal(output(network, case), output_of_pytorch(network, case))


@pytest.mark.parametrize("name", reference_cases.CASES)
def test_stored_outputs_are_those_of_the_script(name):
    reference = torch_reference()
    drawn = reference_cases.summary(reference.reference_output(reference_cases.CASES[name]))
    np.testing.assert_allclose(STORED[name], drawn, rtol=0, atol=1e-5)


def test_every_case_is_stored():
    assert set(STORED.files) == set(reference_cases.CASES)


@pytest.mark.parametrize(
    ("constant", "value", "name"),
    [
        ("LEAK", 0.3, "unet-instance"),
        ("LEAK", 0.3, "patchgan-3-instance"),
        ("LEAK", 0.3, "patchgan-0-instance"),
        ("NORM_EPSILON", 1e-3, "unet-instance"),
        ("NORM_EPSILON", 1e-3, "unet-batch"),
        ("NORM_EPSILON", 1e-3, "patchgan-3-batch"),
        ("NORM_EPSILON", 1e-3, "residual-instance"),
        ("NORM_EPSILON", 1e-3, "resnet-plain-instance"),
    ],
)
def test_the_default_of_keras_would_be_noticed(constant, value, name, monkeypatch):
    monkeypatch.setattr(blocks, constant, value)
    assert difference(reference_cases.CASES[name], name) > 10 * reference_cases.TOLERANCE
