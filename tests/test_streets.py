import io
import itertools
import pathlib
import tarfile

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, stats

from pix2pix_tf import streets
from pix2pix_tf.streets import rendering, terrace_rendering, terraces

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


@pytest.mark.parametrize("draw", [streets.draw, streets.draw_terrace])
@pytest.mark.parametrize("arguments", [{"image_size": 15}, {"image_size": 1025}, {"seed": -1}, {"look": -1}])
def test_impossible_arguments_are_refused(draw, arguments):
    with pytest.raises(ValueError):
        draw(0, **arguments)
    with pytest.raises(ValueError):
        draw(-1, 16)


@pytest.mark.parametrize("arguments", [{"image_size": 15}, {"image_size": 1025}, {"seed": -1}, {"kind": "square"}])
def test_impossible_instances_are_refused(arguments):
    with pytest.raises(ValueError):
        streets.draw_instances(0, **arguments)
    with pytest.raises(ValueError):
        streets.wall_colours(-1)


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


# Drawings by kind, and how many of the edge pixels of their instance maps lie between two things of one class, at 128
# and at 256 pixels: the mean of fifty.
KINDS = {"front": streets.draw, "terrace": streets.draw_terrace}
SHARES = {("front", 128): 0.019, ("front", 256): 0.016, ("terrace", 128): 0.234, ("terrace", 256): 0.225}


def steps(values):
    """Tell for every pixel whether its value is that above, below, left and right of it; the frame is left out."""
    here = values[1:-1, 1:-1]
    return np.stack(
        [here != there for there in (values[:-2, 1:-1], values[2:, 1:-1], values[1:-1, :-2], values[1:-1, 2:])]
    )


@pytest.mark.parametrize(("kind", "image_size"), SHARES)
def test_things_of_one_class_touch_in_terraces_and_hardly_in_fronts(kind, image_size, monkeypatch):
    for module in (rendering, terrace_rendering):
        monkeypatch.setattr(module, "photo", lambda *_: None)
    shares = []
    for index in range(50):
        other_thing = steps(streets.draw_instances(index, image_size, kind=kind))
        other_class = steps(classes(KINDS[kind](index, image_size)[1]))
        edges = other_thing.any(axis=0)
        shares.append((other_thing & ~other_class).any(axis=0).sum() / edges.sum())
    assert np.mean(shares) == pytest.approx(SHARES[kind, image_size], abs=0.002)
    assert np.mean(shares) > 0.2 if kind == "terrace" else np.mean(shares) < 0.025


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("image_size", [16, 100, 256])
def test_instances_divide_the_classes(kind, image_size):
    for index in range(6):
        numbers = classes(KINDS[kind](index, image_size, seed=1)[1])
        instances = streets.draw_instances(index, image_size, 1, kind)
        assert instances.shape == (image_size, image_size) and instances.dtype == np.int32
        for thing in np.unique(instances):
            assert len(np.unique(numbers[instances == thing])) == 1
        np.testing.assert_array_equal(instances == 0, numbers == NAMES.index("background"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_keeps_its_number_at_every_size(kind):
    for index in range(8):
        large, small = (streets.draw_instances(index, size, kind=kind) for size in (256, 64))
        assert (large[2::4, 2::4] == small).mean() > 0.88


def test_walls_of_a_terrace_are_numbered_from_the_left_and_touch():
    for index in range(24):
        instances = streets.draw_instances(index, 128, kind="terrace")
        walls = np.unique(instances[classes(streets.draw_terrace(index, 128)[1]) == NAMES.index("facade")])
        assert walls.tolist() == list(range(1, len(walls) + 1)) and 2 <= len(walls) <= 4
        assert walls.tolist() == sorted(streets.wall_colours(index))
        for wall in walls[:-1]:
            assert ((instances[:, :-1] == wall) & (instances[:, 1:] == wall + 1)).sum() > 16
        tops = [np.flatnonzero((instances == wall).any(axis=1))[0] for wall in walls]
        assert max(tops) - min(tops) > 4


def test_parts_of_a_terrace_stay_on_their_own_house():
    for index in range(64):
        houses = terraces.compose(np.random.default_rng(index))
        assert all(one.wall.right == other.wall.left for one, other in itertools.pairwise(houses))
        assert houses[0].wall.left <= 0 and houses[-1].wall.right >= 1
        for house in houses:
            assert house.parts[0] == house.wall
            for part in house.parts:
                assert house.wall.left - 1e-9 <= part.left < part.right <= house.wall.right + 1e-9, part
                assert 0 < part.top < part.bottom <= house.wall.bottom + 1e-9, part


def test_looks_repaint_a_terrace_and_leave_its_labels_alone():
    first = streets.draw_terrace(2, 64)
    assert all(np.array_equal(one, other) for one, other in zip(first, streets.draw_terrace(2, 64), strict=True))
    assert np.array_equal(streets.draw_terrace(2, 64, look=2)[0], first[0])
    for other in (streets.draw_terrace(3, 64), streets.draw_terrace(2, 64, seed=1)):
        assert (other[0] != first[0]).mean() > 0.5 and (other[1] != first[1]).any()
    photos = []
    for look in range(8):
        photo, labels = streets.draw_terrace(2, 64, look=look)
        assert np.array_equal(labels, first[1])
        photos.append(photo.astype(float))
    assert np.std(photos, axis=0).mean() > 25


def test_another_size_shows_the_same_terrace():
    large = [streets.draw_terrace(index, 256)[0] for index in range(8)]
    small = [streets.draw_terrace(index, 64)[0].astype(float) for index in range(8)]
    shrunk = [np.asarray(Image.fromarray(photo).resize((64, 64), Image.Resampling.BOX), float) for photo in large]
    distances = np.array([[abs(one - other).mean() for other in small] for one in shrunk])
    assert (np.diag(distances) < 0.6 * (distances + 1000 * np.eye(8)).min(axis=1)).all()


def wall_medians(index, look):
    """Return the median colour of every wall of a terrace in its photo, and its paint."""
    photo, labels = streets.draw_terrace(index, 64, look=look)
    walls = streets.draw_instances(index, 64, kind="terrace") * (classes(labels) == NAMES.index("facade"))
    paints = streets.wall_colours(index, look=look)
    return [np.median(photo[walls == number], axis=0) for number in paints], list(paints.values())


def test_walls_have_the_paint_that_is_told():
    pairs = [wall_medians(index, look) for index in range(8) for look in (index, 40, 41, 42)]
    shown, paints = (np.array([colour for pair in pairs for colour in pair[side]], float) for side in (0, 1))
    hues = [colours - colours.mean(axis=1, keepdims=True) for colours in (shown, paints)]
    for channel in range(3):
        assert np.corrcoef(shown[:, channel], paints[:, channel])[0, 1] > 0.75  # light differs from picture to picture
        assert np.corrcoef(hues[0][:, channel], hues[1][:, channel])[0, 1] > 0.9
    swapped = np.array([colour for pair in pairs for colour in pair[1][::-1]], float)
    assert np.corrcoef(shown[:, 0], swapped[:, 0])[0, 1] < 0.5


def test_neighbouring_walls_differ_and_looks_change_them():
    for look in range(40):
        paints = list(streets.wall_colours(0, look=look).values())
        assert all(colour.dtype == np.uint8 and colour.shape == (3,) for colour in paints)
        for one, other in itertools.pairwise(np.array(paints, float)):
            assert np.linalg.norm(one - other) > terrace_rendering.APART - 2
    assert len({streets.wall_colours(0, look=look)[1].tobytes() for look in range(40)}) == 40
    assert streets.wall_colours(3)[1].tobytes() == streets.wall_colours(3, look=3)[1].tobytes()
    assert len({streets.wall_colours(index, look=5)[2].tobytes() for index in range(8)}) == 1, "whatever the layout"


@pytest.mark.parametrize("kind", ["facade", "window", "shop", "balcony", "blind", "door"])
def test_the_photo_shows_where_things_of_one_class_meet(kind):
    at_borders, inside = [], []
    for index in range(24):
        photo, labels = streets.draw_terrace(index, 128)
        numbers, instances = classes(labels), streets.draw_instances(index, 128, kind="terrace")
        step = abs(np.diff(photo.astype(float), axis=1)).sum(axis=-1)
        same = (numbers[:, 1:] == numbers[:, :-1]) & (numbers[:, 1:] == NAMES.index(kind))
        border = same & (instances[:, 1:] != instances[:, :-1])
        near = ndimage.maximum_filter(step, (1, 3))  # a post has two sides, a pixel from the border
        at_borders += near[border].tolist()
        inside += near[same & ~ndimage.binary_dilation(border, np.ones((1, 5)))].tolist()
    assert len(at_borders) > 40
    assert np.median(at_borders) > 2 * np.median(inside), (np.median(at_borders), np.median(inside))
    assert np.mean(np.array(at_borders) > 25) > 0.92  # of 765; without posts 0.57 of balconies and 0.61 of blinds
