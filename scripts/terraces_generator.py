"""Train the generator of terraces that comes with the package: from label maps, instances and styles to renderings.

    python scripts/terraces_generator.py train [--out runs/terraces] [--steps 5000] [--resume]
    python scripts/terraces_generator.py pack [--out runs/terraces] [--commit HASH] [--hardware TEXT]

`train` is `pix2pix-tf train --method pix2pixhd`: the small networks of drawn sets at 128 pixels, by the improved
recipe. `pack` writes the run to pix2pix_tf/pretrained/terraces/: its config, its generator and its encoder with weights
of 16 bits, the styles it knows and how it was made.
"""

import json
import shutil
import subprocess
import sys

import streets_generator
import terraces

from pix2pix_tf import editing, styles
from pix2pix_tf.pretrained import shipped

FOLDER = shipped.FOLDER / "terraces"


def train(options):
    """Train it."""
    again = ["--resume"] if options.resume else []
    told = ["train", "--method", "pix2pixhd", "--steps", str(options.steps), "--out", str(options.out), *again]
    subprocess.run([sys.executable, "-c", terraces.RUN, *told], check=True)


def pack(options):
    """Write what comes with the package."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", styles.FILE):
        shutil.copy(options.out / name, FOLDER / name)
    for name in ("generator.keras", editing.ENCODER):
        streets_generator.halve(options.out / name, FOLDER / name)
    command, data = "pix2pix-tf train --method pix2pixhd", "400 drawn terraces alone (pix2pix_tf.streets)"
    made = streets_generator.provenance(options, command, data)
    (FOLDER / "provenance.json").write_text(json.dumps(made, indent=2) + "\n")


def main():
    """Read the command line."""
    options = streets_generator.parse(__doc__, "runs/terraces", 5000)
    {"train": train, "pack": pack}[options.what](options)


if __name__ == "__main__":
    main()
