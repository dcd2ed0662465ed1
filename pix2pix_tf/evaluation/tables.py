"""A scorecard as a person reads it: aligned text for the terminal, or Markdown."""

FAMILIES = (
    ("Against the true photo", ("l1", "psnr", "ssim", "ms_ssim")),
    ("Against the true photo, where that is not void", ("l1_outside_void", "l1_border", "l1_middle")),
    ("Labels read back", ("per_pixel_accuracy", "per_class_accuracy", "class_iou")),
    ("Colours", ("histogram_L", "histogram_a", "histogram_b", "diversity")),
    ("Colours of photographs", ("ab_error", "colourfulness", "colours_used")),
    ("Artefacts", ("spectral_peak", "colour_spread", "droplet")),
    (
        "Sets of features: distances",
        ("frechet_distance", "frechet_distance_void", "kernel_distance", "inception_score"),
    ),
    ("Gaussians", ("modes", "within_modes")),
    ("Sets of features: neighbours", ("precision", "recall", "density", "coverage")),
    ("The discriminator's gap, recorded in training: differences of its mean logits", ("memorised", "source_counts")),
)
HEADS = {
    "l1": "L1 ↓",
    "psnr": "PSNR, dB ↑",
    "ssim": "SSIM ↑",
    "ms_ssim": "MS-SSIM ↑",
    "l1_outside_void": "L1 outside void ↓",
    "l1_border": "L1 at top and bottom ↓",
    "l1_middle": "L1 in the middle ↓",
    "per_pixel_accuracy": "per pixel ↑",
    "per_class_accuracy": "per class ↑",
    "class_iou": "class IoU ↑",
    "histogram_L": "histogram L ↑",
    "histogram_a": "histogram a ↑",
    "histogram_b": "histogram b ↑",
    "diversity": "diversity",
    "ab_error": "error of a and b ↓",
    "colourfulness": "colourfulness",
    "colours_used": "colours used",
    "spectral_peak": "spectral peak ↓",
    "colour_spread": "colour spread",
    "droplet": "droplet ↓",
    "frechet_distance": "Fréchet distance ↓",
    "frechet_distance_void": "with true void ↓",
    "kernel_distance": "kernel distance ↓",
    "inception_score": "Inception score ↑",
    "precision": "precision ↑",
    "recall": "recall ↑",
    "density": "density ↑",
    "coverage": "coverage ↑",
    "modes": "found ↑",
    "within_modes": "points near one ↑",
    "memorised": "training pairs minus validation pairs ↓",
    "source_counts": "validation pairs minus the same with others' sources",
}


def text(scorecard):
    """Return a scorecard as aligned text, a table for every family of measures."""
    return "\n".join(lines(scorecard, _align, "{}"))


def markdown(scorecard):
    """Return a scorecard as Markdown."""
    return "\n".join(lines(scorecard, _pipe, "**{}**"))


def lines(scorecard, drawn, heading):
    """Return the lines of a scorecard: its tables, what was left out, and the protocol."""
    found = []
    for title, measures in FAMILIES:
        for written, rows in (
            (title + extractor(scorecard, title), table(scorecard, measures)),
            (f"{title}: difference from the first, image by image", differences(scorecard, measures)),
        ):
            if rows:
                found += [heading.format(written), "", *drawn(rows), ""]
    for name, reason in scorecard["left_out"].items():
        found += [f"Left out: {name}: {reason}", ""]
    return found + [_describe(scorecard)]


def extractor(scorecard, title):
    """Say whose features a family is of."""
    used = scorecard["protocol"]["extractor"]
    return f" ({used['name']})" if used and "features" in title else ""


def table(scorecard, measures, sign=""):
    """Return the rows of one family, header first, without measures and candidates that have nothing to show."""
    scores = scorecard["scores"]
    shown = [name for name in measures if any(name in score["measures"] for score in scores)]
    rows = [
        [score["name"], *(cell(score["measures"].get(name), sign) for name in shown)]
        for score in scores
        if any(name in score["measures"] for name in shown)
    ]
    for group in scorecard["seeds"]:
        cells = [_write_seed_cell(group["measures"].get(name)) for name in shown]
        last = max((number for number, row in enumerate(rows) if row[0] in group["names"]), default=-1)
        rows.insert(last + 1, [f"mean of {len(group['names'])} seeds", *cells])
    return [["", *(HEADS[name] for name in shown)], *rows] if shown else []


def differences(scorecard, measures):
    """Return the rows of one family that say how the others differ from the first, header first."""
    return table({"scores": scorecard["differences"], "seeds": []}, measures, sign="+")


def cell(measure, sign=""):
    """Write a value with its uncertainty: [low, high] over images, or ± over subsamples; then how many times real.

    Of what a run recorded itself the step is written instead.
    """
    if measure is None:
        return ""
    if "low" in measure:
        value, low, high = (number(measure[name], sign) for name in ("value", "low", "high"))
        beside = f" {number(measure['real'])}x" if "real" in measure else ""
        return f"{value} [{low}, {high}]{beside}"
    if "step" in measure:
        return f"{number(measure['value'])} at step {measure['step']}"
    return f"{number(measure['value'])} ± {number(measure['subsamples']['std'])}"


def _write_seed_cell(measure):
    """Write a mean over seeds with its spread."""
    return f"{number(measure['mean'])} ± {number(measure['std'])}" if measure else ""


def number(value, sign=""):
    """Write a number with three digits that mean something; sign "+" writes that of positive ones too."""
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    return f"{value:{sign}.{digits}f}"


def _align(rows):
    """Return rows as lines with columns of equal width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _pipe(rows):
    """Return rows as lines of a Markdown table."""
    written = ["| " + " | ".join(row) + " |" for row in rows]
    return [written[0], "|" + "---|" * len(rows[0]), *written[1:]]


def _describe(scorecard):
    """Return the protocol in a few sentences."""
    used = scorecard["protocol"]
    size = f"{used['image_size']}x{used['image_size']}" if used["image_size"] else "points in the plane"
    what = "real images" if used["image_size"] else "real points"
    count = used["n"] if used["paired"] else f"{used['n']} against {used['targets']} {what}"
    sentences = [
        f"{used['data']}, split {used['split']}, n = {count}, {used.get('task') or used['direction']}, "
        f"{size}; {used['values']}; noise: {used['noise']}.",
        f"[low, high]: {used['intervals']}; a difference whose interval leaves out 0 tells the two apart.",
        f"±: {used['subsamples']}; for seeds, over runs.",
    ]
    if any("real" in measure for score in scorecard["scores"] for measure in score["measures"].values()):
        sentences.append("x: times the value of the real photos.")
    if used["void"] is not None:
        sentences.append(f"Void: {used['void']:.1%} of the true photos' pixels.")
    if used["segmenter"]:
        side = used["segmenter"]["side"]
        sentences.append(f"Labels are read at {side}x{side} by a segmenter trained on the real train split.")
    if used["extractor"]:
        one = used["extractor"]
        sentences.append(f"Features: {one['name']} (SHA-256 {one['digest'][:16]}), {one['resize']}.")
    return " ".join(sentences)
