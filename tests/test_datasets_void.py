"""Void: wedges found in photos, transparency of targets, and masks that ride with the source."""

import io
import os
import pathlib
import types

import numpy as np
import pytest
from pictures import SIZE, picture, save
from PIL import Image, PngImagePlugin

from pix2pix_tf import datasets, errors, images
from pix2pix_tf.cli import data as data_commands
from pix2pix_tf.datasets import sampling, source, void
from pix2pix_tf.runs import folder as run_folder

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
REAL = SHARED / "datasets" / "facades.tar.gz"
needs_real = pytest.mark.skipif(not REAL.exists(), reason=f"the real facades archive is not at {REAL}")
LARGE = sampling.load_size(SIZE)


def with_wedge(value, width, height=256, size=256):
    """Return a noisy photo with a flat triangle in its upper left corner, and where that is."""
    photo = np.random.default_rng(0).integers(40, 110, (size, size, 3), dtype=np.uint8)
    row, column = np.indices((size, size))
    wedge = column < width * (1 - row / height)
    photo[wedge] = value
    return photo, wedge


def grow(mask, pixels=2):
    """Enlarge a mask by pixels all round, by shifting it."""
    size, padded = mask.shape[0], np.pad(mask, pixels)
    shifts = range(2 * pixels + 1)
    return np.any([padded[y : y + size, x : x + size] for y in shifts for x in shifts], axis=0)


@pytest.mark.parametrize("value", [0, 12, 128, 245, 255])
def test_wedges_of_black_grey_and_white_are_found_whole(value):
    photo, wedge = with_wedge(value, 40)
    found = void.find_void(photo)
    assert (found.shape, found.dtype) == ((256, 256), bool)
    assert not (found & ~grow(wedge)).any(), "nothing further than the seam"
    assert (wedge & ~found).sum() <= 8, "the very tip is not flat in 3x3"


@pytest.mark.parametrize("value", [35, 70, 160, 230])
def test_areas_of_other_levels_are_no_void(value):
    assert not void.find_void(with_wedge(value, 40)[0]).any()


def test_levels_are_those_of_every_channel():
    assert not void.find_void(with_wedge((0, 0, 60), 40)[0]).any()


def test_small_parts_are_no_void_and_small_is_meant_of_the_whole():
    square = np.full((20, 20, 3), 0, np.uint8)
    for size, side, is_found in ((256, 12, False), (256, 16, True), (128, 8, True), (128, 6, False), (512, 20, False)):
        photo, _ = with_wedge(0, 0, size=size)
        photo[:side, :side] = square[:side, :side]
        assert void.find_void(photo).any() == is_found, (size, side)


def test_what_does_not_reach_the_edge_or_is_textured_is_no_void():
    photo, _ = with_wedge(0, 0)
    photo[100:150, 60:120] = 128
    photo[:60, :60] = np.random.default_rng(1).integers(0, 28, (60, 60, 3))
    assert not void.find_void(photo).any()
    photo[100:150, 0:60] = 128  # the same wall up to the edge
    assert void.find_void(photo)[110, 100]


@pytest.fixture(scope="module")
def facades(tmp_path_factory):
    place = tmp_path_factory.mktemp("facades")
    datasets.prepare("facades", archive=REAL, data_dir=place)
    return lambda void, **options: datasets.load("facades", data_dir=place, jitter=False, void=void, **options)


@needs_real
def test_the_wedges_of_the_real_facades(facades):
    made, plain = facades("auto"), facades("none")
    shares = [made.pair(index)[0]["void"].mean() for index in range(len(made))]
    assert 0.10 < np.mean(shares) < 0.105
    assert 0.75 < np.mean(np.array(shares) > 0) < 0.85
    inputs, target = made.pair(2)  # grey wedges at three sides
    np.testing.assert_array_equal(inputs["void"][..., 0], void.find_void(images.to_uint8(target)))
    assert inputs["void"][0, 0, 0] == 1 and inputs["void"].mean() > 0.25
    np.testing.assert_array_equal(inputs["image"], plain.pair(2)[0])
    np.testing.assert_array_equal(target, plain.pair(2)[1])
    assert (made.digest, made.names, made.void, plain.void) == (plain.digest, plain.names, "auto", "none")
    assert made.sides == (*plain.sides, source.Side("void", 1, "mask"))


@needs_real
def test_the_mask_of_facades_is_that_of_the_photos_both_ways(facades):
    there, back = facades("auto", direction="a_to_b").pair(2), facades("auto").pair(2)
    np.testing.assert_array_equal(there[0]["void"], back[0]["void"])
    np.testing.assert_array_equal(there[0]["image"], back[1])
    np.testing.assert_array_equal(there[1], back[0]["image"])


def transparent(seed, mode="RGBA", width=SIZE):
    """Return a picture of a mode with transparent pixels, and where they are."""
    pixels = picture(seed, width=width)
    clear = np.random.default_rng(seed).random(pixels.shape[:2]) < 0.4
    if mode == "RGBA":
        alpha = np.where(clear, 127, 128).astype(np.uint8)
        return Image.fromarray(np.dstack([pixels, alpha])), {}, clear
    if mode == "LA":
        return Image.fromarray(np.dstack([pixels[..., 0], np.where(clear, 0, 255).astype(np.uint8)])), {}, clear
    if mode == "P":
        indices = np.where(clear, 3, np.random.default_rng(1).integers(0, 3, clear.shape)).astype(np.uint8)
        made = Image.frombytes("P", clear.shape[::-1], indices.tobytes())
        made.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
        return made, {"transparency": 3}, clear
    pixels = np.maximum(pixels, 1)  # keyed by a colour, which is black and nowhere else
    pixels[clear] = 0
    if mode == "I;16":
        return Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), {"transparency": 0}, clear
    if mode == "L":
        return Image.fromarray(pixels[..., 0]), {"transparency": 0}, clear
    return Image.fromarray(pixels), {"transparency": (0, 0, 0)}, clear


def encode(image, options, suffix="PNG"):
    buffer = io.BytesIO()
    image.save(buffer, suffix, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB", "I;16"])
def test_transparency_of_every_mode(tmp_path, mode):
    image, options, clear = transparent(0, mode)
    data = encode(image, options)
    found = images.decode_with_void(data, "x")
    assert (found.shape, found.dtype) == ((SIZE, SIZE, 4), np.uint8)
    np.testing.assert_array_equal(found[..., 3], clear)
    np.testing.assert_array_equal(found[..., :3], images.decode(data, "x"))
    (tmp_path / "clear.png").write_bytes(data)
    assert images.can_be_transparent(tmp_path / "clear.png")


def test_lossless_webp_with_and_without_transparency(tmp_path):
    image, _, clear = transparent(0)
    for name, one in (("clear", image), ("opaque", image.convert("RGB"))):
        one.save(tmp_path / f"{name}.webp", lossless=True, exact=True)
        assert images.can_be_transparent(tmp_path / f"{name}.webp") == (name == "clear")
        found = images.decode_with_void((tmp_path / f"{name}.webp").read_bytes(), name)[..., 3]
        np.testing.assert_array_equal(found, clear & (name == "clear"))


def test_an_alpha_of_zero_everywhere_means_none():
    image = Image.fromarray(np.dstack([picture(0), np.zeros((SIZE, SIZE), np.uint8)]))
    assert not images.decode_with_void(encode(image, {}), "x")[..., 3].any()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_masks_turn_with_the_colours(orientation):
    """The colours tell where the void is: black pixels in it alone, of a picture that is not square."""
    pixels = np.maximum(picture(0, width=24), 1)
    clear = np.zeros(pixels.shape[:2], bool)
    clear[2:5, 3:17] = True
    pixels[clear] = 0
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x112] = orientation
    data = encode(image, {"transparency": (0, 0, 0), "exif": exif})
    found = images.decode_with_void(data, "x")
    np.testing.assert_array_equal(found[..., 3] == 1, (found[..., :3] == 255).all(axis=2))
    assert found[..., 3].sum() == clear.sum()
    assert found.shape[:2] == ((16, 24) if orientation < 5 else (24, 16))


def test_headers_of_files_that_cannot_be_transparent(tmp_path):
    save(tmp_path / "photo.jpg", picture(0))
    save(tmp_path / "plain.png", picture(0))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("photo.jpg", "plain.png", "broken.png", "empty.png", "pipe.png", "missing.png"):
        assert not images.can_be_transparent(tmp_path / name), name


def test_a_header_with_much_text_is_read_all_the_same(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 2**21, zip=True)
    transparent(0)[0].save(tmp_path / "x.png", pnginfo=text)
    with pytest.raises(ValueError, match="too large"), Image.open(tmp_path / "x.png"):
        pass
    assert images.can_be_transparent(tmp_path / "x.png")


def save_pairs(folder, count=4, clear_side="B", split=None, opaque=()):
    """Write pairs in A and B, of which one side is transparent; return where, by name."""
    masks = {}
    for seed in range(count):
        image, _, masks[str(seed)] = transparent(seed)
        if seed in opaque:
            image, masks[str(seed)] = image.convert("RGB"), np.zeros((SIZE, SIZE), bool)
        for side in "AB":
            path = folder / side / (split or "train") / f"{seed}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            (image if side == clear_side else Image.fromarray(picture(seed + 100))).save(path)
    return masks


def load(folder, **options):
    return datasets.load(folder, **{"image_size": SIZE, "jitter": False, "void": "auto", **options})


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["held", "read anew"])
@pytest.mark.parametrize(("direction", "clear_side"), [("a_to_b", "B"), ("b_to_a", "A")])
def test_the_void_of_a_folder_is_the_transparency_of_its_targets(tmp_path, direction, clear_side, memory_limit):
    masks = save_pairs(tmp_path, clear_side=clear_side, opaque=(2,))
    made = load(tmp_path, direction=direction, memory_limit=memory_limit)
    plain = load(tmp_path, direction=direction, memory_limit=memory_limit, void="none")
    assert (made.void, plain.void, made.digest) == ("auto", "none", plain.digest)
    for index, name in enumerate(made.names):
        inputs, target = made.pair(index)
        assert inputs["void"].dtype == np.float32
        np.testing.assert_array_equal(inputs["void"][..., 0], masks[name])
        np.testing.assert_array_equal(inputs["image"], plain.pair(index)[0])
        np.testing.assert_array_equal(target, plain.pair(index)[1])
    other = load(tmp_path, direction={"a_to_b": "b_to_a", "b_to_a": "a_to_b"}[direction])
    assert other.void == "none" and isinstance(other.pair(0)[0], np.ndarray), "a source's transparency is no void"


@pytest.mark.parametrize(("direction", "first"), [("a_to_b", SIZE), ("b_to_a", 0)])
def test_side_by_side_pairs_have_the_void_of_their_half(tmp_path, direction, first):
    image, _, clear = transparent(0, width=2 * SIZE)
    image.save(tmp_path / "0.png")
    made = load(tmp_path, direction=direction)
    np.testing.assert_array_equal(made.pair(0)[0]["void"][..., 0], clear[:, first : first + SIZE])


def test_one_transparent_target_in_any_split_gives_all_splits_a_void(tmp_path):
    save_pairs(tmp_path, opaque=range(4))
    assert load(tmp_path).void == "none"
    save_pairs(tmp_path, 2, split="val", opaque=(0,))
    assert [load(tmp_path, split=split).void for split in ("train", "val")] == ["auto"] * 2
    assert not load(tmp_path).examples(range(4))[0]["void"].any()


def test_unchanged_files_are_remembered_and_have_the_same_void(tmp_path):
    masks = save_pairs(tmp_path / "set")
    for path in (tmp_path / "set").rglob("*.png"):
        os.utime(path, (1e9, 1e9))  # long settled
    options = {"data_dir": tmp_path / "data"}
    first = load(tmp_path / "set", **options)
    assert list((tmp_path / "data" / "known_files").iterdir())
    again = load(tmp_path / "set", **options)
    assert again.digest == first.digest
    for index, name in enumerate(again.names):
        np.testing.assert_array_equal(again.pair(index)[0]["void"][..., 0], masks[name])


def test_masks_of_other_sizes_take_the_nearest_pixel(tmp_path):
    masks = save_pairs(tmp_path)
    shown = load(tmp_path, image_size=2 * SIZE).pair(0)[0]["void"][..., 0]
    np.testing.assert_array_equal(shown, masks["0"].repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["held", "read anew"])
def test_masks_are_jittered_with_the_target(tmp_path, memory_limit):
    """Transparency is laid on white, and nothing else is white: the target says where its void must be."""
    for seed in range(3):
        pixels = np.minimum(picture(seed, LARGE, LARGE), 250)
        clear = np.random.default_rng(seed).random((LARGE, LARGE)) < 0.4
        save(tmp_path / "A" / "train" / f"{seed}.png", picture(seed + 9, LARGE, LARGE))
        save(tmp_path / "B" / "train" / f"{seed}.png", np.dstack([pixels, np.where(clear, 0, 255).astype(np.uint8)]))
    made = load(tmp_path, jitter=True, memory_limit=memory_limit)
    crops = set()
    for step in range(10):
        inputs, target = made.batch(step, 2)
        white = (images.to_uint8(target) == 255).all(axis=-1)
        np.testing.assert_array_equal(inputs["void"][..., 0], white)
        assert inputs["void"].dtype == np.float32
        crops.add(white.tobytes())
    assert len(crops) == 10
    halves = [list(made.batches(2, last_step=2, first_example=place, last_example=place + 1)) for place in (0, 1)]
    for step in range(2):
        joined = np.concatenate([half[step][0]["void"] for half in halves])
        np.testing.assert_array_equal(joined, made.batch(step, 2)[0]["void"])


def test_sets_without_void_are_as_without_the_choice(tmp_path):
    for options in ({}, {"direction": "a_to_b"}, {"unpaired": True}):
        made = load("day2night" if options.get("unpaired") else "synthetic", count=2, **options)
        assert made.void == "none" and len(made.sides) == 2
    save_pairs(tmp_path)
    made = load(tmp_path, unpaired=True)
    assert made.void == "none" and isinstance(made.pair(0)[0], np.ndarray)


def test_choices_that_are_none():
    with pytest.raises(errors.InputError, match="void 'alpha': is not known; choose auto or none"):
        datasets.load("synthetic", void="alpha")


def test_a_run_with_another_void_is_refused_and_older_runs_had_none(tmp_path):
    save_pairs(tmp_path)
    strategy = types.SimpleNamespace(num_replicas_in_sync=1)
    model = types.SimpleNamespace(name="pix2pix", config={}, generators={}, strategy=strategy)
    for choice in datasets.VOIDS:
        assert run_folder.describe(model, load(tmp_path, void=choice), {})["data"]["void"] == choice

    def config(**more):
        data = {"name": "x", "digest": "0" * 64, "labels": "none", **more}
        return {"method": "pix2pix", "model": {}, "data": data, "training": {"steps": 1}}

    assert run_folder.find_contradictions(config(void="none"), config(void="auto")) == ["data void: none, now auto"]
    assert run_folder.find_contradictions(config(), config(instances="given")) == ["data instances: none, now given"]
    assert run_folder.find_contradictions(config(), config(void="auto")) == ["data void: none, now auto"]
    assert not run_folder.find_contradictions(config(), config(void="none"))
    assert not run_folder.find_contradictions(config(void="auto"), config(void="auto"))


def test_show_says_how_much_is_void_and_draws_it(tmp_path, capsys):
    masks = save_pairs(tmp_path / "set", opaque=(2,))
    share = np.mean(list(masks.values()))
    for choice in datasets.VOIDS:
        data_commands.show(str(tmp_path / "set"), "train", SIZE, tmp_path / f"{choice}.png", void=choice)
        said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("void ")]
        expected = f"void       {100 * share:.1f} % of the targets' pixels, in 75 % of the pairs "
        assert len(said) == (choice == "auto") and all(line.startswith(expected) for line in said)
    widths = [Image.open(tmp_path / f"{choice}.png").width for choice in datasets.VOIDS]
    assert widths[0] == pytest.approx(1.5 * widths[1], rel=0.02)
