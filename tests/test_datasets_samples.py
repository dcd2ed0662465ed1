"""Single images and points with their classes: scikit-learn's digits, tiles of the streets, folders, and Gaussians."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from scipy import stats
from sklearn import datasets as sklearn_datasets

from pix2pix_tf import datasets, errors, images, streets
from pix2pix_tf.datasets import catalogue, digits, points, tiles

RANDOM = np.random.default_rng(0)


def picture(folder, name, size=20):
    folder.mkdir(parents=True, exist_ok=True)
    images.write(folder / name, RANDOM.integers(256, size=(size, size, 3)).astype(np.uint8))


@pytest.fixture
def class_folder(tmp_path):
    """Return a folder of three classes without splits, nine pictures each."""
    for name in ("oak", "birch", "class 10"):
        for number in range(9):
            picture(tmp_path / "trees" / name, f"{number}.png")
    return tmp_path / "trees"


@pytest.fixture(scope="module")
def few_tiles():
    return datasets.load_samples("streets", image_size=16, count=24)


def test_digits_are_scikit_learn_s_in_two_splits():
    loaded = sklearn_datasets.load_digits()
    splits = {split: datasets.load_samples("digits", split, image_size=16) for split in ("train", "val")}
    assert {name: len(split) for name, split in splits.items()} == catalogue.find("digits").splits
    seen = []
    for split in splits.values():
        for index in (0, 1, len(split) - 1):
            number, image = split.pair(index)
            place = int(split.names[index])
            expected = images.resize(np.round(loaded.images[place] * 255 / 16).astype(np.uint8)[..., None], 16)
            np.testing.assert_array_equal(image, images.to_float(expected))
            assert (number, image.shape) == (loaded.target[place], (16, 16, 1))
        seen += map(int, split.names)
        assert (np.bincount(split.class_of) > 20).all(), "all ten in each"
    assert sorted(seen) == list(range(1797)), "none in both, none left out"
    assert splits["train"].classes == digits.CLASSES and splits["train"].digest != splits["val"].digest
    with pytest.raises(errors.InputError, match="digits: has no split 'test'; choose one of train, val"):
        datasets.load_samples("digits", "test")


def test_batches_are_functions_of_seed_and_step_and_every_epoch_shows_all():
    samples = datasets.load_samples("digits", "val", image_size=16)
    streamed = list(samples.batches(60, 7, first_step=3, last_step=8))
    halves = [list(samples.batches(60, 7, 3, 8, first, first + 30)) for first in (0, 30)]
    for step, (numbers, shown) in enumerate(streamed, 3):
        again = samples.batch(step, 60, 7)
        np.testing.assert_array_equal(numbers, again[0])
        np.testing.assert_array_equal(shown, again[1])
        np.testing.assert_array_equal(shown, np.concatenate([half[step - 3][1] for half in halves]))
    epoch = [number for numbers, _ in samples.batches(60, 7, 0, 5) for number in numbers.numpy()]
    np.testing.assert_array_equal(np.bincount(epoch), np.bincount(samples.class_of))
    assert not np.array_equal(samples.batch(0, 60, 7)[0], samples.batch(0, 60, 8)[0])


def test_a_class_stays_with_its_image(few_tiles):
    numbers, shown = few_tiles.batch(2, 24)
    for number, image in zip(numbers.numpy(), shown.numpy(), strict=True):
        (found,) = [i for i in range(24) if np.array_equal(few_tiles.pair(i)[1], image)]
        assert few_tiles.pair(found)[0] == number


def test_tiles_show_what_the_label_map_says():
    """The middle of a tile is of its class, in the label map that was drawn with the photo."""
    colours = dict(streets.LABELS)
    counted = np.zeros(len(tiles.CLASSES), int)
    for street in range(12):
        photo, labels = streets.draw(street, tiles.DRAWN_SIDE)
        for number, tile in tiles.cut(street, image_size=64):
            counted[number] += 1
            places = [
                places
                for box in tiles._find_boxes((labels == colours[tiles.CLASSES[number]]).all(axis=-1))
                if np.array_equal(images.resize(photo[(places := tiles._widen(*box))], 64), tile)
            ]
            shown = labels[places[0]]
            share = (shown == colours[tiles.CLASSES[number]]).all(axis=-1).mean()
            assert share > 0.15 and shown.shape[0] == shown.shape[1] >= tiles.LEAST_SIDE
    assert (counted >= 5).all()


def test_tiles_are_drawn_by_seed_split_and_number(few_tiles):
    same = datasets.load_samples("streets", image_size=16, count=24)
    assert same.digest == few_tiles.digest and same.names == few_tiles.names
    for other in ({"seed": 1}, {"split": "val"}, {"image_size": 32}):
        changed = datasets.load_samples("streets", **{"image_size": 16, "count": 24, **other})
        assert changed.digest != few_tiles.digest
    assert few_tiles.counts["train"] == 24 and few_tiles.classes == ("door", "shop", "window")
    assert len(set(few_tiles.names)) == 24
    with pytest.raises(errors.InputError, match="count 0 is not between"):
        datasets.load_samples("streets", count=0)


def test_sub_folders_are_classes(class_folder):
    train, val = (datasets.load_samples(class_folder, split, image_size=16) for split in ("train", "val"))
    assert train.classes == val.classes == ("birch", "class 10", "oak")
    assert (len(train), len(val)) == (24, 3) and not set(train.names) & set(val.names)
    for samples in (train, val):
        for index in range(len(samples)):
            number, image = samples.pair(index)
            name = samples.names[index]
            assert samples.classes[number] == name.split("/")[0]
            file = images.read(class_folder / f"{name}.png")
            np.testing.assert_array_equal(image, images.to_float(images.resize(file, 16)))


def test_a_folder_without_sub_folders_has_no_classes(tmp_path):
    for number in range(5):
        picture(tmp_path, f"{number}.png")
    (tmp_path / "notes").mkdir()
    samples = datasets.load_samples(tmp_path, image_size=16)
    assert samples.classes == () and len(samples) == 4 and not samples.class_of.any()


def test_splits_of_a_folder_have_the_same_classes(tmp_path):
    for place in ("train/a", "train/b", "val/a"):
        picture(tmp_path / place, "1.png")
    samples = datasets.load_samples(tmp_path, "val", image_size=16)
    assert samples.classes == ("a", "b") and samples.names == ["a/1"]
    picture(tmp_path / "val" / "c", "1.png")
    with pytest.raises(errors.InputError, match="val has c/ and train has none; give both the same classes"):
        datasets.load_samples(tmp_path, "train", image_size=16)


def test_folders_that_cannot_be_used_are_refused(tmp_path):
    picture(tmp_path / "mixed" / "a", "1.png")
    picture(tmp_path / "mixed", "2.png")
    with pytest.raises(errors.InputError, match="2.png lies beside the folders of the classes, such as a/"):
        datasets.load_samples(tmp_path / "mixed")
    (tmp_path / "empty" / "a").mkdir(parents=True)
    with pytest.raises(errors.InputError, match="holds no images; put the images into the folder itself"):
        datasets.load_samples(tmp_path / "empty")
    picture(tmp_path / "cut" / "a", "1.png")
    (tmp_path / "cut" / "a" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(errors.InputError, match="a/2.png"):
        datasets.load_samples(tmp_path / "cut")
    picture(tmp_path / "split" / "train", "1.png")
    with pytest.raises(errors.InputError, match="has no split 'val', only train"):
        datasets.load_samples(tmp_path / "split", "val")


def test_each_kind_of_set_is_refused_where_another_is_needed():
    with pytest.raises(errors.InputError, match="synthetic: holds pairs, no single images.* digits, streets"):
        datasets.load_samples("synthetic")
    with pytest.raises(errors.InputError, match="horse2zebra: holds two domains"):
        datasets.load_samples("horse2zebra")
    for unpaired in (True, False):
        with pytest.raises(errors.InputError, match="digits: holds single images.* for methods that draw from noise"):
            datasets.load("digits", unpaired=unpaired)
    with pytest.raises(errors.InputError, match="image size 8: is not between 16 and 1024"):
        datasets.load_samples("digits", image_size=8)
    with pytest.raises(errors.InputError, match="did you mean digits"):
        datasets.load_samples("digit")


@pytest.mark.parametrize("name", catalogue.POINTS)
def test_batches_of_points_are_new_functions_of_seed_and_step(name):
    drawn = datasets.load_samples(name, count=50)
    streamed = list(drawn.batches(12, 5, 2, 4))
    parts = [list(drawn.batches(12, 5, 2, 4, first, first + 4)) for first in (0, 4, 8)]
    for step, (numbers, places) in enumerate(streamed, 2):
        again = drawn.batch(step, 12, 5)
        np.testing.assert_array_equal(places, again[1])
        np.testing.assert_array_equal(numbers, np.concatenate([part[step - 2][0] for part in parts]))
        np.testing.assert_array_equal(places, np.concatenate([part[step - 2][1] for part in parts]))
    shown = np.concatenate([drawn.batch(step, 12, 5)[1] for step in range(20)] + [drawn.examples(range(50))[1]])
    assert len(np.unique(shown, axis=0)) == 20 * 12 + 50, "never the same point twice"
    with pytest.raises(ValueError, match="no slice of a batch"):
        drawn.batches(4, first_example=3, last_example=9)


@pytest.mark.parametrize(("name", "count"), [("eight_gaussians", 8), ("gaussian_grid", 25)])
def test_gaussians_lie_where_their_classes_say(name, count):
    drawn = points.Points(name, radius=3.0, deviation=0.02)
    numbers, places = drawn.batch(0, 4000)
    offsets = (places.numpy() - drawn.centres[numbers.numpy()]) / 0.02
    assert len(drawn.centres) == len(drawn.classes) == count
    assert stats.kstest(offsets.ravel(), "norm").pvalue > 0.01
    assert stats.chisquare(np.bincount(numbers, minlength=count)).pvalue > 0.01
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.1
    furthest = np.abs(drawn.centres).max() if count == 25 else np.linalg.norm(drawn.centres, axis=1).max()
    assert furthest == pytest.approx(3.0)


def test_the_roll_ends_at_its_radius_and_has_no_classes():
    drawn = points.Points("swiss_roll", radius=2.0, deviation=0.0)
    places = drawn.examples(range(len(drawn)))[1]
    distances = np.linalg.norm(places, axis=1)
    assert drawn.classes == () and 0.66 < distances.min() < 0.7 and 1.99 < distances.max() <= 2.001
    turns = np.arctan2(places[:, 1], places[:, 0]) - 2 * np.pi * points.TURNS * distances / 2
    np.testing.assert_allclose(np.cos(turns), 1, atol=1e-4)


def test_points_that_stay_are_of_seed_and_split():
    first = points.Points("eight_gaussians", count=30)
    np.testing.assert_array_equal(first.examples(range(30))[1], points.Points("eight_gaussians", count=30)._points)
    for other in ({"seed": 1}, {"split": "val"}):
        assert points.Points("eight_gaussians", count=30, **other).digest != first.digest
    for wrong in ({"radius": 0}, {"deviation": -1}, {"split": "all"}, {"count": 0}):
        with pytest.raises(errors.InputError):
            points.Points("eight_gaussians", **wrong)


def test_the_catalogue_says_what_is_loaded(few_tiles):
    for name in catalogue.SINGLE:
        entry = catalogue.find(name)
        assert entry.single and not entry.paired and not entry.is_public
        assert not datasets.is_paired(name)
        if name != "streets":
            samples = datasets.load_samples(name, "val", image_size=16)
            assert samples.counts == entry.splits and len(samples) == entry.splits["val"]
            assert f"{len(samples.classes) or 'no'} classes" in entry.description
    assert dataclasses.replace(catalogue.find("streets"), splits={}).description.endswith("3 classes")


def test_an_image_of_any_kind_is_read(tmp_path):
    Image.new("L", (30, 20), 77).save(tmp_path / "grey.png")
    Image.new("RGB", (40, 40), (1, 2, 3)).save(tmp_path / "colour.jpg")
    samples = datasets.load_samples(tmp_path, image_size=16)
    assert samples.shape == (16, 16, 3) and set(samples.counts) == {"train", "val"}
