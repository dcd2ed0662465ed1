import numpy as np
import pytest
import tensorflow as tf
from skimage import color

from pix2pix_tf import images, lab

NAMED = {  # L, a and b of what is brightest in each channel
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.74, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (255, 255, 255): (100, 0, 0),
    (0, 0, 0): (0, 0, 0),
}


def lattice(step):
    """Return every so many levels of red, green and blue as one image, uint8."""
    levels = np.unique([*range(0, 256, step), 255]).astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(len(levels), -1, 3)


def units(lightness, colours):
    """Return network values in units of L, a and b, (..., 3)."""
    return np.concatenate([(np.asarray(lightness) + 1) * 50, np.asarray(colours) * 110], -1)


@pytest.mark.parametrize(("colour", "expected"), NAMED.items())
def test_known_colours(colour, expected):
    found = units(*lab.split(tf.constant(images.to_float(np.uint8([[colour]])))))
    np.testing.assert_allclose(found[0, 0], expected, atol=0.02)


def test_split_is_that_of_scikit_image():
    colours = lattice(15)
    found = units(*lab.split_array(images.to_float(colours)))
    np.testing.assert_allclose(found, color.rgb2lab(colours), atol=2e-4)


def test_colours_lie_where_networks_reach():
    lightness, colours = lab.split_array(images.to_float(lattice(5)))
    assert lightness.min() == pytest.approx(-1, abs=1e-6) and lightness.max() == pytest.approx(1, abs=1e-6)
    assert colours.min() == pytest.approx(-0.981, abs=1e-3) and colours.max() == pytest.approx(0.893, abs=1e-3)


def test_join_is_that_of_scikit_image_where_colours_can_be_shown():
    random = np.random.default_rng(0)
    pixels = np.stack([random.uniform(40, 70, (8, 9)), *random.uniform(-20, 20, (2, 8, 9))], -1)
    found = lab.join(pixels[..., :1] / 50 - 1, pixels[..., 1:] / 110)
    np.testing.assert_allclose((found + 1) / 2, color.lab2rgb(pixels), atol=1e-6)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_colours_of_eight_bits_come_back(step):
    colours = lattice(step)
    back = images.to_uint8(lab.join(*lab.split_array(images.to_float(colours))))
    assert np.abs(back.astype(int) - colours).max() <= 1


def test_greys_come_back_exactly():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, -1)
    lightness, _ = lab.split_array(images.to_float(grey))
    np.testing.assert_array_equal(images.to_uint8(lab.join(lightness, np.zeros((1, 256, 2)))), grey)


def test_the_lightness_stays_whatever_the_colours():
    random = np.random.default_rng(1)
    lightness = random.uniform(-1, 1, (60, 50, 1)).astype(np.float32)
    joined = lab.join(lightness, random.uniform(-1, 1, (60, 50, 2)))
    assert joined.min() >= -1 and joined.max() <= 1
    np.testing.assert_allclose(lab.split_array(joined)[0], lightness, atol=2e-3)  # a tenth of a unit of L


def test_what_cannot_be_shown_keeps_its_hue_and_as_much_of_its_colour_as_can_be():
    lightness = np.full((1, 1, 1), 0.2, np.float32)  # L = 60
    shown = lab.join(lightness, np.float32([[[1.0, 0.5]]]))
    _, colours = lab.split_array(shown)
    clipped = color.rgb2lab(color.lab2rgb(np.float64([[[60, 110, 55]]])))[0, 0, 1:] / 110
    assert np.cross(np.append(colours[0, 0], 0), np.append(clipped, 0))[2] == pytest.approx(0, abs=1e-3)
    stronger = lab.join(lightness, colours * 1.01)
    assert np.abs(images.to_uint8(stronger).astype(int) - images.to_uint8(shown)).max() <= 1
    assert np.abs(shown).max() == pytest.approx(1, abs=0.01), "at the edge of what can be shown"


def test_lightness_of_a_large_image_is_that_of_its_parts(monkeypatch):
    image = np.random.default_rng(2).uniform(-1, 1, (37, 21, 3)).astype(np.float32)
    whole = lab.split_array(image)[0]
    joined = lab.join(whole, np.full((37, 21, 2), 0.1, np.float32))
    monkeypatch.setattr(lab, "PIXELS", 50)
    np.testing.assert_allclose(lab.lightness_of(image), whole, atol=1e-6)
    np.testing.assert_array_equal(lab.join(whole, np.full((37, 21, 2), 0.1, np.float32)), joined)
