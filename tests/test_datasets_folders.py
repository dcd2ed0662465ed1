"""Users' folders: every layout, and everything that can be wrong with one."""

import hashlib
import itertools
import zlib

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from pictures import SIZE, picture, save
from PIL import Image

from pix2pix_tf import datasets, errors, images
from pix2pix_tf.datasets import folder_layouts

SETTINGS = hypothesis.settings(
    deadline=None,
    derandomize=True,
    max_examples=15,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)


def save_pair(path, seed):
    """Write a side-by-side pair; its halves are the pictures `seed` and `seed + 1000`."""
    save(path, np.concatenate([picture(seed), picture(seed + 1000)], axis=1))


def load(folder, split="train", **options):
    return datasets.load(folder, split=split, **{"image_size": SIZE, "jitter": False, **options})


def refused(folder, split="train"):
    with pytest.raises(errors.InputError) as raised:
        load(folder, split)
    return str(raised.value)


def assert_pair(made, index, seed):
    source, target = made.pair(index)
    np.testing.assert_array_equal(source, images.to_float(picture(seed)))
    np.testing.assert_array_equal(target, images.to_float(picture(seed + 1000)))


def test_side_by_side_splits(tmp_path):
    for split, first in (("train", 1), ("val", 20), ("test", 30)):
        for seed in range(first, first + 3):
            save_pair(tmp_path / split / f"{seed}.png", seed)
    save_pair(tmp_path / "train" / "10.png", 10)
    made = load(tmp_path)
    assert (made.name, made.split, made.direction) == (str(tmp_path), "train", "a_to_b")
    assert made.counts == {"train": 4, "val": 3, "test": 3}
    assert made.names == ["1", "2", "3", "10"]
    for index, seed in enumerate((1, 2, 3, 10)):
        assert_pair(made, index, seed)
    assert_pair(load(tmp_path, "test"), 2, 32)
    source, target = load(tmp_path, direction="b_to_a").pair(0)
    np.testing.assert_array_equal(target, images.to_float(picture(1)))
    np.testing.assert_array_equal(source, images.to_float(picture(1001)))


def test_two_folders_of_equal_names_whatever_their_suffixes(tmp_path):
    for seed in (4, 5):
        save(tmp_path / "A" / "train" / f"{seed}.png", picture(seed))
        save(tmp_path / "B" / "train" / f"{seed}.{'bmp' if seed == 4 else 'PNG'}", picture(seed + 1000))
    (tmp_path / "A" / "train" / "notes.txt").write_text("notes do not matter")
    (tmp_path / "A" / "train" / ".hidden.png").write_text("nor do hidden files")
    made = load(tmp_path)
    assert made.counts == {"train": 2}
    assert_pair(made, 0, 4)
    assert_pair(made, 1, 5)


@SETTINGS
@hypothesis.given(
    strategies.lists(strategies.text("abcxyz019 _-äß", min_size=1, max_size=6).map(str.strip), min_size=1, unique=True),
    strategies.booleans(),
)
def test_a_tenth_of_the_names_validates(tmp_path_factory, names, two_sided):
    names = [name for name in names if name]
    hypothesis.assume(names)
    folder = tmp_path_factory.mktemp("folder")
    for name in names:
        for place in ("A", "B") if two_sided else (".",):
            (folder / place).mkdir(exist_ok=True)
            (folder / place / f"{name}.png").touch()
    splits, problems = folder_layouts.find(folder)
    assert not problems
    found = {split: [files.name for files in files_of] for split, files_of in splits.items()}
    assert sorted(itertools.chain(*found.values())) == sorted(names)
    assert len(found.get("val", [])) == (max(1, round(len(names) / 10)) if len(names) > 1 else 0)
    ranks = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    assert set(found.get("val", [])) == set(ranks[: len(found.get("val", []))])


def test_a_tenth_of_many_names_validates():
    pairs = [folder_layouts.Files(str(number), number) for number in range(200)]
    splits = folder_layouts.split_by_name(pairs)
    assert (len(splits["train"]), len(splits["val"])) == (180, 20)
    grown = folder_layouts.split_by_name([*pairs, folder_layouts.Files("new", 0)])
    assert len(set(grown["val"]) ^ set(splits["val"])) <= 2  # the choice hardly changes


def test_flat_folder(tmp_path):
    for seed in range(12):
        save_pair(tmp_path / f"{seed}.png", seed)
    train, val = load(tmp_path), load(tmp_path, "val")
    assert (len(train), len(val)) == (11, 1)
    assert_pair(val, 0, int(val.names[0]))
    assert sorted(train.names + val.names, key=int) == [str(seed) for seed in range(12)]


def test_splits_that_are_there_are_taken_as_they_are(tmp_path):
    for seed in range(10):
        save_pair(tmp_path / "train" / f"{seed}.png", seed)
    assert load(tmp_path).counts == {"train": 10}
    assert "has no split 'val', only train" in refused(tmp_path, "val")


def test_digest_follows_the_content(tmp_path):
    for seed in range(3):
        save_pair(tmp_path / "train" / f"{seed}.png", seed)
    first = load(tmp_path).digest
    assert first == load(tmp_path, image_size=32, jitter=True).digest
    lines = [
        f"{seed} {hashlib.sha256((tmp_path / 'train' / f'{seed}.png').read_bytes()).hexdigest()}\n" for seed in range(3)
    ]
    assert first == hashlib.sha256("".join(lines).encode()).hexdigest()
    save_pair(tmp_path / "train" / "2.png", 7)
    assert load(tmp_path).digest != first


MODES = ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16")


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_makes_a_pair(tmp_path, mode):
    if mode == "I;16":
        image = Image.fromarray(np.random.default_rng(0).integers(0, 65536, (SIZE, 2 * SIZE), dtype=np.uint16))
    else:
        image = Image.fromarray(picture(0, width=2 * SIZE)).convert(mode)
    suffix = "jpg" if mode == "CMYK" else "png"
    image.save(tmp_path / f"one.{suffix}")
    whole = images.to_float(images.read(tmp_path / f"one.{suffix}"))
    source, target = load(tmp_path).pair(0)
    np.testing.assert_array_equal(np.concatenate([source, target], axis=1), whole)


def labels_in(seed, colours=5):
    palette = picture(1, 1, colours)[0]
    return palette[np.random.default_rng(seed).integers(0, colours, (40, 40))]


@pytest.mark.parametrize(
    ("suffix", "colours", "labels", "expected"),
    [
        ("png", 5, None, (False, True)),
        ("bmp", 5, None, (False, True)),
        ("jpg", 5, None, (False, False)),
        ("png", 200, None, (False, False)),
        ("png", 5, "none", (False, False)),
        ("jpg", 5, "b", (False, True)),
        ("jpg", 5, "a", (True, False)),
        ("jpg", 5, "both", (True, True)),
    ],
)
def test_label_maps_are_recognised(tmp_path, suffix, colours, labels, expected):
    for seed in range(3):
        save(tmp_path / "A" / f"{seed}.png", picture(seed, 40, 40))
        save(tmp_path / "B" / f"{seed}.{suffix}", labels_in(seed, colours))
    made = load(tmp_path, labels=labels)
    sides = made.pair(0)
    for side, is_labels, folder in zip(sides, expected, "AB", strict=True):
        path = next((tmp_path / folder).glob(f"{made.names[0]}.*"))
        np.testing.assert_array_equal(side, images.to_float(images.resize(images.read(path), SIZE, is_labels)))


def test_empty_folder(tmp_path):
    assert "holds no images; put side-by-side pairs" in refused(tmp_path)
    (tmp_path / "train").mkdir()
    assert "holds no images" in refused(tmp_path)


def test_missing_side(tmp_path):
    save(tmp_path / "A" / "1.png", picture(1))
    assert refused(tmp_path) == f"{tmp_path}: has A/ but no B/; add it, with the same names"
    (tmp_path / "A").rename(tmp_path / "B")
    assert "has B/ but no A/" in refused(tmp_path)
    save(tmp_path / "A" / "train" / "1.png", picture(1))
    save(tmp_path / "A" / "val" / "1.png", picture(1))
    save(tmp_path / "B" / "train" / "1.png", picture(1))
    assert "has A/val/ but no B/val/" in refused(tmp_path)


def test_unpaired_and_inverted_layouts(tmp_path):
    (tmp_path / "trainA").mkdir()
    message = refused(tmp_path)
    assert "unpaired images (trainA, trainB), and pairs are needed" in message
    assert "\n" not in message
    (tmp_path / "trainA").rmdir()
    (tmp_path / "train" / "A").mkdir(parents=True)
    assert "has A and B inside its splits" in refused(tmp_path)


def damage(folder):
    """Fill a folder with one good pair and one of every bad file; return what must be said of each."""
    save_pair(folder / "train" / "good.png", 1)
    save(folder / "train" / "odd.png", picture(2, width=31))
    (folder / "train" / "zero.jpg").touch()
    (folder / "train" / "fake.png").write_text("not an image")
    whole = (folder / "train" / "good.png").read_bytes()
    (folder / "train" / "cut.png").write_bytes(whole[: len(whole) // 2])
    save_pair(folder / "train" / "anim.png", 3)
    (folder / "train" / "anim.png").rename(folder / "train" / "anim.tif")
    header = b"IHDR" + (30000).to_bytes(4, "big") * 2 + whole[24:29]
    huge = whole[:12] + header + zlib.crc32(header).to_bytes(4, "big") + whole[33:]
    (folder / "train" / "huge.png").write_bytes(huge)
    save_pair(folder / "train" / "good.bmp", 4)
    save_pair(folder / "val" / "fine.png", 5)
    (folder / "val" / "empty.webp").touch()
    return {
        "train/odd.png": "odd width of 31",
        "train/zero.jpg": "is empty",
        "train/fake.png": "is not a JPEG",
        "train/cut.png": "is damaged",
        "train/anim.tif": "is not a JPEG",
        "train/huge.png": "megapixels",
        "train/good.png": "has the name of good.bmp",
        "val/empty.webp": "is empty",
    }


def test_all_bad_files_are_reported_at_once(tmp_path):
    expected = damage(tmp_path)
    message = refused(tmp_path)
    lines = message.splitlines()
    assert lines[0].startswith(f"{tmp_path}: {len(expected)} problems")
    assert len(lines) == 1 + len(expected)
    for name, reason in expected.items():
        assert any(line.strip().startswith(f"{name}: ") and reason in line for line in lines[1:]), name


def test_each_bad_file_alone_is_one_line(tmp_path):
    reasons = damage(tmp_path / "all")
    for number, (name, reason) in enumerate(reasons.items()):
        folder = tmp_path / str(number)
        save_pair(folder / "train" / "fine.png", 1)
        (folder / name).parent.mkdir(exist_ok=True)
        (tmp_path / "all" / name).rename(folder / name)
        if "has the name" in reason:
            save_pair(folder / "train" / "good.bmp", 1)
        message = refused(folder)
        assert message.startswith(f"{folder}: {name}: ")
        assert reason in message
        assert "\n" not in message


def test_ten_are_named_and_the_rest_is_counted(tmp_path):
    for number in range(25):
        (tmp_path / f"{number:02d}.png").touch()
    lines = refused(tmp_path).splitlines()
    assert lines[0].startswith(f"{tmp_path}: 25 problems")
    assert len(lines) == 12
    assert lines[-1].strip() == "... and 15 more"


def test_unequal_names_and_sizes(tmp_path):
    for name in ("both", "only_a", "sized"):
        save(tmp_path / "A" / f"{name}.png", picture(1))
    save(tmp_path / "B" / "both.jpg", picture(2))
    save(tmp_path / "B" / "only_b.png", picture(2))
    save(tmp_path / "B" / "sized.png", picture(2, width=20))
    message = refused(tmp_path)
    assert "3 problems" in message
    assert "A/only_a.png: has no partner of that name in B/" in message
    assert "B/only_b.png: has no partner of that name in A/" in message
    assert "A/sized.png: has 16x16 pixels and B/sized.png 20x16; make them the same size" in message


def test_a_file_that_cannot_be_opened(tmp_path):
    save_pair(tmp_path / "train" / "1.png", 1)
    (tmp_path / "train" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert refused(tmp_path).startswith(f"{tmp_path}: train/gone.png: cannot be opened")


@pytest.mark.parametrize("kind", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\x10\0\0\0WEBPVP8 ", b""])
@SETTINGS
@hypothesis.given(data=strategies.binary(max_size=200))
def test_noise_is_refused_in_one_line(kind, data):
    with pytest.raises(errors.InputError) as raised:
        images.decode(kind + data, "noise.png")
    assert str(raised.value).startswith("noise.png: ")
    assert "\n" not in str(raised.value)
