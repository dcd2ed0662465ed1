"""`datasets.load`, `catalogue` and `prepare`: what a name means, the synthetic set, and options that are refused."""

import numpy as np
import pytest

from pix2pix_tf import datasets, errors, images, streets
from pix2pix_tf.datasets import catalogue, drawn, pairs, sampling, source


def fake_draw(index, image_size=256, seed=0):
    """Stand in for the drawings: flat colours that tell index, size and seed."""
    labels = np.full((image_size, image_size, 3), (index % 251, image_size % 251, seed), np.uint8)
    return 255 - labels, labels


@pytest.fixture(name="drawn")
def watch_drawing(monkeypatch):
    calls = []

    def draw(index, **options):
        calls.append(index)
        return fake_draw(index, **options)

    monkeypatch.setattr(streets, "draw", draw)
    return calls


def test_synthetic_splits_share_no_index(drawn):
    seen = {}
    for split, count in (("train", 400), ("val", 100), ("test", 100)):
        made = datasets.load("synthetic", split=split, image_size=16, jitter=False)
        assert (len(made), made.direction, made.split) == (count, "b_to_a", split)
        drawn.clear()
        made.examples(range(count))
        seen[split] = set(drawn)
        assert len(seen[split]) == count
    assert not seen["train"] & seen["val"] | seen["train"] & seen["test"] | seen["val"] & seen["test"]


def test_synthetic_pairs_are_labels_to_photo_drawn_at_the_size_wanted(drawn):
    made = datasets.load("synthetic", image_size=64, seed=5)
    assert made.jitter
    source, target = made.pair(3)
    photo, labels = fake_draw(3, 64, 5)
    np.testing.assert_array_equal(source, images.to_float(labels))
    np.testing.assert_array_equal(target, images.to_float(photo))
    jittered = images.to_uint8(made.batch(0)[0][0, 0, 0].numpy())
    assert jittered[1] == sampling.load_size(64)
    assert jittered[2] == 5


def test_synthetic_is_drawn_on_demand_and_without_limit(drawn):
    made = datasets.load("synthetic", image_size=16, count=10**5)
    assert len(made) == 10**5
    drawn.clear()
    made.batch(0)
    assert len(drawn) == 1
    with pytest.raises(errors.InputError, match="count 0 is not between"):
        datasets.load("synthetic", count=0)


def test_the_largest_size(drawn):
    made = datasets.load("synthetic", image_size=1024, count=2)
    assert made.batch(0)[0].shape == (1, 1024, 1024, 3)


def test_synthetic_digest_identifies_drawings(drawn, monkeypatch):
    def digest(**options):
        return datasets.load("synthetic", **{"image_size": 16, **options}).digest

    assert digest() == digest(image_size=32, jitter=False, direction="a_to_b")
    assert len({digest(), digest(seed=1), digest(split="val"), digest(count=3)}) == 4
    before = digest()
    monkeypatch.setattr("pix2pix_tf.streets.draw", lambda index, image_size, seed: fake_draw(9, image_size))
    assert digest() != before


def test_terraces_are_pairs_of_labels_and_photo():
    made = datasets.load("terraces", "val", 32, count=3, seed=2)
    labels, photo = made.pair(1)
    expected = streets.draw_terrace(drawn.FIRST_INDEX["val"] + 1, 32, seed=2)
    np.testing.assert_array_equal(photo, images.to_float(expected[0]))
    np.testing.assert_array_equal(labels, images.to_float(expected[1]))
    assert (made.direction, made.label_sides) == ("b_to_a", (False, True))
    assert datasets.load("terraces").counts == {"train": 400, "val": 100, "test": 100}


@pytest.mark.parametrize(("name", "kind"), [("synthetic", "front"), ("terraces", "terrace")])
def test_instances_are_a_further_side_of_drawings(name, kind):
    described = drawn.describe_pairs(catalogue.find(name), "val", 2, seed=1, instances=True)
    plain = drawn.describe_pairs(catalogue.find(name), "val", 2, seed=1)
    assert described.sides == (*plain.sides, source.INSTANCES)
    *pair, instances = described.read(1, 64)
    assert all(np.array_equal(one, other) for one, other in zip(pair, plain.read(1, 64), strict=True))
    index = drawn.FIRST_INDEX["val"] + 1
    np.testing.assert_array_equal(instances[..., 0], streets.draw_instances(index, 64, 1, kind))
    assert instances.dtype == np.int32


@pytest.mark.parametrize("name", ["synthetic", "terraces"])
def test_jitter_moves_instances_and_labels_alike(name):
    made = pairs.Pairs(drawn.describe_pairs(catalogue.find(name), count=2, instances=True), 64, "b_to_a", jitter=True)
    for step in range(4):
        shown = made.batch(step)[0]
        labels, instances = shown["image"].numpy()[0], shown["instances"].numpy()[0, ..., 0]
        assert instances.dtype == np.int32 and len(np.unique(instances)) > 10
        for number in np.unique(instances):
            assert len(np.unique(labels[instances == number], axis=0)) == 1, "one thing is of one class"


def test_the_digest_covers_the_instances(monkeypatch):
    def digest(**options):
        made = drawn.describe_pairs(catalogue.find("terraces"), count=2, **options)
        return made.verify(lambda index, *arrays: None)

    plain, before = digest(), digest(instances=True)
    assert before != plain and before == digest(instances=True)
    monkeypatch.setattr(streets, "draw_instances", lambda index, size, seed, kind: np.ones((size, size), np.int32))
    assert digest(instances=True) != before and digest() == plain


def test_days_and_nights_have_no_instances():
    with pytest.raises(errors.InputError, match="day2night: has no instances; synthetic and terraces have them"):
        drawn.describe_pairs(catalogue.find("day2night"), instances=True)


def test_real_drawings_make_batches():
    made = datasets.load("synthetic", image_size=32, count=2)
    source, target = next(iter(made.batches(batch_size=2)))
    assert source.shape == target.shape == (2, 32, 32, 3)
    assert float(abs(source - target).numpy().mean()) > 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 8}, "image size 8: is not between 16 and 1024"),
        ({"image_size": 2048}, "image size 2048"),
        ({"direction": "AtoB"}, "direction 'AtoB': is not known; choose a_to_b or b_to_a"),
        ({"labels": "c"}, "labels 'c': is not known; choose one of none, a, b, both"),
        ({"split": "validation"}, "synthetic: has no split 'validation'; choose one of train, val, test"),
        ({"seed": -1}, "seed -1 is negative"),
        ({"archive": "facades.tar.gz"}, "archive facades.tar.gz: is of use for facades, "),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(errors.InputError) as raised:
        datasets.load("synthetic", **options)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_names_with_a_typo_or_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.InputError) as raised:
        datasets.load("facade")
    assert str(raised.value) == (
        "facade: is neither a folder nor a known set; did you mean facades? The known sets are "
        "synthetic, terraces, day2night, facades, maps, edges2shoes, edges2handbags, night2day, horse2zebra, "
        "apple2orange, summer2winter_yosemite, monet2photo, cezanne2photo, ukiyoe2photo, vangogh2photo, "
        "iphone2dslr_flower"
    )
    (tmp_path / "streets").mkdir()
    with pytest.raises(errors.InputError, match="did you mean streets?"):
        datasets.load("street")
    with pytest.raises(errors.InputError, match="did you mean .*/streets?"):
        datasets.load(tmp_path / "strets")
    with pytest.raises(errors.InputError, match="neither a folder nor a known set; the known sets"):
        datasets.load("/nowhere/at/all")
    (tmp_path / "file.tar.gz").touch()
    with pytest.raises(errors.InputError, match="is a file; give a folder, a zip or tar.gz archive"):
        datasets.load(tmp_path / "file.tar.gz")


def test_prepare_what_needs_no_preparation():
    assert datasets.prepare("synthetic").prepared
    with pytest.raises(errors.InputError, match="mapps: is no known set; did you mean maps?"):
        datasets.prepare("mapps")
    with pytest.raises(errors.InputError, match="archive x.zip: is of use for .*, not for synthetic"):
        datasets.prepare("synthetic", archive="x.zip")


def test_catalogue(tmp_path):
    records = {record.name: record for record in datasets.list_entries(data_dir=tmp_path)}
    paired = [name for name, record in records.items() if record.paired]
    assert paired == [
        *("synthetic", "terraces", "day2night", "facades", "maps", "edges2shoes", "edges2handbags", "night2day")
    ]
    assert list(records)[len(paired) :] == [
        *("horse2zebra", "apple2orange", "summer2winter_yosemite", "monet2photo", "cezanne2photo"),
        *("ukiyoe2photo", "vangogh2photo", "iphone2dslr_flower"),
        *("digits", "streets", "photographs", "eight_gaussians", "gaussian_grid", "swiss_roll"),
    ]
    single = [name for name, record in records.items() if record.single]
    assert [name for name, record in records.items() if record.prepared] == [
        *("synthetic", "terraces", "day2night", *single)
    ]
    assert single == list(catalogue.SINGLE)
    assert records["facades"].direction == "b_to_a"
    assert records["facades"].splits == {"train": 400, "val": 100, "test": 106}
    assert all(record.licence and record.homepage and record.description for record in records.values())
