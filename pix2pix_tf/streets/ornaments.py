"""How ledges, bands, balconies, reliefs and pilasters look.

Every painter takes the canvas of its part alone, the house's taste (`fixtures.Taste`), a source of randomness, the size
of the whole picture in pixels and the part in unit coordinates.
"""

import numpy as np

from pix2pix_tf.streets import surfaces


def cornice(canvas, taste, generator, size, part):
    """A panel with a projecting ledge on top, or a pediment."""
    height, width = canvas.relief.shape
    if taste.pediment and part.bottom - part.top > 0.02:
        across = abs(np.linspace(-1, 1, width, dtype=np.float32))
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        gable = ((down - across * 0.8) * height + 0.5).clip(0, 1)
        canvas.fill(taste.trim, 0.02, gable)
        canvas.fill(taste.trim * 0.85, 0.008, ((down - across * 0.8 - 0.25) * height).clip(0, 1) * (down < 0.85))
        return
    canvas.fill(taste.trim * 0.97, 0.008)
    canvas.box(0, 0, 1, 0.4, taste.trim, 0.024)
    canvas.box(0, 0.4, 1, 0.55, taste.trim * 0.8, 0.014)


def molding(canvas, taste, generator, size, part):
    """A band across the wall that steps out towards its top; a high one carries dentils."""
    height, width = canvas.relief.shape
    grime = 1 + 0.1 * surfaces.noise(generator, (height, width), (2, 40))[..., None]
    canvas.fill(taste.trim * 0.85 * grime, 0.006)
    canvas.box(0, 0, 1, 0.3, taste.trim, 0.045 if part.bottom - part.top > 0.03 else 0.022)
    canvas.box(0, 0.1, 1, 0.16, taste.trim * 0.7)
    canvas.box(0, 0.3, 1, 0.42, taste.trim * 0.75, 0.02)
    canvas.box(0, 0.88, 1, 1.0, taste.trim * 0.85, 0.014)
    if taste.dentils and part.bottom - part.top > 0.035:
        teeth = surfaces.stripes(width, 0.022 * size, 0.011 * size)
        band = canvas.crop(0, int(0.42 * height), width, int(0.62 * height))
        band.fill(taste.trim * 1.02, 0.018, np.broadcast_to(teeth, band.relief.shape))


def sill(canvas, taste, generator, size, part):
    """A ledge; a high one is a panel under a ledge."""
    height = canvas.relief.shape[0]
    ledge = min(0.012 * size / height, 1.0)
    canvas.fill(taste.trim * 0.85, 0.006)
    canvas.box(0.08, ledge + 0.2 * (1 - ledge), 0.92, 0.88, taste.trim * 0.76, 0.001)
    canvas.box(0, 0, 1, ledge, taste.trim, 0.02)


def balcony(canvas, taste, generator, size, part):
    """A slab far out from the wall, with a railing of iron, balusters of stone or a closed parapet."""
    height, width = canvas.relief.shape
    slab = 1 - min(0.02 * size / height, 0.35)
    out = 0.045
    if taste.railing == "parapet":
        canvas.fill(taste.trim, out)
        canvas.box(0.05, 0.22, 0.95, slab - 0.08, taste.trim * 0.88, out - 0.004)
        canvas.box(0, 0, 1, 0.1, taste.trim * 1.05, out + 0.004)
    elif taste.railing == "balusters":
        posts = surfaces.stripes(width, 0.021 * size, 0.012 * size)
        canvas.fill(taste.trim, out, np.broadcast_to(posts * 0.95, canvas.relief.shape))
        canvas.box(0, 0, 1, 0.14, taste.trim, out)
    else:
        posts = surfaces.stripes(width, 0.0125 * size, 0.0045 * size)
        canvas.fill(taste.metal, out, np.broadcast_to(posts, canvas.relief.shape))
        canvas.box(0, 0, 1, min(0.009 * size / height, 0.3), taste.metal, out)
        canvas.box(0, 0.55, 1, 0.55 + 0.005 * size / height, taste.metal, out)
    canvas.box(0, slab, 1, 1, taste.trim, out)
    canvas.box(0, 1 - (1 - slab) * 0.35, 1, 1, taste.trim * 0.55, out - 0.01)


def deco(canvas, taste, generator, size, part):
    """A relief: a mirrored ornament within a border."""
    height, width = canvas.relief.shape
    ornament = surfaces.noise(generator, (height, width), (7, 9))
    ornament = np.tanh(2 * (ornament + ornament[:, ::-1]))
    across = surfaces.coverage(0, width, 0.1 * width, 0.9 * width)
    inside = surfaces.coverage(0, height, 0.12 * height, 0.88 * height)[:, None] * across
    canvas.fill(taste.trim, 0.01)
    canvas.fill(taste.trim[None, None] * (0.85 + 0.22 * ornament[..., None]), None, inside)
    canvas.relief[...] += inside * ornament * 0.006


def pillar(canvas, taste, generator, size, part):
    """A pilaster, round enough to catch the light from the side, with base and capital."""
    height, width = canvas.relief.shape
    across = np.linspace(-1, 1, width + 2, dtype=np.float32)[1:-1]
    canvas.fill(taste.trim * 0.88, None)
    canvas.relief[...] = 0.008 + 0.01 * np.sqrt(1 - across**2)
    end = min(0.03 * size / height, 0.2)
    for top, bottom in ((0, end), (1 - end, 1)):
        canvas.box(0, top, 1, bottom, taste.trim * 1.03, 0.024)
