"""Faults of a known size are measured as what they are, and what has none measures as none."""

import numpy as np
import pytest

from pix2pix_tf import errors, metrics
from pix2pix_tf.metrics import artefacts

SIDE, COUNT, DEVIATION = 64, 40, 0.1
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def grey(values):
    """Return grey images of values (n, height, width)."""
    return np.repeat(np.asarray(values)[..., None], 3, axis=-1)


def noise(seed=0, count=COUNT, height=SIDE, width=SIDE):
    return grey(np.random.default_rng(seed).normal(0, DEVIATION, (count, height, width)))


def wave(rows, columns, side=SIDE):
    """Return a cosine of a frequency in cycles a pixel, (side, side, 1)."""
    places = np.arange(side)
    return np.cos(2 * np.pi * (rows * places[:, None] + columns * places))[..., None]


def test_the_spectrum_of_noise_is_its_variance_at_every_frequency():
    found = metrics.mean_spectrum(noise())
    assert found[0, 0] == pytest.approx(0, abs=1e-20)
    inner = found.ravel()[1:]
    assert inner.mean() == pytest.approx(DEVIATION**2, rel=0.01)
    assert inner.std() == pytest.approx(DEVIATION**2 / np.sqrt(COUNT), rel=0.1)


def test_the_spectrum_holds_all_variance():
    """Parseval: it is the mean over images of the squared differences from each image's own mean."""
    images = np.random.default_rng(0).uniform(-1, 1, (3, 10, 14, 3)).astype(np.float32)
    luminance = images.astype(np.float64) @ [0.299, 0.587, 0.114]
    assert metrics.mean_spectrum(images).mean() == pytest.approx(luminance.var(axis=(1, 2)).mean(), rel=1e-12)


def test_a_checkerboard_has_the_power_of_its_amplitude():
    """Its amplitude a: a^2 x height x width at (1/2, 1/2), and nothing elsewhere."""
    board = np.cos(np.pi * ROWS) * np.cos(np.pi * COLUMNS)
    found = metrics.mean_spectrum(grey(0.25 * board[None]))
    assert found[SIDE // 2, SIDE // 2] == pytest.approx(0.25**2 * SIDE**2, rel=1e-6)
    assert found.sum() == pytest.approx(found[SIDE // 2, SIDE // 2], rel=1e-6)


def test_bands_are_means_over_rings():
    images = noise(count=2)
    edges = (0, 1 / 8, 1 / 4, 1 / 2)
    spectrum = metrics.mean_spectrum(images)
    sums, counts = np.zeros(3), np.zeros(3)
    for row, column in np.ndindex(SIDE, SIDE):
        largest = max(min(row, SIDE - row), min(column, SIDE - column)) / SIDE
        ring = 0 if largest < 1 / 8 else 1 if largest < 1 / 4 else 2
        sums[ring] += spectrum[row, column]
        counts[ring] += 1
    np.testing.assert_allclose(metrics.spectrum_bands(images, edges), sums / counts)
    assert np.isnan(metrics.spectrum_bands(images, (0.01, 0.015, 0.5))[0])
    for wrong in ((0,), (0.1, 0.1), (0.3, 0.2)):
        with pytest.raises(errors.InputError, match="two or more rising frequencies"):
            metrics.spectrum_bands(images, wrong)


def test_noise_has_no_peak():
    """The largest of 29 ratios of means over 40 images, each to the larger of two: near 1."""
    assert 1 < metrics.spectral_peak(noise())["value"] < 1.7
    assert metrics.spectral_peak(noise(count=4000, height=40, width=40))["value"] == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("frequency", [(0.5, 0.5), (0.25, 0.5), (0.25, -0.25), (0.0, 0.375), (0.125, 0.25), (0.5, 0.0)])
def test_a_grid_is_found_where_it_is_with_its_power(frequency):
    """A wave of amplitude a adds a^2 x height x width, and a quarter of that where it has a twin with turned signs."""
    has_twin = not set(map(abs, frequency)) <= {0, 0.5}
    images = noise() + 0.05 * wave(*frequency)
    found = metrics.spectral_peak(images)
    assert found["frequency"] == frequency
    spectrum = metrics.mean_spectrum(noise())
    row, column = (int(part * SIDE) for part in frequency)
    apart = np.array([-4, -3, -2, 2, 3, 4])
    beside = max(spectrum[row, (column + apart) % SIDE].mean(), spectrum[(row + apart) % SIDE, column].mean())
    expected = 0.05**2 * SIDE**2 / (4 if has_twin else 1)
    assert found["value"] * beside == pytest.approx(expected + DEVIATION**2, rel=0.1)


def test_waves_beside_the_lattice_are_no_peak():
    assert metrics.spectral_peak(noise() + 0.05 * wave(1 / 8, 1 / 8))["value"] < 1.7
    assert metrics.spectral_peak(noise() + 0.05 * wave(21 / SIDE, 21 / SIDE))["value"] < 1.7


def test_the_cross_of_a_photo_is_no_peak():
    """Stripes of all widths have all their power on one axis of the spectrum, where it is a hundred times the rest."""
    stripes = np.random.default_rng(1).normal(0, DEVIATION, (COUNT, SIDE, 1))
    images = noise() + grey(np.broadcast_to(stripes, (COUNT, SIDE, SIDE)))
    spectrum = metrics.mean_spectrum(images)
    assert spectrum[SIDE // 2, 0] > 30 * spectrum[SIDE // 2, 2:5].mean()
    assert metrics.spectral_peak(images)["value"] < 2
    turned = metrics.spectral_peak(np.swapaxes(images, 1, 2))
    assert turned["value"] < 2


def test_flat_images_have_no_peak_and_a_grid_under_the_rounding_of_8_bits_is_none():
    assert metrics.spectral_peak(np.full((2, SIDE, SIDE, 3), 0.3))["value"] < 1e-6
    step = 2 / 255
    stored = np.round(grey(0.1 * step * wave(0.5, 0.5)[None, ..., 0]) / step) * step
    assert metrics.spectral_peak(stored)["value"] < 1e-6


def test_a_grid_beside_nothing_is_measured_by_one_level():
    """Of amplitude a in levels of 8 bits it has the power a^2 x height x width, where noise of one level has 1."""
    for levels in (0.01, 0.5):
        found = metrics.spectral_peak(grey(levels * 2 / 255 * wave(0.5, 0.5)[None, ..., 0]))
        assert found["value"] == pytest.approx(levels**2 * SIDE**2, rel=1e-6)


def test_what_is_beyond_a_multiple_of_8_is_left_out():
    images = np.clip(noise(height=71, width=66) + 0.05 * np.pad(wave(0.5, 0.25), [(0, 7), (0, 2), (0, 0)]), -1, 1)
    assert metrics.spectral_peak(images) == metrics.spectral_peak(images[:, :64, :64])


def test_peaks_of_chosen_images_are_means_of_rows():
    images = noise(count=6)
    powers = artefacts.lattice_powers(images)
    chosen = [0, 2, 2, 5]
    found, expected = artefacts.highest_peak(powers[chosen]), metrics.spectral_peak(images[chosen])
    assert found["value"] == pytest.approx(expected["value"]) and found["frequency"] == expected["frequency"]


def test_images_too_small_for_a_peak_are_refused():
    assert metrics.spectral_peak(noise(count=1, height=40, width=47))["value"] > 0
    with pytest.raises(errors.InputError, match="64x39 are too small for a spectral peak.*at least 40 pixels"):
        metrics.spectral_peak(noise(height=39))
    with pytest.raises(errors.InputError, match="1 channels; luminance needs the three"):
        metrics.spectral_peak(noise()[..., :1])


def test_the_spread_of_two_colours_is_half_their_distance_times_root_two():
    """Two values d apart have a variance (ddof 1) of d^2 / 2; red's and green's Lab are known, see the other tests."""
    plain = [np.broadcast_to(np.float32(rgb), (4, 4, 3)) for rgb in ((1, -1, -1), (-1, 1, -1))]
    distance = np.hypot(80.09 + 86.18, 67.20 - 83.18)
    assert metrics.colour_spread(np.stack(plain)) == pytest.approx(distance / np.sqrt(2), rel=1e-3)


def test_the_spread_knows_neither_lightness_nor_place():
    greys = np.linspace(-1, 1, 5)[:, None, None, None] * np.ones((1, 4, 4, 3))
    assert metrics.colour_spread(greys) == pytest.approx(0, abs=1e-9)
    images = np.random.default_rng(0).uniform(-1, 1, (5, 4, 6, 3)).astype(np.float32)
    flipped = images.copy()
    flipped[1] = flipped[1][::-1]
    assert metrics.colour_spread(flipped) == pytest.approx(metrics.colour_spread(images), rel=1e-12)
    assert metrics.colour_spread(images) > 1
    with pytest.raises(errors.InputError, match="of one image is not defined"):
        metrics.colour_spread(images[:1])


def test_errors_are_told_apart_by_region():
    """Errors of 0.1 in 32 rows at the border (2 and 2), 0.2 in the middle half, 0.4 in void, 0.8 elsewhere."""
    real = np.zeros((2, 32, 8, 3), np.float32)
    generated = np.full(real.shape, 0.8, np.float32)
    generated[:, :2] = generated[:, -2:] = 0.1
    generated[:, 8:24] = 0.2
    void = np.zeros((2, 32, 8), bool)
    void[0, :12, :3] = True
    generated[void] = -0.4
    found = metrics.error_by_region(real, generated, void)
    np.testing.assert_allclose(found["inside"], [0.4, np.nan], rtol=1e-6)
    np.testing.assert_allclose(found["border"], [0.1, 0.1], rtol=1e-6)
    np.testing.assert_allclose(found["middle"], [0.2, 0.2], rtol=1e-6)
    counts = {0.1: 4 * 8 - 2 * 3, 0.2: 16 * 8 - 4 * 3, 0.8: 12 * 8 - 6 * 3}
    outside = sum(error * count for error, count in counts.items()) / sum(counts.values())
    np.testing.assert_allclose(found["outside"], [outside, (32 * 0.1 + 128 * 0.2 + 96 * 0.8) / 256], rtol=1e-6)


def test_without_void_outside_is_l1():
    real, generated = np.random.default_rng(0).uniform(-1, 1, (2, 3, 16, 5, 3)).astype(np.float32)
    found = metrics.error_by_region(real, generated)
    np.testing.assert_allclose(found["outside"], metrics.per_image("l1", real, generated), rtol=1e-6)
    assert np.isnan(found["inside"]).all()
    everywhere = metrics.error_by_region(real, generated, np.ones((3, 16, 5), bool))
    assert all(np.isnan(everywhere[name]).all() for name in ("outside", "border", "middle"))
    for wrong in (np.ones((3, 16, 5)), np.ones((3, 5, 16), bool)):
        with pytest.raises(errors.InputError, match=r"expected bool \(3, 16, 5\)"):
            metrics.error_by_region(real, generated, wrong)


def test_a_white_spot_is_a_droplet_of_its_height_over_its_window():
    """One pixel of 81 is white on a ground of b: it stands (1 - b) 80/81 above its window's mean."""
    images = np.full((3, 20, 24, 3), -0.5, np.float32)
    images[:, 11, 7, 1] = 1
    found = metrics.droplet(images)
    assert found["place"] == (11, 7, 1) and found["value"] == pytest.approx(1.5 * 80 / 81, rel=1e-6)


def test_a_spot_in_one_image_of_ten_counts_a_tenth_and_one_that_moves_less():
    images = np.full((10, 20, 20, 3), -1, np.float32)
    images[4, 11, 7] = 1
    assert metrics.droplet(images)["value"] == pytest.approx(0.2 * 80 / 81, rel=1e-6)
    fixed, moving = np.full((2, 10, 20, 20, 3), -1, np.float32)
    fixed[:, 5, 5] = 1
    for number in range(10):
        moving[number, 2 * number, 5] = 1
    assert metrics.droplet(moving)["value"] < 0.11 * metrics.droplet(fixed)["value"]


def test_slow_changes_are_no_droplet():
    """A plane is the mean of its own window, but for the border, where it is reflected."""
    plane = (ROWS + COLUMNS)[None, ..., None] / (2 * SIDE) * np.ones(3)
    apart = np.abs(plane[0] - artefacts._window_means(plane[0]))
    assert apart[4:-4, 4:-4].max() < 1e-12
    assert metrics.droplet(plane)["value"] < 0.1


def test_the_window_reflects_at_the_border():
    image = np.random.default_rng(0).uniform(-1, 1, (9, 7, 2))
    found = artefacts._window_means(image)
    for row, column in ((0, 0), (4, 3), (8, 1)):
        rows = [8 - abs(8 - abs(row + step)) for step in range(-4, 5)]
        columns = [6 - abs(6 - abs(column + step)) for step in range(-4, 5)]
        np.testing.assert_allclose(found[row, column], image[np.ix_(rows, columns)].mean(axis=(0, 1)))


def test_deviations_at_the_place_have_the_droplet_as_their_mean():
    images = np.random.default_rng(0).uniform(-1, 1, (6, 12, 10, 3)).astype(np.float32)
    found = metrics.droplet(images)
    deviations = artefacts.deviations_at(images, found["place"])
    assert deviations.shape == (6,) and abs(deviations.mean()) == pytest.approx(found["value"], rel=1e-6)
    with pytest.raises(errors.InputError, match="10x4 are too small for a window"):
        metrics.droplet(images[:, :4])
