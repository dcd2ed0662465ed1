"""What surrounds a house in a picture: sky, roof and neighbours behind it, pavement, cars and trees before it."""

import numpy as np

from pix2pix_tf.streets import materials, shapes, surfaces

ROOFS = np.array([(104, 66, 52), (76, 74, 76), (90, 78, 68), (84, 56, 48)])
CARS = np.array([(150, 150, 152), (45, 46, 50), (190, 190, 188), (90, 32, 34), (48, 60, 84), (110, 112, 112)])
# Outlines of a car and of its windows: places along it, and how high it is there, both from 0 to 1.
BODY = ([0, 0.02, 0.2, 0.33, 0.7, 0.86, 0.98, 1], [0.4, 0.55, 0.62, 1, 0.97, 0.64, 0.56, 0.35])
CABIN = ([0.22, 0.35, 0.51, 0.515, 0.54, 0.545, 0.69, 0.8], [0.6, 0.92, 0.92, 0.6, 0.6, 0.92, 0.9, 0.6])
LEAVES = np.array([(58, 72, 36), (74, 82, 44), (44, 58, 34), (70, 58, 44)])


def background(canvas: surfaces.Canvas, street: shapes.Street, walls: np.ndarray, generator) -> None:
    """Paint what lies behind and beside the facade, and the ground before it.

    Args:
        canvas: the whole picture.
        street: the layout.
        walls: colours, as displayed, for the neighbours' walls, (n, 3).
        generator: source of randomness.
    """
    wall = street.wall
    _sky(canvas, generator)
    if street.dormers or (wall.top > 0.02 and generator.random() < 0.75):
        _roof(canvas, wall, generator)
    for left, right in ((-0.1, wall.left), (wall.right, 1.1)):
        colour = walls[generator.integers(len(walls))] * generator.uniform(0.8, 1.1)
        _neighbour(
            canvas, left, right, wall.top * generator.uniform(0.0, 1.25) - 0.05, surfaces.linear(*colour), generator
        )
    _ground(canvas, wall.bottom, generator)


def terrace_background(canvas: surfaces.Canvas, houses: tuple[shapes.Street, ...], generator) -> None:
    """Paint what lies behind a terrace, the roofs of the houses without gables, and the ground before it.

    Args:
        canvas: the whole picture.
        houses: the layout, from left to right.
        generator: source of randomness.
    """
    _sky(canvas, generator)
    for house in houses:
        gabled = any(part.kind == "facade" for part in house.parts[1:])
        if house.dormers or (not gabled and generator.random() < 0.75):
            _roof(canvas, house.wall, generator, lean=0.12)
    _ground(canvas, houses[0].wall.bottom, generator)


def foreground(canvas: surfaces.Canvas, wall: shapes.Part, generator: np.random.Generator) -> None:
    """Let things stand in the way now and then: a car, a passer-by, a tree, a lamp post, wires.

    Args:
        canvas: the whole picture.
        wall: the facade's rectangle.
        generator: source of randomness.
    """
    size = canvas.relief.shape[0]
    for _ in range(generator.choice([0, 1, 2, 4], p=[0.6, 0.15, 0.15, 0.1])):
        _passer_by(canvas, generator.uniform(0, 1), wall.bottom + generator.uniform(0.0, 0.015), generator)
    for _ in range(generator.choice([0, 1, 2], p=[0.72, 0.18, 0.1])):
        length = generator.uniform(0.2, 0.32)
        left, bottom = generator.uniform(-0.15, 0.95), max(wall.bottom + 0.03, 0.99) + generator.uniform(0.0, 0.03)
        part = shapes.Part("car", left, bottom - length * 0.36, left + length, bottom)
        _car(canvas, part, generator)
    if generator.random() < 0.1:
        _tree(canvas, generator)
    if generator.random() < 0.15:
        x, top = generator.uniform(0.05, 0.95), generator.uniform(0.3, 0.7)
        canvas.box(x, top, x + 0.006, 1, surfaces.linear(50, 52, 50), 0.08)
        canvas.box(x - 0.012, top - 0.035, x + 0.018, top, surfaces.linear(150, 150, 140), 0.08)
    if generator.random() < 0.15:
        height, sag, columns = generator.uniform(0.05, 0.6), generator.uniform(-0.06, 0.06), np.linspace(-1, 1, size)
        line = (height + sag * columns) * size
        distance = abs(np.arange(size)[:, None] + 0.5 - line)
        canvas.fill(surfaces.linear(40, 40, 42), opacity=(0.003 * size + 0.3 - distance).clip(0, 0.8))


def _sky(canvas, generator):
    """Paint the sky: clear, cloudy or, most often, white."""
    shape = canvas.relief.shape
    cover = generator.choice([0.0, 0.6, 1.6], p=[0.25, 0.3, 0.45])
    down = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None, None]
    blue = np.float32([0.3, 0.44, 0.7]) + down * np.float32([0.5, 0.45, 0.25])
    white = np.float32([0.88, 0.89, 0.9]) * generator.uniform(0.75, 1.1)
    clouds = sum(surfaces.noise(generator, shape, (3 * scale, 2 * scale)) * 0.5 / scale**0.7 for scale in (1, 2, 4, 9))
    opacity = (clouds * 0.8 + 1.4 * cover - 0.4).clip(0, 1)[..., None]
    canvas.fill(blue + opacity * (white - blue), -0.3, glow=1.0)


def _neighbour(canvas, left, right, top, colour, generator):
    """Paint the house next door, standing a little back, with bands between its floors and a pipe at the corner."""
    size = canvas.relief.shape[0]
    factor, relief = materials.texture("rusticated" if generator.random() < 0.3 else "plaster", generator, size)
    first, last = round(max(left, 0) * size), round(min(right, 1) * size)
    start = min(max(round(top * size), 0), size)
    bands = generator.uniform(0.0, 0.5) + np.arange(4) * generator.uniform(0.15, 0.25)
    if last <= first or start >= size:
        return
    canvas.crop(first, start, last, size).fill(
        colour * factor[start:, first:last, None], relief[start:, first:last] - 0.03
    )
    for band in bands:
        canvas.crop(first, start, last, size).box(0, band, 1, band + 0.015, colour * 1.1, -0.012)
    if left > 0.5:
        canvas.box(left, top, left + 0.008, 1, surfaces.linear(88, 82, 76), 0.01)


def _roof(canvas, wall, generator, lean=0.6):
    """Paint a roof of tiles or slate over the facade; its sides lean inwards by at most as much as given."""
    size = canvas.relief.shape[0]
    colour = surfaces.linear(*ROOFS[generator.integers(len(ROOFS))] * generator.uniform(0.8, 1.15))
    ridge, lean = wall.top * generator.uniform(0.0, 0.6), generator.uniform(0.0, lean)
    left, top, right, bottom = shapes.Part("", wall.left, ridge, wall.right, wall.top).pixels(size)
    region = canvas.crop(left, top, right, bottom)
    height, width = region.relief.shape
    across, down = np.arange(width)[None], np.arange(height)[:, None]
    inset = (height - down) * lean * (wall.left > 0.01 or wall.right < 0.99)
    inside = ((across - inset).clip(0, 1) * (width - across - inset).clip(0, 1)).astype(np.float32)
    tiles = 1 - 0.25 * surfaces.stripes(height, 0.012 * size, 0.004 * size)[:, None]
    grain = 1 + 0.09 * surfaces.noise(generator, (height, width), (30, 90))
    region.fill(colour * (tiles * grain)[..., None], -0.02, inside)
    for x in generator.uniform(0.1, 0.85, generator.integers(0, 3)):
        region.box(x, -0.3, x + 0.04, 0.4, surfaces.linear(104, 84, 72), 0.0)


def _ground(canvas, top, generator):
    """Paint the pavement, the kerb and the road in front of the facade."""
    size = canvas.relief.shape[0]
    region = canvas.crop(0, min(round(top * size), size - 1), size, size)
    grey, kerb = (
        surfaces.linear(*generator.uniform(75, 140) * np.float32([1.02, 1.0, 0.97])),
        generator.uniform(0.3, 0.6),
    )
    grain = 1 + 0.1 * surfaces.noise(generator, region.relief.shape, (12, 200))
    if round(top * size) >= size:
        return
    region.fill(grey * grain[..., None], 0.0)
    region.box(0, kerb, 1, 1, grey * 0.5)
    region.box(0, kerb, 1, kerb + 0.08, grey * 1.2)


def _car(canvas, part, generator):
    """Paint a parked car from the side."""
    size = canvas.relief.shape[0]
    width, height = max(round((part.right - part.left) * size), 2), max(round((part.bottom - part.top) * size), 2)
    left, top = round(part.left * size), round(part.top * size)
    colour = surfaces.linear(*CARS[generator.integers(len(CARS))] * generator.uniform(0.8, 1.1))
    along, up = np.linspace(0, 1, width)[:: generator.choice([-1, 1])], np.linspace(1, 0, height)[:, None]
    region = canvas.crop(left, top, left + width, top + height)
    visible = slice(0, region.relief.shape[0]), slice(max(-left, 0), max(-left, 0) + region.relief.shape[1])
    body = ((np.interp(along, *BODY) - up) * height).clip(0, 1) * (up > 0.15)
    region.fill(colour * (0.75 + 0.5 * up[..., None])[visible[0]], 0.05, body[visible])
    glass = ((np.interp(along, *CABIN) - up) * height).clip(0, 1) * (up > 0.62)
    region.fill(np.float32([0.05, 0.06, 0.07]), 0.045, glass[visible])
    for hub in (0.2, 0.8):
        distance = np.hypot((along - hub) * width, (up - 0.19) * height)
        region.fill(0.01, 0.055, (0.19 * height - distance + 0.5).clip(0, 1)[visible])
        region.fill(0.2, 0.055, (0.1 * height - distance + 0.5).clip(0, 1)[visible])


def _passer_by(canvas, x, feet, generator):
    """Paint somebody walking past."""
    tall = generator.uniform(0.06, 0.08)
    coat, trousers = (surfaces.linear(*(generator.uniform(20, 120) + generator.normal(0, 9, 3))) for _ in range(2))
    canvas.box(x - 0.13 * tall, feet - 0.5 * tall, x + 0.13 * tall, feet, trousers * 0.5, 0.06, opacity=0.9)
    canvas.box(x - 0.17 * tall, feet - 0.87 * tall, x + 0.17 * tall, feet - 0.45 * tall, coat * 0.7, 0.06)
    canvas.box(x - 0.07 * tall, feet - tall, x + 0.07 * tall, feet - 0.86 * tall, surfaces.linear(140, 105, 85), 0.06)


def _tree(canvas, generator):
    """Paint a tree or a bush in front of the house, with the wall showing through its leaves."""
    size = canvas.relief.shape[0]
    x, y, radius = generator.uniform(0, 1), generator.uniform(0.75, 1.0), generator.uniform(0.08, 0.2)
    rows, columns = np.arange(size)[:, None] / size, np.arange(size) / size
    inside = 1 - np.hypot(columns - x, (rows - y) * 0.8) / radius
    coarse, fine = (
        surfaces.noise(generator, (size, size), (24, 24)),
        surfaces.noise(generator, (size, size), (110, 110)),
    )
    leaves = ((inside + 0.25 * coarse + 0.3 * fine - 0.1) * 3).clip(0, 0.97).astype(np.float32)
    colour = surfaces.linear(*LEAVES[generator.integers(len(LEAVES))])
    canvas.fill(colour * (1 + 0.45 * fine + 0.25 * coarse).clip(0.15, None)[..., None], 0.05, leaves)
