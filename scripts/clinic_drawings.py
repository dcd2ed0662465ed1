"""Draw the schematics of lesson 16 as SVG files: where to look, the first-aid chart, the shuffle buffer, the cache.

python scripts/clinic_drawings.py [--out notebooks/figures] [--format svg|png]
"""

import itertools

import drawing
from drawing import INK, NETWORK, arrow, box, page, write
from matplotlib import patches

DATA, STEP, TEST, FAULT, GOOD = "#8cc07c", "#9cc3e6", "#f7d774", "#d9534f", "#8cc07c"
EXAMPLES = ("#9cc3e6", "#8cc07c", "#f7d774", "#f4b183")  # blue is early and orange late, as in the lesson
CHART = (  # letter and name, what one sees, what to look at, what to do; colours and order are those of the chain
    (
        DATA,
        "E  Misaligned\npairs",
        "edges are lost, training\nloss stays high",
        "lay one night over its day:\ndo they fit?",
        "one draw of jitter\nfor both sides",
    ),
    (
        DATA,
        "F  A frozen\njitter",
        "training loss falls much\nfurther than unseen loss",
        "the same pair in two epochs;\nthe place of the cache",
        "cache first; then jitter\nby seed and step",
    ),
    (
        NETWORK,
        "C  Checkerboard",
        "a fine grid,\nalso in flat parts",
        "spectrum of the pictures;\nhow the network doubles",
        "nearest pixel,\nthen convolve",
    ),
    (
        NETWORK,
        "G  A dead\nbottleneck",
        "one answer for all inputs,\nthe loss stands still",
        "spread over inputs; gradients of\nthe innermost kernels",
        "no norm at 1x1",
    ),
    (
        STEP,
        "A  A discriminator\nat zero",
        "D's loss goes to 0,\nG's rises",
        "who learns faster? is there\na sign that G cannot copy?",
        "equal learning rates;\nperhaps a smaller D",
    ),
    (
        STEP,
        "B  Mode collapse\nthat jumps",
        "a small region for all noise,\nand it jumps",
        "count different answers;\nupdates of G for one of D",
        "at least as many updates of\nD as of G; count again later",
    ),
    (
        STEP,
        "D  Colour\ninversion",
        "light and dark\nare exchanged",
        "correlation of\nanswer and input",
        "G starts as a copy, or an\nidentity loss (lesson 9)",
    ),
    (
        TEST,
        "H  Wrong statistics\nat test time",
        "saved pictures worse\nthan the previews",
        "translate in training and in\ntest mode, and compare",
        "statistics as in training;\nsettled averages may help",
    ),
)


def draw_where():
    """Draw the way of a pair through a run, and the places where a fault can sit."""
    figure, axes = page(100, 27)
    places = (
        (9, DATA, "files", "pairs\nthat fit?"),
        (27, DATA, "cache, jitter,\norder", "one batch,\ntwo epochs"),
        (47, NETWORK, "networks", "gradients,\nspread, spectrum"),
        (68, STEP, "the game\nof G and D", "both losses: who\nlearns faster?"),
        (89, TEST, "test", "training or test\nmode? saved state"),
    )
    for x, colour, text, look in places:
        box(axes, x, 9, 15, 9, colour, text, 11)
        write(axes, x, 20, look, 10)
        arrow(axes, (x, 17), (x, 14), linestyle="--")
    for (left, *_), (right, *_) in zip(places, places[1:], strict=False):
        arrow(axes, (left + 7.6, 9), (right - 7.6, 9))
    write(axes, 50, 25, "look from left to right: a fault on the left spoils everything to its right", 10.5)
    return figure


def draw_first_aid():
    """Draw the chart: a row for each fault with its sign, what to look at, and what to do."""
    figure, axes = page(112, 6 + 7.2 * len(CHART))
    columns = ((10.5, 19), (36.5, 25), (67.5, 29), (98.5, 25))  # centre and width
    for (x, _), title in zip(columns, ("fault", "what you see", "look at", "repair"), strict=True):
        write(axes, x, 2.5, title, 12, weight="bold")
    for row, (colour, *texts) in enumerate(CHART):
        y = 8 + 7.2 * row
        for (x, width), text in zip(columns, texts, strict=True):
            box(axes, x, y, width, 6, colour if x == columns[0][0] else "white", text, 9.5)
        for (left, before), (right, after) in itertools.pairwise(columns):
            arrow(axes, (left + before / 2 + 0.3, y), (right - after / 2 - 0.3, y))
    return figure


def example(axes, x, y, number, marked=False):
    """Draw an example as a small numbered square."""
    edge, width = (FAULT, 2.4) if marked else (INK, 0.9)
    corner = (x - 1.7, y - 1.7)
    axes.add_patch(
        patches.Rectangle(corner, 3.4, 3.4, facecolor=EXAMPLES[number // 4], edgecolor=edge, linewidth=width)
    )
    write(axes, x, y, str(number), 9)


def draw_buffer():
    """Draw a shuffle buffer: a queue in order, a few places, a draw."""
    figure, axes = page(100, 21)
    for place, number in enumerate(range(15, 6, -1)):
        example(axes, 6 + 4 * place, 9, number)
    write(axes, 22, 16, "the set, in the order of its files", 10)
    arrow(axes, (40.5, 9), (45, 9))
    axes.add_patch(patches.Rectangle((46, 5.5), 19, 7, facecolor=NETWORK, edgecolor=INK, linewidth=1.2))
    for place, number in enumerate((5, 1, 6, 4)):
        example(axes, 49.3 + 4.2 * place, 9, number, number == 1)
    write(axes, 55.5, 16, "buffer of 4: draw one of these,\nfill its place with the next", 10)
    arrow(axes, (66, 9), (70.5, 9))
    for place, number in enumerate((2, 0, 3)):
        example(axes, 74 + 4 * place, 9, number)
    write(axes, 82, 4.5, "3 came first", 9)
    write(axes, 78, 16, "what training sees:\nnearly the old order", 10)
    return figure


def draw_cache():
    """Draw both places of a cache, after the jitter and before it, and a jitter that needs no memory."""
    figure, axes = page(100, 36)
    for y, order, out, text, colour in (
        (7, ("jitter", "cache"), ("crop 1", "crop 1", "crop 1"), "frozen", FAULT),
        (18, ("cache", "jitter"), ("crop 1", "?", "?"), "alive?", TEST),
        (29, ("cache", "jitter by\nseed, step"), ("crop 1", "crop 2", "crop 3"), "alive", GOOD),
    ):
        box(axes, 8, y, 11, 6, "white", "picture", 10.5)
        for x, name in zip((26, 44), order, strict=True):
            box(axes, x, y, 12, 6, TEST if name == "cache" else STEP, name, 11)
        for start, end in ((13.7, 19.8), (32.2, 37.8), (50.2, 55.5)):
            arrow(axes, (start, y), (end, y))
        for place, name in enumerate(out):
            box(axes, 61 + 11 * place, y, 10, 6, "white", name, 10)
            write(axes, 61 + 11 * place, y + 4.6, f"epoch {place + 1}", 9)
        box(axes, 94, y, 9, 6, colour, text, 10)
    return figure


DRAWINGS = {
    "16_where": draw_where,
    "16_first_aid": draw_first_aid,
    "16_buffer": draw_buffer,
    "16_cache": draw_cache,
}

if __name__ == "__main__":
    drawing.main(__doc__, DRAWINGS)
