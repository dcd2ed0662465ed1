"""Batches as a pure function of (seed, step), against the same thing written in numpy."""

import os
import subprocess
import sys

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies

from pix2pix_tf import images
from pix2pix_tf.datasets import memory, pairs, sampling
from pix2pix_tf.datasets import source as sources

SETTINGS = hypothesis.settings(deadline=None, derandomize=True, max_examples=15)
FEW = hypothesis.settings(SETTINGS, max_examples=8)  # every example traces a pipeline
COUNT, SIZE = 7, 32


def photo_of(labels):
    """The known function that makes a photo of its labels, pixel by pixel."""
    return 255 - labels[:, :, [1, 2, 0]]


def make_source(count=COUNT, side=None, slow=False, **changes):
    """A source of noise label maps (nearest on both sides) whose photo is a known function of them."""
    reads = []

    def read(index, size):
        reads.append(index)
        labels = np.random.default_rng(index).integers(0, 256, (side or size, side or size, 3), dtype=np.uint8)
        return photo_of(labels), labels

    fields = {
        "name": "noise",
        "split": "train",
        "names": [str(index) for index in range(count)],
        "counts": {"train": count},
        "direction": "b_to_a",
        "sides": sources.name_sides([True, True]),
        "read": read,
        "verify": lambda keep: "0" * 64,
        "slow": slow,
    }
    source = sources.Source(**{**fields, **changes})
    object.__setattr__(source, "reads", reads)
    return source


def make_pairs(jitter=True, direction="b_to_a", memory_limit=2**30, seed=0, **options):
    return pairs.Pairs(make_source(**options), SIZE, direction, jitter, seed, memory_limit)


def streamed(made, **options):
    return [(source.numpy(), target.numpy()) for source, target in made.batches(**options)]


def assert_equal(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("options", [{}, {"slow": True}, {"memory_limit": 0}, {"side": 50}])
def test_labels_and_photo_stay_aligned_under_jitter(options):
    made = make_pairs(**options)
    for labels, photo in streamed(made, last_step=2 * COUNT):
        assert labels.shape == photo.shape == (1, SIZE, SIZE, 3)
        assert labels.dtype == photo.dtype == np.float32
        np.testing.assert_array_equal(photo_of(images.to_uint8(labels[0])), images.to_uint8(photo[0]))


def test_jitter_is_a_crop_or_mirrored_crop_of_the_enlarged_image():
    made = make_pairs(side=20)
    load_size = sampling.load_size(SIZE)
    enlarged = [images.resize(np.asarray(make_source(side=20).read(i, 0)[1]), load_size, True) for i in range(COUNT)]
    seen = set()
    for labels, _ in streamed(made, last_step=60):
        crop = images.to_uint8(labels[0])
        places = [
            (index, top, left, flip)
            for index, image in enumerate(enlarged)
            for top in range(load_size - SIZE + 1)
            for left in range(load_size - SIZE + 1)
            for flip in (False, True)
            if np.array_equal(crop, image[top : top + SIZE, left : left + SIZE][:, :: -1 if flip else 1])
        ]
        assert len(places) == 1
        seen.add(places[0][1:])
    for position, margin in ((0, 4), (1, 4)):
        assert {place[position] for place in seen} == set(range(margin + 1))
    assert {place[2] for place in seen} == {False, True}


def test_load_size():
    assert [sampling.load_size(size) for size in (256, 128, 64, 512)] == [286, 143, 72, 572]


def test_every_epoch_is_another_permutation():
    made = make_pairs(jitter=False, count=20)
    labels = [make_source().read(index, SIZE)[1] for index in range(20)]
    order = [
        next(index for index in range(20) if np.array_equal(images.to_uint8(source[0]), labels[index]))
        for source, _ in streamed(made, last_step=60)
    ]
    epochs = [order[:20], order[20:40], order[40:]]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert list(range(20)) not in epochs


@SETTINGS
@hypothesis.given(strategies.integers(1, 300), strategies.integers(0, 10**6), strategies.integers(0, 2**31))
def test_index_is_a_permutation_for_any_count_epoch_and_seed(count, epoch, seed):
    positions = tf.range(epoch * count, (epoch + 1) * count, dtype=tf.int64)
    order = [int(sampling.index_at(position, count, seed)) for position in positions]
    assert sorted(order) == list(range(count))


def test_large_seeds_and_epochs_have_orders_of_their_own():
    """TensorFlow's index shuffle looks at the lowest byte of its seeds only: 0 and 256 were the same to it."""
    cases = [(seed, epoch) for seed in (0, 1, 256, 512, 65536) for epoch in (0, 1, 256, 257, 65536)]
    orders = set()
    for seed, epoch in cases:
        positions = tf.range(epoch * 50, (epoch + 1) * 50, dtype=tf.int64)
        orders.add(tuple(int(sampling.index_at(position, 50, seed)) for position in positions))
    assert len(orders) == len(cases)


def test_same_seed_same_batches_other_seed_others():
    first, again, other = (streamed(make_pairs(), seed=seed, last_step=9) for seed in (3, 3, 4))
    for one, same, different in zip(first, again, other, strict=True):
        assert_equal(one, same)
        assert not np.array_equal(one[0], different[0])
    assert_equal(streamed(make_pairs(seed=3), last_step=1)[0], first[0])


@FEW
@hypothesis.given(strategies.integers(1, 5), strategies.integers(0, 20), strategies.booleans())
def test_batches_resume_at_any_step(batch_size, first_step, jitter):
    made = make_pairs(jitter=jitter)
    whole = streamed(made, batch_size=batch_size, last_step=first_step + 3)
    resumed = streamed(made, batch_size=batch_size, first_step=first_step, last_step=first_step + 3)
    assert len(resumed) == 3
    for step, (one, other) in enumerate(zip(whole[first_step:], resumed, strict=True), start=first_step):
        assert_equal(one, other)
        assert_equal(one, made.batch(step, batch_size))


@FEW
@hypothesis.given(strategies.integers(1, 6), strategies.data())
def test_slices_of_replicas_make_the_whole_batch(batch_size, data):
    made = make_pairs()
    cuts = sorted({0, batch_size, *data.draw(strategies.lists(strategies.integers(0, batch_size), max_size=3))})
    whole = streamed(made, batch_size=batch_size, last_step=4)
    slices = [
        streamed(made, batch_size=batch_size, last_step=4, first_example=first, last_example=last)
        for first, last in zip(cuts[:-1], cuts[1:], strict=True)
    ]
    for step, batch in enumerate(whole):
        for side in (0, 1):
            np.testing.assert_array_equal(np.concatenate([part[step][side] for part in slices]), batch[side])


@pytest.mark.parametrize(("first", "last"), [(0, 3), (-1, 1), (1, 1), (2, 1)])
def test_impossible_slices_are_refused(first, last):
    with pytest.raises(ValueError, match="no slice"):
        make_pairs().batches(batch_size=2, first_example=first, last_example=last)


@pytest.mark.parametrize("jitter", [True, False])
def test_pairs_are_never_jittered_and_follow_the_direction(jitter):
    forward, backward = (make_pairs(jitter, direction, side=50) for direction in ("a_to_b", "b_to_a"))
    for index in range(COUNT):
        a, b = (images.resize(side, SIZE, labels=True) for side in make_source(side=50).read(index, 0))
        assert_equal(forward.pair(index), (images.to_float(a), images.to_float(b)))
        assert_equal(backward.pair(index), (images.to_float(b), images.to_float(a)))
    with pytest.raises(IndexError):
        forward.pair(COUNT)
    sources_, targets = backward.examples([5, 0])
    assert sources_.shape == targets.shape == (2, SIZE, SIZE, 3)
    assert sources_.dtype == np.float32
    assert_equal((sources_[0], targets[0]), backward.pair(5))
    assert_equal((sources_[1], targets[1]), backward.pair(0))
    assert backward.examples([])[0].shape == (0, SIZE, SIZE, 3)


def test_photographs_and_labels_are_resized_differently():
    made = make_pairs(jitter=False, side=50, sides=sources.name_sides([False, True]))
    photo, labels = make_source(side=50).read(0, 0)
    source, target = made.pair(0)
    np.testing.assert_array_equal(source, images.to_float(images.resize(labels, SIZE, labels=True)))
    np.testing.assert_array_equal(target, images.to_float(images.resize(photo, SIZE)))


@pytest.mark.parametrize(("options", "reads"), [({}, COUNT), ({"slow": True}, COUNT), ({"memory_limit": 0}, 3 * COUNT)])
def test_what_fits_is_read_once(options, reads):
    source = make_source(slow=options.pop("slow", False))
    made = pairs.Pairs(source, SIZE, "a_to_b", True, **options)
    streamed(made, last_step=3 * COUNT)
    assert len(source.reads) == reads
    assert set(source.reads) == set(range(COUNT))


def test_slow_sources_are_read_only_as_needed():
    source = make_source(slow=True, count=1000)
    made = pairs.Pairs(source, SIZE, "a_to_b", True)
    assert not source.reads
    streamed(made, last_step=2)
    assert 2 <= len(source.reads) < 20


def test_batches_do_not_change_what_is_held():
    source = make_source()
    store = memory.Store(source, SIZE, 2**30)
    made = pairs.Pairs(source, SIZE, "a_to_b", False)
    streamed(made, last_step=COUNT)
    for index in range(COUNT):
        assert_equal(made._store.get(index), store.get(index))


def test_verification_may_hand_over_pairs():
    def verify(keep):
        for index in range(COUNT):
            keep(index, *make_source().read(index, 40))
        return "f" * 64

    source = make_source(verify=verify)
    made = pairs.Pairs(source, SIZE, "a_to_b", True)
    assert made.digest == "f" * 64
    streamed(made, last_step=COUNT)
    assert not source.reads


def test_one_pair_is_enough():
    for labels, photo in streamed(make_pairs(count=1), batch_size=3, last_step=2):
        np.testing.assert_array_equal(photo_of(images.to_uint8(labels[1])), images.to_uint8(photo[1]))


@pytest.mark.slow
def test_the_program_ends_while_a_pipeline_is_reading():
    program = (
        "from pix2pix_tf import datasets\n"
        "made = datasets.load('synthetic', image_size=16)\n"
        "streams = [iter(made.batches()) for _ in range(2)]\n"
        "batches = [next(stream) for stream in streams]\n"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", program], env=environment, timeout=120, check=True)
