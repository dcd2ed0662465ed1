import json

import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import datasets, errors, images, palettes, pix2pix, streets, translation

COLOURS = [[0, 0, 255], [255, 0, 0], [0, 255, 0]]
SMALL = {"image_size": 16, "filters": 4, "discriminator_layers": 1, "precision": "float32", "palette": COLOURS}


def labels_and_photos(count=2, side=16, seed=0):
    random = np.random.default_rng(seed)
    classes = random.integers(0, 2, (count, side, side))  # the third does not occur
    return (
        classes,
        images.to_float(np.uint8(COLOURS)[classes]),
        random.uniform(-1, 1, (count, side, side, 3)).astype("f4"),
    )


def test_a_class_is_the_nearest_colour():
    classes, labels, _ = labels_and_photos()
    noisy = labels + np.random.default_rng(1).uniform(-0.4, 0.4, labels.shape).astype(np.float32)
    np.testing.assert_array_equal(palettes.classify(tf.constant(noisy), COLOURS), classes)


def test_a_palette_is_the_mean_of_each_class_where_pixels_count():
    classes, _, photos = labels_and_photos()
    kept = (np.random.default_rng(2).uniform(size=(2, 16, 16, 1)) < 0.7).astype(np.float32)
    means, pixels = palettes.measure(tf.constant(photos), tf.constant(classes, tf.int32), 3, kept)
    for image in range(2):
        for number in range(2):
            chosen = (classes[image] == number) & (kept[image, ..., 0] > 0)
            np.testing.assert_allclose(means[image, number], photos[image][chosen].mean(0), atol=1e-5)
            assert pixels[image, number] == chosen.sum()
    assert not np.any(means[:, 2]) and not np.any(pixels[:, 2])


def test_paint_puts_each_class_s_colour_in_its_place():
    classes, labels, _ = labels_and_photos()
    palette = np.random.default_rng(3).uniform(-1, 1, (2, 3, 3)).astype(np.float32)
    painted = palettes.paint(tf.constant(labels), tf.constant(classes, tf.int32), palette).numpy()
    np.testing.assert_array_equal(painted[..., :3], labels)
    for image in range(2):
        np.testing.assert_array_equal(painted[image, ..., 3:], palette[image][classes[image]])


def test_the_memory_holds_the_last_palettes_and_fills_in_what_they_lack():
    memory = palettes.Memory(2, size=3)
    assert memory.palettes().shape == (1, 2, 3) and not memory.palettes().any()
    for number in range(4):
        colours = np.full((1, 2, 3), number / 10, np.float32)
        memory.keep(tf.constant(colours), tf.constant([[100.0, 100.0 if number != 2 else 3.0]]))
    found = sorted(map(tuple, memory.palettes()[..., 0].round(3)))
    assert found == [(0.1, 0.1), (0.2, 0.2), (0.3, 0.3)]  # of 0.2's second class the mean of 0.1 and 0.3


def test_palettes_are_stored(tmp_path):
    found = np.random.default_rng(0).uniform(-1, 1, (5, 3, 3)).astype(np.float32)
    palettes.save(tmp_path, COLOURS, found)
    colours, again = palettes.load(tmp_path)
    np.testing.assert_array_equal(colours, COLOURS)
    np.testing.assert_allclose(again, found, atol=1 / 255 + 1e-6)


DAMAGED = (
    "",
    "{}",
    "[1]",
    '{"classes": [[0, 0, 0]], "palettes": []}',
    '{"classes": [[0, 0, 0]], "palettes": [[[300, 0, 0]]]}',
    '{"classes": [[0, 0, 0]], "palettes": [[[1, 2]]]}',
)


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_palettes_are_one_line(tmp_path, content):
    (tmp_path / palettes.FILE).write_text(content)
    with pytest.raises(errors.InputError, match="palettes.json: holds no palettes"):
        palettes.load(tmp_path)


def test_missing_palettes_are_one_line(tmp_path):
    with pytest.raises(errors.InputError, match="palettes.json: is missing"):
        palettes.load(tmp_path)


def test_the_classes_of_a_set_are_found():
    pairs = datasets.load("synthetic", image_size=16, count=2)
    assert palettes.find_colours(pairs, "classes") == [list(colour) for _, colour in streets.LABELS]
    assert palettes.find_colours(pairs, "mean") == [[0, 0, 0]]
    with pytest.raises(errors.InputError, match="its sources are no label maps"):
        palettes.find_colours(datasets.load("synthetic", image_size=16, count=2, direction="a_to_b"), "classes")


def test_the_step_learns_from_the_palette_of_the_target():
    """The generator's input in a step is source and painted palette, computed here by NumPy."""
    model = pix2pix.Pix2Pix(**SMALL)
    classes, labels, photos = labels_and_photos(1)
    seen, kept = model.prepare(tf.constant(labels), tf.constant(photos))
    means = np.array([photos[0][classes[0] == number].mean(0) for number in range(2)] + [[0, 0, 0]])
    np.testing.assert_allclose(seen[0, ..., 3:], means[classes[0]], atol=1e-5)
    assert kept is None and not int(model.palette_memory.seen)
    model.train_step(labels, photos)
    assert int(model.palette_memory.seen) == 1
    np.testing.assert_allclose(model.palette_memory.palettes()[0][:2], means[:2], atol=1e-5)


def test_a_translation_follows_its_palette_and_its_seed():
    model = pix2pix.Pix2Pix(**SMALL, dropout=0)
    for step in range(4):
        _, labels, photos = labels_and_photos(1, seed=step)
        model.train_step(labels, photos)
    found = {tuple(model.translate(labels, seed=seed).ravel()) for seed in range(12)}
    assert 1 < len(found) <= 4  # each palette that was seen gives one translation
    palette = np.full((3, 3), 0.5, np.float32)
    other = model.translate(labels, palette=palette)
    np.testing.assert_array_equal(other, model.translate(labels, seed=5, palette=palette[None]))
    assert not np.array_equal(other, model.translate(labels, palette=-palette))
    both = model.translate(np.concatenate([labels, labels]), palette=np.stack([palette, -palette]))
    np.testing.assert_array_equal(both[:1], other)


def test_a_translation_does_not_depend_on_its_neighbours():
    model = pix2pix.Pix2Pix(**SMALL)
    for step in range(4):
        _, labels, photos = labels_and_photos(1, seed=step)
        model.train_step(labels, photos)
    _, many, _ = labels_and_photos(3, seed=9)
    together = model.translate(many, seed=1)
    for number in range(3):
        np.testing.assert_array_equal(together[number : number + 1], model.translate(many[number : number + 1], seed=1))


def test_a_saved_run_translates_as_the_model_does(tmp_path):
    model = pix2pix.Pix2Pix(**SMALL)
    for step in range(3):
        _, labels, photos = labels_and_photos(1, seed=step)
        model.train_step(labels, photos)
    model.save(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model": model.config}))
    palette = np.full((3, 3), 0.5, np.float32)
    opened = pix2pix.Pix2Pix.open_translator(tmp_path, {"model": model.config}, "b_to_a")
    loaded = pix2pix.Pix2Pix.load(tmp_path)
    for translate in (opened, loaded.translate):
        np.testing.assert_array_equal(
            translate(labels, 2, palette=palette), model.translate(labels, 2, palette=palette)
        )
        np.testing.assert_allclose(translate(labels, 2), model.translate(labels, 2), atol=0.02)  # palettes in 8 bits


MISFITS = (
    (np.zeros((2, 3)), r"palette has shape \(2, 3\); expected \(3, 3\)"),
    (np.full((3, 3), 7.0), "palette: values from 7 to 7"),
)


@pytest.mark.parametrize(("palette", "said"), MISFITS)
def test_a_palette_that_does_not_fit_is_refused(palette, said):
    model = pix2pix.Pix2Pix(**SMALL)
    with pytest.raises(errors.InputError, match=said):
        model.translate(labels_and_photos(1)[1], palette=palette)


def test_a_model_without_palettes_refuses_one():
    model = pix2pix.Pix2Pix(**{**SMALL, "palette": None})
    with pytest.raises(errors.InputError, match="the model has no palettes"):
        model.translate(labels_and_photos(1)[1], palette=np.zeros((3, 3)))


def test_an_image_of_any_size_is_painted():
    translator = translation.Translator(pix2pix.Pix2Pix(**SMALL).generator)
    painter = palettes.Painter(translator, COLOURS, np.zeros((1, 3, 3), np.float32))
    labels = labels_and_photos(1, side=24)[1][:, :, :19]
    assert painter(labels).shape == painter(labels, resize=True).shape == (1, 24, 19, 3)
    with pytest.raises(errors.InputError, match=r"images have shape .* expected \(batch, height, width, 3\)"):
        painter(np.zeros((1, 16, 16, 6), np.float32))
