"""The command `sample`: a run that draws from noise in, a PNG for each sample out, or a table of points."""

import csv

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, plots, runs
from pix2pix_tf.cli import outputs
from pix2pix_tf.system import files

PART = 1024  # samples that are held at a time
COLUMNS = ("x", "y", "class")


def sample(run, out, count, seed, name=None, force=False):
    """Draw samples; check where all of them go before the first is written.

    Args:
        run: path of the run's folder.
        out: path of the folder for the samples.
        count: how many.
        seed: decides the noise.
        name: of the class of all; None takes all classes in turn.
        force: whether files may be written over that this program did not write.
    """
    tf.config.experimental.enable_op_determinism()
    sampler = runs.open(run).sampler()
    classes = sampler.number_classes(count, name)
    write = _write_images if len(sampler.shape) == 3 else _write_points
    write(sampler, sampler.draw_noise(count, seed), classes, out, force)


def _write_images(sampler, noise, classes, out, force):
    """Write each sample as a PNG, its number first in its name, then its class."""
    ends = [""] * len(noise) if classes is None else [f"-{sampler.classes[number]}" for number in classes]
    places = [out / files.fit_name(f"{number:06d}{end}", ".png") for number, end in enumerate(ends)]
    for place in places if out.is_dir() else ():
        outputs.check(place, images.is_own, force)
    outputs.make_folder(out)
    for start in range(0, len(noise), PART):
        part = slice(start, start + PART)
        made = images.to_uint8(sampler.make(noise[part], None if classes is None else classes[part]))
        for place, image in zip(places[part], made, strict=True):
            images.write(place, np.repeat(image, 3, -1) if image.shape[-1] == 1 else image)
            print(errors.readable(place))


def _write_points(sampler, noise, classes, out, force):
    """Write the points as a table, a row each, and as a picture."""
    table, picture = out / "points.csv", out / "points.png"
    columns = COLUMNS[:2] if classes is None else COLUMNS
    for place, is_own in ((table, _is_table), (picture, images.is_own)) if out.is_dir() else ():
        outputs.check(place, is_own, force)
    outputs.make_folder(out)
    points = sampler.make(noise, classes)
    named = [()] * len(points) if classes is None else [(sampler.classes[number],) for number in classes]
    with files.whole(table) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows((f"{x:.6g}", f"{y:.6g}", *name) for (x, y), name in zip(points, named, strict=True))
    plots.save(plots.clouds({"generated": points}), picture)
    for place in (table, picture):
        print(errors.readable(place))


def _is_table(path):
    """Say whether a file is a table of points as this command writes it."""
    try:
        with path.open(encoding="utf-8") as file:
            header = file.readline(64).strip()
    except (OSError, ValueError):
        return False
    return header in (",".join(COLUMNS[:2]), ",".join(COLUMNS))
