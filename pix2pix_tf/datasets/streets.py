"""What stands where in a synthetic street front: its parts as rectangles, in unit coordinates, from back to front."""

import itertools
from typing import NamedTuple

import numpy as np

# Painting order: what stands in front comes later. Facade is the wall; background needs no part of its own.
DEPTH = "facade molding pillar cornice window door sill blind deco balcony shop".split()


class Part(NamedTuple):
    """Hold one rectangle of a street front; x runs right and y down, both from 0 to 1 over the picture."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, image_size: int) -> tuple[int, int, int, int]:
        """Round to whole pixels, at least one of them, inside the picture.

        Args:
            image_size: Side of the picture in pixels.

        Returns:
            left, top, right, bottom, with 0 <= left < right <= image_size and the same for top and bottom.
        """
        left, top = (min(max(round(edge * image_size), 0), image_size - 1) for edge in (self.left, self.top))
        right, bottom = (min(round(edge * image_size), image_size) for edge in (self.right, self.bottom))
        return left, top, max(right, left + 1), max(bottom, top + 1)


class Street(NamedTuple):
    """Hold a layout: the facade's wall, the line above its ground floor, whether a roof with windows shows, and every part."""

    wall: Part
    ground_floor: float
    dormers: bool
    parts: tuple[Part, ...]


def layout(generator: np.random.Generator) -> Street:
    """Lay out one street front.

    Args:
        generator: Source of randomness; nothing but the layout is drawn from it.

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
    parts += _sills(generator, rows) + _blinds(generator, rows) + _balconies(generator, [row for row in upper if row])
    if not modern:
        parts += _cornices(generator, rows) + _decoration(generator, rows, openings[-1], moldings)
    parts += _pillars(generator, bays, floors)
    parts += _neighbours(generator, wall) + _signs(generator, wall, floors)
    visible = [part for part in parts if part.right > 0 and part.left < 1 and part.bottom > 0 and part.top < 1]
    dormers = any(part.bottom <= wall.top for part in visible)
    return Street(wall, floors[-2], dormers, tuple(sorted(visible, key=lambda part: DEPTH.index(part.kind))))


def _wall(generator):
    """Place the facade; it fills the picture, leaves a little sky and ground, or shows its neighbours."""
    left, right = generator.choice([0.0, 0.03, 0.1, 0.2], 2, p=[0.3, 0.3, 0.25, 0.15]) * generator.uniform(0.5, 1.2, 2)
    top = generator.choice([0.0, 0.06, 0.16], p=[0.3, 0.4, 0.3]) * generator.uniform(0.5, 1.3)
    bottom = generator.choice([0.0, 0.02, 0.07], p=[0.25, 0.4, 0.35]) * generator.uniform(0.5, 1.3)
    return Part("facade", left, top, 1 - right, 1 - bottom)


def _floors(generator, wall, count):
    """Cut the wall into floors under a crowning molding; return the moldings and the floors' edges from the top."""
    height = wall.bottom - wall.top
    crown = generator.uniform(0.02, 0.1) * (generator.random() < 0.85)
    weights = np.ones(count) + generator.normal(0, 0.04, count)
    weights[-1] *= generator.uniform(1.0, 1.5)
    weights[0] *= generator.uniform(0.65, 1.05)
    edges = wall.top + crown + np.cumsum([0, *weights]) / weights.sum() * (height - crown)
    moldings = [Part("molding", wall.left, wall.top, wall.right, edges[0])] if crown else []
    thickness, frequent = generator.uniform(0.01, 0.045), generator.choice([0.15, 0.9], p=[0.7, 0.3])
    for index, edge in enumerate(edges[1:-1], start=1):
        if generator.random() < (0.65 if index == count - 1 else frequent):
            moldings.append(Part("molding", wall.left, edge - thickness / 2, wall.right, edge + thickness / 2))
    if generator.random() < 0.2:
        moldings.append(Part("molding", wall.left, wall.bottom - 0.04, wall.right, wall.bottom))
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
        row = [_opening("window", cell, (top, bottom), width, tall, 0.54) for cell in cells]
        rows.append([pane for part in row for pane in (_pair(part) if paired else [part])])
    ground, shops = _ground(generator, (floors[-2], floors[-1]), bays, width)
    return [*rows, ground], shops


def _opening(kind, across, down, width, height, centre):
    """Place an opening of relative width and height inside a cell, with its middle at centre of the cell's height."""
    middle, half = (across[0] + across[1]) / 2, (across[1] - across[0]) * width / 2
    tall = (down[1] - down[0]) * height
    top = min(down[0] + centre * (down[1] - down[0]) - tall / 2, down[1] - tall)
    return Part(kind, middle - half, top, middle + half, top + tall)


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
            row.append(_opening("door", cell, down, min(width * 1.1, 0.7), doors, 1.0))
        elif trade and generator.random() < 0.9:
            shops.append(_opening("shop", cell, down, generator.uniform(0.75, 0.93), tall, 1.0))
        else:
            row.append(_opening("window", cell, down, width, 0.5, 0.52))
    return row, shops


def _cornices(generator, rows):
    """Put cornices over the windows of some floors."""
    share = generator.choice([0.0, 0.6, 1.0], p=[0.22, 0.43, 0.35])
    height, reach, gap = generator.uniform(0.012, 0.05), generator.uniform(0.004, 0.02), generator.uniform(0.0, 0.01)
    chosen = [row for row in rows if generator.random() < share]
    return [
        Part("cornice", part.left - reach, part.top - gap - height, part.right + reach, part.top - gap)
        for row in chosen
        for part in row
    ]


def _sills(generator, rows):
    """Put sills, low ones or whole panels, under the windows of most floors."""
    share = generator.choice([0.0, 0.6, 1.0], p=[0.04, 0.42, 0.54])
    height, reach = generator.choice([0.014, 0.045], p=[0.6, 0.4]) * generator.uniform(0.7, 1.3), 0.006
    chosen = [row for row in rows if generator.random() < share]
    return [
        Part("sill", part.left - reach, part.bottom, part.right + reach, part.bottom + height)
        for row in chosen
        for part in row
    ]


def _blinds(generator, rows):
    """Hang open shutters beside windows, or roll blinds down over some of them."""
    mode = generator.choice(["none", "shutters", "rolled"], p=[0.66, 0.25, 0.09])
    if mode == "none":
        return []
    parts, share = [], generator.choice([0.25, 0.8])
    gap = min((after.left - before.right for row in rows for before, after in itertools.pairwise(row)), default=0.1)
    for part in [part for row in rows for part in row if generator.random() < share]:
        half, tall = min((part.right - part.left) * 0.46, gap * 0.49), part.bottom - part.top
        if mode == "rolled":
            parts.append(part._replace(kind="blind", bottom=part.top + tall * generator.choice([0.3, 0.55, 1.0])))
        else:
            parts.append(part._replace(kind="blind", left=part.left - half, right=part.left))
            parts.append(part._replace(kind="blind", left=part.right, right=part.right + half))
    return parts


def _balconies(generator, rows):
    """Hang balconies before the windows: one, one to a window, or one along a floor."""
    mode = generator.choice(["none", "single", "windows", "floor"], p=[0.2, 0.15, 0.35, 0.3])
    if mode == "none" or not rows:
        return []
    rise, reach = generator.uniform(0.32, 0.55), generator.uniform(0.008, 0.025)
    chosen = [row for row in rows if generator.random() < 0.5] or rows[-1:]
    if mode == "single":
        chosen = [[row[len(row) // 2]] for row in chosen]
    elif mode == "floor":
        chosen = [[row[0]._replace(right=row[-1].right)] for row in chosen]
    return [
        Part("balcony", part.left - reach, part.bottom - rise * (part.bottom - part.top), part.right + reach,
             part.bottom + 0.012)
        for row in chosen
        for part in row
    ]  # fmt: skip


def _pillars(generator, bays, floors):
    """Stand pilasters between the bays, over the upper floors or the ground floor alone."""
    if generator.random() > 0.28:
        return []
    half, top, bottom = generator.uniform(0.006, 0.014), *generator.choice([(0, -2), (0, -1), (-2, -1), (1, -2)])
    edges = bays[[0, -1]] if generator.random() < 0.3 else bays
    top, bottom = floors[top], floors[bottom]
    return [Part("pillar", x - half, min(top, bottom - 0.05), x + half, bottom) for x in edges]


def _decoration(generator, rows, ground, moldings):
    """Add reliefs: panels over windows, a cartouche over the door, a frieze in the crowning molding."""
    parts = []
    if generator.random() < 0.5:
        for part in rows[generator.integers(len(rows))]:
            parts.append(part._replace(kind="deco", bottom=part.top - 0.008, top=part.top - 0.08))
    if generator.random() < 0.4:
        doors = [part for part in ground if part.kind == "door"]
        parts += [part._replace(kind="deco", bottom=part.top, top=part.top - 0.05) for part in doors]
    if generator.random() < 0.35 and moldings:
        crown, half = moldings[0], generator.uniform(0.01, 0.03)
        inset = (crown.bottom - crown.top) * 0.15
        for x in np.linspace(crown.left, crown.right, generator.integers(4, 16))[1:-1]:
            parts.append(Part("deco", x - half, crown.top + inset, x + half, crown.bottom - inset))
    return parts


def _neighbours(generator, wall):
    """Show windows of the houses on either side, where there is room."""
    parts, rows = [], generator.integers(3, 7)
    for left, right in ((-0.05, wall.left), (wall.right, 1.05)):
        if right - left < 0.09 or generator.random() < 0.15:
            continue
        pitch, width = generator.uniform(0.1, 0.14), generator.uniform(0.35, 0.6)
        edge = right - pitch if left < 0 else left
        for top in np.linspace(wall.top + 0.05, wall.bottom - 0.14, rows):
            for x in (edge, edge - pitch if left < 0 else edge + pitch):
                parts.append(_opening("window", (x, x + pitch), (top, top + 0.12), width, 0.65, 0.5))
    if wall.top > 0.13 and generator.random() < 0.5:
        for x in np.linspace(wall.left, wall.right, generator.integers(3, 7))[1:-1]:
            parts.append(Part("window", x - 0.016, wall.top * 0.62, x + 0.016, wall.top * 0.85))
    return parts


def _signs(generator, wall, floors):
    """Hang shop signs over the ground floor now and then."""
    if generator.random() > 0.5:
        return []
    width, height = generator.uniform(0.1, 0.4), generator.uniform(0.018, 0.04)
    left = generator.uniform(wall.left, wall.right - width)
    return [Part("shop", left, floors[-2] - height / 2, left + width, floors[-2] + height / 2)]
