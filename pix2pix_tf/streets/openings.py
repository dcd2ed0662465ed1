"""How windows, doors, blinds and shops look.

Every painter takes the canvas of its part alone, the house's taste (`fixtures.Taste`), a source of randomness, the size
of the whole picture in pixels and the part in unit coordinates.
"""

import numpy as np

from pix2pix_tf.streets import surfaces

# Sign boards as seen in the street, displayed colours.
SIGNS = np.array(
    [(120, 36, 34), (36, 66, 48), (40, 52, 88), (40, 38, 36), (176, 172, 162), (150, 124, 60), (84, 62, 46)]
)


def window(canvas, taste, generator, size, part):
    """A pane behind its reveal: dark room, reflected sky, curtains, and the bars of the frame over them."""
    height, width = canvas.relief.shape
    glass = _glass(canvas.relief.shape, taste, generator, part.top)
    wide, tall = part.right - part.left, part.bottom - part.top
    mask = _arch(height, width) if taste.arched and tall > 1.2 * wide else 1.0
    columns, heights = (max(taste.columns, 3) if wide > 1.3 * tall else taste.columns), np.array(taste.rows)
    tilts = generator.normal(1, 0.16, (len(heights) + 1, columns))
    pane_row = np.searchsorted(heights * height, np.arange(height))[:, None]
    glass = glass * tilts[pane_row, np.arange(width) * columns // width, None].astype(np.float32)
    canvas.fill(glass, -taste.reveal, mask, glow=0.55)
    bar, rim = 0.006 * size, 0.008 * size
    upright = _bars(width, np.arange(1, columns) * width / columns, bar, rim)
    bars = 1 - (1 - _bars(height, heights * height, bar, rim))[:, None] * (1 - upright)
    canvas.fill(taste.frame, -0.7 * taste.reveal, bars * 0.95 * mask)


def _glass(shape, taste, generator, height):
    """Colours of a window's pane: (height, width, 3)."""
    rows, columns = (np.arange(count, dtype=np.float32) / count for count in shape)
    rows = rows[:, None]
    draws = generator.random(8)
    room = (0.006 + 0.04 * draws[0] ** 2) * np.array([1.0, 0.95, 0.9], np.float32)
    if draws[1] < 0.04:
        room = np.array([0.45, 0.3, 0.14], np.float32) * (0.5 + draws[2])
    horizon = 1.3 - 1.5 * height + (draws[3] - 0.5) * 1.2
    slant = (draws[4] - 0.5) * 0.8
    mirrored = taste.reflection * ((horizon - rows + slant * columns) * 6).clip(0.12, 1)
    mirrored = mirrored * (0.75 + 0.35 * rows)
    colour = room + mirrored[..., None] * taste.sky
    if draws[5] < taste.curtains:
        colour = colour + _curtain(rows, columns, draws)[..., None] * (np.float32([0.42, 0.4, 0.36]) - colour)
    return colour


def _curtain(rows, columns, draws):
    """Opacity of a window's curtain: drapes at both sides, a net over the lower half, or a shade from the top."""
    folds = 0.8 + 0.2 * np.sin(columns * (25 + 20 * draws[6]) + 9 * draws[7])
    if draws[6] < 0.5:
        return folds * (abs(columns - 0.5) > 0.2 + 0.2 * draws[7]) * (0.75 - 0.1 * rows)
    if draws[6] < 0.75:
        return folds * 0.5 * (rows > 0.3 + 0.4 * draws[7])
    return 0.85 * (rows < 0.2 + 0.6 * draws[7]) + 0 * columns


def _bars(count, positions, width, rim):
    """Coverage of count pixels by bars of a width at positions, and by the rim of the frame at both ends."""
    bars = surfaces.coverage(0, count, 0, rim) + surfaces.coverage(0, count, count - rim, count)
    for position in positions:
        bars += surfaces.coverage(0, count, position - width / 2, position + width / 2)
    return bars.clip(0, 1)


def _arch(height, width):
    """Mask of an opening with a round top."""
    across = np.linspace(-1, 1, width, dtype=np.float32)
    rise = width * 0.42
    up = ((rise - np.arange(height, dtype=np.float32)) / rise).clip(0, None)[:, None]
    return ((1.02 - np.sqrt(across**2 + up**2)) * width * 0.5 + 0.5).clip(0, 1)


def door(canvas, taste, generator, size, part):
    """Two wooden leaves with panels under a pane of glass, or an open passage."""
    height, width = canvas.relief.shape
    mask = _arch(height, width) if taste.arched else 1.0
    wood = taste.wood * generator.uniform(0.9, 1.8)
    pane, glazed = 0.02 + taste.reflection * generator.uniform(0.1, 0.5) * taste.sky, generator.random() < 0.4
    canvas.fill(wood, -2 * taste.reveal, mask)
    canvas.box(0.1, 0.04, 0.9, 0.2, pane, glow=0.3, opacity=0.9)
    for left, right in ((0.1, 0.45), (0.55, 0.9)):
        for top, bottom in ((0.27, 0.6), (0.65, 0.93)):
            canvas.box(left, top, right, bottom, wood * 0.55, -2 * taste.reveal - 0.004)
            inlay = pane if glazed and top < 0.5 else wood * 1.15
            canvas.box(left + 0.05, top + 0.04, right - 0.05, bottom - 0.03, inlay, -2 * taste.reveal)
    canvas.box(0.485, 0.2, 0.515, 1.0, wood * 0.25)


def blind(canvas, taste, generator, size, part):
    """Slats in a frame, weathered, each blind at its own tilt."""
    height = canvas.relief.shape[0]
    hinged = part.bottom - part.top > 2.2 * (part.right - part.left)
    colour = (taste.blind if hinged else taste.shade) * generator.uniform(0.75, 1.2)
    slats = surfaces.stripes(height, 0.0125 * size, 0.005 * size, generator.random())[:, None, None]
    canvas.fill(colour * (1.1 - generator.uniform(0.2, 0.7) * slats), 0.007 if hinged else -0.5 * taste.reveal)
    if hinged:
        for top in (0.0, 0.48, 0.94):
            canvas.box(0, top, 1, top + 0.06, colour, 0.008)
        for left in (0.0, 0.86):
            canvas.box(left, 0, left + 0.14, 1, colour, 0.008)


def shop(canvas, taste, generator, size, part):
    """A sign board; if high enough, with the shop under it: display, frame, plinth, perhaps an awning."""
    height, width = canvas.relief.shape
    hue = surfaces.linear(*generator.choice(SIGNS) * generator.uniform(0.7, 1.1))
    if part.bottom - part.top < 0.05:
        return _sign(canvas, hue, generator)
    room = np.float32([0.10, 0.08, 0.06]) * generator.uniform(0.3, 1.6)
    canvas.fill(room, -0.02, glow=0.5)
    _display(canvas, generator, taste)
    for left in np.linspace(0, 1, generator.integers(2, 4)):
        canvas.box(left - 0.02, 0.15, left + 0.02, 1, taste.metal, -0.008)
    canvas.box(0, 0.9, 1, 1, taste.trim * 0.5, -0.004)
    _sign(canvas.crop(0, 0, width, int(0.2 * height)), hue, generator)
    if generator.random() < taste.awning:
        cloth = surfaces.stripes(width, 0.03 * size, 0.015 * size) * generator.choice([0.0, 0.8])
        region = canvas.crop(0, int(0.17 * height), width, int(0.42 * height))
        cloth = hue + cloth[None, :, None] * (0.7 - hue)
        fall = np.linspace(1.0, 0.75, region.relief.shape[0], dtype=np.float32)[:, None, None]
        region.fill(cloth * fall, 0.06)


def _display(canvas, generator, taste):
    """Goods in a shop window: a lit back wall, coloured things on a low floor, the sky's reflection over them."""
    height, width = canvas.relief.shape
    goods = surfaces.stretch(generator.random((7, 6), np.float32), (height, width))[..., None]
    tints = 0.6 + 0.4 * surfaces.stretch(generator.random((5, 5, 3), np.float32), (height, width))
    low = (np.arange(height, dtype=np.float32) / height)[:, None, None]
    canvas.fill(canvas.colour + goods**3 * tints * (0.1 + 0.5 * low) * generator.uniform(0.1, 0.9), None, glow=0.5)
    canvas.box(0.05, 0.22, 0.95, 0.32, np.float32([0.5, 0.42, 0.3]), opacity=generator.uniform(0, 0.6), glow=0.8)
    slant = generator.uniform(-0.6, 0.6) * np.arange(width, dtype=np.float32) / width
    mirrored = ((generator.uniform(0.2, 1.0) + slant - low[..., 0]) * 7).clip(0.1, 1) * taste.reflection * 0.5
    canvas.fill(taste.sky, None, mirrored, glow=0.5)


def _sign(canvas, hue, generator):
    """A board with something like lettering."""
    height, width = canvas.relief.shape
    canvas.fill(hue, 0.012)
    ink = np.float32([0.8, 0.78, 0.7]) if hue.mean() < 0.35 else np.float32([0.03, 0.03, 0.04])
    letters = (generator.random((4, 4 * generator.integers(4, 10))) < 0.62).astype(np.float32)
    letters[:, 3::4] = 0
    left, right = (round(width * edge) for edge in (generator.uniform(0.04, 0.3), generator.uniform(0.7, 0.96)))
    board = canvas.crop(left, round(0.25 * height), right, round(0.78 * height))
    if min(board.relief.shape):
        board.fill(ink, opacity=surfaces.stretch(letters, board.relief.shape) * 0.85)
