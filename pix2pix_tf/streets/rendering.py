"""The photo of a street front: paint, stone and weather over a given layout."""

import numpy as np

from pix2pix_tf.streets import fixtures, lighting, materials, night, scenery, shapes, surfaces

# Displayed colours. Those of walls are the median colours of facades in the photos of the CMP Facade Database (Tylecek
# and Sara, 2013), in clusters; the others are chosen by eye.
WALLS = np.array([
    (130, 126, 118), (120, 115, 108), (139, 142, 141), (150, 134, 111), (168, 153, 133), (107, 97, 86),
    (135, 112, 88), (157, 145, 119), (174, 167, 156), (198, 194, 185), (93, 104, 110), (202, 161, 128),
    (172, 123, 88), (201, 178, 147), (124, 80, 74), (177, 177, 187), (190, 178, 160),
])  # fmt: skip
BRICKS = np.array([(124, 80, 70), (138, 100, 78), (112, 84, 74), (160, 118, 86), (150, 128, 100), (104, 72, 62)])
STONES = np.array([(160, 156, 146), (140, 131, 117), (175, 166, 150), (118, 114, 109), (148, 136, 119)])
FRAMES = np.array([(215, 212, 205), (225, 222, 215), (95, 70, 50), (60, 52, 48), (150, 140, 125), (80, 90, 85)])
BLINDS = np.array([(48, 76, 58), (104, 50, 42), (98, 78, 58), (170, 165, 152), (88, 96, 100), (66, 70, 56)])
SHADES = np.array([(176, 172, 160), (150, 140, 122), (120, 116, 110), (190, 186, 178)])
PANES = ((), (0.3,), (0.5,), (0.25, 0.62), (1 / 3, 2 / 3), (0.28, 0.52, 0.76))  # where the bars cross
WOODS = np.array([(80, 52, 36), (55, 38, 30), (48, 62, 54), (95, 75, 55), (60, 62, 68)])


def photo(street: shapes.Street, image_size: int, generator: np.random.Generator, time: str = "day") -> np.ndarray:
    """Render a street front as a camera would see it.

    Args:
        street: the layout.
        image_size: side of the picture in pixels.
        generator: source of randomness for everything that the layout leaves open.
        time: "day" or "night". Houses, paint, cars and passers-by are the same at both.

    Returns:
        uint8, (image_size, image_size, 3), 0 to 255.
    """
    material = str(generator.choice(list(materials.MATERIALS), p=[0.42, 0.2, 0.12, 0.16, 0.1]))
    wall = pick(generator, BRICKS if material == "brick" else WALLS, 8) * 1.06
    taste = choose_taste(generator, surfaces.linear(*wall))
    weather, details = generator.spawn(2)
    canvas = surfaces.blank(image_size)
    scenery.background(canvas, street, WALLS, details)
    _walls(canvas, street, taste, material, details)
    for part in street.parts[1:]:
        if part.kind in ("window", "door"):
            fixtures.surround(canvas, part, taste, least=0.008 * (part.bottom <= street.wall.top))
    for part in street.parts[1:]:
        fixtures.paint(canvas, part, taste, details)
    weather_surfaces(canvas, details)
    scenery.foreground(canvas, street.wall, details)
    if time == "night":
        return night.expose(night.shade(canvas, street), taste.wall.mean(), weather)
    return lighting.expose(lighting.shade(canvas, weather), taste.wall.mean(), weather)


def choose_taste(generator: np.random.Generator, wall: np.ndarray) -> fixtures.Taste:
    """Choose the colours and habits of one house.

    Args:
        generator: source of randomness.
        wall: its paint, linear, (3,).
    """
    stone = surfaces.linear(*pick(generator, STONES, 8))
    likeness = generator.choice([0.0, 0.6, 1.0], p=[0.3, 0.4, 0.3])
    return fixtures.Taste(
        wall=wall,
        trim=(stone + likeness * (wall * generator.uniform(0.75, 1.15) - stone)).clip(0.02, 0.85),
        frame=surfaces.linear(*pick(generator, FRAMES, 6)),
        blind=surfaces.linear(*pick(generator, BLINDS, 10)),
        shade=surfaces.linear(*pick(generator, SHADES, 10)),
        metal=surfaces.linear(*generator.uniform(20, 55) * np.ones(3)),
        wood=surfaces.linear(*pick(generator, WOODS, 8)),
        sky=np.float32([0.62, 0.68, 0.75]) * np.float32(generator.uniform(0.6, 1.2)),
        reveal=generator.uniform(0.008, 0.022),
        surround=generator.choice([0.0, generator.uniform(0.004, 0.014)]),
        columns=int(generator.integers(1, 4)),
        rows=PANES[generator.integers(len(PANES))],
        arched=bool(generator.random() < 0.2),
        pediment=bool(generator.random() < 0.35),
        dentils=bool(generator.random() < 0.5),
        railing=str(generator.choice(["iron", "balusters", "parapet"], p=[0.6, 0.2, 0.2])),
        reflection=generator.uniform(0.04, 0.55),
        curtains=generator.uniform(0.1, 0.8),
        awning=generator.choice([0.0, 0.8]),
    )


def pick(generator: np.random.Generator, palette: np.ndarray, spread: float) -> np.ndarray:
    """Pick a displayed colour near one of a palette, (n, 3) to (3,)."""
    return palette[generator.integers(len(palette))] + generator.normal(0, spread) + generator.normal(0, spread / 2, 3)


def weather_surfaces(canvas: surfaces.Canvas, generator: np.random.Generator) -> None:
    """Roughen every surface that is not sky or glass: no paint is flat."""
    shape = canvas.relief.shape
    grain = sum(surfaces.noise(generator, shape, (cells, cells)) * 0.035 for cells in (50, 150, 400))
    tint = surfaces.noise(generator, shape, (40, 40))[..., None] * np.float32([0.03, 0.0, -0.04])
    canvas.colour[...] *= 1 + (1 - canvas.glow[..., None]) * (grain[..., None] + tint)


def _walls(canvas, street, taste, upper, generator):
    """Paint the facade in its material, the ground floor often in another, and rain pipes at its sides."""
    size = canvas.relief.shape[0]
    lower = generator.choice([upper, *materials.MATERIALS])
    base = taste.wall if generator.random() < 0.5 else taste.trim * generator.uniform(0.6, 1.0)
    left, top, right, bottom = street.wall.pixels(size)
    ground = min(max(round(street.ground_floor * size), top), bottom)
    for material, colour, first, last in ((upper, taste.wall, top, ground), (lower, base, ground, bottom)):
        factor, relief = materials.texture(str(material), generator, size)
        region = canvas.crop(left, first, right, last)
        region.fill(colour * factor[first:last, left:right, None], relief[first:last, left:right])
    soil(canvas, street.wall, generator)
    for x in (left, right - 0.008 * size)[: generator.integers(3)]:
        canvas.box(x / size, top / size, x / size + 0.007, bottom / size, taste.metal * 4, 0.012)


def soil(canvas: surfaces.Canvas, wall: shapes.Part, generator: np.random.Generator) -> None:
    """Darken the facade in clouds, in streaks of rain, and towards the ground."""
    size = canvas.relief.shape[0]
    left, top, right, bottom = wall.pixels(size)
    dirt = 1 + surfaces.noise(generator, (size, size), (6, 5)) * generator.uniform(0.03, 0.12)
    dirt += surfaces.noise(generator, (size, size), (5, 60)) * generator.uniform(0.0, 0.07)
    splashed = 0.35 * np.exp((np.arange(size)[:, None] / size - wall.bottom) * 22) * generator.random()
    canvas.crop(left, top, right, bottom).colour[...] *= (dirt - splashed)[top:bottom, left:right, None].clip(0.2, None)
