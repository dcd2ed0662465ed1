"""Pictures that training and test share or that have no colour, and `data show` of unpaired sets."""

import numpy as np
import pytest
from PIL import Image

from pix2pix_tf import images
from pix2pix_tf.cli import data as command
from pix2pix_tf.datasets import inspection


def picture(seed, size=48):
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC))


def shrunk(*pictures):
    return inspection.shrink(np.stack([images.to_float(image) for image in pictures]))


def test_copies_mirrored_resaved_and_slightly_brighter_ones_are_found(tmp_path):
    Image.fromarray(picture(3)).save(tmp_path / "3.jpg", quality=60)
    brighter = (picture(4) * 0.97 + 4).clip(0, 255).astype(np.uint8)
    test = shrunk(picture(0), picture(2)[:, ::-1], images.read(tmp_path / "3.jpg"), brighter, picture(9))
    found = inspection.near_duplicates(shrunk(*[picture(seed) for seed in range(5)]), test)
    assert [pair[:2] for pair in found] == [(0, 0), (1, 2), (2, 3), (3, 4)]
    assert found[0][2] < 1e-3 and all(distance < inspection.NEAR for *_, distance in found)


def test_others_and_pictures_of_nothing_are_none():
    flat = np.full((48, 48, 3), 90, np.uint8)
    train, test = [picture(seed) for seed in range(40)], [picture(seed) for seed in range(100, 140)]
    assert inspection.near_duplicates(shrunk(*train, flat), shrunk(*test, flat)) == []
    assert inspection.near_duplicates(shrunk(*train)[:0], shrunk(*test)) == []


def test_pictures_without_colour_are_found_however_they_are_stored(tmp_path):
    grey = Image.fromarray(picture(1)).convert("L")
    grey.save(tmp_path / "grey.jpg", quality=60)
    grey.convert("RGB").save(tmp_path / "rgb.jpg", quality=60)
    pale = (np.asarray(grey)[:, :, None] * 0.9 + [0, 0, 20]).astype(np.uint8)
    pictures = [picture(0), *(images.read(tmp_path / name) for name in ("grey.jpg", "rgb.jpg")), pale]
    assert inspection.greyscale(shrunk(*pictures)) == [1, 2]
    assert inspection.greyscale(shrunk(picture(0))[:0]) == []


@pytest.fixture
def folder(tmp_path):
    for part, seeds in {"trainA": range(8), "trainB": range(20, 23), "testA": (50, 5), "testB": (60, 61, 62)}.items():
        (tmp_path / "set" / part).mkdir(parents=True)
        for seed in seeds:
            Image.fromarray(picture(seed)).save(tmp_path / "set" / part / f"{seed}.png")
    return tmp_path / "set"


def test_show_counts_both_domains_names_duplicates_and_draws(folder, tmp_path, capsys):
    command.show(str(folder), "train", 16, tmp_path / "sheet.png")
    output = capsys.readouterr().out
    assert "images     train 8 + 3, test 2 + 3 (A + B, unpaired)\n" in output
    assert "duplicates test A 5: is nearly train A 5 (0.0 of 255 apart)\n" in output
    assert output.count("duplicates") == 1 and "direction" not in output
    width, height = Image.open(tmp_path / "sheet.png").size
    assert width > 300 and height > 900


def test_show_without_duplicates_or_without_a_test_set(folder, tmp_path, capsys):
    (folder / "testA" / "5.png").unlink()
    command.show(str(folder), "test", 16, tmp_path / "sheet.png")
    assert "duplicates none of test in train\n" in capsys.readouterr().out
    for part in ("testA", "testB"):
        (folder / part).rename(tmp_path / part)
    command.show(str(folder), "train", 16, tmp_path / "sheet.png")
    assert "duplicates not looked for: " in capsys.readouterr().out


def test_show_names_greyscale_pictures_among_colour_ones(folder, tmp_path, capsys):
    Image.fromarray(picture(7)).convert("L").save(folder / "trainA" / "7.png")
    for path in (folder / "testB").iterdir():
        Image.open(path).convert("L").save(path)  # all of them: nothing is among others there
    command.show(str(folder), "train", 16, tmp_path / "sheet.png")
    output = capsys.readouterr().out
    assert "greyscale  1 of 8 in train A: 7\n" in output and output.count("\ngreyscale") == 1


def test_ten_greyscale_pictures_are_named_and_the_rest_is_counted(folder, tmp_path, capsys):
    for seed in range(200, 212):
        Image.fromarray(picture(seed)).convert("L").save(folder / "trainB" / f"{seed}.png")
    command.show(str(folder), "train", 16, tmp_path / "sheet.png")
    names = ", ".join(str(seed) for seed in range(200, 210))
    assert f"greyscale  12 of 15 in train B: {names}, and 2 more\n" in capsys.readouterr().out


def test_ten_are_named_and_the_rest_is_counted(folder, tmp_path, capsys):
    for seed in range(100, 115):
        for part in ("trainB", "testB"):
            Image.fromarray(picture(seed)).save(folder / part / f"{seed}.png")
    command.show(str(folder), "train", 16, tmp_path / "sheet.png")
    output = capsys.readouterr().out
    assert output.count(": is nearly train") == 10 and "duplicates and 6 more\n" in output
