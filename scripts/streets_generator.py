"""Train the generator that comes with the package: from label maps to street fronts, on streets that never repeat.

    python scripts/streets_generator.py train [--out runs/streets] [--steps 20000] [--resume]
    python scripts/streets_generator.py pack [--out runs/streets] [--commit HASH] [--hardware TEXT]

`train` learns from one drawn pair a step, each of them new, so that there is nothing to overfit; it takes the improved
recipe without augmentation, for that reason. `pack` writes the run to pix2pix_tf/pretrained/streets/: its config, its
generator with weights of 16 bits, the palettes it knows and how it was made.
"""

import argparse
import datetime
import io
import json
import os
import pathlib
import shutil
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, palettes, pix2pix, registry, training
from pix2pix_tf.pretrained import shipped
from pix2pix_tf.runs import records
from pix2pix_tf.system import files, hardware

SIZE, FILTERS, DISCRIMINATOR_FILTERS, SEED = 256, 16, 32, 0
FOLDER = shipped.FOLDER / "streets"


def train(options):
    """Train it."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    pairs = datasets.load("synthetic", "train", SIZE, count=options.steps, jitter=False, seed=SEED)
    validation = datasets.load("synthetic", "val", SIZE, seed=SEED)
    keywords = registry.find("pix2pix").improve({"steps": options.steps})
    del keywords["void"]  # drawings have none
    keywords |= {"augmentation": None, "palette": palettes.find_colours(pairs, "classes"), "seed": SEED}
    model = pix2pix.Pix2Pix(SIZE, filters=FILTERS, discriminator_filters=DISCRIMINATOR_FILTERS, **keywords)
    training.fit(model, pairs, options.steps, options.out, validation, checkpoint_every=1000, resume=options.resume)


def pack(options):
    """Write what comes with the package."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", palettes.FILE):
        shutil.copy(options.out / name, FOLDER / name)
    halve(options.out / "generator.keras", FOLDER / "generator.keras")
    command = "python scripts/streets_generator.py train"
    made = provenance(options, command, "drawn streets alone (pix2pix_tf.streets), a new pair at every step")
    (FOLDER / "provenance.json").write_text(json.dumps(made, indent=2) + "\n")


def halve(source, target):
    """Copy a `.keras` file with weights of 16 bits, which Keras reads into layers of 32 bits again."""
    with zipfile.ZipFile(source) as old, files.whole(target) as unfinished, zipfile.ZipFile(unfinished, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, halve_weights(content) if name.endswith(".h5") else content, zipfile.ZIP_DEFLATED)


def halve_weights(content):
    """Return an HDF5 file, as bytes, with all its numbers in 16 bits."""
    written = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as old, h5py.File(written, "w") as new:

        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                made = new.create_dataset(name, data=np.asarray(item).astype(np.float16))
            else:
                made = new.require_group(name)
            made.attrs.update(item.attrs)

        new.attrs.update(old.attrs)
        old.visititems(copy)
    return written.getvalue()


def provenance(options, command, data):
    """Return how a generator was made, as a dict: by a command, but for its steps, from these drawings."""
    history = records.read_history(options.out)
    seconds = [1 / row["images_per_second"] for row in history]
    return {
        "command": f"{command} --steps {history[-1]['step']}",
        "commit": options.commit,
        "data": data,
        "seed": SEED,
        "hardware": options.hardware,
        "seconds_per_step": round(float(np.median(seconds)), 3),
        "date": datetime.date.today().isoformat(),
        "weights": "rounded to 16 bits",
        "licence": "that of the package",
    }


def main():
    """Read the command line."""
    options = parse(__doc__, "runs/streets", 20_000)
    {"train": train, "pack": pack}[options.what](options)


def parse(description, out, steps):
    """Return the options of a script that trains and packs a generator."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "pack"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(out))
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the run was made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what it ran on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
