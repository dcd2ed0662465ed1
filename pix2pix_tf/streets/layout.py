"""What stands where in a synthetic street front: walls, floors, bays and their openings."""

import numpy as np

from pix2pix_tf.streets import shapes, trimmings


def compose(generator: np.random.Generator) -> shapes.Street:
    """Lay out one street front.

    Args:
        generator: source of randomness; nothing but the layout is drawn from it.

    Returns:
        The street, with the wall as its first part.
    """
    wall = _wall(generator)
    modern = generator.random() < 0.1
    moldings, floors = _floors(generator, wall, generator.integers(4, 8) if modern else generator.integers(3, 7))
    bays = _bays(generator, wall, generator.integers(4, 10) if modern else generator.integers(3, 9))
    openings, storefront = _openings(generator, floors, bays, modern)
    upper = [[part for part in row if part.kind == "window"] for row in openings[:-1]]
    rows = [row for row in [*upper, [part for part in openings[-1] if part.kind == "window"]] if row]
    parts = [wall, *moldings, *storefront]
    parts += [part for row in openings for part in row]
    parts += trimmings.sills(generator, rows) + trimmings.blinds(generator, rows)
    parts += trimmings.balconies(generator, [row for row in upper if row])
    if not modern:
        parts += trimmings.cornices(generator, rows) + trimmings.decoration(generator, rows, openings[-1], moldings)
    parts += trimmings.pillars(generator, bays, floors)
    parts += trimmings.neighbours(generator, wall) + trimmings.signs(generator, wall, floors)
    visible = [part for part in parts if part.right > 0 and part.left < 1 and part.bottom > 0 and part.top < 1]
    dormers = any(part.bottom <= wall.top for part in visible)
    return shapes.Street(
        wall, floors[-2], dormers, tuple(sorted(visible, key=lambda part: shapes.DEPTH.index(part.kind)))
    )


def _wall(generator):
    """Place the facade; it fills the picture, leaves a little sky and ground, or shows its neighbours."""
    left, right = generator.choice([0.0, 0.03, 0.1, 0.2], 2, p=[0.3, 0.3, 0.25, 0.15]) * generator.uniform(0.5, 1.2, 2)
    top = generator.choice([0.0, 0.06, 0.16], p=[0.3, 0.4, 0.3]) * generator.uniform(0.5, 1.3)
    bottom = generator.choice([0.0, 0.02, 0.07], p=[0.25, 0.4, 0.35]) * generator.uniform(0.5, 1.3)
    return shapes.Part("facade", left, top, 1 - right, 1 - bottom)


def _floors(generator, wall, count):
    """Cut the wall into floors under a crowning molding; return the moldings and the floors' edges from the top."""
    height = wall.bottom - wall.top
    crown = generator.uniform(0.02, 0.1) * (generator.random() < 0.85)
    weights = np.ones(count) + generator.normal(0, 0.04, count)
    weights[-1] *= generator.uniform(1.0, 1.5)
    weights[0] *= generator.uniform(0.65, 1.05)
    edges = wall.top + crown + np.cumsum([0, *weights]) / weights.sum() * (height - crown)
    moldings = [shapes.Part("molding", wall.left, wall.top, wall.right, edges[0])] if crown else []
    thickness, frequent = generator.uniform(0.01, 0.045), generator.choice([0.15, 0.9], p=[0.7, 0.3])
    for index, edge in enumerate(edges[1:-1], start=1):
        if generator.random() < (0.65 if index == count - 1 else frequent):
            moldings.append(shapes.Part("molding", wall.left, edge - thickness / 2, wall.right, edge + thickness / 2))
    if generator.random() < 0.2:
        moldings.append(shapes.Part("molding", wall.left, wall.bottom - 0.04, wall.right, wall.bottom))
    return moldings, edges


def _bays(generator, wall, count):
    """Cut the wall into vertical bays, mirror-symmetric as most facades are; return their edges from the left."""
    weights = np.ones(count) + generator.normal(0, 0.08, count) * (generator.random() < 0.5)
    weights = (weights + weights[::-1]) / 2
    weights[[0, -1]] *= generator.choice([1.0, generator.uniform(1.0, 1.35)])
    weights[count // 2 : (count + 1) // 2] *= generator.choice([1.0, 1.4])
    margin = generator.uniform(0.0, 0.05) * (wall.right - wall.left)
    return wall.left + margin + np.cumsum([0, *weights]) / weights.sum() * (wall.right - wall.left - 2 * margin)


def _openings(generator, floors, bays, modern):
    """Put windows into the floors and doors, windows or shops on the ground; return rows of parts, and the shops."""
    width = generator.uniform(0.7, 0.94) if modern else generator.choice(generator.uniform([0.34, 0.5], [0.56, 0.66]))
    height, paired = generator.uniform(0.45, 0.65), generator.random() < 0.22
    rows = []
    for top, bottom in zip(floors[:-2], floors[1:-1], strict=True):
        tall = height * generator.uniform(0.85, 1.1)
        cells = zip(bays[:-1], bays[1:], strict=True)
        row = [shapes.place("window", cell, (top, bottom), width, tall, 0.54) for cell in cells]
        rows.append([pane for part in row for pane in (_pair(part) if paired else [part])])
    ground, shops = _ground(generator, (floors[-2], floors[-1]), bays, width)
    return [*rows, ground], shops


def _pair(part):
    """Split a window in two with a pier between."""
    pier = (part.right - part.left) * 0.08
    middle = (part.left + part.right) / 2
    return [part._replace(right=middle - pier), part._replace(left=middle + pier)]


def _ground(generator, down, bays, width):
    """Fill the ground floor: a door in one bay, and in the others windows or, half the time, shops."""
    count, trade = len(bays) - 1, generator.random() < 0.46
    entrance = generator.choice([count // 2, generator.integers(count)]) if generator.random() < 0.72 else -1
    doors, tall = generator.uniform(0.6, 0.85), generator.uniform(0.6, 0.88)
    row, shops = [], []
    for bay, cell in enumerate(zip(bays[:-1], bays[1:], strict=True)):
        if bay == entrance:
            row.append(shapes.place("door", cell, down, min(width * 1.1, 0.7), doors, 1.0))
        elif trade and generator.random() < 0.9:
            shops.append(shapes.place("shop", cell, down, generator.uniform(0.75, 0.93), tall, 1.0))
        else:
            row.append(shapes.place("window", cell, down, width, 0.5, 0.52))
    return row, shops
