"""Images of two domains: their folders, their batches against the same thing written in numpy, and broken pairs."""

import collections

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies
from pictures import SIZE, picture, save
from PIL import Image

from pix2pix_tf import datasets, errors, images, streets
from pix2pix_tf.datasets import sampling
from pix2pix_tf.datasets import source as sources
from pix2pix_tf.datasets import unpaired as unpaired_images

FEW = hypothesis.settings(deadline=None, derandomize=True, max_examples=6)


def fill(folder, counts=(5, 3), split="train", first=0):
    """Write two domains; the images of A are the pictures first, first + 1 ..., those of B 1000 more."""
    for side, count in zip("AB", counts, strict=True):
        for number in range(first, first + count):
            save(folder / f"{split}{side}" / f"{number}.png", picture(number + 1000 * (side == "B")))
    return folder


def load(folder, split="train", **options):
    return datasets.load(folder, split=split, unpaired=True, **{"image_size": SIZE, "jitter": False, **options})


def refused(folder, split="train", **options):
    with pytest.raises(errors.InputError) as raised:
        load(folder, split, **options)
    return str(raised.value)


def numbered(count_a, count_b, jitter=False, size=SIZE, counterparts=False, **options):
    """Two domains of flat images of the colour of their number, those of B 100 brighter."""

    def domain(count, first):
        return sources.Source(
            name="flat",
            split="train",
            names=[f"{first + index}" for index in range(count)],
            counts={"train": count},
            direction="a_to_b",
            sides=sources.name_sides([True]),
            read=lambda index, size: (np.full((size, size, 3), first + index, np.uint8),),
        )

    counts = {"train": (count_a, count_b)}
    made = sources.Domains(
        "flat", "train", counts, domain(count_a, 0), domain(count_b, 100), lambda *keeps: "0" * 64, counterparts
    )
    return unpaired_images.Unpaired(made, size, jitter, **options)


def order(made, steps, **options):
    """Return the numbers of the images of A and B that the batches of some steps show."""
    batches = [(a.numpy(), b.numpy()) for a, b in made.batches(last_step=steps, **options)]
    numbers = np.array([[images.to_uint8(side)[:, 0, 0, 0] for side in batch] for batch in batches])
    return numbers[:, 0].ravel().tolist(), numbers[:, 1].ravel().tolist()


def test_folders_of_domains_of_different_length(tmp_path):
    fill(fill(tmp_path), (2, 4), "test", first=50)
    made = load(tmp_path)
    assert (made.name, made.split, made.direction, made.paired) == (str(tmp_path), "train", "a_to_b", False)
    assert made.side_counts == {"train": (5, 3), "test": (2, 4)}
    assert made.counts == {"train": 5, "test": 4}
    assert made.side_names == ([*"01234"], [*"012"])
    assert made.names == ["0", "1", "2", "3+0", "4+1"]
    assert len(made) == 5
    for index, (a, b) in enumerate([(0, 0), (1, 1), (2, 2), (3, 0), (4, 1)]):
        shown = made.pair(index)
        np.testing.assert_array_equal(shown[0], images.to_float(picture(a)))
        np.testing.assert_array_equal(shown[1], images.to_float(picture(b + 1000)))
    with pytest.raises(IndexError):
        made.pair(5)
    assert [side.shape for side in load(tmp_path, "test").examples([3, 0])] == [(2, SIZE, SIZE, 3)] * 2
    assert "5 + 3 unpaired images" in repr(made)


def test_batches_of_folders_show_every_image_of_each_domain(tmp_path):
    made = load(fill(tmp_path))
    known = [{picture(number + first).tobytes() for number in range(n)} for n, first in ((5, 0), (3, 1000))]
    batches = list(made.batches(last_step=15))
    for side, (count, expected) in enumerate(zip((5, 3), known, strict=True)):
        shown = [images.to_uint8(batch[side][0]).tobytes() for batch in batches]
        for epoch in range(15 // count):
            assert set(shown[epoch * count : (epoch + 1) * count]) == expected


@pytest.mark.parametrize("memory_limit", [0, 2**30])
def test_a_single_batch_is_the_one_of_the_stream(tmp_path, memory_limit):
    made = datasets.load(fill(tmp_path), image_size=SIZE, memory_limit=memory_limit, unpaired=True)
    for step, streamed in enumerate(made.batches(2, last_step=3)):
        for side, expected in zip(made.batch(step, 2), streamed, strict=True):
            np.testing.assert_array_equal(side, expected)


def test_each_domain_has_a_shuffle_of_its_own():
    shown_a, shown_b = order(numbered(20, 20), 100)
    epochs_a, epochs_b = (np.array(shown).reshape(5, 20) for shown in (shown_a, shown_b))
    for epochs, first in ((epochs_a, 0), (epochs_b, 100)):
        assert all(sorted(epoch) == list(range(first, first + 20)) for epoch in epochs)
        assert len({tuple(epoch) for epoch in epochs}) == 5
    partners = [dict(zip(a, b, strict=True)) for a, b in zip(epochs_a, epochs_b, strict=True)]
    again = sum(one[a] == other[a] for one, other in zip(partners, partners[1:], strict=False) for a in one)
    assert again < 16  # by chance 4 of 80 images of A meet the same one of B in two epochs that follow each other


def test_the_smaller_domain_comes_round_more_often():
    shown_a, shown_b = order(numbered(9, 4), 36)
    assert set(collections.Counter(shown_a).values()) == {4}
    assert set(collections.Counter(shown_b).values()) == {9}
    assert len(set(zip(shown_a, shown_b, strict=True))) > 12


@FEW
@hypothesis.given(strategies.integers(1, 4), strategies.integers(0, 9), strategies.booleans(), strategies.booleans())
def test_batches_are_a_function_of_seed_and_step(batch_size, step, jitter, counterparts):
    made = numbered(7, 7 if counterparts else 5, jitter, counterparts=counterparts)
    whole = list(made.batches(batch_size, seed=3, last_step=step + 1))
    resumed = list(made.batches(batch_size, seed=3, first_step=step, last_step=step + 1))
    half = (batch_size + 1) // 2
    part = list(made.batches(batch_size, seed=3, first_step=step, last_step=step + 1, last_example=half))
    for side in (0, 1):
        np.testing.assert_array_equal(whole[step][side], resumed[0][side])
        np.testing.assert_array_equal(whole[step][side], made.batch(step, batch_size, seed=3)[side])
        np.testing.assert_array_equal(whole[step][side][:half], part[0][side])


def test_seeds_change_the_order_and_default_to_the_one_of_load():
    assert order(numbered(9, 9), 9) != order(numbered(9, 9), 9, seed=1)
    assert order(numbered(9, 9, seed=1), 9) == order(numbered(9, 9), 9, seed=1)


def test_jitter_is_drawn_for_each_image_alone(tmp_path):
    for side in "AB":  # the same image in both domains, so that only jitter can tell them apart
        save(tmp_path / f"train{side}" / "1.png", picture(1, 40, 40))
    made = load(tmp_path, jitter=True)
    enlarged = images.resize(picture(1, 40, 40), sampling.load_size(SIZE))
    margin = sampling.load_size(SIZE) - SIZE
    crops = {
        enlarged[top : top + SIZE, left : left + SIZE][:, ::flip].tobytes(): (top, left, flip)
        for top in range(margin + 1)
        for left in range(margin + 1)
        for flip in (1, -1)
    }
    shown = [[crops[images.to_uint8(side[0]).tobytes()] for side in batch] for batch in made.batches(last_step=60)]
    for draw in range(3):
        possible = {-1, 1} if draw == 2 else set(range(margin + 1))
        seen = {(a[draw], b[draw]) for a, b in shown}
        assert seen == {(one, other) for one in possible for other in possible}


def test_pairs_can_be_unpaired_and_no_image_meets_its_own(tmp_path):
    for number in range(6):
        save(tmp_path / "train" / f"{number}.png", np.full((SIZE, 2 * SIZE, 3), number, np.uint8))
    made = load(tmp_path)
    assert (made.paired, made.counterparts, made.direction) == (False, True, "a_to_b")
    assert made.side_counts == {"train": (6, 6)} and made.names == [str(number) for number in range(6)]
    shown_a, shown_b = order(made, 60)
    assert all(a != b for a, b in zip(shown_a, shown_b, strict=True))
    assert len(set(zip(shown_a, shown_b, strict=True))) > 20
    for epoch in range(10):
        for shown in (shown_a, shown_b):
            assert sorted(shown[6 * epoch : 6 * epoch + 6]) == list(range(6))
    for index in range(6):
        np.testing.assert_array_equal(*made.pair(index))
    assert shown_a == [
        int(images.to_uint8(a)[0, 0, 0, 0])
        for a, _ in datasets.load(tmp_path, image_size=SIZE, jitter=False).batches(last_step=60)
    ]  # the same order as in paired training


@FEW
@hypothesis.given(strategies.integers(2, 40), strategies.integers(0, 50), strategies.integers(0, 2**31))
def test_the_other_index_is_a_permutation_without_fixed_points(count, epoch, seed):
    positions = tf.range(epoch * count, (epoch + 1) * count, dtype=tf.int64)
    own = [int(sampling.index_at(position, count, seed)) for position in positions]
    other = [int(sampling.other_index_at(position, count, seed)) for position in positions]
    assert sorted(other) == list(range(count))
    assert all(one != two for one, two in zip(own, other, strict=True))


def test_the_two_sides_of_a_set_are_read_once_and_keep_their_kind():
    reads = []

    def read(index, size):
        reads.append(index)
        return picture(index, 40, 40), picture(index + 1000, 40, 40)

    source = sources.Source(
        "x",
        "train",
        [*"0123"],
        {"train": 4},
        "b_to_a",
        sources.name_sides([False, True]),
        read,
        lambda keep: "0",
        slow=True,
    )
    made = unpaired_images.Unpaired(sources.forget_pairs(source), SIZE, jitter=False)
    list(made.batches(last_step=20))
    assert sorted(reads) == [0, 1, 2, 3]
    photo, labels = made.pair(2)
    np.testing.assert_array_equal(photo, images.to_float(images.resize(picture(2, 40, 40), SIZE)))
    np.testing.assert_array_equal(labels, images.to_float(images.resize(picture(1002, 40, 40), SIZE, labels=True)))
    assert made.label_sides == (False, True)


def test_the_synthetic_set_without_its_pairing():
    made = datasets.load("synthetic", image_size=32, count=3, unpaired=True)
    paired = datasets.load("synthetic", image_size=32, count=3, direction="a_to_b")
    for one, other in zip(made.pair(1), paired.pair(1), strict=True):
        np.testing.assert_array_equal(one, other)
    assert made.batch(0)[0].shape == (1, 32, 32, 3)
    assert made.digest == paired.digest


def test_any_mode_is_converted(tmp_path):
    fill(tmp_path)
    save(tmp_path / "trainB" / "grey.png", picture(7)[:, :, 0])
    Image.fromarray(picture(8)).convert("P").save(tmp_path / "trainB" / "palette.png")
    made = load(tmp_path)
    assert made.side_counts["train"] == (5, 5)
    grey = made.pair(made.side_names[1].index("grey"))[1]
    np.testing.assert_array_equal(grey, images.to_float(np.repeat(picture(7)[:, :, :1], 3, axis=2)))


def test_label_maps_are_recognised_for_each_domain(tmp_path):
    for number in range(3):
        save(tmp_path / "trainA" / f"{number}.png", picture(number, 40, 40))
        save(tmp_path / "trainB" / f"{number}.png", picture(number, 40, 40) // 128 * 255)
    assert load(tmp_path).label_sides == (False, True)
    assert load(tmp_path, labels="none").label_sides == (False, False)
    labels = load(tmp_path).pair(0)[1]
    assert set(np.unique(labels)) == {-1, 1}


def test_the_digest_follows_the_content_of_both_domains(tmp_path):
    first = load(fill(tmp_path)).digest
    assert first == load(tmp_path, image_size=32, jitter=True).digest
    save(tmp_path / "trainB" / "1.png", picture(77))
    second = load(tmp_path).digest
    (tmp_path / "trainB" / "2.png").rename(tmp_path / "trainA" / "9.png")
    assert len({first, second, load(tmp_path).digest}) == 3


def test_a_domain_too_large_for_memory_is_read_as_it_goes(tmp_path):
    fill(tmp_path)
    held, unheld = load(tmp_path, jitter=True), load(tmp_path, jitter=True, memory_limit=1000)
    for one, other in zip(held.batches(last_step=8), unheld.batches(last_step=8), strict=True):
        for side in (0, 1):
            np.testing.assert_array_equal(one[side], other[side])


def test_all_bad_files_of_all_domains_and_splits_are_named_at_once(tmp_path):
    fill(fill(tmp_path), (2, 2), "test")
    (tmp_path / "trainA" / "zero.jpg").touch()
    (tmp_path / "trainB" / "fake.png").write_text("not an image")
    (tmp_path / "testB" / "cut.png").write_bytes((tmp_path / "testB" / "0.png").read_bytes()[:300])
    (tmp_path / "testA" / "scan.tif").touch()
    lines = refused(tmp_path).splitlines()
    assert lines[0].startswith(f"{tmp_path}: 4 problems")
    for name, reason in {
        "trainA/zero.jpg": "is empty",
        "trainB/fake.png": "is not a JPEG",
        "testB/cut.png": "is damaged",
        "testA/scan.tif": "is not a JPEG",
    }.items():
        assert any(line.strip().startswith(f"{name}: {reason}") for line in lines[1:]), name


def test_missing_and_empty_domains(tmp_path):
    fill(tmp_path, (2, 0))
    assert refused(tmp_path) == (
        f"{tmp_path}: trainB/ is missing; put the images into trainA/ and trainB/, and others into testA/ and testB/"
    )
    (tmp_path / "trainB").mkdir()
    assert "trainB/ holds no images" in refused(tmp_path)
    fill(tmp_path)
    assert "has no split 'val', only train; put the images" in refused(tmp_path, "val")
    assert "direction b_to_a: unpaired images are learned both ways" in refused(tmp_path, direction="b_to_a")


def test_pairs_are_wanted_unless_said_otherwise(tmp_path):
    fill(tmp_path)
    with pytest.raises(errors.InputError) as raised:
        datasets.load(tmp_path)
    assert "holds unpaired images (trainA, trainB), and pairs are needed" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert datasets.load("synthetic", image_size=16, count=2).paired


def test_day_and_night_of_different_houses_in_training_and_of_the_same_for_measuring():
    train = datasets.load("day2night", image_size=32, count=6, unpaired=True, jitter=False)
    assert (train.paired, train.counterparts, train.direction) == (False, False, "a_to_b")
    assert not set(train.side_names[0]) & set(train.side_names[1])
    for index in (0, 5):
        for side, time in enumerate(("day", "night")):
            photo = streets.draw_photo(2 * index + side, 32, time=time)
            np.testing.assert_array_equal(train.pair(index)[side], images.to_float(photo))
    for split, first in (("val", 10**9), ("test", 2 * 10**9)):
        made = datasets.load("day2night", split, 32, count=2, unpaired=True)
        paired = datasets.load("day2night", split, 32, count=2)
        assert (
            made.counterparts and paired.paired and made.names == paired.names == [f"{split}-{n:06d}" for n in (0, 1)]
        )
        for index in range(2):
            for side, time in enumerate(("day", "night")):
                photo = images.to_float(streets.draw_photo(first + index, 32, time=time))
                np.testing.assert_array_equal(made.pair(index)[side], photo)
                np.testing.assert_array_equal(paired.pair(index)[side], photo)
    assert datasets.load("day2night", image_size=16, unpaired=True).counts == {"train": 400, "val": 100, "test": 100}


def test_the_digest_of_day_and_night_tells_what_is_drawn():
    def digest(**options):
        return datasets.load("day2night", **{"image_size": 16, "unpaired": True, **options}).digest

    assert digest() == digest(image_size=32)
    assert len({digest(), digest(seed=1), digest(count=3), digest(split="val"), digest(unpaired=False)}) == 5


@pytest.mark.parametrize("other", ["testB", None])
def test_a_split_with_one_domain_is_passed_over(tmp_path, other):
    for part, count in (("trainA", 2), ("trainB", 1), ("testA", 1)):
        for number in range(count):
            save(tmp_path / part / f"{number}.png", picture(number))
    if other:
        (tmp_path / other).mkdir()
    made = datasets.load(tmp_path, image_size=SIZE, unpaired=True)
    assert made.counts == {"train": 2} and made.held_out is None
    assert made.passed_over == ("testA/0.png",)


def test_two_suffixes_of_one_name_are_two_images(tmp_path):
    for number, name in enumerate(("trainA/0.jpg", "trainA/0.png", "trainB/0.jpg")):
        save(tmp_path / name, picture(number))
    made = datasets.load(tmp_path, image_size=SIZE, unpaired=True)
    assert made.side_names == (["0", "0.png"], ["0"])
