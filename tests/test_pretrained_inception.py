"""The FID Inception against torch-fidelity's, with random weights in the published file's names and shapes."""

import io
import os
import pathlib
import tarfile

import keras
import numpy as np
import pytest
import torch_fidelity_stub
from PIL import Image

from pix2pix_tf import errors
from pix2pix_tf.pretrained import inception, torch_files

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
FACADES = SHARED / "datasets" / "facades.tar.gz"
PARAMETERS = 23_885_392  # 21,768,352 in convolutions, 4 x 17,216 in batch norms, 2048 x 1008 + 1008 in the last layer


@pytest.fixture(scope="module")
def photos():
    """Photographs of real facades, uint8 (2, 256, 256, 3)."""
    if not FACADES.exists():
        pytest.skip(f"the real facades archive is not at {FACADES}")
    found = []
    with tarfile.open(FACADES) as archive:
        for member in archive:
            if member.name.endswith(".jpg") and len(found) < 2:
                image = Image.open(io.BytesIO(archive.extractfile(member).read()))
                found.append(np.asarray(image.convert("RGB"))[:, :256])
            if len(found) == 2:
                return np.stack(found)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A file like the published one, and torch-fidelity's network with it."""
    module = torch_fidelity_stub.load("feature_extractor_inceptionv3")
    import torch

    class Random(module.FeatureExtractorInceptionV3):
        """The network as it is made, before it reads a file."""

        def load_state_dict(self, state):
            pass

    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save({}, path)
    torch.manual_seed(0)
    network = Random("random", ["2048", "logits_unbiased", "logits"], feature_extractor_weights_path=path)
    for name, value in network.state_dict().items():
        if name.endswith("conv.weight"):
            value.normal_(0, (2 / value[0].numel()) ** 0.5)
        elif name.endswith("bn.weight"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("bn.bias"):
            value.normal_(0, 0.3)
    calibrate(torch, network)
    torch.save(network.state_dict(), path)
    return path, network.eval()


def calibrate(torch, network):
    """Give batch norms the statistics of some patterns, and a little noise, so that features stay of order one."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
            layer.train()
    network(torch.randint(0, 256, (2, 3, 9, 9), dtype=torch.uint8))
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean += 0.1 * layer.running_var.sqrt() * torch.randn_like(layer.running_mean)
            layer.running_var *= torch.empty_like(layer.running_var).uniform_(0.8, 1.3)


def theirs(network, images):
    import torch

    with torch.no_grad():
        return [part.numpy() for part in network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()))]


def test_names_and_number_of_entries(published, random):
    entries = torch_files.read(published[0])
    assert len(entries) == 566
    assert inception.places(random).keys() == entries.keys()
    counted = sum(value.size for name, value in entries.items() if not name.endswith("num_batches_tracked"))
    assert counted == PARAMETERS


def test_features_and_logits_equal_torch_fidelity(published, photos):
    path, network = published
    features, unbiased, logits = theirs(network, photos)
    assert features.std() > 0.1 and np.abs(features[0] - features[1]).mean() > 0.05 * features.mean()
    assert not np.allclose(logits, unbiased, rtol=1e-3)
    model = inception.load(path)
    ours, our_logits = model(inception.prepare(photos, "torch-fidelity"), training=False)
    assert np.abs(ours - features).max() < 1e-4 * features.max()
    assert np.abs(our_logits - logits).max() < 1e-4 * np.abs(logits).max()
    assert np.abs(inception.unbiased_logits(model, ours) - unbiased).max() < 1e-4 * np.abs(unbiased).max()
    other, _ = model(inception.prepare(photos[:1], "pytorch-fid"), training=False)
    assert np.abs(other - features[:1]).max() > 1e-3 * features.max()


def test_inputs_equal_those_of_programs_on_torch(photos):
    torch = pytest.importorskip("torch", reason="the comparison needs torch")
    scaled = torch.from_numpy(photos.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    expected = 2 * torch.nn.functional.interpolate(scaled, (299, 299), mode="bilinear", align_corners=False) - 1
    np.testing.assert_allclose(inception.prepare(photos), expected.numpy().transpose(0, 2, 3, 1), atol=1e-5)


def test_bicubic_input_equals_pillow():
    images = np.random.default_rng(0).integers(0, 2, (1, 50, 40, 3), dtype=np.uint8) * 255  # overshoots
    planes = [Image.fromarray(images[0, :, :, channel].astype(np.float32)) for channel in range(3)]
    resized = [np.asarray(plane.resize((299, 299), Image.Resampling.BICUBIC)).clip(0, 255) for plane in planes]
    expected = (np.stack(resized, axis=-1) - 128) / 128
    np.testing.assert_allclose(inception.prepare(images, "clean-fid")[0], expected, atol=1e-5)


@pytest.mark.parametrize("resize", inception.RESIZES)
def test_range_of_the_input(resize):
    for value, expected in ((0, -1), (255, 1 if resize == "pytorch-fid" else 127 / 128)):
        prepared = inception.prepare(np.full((1, 20, 30, 3), value, np.uint8), resize)
        assert prepared.shape == (1, 299, 299, 3) and prepared.dtype == np.float32
        np.testing.assert_allclose(prepared, expected, atol=1e-6)


def test_an_unknown_resize():
    with pytest.raises(ValueError, match="resize is 'nearest'; expected one of pytorch-fid, torch-fidelity, clean-fid"):
        inception.prepare(np.zeros((1, 8, 8, 3), np.uint8), "nearest")


@pytest.fixture(scope="module")
def random():
    return inception.network()


def test_architecture(random):
    assert random.count_params() == PARAMETERS
    assert [tuple(output.shape) for output in random.outputs] == [(None, 2048), (None, 1008)]
    assert random.get_layer("Mixed_7c.branch_pool.conv").kernel.shape == (1, 1, 2048, 192)
    norms = [layer for layer in random.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 94 and {layer.epsilon for layer in norms} == {1e-3}


def test_average_pools_leave_the_padding_out_and_the_last_pool_takes_the_maximum(random):
    pools = {name: random.get_layer(f"{name}.branch_pool.conv").input._keras_history.operation for name in POOLED}
    image = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)
    for name, pool in pools.items():
        corner = pool(image)[0, 0, 0, 0]
        assert float(corner) == (4 if name == "Mixed_7c" else 2), name  # of 0, 1, 3, 4 without padding
        assert pool(image).shape == image.shape


POOLED = ["Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_7b", "Mixed_7c"]


def entries(network):
    """A state dict for a network, every entry full of its own number."""
    made = {}
    for number, (name, (variable, axes)) in enumerate(inception.places(network).items()):
        shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))] if axes else ()
        made[name] = np.broadcast_to(np.float32(number), shape)
    return made


def refused(monkeypatch, made):
    monkeypatch.setattr(torch_files, "read", lambda path: made)
    monkeypatch.setattr(inception, "network", lambda: keras.models.clone_model(SMALL))
    with pytest.raises(errors.InputError) as raised:
        inception.load("x.pth")
    assert "\n" not in str(raised.value)
    return str(raised.value)


def small():
    image = keras.Input((5, 5, 3))
    features = keras.layers.GlobalAveragePooling2D()(inception.convolution(image, "first", 4, 3))
    return keras.Model(image, [features, keras.layers.Dense(6, name="fc")(features)])


SMALL = small()


def test_other_entries_are_named(monkeypatch):
    made = entries(SMALL)
    lacking = {name: value for name, value in made.items() if not name.startswith("fc")}
    assert refused(monkeypatch, lacking) == "x.pth: lacks fc.bias and 1 more; expected the FID Inception of 2015-12-05"
    more = {**lacking, "fc.bias": made["fc.bias"], "head.weight": np.zeros(3)}
    assert "x.pth: lacks fc.weight and has the unknown head.weight; expected" in refused(monkeypatch, more)
    wrong = {**made, "first.conv.weight": np.zeros((4, 3, 5, 3))}
    message = refused(monkeypatch, wrong)
    assert message == "x.pth: first.conv.weight has shape (4, 3, 5, 3); expected (4, 3, 3, 3)"
    assert "fc.weight has shape (24,); expected (6, 4)" in refused(monkeypatch, {**made, "fc.weight": np.zeros(24)})


def test_every_entry_reaches_its_variable(monkeypatch):
    made = entries(SMALL)
    made["first.conv.weight"] = np.arange(4 * 3 * 3 * 3, dtype=np.float32).reshape(4, 3, 3, 3)
    monkeypatch.setattr(torch_files, "read", lambda path: made)
    monkeypatch.setattr(inception, "network", lambda: keras.models.clone_model(SMALL))
    model = inception.load("x.pth")
    assert not model.trainable_variables
    for name, (variable, axes) in inception.places(model).items():
        if variable is not None:
            np.testing.assert_array_equal(variable, made[name].transpose(axes))
