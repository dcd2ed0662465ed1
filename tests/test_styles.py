"""Styles of classes: what clusters are found, which is drawn, what is stored, and how one is chosen by name."""

import json
import warnings

import numpy as np
import pytest

from pix2pix_tf import errors, ids, streets, styles

NAMES = ("background", "facade", "window", "door")
BLOBS = np.float32([[-0.5, 0, 0], [0.5, 0, 0.25], [0, 0.75, 0]])  # of 30, 20 and 10 instances


def blobs(width=1e-3):
    """Features of three tight groups, shuffled, and the share of the picture that each instance has."""
    random = np.random.default_rng(0)
    features = np.repeat(BLOBS, (30, 20, 10), axis=0) + random.uniform(-width, width, (60, 3))
    return random.permutation(features).astype(np.float32), np.full(60, 0.01)


def small(**options):
    """Two classes: windows of two styles, three to one, and doors of one."""
    centres = {2: [[0, 1], [4, 5]], 3: [[10, 11]]}
    return styles.Styles(centres, {2: [3, 1], 3: [4]}, **{"names": NAMES, **options})


def refused(call, *arguments, **options):
    with pytest.raises(errors.InputError) as raised:
        call(*arguments, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_three_tight_groups_are_found_the_largest_first():
    found = styles.cluster({2: blobs()}, count=3)
    np.testing.assert_allclose(found.centres[2], BLOBS, atol=1e-3)
    assert found.sizes[2].tolist() == [30, 20, 10] and found.centres[2].dtype == np.float32
    one = styles.cluster({2: blobs()}, count=1)
    np.testing.assert_allclose(one.centres[2], [blobs()[0].mean(0)], atol=1e-6)


def test_the_same_seed_gives_the_same_bits_in_any_order_of_classes():
    random = np.random.default_rng(1)
    many = {index: (random.normal(size=(200, 3)), np.ones(200)) for index in range(3)}
    found, again = styles.cluster(many, seed=7), styles.cluster(dict(reversed(many.items())), seed=7)
    assert list(found.centres) == list(again.centres) == [0, 1, 2]
    for index in range(3):
        assert found.centres[index].shape == (10, 3) and (np.diff(found.sizes[index]) <= 0).all()
        np.testing.assert_array_equal(found.centres[index], again.centres[index])
    other = styles.cluster(many, seed=8)
    assert not np.array_equal(found.centres[0], other.centres[0])


def test_there_are_no_more_styles_than_different_features():
    features = np.float32([[1, 0], [0, 1], [1, 0], [0, 1], [-0.0, 0.5], [0.0, 0.5]])
    found = styles.cluster({5: (features, np.ones(6))})
    assert found.centres[5].tolist() == [[0, 0.5], [0, 1], [1, 0]]  # of equal sizes: by their numbers
    assert found.sizes[5].tolist() == [2, 2, 2]


def test_features_that_hardly_differ_have_a_style_without_a_warning(recwarn):
    features = np.repeat(np.float32([[1000], [np.nextafter(np.float32(1000), np.float32(2000))]]), 50, axis=0)
    found = styles.cluster({0: (features, np.ones(100))}, count=10)
    assert found.sizes[0].sum() == 100 and found.sizes[0].min() > 0
    np.testing.assert_allclose(found.centres[0], 1000, rtol=1e-6)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("least_area", "expected"), [(1 / 4096, [1, 2]), (1 / 64, [2]), (0, [0, 1, 2]), (0.5, [0, 1, 2])]
)
def test_small_instances_are_left_out_unless_a_class_would_have_none(least_area, expected):
    features, areas = np.float32([[0], [1], [2]]), np.array([1 / 5000, 1 / 4096, 1 / 64])
    found = styles.cluster({1: (features, areas)}, least_area=least_area)
    assert sorted(found.centres[1].ravel().tolist()) == expected
    if least_area == 1 / 4096:
        assert sorted(styles.cluster({1: (features, areas)}).centres[1].ravel().tolist()) == expected


def test_a_class_without_instances_has_the_mean_of_all_and_says_so():
    nothing = np.zeros((0, 3), np.float32), np.zeros(0)
    assert list(styles.cluster({1: nothing, 2: blobs()}).centres) == [2]
    found = small()
    for mean in (found.centre(1, 0), found.draw(1, 0), found.mean()):
        np.testing.assert_allclose(mean, [(3 * 0 + 4 + 4 * 10) / 8, (3 * 1 + 5 + 4 * 11) / 8])
        assert mean.dtype == np.float32
    said = "at the trained size no instance was found of facade, unlabelled; the mean of all styles"
    with pytest.warns(errors.NoteWarning, match=said) as caught:
        found.warn_of_unknown([9, 1, 2, 1])
    assert len(caught) == 1
    with warnings.catch_warnings(action="error"):
        found.warn_of_unknown([2, 3])


def test_a_style_by_its_number():
    found = small()
    assert [found.centre(2, number).tolist() for number in (0, 1)] == [[0, 1], [4, 5]]
    assert refused(found.centre, 2, 12) == "class window has styles 0 to 1; got 12"
    assert refused(found.centre, 2, -1) == "class window has styles 0 to 1; got -1"
    assert refused(found.centre, 3, 1) == "class door has style 0 alone; got 1"
    ten = styles.Styles({2: np.eye(10)}, {2: np.ones(10, int)})
    assert refused(ten.centre, 2, 12) == "class class2 has styles 0 to 9; got 12"
    assert ten.centre(2, np.int64(9)).tolist() == np.eye(10)[9].tolist()


def test_what_is_given_out_is_not_the_stored_numbers():
    found = small()
    found.centre(2, 0)[:] = 99
    found.draw(3, 0)[:] = 99
    assert found.centre(2, 0).tolist() == [0, 1] and found.centre(3, 0).tolist() == [10, 11]


def test_drawn_styles_follow_their_shares_and_their_key_alone():
    found = small()
    drawn = [tuple(found.draw(2, 5, instance)) for instance in range(1000)]
    assert set(drawn) == {(0, 1), (4, 5)} and 700 < drawn.count((0, 1)) < 800
    assert drawn == [tuple(found.draw(2, 5, instance)) for instance in range(1000)]
    assert drawn != [tuple(found.draw(2, 6, instance)) for instance in range(1000)]
    two = styles.Styles({2: [[0], [1]], 3: [[0], [1]]}, {2: [1, 1], 3: [1, 1]})
    assert any(two.draw(2, 0, number) != two.draw(3, 0, number) for number in range(20))


@pytest.mark.parametrize("names", [NAMES, None])
def test_stored_styles_are_the_same_to_the_last_bit(tmp_path, names):
    features = np.random.default_rng(2).normal(size=(40, 3)).astype(np.float32) / 3
    found = styles.cluster({2: (features, np.ones(40)), 0: (features[:4], np.ones(4))}, names=names)
    styles.save(tmp_path, found)
    again = styles.load(tmp_path)
    assert list(again.centres) == [0, 2] and again.names == names and again.dimensions == 3
    for index in (0, 2):
        assert again.centres[index].dtype == np.float32
        np.testing.assert_array_equal(again.centres[index], found.centres[index])
        np.testing.assert_array_equal(again.sizes[index], found.sizes[index])
    assert [path.name for path in tmp_path.iterdir()] == [styles.FILE]


def damaged(**changes):
    return json.dumps({"names": None, "classes": {"2": {"sizes": [3, 1], "centres": [[0, 1], [4, 5]], **changes}}})


DAMAGED = (
    "",
    "{}",
    "[1]",
    damaged()[:-9],
    '{"names": null, "classes": {}}',
    '{"names": null, "classes": []}',
    '{"names": "ab", "classes": {"2": {"sizes": [1], "centres": [[1]]}}}',
    '{"names": [1], "classes": {"2": {"sizes": [1], "centres": [[1]]}}}',
    '{"names": null, "classes": {"two": {"sizes": [1], "centres": [[1]]}}}',
    '{"names": null, "classes": {"1": {"sizes": [1], "centres": [[1]]}, "2": {"sizes": [1], "centres": [[1, 2]]}}}',
    damaged(sizes=[3]),
    damaged(sizes=[3, 0]),
    damaged(sizes=[3.5, 1]),
    damaged(sizes="ab"),
    damaged(centres=[[0, 1], [4]]),
    damaged(centres=[0, 1]),
    damaged(centres=[[], []]),
    damaged(centres=[["a", 1], [4, 5]]),
    damaged(centres=[[float("nan"), 1], [4, 5]]),
    damaged(centres=[[1e300, 1], [4, 5]]),
)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_styles_are_one_line(tmp_path, content):
    (tmp_path / styles.FILE).write_text(content)
    assert "styles.json: holds no styles (" in refused(styles.load, tmp_path)


def test_styles_that_are_whole_are_read(tmp_path):
    (tmp_path / styles.FILE).write_text(damaged())
    assert styles.load(tmp_path).centre(2, 1).tolist() == [4, 5]


def test_missing_styles_are_one_line(tmp_path):
    assert "styles.json: is missing; a run with styles writes it" in refused(styles.load, tmp_path)


def test_nothing_to_learn_from():
    assert "there is no instance of any class" in refused(styles.cluster, {})
    assert "there is no instance of any class" in refused(styles.cluster, {1: (np.zeros((0, 3)), np.zeros(0))})
    broken = np.float32([[0, np.nan]]), np.ones(1)
    assert "class door: its features are not finite" in refused(styles.cluster, {3: broken}, names=NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("window=3", (2, None, 3)),
        (" Window = 0", (2, None, 0)),
        ("17=2", (None, 17, 2)),
        ("26001=10", (None, 26001, 10)),
    ],
)
def test_a_choice_is_of_a_class_or_of_an_instance(text, expected):
    assert styles.parse(text, NAMES, np.int32([[17, 17], [3, 26001]])) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("windw=3", "--style windw=3: windw is no class; did you mean window? expected one of background, facade"),
        (
            "zzz=3",
            "zzz is no class; expected one of background, facade, window, door, or an instance's id",
        ),
        ("5=3", "--style 5=3: 5 is no instance of the picture; expected one of 3, 17"),
        ("-1=3", "--style -1=3: -1 is no class; expected one of"),
        ("window=x", "--style window=x: 'x' is no number of a style; expected a whole number from 0 on"),
        ("window=-1", "'-1' is no number"),
        ("window=1.0", "'1.0' is no number"),
        ("window=٣", "is no number"),
        ("window=", "'' is no number"),
        ("window=1=2", "window=1 is no class; did you mean window?"),
        ("window", "--style window: expected CLASS=NUMBER or ID=NUMBER, such as background=3 or 17=2"),
        ("=3", "--style =3: expected CLASS=NUMBER"),
    ],
)
def test_a_choice_that_cannot_be_is_one_line(text, said):
    assert said in refused(styles.parse, text, NAMES, [17, 3])


def test_a_choice_without_styles_or_instances():
    assert refused(styles.parse, "window=3", None, [17]) == (
        "--style window=3: the run was trained without styles; leave it out"
    )
    assert "17 is no instance of the picture; it has none" in refused(styles.parse, "17=3", NAMES, [])
    assert "17 is no instance of in/a.png" in refused(styles.parse, "17=3", NAMES, [3], "in/a.png")
    many = refused(styles.parse, "99=3", NAMES, range(20))
    assert many.endswith("expected one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 10 more")


def test_classes_are_named_by_streets_by_ids_or_by_their_colours():
    colours = [colour for _, colour in streets.LABELS]
    assert styles.name_classes(np.uint8(colours))[2] == "window"
    assert styles.name_classes(colours[:2]) == ("background", "facade")
    assert styles.name_classes(ids.colour([7, 33])) == ("class7", "class33")
    named = styles.name_classes([*colours, (1, 2, 255)])
    assert len(named) == len(colours) + 1 and named[-1] == "colour-0102ff"
    assert styles.parse("colour-0102ff=1", named, []) == (len(colours), None, 1)


def test_a_class_without_styles_has_one():
    assert "class facade has style 0 alone; got 999" in refused(small().centre, 1, 999)
