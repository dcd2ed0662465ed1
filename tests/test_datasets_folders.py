"""Users' folders: every layout, and everything that can be wrong with one."""

import hashlib
import io
import itertools
import os
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


def save_pairs(folder, *names):
    for number, name in enumerate(names):
        save_pair(folder / name, number)


@pytest.mark.parametrize(
    "place", ["train/city/9.png", "extra.png", "train/9.webm.PNM", "train/download", "train/9.jpg?w=500", "valid/9.png"]
)
def test_pictures_that_are_passed_over_are_named(tmp_path, place):
    save_pairs(tmp_path, "train/0.png", "train/1.png", "val/2.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "train" / ".hidden.png").touch()
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture(3)).save(tmp_path / place, "PNG")
    if place.endswith(".PNM"):
        assert "convert or remove it" in refused(tmp_path)  # where examples are looked for, it is a problem
        return
    assert load(tmp_path).passed_over == (place,)
    assert len(load(tmp_path)) == 2


def test_a_folder_without_pictures_where_they_are_looked_for_says_where_they_lie(tmp_path):
    save_pairs(tmp_path, "set/a/0.png", "set/b/1.png")
    (tmp_path / "set" / "train").mkdir()
    assert "holds no images where they are looked for (there are a/0.png, b/1.png)" in refused(tmp_path / "set")


@pytest.mark.parametrize("names", ["①②③④", "12１２", ["5²", "6²", "7", "8"], ["٣", "٤"], ["x²", "x10", "x9"]])
def test_digits_of_every_alphabet_are_names(tmp_path, names):
    save_pairs(tmp_path, *(f"train/{name}.png" for name in names))
    assert sorted(load(tmp_path).names) == sorted(names)


def test_numbers_are_sorted_as_numbers():
    names = ["x10", "x9", "x²", "10", "2", "a"]
    assert sorted(names, key=folder_layouts.natural) == ["2", "10", "a", "x9", "x10", "x²"]


def test_composed_and_decomposed_names_are_the_same(tmp_path):
    save(tmp_path / "A" / "caf\u00e9.png", picture(1))
    save(tmp_path / "B" / "cafe\u0301.png", picture(2))
    save(tmp_path / "A" / "x.png", picture(3))
    save(tmp_path / "B" / "x.png", picture(4))
    assert set(load(tmp_path).names) | set(load(tmp_path, "val").names) == {"caf\u00e9", "x"}
    save(tmp_path / "A" / "cafe\u0301.jpg", picture(1))
    assert "has the name of" in refused(tmp_path)


def test_names_that_are_no_text(tmp_path):
    names = [os.fsdecode(b"caf\xe9"), "b", "c"]
    save_pairs(tmp_path, *(f"{name}.png" for name in names))
    made = load(tmp_path)
    assert {*made.names, *load(tmp_path, "val").names} == set(names)
    (tmp_path / f"{names[0]}.png").write_bytes(b"")
    assert f"{names[0]}.png: is empty" in refused(tmp_path)


def test_names_in_both_folders_that_never_meet_are_unpaired(tmp_path):
    save(tmp_path / "A" / "horse1.png", picture(1))
    save(tmp_path / "B" / "zebra1.png", picture(2))
    message = refused(tmp_path)
    assert "no name is in both A/ and B/" in message and "trainA/ and trainB/" in message


def test_label_maps_are_seen_by_files_from_everywhere(tmp_path):
    """A set whose first pictures happen to have few colours, and the others many."""
    for number in range(40):
        right = np.zeros((SIZE, SIZE, 3), np.uint8) if number < 20 else picture(number)
        save(tmp_path / "train" / f"{number}.png", np.concatenate([picture(number), right], axis=1))
    assert load(tmp_path).label_sides == (False, False)
    assert load(tmp_path, labels="b").label_sides == (False, True)


def count_decoded(monkeypatch):
    decoded, decode = [], images.decode
    monkeypatch.setattr(images, "decode", lambda data, name: decoded.append(str(name)) or decode(data, name))
    return decoded


def test_files_that_have_not_changed_are_not_read_again(tmp_path, monkeypatch):
    folder, data = tmp_path / "set", tmp_path / "data"
    save_pairs(folder, *(f"train/{number}.png" for number in range(4)))
    for path in folder.rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    first = load(folder, data_dir=data, labels="none")
    decoded = count_decoded(monkeypatch)
    again = load(folder, data_dir=data, labels="none")
    assert decoded == [] and again.digest == first.digest
    np.testing.assert_array_equal(again.pair(2)[0], first.pair(2)[0])

    decoded.clear()
    save_pair(folder / "train" / "1.png", 77)
    os.utime(folder / "train" / "1.png", (1e9 + 1, 1e9 + 1))
    changed = load(folder, data_dir=data, labels="none")
    assert decoded == ["train/1.png"] and changed.digest != first.digest
    (known,) = (data / "known_files").iterdir()
    for damage in ("", "{", "[]", '{"version": 1, "files": {"train/1.png": 3}}'):
        known.write_text(damage)
        assert load(folder, data_dir=data, labels="none").digest == changed.digest


def test_a_file_that_was_good_and_is_damaged_is_named(tmp_path):
    save_pairs(tmp_path / "set", "train/0.png", "train/1.png")
    for path in (tmp_path / "set").rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    load(tmp_path / "set", data_dir=tmp_path / "data")
    (tmp_path / "set" / "train" / "1.png").write_bytes(b"")
    with pytest.raises(errors.InputError, match=r"train/1\.png: is empty"):
        load(tmp_path / "set", data_dir=tmp_path / "data")


def test_a_file_that_was_just_written_is_not_taken_for_known(tmp_path):
    """Its time may stay the same for two changes in a moment."""
    save_pairs(tmp_path / "set", "train/0.png")
    load(tmp_path / "set", data_dir=tmp_path / "data")
    assert not (tmp_path / "data" / "known_files").exists()


def test_a_data_folder_that_cannot_be_written_is_done_without(tmp_path):
    save_pairs(tmp_path / "set", "train/0.png")
    for path in (tmp_path / "set").rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    assert len(load(tmp_path / "set", data_dir="/proc/nowhere")) == 1


def test_a_folder_called_like_a_set_is_not_taken_in_silence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_pairs(tmp_path, "synthetic/train/0.png")
    with pytest.warns(errors.NoteWarning, match=r"means the set of that name; .* write ./synthetic"):
        assert load("synthetic", count=3).names[0] == "train-000000"
    assert load("./synthetic").names == ["0"]


NAMES = strategies.text(strategies.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=12)


@hypothesis.settings(SETTINGS, max_examples=25)
@hypothesis.given(
    names=strategies.lists(
        NAMES, min_size=1, max_size=5, unique_by=lambda name: folder_layouts.normalize(name).casefold()
    ),
    suffix=strategies.sampled_from(images.SUFFIXES),
)
def test_names_of_any_alphabet_are_pairs_or_one_error(tmp_path_factory, names, suffix):
    """Every picture with a visible name is read; nothing ends otherwise."""
    folder = tmp_path_factory.mktemp("names")
    visible = [name for name in names if not name.startswith(".")]
    content = io.BytesIO()
    Image.fromarray(picture(0, width=2 * SIZE)).save(content, "PNG")
    for name in names:
        (folder / f"{name}{suffix}").write_bytes(content.getvalue())
    if not visible:
        assert "holds no images" in refused(folder)
        return
    made = load(folder)
    held_out = load(folder, "val").names if "val" in made.counts else []
    assert sorted([*made.names, *held_out]) == sorted(folder_layouts.normalize(name) for name in visible)
    assert made.passed_over == ()
