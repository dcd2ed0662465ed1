"""Train the generator of terraces that comes with the package: from label maps, instances and styles to renderings.

    python scripts/terraces_generator.py train [--out runs/terraces] [--steps 5000] [--resume]
    python scripts/terraces_generator.py pack [--out runs/terraces] [--commit HASH] [--hardware TEXT]

`train` is `pix2pix-tf train --method pix2pixhd`: the small networks of drawn sets at 128 pixels, by the improved
recipe. `pack` writes the run to pix2pix_tf/pretrained/terraces/: its config, its generator and its encoder with weights
of 16 bits, the styles it knows and how it was made.
"""

import argparse
import datetime
import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import streets_generator
import terraces

from pix2pix_tf import editing, styles
from pix2pix_tf.pretrained import shipped
from pix2pix_tf.runs import records

FOLDER = shipped.FOLDER / "terraces"


def train(options):
    """Train it."""
    again = ["--resume"] if options.resume else []
    told = ["train", *terraces.HD, "--steps", str(options.steps), "--out", str(options.out), *again]
    subprocess.run([sys.executable, "-c", terraces.RUN, *told], check=True)


def pack(options):
    """Write what comes with the package."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", styles.FILE):
        shutil.copy(options.out / name, FOLDER / name)
    for name in ("generator.keras", editing.ENCODER):
        streets_generator.halve(options.out / name, FOLDER / name)
    (FOLDER / "provenance.json").write_text(json.dumps(provenance(options), indent=2) + "\n")


def provenance(options):
    """Return how the generator was made, as a dict."""
    history = records.read_history(options.out)
    return {
        "command": f"pix2pix-tf train --method pix2pixhd --steps {history[-1]['step']}",
        "commit": options.commit,
        "data": "400 drawn terraces alone (pix2pix_tf.streets)",
        "seed": json.loads((options.out / "config.json").read_text())["training"]["seed"],
        "hardware": options.hardware,
        "seconds_per_step": round(float(np.median([1 / row["images_per_second"] for row in history])), 3),
        "date": datetime.date.today().isoformat(),
        "weights": "rounded to 16 bits",
        "licence": "that of the package",
    }


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "pack"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/terraces"))
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the run was made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what it ran on")
    options = parser.parse_args()
    {"train": train, "pack": pack}[options.what](options)


if __name__ == "__main__":
    main()
