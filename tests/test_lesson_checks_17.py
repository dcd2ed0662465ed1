"""The checks of the exercises of lesson 17 accept right answers, refuse wrong ones, and say when none was tried."""

import itertools
import pathlib

import numpy as np
import pytest
from exercises import expect, run
from scipy import ndimage
from skimage import color, filters

from pix2pix_tf import datasets, images, lessons, metrics
from pix2pix_tf.datasets import crops

LESSON, SIZE = "17_own_data", 32
RANDOM = np.random.default_rng(0)
BLOCKS = RANDOM.integers(0, 240, (24, 4, 4, 3)).repeat(8, axis=1).repeat(8, axis=2)
TILES = (BLOCKS + RANDOM.integers(0, 16, BLOCKS.shape)).astype(np.uint8)  # of too many colours for label maps


def my_mask(tile):
    """Answer the first exercise, right or, of another tile, wrong."""
    grey = color.rgb2gray(tile)
    return np.where((grey > filters.threshold_otsu(grey))[..., None], (0, 0, 255), 0).astype(np.uint8)


def write_masks(folder, mask=my_mask, suffix="png", val_name="coffee", count=24, swap=False):
    """Write pairs of masks and tiles, three quarters of them for training; return the folder."""
    for number, tile in enumerate(TILES[:count]):
        part, name = ("val", val_name) if number % 4 == 0 else ("train", "china")
        for side, picture in {"A": mask(tile), "B": tile}.items():
            side, kind = {"A": "B", "B": "A"}[side] if swap else side, suffix if side == "A" else "png"
            (folder / side / part).mkdir(parents=True, exist_ok=True)
            images.write(folder / side / part / f"{name}-{number:03}.{kind}", picture)
    return folder


@pytest.mark.parametrize(
    ("options", "is_right"),
    [
        (None, None),
        ({}, True),
        ({"suffix": "jpg"}, False),  # colours that belong to no class
        ({"val_name": "china"}, False),  # split by crop
        ({"mask": lambda tile: my_mask(255 - tile)}, False),  # the dark side
        ({"mask": lambda tile: np.roll(my_mask(tile), 5, axis=1)}, False),  # beside its photograph
        ({"mask": lambda tile: tile}, False),  # no mask
        ({"count": 12}, False),  # too few
        ({"swap": True}, False),  # A for B
    ],
)
def test_masks_fit_and_are_split_by_photograph(options, is_right, tmp_path, capsys):
    start = "mask_folder = None"
    known = {"np": np, "datasets": datasets, "lessons": lessons, "itertools": itertools, "color": color}
    known |= {"filters": filters, "SIZE": SIZE}
    known["folder_"] = None if options is None else write_masks(tmp_path, **options)
    expect(lambda: run(LESSON, start, start, "mask_folder = folder_", **known), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("np.roll(photos, -4, axis=1)", True),  # above its lines
        ("np.roll(photos, -2, axis=1)", True),  # after few steps
        ("photos", False),  # nothing is broken
        ("np.roll(photos, 4, axis=1)", False),  # the other way
        ("np.roll(photos, -4, axis=2)", False),  # to the side
        ("0 * photos", False),
    ],
)
def test_a_network_of_moved_pairs_paints_beside(answer, is_right, capsys):
    start = "broken = None"
    known = {"np": np, "itertools": itertools, "lessons": lessons, "photos": images.to_float(TILES[:6])}
    expect(lambda: run(LESSON, start, start, f"broken = {answer}", **known), is_right, capsys)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("None", None),
        ("photos - 0.21 * np.sign(photos)", True),
        ("photos - 0.15 * np.sign(photos)", True),
        ("photos - 0.261 * np.sign(photos)", False),  # the network without a leak
        ("photos - 0.249 * np.sign(photos)", False),  # 0.012: too little for a leak
        ("photos - 0.308 * np.sign(photos)", False),  # the moved set, or the sign
        ("photos - 0.05 * np.sign(photos)", False),  # better than the memory, which knows by heart
        ("photos", False),
    ],
)
def test_the_leak_flatters_the_network_less_than_the_memory(answer, is_right, capsys):
    start = "leaky = None"
    known = {"np": np, "lessons": lessons, "metrics": metrics, "memory": {"by photograph": 0.463, "by crop": 0.278}}
    known |= {"photos": images.to_float(TILES[:6]), "l1": {"this model": np.full(6, 0.261)}}
    expect(lambda: run(LESSON, start, start, f"leaky = {answer}", **known), is_right, capsys)


def spots_on(mask):
    """Return pictures of 40 heads, and what they were made of: a bright spot where the mask says so."""
    down, across = np.mgrid[:32, :32]
    inside = np.hypot(down - 16, across - 16) < 12
    spot = inside & mask(np.hypot(down - 16, across - 16))
    pictures = np.where(spot, 0.9, np.where(inside, 0.1, -1.0))
    return (
        np.repeat(np.float32(one)[None, ..., None], 3, axis=-1).repeat(40, 0) for one in (pictures, inside * 0.6 - 1)
    )


@pytest.mark.parametrize(
    ("mask", "count"),
    [
        (lambda far: far < 2.5, 40),  # a spot
        (lambda far: far > 10, 0),  # a bright rim is none
        (lambda far: far < 1.5, 0),  # a speck
        (lambda far: far < 0, 0),
    ],
)
def test_spots_are_counted_inside_heads_alone(mask, count):
    known = {"np": np, "ndimage": ndimage, "SEED": 0}
    names = run(LESSON, "def heads", "def count_spots", "def count_spots", **known)
    assert names["count_spots"](*spots_on(mask)) == count


@pytest.mark.parametrize(
    ("rights", "people", "is_right"),
    [
        ("all by me", "nobody", True),
        ("china (danielbuechele): CC BY 2.0", "nobody", False),
        ("all by me", "astronaut shows Eileen Collins", False),
    ],
)
def test_a_folder_of_yours_needs_its_own_rights(rights, people, is_right, tmp_path):
    for name in "abcdef":
        images.write(tmp_path / f"{name}.png", TILES[0])
    known = {"np": np, "crops": crops, "images": images, "lessons": lessons, "pathlib": pathlib}
    known |= {"PHOTOGRAPHS": tmp_path, "RIGHTS": rights, "PEOPLE": people, "SIZE": SIZE // 2, "QUALITY": 18}
    start = "photographs = crops"
    if is_right:
        assert run(LESSON, start, start, start, **known)["kept"] == ["b", "c", "e", "f"]
    else:
        with pytest.raises(AssertionError, match="RIGHTS"):
            run(LESSON, start, start, start, **known)
