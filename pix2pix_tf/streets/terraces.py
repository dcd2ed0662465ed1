"""What stands where in a terrace: narrow houses wall to wall, whose windows and shops touch one another."""

import itertools

import numpy as np

from pix2pix_tf.streets import shapes

# How the windows of a house are grouped: how often, panes to a group, width of a group (of its cell), height and
# middle (of the floor). Panes of one group touch; those of a grid reach from floor to floor and touch there as well.
PLANS = {
    "pairs": (0.2, (2, 3), (0.5, 0.7), (0.6, 0.74), 0.52),
    "bow": (0.2, (3, 4), (0.6, 0.8), (0.62, 0.76), 0.54),
    "ribbon": (0.22, (3, 6), (0.84, 0.94), (0.5, 0.64), 0.5),
    "french": (0.14, (2, 4), (0.6, 0.8), (0.8, 0.9), 1.0),
    "grid": (0.2, (2, 5), (0.6, 0.86), (1.0, 1.0), 0.5),
    "single": (0.04, (1, 2), (0.4, 0.55), (0.5, 0.66), 0.52),
}
MARGIN = 0.016  # of wall left beside the windows: the frames around them stay on their own house


def compose(generator: np.random.Generator) -> tuple[shapes.Street, ...]:
    """Lay out one terrace.

    Args:
        generator: source of randomness; nothing but the layout is drawn from it.

    Returns:
        Its houses from left to right, two to four. The parts of each begin with those of its wall, which are one thing;
        no part reaches over its house's sides, and houses share their sides exactly.
    """
    count = int(generator.choice([2, 3, 4], p=[0.15, 0.45, 0.4]))
    weights = generator.uniform(0.8, 1.25, count)
    left, right = -generator.uniform(0.0, 0.04), 1 + generator.uniform(0.0, 0.04)
    sides = left + np.cumsum([0, *weights]) / weights.sum() * (right - left)
    heights = generator.permutation(np.linspace(0.05, 0.27, count)) + generator.uniform(-0.02, 0.02, count)
    bottom = 1 - generator.uniform(0.03, 0.09)
    plots = zip(sides[:-1], heights, sides[1:], strict=True)
    return tuple(_house(generator, shapes.Part("facade", *plot, bottom)) for plot in plots)


def _house(generator, wall):
    """Lay out one house on its plot."""
    gable = str(generator.choice(["none", "stepped", "neck"], p=[0.56, 0.26, 0.18]))
    wall = wall._replace(top=max(wall.top, 0.13)) if gable != "none" else wall
    crown = generator.uniform(0.016, 0.04)
    floors = _floors(generator, wall.top + crown, wall.bottom)
    plan = str(generator.choice(list(PLANS), p=[row[0] for row in PLANS.values()]))
    rows = _windows(generator, plan, wall, floors[:-1])
    dormers = gable == "none" and wall.top > 0.1 and generator.random() < 0.5
    parts = [wall, *_gable(generator, gable, wall), *_bands(generator, wall, floors, crown, gable == "none")]
    parts += _ground(generator, wall, floors[-2], rows)
    parts += [pane for row in rows for group in row for pane in group] + _trimmings(generator, plan, rows)
    parts += _dormers(generator, wall) if dormers else []
    visible = [part for part in parts if part.right > 0 and part.left < 1]
    order = sorted(visible, key=lambda part: shapes.DEPTH.index(part.kind))
    return shapes.Street(wall, floors[-2], dormers, tuple(order))


def _floors(generator, top, bottom):
    """Cut a wall into floors; return their edges from the top. The ground floor is the highest."""
    least, most = int(np.ceil((bottom - top) / 0.24)), int((bottom - top) / 0.155)
    weights = np.ones(int(generator.integers(least, max(most, least) + 1)))
    weights[-1] *= generator.uniform(1.1, 1.4)
    return top + np.cumsum([0, *weights]) / weights.sum() * (bottom - top)


def _split(part, weights):
    """Cut a part into parts beside one another that share their sides exactly."""
    edges = part.left + np.cumsum([0, *weights]) / np.sum(weights) * (part.right - part.left)
    return [part._replace(left=left, right=right) for left, right in itertools.pairwise(edges)]


def _windows(generator, plan, wall, floors):
    """Put windows on the upper floors: rows of groups of panes."""
    _, panes, width, height, centre = PLANS[plan]
    wide, width, height = wall.right - wall.left, generator.uniform(*width), generator.uniform(*height)
    most = {"single": wide / 0.11, "pairs": wide / 0.13, "ribbon": 1}.get(plan, wide / 0.2)
    groups = max(int(most), 1) if generator.random() < 0.7 else max(int(most) - 1, 1)
    panes = int(generator.integers(*panes))
    weights = [0.6, *[1.0] * (panes - 2), 0.6] if plan == "bow" else [1.0] * panes
    field = wall._replace(kind="window", left=wall.left + MARGIN, right=wall.right - MARGIN)
    cells = [(part.left, part.right) for part in _split(field, [1.0] * groups)]
    return [
        [_split(shapes.place("window", cell, down, width, height, centre), weights) for cell in cells]
        for down in itertools.pairwise(floors)
    ]


def _gable(generator, kind, wall):
    """Build up the wall over the eaves, in steps or as a neck with windows; nothing for a house without a gable."""
    if kind == "none":
        return []
    middle, half = (wall.left + wall.right) / 2, (wall.right - wall.left) / 2
    if kind == "stepped":
        count, last = int(generator.integers(2, 5)), generator.uniform(0.2, 0.35)
        edges = wall.top - np.arange(count + 1) * min(generator.uniform(0.022, 0.034), (wall.top - 0.02) / count)
        halves = half * (1 + (last - 1) * (np.arange(count) + 1) / count)
        steps = zip(halves, itertools.pairwise(edges), strict=True)
        return [shapes.Part("facade", middle - wide, top, middle + wide, low) for wide, (low, top) in steps]
    half, top = half * generator.uniform(0.45, 0.6), max(wall.top - generator.uniform(0.09, 0.13), 0.015)
    neck = shapes.Part("facade", middle - half, top, middle + half, wall.top)
    cap = shapes.Part("cornice", neck.left - 0.006, top, neck.right + 0.006, top + 0.014)
    pane = shapes.place("window", (neck.left, neck.right), (cap.bottom, wall.top), 0.56, 0.62, 0.5)
    return [neck, cap, *_split(pane, [1.0] * int(generator.integers(1, 3)))]


def _bands(generator, wall, floors, crown, eaves):
    """Lay a band of molding under the eaves and, on some houses, between the floors."""
    bands = [wall._replace(kind="molding", bottom=wall.top + crown)] if eaves or generator.random() < 0.3 else []
    thickness, share = generator.uniform(0.012, 0.022), generator.choice([0.0, 1.0], p=[0.82, 0.18])
    for index, edge in enumerate(floors[1:-1], start=2):
        if generator.random() < (0.25 if index == len(floors) - 1 else share):
            bands.append(wall._replace(kind="molding", top=edge - thickness / 2, bottom=edge + thickness / 2))
    return bands


def _ground(generator, wall, top, rows):
    """Fill the ground floor: shops from side to side, shops and a door, or a door and windows."""
    kind = generator.choice(["shops", "both", "home"], p=[0.45, 0.3, 0.25])
    tall = wall.bottom - top
    field = wall._replace(kind="shop", top=top + generator.uniform(0.06, 0.2) * tall)
    count = 1 + int(generator.random() < 0.65 and wall.right - wall.left > 0.2)
    if kind == "shops":
        return _split(field, generator.uniform(0.8, 1.25, count))
    door = wall._replace(kind="door", top=wall.bottom - tall * generator.uniform(0.68, 0.82))
    width, at_left = generator.uniform(0.06, 0.085), generator.random() < 0.5
    gap = generator.choice([0.0, 0.012])
    door = door._replace(left=wall.left + gap, right=wall.left + gap + width)
    rest = field._replace(left=door.right + gap)
    if kind == "both":
        others = _split(rest, generator.uniform(0.8, 1.25, count))
    else:
        place = shapes.place("window", (rest.left, rest.right - gap), (top, wall.bottom), 0.72, 0.5, 0.5)
        others = _split(place, [1.0] * len(rows[0][0]))
    return [door, *others] if at_left else [_mirror(part, wall) for part in (door, *others)]


def _mirror(part, wall):
    """Mirror a part in the middle of its wall; sides at those of the wall stay there exactly."""
    left = wall.left if part.right == wall.right else wall.left + wall.right - part.right
    right = wall.right if part.left == wall.left else wall.left + wall.right - part.left
    return part._replace(left=left, right=right)


def _trimmings(generator, plan, rows):
    """Hang balconies before French windows; give others sills, cornices and blinds as the house has it."""
    groups = [group for row in rows for group in row]
    panes = [pane for group in groups for pane in group]
    parts = []
    if plan == "french":
        rise = generator.uniform(0.3, 0.45)
        for pane in panes:
            parts.append(pane._replace(kind="balcony", top=pane.bottom - rise * (pane.bottom - pane.top)))
        return parts
    spans = [group[0]._replace(right=group[-1].right) for group in groups]
    if plan != "grid" and generator.random() < 0.35:
        height = generator.uniform(0.01, 0.016)
        parts += [part._replace(kind="sill", top=part.bottom, bottom=part.bottom + height) for part in spans]
    if plan in ("pairs", "bow", "single") and generator.random() < 0.22:
        height = generator.uniform(0.012, 0.022)
        parts += [part._replace(kind="cornice", top=part.top - height, bottom=part.top) for part in spans]
    return parts + _blinds(generator, plan, panes)


def _blinds(generator, plan, panes):
    """Roll blinds down over some panes of some houses; blinds of neighbouring panes touch."""
    if generator.random() > (0.2 if plan == "grid" else 0.35):
        return []
    share, drop = generator.choice([0.4, 0.9]), generator.choice([0.35, 0.55, 1.0], p=[0.45, 0.4, 0.15])
    rolled = [pane for pane in panes if generator.random() < share]
    return [pane._replace(kind="blind", bottom=pane.top + drop * (pane.bottom - pane.top)) for pane in rolled]


def _dormers(generator, wall):
    """Put windows in pairs into the roof."""
    parts, count = [], int(generator.integers(1, 3))
    for cell in _split(wall, [1.0] * count):
        pane = shapes.place("window", (cell.left, cell.right), (wall.top * 0.6, wall.top * 0.92), 0.4, 1.0, 0.5)
        middle, half = (pane.left + pane.right) / 2, min((pane.right - pane.left) / 2, 0.035)
        parts += _split(pane._replace(left=middle - half, right=middle + half), [1.0, 1.0])
    return parts
