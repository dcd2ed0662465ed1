"""An example is named sides: photos, labels, ids and masks of any number of channels go through one pipeline."""

import numpy as np
import pytest
from PIL import Image

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import folders, memory, pairs, sampling, source

COUNT, SIZE, LARGE = 5, 16, 24
SIDES = (
    source.Side("a", 1),
    source.Side("b", 5, "labels"),
    source.Side("instances", 1, "ids"),
    source.Side("void", 1, "mask"),
)


def draw(index, size):
    """Return the sides of an example that know of each other: every pixel of each names its own place."""
    places = np.arange(size * size, dtype=np.int32).reshape(size, size, 1) + 1000 * index
    photo = (places % 251).astype(np.uint8)
    labels = np.concatenate([places % number for number in (7, 11, 13, 17, 19)], axis=-1).astype(np.uint8)
    return photo, labels, places + 60_000, (places % 3 == 0).astype(np.uint8)


@pytest.fixture
def ids_folder(tmp_path):
    """Return a folder of 16-bit PNGs whose ids fill the type, and what they hold."""
    ids = np.random.default_rng(0).permutation(2**16)[: COUNT * SIZE * SIZE].reshape(COUNT, SIZE, SIZE)
    ids[0, 0, :2] = 0, 2**16 - 1
    for number, image in enumerate(ids):
        Image.fromarray(image.astype(np.uint16)).save(tmp_path / f"{number}.png")
    return tmp_path, ids


def make_source(read=lambda index, size: draw(index, LARGE), sides=SIDES):
    names = [str(index) for index in range(COUNT)]
    return source.Source("made", "train", names, {"train": COUNT}, "b_to_a", sides, read, lambda keep: "0" * 64)


def make(direction="b_to_a", jitter=False, memory_limit=2**30, **options):
    return pairs.Pairs(make_source(**options), SIZE, direction, jitter, 3, memory_limit)


def test_every_id_of_a_16_bit_file_comes_through(ids_folder):
    folder, ids = ids_folder
    sides = (source.Side("a", 1), source.Side("b", 1), source.Side("instances", 1, "ids"))

    def read(index, size):
        nothing = np.zeros((SIZE, SIZE, 1), np.uint8)
        return nothing, nothing, images.read_ids(folder / f"{index}.png")

    made = pairs.Pairs(make_source(read, sides), SIZE, "a_to_b", jitter=False)
    for index in range(COUNT):
        np.testing.assert_array_equal(made.pair(index)[0]["instances"][..., 0], ids[index])
    shown = [inputs["instances"].numpy() for inputs, _ in made.batches(last_step=COUNT)]
    assert shown[0].dtype == np.int32
    assert sorted(np.ravel(shown)) == sorted(np.ravel(ids))


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["held", "read anew"])
def test_sides_are_what_they_say(memory_limit):
    photo, labels, ids, void = draw(2, LARGE)
    inputs, target = make(memory_limit=memory_limit).pair(2)
    assert list(inputs) == ["image", "instances", "void"]
    np.testing.assert_array_equal(inputs["image"], images.to_float(images.resize(labels, SIZE, labels=True)))
    np.testing.assert_array_equal(target, images.to_float(images.resize(photo, SIZE)))
    np.testing.assert_array_equal(inputs["instances"], images.resize(ids, SIZE, labels=True))
    np.testing.assert_array_equal(inputs["void"], np.float32(images.resize(void, SIZE, labels=True)))
    assert set(np.ravel(inputs["instances"])) <= set(np.ravel(ids)), "nothing is invented"
    assert (inputs["instances"].dtype, inputs["void"].dtype) == (np.int32, np.float32)
    swapped, other = make("a_to_b", memory_limit=memory_limit).pair(2)
    np.testing.assert_array_equal(swapped["image"], target)
    np.testing.assert_array_equal(other, inputs["image"])


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["held", "read anew"])
def test_all_sides_are_jittered_alike(memory_limit):
    """Where the enlarged example is as large as what was drawn, each pixel still names its place."""
    size = sampling.load_size(SIZE)
    made = make(jitter=True, memory_limit=memory_limit, read=lambda index, _: draw(index, size))
    mirrored = set()
    for step in range(12):
        inputs, target = made.batch(step)
        places = inputs["instances"].numpy() - 60_000
        np.testing.assert_array_equal(images.to_uint8(target), places % 251)
        np.testing.assert_array_equal(images.to_uint8(inputs["image"])[..., 4:], places % 19)
        np.testing.assert_array_equal(inputs["void"], places % 3 == 0)
        mirrored.add(int(places[0, 0, 1, 0] - places[0, 0, 0, 0]))
    assert mirrored == {1, -1}


def test_batches_are_those_of_their_steps_and_slices_make_them_up():
    made = make(jitter=True)
    stream = made.batches(4, first_step=2, last_step=5)
    halves = [made.batches(4, None, 2, 5, first, first + 2) for first in (0, 2)]
    for step, whole, *parts in zip(range(2, 5), stream, *halves, strict=True):
        for first, second in ((whole, made.batch(step, 4)), (whole, None)):
            second = second or [
                {name: np.concatenate([part[0][name] for part in parts]) for name in whole[0]},
                np.concatenate([part[1] for part in parts]),
            ]
            for name in first[0]:
                np.testing.assert_array_equal(first[0][name], second[0][name])
            np.testing.assert_array_equal(first[1], second[1])


def test_no_examples_have_the_shapes_of_some():
    inputs, target = make().examples([])
    assert inputs["instances"].shape == (0, SIZE, SIZE, 1) and inputs["image"].shape == (0, SIZE, SIZE, 5)
    assert target.shape == (0, SIZE, SIZE, 1)


def test_held_ids_are_read_in_place():
    store = memory.Store(make_source(), SIZE, 2**30)
    store.prepare()
    before = store.gather(np.int64(1))[2].numpy()
    store._sides[2][1] += 1
    np.testing.assert_array_equal(store.gather(np.int64(1))[2], before + 1)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind is 'depth'; expected one of photo, labels, ids, mask"):
        source.Side("a", 1, "depth")


def test_files_that_hold_no_ids_are_refused(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "colours.png")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name, reason in (("colours", "has colours"), ("cut", "no readable PNG of ids"), ("none", "No such file")):
        with pytest.raises(errors.InputError, match=reason) as refused:
            images.read_ids(tmp_path / f"{name}.png")
        assert str(tmp_path / f"{name}.png") in str(refused.value)


def test_ids_of_palettes_and_bytes(tmp_path):
    ids = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = Image.fromarray(ids)
    picture.save(tmp_path / "grey.png")
    indexed = Image.fromarray(ids, "P") if hasattr(Image, "ADAPTIVE") else picture.convert("P")
    indexed.putpalette([255 - value // 3 for value in range(768)])
    indexed.save(tmp_path / "palette.png")
    for name in ("grey", "palette"):
        np.testing.assert_array_equal(images.read_ids(tmp_path / f"{name}.png")[..., 0], ids)


def test_where_nothing_can_be_read_nobody_votes_for_labels(tmp_path):
    for layout, describe in (("pairs", folders.describe_pairs), ("domains", folders.describe_domains)):
        for part in ("train",) if layout == "pairs" else ("trainA", "trainB"):
            (tmp_path / layout / part).mkdir(parents=True)
            (tmp_path / layout / part / "1.png").write_bytes(b"no image")
        found = describe(tmp_path / layout)
        for side in found.sides if layout == "pairs" else (*found.a.sides, *found.b.sides):
            assert side.kind == "photo"
