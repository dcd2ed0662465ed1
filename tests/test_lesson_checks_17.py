"""The checks of the exercises of lesson 17 accept right answers, refuse wrong ones, and say when none was tried."""

import itertools

import numpy as np
import pytest
from exercises import expect, run
from skimage import color, filters

from pix2pix_tf import datasets, images, lessons

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
        ("0.03", True),
        ("np.float32(0.05)", True),
        ("-0.03", False),  # the sign
        ("0.0", False),
        ("memory['by photograph'] - memory['by crop']", False),  # the memory's
        ("0.261", False),  # the L1 itself
    ],
)
def test_the_leak_flatters_the_network_less_than_the_memory(answer, is_right, capsys):
    start = "flattery = None"
    known = {"np": np, "lessons": lessons, "memory": {"by photograph": 0.463, "by crop": 0.278}}

    def trial():
        try:
            run(LESSON, start, start, f"flattery = {answer}", **known)
        finally:
            print(capsys.readouterr().out.splitlines()[-1])  # what the check says comes last

    expect(trial, is_right, capsys)
