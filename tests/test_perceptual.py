"""Perceptual losses against PyTorch, NumPy and closed forms; what they leave alone, and what they refuse."""

import inspect
import pathlib
import re

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from test_pretrained_squeezenet import WEIGHTS, needs_weights
from test_system_downloads import serving

from pix2pix_tf import errors, perceptual, streets
from pix2pix_tf.pretrained import squeezenet
from pix2pix_tf.system import addresses, downloads

RANDOM = np.random.default_rng(0)
REAL, FAKE = (RANDOM.uniform(-1, 1, (2, 40, 32, 3)).astype(np.float32) for _ in range(2))
VGG19 = {"block1": (2, 64), "block2": (2, 128), "block3": (4, 256), "block4": (4, 512), "block5": (4, 512)}
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)
MEAN = (123.68, 116.779, 103.939)  # red first
DISTANCES = {  # of REAL and FAKE at each layer, by PyTorch 2.13 with `vgg19_weights`; with ImageNet's mean, without it
    True: (0.9486457, 0.7289433, 0.4729943, 0.2779471, 0.1430277),
    False: (0.966832, 0.727942, 0.4780573, 0.2778077, 0.1425292),
}


def vgg19_weights():
    """Draw the kernels and biases of VGG19 without its dense layers, by layer; those that no loss looks at are 0."""
    random, found, before = np.random.default_rng(19), {}, 3
    for block, (count, filters) in VGG19.items():
        for number in range(1, count + 1):
            shape, used = (3, 3, before, filters), block != "block5" or number == 1
            kernel = random.normal(0, np.sqrt(2 / (9 * before)), shape) if used else np.zeros(shape)
            found[f"{block}_conv{number}"] = kernel.astype("f4"), random.normal(0, 5, filters).astype("f4")
            before = filters
    return found


def write(path, weights, pools=()):
    """Write weights as Keras 2 did: a group for each layer, and their names as attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in ("input_1", *weights, *pools)]
        for name in ("input_1", *weights, *pools):
            group = file.create_group(name)
            arrays = dict(zip((f"{name}_W_1:0", f"{name}_b_1:0"), weights.get(name, ()), strict=False))
            group.attrs["weight_names"] = [one.encode() for one in arrays]
            for one, values in arrays.items():
                group[one] = values


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A file of the published form with random weights."""
    path = tmp_path_factory.mktemp("server") / addresses.LAYERS["vgg19"][0].rpartition("/")[2]
    write(path, vgg19_weights(), [f"{block}_pool" for block in VGG19])
    return path


@pytest.fixture
def vgg19(published, monkeypatch):
    """Its path, where it counts as the published one."""
    digest = f"md5:{downloads.digest_of(published, 'md5')}"
    monkeypatch.setitem(addresses.LAYERS, "vgg19", ("http://host.invalid/x.h5", digest))
    return published


def distances_of_pytorch(mean):
    """Return what PyTorch makes of each layer's distance between REAL and FAKE, divided by ImageNet's deviation."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch): compared with its numbers")
    functional, weights = torch.nn.functional, vgg19_weights()

    def see(images):
        pixels = torch.tensor((images + 1) / 2 * 255 - np.float32(MEAN if mean else 127.5))
        x, found = pixels.flip(3).permute(0, 3, 1, 2), []
        for block, (count, _) in VGG19.items():
            for number in range(1, count + 1):
                kernel, bias = map(torch.tensor, weights[f"{block}_conv{number}"])
                x = functional.relu(functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=1))
                found += [x] if number == 1 else []
            x = functional.max_pool2d(x, 2)
        return found

    return [float((one - other).abs().double().mean()) / 57.6 for one, other in zip(see(REAL), see(FAKE), strict=True)]


def small(channels=2, bias=0.0, size=(None, None), inputs=3):
    """A network of one linear layer, which then adds one more to every value; its kernel is always the same."""
    image = keras.Input((*size, inputs))
    start = {"kernel_initializer": keras.initializers.GlorotUniform(seed=3)}
    start["bias_initializer"] = keras.initializers.Constant(bias)
    x = keras.layers.Conv2D(channels, 1, name="linear", **start)(image)
    return keras.Model(image, keras.layers.Rescaling(3.0, 1.0, name="tripled")(x), name="small")


def linear(network):
    return network.get_layer("linear").kernel.numpy()[0, 0]


@pytest.mark.parametrize("mean", [True, False])
def test_vgg19_equals_what_pytorch_gave(vgg19, mean):
    loss = perceptual.build("vgg19", vgg19, mean=mean)
    assert float(loss(REAL, FAKE)) == pytest.approx(np.dot(SHARES, DISTANCES[mean]), rel=1e-5)
    assert loss.layers == tuple(f"block{number}_conv1" for number in range(1, 6))


@pytest.mark.parametrize("mean", [True, False])
def test_vgg19_equals_pytorch_layer_by_layer(vgg19, mean):
    expected = distances_of_pytorch(mean)
    np.testing.assert_allclose(DISTANCES[mean], expected, rtol=1e-5)
    loss = perceptual.build("vgg19", vgg19, mean=mean)
    seen = zip(loss.see(REAL), loss.see(FAKE), strict=True)
    found = [np.abs(one - other).mean(dtype=np.float64) / 57.6 for one, other in seen]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    only = perceptual.Perceptual(loss.network, loss.layers[2:3], loss.weights[2:3], loss.prepare)
    assert float(only(REAL, FAKE)) == pytest.approx(SHARES[2] * expected[2], rel=1e-5)


def test_vgg19_over_http(published, tmp_path, monkeypatch, vgg19):
    with serving(published.parent) as (address, asked):
        digest = addresses.LAYERS["vgg19"][1]
        monkeypatch.setitem(addresses.LAYERS, "vgg19", (f"{address}/{published.name}", digest))
        loss = perceptual.build("vgg19", folder=tmp_path)
    assert asked == [f"/{published.name}"] * 2 and (tmp_path / published.name).exists()
    kernel = loss.network.get_layer("block3_conv2").kernel
    np.testing.assert_array_equal(kernel, vgg19_weights()["block3_conv2"][0])


def test_the_address_and_digest_of_vgg19_are_those_of_keras():
    source = pathlib.Path(inspect.getsourcefile(inspect.unwrap(keras.applications.vgg19.preprocess_input))).read_text()
    address, digest = addresses.LAYERS["vgg19"]
    constant = re.search(r"^WEIGHTS_PATH_NO_TOP = \(\n(.*?)\n\)", source, re.S | re.M).group(1)
    assert "".join(re.findall(r'"(.*?)"', constant)) == address
    file_name = address.rpartition("/")[2]
    assert re.search(f'"{file_name}",.*?file_hash="(.*?)"', source, re.S).group(1) == digest.removeprefix("md5:")


def squeezenet_weights():
    random, found = np.random.default_rng(11), {}
    for layer in squeezenet.network(None).layers:
        if isinstance(layer, keras.layers.Conv2D):
            shape = layer.kernel.shape
            kernel = random.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape)
            found[layer.name.replace(".", "/")] = kernel.astype("f4"), random.normal(0, 5, shape[3]).astype("f4")
    return found


def squeezenet_by_hand(images, weights):
    """What NumPy makes of the five layers, in float64."""

    def convolve(x, name, side, step=1, around=0):
        kernel, bias = (one.astype(np.float64) for one in weights[name])
        x = np.pad(x, [(0, 0), (around, around), (around, around), (0, 0)])
        windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))[:, ::step, ::step]
        return np.maximum(np.einsum("nhwcij,ijcd->nhwd", windows, kernel, optimize=True) + bias, 0)

    pixels = ((images.astype(np.float64) + 1) / 2 * 255 - MEAN)[..., ::-1]
    x = convolve(pixels, "conv1", 3, 2)
    found = [x]
    for number in range(2, 10):
        if number in (2, 4, 6):
            x = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-2, -1))
        x = convolve(x, f"fire{number}/squeeze1x1", 1)
        sides = convolve(x, f"fire{number}/expand1x1", 1), convolve(x, f"fire{number}/expand3x3", 3, around=1)
        x = np.concatenate(sides, axis=-1)
        found += [x] if number in (3, 5, 7, 9) else []
    return found


def test_squeezenet_equals_a_second_computation(tmp_path):
    write(tmp_path / "net.h5", squeezenet_weights())
    real, fake = (squeezenet_by_hand(images, squeezenet_weights()) for images in (REAL, FAKE))
    distances = [np.abs(one - other).mean() / 57.6 for one, other in zip(real, fake, strict=True)]
    loss = perceptual.build("squeezenet", tmp_path / "net.h5")
    assert float(loss(REAL, FAKE)) == pytest.approx(np.dot(SHARES, distances), rel=1e-5)


@needs_weights
def test_with_published_weights_another_street_is_farther_than_noise():
    photos = np.stack([streets.draw(index, 64)[0] for index in range(4)]) / 127.5 - 1
    noisy = np.clip(photos + RANDOM.normal(0, 0.05, photos.shape), -1, 1)
    loss = perceptual.build("squeezenet", WEIGHTS)
    assert 0 < 2 * float(loss(photos, noisy)) < float(loss(photos, photos[::-1].copy()))


def test_a_linear_layer_has_a_closed_form():
    network = small(bias=7.0)
    loss = perceptual.Perceptual(network, ["linear"])
    expected = np.abs((REAL - FAKE) @ linear(network)).mean()
    assert float(loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)
    prepared = perceptual.Perceptual(network, ["linear"], prepare=lambda images: 5 * images + 2)
    assert float(prepared(REAL, FAKE)) == pytest.approx(5 * expected, rel=1e-5)


@pytest.mark.parametrize("layers", [("linear", "tripled"), ("tripled", "linear")])
def test_each_weight_is_of_the_layer_of_its_place(layers):
    network = small()
    one = np.abs((REAL - FAKE) @ linear(network)).mean()
    loss = perceptual.Perceptual(network, layers, weights=(10, 1))
    times = {"linear": 1, "tripled": 3}
    assert float(loss(REAL, FAKE)) == pytest.approx((10 * times[layers[0]] + times[layers[1]]) * one, rel=1e-5)
    alike = perceptual.Perceptual(network, layers)
    assert float(alike(REAL, FAKE)) == pytest.approx(4 * one, rel=1e-5)


def test_equal_images_cost_nothing(vgg19):
    assert float(perceptual.build("vgg19", vgg19)(FAKE, FAKE)) == 0


def test_the_gradient_reaches_fake_images_only():
    network = small()
    loss = perceptual.Perceptual(network, ["linear"], weights=[4])
    real, fake = tf.Variable(REAL), tf.Variable(FAKE)
    with tf.GradientTape() as tape:
        value = loss(real, fake)
    found = tape.gradient(value, [real, fake])
    differences = (FAKE - REAL) @ linear(network)
    assert np.abs(differences).min() > 1e-4  # nearer to 0 the order of a sum decides the sign
    signs = np.sign(differences)
    assert [one is None for one in found] == [True, False]
    np.testing.assert_allclose(found[1], 4 * signs @ linear(network).T / signs.size, rtol=1e-4, atol=1e-9)


def test_the_network_never_changes_and_works_as_at_inference():
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, kernel_initializer=keras.initializers.GlorotUniform(seed=5))(image)
    x = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization(name="norm")(x))
    network = keras.Model(image, keras.layers.ReLU(name="last")(x))
    network.get_layer("norm").moving_variance.assign([4.0, 4.0, 9.0, 9.0])
    before = [variable.numpy().copy() for variable in network.variables]
    loss = perceptual.Perceptual(network, ["last"])
    assert network.trainable_variables == [] and loss.features.trainable_variables == []
    fake = tf.Variable(FAKE)
    with tf.GradientTape() as tape:
        value = loss(REAL, fake)
    keras.optimizers.SGD(1.0).apply([tape.gradient(value, fake)], [fake])
    assert float(loss(REAL, fake)) < float(value) == float(loss(REAL, FAKE))
    expected = np.abs(network(REAL, training=False) - network(FAKE, training=False)).mean()
    assert float(value) == pytest.approx(expected, rel=1e-5)
    for old, new in zip(before, network.variables, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_under_bfloat16_sums_are_of_float32(policy):
    """The mean of 2,560 differences of 1, which bfloat16 would not count to the end."""
    image = keras.Input((None, None, 3))
    layer = keras.layers.Conv2D(1, 1, name="linear", kernel_initializer="ones", dtype=policy)
    loss = perceptual.Perceptual(keras.Model(image, layer(image)), ["linear"], weights=[1 + 2**-12])
    real = tf.zeros((2, 40, 32, 3), tf.bfloat16)
    found = loss(real, tf.cast(real + 1 / 3, tf.bfloat16))
    assert found.dtype == tf.float32
    third = float(tf.cast(tf.constant(1 / 3, tf.bfloat16), tf.float32))
    rounded = 3 * third if policy == "float32" else float(tf.cast(tf.constant(3 * third), tf.bfloat16))
    assert float(found) == pytest.approx(rounded * (1 + 2**-12), rel=1e-6)


def test_images_of_bfloat16_are_prepared_in_float32():
    loss = perceptual.Perceptual(small(), ["linear"], prepare=lambda images: images + 100)
    real, fake = (tf.cast(images, tf.bfloat16) for images in (REAL, FAKE))
    expected = loss(tf.cast(real, tf.float32), tf.cast(fake, tf.float32))
    assert float(loss(real, fake)) == float(expected) > 0


def test_it_is_the_same_in_a_graph_of_any_size():
    loss = perceptual.Perceptual(small(size=(40, 32)), ["linear", "tripled"])
    for shape in ((2, 40, 32, 3), (None, None, None, 3)):
        graph = tf.function(loss, input_signature=[tf.TensorSpec(shape)] * 2)
        assert float(graph(REAL, FAKE)) == pytest.approx(float(loss(REAL, FAKE)), rel=1e-6)


@pytest.mark.parametrize(("scale", "factor"), [("[-1,1]", 1), ("[0,1]", 0.5), ("[0,255]", 127.5)])
def test_a_model_file(tmp_path, scale, factor):
    network = small()
    network.save(tmp_path / "net.keras")
    loss = perceptual.build(tmp_path / "net.keras", layers=["tripled"], weights=[2], scale=scale)
    expected = 2 * 3 * factor * np.abs((REAL - FAKE) @ linear(network)).mean()
    assert float(loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)
    black, white = (loss.prepare(tf.constant(value)) for value in (-1.0, 1.0))
    assert [float(black), float(white)] == pytest.approx([*map(float, scale.strip("[]").split(","))], abs=1e-4)


def refused(call, *arguments, **options):
    with pytest.raises(errors.InputError) as raised:
        call(*arguments, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_layers_and_networks_that_do_not_fit():
    said = refused(perceptual.Perceptual, small(), ["linera"])
    assert said.startswith("small: has no layer linera; did you mean linear? expected some of ")
    assert "did you mean" not in refused(perceptual.Perceptual, small(), ["zzz"])
    assert refused(perceptual.Perceptual, small(), []).startswith("small: no layers are named; expected some of input")
    assert "small: takes (None, None, None, 4); expected" in refused(perceptual.Perceptual, small(inputs=4), ["linear"])
    with pytest.raises(ValueError, match="there are 2 weights for 1 layers"):
        perceptual.Perceptual(small(), ["linear"], weights=(1, 2))


def test_images_that_do_not_fit(tmp_path, vgg19):
    loss = perceptual.Perceptual(small(), ["linear"])
    assert refused(loss, REAL[..., :1], FAKE[..., :1]).startswith("images have shape (2, 40, 32, 1); expected (batch")
    assert "images have shape (40, 32, 3)" in refused(loss, REAL[0], FAKE[0])
    assert "real images have shape (1, 40, 32, 3) and fake ones (2, 40, 32, 3)" in refused(loss, REAL[:1], FAKE)
    own = perceptual.Perceptual(small(size=(40, 40)), ["linear"])
    assert "small: takes images of 40x40; got 32x40; give a network" in refused(own, REAL, FAKE)
    loss = perceptual.build("vgg19", vgg19)
    assert float(loss(REAL[:, :16, :16], FAKE[:, :16, :16])) > 0
    said = refused(loss, REAL[:, :, :15], FAKE[:, :, :15])
    assert said.startswith("images of 15x40 are too small for block5_conv1 of vgg19; expected 16x16 or more, or name")
    write(tmp_path / "net.h5", squeezenet_weights())
    loss = perceptual.build("squeezenet", tmp_path / "net.h5")
    assert float(loss(REAL[:, :31, :31], FAKE[:, :31, :31])) > 0
    assert "images of 30x30 are too small for fire9 of squeezenet; expected 31x31 or more" in refused(
        loss, REAL[:, :30, :30], FAKE[:, :30, :30]
    )


def test_names_and_options(tmp_path, monkeypatch):
    build = perceptual.build
    assert refused(build, "vgg16").startswith("vgg16: is no network of a perceptual loss; did you mean vgg19? expected")
    assert "expected one of vgg19, squeezenet, or a Keras model's file" in refused(build, "zzz")
    assert "squeezenet: its weights have no published address; give perceptual_file, their file" in refused(
        build, "squeezenet"
    )
    assert "absent.keras: no such file" in refused(build, tmp_path / "absent.keras", layers=["x"])
    assert "x.h5: a Keras model has its own weights" in refused(build, "net.keras", "x.h5", ["x"])
    assert "0..1: is no scale; expected one of [0,255] [0,1] [-1,1]" in refused(build, "net.keras", scale="0..1")
    small().save(tmp_path / "net.keras")
    assert "small: no layers are named" in refused(build, tmp_path / "net.keras")
    monkeypatch.setenv("PIX2PIX_TF_MIRROR", "http://host.invalid")
    assert "no connection; give the file fetched elsewhere, choose" in refused(build, "vgg19", folder=tmp_path / "kept")
    (tmp_path / "mine").write_bytes(b"mine")
    assert "and the published file has 253f8cb515780f3b" in refused(build, "vgg19", tmp_path / "mine")
    monkeypatch.setitem(addresses.LAYERS, "vgg19", ("http://host.invalid/x.h5", downloads.digest_of(tmp_path / "mine")))
    assert "is the file of vgg19, but not called so; rename" in refused(build, "vgg19", tmp_path / "mine")
