"""Label accuracy equals closed forms and scikit-learn, and its segmenter learns to read, is kept, and is refused."""

import concurrent.futures

import keras
import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from pix2pix_tf import datasets, errors, images, metrics, streets
from pix2pix_tf.evaluation import segmenter as segmentation
from pix2pix_tf.metrics import labels

COLOURS = np.array([colour for _, colour in streets.LABELS], np.uint8)


def palette(label_maps):
    """Return the colours of label maps as a set's classes are found."""
    return labels.sort_colours(labels.merge_colours(map(labels.count_colours, label_maps)))


def test_palette_lists_colours_by_their_share():
    image = np.array([[[1, 2, 3], [9, 9, 9]], [[1, 2, 3], [0, 0, 0]]], np.uint8)
    np.testing.assert_array_equal(palette([image]), [[1, 2, 3], [0, 0, 0], [9, 9, 9]])


def test_photographs_have_no_palette():
    photo = np.random.default_rng(0).integers(256, size=(1, 20, 20, 3)).astype(np.uint8)
    with pytest.raises(ValueError, match="more than 64 colours"):
        palette(photo)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.integers(1, 64))
def test_the_class_of_a_pixel_is_the_nearest_colour(seed, classes):
    random = np.random.default_rng(seed)
    image, colours = random.integers(256, size=(2, 5, 7, 3)), random.integers(256, size=(classes, 3))
    distances = np.sum((image[..., None, :] - colours) ** 2, -1)
    found = labels.class_map(image.astype(np.uint8), colours.astype(np.uint8))
    np.testing.assert_array_equal(
        np.take_along_axis(distances, found[..., None].astype(int), -1)[..., 0], distances.min(-1)
    )


def test_class_maps_of_drawn_labels_give_them_back():
    _, label_map = streets.draw(3, 64)
    np.testing.assert_array_equal(COLOURS[labels.class_map(label_map, COLOURS)], label_map)


def test_scores_of_a_matrix_by_hand():
    counts = np.array([[6, 2, 0], [1, 1, 0], [0, 0, 0]])  # the third class occurs nowhere
    expected = {"per_pixel_accuracy": 0.7, "per_class_accuracy": (6 / 8 + 1 / 2) / 2, "class_iou": (6 / 9 + 1 / 4) / 2}
    assert metrics.label_scores(counts) == pytest.approx(expected)
    assert metrics.label_scores(np.stack([counts, counts])) == pytest.approx(expected)


def test_scores_agree_with_scikit_learn():
    random = np.random.default_rng(0)
    true = random.integers(5, size=(4, 9, 9))
    read = np.where(random.random(true.shape) < 0.6, true, random.integers(5, size=true.shape))
    found = metrics.label_scores(labels.confusions(true, read, 5))
    assert found == pytest.approx(
        {
            "per_pixel_accuracy": sklearn.metrics.accuracy_score(true.ravel(), read.ravel()),
            "per_class_accuracy": sklearn.metrics.balanced_accuracy_score(true.ravel(), read.ravel()),
            "class_iou": sklearn.metrics.jaccard_score(true.ravel(), read.ravel(), average="macro"),
        }
    )


def test_maps_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(1, 4, 4\) and those read \(1, 4, 5\)"):
        labels.confusions(np.zeros((1, 4, 4), int), np.zeros((1, 4, 5), int), 2)
    with pytest.raises(ValueError, match="count no pixel"):
        metrics.label_scores(np.zeros((2, 2)))


def test_majority_share_is_that_of_the_most_frequent_class():
    assert labels.majority_share(np.array([0, 1, 1, 2]), 4) == 0.5


@pytest.fixture(scope="module")
def pairs():
    """Return train and validation pairs of 32 pixels."""
    return tuple(datasets.load("synthetic", split, 32, count=200) for split in ("train", "val"))


@pytest.fixture(scope="module")
def segmenter(pairs):
    """Return a segmenter that has learned for a few seconds."""
    return segmentation.train(pairs[0], steps=400)


def test_a_segmenter_reads_labels_that_it_has_not_seen(pairs, segmenter):
    label_maps, photos = pairs[1].examples(range(20))
    segmenter.check(label_maps, photos)
    right = metrics.label_scores(segmenter.confusions(label_maps, photos))
    wrong = metrics.label_scores(segmenter.confusions(label_maps, photos[::-1]))
    assert right["per_pixel_accuracy"] > wrong["per_pixel_accuracy"] + 0.1


def test_photos_are_read_alike_in_any_company_form_and_size(pairs, segmenter):
    _, photos = pairs[1].examples(range(5))
    read = segmenter.read(photos)
    assert read.shape == (5, 32, 32) and read.dtype == np.uint8
    np.testing.assert_array_equal(segmenter.read(images.to_uint8(photos)), read)
    agree = [np.mean(segmenter.read(photos[index : index + 1])[0] == read[index]) for index in range(5)]
    assert min(agree) > 0.999  # but for ties within rounding
    assert segmenter.read(np.repeat(np.repeat(photos, 2, 1), 2, 2)).shape == (5, 32, 32)


def test_an_untrained_segmenter_is_refused(pairs):
    untrained = segmentation.Segmenter(segmentation.network(32, 12), COLOURS)
    with pytest.raises(errors.InputError, match="label accuracy is refused: on real photos the segmenter reads 0"):
        untrained.check(*pairs[1].examples(range(5)))


@pytest.mark.slow
def test_a_kept_segmenter_is_not_trained_again_and_gives_the_same_bits(pairs, segmenter, tmp_path, monkeypatch):
    monkeypatch.setattr(segmentation, "train", lambda *_, **__: segmenter)
    first = segmentation.kept(pairs[0], tmp_path, steps=3)
    (file,) = (tmp_path / "segmenters").glob("*.keras")
    monkeypatch.setattr(segmentation, "train", None)
    second = segmentation.kept(pairs[0], tmp_path, steps=3)
    for one, other in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.colours, second.colours)
    monkeypatch.setattr(segmentation, "train", lambda *_, **__: segmenter)
    file.write_bytes(file.read_bytes()[:1000])
    segmentation.kept(pairs[0], tmp_path, steps=3)  # a damaged file is replaced
    assert len(file.read_bytes()) > 1000


@pytest.mark.slow
def test_a_segmenter_that_cannot_be_kept_is_used(pairs, segmenter, monkeypatch):
    monkeypatch.setattr(segmentation, "train", lambda *_, **__: segmenter)
    with pytest.warns(errors.NoteWarning, match="the segmenter cannot be kept .*, so it will be trained again"):
        assert segmentation.kept(pairs[0], "/proc/nowhere", steps=2).size == 32


@pytest.mark.slow
def test_any_changed_byte_of_a_kept_segmenter_is_noticed(pairs, segmenter, tmp_path, monkeypatch):
    monkeypatch.setattr(segmentation, "train", lambda *_, **__: segmenter)
    segmentation.kept(pairs[0], tmp_path, steps=2)
    (file,) = (tmp_path / "segmenters").glob("*.keras")
    whole, trained = file.read_bytes(), []
    first = segmentation.Segmenter(keras.saving.load_model(file), segmentation.class_colours(pairs[0]))
    monkeypatch.setattr(segmentation, "train", lambda *_, **__: trained.append(1) or first)
    for place in range(100, len(whole), len(whole) // 12):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = segmentation.kept(pairs[0], tmp_path, steps=2)
        np.testing.assert_array_equal(found.network.get_weights()[0], first.network.get_weights()[0])
    assert len(trained) >= 10


@pytest.mark.slow
def test_two_that_want_a_segmenter_train_it_once(pairs, tmp_path, monkeypatch):
    trained, train = [], segmentation.train
    monkeypatch.setattr(segmentation, "train", lambda *some, **options: trained.append(1) or train(*some, **options))
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        found = list(executor.map(lambda _: segmentation.kept(pairs[0], tmp_path, steps=2), range(2)))
    assert trained == [1]
    for one, other in zip(*(segmenter.network.get_weights() for segmenter in found), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_seed_decides_the_segmenter(pairs):
    nets = [segmentation.network(32, 12, seed).get_weights() for seed in (0, 0, 1)]
    np.testing.assert_array_equal(nets[0][0], nets[1][0])
    assert not np.array_equal(nets[0][0], nets[2][0])


@pytest.mark.parametrize("direction", ["a_to_b", "b_to_a"])
def test_the_side_of_the_labels_follows_the_direction(direction):
    pairs = datasets.load("synthetic", "train", 16, direction, count=2)
    label_maps = pairs.pair(0)[segmentation.label_side(pairs)]
    assert len(palette([images.to_uint8(label_maps)])) <= 12


def test_sets_without_labels_have_no_label_accuracy(tmp_path):
    random = np.random.default_rng(0)
    for side in "AB":
        (tmp_path / side / "train").mkdir(parents=True)
        for number in range(2):
            images.write(
                tmp_path / side / "train" / f"{number}.png", random.integers(256, size=(32, 32, 3)).astype(np.uint8)
            )
    pairs = datasets.load(tmp_path, "train", 32)
    with pytest.raises(errors.InputError, match="label accuracy needs label maps on one side and photos on the other"):
        segmentation.train(pairs, steps=1)


def test_a_folder_gives_the_colours_of_its_own_label_maps(tmp_path):
    random = np.random.default_rng(0)
    for side, colours in (("A", 256), ("B", 2)):
        (tmp_path / side / "train").mkdir(parents=True)
        for number in range(2):
            image = random.integers(colours, size=(32, 32, 1)).astype(np.uint8).repeat(3, -1) * (
                1 if side == "A" else 255
            )
            images.write(tmp_path / side / "train" / f"{number}.png", image)
    pairs = datasets.load(tmp_path, "train", 32, "b_to_a")
    assert sorted(segmentation.class_colours(pairs).tolist()) == [[0, 0, 0], [255, 255, 255]]
