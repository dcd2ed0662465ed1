"""What hangs on and stands beside the windows of a street front: cornices to signs, each as a list of parts."""

import itertools

import numpy as np

from pix2pix_tf.streets import shapes


def cornices(generator, rows):
    """Put cornices over the windows of some floors."""
    share = generator.choice([0.0, 0.6, 1.0], p=[0.22, 0.43, 0.35])
    height, reach, gap = generator.uniform(0.012, 0.05), generator.uniform(0.004, 0.02), generator.uniform(0.0, 0.01)
    chosen = [row for row in rows if generator.random() < share]
    return [
        shapes.Part("cornice", part.left - reach, part.top - gap - height, part.right + reach, part.top - gap)
        for row in chosen
        for part in row
    ]


def sills(generator, rows):
    """Put sills, low ones or whole panels, under the windows of most floors."""
    share = generator.choice([0.0, 0.6, 1.0], p=[0.04, 0.42, 0.54])
    height, reach = generator.choice([0.014, 0.045], p=[0.6, 0.4]) * generator.uniform(0.7, 1.3), 0.006
    chosen = [row for row in rows if generator.random() < share]
    return [
        shapes.Part("sill", part.left - reach, part.bottom, part.right + reach, part.bottom + height)
        for row in chosen
        for part in row
    ]


def blinds(generator, rows):
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


def balconies(generator, rows):
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
    parts = []
    for part in [part for row in chosen for part in row]:
        rail = part.bottom - rise * (part.bottom - part.top)
        parts.append(shapes.Part("balcony", part.left - reach, rail, part.right + reach, part.bottom + 0.012))
    return parts


def pillars(generator, bays, floors):
    """Stand pilasters between the bays, over the upper floors or the ground floor alone."""
    if generator.random() > 0.28:
        return []
    half, top, bottom = generator.uniform(0.006, 0.014), *generator.choice([(0, -2), (0, -1), (-2, -1), (1, -2)])
    edges = bays[[0, -1]] if generator.random() < 0.3 else bays
    top, bottom = floors[top], floors[bottom]
    return [shapes.Part("pillar", x - half, min(top, bottom - 0.05), x + half, bottom) for x in edges]


def decoration(generator, rows, ground, moldings):
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
            parts.append(shapes.Part("deco", x - half, crown.top + inset, x + half, crown.bottom - inset))
    return parts


def neighbours(generator, wall):
    """Show windows of the houses on either side, where there is room."""
    parts, rows = [], generator.integers(3, 7)
    for left, right in ((-0.05, wall.left), (wall.right, 1.05)):
        if right - left < 0.09 or generator.random() < 0.15:
            continue
        pitch, width = generator.uniform(0.1, 0.14), generator.uniform(0.35, 0.6)
        edge = right - pitch if left < 0 else left
        for top in np.linspace(wall.top + 0.05, wall.bottom - 0.14, rows):
            for x in (edge, edge - pitch if left < 0 else edge + pitch):
                parts.append(shapes.place("window", (x, x + pitch), (top, top + 0.12), width, 0.65, 0.5))
    if wall.top > 0.13 and generator.random() < 0.5:
        for x in np.linspace(wall.left, wall.right, generator.integers(3, 7))[1:-1]:
            parts.append(shapes.Part("window", x - 0.016, wall.top * 0.62, x + 0.016, wall.top * 0.85))
    return parts


def signs(generator, wall, floors):
    """Hang shop signs over the ground floor now and then."""
    if generator.random() > 0.5:
        return []
    width, height = generator.uniform(0.1, 0.4), generator.uniform(0.018, 0.04)
    left = generator.uniform(wall.left, wall.right - width)
    return [shapes.Part("shop", left, floors[-2] - height / 2, left + width, floors[-2] + height / 2)]
