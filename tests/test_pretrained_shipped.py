"""Generators that come with the package are opened by their names, where nothing else has them."""

import json
import re
import shutil

import numpy as np
import pytest

from pix2pix_tf import datasets, errors, images, metrics, palettes, pix2pix, pretrained, runs, streets, training
from pix2pix_tf.pretrained import shipped

WALL = images.to_float(np.uint8([[[dict(streets.LABELS)["facade"]]]]))


@pytest.fixture
def houses(tmp_path, monkeypatch):
    """Let a tiny run come with the package by the name of houses, and return its model."""
    pairs = datasets.load("synthetic", "train", 16, count=2, direction="b_to_a")
    colours = [list(colour) for _, colour in streets.LABELS]
    model = pix2pix.Pix2Pix(16, filters=4, discriminator_layers=1, discriminator_filters=8, palette=colours)
    training.fit(model, pairs, 1, tmp_path / "package" / "houses")
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    return model


def test_it_is_opened_by_its_name_and_translates_as_the_run_does(houses):
    assert pretrained.list_names() == ["houses"] and runs.is_run("houses")
    labels = datasets.load("synthetic", "val", 16).pair(0)[0][None]
    found = pretrained.load("houses")
    assert isinstance(found, palettes.Painter)
    np.testing.assert_allclose(found(labels), houses.translate(labels), atol=1e-2)
    assert runs.open("houses").data == "synthetic"
    assert houses.discriminator.layers[3].filters == 8 and houses.generator.layers[1].filters == 4


def test_what_lies_here_under_its_name_is_meant(houses, tmp_path):
    (tmp_path / "houses").mkdir()
    assert not runs.is_run("houses")
    with pytest.raises(errors.InputError, match="^houses"):
        runs.open("houses")
    shutil.rmtree(tmp_path / "houses")
    assert runs.is_run("houses")


def test_other_names_are_refused(houses):
    with pytest.raises(errors.InputError, match="'roads': no generator of this name comes with the package; houses"):
        pretrained.load("roads")
    assert pretrained.find("roads") is None and not runs.is_run("roads")


@pytest.fixture(scope="module")
def painted():
    """Return label maps, photos and translations of drawn streets that the generator of the package has not seen."""
    sources, targets = datasets.load("synthetic", "val", 256).examples(range(12))
    paint = pretrained.load("streets")
    return sources, targets, np.concatenate([paint(source[None]) for source in sources])


def test_the_streets_of_the_package_have_walls_of_their_palettes_and_no_grid(painted):
    _, targets, outputs = painted
    peaks = [metrics.spectral_peak(side)["value"] for side in (outputs, targets)]
    assert peaks[0] < 2 * peaks[1]
    assert metrics.droplet(outputs)["value"] < 2 * metrics.droplet(targets)["value"]
    assert metrics.colour_spread(outputs) > 0.6 * metrics.colour_spread(targets)


def test_the_streets_of_the_package_are_painted_in_the_colours_they_are_given(painted):
    sources, targets, _ = painted
    paint = pretrained.load("streets")
    colours = palettes.measure(targets, palettes.classify(sources, paint.colours), len(paint.colours))[0].numpy()
    outputs = paint(sources, palette=colours)
    own, others = np.abs(outputs - targets).mean(), np.abs(np.roll(outputs, 1, 0) - targets).mean()
    assert own < 0.2 and own < 0.6 * others


def test_the_terraces_of_the_package_have_the_styles_of_photos_and_those_that_are_chosen():
    sources, targets = datasets.load("terraces", "val", 128, instances="auto").examples(range(8))
    edit = pretrained.load("terraces")
    own, others = edit(sources, photos=targets), edit(sources, photos=np.roll(targets, 1, 0))
    assert np.abs(own - targets).mean() < 0.25 and np.abs(own - targets).mean() < 0.8 * np.abs(others - targets).mean()
    walls = sources["instances"][0] == edit.classes_of(sources["image"][0], sources["instances"][0])[0][1]
    one = {name: side[:1] for name, side in sources.items()}
    number = int(sources["instances"][0][walls][0])
    painted = np.stack([edit(one, styles={number: style})[0] for style in range(4)])
    inside, outside = (painted[:, mask[..., 0]].mean(1) for mask in (walls, ~walls))
    spread = [np.ptp(part, axis=0).max() for part in (inside, outside)]
    assert spread[0] > 0.15 and spread[1] < 0.5 * spread[0], "other instances hardly change"
    assert metrics.spectral_peak(own)["value"] < 2 * metrics.spectral_peak(targets)["value"]


def test_the_streets_of_the_package_have_edges_that_no_label_has(painted):
    sources, targets, outputs = painted
    gradients = [np.abs(np.diff(side, axis=2)).mean() for side in (sources, targets, outputs)]
    assert 0.5 * gradients[1] < gradients[2] and gradients[2] > 1.2 * gradients[0]


@pytest.mark.parametrize("name", pretrained.list_names())
def test_what_comes_with_the_package_is_small_and_says_how_it_was_made(name):
    folder = pretrained.find(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6e6
    made = json.loads((folder / "provenance.json").read_text())
    assert made["licence"] and made["commit"] and re.match(r"(400 )?drawn (streets|terraces) alone", made["data"])


def test_the_command_line_translates_with_the_streets_of_the_package(call, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    labels = datasets.load("synthetic", "val", 256).pair(0)[0]
    images.write(tmp_path / "labels.png", images.to_uint8(labels))
    assert call("translate", "streets", "labels.png", "--out", "photos")[:2] == (0, "photos/labels.png\n")
    expected = images.to_uint8(pretrained.load("streets")(labels[None])[0])
    np.testing.assert_array_equal(images.read(tmp_path / "photos" / "labels.png"), expected)
    status, _, _ = call("translate", "streets", "labels.png", "--out", "red", "--palette", "photos/labels.png")
    assert status == 0
    assert "no run here" in refused("translate", "street", "labels.png", "--out", "photos")


@pytest.mark.parametrize(("height", "width"), [(61, 47), (5, 6), (1, 1), (66, 64)])
def test_a_photo_of_any_size_gives_its_styles(height, width):
    """The encoder halves: sides that are no multiple of what it can halve are continued, and cut again."""
    edit = pretrained.load("terraces")
    random = np.random.default_rng(0)
    photo = random.uniform(-1, 1, (height, width, 3)).astype(np.float32)
    ids = np.ones((height, width, 1), np.int32)
    assert edit.features_of(photo, ids).shape == (1, edit.dimensions)
    labels = WALL.repeat(height, 1).repeat(width, 2)
    assert edit(labels, photos=photo[None]).shape == (1, height, width, 3)


def test_a_photo_that_fits_is_not_continued():
    edit = pretrained.load("terraces")
    photo = np.random.default_rng(0).uniform(-1, 1, (64, 32, 3)).astype(np.float32)
    seen = np.asarray(edit.encoder(photo[None], training=True))[0]
    np.testing.assert_allclose(
        edit.features_of(photo, np.zeros((64, 32, 1), np.int32))[0], seen.mean((0, 1)), atol=1e-5
    )


def test_a_style_is_checked_where_the_picture_has_none_of_its_class():
    edit = pretrained.load("terraces")
    labels = WALL.repeat(32, 1).repeat(32, 2)
    with pytest.raises(errors.InputError, match="class door has styles 0 to [0-9]+; got 999"):
        edit(labels, styles={"door": 999})
