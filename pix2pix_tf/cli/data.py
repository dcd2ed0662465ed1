"""The commands `data list`, `data prepare` and `data show`."""

import pathlib

import numpy as np

from pix2pix_tf import datasets, errors, ids, images, palettes, plots, streets, styles
from pix2pix_tf.cli import outputs
from pix2pix_tf.datasets import catalogue, drawn, inspection
from pix2pix_tf.system import files

SHOWN = 6
MOST_POINTS = 2000
COMPARED = 20_000  # the most pictures in a split that are still looked at one by one


def list_sets():
    """Print the data sets, a line each."""
    rows = [("name", "ready", "direction", "pairs", "what it shows")]
    for entry in datasets.list_entries():
        ready = "yes" if entry.prepared else "no"
        rows.append(
            (entry.name, ready, entry.direction, _write_counts(entry.splits) or "not known yet", entry.description)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] + [0]
    for row in rows:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)))


def _write_counts(splits):
    """Return the sizes of splits as text; of two domains each."""
    sizes = {name: count if isinstance(count, int) else f"{count[0]} + {count[1]}" for name, count in splits.items()}
    return ", ".join(f"{name} {size}" for name, size in sizes.items())


def prepare(name, archive):
    """Make a data set ready and say what it holds."""
    entry = datasets.prepare(name, archive=archive, progress=True)
    print(f"{entry.name} is ready: {_write_counts(entry.splits)}")
    print(f"{entry.description}; terms: {entry.licence}; see {entry.homepage}")


def show(name, split, image_size, out, labels=None, force=False, void="auto", task=None, domain=None):
    """Print what a data set holds, and what of it may spoil training or test; draw some of its pairs or images."""
    out = out or pathlib.Path(files.fit_name(pathlib.Path(name).resolve().name, ".png"))
    if out.suffix.lower() not in (".png", ".jpg", ".jpeg") or not out.parent.is_dir():
        raise errors.InputError(f"--out {out}: expected a .png or .jpg file in a folder that exists")
    outputs.check(out, images.is_own, force)
    if task is not None or domain is not None:
        _show_photographs(name, split, image_size, out, task, domain)
        return
    if name in catalogue.SINGLE:
        _show_single(name, split, image_size, out)
        return
    unpaired = not datasets.is_paired(name)
    same = {"jitter": False, "unpaired": unpaired, "labels": labels, "void": void}
    pairs = datasets.load(name, split=split, image_size=image_size, progress=True, **same)
    entry = catalogue.find(name)
    print(f"name       {pairs.name}" + (f": {entry.description}" if entry else ""))
    if unpaired:
        print(f"images     {_write_counts(pairs.side_counts)} (A + B, unpaired)")
    else:
        print(f"pairs      {_write_counts(pairs.counts)}")
        print(f"direction  {pairs.direction}")
    if pairs.void == "auto":
        print(f"void       {_measure_void(pairs)} (wedges or transparency; --void none leaves them in)")
    numbered = None
    if name in drawn.KINDS or (not unpaired and datasets.has_instances(name)):
        said, numbered = _find_instances(name, split, image_size, labels)
        print(f"instances  {said}")
    elif not unpaired and pairs.label_sides[pairs.direction == "b_to_a"]:
        print("instances  none given; pix2pixhd takes the connected parts of each class")
    kinds = [side for side, is_labels in zip("AB", pairs.label_sides, strict=True) if is_labels]
    print(f"label maps {' and '.join(kinds) or 'none'}")
    if pairs.passed_over:
        named = ", ".join(errors.first(list(pairs.passed_over)))
        count = len(pairs.passed_over)
        print(f"passed over {count} picture{'s' * (count != 1)}: {named}")
    print(f"shown      {split}, at {image_size}x{image_size} pixels, to {out}")
    print(f"digest     {pairs.digest}")
    if name in streets.LABELLED:
        print("classes    " + ", ".join(f"{label} #{bytes(colour).hex()}" for label, colour in streets.LABELS))
    elif pairs.label_sides[pairs.direction == "b_to_a"]:
        print(f"classes    {_name_classes(pairs)}")
    if name not in catalogue.DRAWN:
        for line in _find_remarks(name, pairs):
            print(line)
    shown = pairs.examples(range(min(SHOWN, len(pairs))))
    columns, kind = (("A", "B"), "unpaired") if unpaired else (("source", "target"), pairs.direction)
    shown = dict(zip(columns, shown, strict=True))
    if pairs.void == "auto":
        masked = shown["source"]
        shown |= {"source": masked["image"], "void": 2 * masked["void"] - 1}  # the masks in the images' range
    if numbered is not None:
        sources, target = numbered.examples(range(min(SHOWN, len(pairs)))), shown.pop("target")
        shown |= {"instances": _colour_numbers(sources[0]["instances"]), "target": target}
    plots.save(plots.sheet(shown, title=f"{pairs.name} ({kind})"), out)


def _show_single(name, split, image_size, out):
    """Print what a set of single images or points holds; draw some of each class."""
    samples = datasets.load_samples(name, split, image_size, progress=True)
    print(f"name       {name}: {catalogue.find(name).description}")
    print(f"images     {_write_counts(samples.counts)}")
    numbers = np.bincount(samples.class_of, minlength=len(samples.classes))
    counts = [f"{one} ({number})" for one, number in zip(samples.classes, numbers, strict=False)]
    print(f"classes    {', '.join(counts) or 'none'}")
    print(f"shown      {split}, to {out}")
    print(f"digest     {samples.digest}")
    if name in catalogue.POINTS:
        figure = plots.clouds({split: samples.examples(range(min(MOST_POINTS, len(samples))))[1]}, title=name)
    else:
        chosen = [np.flatnonzero(samples.class_of == number)[:SHOWN] for number in range(len(samples.classes))]
        columns = {one: samples.examples(some)[1] for one, some in zip(samples.classes, chosen, strict=True)}
        figure = plots.tiles(columns, title=name)
    plots.save(figure, out)


def _show_photographs(name, split, image_size, out, task, domain):
    """Print what there is to learn colours from; draw some photographs without their colours and with them."""
    found = datasets.load(name, split, image_size, jitter=False, progress=True, task=task, domain=domain)
    entry = catalogue.find(name)
    print(f"name       {found.name}" + (f": {entry.description}" if entry else ""))
    print(f"photographs {_write_counts(found.counts)}" + (f", domain {found.domain}" if found.domain else ""))
    print(f"greyscale  {len(found.greyscale)} in {split}, left out" + _name_some(found.greyscale))
    if found.passed_over:
        count = len(found.passed_over)
        print(f"passed over {count} picture{'s' * (count != 1)}{_name_some(found.passed_over)}")
    print(f"shown      {split}, at {image_size}x{image_size} pixels, to {out}")
    print(f"digest     {found.digest}")
    sources, targets = found.examples(range(min(SHOWN, len(found))))
    shown = {"L": found.show(sources), "L, a and b": found.show(sources, targets)}
    plots.save(plots.sheet(shown, title=f"{found.name} ({task})"), out)


def _name_some(names):
    """Return the first of some names as the end of a line; nothing where there are none."""
    return f": {', '.join(errors.first(list(names)))}" if names else ""


def _measure_void(pairs):
    """Say how much of a split's targets is void, at the size at which it is loaded."""
    shares = [float(pairs.pair(index)[0]["void"].mean()) for index in range(len(pairs))]
    found = sum(share > 0 for share in shares) / len(shares)
    return f"{sum(shares) / len(shares):.1%} of the targets' pixels, in {found:.0%} of the pairs".replace("%", " %")


def _name_classes(pairs):
    """Name the classes of the sources, as `--style` takes them."""
    try:
        colours = palettes.read_classes(pairs, 0).tolist()
    except errors.InputError as error:
        return f"cannot be told, {str(error).splitlines()[0]}"
    return ", ".join(styles.name_classes(*ids.part_unlabelled(colours)))


def _find_instances(name, split, image_size, labels):
    """Say how many things are seen in the pairs of a split at a size; return the pairs too, or None without any."""
    try:
        pairs = datasets.load(name, split, image_size, jitter=False, labels=labels, instances="auto")
    except errors.InputError as error:
        return f"cannot be used, {str(error).splitlines()[0]}", None
    if pairs.instances == "none":
        return f"not used, for the sources of {pairs.direction} are no label maps", None
    counted = range(min(SHOWN, len(pairs)) if name in drawn.KINDS else len(pairs))  # to draw all of them takes long
    found = [len(np.unique(pairs.pair(index)[0]["instances"])) for index in counted]
    if len(counted) < len(pairs):
        return f"{min(found)} to {max(found)} in each of the first {len(counted)} pairs", pairs
    return f"{len(pairs)} of {len(pairs)} pairs, {min(found)} to {max(found)} in each", pairs


def _colour_numbers(maps):
    """Return instance maps, (n, height, width, 1), in which each thing of a picture has a colour, uint8."""
    painted = []
    for numbers in maps[..., 0]:
        found, index = np.unique(numbers, return_inverse=True)
        colours = np.random.default_rng(0).integers(48, 256, (len(found), 3), np.uint8)
        painted.append(colours[index.reshape(numbers.shape)])
    return np.stack(painted)


def _find_remarks(name, pairs):
    """Say which pictures have no colour where others do, which of other splits are nearly in train, a line each."""
    if max(pairs.counts.values()) > COMPARED:
        return [f"greyscale and duplicates are not looked for among more than {COMPARED} pictures"]
    splits = {split: _shrink_split(name, split, pairs.paired) for split in pairs.counts}
    return [f"greyscale  {line}" for line in _find_greyscale(splits)] + [
        f"duplicates {line}" for line in _find_duplicates(splits)
    ]


def _shrink_split(name, split, paired):
    """Return names and thumbnails of the two sides of a split, by the sides' names."""
    pairs = datasets.load(name, split=split, image_size=2 * inspection.SIDE, jitter=False, unpaired=not paired)
    names = (pairs.names, pairs.names) if paired else pairs.side_names
    sides = zip(("source", "target") if paired else ("A", "B"), names, pairs.examples(range(len(pairs))), strict=True)
    return {side: (names, inspection.shrink(pictures[: len(names)])) for side, names, pictures in sides}


def _find_greyscale(splits):
    """Say how many pictures of each side have no colour where others have, a line each."""
    lines = []
    for split, sides in splits.items():
        for side, (names, small) in sides.items():
            found = [names[index] for index in inspection.greyscale(small)]
            if 0 < len(found) < len(names):
                lines.append(f"{len(found)} of {len(names)} in {split} {side}: {', '.join(errors.first(found))}")
    return lines


def _find_duplicates(splits):
    """Say which pictures of the other splits are nearly the same as one of the training set, a line each."""
    others = [split for split in splits if split != "train"]
    if "train" not in splits or not others:
        return ["not looked for: training pictures and others are needed"]
    lines = []
    for split in others:
        for side, (names, small) in splits[split].items():
            train_names, train_small = splits["train"][side]
            lines += [
                f"{split} {side} {names[test]}: is nearly train {side} {train_names[train]} ({apart:.1f} of 255 apart)"
                for test, train, apart in inspection.near_duplicates(train_small, small)
            ]
    return errors.first(lines) or [f"none of {' and '.join(others)} in train"]
