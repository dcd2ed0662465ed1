"""An example is named sides: photos, labels, ids and masks of any number of channels go through one pipeline."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pix2pix_tf import errors, ids, images
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
    """The cause is said in words, as it is of photos, in one line that names the file."""
    whole = write_png(np.arange(64).reshape(8, 8), 8)
    frames = [Image.new("L", (4, 4), grey) for grey in (3, 7)]
    frames[0].save(tmp_path / "moving.png", save_all=True, append_images=frames[1:])
    for mode in ("RGB", "LA", "RGBA"):
        Image.new(mode, (4, 4)).save(tmp_path / f"{mode}.png")
    for mode in ("I", "F"):
        Image.new(mode, (4, 4)).save(tmp_path / f"{mode}.tif")
    Image.new("L", (4, 4)).save(tmp_path / "grey.jpg")
    for name, content in (("cut", whole[:-30]), ("begun", whole[:8]), ("empty", b""), ("text", b"no image")):
        (tmp_path / f"{name}.png").write_bytes(content)
    (tmp_path / "large.png").write_bytes(write_png(np.zeros((1, 1), int), 8, size=(30000, 30000)))
    for name, said in (
        ("RGB.png", "has colours or transparency (RGB); expected ids, as a greyscale PNG or one with a palette"),
        ("LA.png", "has colours or transparency (LA)"),
        ("RGBA.png", "has colours or transparency (RGBA)"),
        ("moving.png", "is an animation; expected a PNG of one picture"),
        ("cut.png", "is damaged and cannot be decoded ("),
        ("begun.png", "is not a PNG or BMP of ids; convert"),
        ("text.png", "is not a PNG or BMP of ids; convert"),
        ("I.tif", "is not a PNG or BMP of ids; convert"),
        ("F.tif", "is not a PNG or BMP of ids; convert"),
        ("grey.jpg", "is not a PNG or BMP of ids; convert"),
        ("empty.png", "is empty (0 bytes)"),
        ("large.png", "megapixels"),
        ("none.png", "No such file"),
    ):
        with pytest.raises(errors.InputError) as refused:
            images.read_ids(tmp_path / name)
        message = str(refused.value)
        assert message.startswith(f"{tmp_path / name}: ") and said in message and "\n" not in message, message
        assert "Error" not in message, "the name of a class says nothing to a user"


def write_png(values, depth, colour_type=0, size=None):
    """Write a PNG by its specification: values as they are, in so many bits each."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    bits = (values[..., None] >> np.arange(depth)[::-1] & 1).reshape(len(values), -1)
    rows = np.packbits(bits.astype(np.uint8), axis=1)
    header = struct.pack(">IIBBBBB", *(size or values.shape[::-1]), depth, colour_type, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(255 - number // 3 for number in range(3 * 2**depth))) if colour_type else b""
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("depth", "colour_type"), [*itertools.product([1, 2, 4, 8], [0, 3]), (16, 0)])
def test_ids_of_any_depth_are_not_scaled(depth, colour_type):
    values = np.random.default_rng(0).integers(0, 2**depth, (7, 13))
    values[0, :2] = 0, 2**depth - 1
    np.testing.assert_array_equal(ids.decode(write_png(values, depth, colour_type), "x")[..., 0], values)
    if depth <= 8:
        kept = np.where(values == 255, 0, values)
        shown = ids.decode_classes(write_png(kept, depth, colour_type), "x")
        np.testing.assert_array_equal(ids.of_colours(shown), kept)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16"])
def test_ids_are_turned_as_photos_are(orientation, mode):
    values = np.random.default_rng(0).integers(0, 2, (6, 9)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x112] = orientation
    grey, held = io.BytesIO(), io.BytesIO()
    Image.fromarray(values).save(grey, "PNG", exif=exif)
    picture = Image.fromarray(values.astype({"1": bool, "I;16": np.uint16}.get(mode, np.uint8)))
    if mode == "P":
        picture.putpalette([9] * 768)
    picture.save(held, "PNG", exif=exif)
    np.testing.assert_array_equal(ids.decode(held.getvalue(), "x")[..., 0], images.decode(grey.getvalue(), "x")[..., 0])


def test_ids_do_not_depend_on_metadata(tmp_path):
    """Nor is a picture of one frame, which says that it is animated, an animation."""
    whole = write_png(np.array([[1, 2], [3, 0]]), 2)
    told = b"zTXtComment\0\0" + zlib.compress(bytes(3_000_000))
    still = b"acTL" + struct.pack(">II", 1, 0)
    for chunk in (told, still):
        added = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        (tmp_path / "ids.png").write_bytes(whole[:33] + added + whole[33:])
        np.testing.assert_array_equal(images.read_ids(tmp_path / "ids.png")[..., 0], [[1, 2], [3, 0]])
        assert ids.is_grey_file(tmp_path / "ids.png")


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
