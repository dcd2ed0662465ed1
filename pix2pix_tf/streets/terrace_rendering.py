"""The photo of a terrace: every house in a paint and taste of its own, one light and weather over all."""

import itertools

import numpy as np

from pix2pix_tf.streets import fixtures, lighting, materials, rendering, scenery, shapes, surfaces

# Displayed colours of painted plaster, chosen by eye; those of brick and stone are `rendering`'s.
PAINTS = np.array([
    (188, 92, 74), (208, 152, 84), (220, 192, 124), (142, 156, 118), (104, 138, 146), (106, 126, 162), (148, 126, 148),
    (212, 164, 148), (226, 220, 204), (122, 124, 124), (172, 124, 94), (84, 100, 96), (184, 198, 198), (138, 68, 64),
])  # fmt: skip
APART = 60  # least distance of the displayed colours of two neighbouring walls
TRIES = 16
MOST_HOUSES = 4


def photo(houses: tuple[shapes.Street, ...], image_size: int, generator: np.random.Generator) -> np.ndarray:
    """Render a terrace as a camera would see it.

    Args:
        houses: the layout, from left to right.
        image_size: side of the picture in pixels.
        generator: source of randomness for everything that the layout leaves open.

    Returns:
        uint8, (image_size, image_size, 3), 0 to 255.
    """
    tastes = choose_tastes(generator, len(houses))
    weather, details = generator.spawn(2)
    canvas = surfaces.blank(image_size)
    scenery.terrace_background(canvas, houses, details)
    for house, (material, taste) in zip(houses, tastes, strict=True):
        _walls(canvas, house, taste, material, details)
    for house, (_, taste) in zip(houses, tastes, strict=True):
        _fixtures(canvas, house, taste, details)
    rendering.weather_surfaces(canvas, details)
    scenery.foreground(canvas, houses[0].wall, details)
    brightness = np.mean([taste.wall.mean() for _, taste in tastes])
    return lighting.expose(lighting.shade(canvas, weather), brightness, weather)


def choose_tastes(generator: np.random.Generator, count: int) -> list[tuple[str, fixtures.Taste]]:
    """Choose the material and the taste of every house; the walls of neighbours differ in colour.

    Args:
        generator: source of randomness.
        count: number of houses, 1 to MOST_HOUSES.

    Returns:
        For every house one of `materials.MATERIALS`, and its taste.
    """
    chosen, beside = [], np.full(3, np.inf)
    for house in generator.spawn(MOST_HOUSES)[:count]:  # the weather does not depend on how many there are
        material = str(house.choice(list(materials.MATERIALS), p=[0.5, 0.26, 0.06, 0.14, 0.04]))
        beside = _paint(house, material, beside)
        chosen.append((material, rendering.choose_taste(house, surfaces.linear(*beside))))
    return chosen


def _paint(generator, material, beside):
    """Pick a displayed colour for a wall, apart from that beside it."""
    palette = {"brick": rendering.BRICKS, "ashlar": rendering.STONES}.get(material, PAINTS)
    for _ in range(TRIES):
        colour = (rendering.pick(generator, palette, 8) * 1.06).clip(0, 255)
        if np.linalg.norm(colour - beside) > APART:
            return colour
        palette = PAINTS  # brick beside brick is painted
    return 255 - beside


def _walls(canvas, house, taste, upper, generator):
    """Paint the wall of a house in one colour, the ground floor at times in another material; rain pipes beside it."""
    size = canvas.relief.shape[0]
    lower = str(generator.choice([upper, *materials.MATERIALS], p=[0.5, *[0.1] * 5]))
    ground = round(house.ground_floor * size)
    textures = {name: materials.texture(name, generator, size) for name in dict.fromkeys((upper, lower))}
    for part in [part for part in house.parts if part.kind == "facade"]:
        left, top, right, bottom = part.pixels(size)
        for material, first, last in ((upper, top, min(bottom, ground)), (lower, max(top, ground), bottom)):
            if first < last:
                factor, relief = (np.broadcast_to(values, (size, size)) for values in textures[material])
                region = canvas.crop(left, first, right, last)
                region.fill(taste.wall * factor[first:last, left:right, None], relief[first:last, left:right])
    wall = house.wall
    rendering.soil(canvas, wall, generator)
    if generator.random() < 0.5:
        canvas.box(wall.right - 0.008, wall.top, wall.right - 0.001, wall.bottom, taste.metal * 4, 0.012)


def _fixtures(canvas, house, taste, generator):
    """Paint what is on a wall, and the posts between things that touch."""
    others = [part for part in house.parts if part.kind != "facade"]
    for part in others:
        if part.kind in ("window", "door"):
            fixtures.surround(canvas, part, taste, least=0.008 * (part.bottom <= house.wall.top))
    for kind, parts in itertools.groupby(others, key=lambda part: part.kind):
        parts = list(parts)
        for part in parts:
            fixtures.paint(canvas, part, taste, generator)
        _seams(canvas, kind, parts, taste)


def _seams(canvas, kind, parts, taste):
    """Paint a post or beam, two pixels at least, where two parts of one kind touch."""
    size = canvas.relief.shape[0]
    half = max(0.0045, 1 / size)
    colour, relief = {"balcony": (taste.metal, 0.05), "shop": (taste.wood * 2, 0.014)}.get(kind, (taste.trim, 0.004))
    for one, other in itertools.permutations(parts, 2):
        top, bottom = max(one.top, other.top), min(one.bottom, other.bottom)
        if one.right == other.left and top < bottom:
            canvas.box(one.right - half, top, one.right + half, bottom, colour, relief)
        left, right = max(one.left, other.left), min(one.right, other.right)
        if one.bottom == other.top and left < right:
            canvas.box(left, one.bottom - half, right, one.bottom + half, colour, relief)
