"""Instances beside label maps: from drawings, from a folder's files, or the connected parts of each class."""

import os
import pathlib
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from pix2pix_tf import datasets, errors, ids, images, palettes, pix2pixhd, streets
from pix2pix_tf.cli import data as data_commands
from pix2pix_tf.datasets import components, folder_instances
from pix2pix_tf.evaluation import inputs

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
CITYSCAPES = SHARED / "datasets" / "cityscapes_samples.zip"


def write(path, array):
    """Write an array as a PNG of its type."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def make_authors(folder, count=3, size=16, endings=("", "", "")):
    """Make a folder in the layout of pix2pixHD's authors; return the ids of classes and of instances."""
    drawn = np.random.default_rng(0)
    found = []
    for number in range(count):
        labels = drawn.choice(np.uint8([0, 3, 7, 255]), (size, size))
        instances = (labels.astype(np.int32) * 1000 + drawn.integers(0, 3, (size, size))).clip(0, 65535)
        write(folder / "train_label" / f"{number}{endings[0]}.png", labels)
        write(folder / "train_inst" / f"{number}{endings[1]}.png", instances.astype(np.uint16))
        write(folder / "train_img" / f"{number}{endings[2]}.png", drawn.integers(0, 255, (size, size, 3)).astype("u1"))
        found.append((labels, instances))
    return found


@pytest.mark.parametrize("endings", [("", "", ""), ("_gtFine_labelIds", "_gtFine_instanceIds", "_leftImg8bit")])
def test_the_layout_of_the_authors_is_read_with_every_id(tmp_path, endings):
    made = make_authors(tmp_path, endings=endings)
    pairs = datasets.load(tmp_path, image_size=16, jitter=False, instances="auto")
    assert (pairs.direction, pairs.label_sides, pairs.instances) == ("b_to_a", (False, True), "given")
    assert pairs.names == ["0", "1", "2"] and pairs.passed_over == ()
    for index, (labels, instances) in enumerate(made):
        source, _ = pairs.pair(index)
        np.testing.assert_array_equal(source["instances"][..., 0], instances)
        np.testing.assert_array_equal(ids.of_colours(images.to_uint8(source["image"])), labels)
    assert max(instances.max() for _, instances in made) == 65535, "what an 8-bit file or a float could not hold"


def test_every_class_is_found_however_rare_and_thin(tmp_path):
    """Id 9 is one pixel of one label map in eighty, at a place that a smaller size leaves out."""
    make_authors(tmp_path, count=80)
    labels = ids.decode(images.read_bytes(tmp_path / "train_label" / "33.png"), "33.png")[..., 0].astype(np.uint8)
    labels[1, 1] = 9
    write(tmp_path / "train_label" / "33.png", labels)
    pairs = datasets.load(tmp_path, image_size=16, jitter=False, instances="auto")
    small = datasets.load(tmp_path, image_size=16, jitter=False)
    for one in (pairs, small):
        assert ids.of_colours(palettes.read_classes(one, 0)).tolist() == [0, 3, 7, 9, 255]
    keywords = pix2pixhd.Pix2PixHD.fit_to({}, pairs)
    assert keywords == {"label_colours": ids.colour([0, 3, 7, 9, 255]).tolist(), "unlabelled": True}


def test_there_may_be_as_many_ids_as_numbers(tmp_path):
    """Of colours, which noise has too, 64 are the most."""
    numbers = np.arange(255, dtype=np.uint8).repeat(4)[: 31 * 32].reshape(31, 32)
    write(tmp_path / "train_label" / "one.png", numbers)
    write(tmp_path / "train_img" / "one.png", np.zeros((31, 32, 3), np.uint8))
    pairs = datasets.load(tmp_path, image_size=16, jitter=False, instances="auto")
    assert ids.of_colours(palettes.read_classes(pairs, 0)).tolist() == list(range(248))
    write(tmp_path / "colours" / "A" / "one.png", ids.colour(numbers))
    write(tmp_path / "colours" / "B" / "one.png", np.zeros((31, 32, 3), np.uint8))
    coloured = datasets.load(tmp_path / "colours", image_size=16, jitter=False, labels="a")
    with pytest.raises(errors.InputError, match="its label map one has more than 64 colours"):
        palettes.read_classes(coloured, 0)


def test_instances_that_are_not_wanted_are_no_strangers(tmp_path):
    make_authors(tmp_path)
    pairs = datasets.load(tmp_path, image_size=16, jitter=False)
    assert pairs.instances == "none" and pairs.passed_over == ()
    assert not isinstance(pairs.pair(0)[0], dict)


def test_jitter_moves_instances_with_their_labels(tmp_path):
    """Where every class is one instance, its id says the class of a pixel wherever that goes."""
    labels = np.repeat(np.repeat(np.arange(16, dtype=np.uint8).reshape(4, 4), 8, 0), 8, 1)
    for folder, array in (("A", np.dstack([labels] * 3)), ("B", ids.colour(labels))):
        write(tmp_path / folder / "one.png", array)
    write(tmp_path / "instances" / "one.png", labels.astype(np.uint16) * 300)
    pairs = datasets.load(tmp_path, image_size=32, direction="b_to_a", jitter=True, instances="auto", labels="b")
    assert pairs.instances == "given"
    source, _ = pairs.batch(5)
    classes = ids.of_colours(images.to_uint8(source["image"][0].numpy())).astype(np.int32)
    assert len(np.unique(classes)) > 4
    np.testing.assert_array_equal(source["instances"][0, ..., 0], classes * 300)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: write(f / "train_inst" / "1.png", np.zeros((8, 8), np.uint16)), "8x8"),
        (lambda f: (f / "train_inst" / "1.png").unlink(), "1.png: has no partner of that name in train_inst/"),
        (lambda f: write(f / "train_inst" / "1.png", np.zeros((16, 16, 3), np.uint8)), "has colours"),
        (lambda f: write(f / "train_label" / "1.png", np.full((16, 16), 300, np.uint16)), "class id 300"),
        (lambda f: write(f / "train_label" / "1.png", np.full((16, 16), 255, np.uint8)), "unlabelled everywhere"),
        (lambda f: [path.unlink() for path in (f / "train_inst").iterdir()], "holds no images"),
        (lambda f: (f / "train_img" / "1.png").rename(f / "train_img" / "8.png"), "no partner"),
    ],
)
def test_what_is_wrong_with_ids_is_named(tmp_path, spoil, said):
    make_authors(tmp_path)
    spoil(tmp_path)
    with pytest.raises(errors.InputError, match=said):
        datasets.load(tmp_path, image_size=16, jitter=False, instances="auto")


def test_another_word_is_refused():
    with pytest.raises(errors.InputError, match="instances is 'given'"):
        datasets.load("terraces", image_size=16, instances="given")


def test_parts_are_those_of_scipy():
    """A class at a time, SciPy numbers the same parts."""
    labels = np.random.default_rng(1).integers(0, 3, (40, 30))
    found = components.find_components(labels)[..., 0]
    count = 0
    for kind in range(3):
        wanted, number = ndimage.label(labels == kind)
        pairs = {(int(a), int(b)) for a, b in zip(found[labels == kind], wanted[labels == kind], strict=True)}
        assert len(pairs) == number, "one to one"
        count += number
    assert found.min() == 1 and found.max() == count


def test_blurred_colours_have_the_parts_of_the_nearest_classes():
    known = np.array([colour for _, colour in streets.LABELS], np.uint8)
    _, labels = streets.draw(3, 64)
    noisy = np.clip(labels.astype(int) + np.random.default_rng(0).integers(-20, 20, labels.shape), 0, 255).astype("u1")
    np.testing.assert_array_equal(components.find_components(noisy, known), components.find_components(labels))


@pytest.mark.parametrize(("name", "kind"), [("synthetic", "front"), ("terraces", "terrace")])
def test_drawn_sets_give_the_instances_of_their_drawings(name, kind):
    pairs = datasets.load(name, "val", image_size=64, count=2, jitter=False, instances="auto", seed=4)
    assert pairs.instances == "given"
    np.testing.assert_array_equal(
        pairs.pair(1)[0]["instances"][..., 0], streets.draw_instances(1_000_000_001, 64, 4, kind)
    )
    plain = datasets.load(name, "val", image_size=64, count=2, jitter=False, seed=4)
    np.testing.assert_array_equal(plain.pair(1)[0], pairs.pair(1)[0]["image"])
    assert plain.instances == "none" and plain.digest != pairs.digest
    scored = inputs.load_instances(name, datasets.load(name, "val", image_size=16, count=100, jitter=False))
    np.testing.assert_array_equal(
        scored.pair(1)[0]["instances"][..., 0], streets.draw_instances(1_000_000_001, 16, 0, kind)
    )


def test_photos_as_sources_have_no_instances():
    assert datasets.load("terraces", image_size=16, direction="a_to_b", count=2, instances="auto").instances == "none"
    assert datasets.load("day2night", image_size=16, count=2, instances="auto").instances == "none"


@pytest.mark.skipif(not CITYSCAPES.exists(), reason="the six frames of Cityscapes are not beside the project")
def test_frames_of_cityscapes_keep_their_ids(tmp_path):
    pairs = datasets.load(CITYSCAPES, image_size=64, jitter=False, instances="auto", data_dir=tmp_path)
    source, photo = pairs.pair(0)
    assert len(pairs) == 6 and pairs.names[0] == "aachen_000000_000019" and photo.shape == (64, 64, 3)
    classes = ids.of_colours(images.to_uint8(source["image"]))
    things = source["instances"][..., 0] >= 1000
    assert things.any()
    np.testing.assert_array_equal(source["instances"][things][..., 0] // 1000, classes[things])
    np.testing.assert_array_equal(source["instances"][~things][..., 0], classes[~things])


def test_grey_photos_beside_coloured_label_maps_stay_grey(tmp_path):
    """Ids are meant of label maps alone, whichever side is greyscale."""
    drawn = np.random.default_rng(0)
    photo = drawn.integers(0, 256, (16, 16), dtype=np.uint8)
    labels = drawn.choice(np.uint8([0, 3, 7]), (16, 16))
    for folder, array in (("A", photo), ("B", ids.colour(labels)), ("instances", labels)):
        write(tmp_path / folder / "one.png", array)
    for instances in datasets.INSTANCES:
        pairs = datasets.load(tmp_path, image_size=16, direction="b_to_a", jitter=False, instances=instances)
        assert pairs.label_sides == (False, True)
        np.testing.assert_array_equal(images.to_uint8(pairs.pair(0)[1]), np.dstack([photo] * 3))


def test_grey_label_maps_are_ids_beside_instances_alone(tmp_path):
    labels = np.random.default_rng(0).choice(np.uint8([0, 3, 7]), (16, 16))
    write(tmp_path / "A" / "one.png", np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8))
    write(tmp_path / "B" / "one.png", labels)
    for said in (None, "b"):
        shown = datasets.load(tmp_path, image_size=16, direction="b_to_a", jitter=False, labels=said).pair(0)[0]
        np.testing.assert_array_equal(images.to_uint8(shown), np.dstack([labels] * 3))
    write(tmp_path / "instances" / "one.png", labels)
    shown = datasets.load(tmp_path, image_size=16, direction="b_to_a", jitter=False).pair(0)[0]
    np.testing.assert_array_equal(images.to_uint8(shown), ids.colour(labels))


def test_void_is_that_of_the_photos_where_the_folder_itself_says_the_direction(tmp_path):
    make_authors(tmp_path)
    clear = np.random.default_rng(0).random((16, 16)) < 0.4
    for path in (tmp_path / "train_img").iterdir():
        write(path, np.dstack([images.read(path), np.where(clear, 0, 255).astype(np.uint8)]))
    pairs = datasets.load(tmp_path, image_size=16, jitter=False, void="auto", instances="auto")
    source, _ = pairs.pair(0)
    assert list(source) == ["image", "void", "instances"]
    np.testing.assert_array_equal(source["void"][..., 0], clear)


@pytest.mark.parametrize("direction", [None, "a_to_b"])
def test_label_maps_of_ids_have_no_void_whatever_their_palette_says(tmp_path, direction):
    made = make_authors(tmp_path)
    for path in (tmp_path / "train_label").iterdir():
        indexed = Image.frombytes("P", (16, 16), np.asarray(Image.open(path)).tobytes())
        indexed.putpalette([value // 3 for value in range(768)])
        indexed.save(path, transparency=0)
    pairs = datasets.load(tmp_path, image_size=16, jitter=False, void="auto", direction=direction)
    assert pairs.void == "none"
    shown = pairs.pair(0)[0 if direction is None else 1]
    np.testing.assert_array_equal(ids.of_colours(images.to_uint8(shown)), made[0][0])


@pytest.mark.parametrize("labels", ["none", "a"])
def test_folders_of_labels_are_labels(tmp_path, labels):
    make_authors(tmp_path)
    with pytest.raises(errors.InputError, match=f"labels is {labels}, but side B is train_label/") as raised:
        datasets.load(tmp_path, image_size=16, labels=labels)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["train_label"], "has train_img/ and train_inst/ but no train_label/; add it, with the same names"),
        (["train_label", "train_inst"], "has train_img/ but no train_label/; add it"),
        (["train_label", "train_img"], "has train_inst/ but no train_label/; add it"),
        (["train_img"], "has train_label/ but no train_img/; add it"),
    ],
)
@pytest.mark.parametrize("others", [[], ["val_label", "val_img"]], ids=["alone", "with val"])
def test_a_missing_folder_of_the_authors_is_named(tmp_path, missing, said, others):
    make_authors(tmp_path)
    for name in others:
        shutil.copytree(tmp_path / name.replace("val", "train"), tmp_path / name)
    for name in missing:
        shutil.rmtree(tmp_path / name)
    with pytest.raises(errors.InputError) as raised:
        datasets.load(tmp_path, image_size=16)
    assert str(raised.value).startswith(f"{tmp_path}: {said}")


def test_folders_beside_pairs_are_no_layout_of_the_authors(tmp_path):
    """Pictures side by side are pairs, whatever a folder beside them is called."""
    write(tmp_path / "1.png", np.random.default_rng(0).integers(0, 255, (16, 32, 3)).astype("u1"))
    write(tmp_path / "train_img" / "1.png", np.zeros((16, 16, 3), np.uint8))
    assert datasets.load(tmp_path, image_size=16).passed_over == (os.path.join("train_img", "1.png"),)


def test_advice_on_instances_can_be_followed(tmp_path):
    """Without its folders of instances a set has connected parts; beside blurred labels are ids of instances."""
    make_authors(tmp_path / "authors")
    for part in ("img", "label"):
        shutil.copytree(tmp_path / "authors" / f"train_{part}", tmp_path / "authors" / f"val_{part}")
    with pytest.raises(errors.InputError, match="val_inst/ is missing; .* or move all such folders elsewhere"):
        datasets.load(tmp_path / "authors", image_size=16, instances="auto")
    (tmp_path / "authors" / "train_inst").rename(tmp_path / "elsewhere")
    assert datasets.load(tmp_path / "authors", image_size=16, instances="auto").instances == "components"
    noise = np.random.default_rng(0).integers(0, 255, (20, 20, 3)).astype("u1")
    for side in "AB":
        write(tmp_path / "two" / side / "1.png", noise)
    options = {"image_size": 16, "labels": "a", "instances": "auto"}
    with pytest.raises(errors.InputError, match="or put ids of instances into instances/ beside A/ and B/"):
        datasets.load(tmp_path / "two", **options)
    write(tmp_path / "two" / "instances" / "1.png", noise[..., 0])
    assert datasets.load(tmp_path / "two", **options).instances == "given"


FRAME = "aachen_000000_000019"


@pytest.mark.parametrize(
    ("label_map", "others", "wanted"),
    [
        ("1.png", ["2.png", "1.png"], "1.png"),
        ("1.webp", ["1.bmp"], "1.bmp"),
        ("1.png", ["1.PNG"], "1.PNG"),
        ("caf\u00e9.png", ["cafe\u0301.png"], "cafe\u0301.png"),
        (f"{FRAME}_gtFine_labelIds.png", [f"{FRAME}_gtFine_instanceIds.png"], f"{FRAME}_gtFine_instanceIds.png"),
        (f"{FRAME}.png", [f"{FRAME}_gtFine_instanceIds.png", f"{FRAME}.bmp"], f"{FRAME}.bmp"),
        ("1.png", ["1.png", "1.bmp"], "has more than one file of its name in {place}, 1.bmp, 1.png; leave one there"),
        (
            f"{FRAME}_gtFine_labelIds.png",
            [f"{FRAME}_gtCoarse_instanceIds.png", f"{FRAME}_gtFine_instanceIds.png"],
            f"{{place}}, {FRAME}_gtCoarse_instanceIds.png, {FRAME}_gtFine_instanceIds.png; leave one there",
        ),
        ("1.png", ["2.png"], "has no instances of its name in {place}; put a PNG of ids there"),
    ],
)
def test_the_file_of_instances_of_a_label_map_is_found_as_in_training(tmp_path, label_map, others, wanted):
    place = tmp_path / "ids"
    for name in others:
        write(place / name, np.zeros((2, 2), np.uint8))
    if "." in wanted[-4:]:
        assert folder_instances.find_file(tmp_path / label_map, place) == place / wanted
        return
    with pytest.raises(errors.InputError) as raised:
        folder_instances.find_file(tmp_path / label_map, place)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / label_map}: ") and wanted.format(place=place) in message


def test_a_label_map_is_not_its_own_instances(tmp_path):
    """In the folders of Cityscapes both lie beside each other."""
    label_map, own = (tmp_path / f"{FRAME}_gtFine_{kind}.png" for kind in ("labelIds", "instanceIds"))
    for path in (label_map, own):
        write(path, np.zeros((2, 2), np.uint8))
    assert folder_instances.find_file(label_map, tmp_path) == own


def test_show_counts_the_instances_of_a_folder(tmp_path, capsys):
    made = make_authors(tmp_path / "set")

    def show():
        data_commands.show(str(tmp_path / "set"), "train", 16, tmp_path / "sheet.png", force=True)
        lines = capsys.readouterr().out.splitlines()
        assert "classes    class0, class3, class7, unlabelled" in lines
        return [line for line in lines if line.startswith("instances ")]

    counts = [len(np.unique(instances)) for _, instances in made]
    assert show() == [f"instances  3 of 3 pairs, {min(counts)} to {max(counts)} in each"]
    with Image.open(tmp_path / "sheet.png") as sheet:
        wide = sheet.width
    (tmp_path / "set" / "train_inst" / "1.png").unlink()
    (line,) = show()
    assert line.startswith("instances  cannot be used, ")
    assert line.endswith("train_label/1.png: has no partner of that name in train_inst/")
    (tmp_path / "set" / "train_inst").rename(tmp_path / "elsewhere")
    assert show() == ["instances  none given; pix2pixhd takes the connected parts of each class"]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert wide == sheet.width * 3 // 2, "a column more"


def test_show_draws_the_instances_of_drawn_sets(tmp_path, capsys):
    data_commands.show("terraces", "val", 32, tmp_path / "sheet.png")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("instances ")]
    assert re.fullmatch(r"instances  \d+ to \d+ in each of the first 6 pairs", line)
    maps = np.array([[[7], [7]], [[900_000], [3]]])[None]
    ((first, second), (third, fourth)) = data_commands._colour_numbers(maps)[0]
    assert (first == second).all() and len({tuple(one) for one in (first, third, fourth)}) == 3


def test_instances_are_loaded_from_where_the_pairs_are(monkeypatch):
    """A set that was prepared elsewhere is not fetched again, and of photos as sources nothing is loaded at all."""
    given = {}
    monkeypatch.setattr(datasets, "load", lambda *names, **options: given.update(options) or Found())
    found = inputs.load_instances("facades", Found(), "archive", "elsewhere", "b", progress=True)
    assert found is not None and found.instances == "components"
    assert {name: given[name] for name in ("archive", "data_dir", "labels", "instances")} == {
        "archive": "archive",
        "data_dir": "elsewhere",
        "labels": "b",
        "instances": "auto",
    }


class Found:
    """Some pairs."""

    paired, task, image_size, direction, split, instances = True, None, 16, "b_to_a", "val", "components"
