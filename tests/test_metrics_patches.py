"""Features without a network: they repeat, and distances between sets of them grow with what is wrong."""

import numpy as np
import pytest
from scipy import ndimage

from pix2pix_tf import datasets, errors, images, metrics
from pix2pix_tf.metrics import patches
from pix2pix_tf.pretrained import extractors

SIDE, COUNT = 32, 24


@pytest.fixture(scope="module")
def photos():
    """Return photos of street fronts, float32 (24, 32, 32, 3)."""
    return datasets.load("synthetic", "train", SIDE, count=COUNT, jitter=False).examples(range(COUNT))[1]


def distances(photos, changed):
    """Return the Fréchet distances of sets of images from a first set."""
    features = metrics.patch_features(photos)
    return [metrics.frechet_distance(features, metrics.patch_features(some)) for some in changed]


def rises(values):
    """Say whether every value is clearly above the one before."""
    return all(after > before + 1e-3 for before, after in zip(values, values[1:], strict=False))


def test_features_are_finite_and_of_each_image_alone(photos):
    found = metrics.patch_features(photos)
    assert found.shape == (COUNT, patches.DIMENSIONS) == (COUNT, 159) and np.isfinite(found).all()
    np.testing.assert_array_equal(metrics.patch_features(photos[5:6])[0], found[5])
    assert (found.std(axis=0) > 0).all()  # none is idle


def test_a_set_is_at_no_distance_from_itself(photos):
    features = metrics.patch_features(photos)
    assert metrics.frechet_distance(features, features[::-1]) == pytest.approx(0, abs=1e-6)
    assert metrics.kernel_distance(features, features, COUNT // 2, 20)["mean"] < 0.05 * features.var(axis=0).sum()


def test_the_distance_grows_with_blur(photos):
    blurred = [ndimage.gaussian_filter(photos, (0, width, width, 0)) for width in (0.4, 0.6, 0.9, 1.4, 2.0)]
    found = distances(photos, [photos, *blurred])
    assert rises(found), found


def test_the_distance_grows_with_recolouring(photos):
    cast = np.float32([0.3, 0, -0.3])
    found = distances(photos, [np.clip(photos + share * cast, -1, 1) for share in (0, 0.25, 0.5, 0.75, 1)])
    assert rises(found), found


def test_the_distance_grows_as_colours_fade(photos):
    grey = photos.mean(axis=3, keepdims=True)
    found = distances(photos, [photos + share * (grey - photos) for share in (0, 0.25, 0.5, 0.75, 1)])
    assert rises(found), found


def test_the_distance_grows_with_a_grid(photos):
    board = np.indices((SIDE, SIDE)).sum(axis=0)[..., None] % 2 * 2 - 1
    found = distances(photos, [np.clip(photos + height * board, -1, 1).astype(np.float32) for height in (0, 0.05, 0.1)])
    assert rises(found), found


def test_moments_of_colour_are_those_of_lab():
    image = np.random.default_rng(0).uniform(-1, 1, (1, 16, 18, 3)).astype(np.float32)
    pixels = metrics.lab(image).reshape(-1, 3) / 25
    np.testing.assert_allclose(metrics.patch_features(image)[0, :6], [*pixels.mean(0), *pixels.std(0)])


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_ramp_has_edges_of_one_direction(quarter_turns):
    """A ramp's edges are along its axis: direction 0 of 8 where it rises to the right, 4 where it rises downwards."""
    ramp = np.rot90(np.tile(np.linspace(-3, 3, 16), (16, 1)), -quarter_turns)
    shares = patches._edges(ramp).reshape(4, 8)
    height = 6 / 15
    expected = np.zeros(8)
    expected[4 * (quarter_turns % 2)] = height / (height + patches.FLOOR)
    np.testing.assert_allclose(shares, np.tile(expected, (4, 1)), atol=1e-6)


def test_textures_are_those_of_a_ramp():
    """A ramp that rises by 0.4 a pixel to the right: 0.4 across, nothing down, 0.4 / sqrt(2) between, no curvature."""
    ramp = np.tile(np.linspace(-3, 3, 16), (16, 1))[..., None]
    across, between, down, other, curved = np.exp(np.ravel(patches._textures(ramp))) - patches.FLOOR
    assert [across, between, down, other, curved] == pytest.approx([0.4, 0.4 / 2**0.5, 0, 0.4 / 2**0.5, 0], abs=1e-9)


def test_halving_takes_means_of_four():
    image = np.arange(15.0).reshape(3, 5, 1)
    np.testing.assert_array_equal(patches._halve(image)[..., 0], [[3, 5]])


def test_each_scale_is_the_first_of_the_halved_image():
    image = np.random.default_rng(0).uniform(-2, 2, (32, 40, 3))
    (first, second, third), of_half = (np.split(patches._describe(some), 3) for some in (image, patches._halve(image)))
    np.testing.assert_array_equal([second, third], of_half[:2])
    assert not np.isclose(first, second).all()


def test_the_extractor_gives_these_features(photos):
    extractor = extractors.named("patches")
    stored = images.to_uint8(photos)
    found = extractor(stored)
    assert found.dtype == np.float32 and extractor.dimensions == found.shape[1]
    np.testing.assert_allclose(found, metrics.patch_features(images.to_float(stored)), rtol=1e-5, atol=1e-6)
    assert extractor.probabilities(found) is None and extractor.logits(stored) is None
    assert len(extractor.digest) == 64 and extractors.named("patches").digest == extractor.digest


def test_what_has_no_features_is_refused(photos, tmp_path):
    with pytest.raises(errors.InputError, match="15x32 are too small for patch features.*at least 16"):
        metrics.patch_features(photos[:, :, :15])
    with pytest.raises(errors.InputError, match="1 channels"):
        metrics.patch_features(photos[..., :1])
    with pytest.raises(errors.InputError, match="without a network or weights; leave it out"):
        extractors.named("patches", weights=tmp_path / "weights.h5")
