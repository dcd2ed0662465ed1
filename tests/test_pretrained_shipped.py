"""Generators that come with the package are opened by their names, where nothing else has them."""

import shutil

import numpy as np
import pytest

from pix2pix_tf import datasets, errors, palettes, pix2pix, pretrained, runs, streets, training
from pix2pix_tf.pretrained import shipped


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
