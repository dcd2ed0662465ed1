"""Light on a painted canvas, and the camera that takes the picture."""

import numpy as np
from scipy import ndimage

from pix2pix_tf.streets import surfaces


def shade(canvas: surfaces.Canvas, generator: np.random.Generator) -> np.ndarray:
    """Light a canvas by sun and sky.

    Args:
        canvas: the painted scene.
        generator: source of randomness for the hour and the weather.

    Returns:
        Linear colours, (height, width, 3), from 0, white near 1.
    """
    size = canvas.relief.shape[0]
    strength = generator.choice([0.0, generator.uniform(0.3, 1.0)], p=[0.35, 0.65])
    direction = generator.choice([-1, 1]) * generator.uniform(0.2, 1.1), generator.uniform(0.6, 1.4)
    warmth = generator.uniform(0.0, 0.12)
    sun = np.array([1 + warmth, 1.0, 1 - 1.6 * warmth], np.float32)
    sky = np.array([1 - 0.08 * strength, 1.0, 1 + 0.14 * strength], np.float32)
    shadow = _cast_shadows(canvas.relief, direction) if strength else np.zeros((size, size), np.float32)
    if generator.random() < 0.25:
        shadow = np.maximum(shadow, _opposite(generator, size))
    lit = (1 - shadow) * (1 + 0.9 * slope(canvas.relief, direction))
    ambient = occlusion(canvas.relief) * (1 + 0.5 * slope(canvas.relief, (0.0, 1.0)))
    light = strength * lit[..., None] * sun + (1 - 0.7 * strength) * ambient[..., None] * sky
    light = light / (1 + 0.3 * strength)
    return canvas.colour * (light + canvas.glow[..., None] * (1 - light))


def _cast_shadows(relief: np.ndarray, direction: tuple[float, float]) -> np.ndarray:
    """Find where the sun does not reach, by walking from every point towards it.

    Args:
        relief: (size, size), in picture widths.
        direction: how far right and down the shadow of a unit of relief falls.

    Returns:
        (size, size), 0 in the sun to 1 in shadow.
    """
    size, reach = relief.shape[0], max(abs(direction[0]), direction[1])
    clear = np.pad(relief, 1, constant_values=-1)[1:-1, 1:-1]
    deepest = float(np.percentile(relief[:: max(size // 64, 1), :: max(size // 64, 1)], 2))
    steps = int(np.clip((relief.max() - max(deepest, -0.08)) * reach * size + 1, 1, 48))
    shadow = np.zeros_like(relief)
    for step in range(1, steps + 1):
        travelled = step / size / reach
        moved = _shift(clear, round(direction[0] / reach * step), round(direction[1] / reach * step))
        np.maximum(shadow, (moved - relief - travelled) * (size * reach) + 0.5, out=shadow)
    return shadow.clip(0, 1)


def _shift(image, right, down):
    """Move an image by whole pixels; what comes in at the border repeats it."""
    rows = np.arange(image.shape[0]) - down
    columns = np.arange(image.shape[1]) - right
    return image[rows.clip(0, image.shape[0] - 1)][:, columns.clip(0, image.shape[1] - 1)]


def slope(relief, direction):
    """Tell how much a surface leans towards the light, -1 to 1: edges that face it are bright."""
    rise = ndimage.uniform_filter(relief, 3, mode="nearest")
    towards = rise - _shift(rise, int(np.sign(direction[0]) * (abs(direction[0]) > 0.3)), 1)
    return (towards * relief.shape[0] * 0.25).clip(-0.6, 0.6)


def occlusion(relief):
    """Darken what lies deeper than its surroundings, as under an overcast sky."""
    around = ndimage.uniform_filter(relief, max(relief.shape[0] // 24, 1), mode="nearest")
    return (1 - 22 * (around - relief)).clip(0.25, 1.1)


def _opposite(generator, size):
    """Shadow of the houses across the street: a soft stepped line, everything below it is dark."""
    steps = np.interp(np.linspace(0, 1, size), np.linspace(0, 1, 7), generator.uniform(0.55, 1.15, 7).repeat(1))
    height = np.where(generator.random() < 0.5, steps, steps.mean())
    rows = np.linspace(0, 1, size)[:, None]
    return ((rows - height) * 40).clip(0, 1).astype(np.float32)


def expose(light: np.ndarray, brightness: float, generator: np.random.Generator) -> np.ndarray:
    """Take the picture: haze, vignette, colour cast, a slightly soft lens, grain.

    Args:
        light: linear colours, (size, size, 3).
        brightness: of the wall in linear light, above 0; a camera exposes white walls less than dark ones. It is not
            measured on the picture, or the layout would have a say in how bright the wall appears.
        generator: source of randomness.

    Returns:
        uint8, (size, size, 3).
    """
    size = light.shape[0]
    haze = generator.uniform(0.0, 0.04)
    cast = 1 + generator.normal(0, 0.03, 3).astype(np.float32)
    exposure = generator.uniform(0.95, 1.2) * (0.25 / brightness) ** 0.3
    edge = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    vignette = 1 - generator.uniform(0.0, 0.16) * (edge[:, None] + edge)
    picture = (light * exposure * (1 - haze) + haze * 0.7) * cast * vignette[..., None]
    picture = np.sqrt(picture.clip(0, None))
    grey = picture.mean(axis=-1, keepdims=True)
    picture = grey + (picture - grey) * generator.uniform(0.55, 0.95)
    picture = 0.5 + (picture - 0.5) * generator.uniform(1.05, 1.4)
    picture = ndimage.gaussian_filter(
        picture, (*2 * [generator.uniform(0.3, 0.6) * max(size / 256, 0.8)], 0), truncate=2
    )
    picture = np.where(picture > 0.85, 0.85 + 0.15 * np.tanh((picture - 0.85) / 0.15), picture)
    grain = generator.standard_normal((size, size, 3), np.float32) + generator.standard_normal(
        (size, size, 1), np.float32
    )
    return ((picture + grain * generator.uniform(0.003, 0.01)) * 255).clip(0, 255).astype(np.uint8)
