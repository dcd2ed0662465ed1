import json

import numpy as np
import pytest
import toy

from pix2pix_tf import datasets, errors, evaluation, images, lab, palettes, pix2pix, training
from pix2pix_tf.evaluation import colouring, inputs


def load(split, count=6):
    return datasets.load("photographs", split, 32, jitter=False, count=count, task="colorization")


def test_photographs_are_pairs_of_grey_and_coloured_pictures():
    plain = load("val")
    pairs = colouring.Coloured(plain)
    grey, photograph = pairs.pair(2)
    np.testing.assert_array_equal(photograph, plain.picture(2))
    assert np.ptp(grey, axis=-1).max() < 1e-3 < np.ptp(photograph, axis=-1).max()
    np.testing.assert_allclose(lab.split_array(grey)[0], plain.pair(2)[0], atol=1e-4)
    assert [len(side) for side in pairs.examples([0, 3])] == [2, 2]


@pytest.fixture(scope="module")
def looks():
    return colouring.Looks(colouring.Coloured(load("train")))


def test_the_mean_colour_of_a_lightness_is_that_of_training(looks):
    sources, targets = load("train").examples(range(6))
    levels = np.round((sources + 1) * 50).astype(int)
    level = np.bincount(levels.ravel()).argmax()
    expected = targets[levels[..., 0] == level].mean(axis=0)
    np.testing.assert_allclose(looks.means[level], expected, atol=1e-5)
    painted = lab.split_array(images.to_float(looks.mean(np.full((4, 4, 3), 0.0, np.float32))))[1]
    lightness = lab.split_array(np.zeros((1, 1, 3), np.float32))[0]
    np.testing.assert_allclose(painted[0, 0], looks.means[round((float(lightness[0, 0, 0]) + 1) * 50)], atol=0.01)


def test_the_nearest_photo_of_a_training_photo_is_itself(looks):
    grey, photograph = looks.train.pair(4)
    np.testing.assert_allclose(images.to_float(looks.nearest(grey)), photograph, atol=0.12)
    assert np.abs(images.to_float(looks.nearest(grey)) - photograph).mean() < 0.01


def test_the_nearest_photo_lends_all_of_its_colours(looks):
    grey, _ = colouring.Coloured(load("val")).pair(1)
    flat = grey * 0.1  # of a few lightnesses, so that nothing is out of reach
    found = lab.split_array(images.to_float(looks.nearest(flat)))[1].reshape(-1, 2)
    thumbnails = [np.abs(one - images.resize(lab.split_array(flat)[0], 32)).mean() for one in looks.thumbnails]
    lent = load("train").pair(int(np.argmin(thumbnails)))[1].reshape(-1, 2)
    for axis in (0, 1):
        apart = np.sort(found[:, axis]) - np.sort(lent[:, axis])
        assert np.abs(apart).mean() < 0.02


def test_pixels_that_differ_by_rounding_alone_keep_their_order():
    lightness = np.float32([0.3, -0.2, 0.3, 0.5, -0.2])
    moved = lightness + np.float32([3e-7, 2e-7, -3e-7, 0, -2e-7])
    np.testing.assert_array_equal(colouring._rank(moved), [1, 4, 0, 2, 3])


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Return a scorecard of a run that has learned to colour a little, and its folder."""
    folder = tmp_path_factory.mktemp("colours") / "run"
    keywords = {"in_channels": 1, "out_channels": 2, "palette": palettes.BANDS, "precision": "float32"}
    model = pix2pix.Pix2Pix(32, filters=2, discriminator_layers=1, **keywords)
    with toy.eagerly():
        training.fit(model, load("train"), 2, folder, batch_size=2)
    return evaluation.scorecard([folder]), folder


def test_a_run_is_scored_beside_what_can_be_had_without(card):
    scores = {score["name"]: score["measures"] for score in card[0]["scores"]}
    own, grey, mean, nearest = list(scores.values())[:4]
    assert list(scores)[1:] == [
        "grey",
        "mean colour of each lightness",
        "colours of the nearest training photo",
        "real photos",
        "real training photos",
    ]
    plain = datasets.load("photographs", "val", 32, jitter=False, task="colorization")
    expected = [np.hypot(*np.moveaxis(plain.pair(i)[1] * 110, -1, 0)).mean() for i in range(len(plain))]
    assert grey["ab_error"]["value"] == pytest.approx(np.mean(expected), rel=0.15)  # at half size it is a little less
    assert grey["colourfulness"]["value"] < 0.3 < scores["real photos"]["colourfulness"]["value"]
    assert mean["ab_error"]["value"] < grey["ab_error"]["value"]
    assert mean["colours_used"]["value"] < nearest["colours_used"]["value"]
    assert own["diversity"]["value"] > 0 and "histogram_a" in own
    assert {row["name"] for row in card[0]["differences"]} >= {"grey", "real photos"}
    assert card[0]["protocol"]["task"] == "colorization"
    text = evaluation.text(card[0])
    assert "error of a and b" in text and "colourfulness" in text
    json.dumps(card[0])


def test_of_old_photographs_nothing_is_compared(card, tmp_path):
    for number in range(3):
        grey = np.random.default_rng(number).integers(0, 256, (40, 50, 1)).astype(np.uint8).repeat(3, axis=-1)
        images.write(tmp_path / f"{number}.png", grey)
    found = evaluation.scorecard([card[1]], data=str(tmp_path))
    (score,) = found["scores"]
    assert {"colourfulness", "colours_used", "diversity"} <= score["measures"].keys()
    assert not {"ab_error", "l1", "histogram_a", "frechet_distance"} & score["measures"].keys()
    assert all("real" not in measure for measure in score["measures"].values())
    assert "greyscale photographs have no true colours" in evaluation.text(found)


def test_a_run_of_another_task_is_scored_apart(card):
    with pytest.raises(errors.InputError, match="streets: has task none, and the others have colorization"):
        evaluation.scorecard([card[1], "streets"], data="photographs")


def test_a_domain_without_the_task_is_refused():
    with pytest.raises(errors.InputError, match="domain a: is of use for the task colorization alone; leave it out"):
        inputs.load("synthetic", "val", 32, None, None, None, domain="a")
