import warnings

import numpy as np
import pytest
from PIL import Image
from skimage import color

from pix2pix_tf import datasets, errors, images
from pix2pix_tf.datasets import crops


def photograph(number, side=40):
    """Return a smooth picture in colour, uint8."""
    random = np.random.default_rng(number)
    return images.resize(random.integers(0, 256, (4, 4, 3)).astype(np.uint8), side)


def grey(number):
    """Return one without colour."""
    return np.repeat(photograph(number).mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)


def fill(folder, coloured, greys=()):
    """Write photographs into a folder, JPEG as most are."""
    folder.mkdir(parents=True)
    for name, make in (*((name, photograph) for name in coloured), *((name, grey) for name in greys)):
        images.write(folder / f"{name}.jpg", make(len(name) + sum(map(ord, name))), quality=95)


def load(name, split="train", **options):
    return datasets.load(name, split, 16, task="colorization", **options)


@pytest.fixture
def mixed(tmp_path):
    """Return a folder with twelve photographs in colour and three grey ones, one of which says so in its mode."""
    fill(tmp_path / "p", [f"c{number}" for number in range(12)], ["g0", "g1"])
    Image.fromarray(photograph(3)).convert("L").save(tmp_path / "p" / "g2.png")
    return tmp_path / "p"


def test_a_pair_is_what_scikit_image_says(mixed):
    found = load(mixed)
    (index,) = [number for number, name in enumerate(found.names) if name == found.names[2]]
    source, target = found.pair(index)
    expected = color.rgb2lab(images.resize(images.read(mixed / f"{found.names[2]}.jpg"), 16))
    assert source.shape == (16, 16, 1) and target.shape == (16, 16, 2)
    np.testing.assert_allclose((source + 1) * 50, expected[..., :1], atol=1e-3)
    np.testing.assert_allclose(target * 110, expected[..., 1:], atol=1e-3)


def test_batches_are_pairs(mixed):
    found = load(mixed, jitter=False)
    sources, targets = found.batch(0, batch_size=len(found))
    every = found.examples(range(len(found)))
    order = [int(np.abs(every[0] - source).sum(axis=(1, 2, 3)).argmin()) for source in sources.numpy()]
    assert sorted(order) == list(range(len(found)))
    np.testing.assert_allclose(sources, every[0][order], atol=1e-5)
    np.testing.assert_allclose(targets, every[1][order], atol=1e-5)


def test_jitter_moves_both_alike(mixed):
    found = load(mixed)
    source, target = (side.numpy() for side in found.batch(3))
    picture = found.show(source, target)
    again = [side.numpy() for side in found.batch(3)]
    np.testing.assert_array_equal(source, again[0])
    lightness, colours = color.rgb2lab((picture[0] + 1) / 2)[..., :1], color.rgb2lab((picture[0] + 1) / 2)[..., 1:]
    np.testing.assert_allclose(lightness, (source[0] + 1) * 50, atol=0.01)
    np.testing.assert_allclose(colours, target[0] * 110, atol=0.05)


def test_greyscale_photographs_are_left_out_and_named(mixed):
    splits = [load(mixed, split) for split in ("train", "val")]
    assert {name for one in splits for name in one.greyscale} == {"g0", "g1", "g2"}
    assert {name for one in splits for name in one.names} == {f"c{number}" for number in range(12)}
    assert splits[0].counts == {"train": len(splits[0]), "val": len(splits[1])}
    assert not splits[0].passed_over


def test_what_is_known_of_colour_is_kept_until_a_file_changes(mixed, monkeypatch):
    load(mixed)
    monkeypatch.setattr("pix2pix_tf.datasets.known_files.SETTLED_SECONDS", -1)
    load(mixed)
    monkeypatch.setattr(images, "is_grey", lambda *_: pytest.fail("is looked at again"))
    assert len(load(mixed).names) + len(load(mixed, "val").names) == 12
    images.write(mixed / "c1.jpg", grey(5))
    monkeypatch.setattr(images, "is_grey", lambda *_: True)
    assert "c1" in load(mixed).greyscale + load(mixed, "val").greyscale


def test_a_digest_is_that_of_the_coloured_ones(tmp_path):
    fill(tmp_path / "p" / "train", ["a", "b"], ["x"])
    first = load(tmp_path / "p").digest
    (tmp_path / "p" / "train" / "x.jpg").unlink()
    assert load(tmp_path / "p").digest == first
    (tmp_path / "p" / "train" / "b.jpg").unlink()
    assert load(tmp_path / "p").digest != first


def test_splits_and_subfolders(tmp_path):
    fill(tmp_path / "p" / "train" / "beach", ["a", "b"])
    fill(tmp_path / "p" / "train" / "town", ["a"], ["x"])
    fill(tmp_path / "p" / "test" / "town", ["z"])
    found = load(tmp_path / "p")
    assert (found.names, found.greyscale) == (["beach/a", "beach/b", "town/a"], ("town/x",))
    assert found.held_out == "test" and load(tmp_path / "p", "test").names == ["town/z"]


def test_a_split_without_colours_is_none(tmp_path):
    fill(tmp_path / "p" / "train", ["a", "b"])
    fill(tmp_path / "p" / "val", [], ["x"])
    found = load(tmp_path / "p")
    assert found.counts == {"train": 2} and found.held_out is None
    with pytest.raises(errors.InputError, match="all 1 photographs of val are greyscale"):
        load(tmp_path / "p", "val")


def test_two_domains_are_taken_together_or_apart(tmp_path):
    for place, names in (("trainA", ["a"]), ("trainB", ["b", "c"]), ("testA", ["d"]), ("testB", ["e"])):
        fill(tmp_path / "p" / place, names)
    assert load(tmp_path / "p").names == ["trainA-a", "trainB-b", "trainB-c"]
    assert load(tmp_path / "p", domain="b").names == ["trainB-b", "trainB-c"]
    assert load(tmp_path / "p", "test", domain="a").names == ["testA-d"]


@pytest.mark.parametrize(
    ("name", "domain", "names"),
    [
        ("synthetic", None, ["val-000000", "val-000001"]),
        ("day2night", "b", ["val-000000", "val-000001"]),
        ("day2night", "both", ["a-val-000000", "a-val-000001", "b-val-000000", "b-val-000001"]),
    ],
)
def test_drawn_sets(name, domain, names):
    found = load(name, "val", count=2, domain=domain)
    assert found.names == names and found.domain == (domain or "a")
    side = 1 if domain == "b" else 0
    plain = datasets.load(name, "val", 16, "a_to_b", count=2).pair(1)[side]
    np.testing.assert_array_equal(found.picture(1), plain)
    if domain == "both":
        night = datasets.load(name, "val", 16, "a_to_b", count=2).pair(0)[1]
        np.testing.assert_array_equal(found.picture(2), night)


def test_sides_have_digests_of_their_own():
    assert len({load("day2night", "val", count=2, domain=domain).digest for domain in ("a", "b", "both")}) == 3


def test_photographs_without_a_network_are_in_one_split_alone():
    whole = crops.read_photographs()
    assert sorted(whole) == ["astronaut", "chelsea", "china", "coffee", "flower", "rocket"]
    train, val = (datasets.load_samples("photographs", split, 32) for split in ("train", "val"))
    assert (len(train), len(val), train.names[1]) == (400, 60, "train-000001-chelsea")
    marked = {name: np.zeros_like(one) for name, one in whole.items()}
    for one in marked.values():
        one[:, : round(one.shape[1] * crops.BORDER)] = 255
    for split, level in (("train", 255), ("val", 0)):
        assert all((crops._cut(marked, split, number, 0) == level).all() for number in range(200))
    assert train.digest != val.digest != datasets.load_samples("photographs", "val", 32, seed=1).digest


def test_the_photographs_are_loaded_for_both_uses():
    single, coloured = datasets.load_samples("photographs", "val", 16), load("photographs", "val")
    np.testing.assert_array_equal(single.pair(4)[1], coloured.picture(4))


def test_label_maps_are_warned_of(tmp_path):
    (tmp_path / "p").mkdir()
    for number in range(4):
        some = np.random.default_rng(number).integers(0, 2, (40, 40))[..., None] * np.uint8([200, 30, 90])
        images.write(tmp_path / "p" / f"{number}.png", some)
    with pytest.warns(errors.NoteWarning, match="p: its images have few colours, as label maps have"):
        load(tmp_path / "p")


def test_photographs_are_not_warned_of(mixed):
    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.NoteWarning)
        load(mixed)


def test_greyscale_photographs_alone_are_loaded_to_be_looked_at(tmp_path, mixed):
    fill(tmp_path / "old", [], ["x", "y"])
    found = datasets.load_greyscale(tmp_path / "old", 16)
    assert found.names == ["x", "y"] and np.abs(found.pair(0)[1]).max() < 0.05
    assert datasets.load_greyscale(mixed, 16) is None and datasets.load_greyscale("photographs", 16) is None


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (lambda folder: fill(folder, [], ["x", "y", "z"]), {}, "all 2 photographs of train are greyscale"),
        (lambda folder: folder.mkdir(), {}, "holds no images"),
        (lambda folder: fill(folder, ["a"]), {"split": "test"}, "has no split 'test', only train"),
        (lambda folder: fill(folder, ["a"]), {"domain": "a"}, "domain a: .* has no two sides to choose from"),
        (
            lambda folder: fill(folder, ["a"]),
            {"direction": "a_to_b"},
            "direction a_to_b: has no meaning for colorization",
        ),
        (lambda folder: fill(folder, ["a"]), {"labels": "none"}, "labels none: has no meaning for colorization"),
        (lambda folder: fill(folder, ["a"]), {"unpaired": True}, "unpaired True: has no meaning for colorization"),
        (lambda folder: fill(folder / "trainB", ["a"]), {"domain": "a"}, "has no photographs in trainA"),
    ],
)
def test_bad_folders_are_refused(tmp_path, make, options, said):
    make(tmp_path / "p")
    with pytest.raises(errors.InputError, match=said):
        load(tmp_path / "p", **options)


def test_a_damaged_photograph_is_named(mixed):
    (mixed / "c3.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(errors.InputError, match="c3.jpg: is "):
        load(mixed)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("digits", {}, "digits: holds .*, and no colours to learn"),
        ("swiss_roll", {}, "and no colours to learn"),
        ("photographs", {"domain": "b"}, "domain b: photographs has no two sides"),
        ("synthetic", {"domain": "c"}, "domain 'c': is not known; choose one of a, b, both"),
        ("photographs", {"split": "test"}, "photographs: has no split 'test', only train, val"),
        ("photographs", {"count": 0}, "count 0 is not between"),
        ("missing", {}, "missing: is neither a folder nor a known set"),
    ],
)
def test_bad_sets_are_refused(name, options, said):
    with pytest.raises(errors.InputError, match=said):
        load(name, **options)


def test_a_task_must_be_known_and_a_domain_have_one():
    with pytest.raises(errors.InputError, match="task 'colouring': is not known; choose colorization"):
        datasets.load("photographs", task="colouring")
    with pytest.raises(errors.InputError, match="domain a: is of use for the task colorization alone"):
        datasets.load("synthetic", domain="a")
