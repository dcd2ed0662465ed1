import math

import numpy as np
import pytest
import scipy.ndimage

from pix2pix_tf import errors, metrics

RANDOM = np.random.default_rng(0)
REAL, FAKE = (RANDOM.uniform(-1, 1, (18, 16, 14, 3)).astype(np.float32) for _ in range(2))
NAMES = ("l1", "psnr", "ssim", "ms_ssim")


def constant(value, side=16):
    return np.full((1, side, side, 3), value, np.float32)


def smooth(count, side, seed):
    noise = np.random.default_rng(seed).uniform(-1, 1, (count, side, side, 3))
    return np.clip(4 * scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0)), -1, 1).astype(np.float32)


def windows(channel):
    """Average Gaussian windows of 11 pixels that lie inside the image."""
    return scipy.ndimage.gaussian_filter(channel, 1.5, radius=5)[5:-5, 5:-5]


def brute_force_ssim(first, second):
    """Return luminance times structure, and structure alone, of one channel with values in [0, 1]."""
    first, second = first.astype(np.float64) / 2 + 0.5, second.astype(np.float64) / 2 + 0.5
    mean1, mean2 = windows(first), windows(second)
    variance1, variance2 = windows(first**2) - mean1**2, windows(second**2) - mean2**2
    covariance = windows(first * second) - mean1 * mean2
    structure = (2 * covariance + 0.03**2) / (variance1 + variance2 + 0.03**2)
    luminance = (2 * mean1 * mean2 + 0.01**2) / (mean1**2 + mean2**2 + 0.01**2)
    return (luminance * structure).mean(), structure.mean()


def brute_force_ms_ssim(first, second):
    weights, terms = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333), []
    for scale in range(5):
        terms.append(brute_force_ssim(first, second)[0 if scale == 4 else 1])
        first, second = (
            image.reshape(image.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3)) if scale < 4 else image
            for image in (first, second)
        )
    return math.prod(max(term, 0) ** weight for term, weight in zip(terms, weights, strict=True))


def test_l1_equals_its_formula():
    assert metrics.l1(REAL, FAKE) == pytest.approx(np.abs(REAL - FAKE).mean(), rel=1e-6)


@pytest.mark.parametrize(("value", "expected"), [(-1, 0), (0, 1), (1, 2)])
def test_l1_of_constants(value, expected):
    assert metrics.l1(constant(-1), constant(value)) == expected


def test_psnr_is_the_mean_of_decibels():
    squares = ((REAL.astype(np.float64) - FAKE) ** 2).mean(axis=(1, 2, 3))
    assert metrics.psnr(REAL, FAKE) == pytest.approx((10 * np.log10(4 / squares)).mean(), rel=1e-5)


@pytest.mark.parametrize(("difference", "expected"), [(2, 0), (0.2, 20), (0.02, 40)])
def test_psnr_of_constants(difference, expected):
    assert metrics.psnr(constant(-1), constant(-1 + difference)) == pytest.approx(expected, abs=1e-3)


def test_psnr_of_equal_images_is_infinite():
    assert metrics.psnr(REAL, REAL) == math.inf


def test_ssim_equals_brute_force():
    expected = [
        np.mean([brute_force_ssim(real[..., c], fake[..., c])[0] for c in range(3)])
        for real, fake in zip(REAL, FAKE, strict=True)
    ]
    np.testing.assert_allclose(metrics.per_image("ssim", REAL, FAKE), expected, atol=1e-5)


def test_ssim_of_constants_is_luminance_alone():
    dark, light = 0.25, 0.75  # in [0, 1]
    expected = (2 * dark * light + 1e-4) / (dark**2 + light**2 + 1e-4)
    assert metrics.ssim(constant(2 * dark - 1), constant(2 * light - 1)) == pytest.approx(expected, abs=2e-4)


def test_ms_ssim_equals_brute_force():
    real = smooth(1, 192, 1)
    fake = np.clip(real + 0.3 * smooth(1, 192, 2), -1, 1)
    expected = np.mean([brute_force_ms_ssim(real[0, ..., c], fake[0, ..., c]) for c in range(3)])
    assert 0.1 < expected < 0.99
    assert metrics.ms_ssim(real, fake) == pytest.approx(expected, abs=1e-4)


def test_similarity_of_equal_images_is_one():
    assert metrics.ssim(REAL, REAL) == pytest.approx(1, abs=1e-6)
    image = smooth(1, 176, 3)
    assert metrics.ms_ssim(image, image) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_measure_is_the_mean_over_images(name):
    each = metrics.per_image(name, REAL, FAKE)
    assert each.shape == (18,) and each.dtype == np.float64
    alone = [getattr(metrics, name)(REAL[i : i + 1], FAKE[i : i + 1]) for i in range(18)]
    np.testing.assert_allclose(each, alone, rtol=1e-5)
    assert getattr(metrics, name)(REAL, FAKE) == each.mean()


@pytest.mark.parametrize(("name", "side", "reason"), [("ssim", 10, "11 pixels"), ("ms_ssim", 175, "halves them four")])
def test_images_smaller_than_the_windows_are_refused(name, side, reason):
    image = np.zeros((1, side + 20, side, 3), np.float32)
    with pytest.raises(errors.InputError, match=f"{side}x{side + 20}.*{reason}.*at least {side + 1}"):
        getattr(metrics, name)(image, image)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", [REAL[:3], REAL[:, :12], REAL[..., :1]])
def test_shapes_that_differ_are_refused_by_name(name, other):
    with pytest.raises(errors.InputError) as caught:
        getattr(metrics, name)(REAL, other)
    assert str(REAL.shape) in str(caught.value) and str(other.shape) in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [(math.nan, "NaN"), (math.inf, "NaN or infinity"), (255, "to 255; scale them"), (-1.1, "from -1.1")],
)
@pytest.mark.parametrize("first", [True, False])
def test_values_that_are_no_images_are_refused(value, message, first):
    bad = REAL.copy()
    bad[2, 3, 4, 1] = value
    with pytest.raises(errors.InputError, match=message):
        metrics.l1(*((bad, REAL) if first else (REAL, bad)))


@pytest.mark.parametrize("shape", [(16, 14, 3), (0, 16, 14, 3)])
def test_arrays_that_are_no_images_are_refused(shape):
    with pytest.raises(errors.InputError, match="expected \\(n, height, width, channels\\)"):
        metrics.l1(np.zeros(shape), np.zeros(shape))


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="expected one of l1, psnr, ssim, ms_ssim"):
        metrics.per_image("lpips", REAL, FAKE)


def test_diversity_is_the_mean_over_pairs_of_translations():
    samples = np.stack([constant(value, 4) for value in (-1, 0, 1)])
    assert metrics.diversity(samples) == pytest.approx((1 + 2 + 1) / 3)


def test_diversity_compares_translations_of_one_input_only():
    same = np.stack([REAL, REAL])
    np.testing.assert_array_equal(metrics.diversity_per_image(same), np.zeros(18))
    other = same.copy()
    other[1, 5] = FAKE[5]
    each = metrics.diversity_per_image(other)
    assert each[5] == pytest.approx(np.abs(REAL[5] - FAKE[5]).mean(), rel=1e-6)
    assert np.count_nonzero(each) == 1
    assert metrics.diversity(other) == each.mean()


@pytest.mark.parametrize("shape", [(1, 2, 4, 4, 3), (2, 4, 4, 3)])
def test_diversity_needs_two_translations(shape):
    with pytest.raises(errors.InputError, match="at least 2 translations"):
        metrics.diversity(np.zeros(shape, np.float32))
