"""The same street front after dark: the last blue of the sky, street lamps, and windows with somebody at home."""

import numpy as np
from scipy import ndimage

from pix2pix_tf.streets import lighting, shapes, surfaces

# Linear colours, chosen by eye.
ZENITH, HORIZON = np.float32([0.014, 0.034, 0.125]), np.float32([0.130, 0.150, 0.270])
SKYLIGHT = np.float32([0.075, 0.115, 0.235])
LAMPLIGHT = np.float32([0.95, 0.52, 0.20])
ROOM, SHOP = np.float32([1.30, 0.74, 0.27]), np.float32([1.25, 0.86, 0.45])
LAMPS = (0.16, 0.84)  # where the street lamps stand before every house, just outside the picture's lower edge
AT_HOME = 0.17  # panes as bright as this by day, by their curtains or the sky in them, are lit at night


def shade(canvas: surfaces.Canvas, street: shapes.Street) -> np.ndarray:
    """Light a painted canvas as it is at night; nothing is drawn at random, so the day's picture tells all of it.

    Args:
        canvas: the painted scene, the same as by day.
        street: the layout.

    Returns:
        Linear colours, (height, width, 3), from 0, white near 1.
    """
    size = canvas.relief.shape[0]
    sky = ((canvas.glow - 0.9) * 10).clip(0, 1)[..., None]
    lit = _windows(canvas, street)
    spread = ndimage.gaussian_filter(lit, (0.014 * size, 0.014 * size, 0))
    wide = ndimage.gaussian_filter(lit, (0.05 * size, 0.05 * size, 0))
    occlusion = lighting.occlusion(canvas.relief)[..., None]
    above = 1 + 0.5 * lighting.slope(canvas.relief, (0.0, 1.0))[..., None]
    light = SKYLIGHT * occlusion * above + _lamps(canvas) * occlusion + 0.5 * spread + 0.6 * wide
    panes = canvas.glow[..., None] * (1 - sky)
    dark = canvas.colour * light * (1 - 0.6 * panes) + panes * 0.05 * HORIZON
    down = np.linspace(0, 1, size, dtype=np.float32)[:, None, None] ** 0.8
    heaven = (ZENITH + down * (HORIZON - ZENITH)) * (0.7 + 0.5 * canvas.colour.mean(axis=-1, keepdims=True))
    return dark * (1 - sky) + heaven * sky + lit + 0.05 * spread + 0.05 * wide


def _windows(canvas, street):
    """Return the light that comes out of panes and shop windows, linear colours; (size, size, 3)."""
    size = canvas.relief.shape[0]
    light = np.zeros_like(canvas.colour)
    for part in street.parts:
        if part.kind not in ("window", "shop", "door"):
            continue
        left, top, right, bottom = part.pixels(size)
        colour = canvas.colour[top:bottom, left:right]
        pane = (canvas.glow[top:bottom, left:right] * 2).clip(0, 1) * (canvas.glow[top:bottom, left:right] < 0.9)
        inside = pane[..., None] * colour
        brightness = inside.mean(axis=-1).sum() / max(pane.sum(), 1e-3)
        grey = colour.mean(axis=-1, keepdims=True)
        strength = 0.85 if part.kind == "shop" else _at_home(brightness)
        tint = SHOP if part.kind == "shop" else ROOM
        room = (0.32 + 1.5 * grey).clip(0, 1.1) * tint * (0.8 + 0.2 * colour / (grey + 1e-3))
        light[top:bottom, left:right] = strength * pane[..., None] * room
    return light


def _at_home(brightness):
    """Tell how strongly a window is lit by how bright its panes are by day: dark ones not at all."""
    return float(np.clip((brightness - AT_HOME) * 40 + 0.5, 0.0, 1.0)) * 0.8


def _lamps(canvas):
    """Return the light of the street lamps: warm pools on the lower part of the front; (size, size, 3)."""
    size = canvas.relief.shape[0]
    places = (np.arange(size, dtype=np.float32) + 0.5) / size
    across, down = places[None], places[:, None]
    pools = sum(1 / (1 + ((across - x) / 0.24) ** 2 + ((down - 0.97) / 0.30) ** 2) ** 1.6 for x in LAMPS)
    facing = 1 + 0.6 * lighting.slope(canvas.relief, (0.0, -1.0))
    return (pools * facing)[..., None] * LAMPLIGHT


def expose(light: np.ndarray, brightness: float, generator: np.random.Generator) -> np.ndarray:
    """Take the picture: a long exposure, a little grain, a darker rim.

    Args:
        light: linear colours, (size, size, 3).
        brightness: of the wall by day, as in `lighting.expose`.
        generator: source of randomness for the grain.

    Returns:
        uint8, (size, size, 3).
    """
    size = light.shape[0]
    exposure = 1.25 * (0.25 / brightness) ** 0.3
    edge = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    vignette = 1 - 0.16 * (edge[:, None] + edge)
    picture = np.sqrt((light * exposure).clip(0, None)) * vignette[..., None]
    picture = ndimage.gaussian_filter(picture, (*2 * [0.4 * max(size / 256, 0.8)], 0), truncate=2)
    picture = np.where(picture > 0.8, 0.8 + 0.2 * np.tanh((picture - 0.8) / 0.2), picture)
    grain = generator.standard_normal((size, size, 3), np.float32)
    return ((picture + grain * 0.008) * 255).clip(0, 255).astype(np.uint8)
