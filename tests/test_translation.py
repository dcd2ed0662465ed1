import functools
import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from pix2pix_tf import blocks, errors, generators, images, pix2pix, registry, translation
from pix2pix_tf.system import hardware
from pix2pix_tf.translation import storage
from pix2pix_tf.translation import translator as translating

PRECISIONS = ("float32", "bfloat16")


def generator(precision="float32", **options):
    """Return a small generator whose layers of all kinds do something."""
    return generators.unet(16, filters=4, seed=1, dtype=hardware.layer_dtype(precision), **options)


def resnet(precision="float32"):
    """Return a small ResNet generator."""
    return generators.resnet(32, filters=4, blocks=1, seed=1, dtype=hardware.layer_dtype(precision))


@pytest.fixture(scope="module")
def translator():
    return translation.Translator(generator())


def noise(*shape, seed=0):
    """Return images of uniform noise."""
    return np.random.default_rng(seed).uniform(-1, 1, (*shape, 3)).astype(np.float32)


def bits(network):
    """Return the content of every variable."""
    return [variable.numpy().tobytes() for variable in network.variables]


def test_an_image_of_the_trained_size_is_what_the_network_makes_of_it(translator):
    """The same bits as the network in training mode, whose noise has the same seed."""
    image = noise(1, 16, 16)
    expected, _ = translation.run(translator.generator, image, tf.constant([5, 0]))
    np.testing.assert_array_equal(translator(image, seed=5), expected)


@settings(derandomize=True, deadline=None, max_examples=12)
@given(height=st.integers(1, 50), width=st.integers(1, 50))
def test_any_size_is_padded_by_reflection_and_cropped(translator, height, width):
    image = noise(1, height, width, seed=height * 100 + width)
    output = translator(image)
    assert output.shape == (1, height, width, 3)
    assert output.dtype == np.float32
    above, left = (-height % 16) // 2, (-width % 16) // 2
    padding = [(0, 0), (above, -height % 16 - above), (left, -width % 16 - left), (0, 0)]
    whole = translator(np.pad(image, padding, mode="reflect"))
    np.testing.assert_array_equal(output, whole[:, above : above + height, left : left + width])


def test_one_pixel_is_enough(translator):
    assert translator(noise(1, 1, 1)).shape == (1, 1, 1, 3)


def test_a_translation_does_not_depend_on_its_neighbours(translator):
    images = noise(3, 20, 33)
    together = translator(images, seed=2)
    for number in range(3):
        np.testing.assert_array_equal(together[number], translator(images[number : number + 1], seed=2)[0])


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, 2**31])
def test_what_is_no_seed_is_refused(translator, seed):
    with pytest.raises(errors.InputError, match=f"seed is {seed!r}; expected a whole number from 0 to 2147483647"):
        translator(noise(1, 16, 16), seed=seed)
    with pytest.raises(errors.InputError, match=f"seed is {seed!r}"):
        translation.Sampler(generators.dense(2, width=2, layers=1))(2, seed)


def test_the_seed_decides_the_noise(translator):
    image = noise(1, 16, 16)
    np.testing.assert_array_equal(translator(image), translator(image, seed=0))
    np.testing.assert_array_equal(translator(image, seed=7), translator(image, seed=7))
    assert np.abs(translator(image, seed=7) - translator(image)).max() > 1e-3


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_no_variable_changes(norm):
    """Not the moving statistics of batch norm, nor the seeds of dropout, which a call in training mode would change."""
    network = generator(norm=norm)
    before = bits(network)
    for options in ({}, {"seed": 3}, {"resize": True}):
        translation.Translator(network)(noise(2, 20, 16), **options)
    assert bits(network) == before
    network(noise(1, 16, 16), training=True)
    assert bits(network) != before


def test_resize_works_at_the_trained_size(translator):
    image = noise(1, 32, 48)
    small = images.resize(image[0], 16)
    expected = images.resize(translator(small[None])[0], (32, 48))
    np.testing.assert_array_equal(translator(image, resize=True)[0], expected)
    assert np.abs(expected).max() <= 1


def test_a_network_pads_to_the_multiple_it_divides_by():
    networks = [generator(), generator(depth=3), resnet()]
    assert [translating.multiple(network) for network in networks] == [16, 8, 4]
    assert [translating.least_side(network) for network in networks] == [1, 1, 8]


def test_margins_reach_a_multiple_that_is_large_enough():
    assert translating.margins(300, 128) == (42, 42)
    assert translating.margins(9, 4, 8) == (1, 2)
    assert translating.margins(1, 4, 8) == (3, 4)
    assert translating.margins(8, 4, 8) == (0, 0)
    assert translating.margins(3, 4, 10) == (4, 5)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (8, 12), (9, 30), (32, 32), (37, 64)])
def test_a_resnet_translates_any_size(height, width):
    translator = translation.Translator(resnet())
    image = noise(1, height, width)
    rows, columns = (translating.margins(side, 4, 8) for side in (height, width))
    whole = translator(np.pad(image, [(0, 0), rows, columns, (0, 0)], mode="reflect"))
    np.testing.assert_array_equal(translator(image), whole[:, rows[0] :, columns[0] :][:, :height, :width])
    if height == width == 32:
        np.testing.assert_array_equal(whole, tf.function(translator.generator)(image))  # both are graphs


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((16, 16, 3), r"shape \(16, 16, 3\); expected \(batch, height, width, 3\)"),
        ((1, 16, 16, 4), r"shape \(1, 16, 16, 4\)"),
        ((0, 16, 16, 3), r"shape \(0, 16, 16, 3\)"),
        ((1, 3001, 4000, 3), "4000x3001 pixels .* 12 megapixels fit in memory: shrink it"),
        ((1, 1, 1_000_000, 3), r"1000000x1 pixels \(1000000x16 when padded to multiples of 16\)"),
    ],
)
def test_what_cannot_be_translated_is_refused(translator, shape, problem):
    with pytest.raises(errors.InputError, match=problem):
        translator.check(shape)


def test_large_images_are_taken_with_resize(translator):
    translator.check((1, 3000, 4000, 3))
    translator.check((1, 9000, 9000, 3), resize=True)


def test_a_resnet_of_the_paper_s_width_takes_smaller_images():
    translator = translation.Translator(generators.resnet(blocks=0, seed=0))
    translator.check((1, 1500, 1500, 3))
    translator.check((1, 3000, 4000, 3), resize=True)
    with pytest.raises(errors.InputError, match="4000x3000 pixels .* and 2.39 megapixels fit in memory: shrink it"):
        translator.check((1, 3000, 4000, 3))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("options", [{}, {"skips": False}, {"norm": "batch"}, {"norm": "plain_instance"}], ids=str)
def test_strips_give_what_the_whole_gives(monkeypatch, precision, options):
    """Large images go through the outermost level in strips of 256 rows."""
    image = noise(1, 640, 64)
    network = generator(precision, **options)
    whole = translation.Translator(network)(image, seed=4)
    monkeypatch.setattr(translating, "WHOLE_PIXELS", 0)
    strips = translation.Translator(network)(image, seed=4)
    np.testing.assert_allclose(strips, whole, atol=2e-6 if precision == "float32" else 1e-2)


@pytest.mark.parametrize("height", [64, 80, 640])
def test_tall_and_narrow_images_are_translated_right_in_bfloat16(height):
    """Where they were misread, values were others at every call, and now and then no numbers."""
    image, exact = noise(1, height, 16), translation.Translator(generator())
    rounded = translation.Translator(generator("bfloat16"))
    assert rounded.is_misread((1, height, 16, 3)) is (height >= 80) and not exact.is_misread((1, height, 16, 3))
    assert not rounded.is_misread((1, 16, height, 3)) and not rounded.is_misread((1, height, 32, 3))
    for _ in range(3):
        np.testing.assert_allclose(rounded(image), exact(image), atol=1e-6 if height >= 80 else 0.02)


@pytest.mark.parametrize("build", [generator, resnet])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_saved_generator_gives_the_same_bits(tmp_path, precision, build):
    network = build(precision)
    image = noise(1, 20, 36)
    expected = translation.Translator(network)(image)
    translation.save(network, tmp_path / "generator.keras")
    loaded = translation.load(tmp_path / "generator.keras", precision)
    np.testing.assert_array_equal(translation.Translator(loaded)(image), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["generator.keras"]


@pytest.mark.parametrize("upsampling", registry.UPSAMPLINGS)
@pytest.mark.parametrize("norm", registry.NORMS)
def test_a_generator_of_two_branches_gives_the_same_from_its_file(tmp_path, norm, upsampling):
    """What a file holds in place of a layer may be two: the branches were listed in another order, and values mixed."""
    network = generators.coarse_to_fine(
        16, filters=4, downs=1, blocks=1, enhancers=1, enhancer_blocks=1, norm=norm, upsampling=upsampling, seed=0
    )
    for number, variable in enumerate(network.trainable_variables):
        variable.assign(tf.random.stateless_normal(variable.shape, (number, 0), stddev=0.2))
    translation.save(network, tmp_path / "generator.keras")
    image = noise(1, 16, 16)
    np.testing.assert_allclose(
        translation.load(tmp_path / "generator.keras", "float32")(image), network(image), atol=1e-5
    )


def test_a_generator_is_stored_in_float32(tmp_path):
    translation.save(generator("bfloat16"), tmp_path / "generator.keras")
    stored = keras.saving.load_model(tmp_path / "generator.keras")
    assert {layer.dtype_policy.name for layer in stored.layers} == {"float32"}


@pytest.mark.parametrize("precision", (*PRECISIONS, "float64"))
def test_the_file_is_the_one_that_keras_writes(tmp_path, precision):
    network = generator(precision)
    translation.save(network, tmp_path / "ours.keras")
    plain = storage._with_layers(storage.with_dtype(network, "float32"), storage._to_plain)
    plain.save(tmp_path / "keras.keras")
    ours, theirs = (zipfile.ZipFile(tmp_path / f"{name}.keras") for name in ("ours", "keras"))
    assert ours.namelist() == theirs.namelist()
    assert json.loads(ours.read("config.json")) == json.loads(theirs.read("config.json"))
    ours, theirs = (keras.saving.load_model(tmp_path / f"{name}.keras").get_weights() for name in ("ours", "keras"))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


NETWORKS = {
    **{f"unet_{norm}": functools.partial(generators.unet, norm=norm) for norm in blocks.NORMS},
    **{f"resnet_{norm}": functools.partial(generators.resnet, blocks=1, norm=norm) for norm in blocks.NORMS},
    "resnet_input_skip": functools.partial(generators.resnet, blocks=1, input_skip=True),
    "encoder_decoder": functools.partial(generators.unet, skips=False),
    "unet_bfloat16": functools.partial(generators.unet, dtype="mixed_bfloat16"),
    "resnet_bfloat16": functools.partial(generators.resnet, blocks=1, dtype="mixed_bfloat16"),
}
# Loads every file of a folder with Keras alone, in a process that cannot import this package, and keeps what it gives.
PLAIN_PROGRAM = """
import pathlib, sys
sys.modules["pix2pix_tf"] = None  # whoever imports it gets an ImportError
import keras
import numpy as np

folder = pathlib.Path(sys.argv[1])
image = np.load(folder / "image.npy")
for path in folder.glob("*.keras"):
    np.save(path.with_suffix(".npy"), keras.saving.load_model(path)(image))
"""


@pytest.mark.slow
def test_every_file_needs_nothing_but_keras(tmp_path):
    image = noise(1, 32, 32)
    np.save(tmp_path / "image.npy", image)
    for name, build in NETWORKS.items():
        translation.save(build(32, filters=4, seed=0), tmp_path / f"{name}.keras")
    done = subprocess.run([sys.executable, "-c", PLAIN_PROGRAM, tmp_path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    for name, build in NETWORKS.items():
        loaded = translation.load(tmp_path / f"{name}.keras", "float32")
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), loaded(image), atol=1e-6)
        own = [type(layer) for layer in loaded.operations]
        assert own == [type(layer) for layer in build(32, filters=4).operations], "the fast layers are back"


def test_a_skipped_input_stays_precise_in_any_precision(tmp_path):
    network = generators.resnet(16, filters=2, blocks=0, seed=0, input_skip=True)
    for layer in network.layers:
        layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    translation.save(network, tmp_path / "generator.keras")
    image = noise(1, 16, 16)
    loaded = translation.load(tmp_path / "generator.keras", "bfloat16")
    np.testing.assert_allclose(loaded(image), np.tanh(generators.INPUT_SHARE * image), atol=1e-6)


def test_files_with_the_package_s_own_layers_are_read(tmp_path):
    """What `save` wrote of a ResNet before its layers were replaced."""
    network = resnet()
    network.save(tmp_path / "generator.keras")
    loaded = translation.load(tmp_path / "generator.keras", "float32")
    np.testing.assert_array_equal(loaded(noise(1, 32, 32)), network(noise(1, 32, 32)))


def foreign_network():
    """Build a network that joins things as a U-Net does not: it is no network of this package."""
    image = keras.Input((16, 16, 3))
    wide = keras.layers.Conv2D(4, 5, padding="same", activation="relu")(image)
    deep = keras.layers.Conv2D(4, 3, strides=2, padding="same")(wide)
    back = keras.layers.UpSampling2D()(keras.layers.Conv2D(4, 9, padding="same", activation="relu")(deep))
    joined = keras.layers.Concatenate()([back, wide])
    return keras.Model(image, keras.layers.Conv2D(3, 7, padding="same", activation="tanh")(joined))


def test_a_network_that_does_not_say_so_is_not_cut(monkeypatch):
    network, image = foreign_network(), noise(1, 640, 16)
    monkeypatch.setattr(translating, "WHOLE_PIXELS", 0)
    any_size = keras.models.clone_model(network, keras.Input((None, None, 3)), clone_function=lambda layer: layer)
    np.testing.assert_allclose(translation.Translator(network)(image), any_size(image), atol=1e-6)
    with pytest.raises(errors.InputError, match="megapixels fit in memory"):
        translation.Translator(network).check((1, 9000, 9000, 3))


def test_other_files_are_no_generators(tmp_path):
    with pytest.raises(errors.InputError, match=r"missing.keras: no such file; a run writes it when it ends"):
        translation.load(tmp_path / "missing.keras")
    (tmp_path / "text.keras").write_text("no archive")
    with pytest.raises(errors.InputError, match="text.keras: not a generator saved by Keras"):
        translation.load(tmp_path / "text.keras")


def test_a_model_translates_with_its_own_generator():
    model = pix2pix.Pix2Pix(image_size=16, filters=4, discriminator_layers=1, precision="float32")
    before = bits(model.generator)
    output = model.translate(noise(2, 19, 5), seed=1)
    np.testing.assert_array_equal(output, translation.Translator(model.generator)(noise(2, 19, 5), seed=1))
    assert bits(model.generator) == before


def foreign(*layers_of, size=32):
    """Return a network that was not built here: a function of Keras layers, image to image."""
    image = keras.Input((size, size, 3))
    x = image
    for layer in layers_of:
        x = layer(x)
    return keras.Model(image, x)


DOWN, UP = keras.layers.Conv2D(4, 3, 2, "same"), keras.layers.Conv2DTranspose(3, 4, 2, "same")


def squeeze_and_excite(x):
    """Weigh the channels by what a 1x1 map of the whole image says."""
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.layers.Multiply()([x, keras.layers.Conv2D(x.shape[-1], 1, activation="sigmoid")(pooled)])


@pytest.mark.parametrize(
    ("network", "multiple"),
    [
        (lambda: foreign(keras.layers.Conv2D(3, 3, padding="same"), squeeze_and_excite), 1),
        (
            lambda: foreign(
                keras.layers.Conv2D(4, 3, 2, "same"), squeeze_and_excite, keras.layers.Conv2DTranspose(3, 4, 2, "same")
            ),
            2,
        ),
        (lambda: generators.unet(32, filters=2, seed=0), 32),
        (lambda: generators.unet(32, filters=2, depth=3, seed=0), 8),
        (lambda: generators.resnet(32, filters=2, blocks=1, seed=0), 4),
    ],
    ids=["attention", "attention at half the size", "unet", "shallow unet", "resnet"],
)
def test_what_looks_at_the_whole_image_is_no_smaller_map_of_it(network, multiple):
    assert translation.Translator(network()).multiple == multiple


NO_GENERATORS = {
    "classifier": lambda: foreign(keras.layers.Flatten(), keras.layers.Dense(3)),
    "half the size": lambda: foreign(keras.layers.Conv2D(3, 4, 2, "same")),
    "no images": lambda: keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]),
    "any size": lambda: foreign(keras.layers.Conv2D(3, 3, padding="same"), size=None),
}


@pytest.mark.parametrize("name", NO_GENERATORS)
def test_a_network_that_is_no_generator_is_one_line(tmp_path, name):
    NO_GENERATORS[name]().save(tmp_path / "net.keras")
    with pytest.raises(errors.InputError, match=r"net.keras: (takes|makes) .*; expected") as raised:
        translation.Translator(translation.load(tmp_path / "net.keras"), "net.keras")
    assert "\n" not in str(raised.value)


def test_no_flipped_byte_of_a_generator_goes_unnoticed(tmp_path):
    """Every part of the file: the archive's own, the network's description, the weights."""
    path = tmp_path / "generator.keras"
    network = generators.unet(16, filters=2, seed=0)
    translation.save(network, path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    places = {*random.integers(0, len(whole), 60).tolist(), *range(0, 30, 3), *range(len(whole) - 90, len(whole), 5)}
    for place in sorted(places):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 64]) + whole[place + 1 :])
        try:
            found = translation.load(path, "float32")
        except errors.InputError as error:
            assert "\n" not in str(error)
        else:  # a date, or a flag that no reader looks at
            for one, other in zip(found.get_weights(), network.get_weights(), strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", bytes(1000), b"PK\5\6" + bytes(18), None])
def test_a_damaged_generator_is_one_line(tmp_path, content):
    path = tmp_path / "generator.keras"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(errors.InputError, match="generator.keras: not a generator saved by Keras") as raised:
        translation.load(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "images", [np.full((1, 16, 16, 3), 200, np.uint8), np.full((1, 16, 16, 3), 200.0), np.full((1, 16, 16, 3), np.nan)]
)
def test_values_that_are_no_images_of_the_network_are_refused(translator, images):
    with pytest.raises(errors.InputError, match="images: (of type uint8|values from 200|not finite).*expected"):
        translator(images)
