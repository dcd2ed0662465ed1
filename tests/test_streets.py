import io
import pathlib
import tarfile

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, stats

from pix2pix_tf import streets

ARCHIVE = pathlib.Path(__file__).parents[2] / "shared" / "datasets" / "facades.tar.gz"
NAMES = [name for name, _ in streets.LABELS]
COLOURS = np.array([colour for _, colour in streets.LABELS])

# Shares of the classes in 200 training images of the public facades archive, in the order of LABELS.
REAL_SHARES = np.array([20.3, 37.5, 12.8, 1.2, 2.8, 3.1, 4.8, 1.2, 1.9, 9.2, 1.2, 4.0]) / 100


def classes(labels):
    """Turn a label map into class numbers by nearest colour."""
    return np.square(labels[:, :, None].astype(int) - COLOURS).sum(axis=-1).argmin(axis=-1)


def wall_colour(pair):
    photo, labels = pair
    return np.median(photo[classes(labels) == NAMES.index("facade")], axis=0)


@pytest.fixture(scope="module")
def street_fronts():
    return [streets.draw(index, 64) for index in range(96)]


@pytest.mark.parametrize("image_size", [16, 50, 64, 256, 1024])
def test_same_arguments_give_same_bytes(image_size):
    photo, labels = streets.draw(3, image_size, seed=1)
    again_photo, again_labels = streets.draw(3, image_size, seed=1)
    assert photo.shape == labels.shape == (image_size, image_size, 3)
    assert photo.dtype == labels.dtype == np.uint8
    assert photo.tobytes() == again_photo.tobytes() and labels.tobytes() == again_labels.tobytes()


def test_index_seed_and_look_each_change_the_picture():
    first = streets.draw(0, 64)
    for other in (streets.draw(1, 64), streets.draw(0, 64, seed=1)):
        assert (other[0] != first[0]).mean() > 0.5 and (other[1] != first[1]).any()
    assert (streets.draw(0, 64, look=1)[0] != first[0]).mean() > 0.5
    assert np.array_equal(streets.draw(0, 64, look=0)[0], first[0])


def test_order_of_drawing_does_not_matter():
    expected = [streets.draw(index, 32)[0] for index in (5, 6, 7)]
    np.random.seed(0)
    for index, photo in zip((7, 6, 5), reversed(expected), strict=True):
        assert np.array_equal(streets.draw(index, 32)[0], photo)


@pytest.mark.parametrize("arguments", [{"image_size": 15}, {"image_size": 1025}, {"seed": -1}, {"look": -1}])
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(ValueError):
        streets.draw(0, **arguments)
    with pytest.raises(ValueError):
        streets.draw(-1, 16)


def test_there_are_twelve_distinct_classes():
    assert " ".join(NAMES) == "background facade window door cornice sill balcony blind deco molding pillar shop"
    assert len(np.unique(COLOURS, axis=0)) == 12


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the real facades archive is not here")
def test_palette_is_that_of_the_real_labels():
    counts = np.zeros(1 << 24, np.int64)
    with tarfile.open(ARCHIVE) as archive:
        members = (member for member in archive if member.name.startswith("facades/train/") and member.isfile())
        for member, _ in zip(members, range(60), strict=False):
            image = np.asarray(Image.open(io.BytesIO(archive.extractfile(member).read())))[:, 256:].astype(int)
            counts += np.bincount((image @ [1 << 16, 1 << 8, 1]).ravel(), minlength=1 << 24)
    packed = np.flatnonzero(counts)
    real = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1)
    nearest = np.square(real[:, None] - COLOURS).sum(axis=-1).argmin(axis=-1)
    for number, colour in enumerate(COLOURS):
        commonest = real[nearest == number][counts[packed[nearest == number]].argmax()]
        assert abs(commonest - colour).max() <= 2, NAMES[number]


@pytest.mark.parametrize("image_size", [16, 64, 130, 256])
def test_labels_hold_palette_colours_only(image_size):
    allowed = {tuple(colour) for colour in COLOURS.tolist()}
    for index in range(6):
        labels = streets.draw(index, image_size)[1]
        assert {tuple(colour) for colour in np.unique(labels.reshape(-1, 3), axis=0).tolist()} <= allowed


@pytest.mark.slow
def test_class_shares_resemble_the_real_ones(street_fronts):
    shares = np.array([np.bincount(classes(labels).ravel(), minlength=12) / 64**2 for _, labels in street_fronts])
    ratios = shares.mean(axis=0) / REAL_SHARES
    assert (ratios > 0.5).all() and (ratios < 2).all(), dict(zip(NAMES, ratios.round(2), strict=True))
    assert (shares > 0).mean(axis=0).min() > 0.2
    assert shares.mean(axis=0)[:3].sum() > 0.55  # background, wall and windows dominate


def test_photos_are_as_bright_and_as_varied_as_real_ones(street_fronts):
    brightness = [photo.mean() for photo, _ in street_fronts]
    contrast = [photo.std() for photo, _ in street_fronts]
    assert 95 < np.mean(brightness) < 135 and 12 < np.std(brightness) < 40  # real: 115 and 17
    assert 30 < np.median(contrast) < 65  # real: 57, black corners included


def test_look_leaves_the_labels_alone():
    expected = streets.draw(4, 64)[1]
    photos = []
    for look in range(8):
        photo, labels = streets.draw(4, 64, look=look)
        assert np.array_equal(labels, expected)
        photos.append(photo.astype(float))
    assert np.std(photos, axis=0).mean() > 25  # the same wall in many colours and lights


@pytest.mark.slow
def test_wall_colour_is_spread_alike_over_one_layout_and_over_many():
    one = np.array([wall_colour(streets.draw(0, 32, look=look)) for look in range(100, 200)])
    many = np.array([wall_colour(streets.draw(index, 32)) for index in range(100, 200)])
    for channel in range(3):
        assert stats.ks_2samp(one[:, channel], many[:, channel]).pvalue > 0.02
    assert stats.ks_2samp((one[:, 0] - one[:, 2]), (many[:, 0] - many[:, 2])).pvalue > 0.02


def test_labels_do_not_tell_the_wall_colour(street_fronts):
    shares = np.array([np.bincount(classes(labels).ravel(), minlength=12) for _, labels in street_fronts], float)
    colour = np.array([wall_colour(pair) for pair in street_fronts])
    # With 96 pairs a correlation of 0.37 comes by chance once in 5000 tries, and there are 36 of them.
    assert abs(np.corrcoef(shares.T, colour.T)[:12, 12:]).max() < 0.37


def test_look_decides_the_wall_colour_whatever_the_layout():
    here, there = (
        np.array([wall_colour(streets.draw(index, 32, look=look)).mean() for look in range(40)]) for index in (2, 9)
    )
    assert np.corrcoef(here, there)[0, 1] > 0.75


def test_fine_texture_is_not_told_by_the_labels():
    def detail(photo):
        grey = photo.mean(axis=-1)
        return (grey - ndimage.gaussian_filter(grey, 2))[wall]

    pairs = [streets.draw(1, 128, look=look) for look in range(24)]
    wall = ndimage.binary_erosion(classes(pairs[0][1]) == NAMES.index("facade"), iterations=3)
    single = np.mean([detail(photo).std() for photo, _ in pairs])
    average = detail(np.mean([photo for photo, _ in pairs], axis=0)).std()
    assert average < 0.6 * single  # what is common to all looks of one layout is blurred, as an L1 loss would make it


def test_another_size_shows_the_same_house():
    large = [streets.draw(index, 256) for index in range(8)]
    small = [streets.draw(index, 64) for index in range(8)]
    shrunk = [np.asarray(Image.fromarray(photo).resize((64, 64), Image.Resampling.BOX), float) for photo, _ in large]
    distances = np.array([[abs(one - other).mean() for other, _ in small] for one in shrunk])
    nearest_other = (distances + 1000 * np.eye(8)).min(axis=1)
    assert (np.diag(distances) < 0.6 * nearest_other).all()
    for (_, labels), (_, expected) in zip(large, small, strict=True):
        assert (classes(labels[2::4, 2::4]) == classes(expected)).mean() > 0.9


def test_photo_edges_lie_on_label_edges():
    def edge_strength(shift):
        down, right = shift
        moved = [np.roll(edge, (down, right), axis=(0, 1))[8:-8, 8:-8] for edge in edges]
        inside = [gradient[8:-8, 8:-8] for gradient in gradients]
        return np.mean(
            [gradient[edge].mean() / gradient[~edge].mean() for gradient, edge in zip(inside, moved, strict=True)]
        )

    pairs = [streets.draw(index, 128) for index in range(16)]
    numbers = [classes(labels) for _, labels in pairs]
    edges = [(ndimage.maximum_filter(number, 3) != ndimage.minimum_filter(number, 3)) for number in numbers]
    gradients = [ndimage.gaussian_gradient_magnitude(photo.mean(axis=-1), 0.7) for photo, _ in pairs]
    aligned = edge_strength((0, 0))
    assert aligned > 1.5
    for shift in ((0, 3), (0, -3), (3, 0), (-3, 0), (4, 4)):
        assert edge_strength(shift) < 0.85 * aligned


def test_photo_is_no_label_map():
    photo = streets.draw(0, 128)[0]
    assert len(np.unique(photo.reshape(-1, 3), axis=0)) > 3000


def test_day_is_the_photo_of_the_pairs_and_night_the_same_house_in_the_dark():
    for index in range(6):
        day, night = (streets.draw_photo(index, 128, time=time) for time in ("day", "night"))
        assert np.array_equal(day, streets.draw(index, 128)[0])
        assert np.array_equal(night, streets.draw_photo(index, 128, time="night"))
        assert night.mean() < 0.8 * day.mean()
        assert night.shape == day.shape and night.dtype == np.uint8
    with pytest.raises(ValueError, match="expected 'day' or 'night'"):
        streets.draw_photo(0, 128, time="noon")


def test_edges_of_the_night_are_those_of_its_own_day():
    def outlines(index, time):
        photo = streets.draw_photo(index, 128, time=time).mean(axis=-1)
        edges = np.log1p(ndimage.gaussian_gradient_magnitude(photo, 1.0)).ravel()
        return (edges - edges.mean()) / edges.std()

    days, nights = (np.stack([outlines(index, time) for index in range(8)]) for time in ("day", "night"))
    likeness = nights @ days.T / days.shape[1]
    assert (likeness.argmax(axis=1) == np.arange(8)).all()
    assert np.diag(likeness).min() > 0.4


def test_some_windows_are_lit_and_the_night_is_blue():
    lit = []
    for index in range(16):
        night = streets.draw_photo(index, 64, time="night").astype(int)
        numbers = classes(streets.draw(index, 64)[1])
        warm = (night[..., 0] > 150) & (night[..., 0] > night[..., 2] + 40)
        lit.append(warm[numbers == NAMES.index("window")].mean())
        sky = numbers[:3].ravel() == NAMES.index("background")
        if sky.sum() > 60:
            red, _, blue = np.median(night[:3].reshape(-1, 3)[sky], axis=0)
            assert blue > red + 15 or blue < 60  # the sky, or a roof and a neighbour's wall
    assert 0.1 < np.mean(lit) < 0.7 and np.std(lit) > 0.1


def _share_within_classes(kind, size, count):
    """Return the mean share of an instance map's edge pixels that lie between two instances of one class."""
    shares = []
    for index in range(count):
        numbers = streets.draw_instances(index, size, kind=kind)
        draw = streets.draw_terrace if kind == "terrace" else streets.draw
        classes = draw(index, size)[1].astype(int) @ [65536, 256, 1]
        edges = np.zeros((2, size, size), bool)
        for axis in (0, 1):
            before, behind = (np.take(range(size), range(first, size - 1 + first)) for first in (0, 1))
            differ, same = (np.take(some, before, axis) != np.take(some, behind, axis) for some in (numbers, classes))
            for place in (before, behind):
                here = (slice(None), place) if axis else (place, slice(None))
                edges[0][here] |= differ
                edges[1][here] |= differ & ~same
        shares.append(edges[1].sum() / edges[0].sum())
    return np.mean(shares)


def test_terraces_have_borders_that_their_labels_do_not_show():
    """A fifth of the edge pixels at least; on single fronts two in a hundred."""
    assert _share_within_classes("terrace", 128, 50) >= 0.2
    assert _share_within_classes("front", 128, 50) <= 0.025


def test_a_terrace_is_the_same_at_every_size_and_its_looks_leave_the_labels():
    (photo, labels), (other, same) = (streets.draw_terrace(7, 64, look=look) for look in (None, 5))
    np.testing.assert_array_equal(labels, same)
    assert np.abs(photo.astype(int) - other).mean() > 5
    numbers = streets.draw_instances(7, 64, kind="terrace")
    colours = dict(streets.LABELS)
    for wall in streets.wall_colours(7):
        assert (labels[numbers == wall] == colours["facade"]).all() and (numbers == wall).any()
    assert (labels[numbers == 0] == colours["background"]).all()
    for number in np.unique(numbers)[1:]:
        assert len(np.unique(labels[numbers == number], axis=0)) == 1, "a thing is of one class"
    larger = set(np.unique(streets.draw_instances(7, 256, kind="terrace")))
    assert set(np.unique(numbers)) <= larger


def test_walls_of_a_terrace_show_their_paint():
    """The wall that is painted reddest is the reddest in the photo, in most terraces."""
    hits = []
    for index in range(12):
        photo, numbers = streets.draw_terrace(index, 128)[0], streets.draw_instances(index, 128, kind="terrace")
        paints = {wall: paint for wall, paint in streets.wall_colours(index).items() if (numbers == wall).sum() > 200}
        shown = {wall: np.median(photo[numbers == wall].astype(int), 0) for wall in paints}
        warmth = [max(some, key=lambda wall: float(some[wall][0]) - float(some[wall][2])) for some in (paints, shown)]
        hits.append(warmth[0] == warmth[1])
    assert np.mean(hits) >= 0.9


def test_only_fronts_and_terraces_have_instances():
    with pytest.raises(ValueError, match="kind is 'street'"):
        streets.draw_instances(0, 64, kind="street")
