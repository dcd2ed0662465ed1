"""Every way of resizing against the program it is named after."""

import numpy as np
import pytest
from PIL import Image

from pix2pix_tf.pretrained import resizing

RANDOM = np.random.default_rng(0)
SIZES = [((32, 20), (47, 61)), ((60, 47), (21, 32)), ((40, 9), (17, 30)), ((1, 5), (4, 2)), ((256, 256), (299, 299))]


def photos(size):
    return RANDOM.integers(0, 256, (2, *size, 3), dtype=np.uint8)


def pillow(images, size, filter):
    """Resize every channel of every image in floats."""
    planes = images.transpose(0, 3, 1, 2).reshape(-1, *images.shape[1:3]).astype(np.float32)
    made = [np.asarray(Image.fromarray(plane).resize(size[::-1], filter)) for plane in planes]
    return np.reshape(made, (len(images), 3, *size)).transpose(0, 2, 3, 1)


@pytest.mark.parametrize(("old", "new"), SIZES)
@pytest.mark.parametrize(
    ("way", "filter"), [("bicubic", Image.Resampling.BICUBIC), ("antialias", Image.Resampling.BILINEAR)]
)
def test_equals_pillow(old, new, way, filter):
    images = photos(old)
    np.testing.assert_allclose(resizing.resize(images, new, way), pillow(images, new, filter), atol=3e-4)


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_half_pixel_equals_torch(old, new):
    torch = pytest.importorskip("torch", reason="the comparison needs torch")
    images = photos(old)
    planes = torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32))
    expected = torch.nn.functional.interpolate(planes, new, mode="bilinear", align_corners=False).numpy()
    np.testing.assert_allclose(resizing.resize(images, new, "half-pixel"), expected.transpose(0, 2, 3, 1), atol=1e-3)


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_bilinear_equals_tensorflow(old, new):
    import tensorflow as tf

    images = photos(old)
    expected = tf.compat.v1.image.resize_bilinear(images, new).numpy()
    np.testing.assert_allclose(resizing.resize(images, new, "tf1"), expected, atol=3e-4)
    expected = tf.image.resize(images, new, "bilinear").numpy()
    np.testing.assert_allclose(resizing.resize(images, new, "half-pixel"), expected, atol=3e-4)


def test_by_hand():
    row = np.array([0, 4], np.float32).reshape(1, 1, 2, 1)
    expected = {"half-pixel": [0, 1, 3, 4], "antialias": [0, 1, 3, 4], "tf1": [0, 2, 4, 4]}
    for way, values in expected.items():
        np.testing.assert_allclose(resizing.resize(row, (1, 4), way).ravel(), values)


@pytest.mark.parametrize("way", resizing.WAYS)
def test_a_plain_image_stays_plain_and_the_same_size_unchanged(way):
    plain = np.full((1, 10, 7, 3), 93, np.uint8)
    np.testing.assert_allclose(resizing.resize(plain, (23, 5), way), 93, atol=1e-4)
    images = photos((5, 6))
    np.testing.assert_array_equal(resizing.resize(images, (5, 6), way), images)
    assert resizing.resize(images, (5, 6), way).dtype == np.float32
