import numpy as np
import pytest

from pix2pix_tf import errors, metrics
from pix2pix_tf.metrics import colours

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, (4, 8, 9, 3)).astype(np.float32)

# L*a*b* of sRGB under D65. Source: for the colours Lindbloom's CIE colour calculator, brucelindbloom.com; for the greys
# L alone counts: 116 Y^(1/3) - 16, and 903.3 Y for the darkest, with Y from IEC 61966-2-1.
KNOWN = {
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (255, 255, 0): (97.14, -21.55, 94.48),
    (0, 255, 255): (91.11, -48.09, -14.13),
    (255, 0, 255): (60.32, 98.23, -60.82),
    (255, 255, 255): (100, 0, 0),
    (119, 119, 119): (50.03, 0, 0),
    (0, 0, 0): (0, 0, 0),
    (50, 50, 50): (20.79, 0, 0),
    (5, 5, 5): (1.37, 0, 0),
}


def plain(rgb, count=1, side=4):
    return np.broadcast_to(np.float32(rgb) / 127.5 - 1, (count, side, side, 3))


@pytest.mark.parametrize("rgb", KNOWN, ids=str)
def test_lab_of_known_colours(rgb):
    found = metrics.lab(plain(rgb))
    assert found.shape == (1, 4, 4, 3)
    np.testing.assert_allclose(found[0, 0, 0], KNOWN[rgb], atol=0.02)


def test_every_colour_lies_within_the_bins():
    steps = np.linspace(-1, 1, 18)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, 18, -1, 3)
    found = metrics.lab(cube).reshape(-1, 3)
    least, most = np.array(colours.RANGES).T
    assert (found >= least - 1e-9).all() and (found <= most + 1e-9).all()


def test_histograms_count_every_pixel():
    images = np.concatenate([IMAGES, np.broadcast_to(np.float32(1), (1, 8, 9, 3))])  # white is at the very end
    counts = metrics.histograms(images, bins=7)
    assert counts.shape == (5, 3, 7)
    np.testing.assert_array_equal(counts.sum(axis=2), 72)


def test_rounding_leaves_no_pixel_out():
    beyond = np.array([[100 + 1e-13, 110 + 1e-13, -110 - 1e-13]])
    np.testing.assert_array_equal(colours._counts(beyond, 3), [[0, 0, 1], [0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("moved", [-1e-12, 0.0, 1e-12])
@pytest.mark.parametrize("level", [0, 1, 64, 119, 128, 200, 255])
def test_grey_lies_in_the_middle_bin_whatever_its_last_bits(level, moved):
    pixels = metrics.lab(plain((level,) * 3, side=2))[0] + moved
    lightness, a, b = colours._counts(pixels, colours.BINS)
    assert a[50] == b[50] == 4 and lightness.max() == 4
    assert lightness.argmax() == min(int(pixels[0, 0, 0] / 100 * 101), 100)


def test_a_value_at_an_edge_belongs_to_the_bin_above():
    edges = np.linspace(-110, 110, 102)[1:-1]
    for moved in (-1e-12, 0, 1e-12):
        pixels = np.stack([np.full(100, 50.0), edges + moved, edges - moved], axis=-1)
        _, a, b = colours._counts(pixels, 101)
        np.testing.assert_array_equal([a, b], [[0] + [1] * 100] * 2)


def test_no_colour_of_eight_bits_is_near_an_edge():
    """Conversions differ by 1e-13 between machines; of all colours the nearest is 7.7e-9 away, of these 3.8e-8."""
    levels = np.float32(np.arange(0, 256, 3)) / 127.5 - 1
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, 86, -1, 3)
    for values, (low, high) in zip(metrics.lab(cube).reshape(-1, 3).T, colours.RANGES, strict=True):
        places = (values - low) / (high - low) * colours.BINS
        inner = (places > 0.5) & (places < colours.BINS - 0.5)  # the ends of a range are no edges between bins
        apart = np.abs(places - np.round(places))[inner] * (high - low) / colours.BINS
        assert apart.min() > 1e-8


def test_an_even_number_of_bins_is_refused():
    with pytest.raises(errors.InputError, match="bins is 100; expected an odd number"):
        metrics.histograms(IMAGES, bins=100)


def test_intersection_equals_brute_force():
    other = (IMAGES[:3] / 2).astype(np.float32)
    found = metrics.histogram_intersection(IMAGES, other, bins=21)
    for number, (name, limits) in enumerate(zip("Lab", ((0, 100), (-110, 110), (-110, 110)), strict=True)):
        first, second = (
            np.histogram(metrics.lab(images)[..., number], 21, limits)[0] / images[..., 0].size
            for images in (IMAGES, other)
        )
        assert 0 < found[name] < 1
        assert found[name] == pytest.approx(np.minimum(first, second).sum(), rel=1e-12)


def test_intersection_with_itself_is_one():
    assert metrics.histogram_intersection(IMAGES, IMAGES[::-1]) == pytest.approx({"L": 1, "a": 1, "b": 1})


def test_colours_that_share_a_channel_overlap_there_alone():
    grey, white = plain((119, 119, 119), 2), plain((255, 255, 255), 3, side=6)
    assert metrics.histogram_intersection(grey, white) == {"L": 0, "a": 1, "b": 1}
    assert metrics.histogram_intersection(plain((255, 0, 0)), plain((0, 255, 0)))["a"] == 0


def test_half_of_the_pixels_overlap():
    half = np.concatenate([plain((255, 0, 0)), plain((0, 255, 0))], axis=2)
    assert metrics.histogram_intersection(half, plain((255, 0, 0))) == pytest.approx({"L": 0.5, "a": 0.5, "b": 0.5})


def test_intersection_of_stored_histograms_is_that_of_the_images():
    counts = metrics.histograms(IMAGES)
    chosen = [0, 2, 2]
    assert metrics.intersection(counts, counts[chosen]) == metrics.histogram_intersection(IMAGES, IMAGES[chosen])


def test_histograms_can_be_resampled():
    counts = metrics.histograms(IMAGES)
    both = np.stack([counts, counts[::-1]], axis=1)
    low, high = metrics.bootstrap_interval(
        both, lambda pairs: metrics.intersection(pairs[:, 0], pairs[:, 1])["L"], resamples=50
    )
    assert 0 < low < high <= 1


def test_images_without_colour_are_refused():
    with pytest.raises(errors.InputError, match="1 channels; colours need the three of RGB"):
        metrics.histogram_intersection(IMAGES[..., :1], IMAGES[..., :1])


def test_histograms_of_other_bins_are_refused():
    with pytest.raises(errors.InputError, match=r"\(4, 3, 5\) and \(4, 3, 7\)"):
        metrics.intersection(metrics.histograms(IMAGES, 5), metrics.histograms(IMAGES, 7))


def halves(first, second):
    """Return an image whose left half has one colour and whose right half another."""
    return np.concatenate([plain(first), plain(second)], axis=2)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (plain((90, 90, 90)), 0),
        (plain((255, 0, 0)), 0.3 * np.hypot(255, 127.5)),
        (plain((0, 0, 255)), 0.3 * 255),
        (halves((255, 0, 0), (0, 255, 0)), 255 + 0.3 * 127.5),  # red - green is 255 and -255, yellow - blue the same
        (halves((0, 0, 255), (255, 255, 0)), 255),
    ],
)
def test_colourfulness_of_known_images(image, expected):
    np.testing.assert_allclose(metrics.colourfulness(image), expected, atol=1e-4)


def test_colourfulness_is_that_of_its_definition_image_by_image():
    values = np.float64(np.round((IMAGES + 1) * 127.5))
    for image, found in zip(values, metrics.colourfulness((values / 127.5 - 1).astype(np.float32)), strict=True):
        red, green, blue = image.reshape(-1, 3).T
        first, second = red - green, 0.5 * (red + green) - blue
        expected = np.hypot(np.std(first), np.std(second)) + 0.3 * np.hypot(np.mean(first), np.mean(second))
        assert found == pytest.approx(expected, rel=1e-4)


def test_the_error_of_colours_is_the_distance_of_a_and_b_at_half_size():
    red, grey = plain((255, 0, 0)), plain((90, 90, 90))
    a, b = metrics.lab(red)[0, 0, 0, 1:]
    np.testing.assert_allclose(metrics.ab_error(red, grey), np.hypot(a, b), rtol=1e-5)
    np.testing.assert_allclose(metrics.ab_error(grey, plain((200, 200, 200))), 0, atol=1e-3)
    stripes = np.tile(np.concatenate([red[:, :, :1], grey[:, :, :1]], axis=2), (1, 1, 2, 1))
    mirrored = stripes[:, :, ::-1]
    np.testing.assert_allclose(metrics.ab_error(stripes, mirrored), 0, atol=1e-5)


def test_used_colours_are_counted_cell_by_cell():
    known = len(colours._displayable_cells())
    assert metrics.colours_used(plain((255, 0, 0))) == 1 / known
    assert metrics.colours_used(halves((255, 0, 0), (0, 255, 0))) == 2 / known
    levels = np.linspace(0, 255, 16).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, 64, 64, 3)
    expected = {tuple(cell) for cell in np.floor(np.round(metrics.lab(grid / 127.5 - 1), 9) / 10).reshape(-1, 3)}
    assert metrics.colours_used(np.float32(grid / 127.5 - 1)) == pytest.approx(len(expected) / known, abs=2 / known)


def test_a_colour_of_few_pixels_is_not_used():
    image = np.repeat(plain((90, 90, 90), side=8), 40, axis=1).repeat(40, axis=2)  # 320x320
    image[0, 0, :9] = 1, -1, -1
    assert metrics.colours_used(image) == 1 / len(colours._displayable_cells())
    image[0, 0, :11] = 1, -1, -1
    assert metrics.colours_used(image) == 2 / len(colours._displayable_cells())


@pytest.mark.parametrize("measure", [metrics.colourfulness, metrics.colours_used, lambda x: metrics.ab_error(x, x)])
def test_colour_measures_want_colour(measure):
    with pytest.raises(errors.InputError, match="1 channels; colours need the three of RGB"):
        measure(IMAGES[..., :1])


def test_colours_of_images_of_other_shapes_are_not_compared():
    with pytest.raises(errors.InputError, match="expected the same, of 2 and more"):
        metrics.ab_error(IMAGES, IMAGES[:, :-1])
