"""The commands `data list`, `data prepare` and `data show`."""

import pathlib

from pix2pix_tf import datasets, errors, plots
from pix2pix_tf.datasets import records, synthetic

CLASSES = ("synthetic", "facades")  # the sets whose label maps have the colours of `synthetic.LABELS`
SHOWN = 6


def data_list():
    """Print the data sets, a line each."""
    rows = [("name", "ready", "direction", "pairs", "what it shows")]
    for record in datasets.catalogue():
        ready = "yes" if record.prepared else "no"
        rows.append(
            (record.name, ready, record.direction, counted(record.splits) or "not known yet", record.description)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] + [0]
    for row in rows:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)))


def counted(splits):
    """Return the sizes of splits as text."""
    return ", ".join(f"{name} {count}" for name, count in splits.items())


def data_prepare(name, archive):
    """Make a data set ready and say what it holds."""
    record = datasets.prepare(name, archive=archive, progress=True)
    print(f"{record.name} is ready: {counted(record.splits)}")
    print(f"{record.description}; terms: {record.licence}; see {record.homepage}")


def data_show(name, split, image_size, out):
    """Print what a data set holds and draw some of its pairs."""
    out = out or pathlib.Path(f"{pathlib.Path(name).resolve().name}.png")
    if out.suffix.lower() not in (".png", ".jpg", ".jpeg") or not out.parent.is_dir():
        raise errors.InputError(f"--out {out}: expected a .png or .jpg file in a folder that exists")
    pairs = datasets.load(name, split=split, image_size=image_size, jitter=False)
    record = records.find(name)
    print(f"name       {pairs.name}" + (f": {record.description}" if record else ""))
    print(f"pairs      {counted(pairs.counts)}")
    print(f"direction  {pairs.direction}")
    print(f"shown      {split}, at {image_size}x{image_size} pixels, to {out}")
    print(f"digest     {pairs.digest}")
    if name in CLASSES:
        print("classes    " + ", ".join(f"{label} #{bytes(colour).hex()}" for label, colour in synthetic.LABELS))
    sources, targets = pairs.examples(range(min(SHOWN, len(pairs))))
    sheet = plots.sheet({"source": sources, "target": targets}, title=f"{pairs.name} ({pairs.direction})")
    plots.save(sheet, out)
