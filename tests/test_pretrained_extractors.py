"""Extractors by name, by file and by model: right features, the same each time, and one line for what is wrong."""

import inspect
import os
import pathlib
import re

import keras
import numpy as np
import pytest
from test_system_downloads import serving

from pix2pix_tf import errors
from pix2pix_tf.pretrained import extractors, inception, squeezenet
from pix2pix_tf.system import addresses, downloads

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
SQUEEZENET = SHARED / "weights" / "squeezenet1.1_imagenet_notop.h5"
needs_weights = pytest.mark.skipif(not SQUEEZENET.exists(), reason=f"the weights are not at {SQUEEZENET}")
PHOTOS = np.random.default_rng(0).integers(0, 256, (19, 12, 10, 3), dtype=np.uint8)


def small(size=(12, 10), pooled=True, channels=3):
    """A network of three features: the mean colours, the first two exchanged."""
    image = keras.Input((*size, channels))
    kernel = np.zeros((1, 1, channels, 3), np.float32)
    kernel[0, 0, [1, 0, 2], [0, 1, 2]] = 1
    layer = keras.layers.Conv2D(3, 1, use_bias=False)
    x = layer(image)
    layer.set_weights([kernel])
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x) if pooled else x, name="small")


def refused(*arguments, **options):
    with pytest.raises(errors.InputError) as raised:
        extractors.named(*arguments, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("size", [(12, 10), (None, None)])
def test_a_model_in_memory(pooled, size):
    extractor = extractors.named(small(size, pooled))
    features = extractor(PHOTOS)
    assert (extractor.name, extractor.dimensions, features.shape) == ("small", 3, (19, 3))
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, PHOTOS.mean(axis=(1, 2))[:, [1, 0, 2]], rtol=1e-5)
    assert extractor.logits(PHOTOS) is None and extractor.probabilities(features) is None
    assert re.fullmatch("[0-9a-f]{64}", extractor.digest)


@pytest.mark.parametrize(("scale", "expected"), [("[0,255]", (0, 255)), ("[0,1]", (0, 1)), ("[-1,1]", (-1, 1))])
def test_scales(scale, expected):
    extractor = extractors.named(small(), scale=scale)
    for value, feature in zip((0, 255), expected, strict=True):
        np.testing.assert_allclose(extractor(np.full((1, 12, 10, 3), value, np.uint8)), feature, atol=1e-5)
    assert extractor.resize == f"10x12 bilinear with antialias, scaled to {scale}"


def test_images_of_another_size_are_resized():
    ramp = np.repeat(np.arange(0, 240, 10, dtype=np.uint8), 20 * 3).reshape(1, 24, 20, 3)
    np.testing.assert_allclose(extractors.named(small())(ramp), ramp.mean(), rtol=0.01)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_model_file(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    small().save(path)
    extractor = extractors.named(str(path))
    np.testing.assert_array_equal(extractor(PHOTOS), extractors.named(small())(PHOTOS))
    assert (extractor.name, extractor.digest) == (path.name, downloads.digest_of(path))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert refused(path).startswith(f"{path}: not a whole model saved by Keras (")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore")
def test_code_in_a_model_file_is_not_run(tmp_path, suffix):
    path, proof = tmp_path / f"net{suffix}", tmp_path / "executed"
    image = keras.Input((8, 8, 3))
    code = eval(f"lambda x: (open({str(proof)!r}, 'w').close(), x[:, 0, 0])[1]")
    keras.Model(image, keras.layers.Lambda(code, output_shape=(3,))(image)).save(path)
    proof.unlink(missing_ok=True)
    assert "not a whole model saved by Keras (" in refused(path)
    assert not proof.exists()


def test_the_same_bits_and_no_variable_changes():
    image = keras.Input((12, 10, 3))
    x = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3)(image)))
    model = keras.Model(image, x)
    before = [variable.numpy().copy() for variable in model.variables]
    extractor = extractors.named(model)
    np.testing.assert_array_equal(extractor(PHOTOS), extractor(PHOTOS))
    np.testing.assert_allclose(extractor(PHOTOS)[16:], extractor(PHOTOS[16:]), rtol=1e-5)
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, new)


def test_features_that_are_not_finite():
    model = small()
    kernel = model.layers[1].kernel
    kernel.assign(keras.ops.full(kernel.shape, 1e38))
    with pytest.raises(errors.InputError) as raised:
        extractors.named(model)(np.concatenate([PHOTOS, np.zeros((2, 12, 10, 3), np.uint8)]))
    assert str(raised.value).startswith("small: its features are NaN or infinite for 19 of 21 images; its weights are")


@pytest.mark.parametrize(
    "images",
    [PHOTOS / 255, PHOTOS[..., :1], PHOTOS[0], PHOTOS[:0], np.zeros((1, 2, 2, 4), np.uint8)],
    ids=["floats", "grey", "one image", "none", "alpha"],
)
def test_other_arrays(images):
    with pytest.raises(errors.InputError, match=r"expected uint8 \(n, height, width, 3\)"):
        extractors.named(small())(images)


def test_a_model_that_is_no_extractor():
    assert "goes from (None, 12, 10, 4) to (None, 3); expected" in refused(small(channels=4))
    flat = keras.Input((12,))
    assert "goes from (None, 12) to" in refused(keras.Model(flat, keras.layers.Dense(2)(flat)))
    image = keras.Input((8, 8, 3))
    assert "has 1 inputs and 2 outputs" in refused(keras.Model(image, [image, image]))
    deep = keras.Model(free := keras.Input((None, None, 3)), keras.layers.Conv2D(2, 30)(free))
    with pytest.raises(errors.InputError, match="does not take images of 10x12 "):
        extractors.named(deep)(PHOTOS)


def test_names_and_options(tmp_path):
    assert refused("incepton").startswith("incepton: is no extractor; did you mean inception? expected one of incep")
    assert refused("zzz").startswith("zzz: is no extractor; expected one of inception, keras-inception, vgg16, squeeze")
    assert "squeezenet: its weights have no published address; give a file with --weights FILE" in refused("squeezenet")
    assert "absent.keras: no such file; give a Keras model" in refused(tmp_path / "absent.keras")
    assert "a Keras model has its own weights" in refused(small(), weights="x.h5")
    assert "is no way of resizing for squeezenet" in refused("squeezenet", resize="clean-fid")
    assert "nearest: is no way of resizing for inception; only" in refused("inception", resize="nearest")
    assert "is no scale for vgg16; a Keras model has a choice, of [0,255] [0,1] [-1,1]" in refused(
        "vgg16", scale="[0,1]"
    )
    assert "is no scale" in refused(small(), scale="0..1")


def test_addresses_and_digests_are_those_of_keras():
    for name, module in (
        ("keras-inception", keras.applications.inception_v3),
        ("vgg16", keras.applications.vgg16),
    ):
        source = pathlib.Path(inspect.getsourcefile(inspect.unwrap(module.preprocess_input))).read_text()
        address, digest = addresses.WEIGHTS[name]
        constants = dict(re.findall(r"^(WEIGHTS_PATH\w*) = \(\n(.*?)\n\)", source, re.S | re.M))
        constant = "WEIGHTS_PATH_NO_TOP" if name == "keras-inception" else "WEIGHTS_PATH"
        assert "".join(re.findall(r'"(.*?)"', constants[constant])) == address
        file_name = address.rpartition("/")[2]
        assert re.search(f'"{file_name}",.*?file_hash="(.*?)"', source, re.S).group(1) == digest.removeprefix("md5:")
    assert addresses.WEIGHTS["inception"][0].endswith("inception-2015-12-05-6726825d.pth")
    assert addresses.WEIGHTS["inception"][1].startswith("6726825d")


@pytest.mark.parametrize("name", addresses.WEIGHTS)
def test_without_a_network_the_line_says_what_works(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PIX2PIX_TF_MIRROR", "http://host.invalid")
    assert "no connection; label accuracy and the paired measures" in refused(name, folder=tmp_path)
    (tmp_path / "mine").write_bytes(b"mine")
    assert "and the published file has" in refused(name, weights=tmp_path / "mine")


@pytest.mark.parametrize("name", ["keras-inception", "vgg16"])
def test_keras_applications_over_http(tmp_path, monkeypatch, name):
    """Smaller networks in their place: the way from an address to features is the same."""
    served = small_application(name)
    path = tmp_path / addresses.WEIGHTS[name][0].rpartition("/")[2].replace(".h5", ".weights.h5")
    served.save_weights(path)
    digest = f"md5:{downloads.digest_of(path, 'md5')}"
    monkeypatch.setattr(keras.applications.vgg16, "VGG16", lambda weights: small_application(name))
    monkeypatch.setattr(keras.applications.inception_v3, "InceptionV3", lambda **options: small_application(name))
    with serving(tmp_path) as (address, _):
        monkeypatch.setitem(addresses.WEIGHTS, name, (f"{address}/{path.name}", digest))
        extractor = extractors.named(name, folder=tmp_path / "kept")
    side = {"vgg16": 224, "keras-inception": 299}[name]
    assert extractor.resize == f"{side}x{side} bilinear with antialias"
    assert extractor.digest == downloads.digest_of(path)
    plain = np.full((1, 20, 20, 3), (255, 51, 0), np.uint8)
    expected = {"vgg16": [-103.939, 51 - 116.779, 255 - 123.68], "keras-inception": [1, -0.6, -1]}[name]
    model = served if name == "keras-inception" else keras.Model(served.input, served.get_layer("fc2").output)
    image = np.broadcast_to(np.float32(expected), (1, side, side, 3))
    np.testing.assert_allclose(extractor(plain), model(image), rtol=1e-4, atol=1e-5)


def test_weights_of_keras_under_another_name(tmp_path, monkeypatch):
    path = tmp_path / "download"
    path.write_bytes(b"weights")
    monkeypatch.setitem(addresses.WEIGHTS, "vgg16", ("http://host.invalid/x.h5", downloads.digest_of(path)))
    assert refused("vgg16", weights=path).endswith("is the file of vgg16, but not called so; rename it to end in .h5")


def small_application(name):
    image = keras.Input((224, 224, 3) if name == "vgg16" else (299, 299, 3))
    x = keras.layers.GlobalAveragePooling2D()(image)
    if name == "keras-inception":
        return keras.Model(image, keras.layers.Dense(5)(x))
    return keras.Model(image, keras.layers.Dense(4)(keras.layers.Dense(6, name="fc2")(x)))


def small_inception():
    image = keras.Input((299, 299, 3))
    features = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, [features, keras.layers.Dense(4, name="fc", bias_initializer="ones")(features)])


@pytest.mark.parametrize("resize", [None, "clean-fid"])
def test_inception_has_features_logits_and_probabilities(tmp_path, monkeypatch, resize):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"weights")
    model = small_inception()
    monkeypatch.setitem(addresses.WEIGHTS, "inception", ("http://host.invalid/x.pth", downloads.digest_of(path)))
    monkeypatch.setattr(inception, "load", lambda found: model if found == path else None)
    extractor = extractors.named("inception", weights=path, resize=resize)
    features = extractor(PHOTOS)
    prepared = inception.prepare(PHOTOS, resize or "pytorch-fid")
    np.testing.assert_allclose(features, prepared.mean(axis=(1, 2)), atol=1e-5)
    logits = features @ np.asarray(model.get_layer("fc").kernel)
    np.testing.assert_allclose(extractor.logits(PHOTOS), logits, atol=1e-5)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(extractor.probabilities(features), expected, atol=1e-6)
    assert extractor.resize.endswith(f"as {resize or 'pytorch-fid'}")


@needs_weights
def test_squeezenet_end_to_end():
    extractor = extractors.named("squeezenet", weights=SQUEEZENET)
    features = extractor(PHOTOS[:3])
    assert features.shape == (3, extractor.dimensions) == (3, squeezenet.FEATURES)
    assert extractor.digest == downloads.digest_of(SQUEEZENET)
    assert extractor.resize == "227x227 bilinear with antialias"
    assert extractor.logits(PHOTOS[:1]) is None
    np.testing.assert_array_equal(features, extractor(PHOTOS[:3]))
    expected = squeezenet.load(SQUEEZENET)(squeezenet.prepare(PHOTOS[:3]), training=False)
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)
