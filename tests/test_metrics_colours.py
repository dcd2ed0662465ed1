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
    np.testing.assert_array_equal(colours._counts(beyond, 2), [[0, 1], [0, 1], [1, 0]])


def test_intersection_equals_brute_force():
    other = (IMAGES[:3] / 2).astype(np.float32)
    found = metrics.histogram_intersection(IMAGES, other, bins=20)
    for number, (name, limits) in enumerate(zip("Lab", ((0, 100), (-110, 110), (-110, 110)), strict=True)):
        first, second = (
            np.histogram(metrics.lab(images)[..., number], 20, limits)[0] / images[..., 0].size
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
    with pytest.raises(errors.InputError, match=r"\(4, 3, 5\) and \(4, 3, 6\)"):
        metrics.intersection(metrics.histograms(IMAGES, 5), metrics.histograms(IMAGES, 6))
