"""Find out what a wall that fills a photograph needs to take a style: pix2pixHD on facades, with four generators.

    python scripts/facade_styles.py train [--archive FILE] [--out runs/facade_styles] [--steps 1200] [--part 1/1]
    python scripts/facade_styles.py show [--archive FILE] [--commit HASH] [--hardware TEXT]
    python scripts/facade_styles.py table

128 pixels, 24 filters, no enhancer, one discriminator, seed 0. The variants differ in the norm of generator and encoder
and in whether the generator's last layer sees labels and styles (`--plane-skip`). `train` does what is missing, one run
after the other; stopped and called again, it goes on. `show` gives each validation photograph's own styles back to its
label map and compares the lightness of the walls; it writes numbers and a sheet to notebooks/figures/, and `table`
prints the numbers.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import ablations
import numpy as np
import terraces

from pix2pix_tf import datasets, lab, plots, runs

SIZE, SHOWN = 128, 6
NAME = "facade_styles"
SMALL = ("--filters", "24", "--downs", "2", "--blocks", "3", "--enhancers", "0", "--scales", "1", "--features", "3")
NORMS = ("--discriminator-norm", "plain_instance", "--norm")
VARIANTS = {
    "instance norm": (*NORMS, "plain_instance", "--no-plane-skip"),
    "instance norm and plane skip": (*NORMS, "plain_instance", "--plane-skip"),
    "layer norm": (*NORMS, "layer", "--no-plane-skip"),
    "layer norm and plane skip": (*NORMS, "layer", "--plane-skip"),
}
WALL = "facade"
LEAST = 0.1  # share of the picture that walls have at least, where they are compared


def folder_of(options, name):
    """Return the folder of a run."""
    return options.out / name.replace(" ", "_")


def train(options):
    """Train what is missing."""
    part, parts = map(int, options.part.split("/"))
    for number, (name, chosen) in enumerate(VARIANTS.items()):
        folder = folder_of(options, name)
        if number % parts == part - 1 and not ablations.is_finished(folder, options.steps):
            print(f"{name}: {folder}", flush=True)
            again = ["--resume"] if (folder / "config.json").exists() else []
            archive = ["--archive", str(options.archive)] if options.archive else []
            told = [*command_of(chosen, options.steps), *archive, "--out", str(folder), *again]
            subprocess.run([sys.executable, "-c", terraces.RUN, *told], check=True)


def command_of(chosen, steps):
    """Return what `pix2pix-tf` is told to train a variant."""
    size = ("--data", "facades", "--image-size", str(SIZE), "--steps", str(steps))
    return ["train", "--method", "pix2pixhd", *size, *SMALL, *chosen, "--preview-every", str(steps)]


def show(options):
    """Compare the walls, draw a sheet, and write how the runs were made."""
    archive = {"archive": options.archive} if options.archive else {}
    validation = datasets.load("facades", "val", SIZE, instances="auto", **archive)
    sources, targets = validation.examples(range(len(validation)))
    columns, rows = {"input": sources["image"][:SHOWN]}, {}
    for name in VARIANTS:
        editor = runs.open(folder_of(options, name)).translator()
        outputs = np.concatenate([editor(one, photos=target) for one, target in one_by_one(sources, targets)])
        rows[name] = compare_walls(outputs, targets, find_walls(editor, sources["image"]))
        columns[name] = outputs[:SHOWN]
    made = {"command": "pix2pix-tf " + " ".join(command_of(("VARIANT",), options.steps)), "commit": options.commit}
    made |= {"variants": VARIANTS, "hardware": options.hardware, "seed": 0, "walls": rows}
    ablations.write(ablations.FIGURES / f"{NAME}.json", made)
    plots.save(plots.sheet({**columns, "truth": targets[:SHOWN]}), ablations.FIGURES / f"{NAME}.jpg")


def one_by_one(sources, targets):
    """Yield the pairs as batches of one."""
    for index, target in enumerate(targets):
        yield {key: side[index : index + 1] for key, side in sources.items()}, target[None]


def find_walls(editor, label_maps):
    """Mark the pixels of the class wall: bool (n, size, size)."""
    return np.asarray(editor.planes.classify(label_maps)) == editor.names.index(WALL)


def compare_walls(outputs, photos, walls):
    """Return how the mean lightness of the walls follows that of the photographs.

    Args:
        outputs, photos: float (n, size, size, 3) in [-1, 1].
        walls: bool (n, size, size).

    Returns:
        dict: "images" with enough wall, "correlation", "slope" of the straight line through the points, and "error",
        the mean absolute difference of lightness, black -1 and white 1.
    """
    enough = np.flatnonzero(walls.mean(axis=(1, 2)) >= LEAST)
    given, asked = (
        np.array([lab.lightness_of(images[index])[walls[index]].mean() for index in enough])
        for images in (outputs, photos)
    )
    return {
        "images": len(enough),
        "correlation": float(np.corrcoef(asked, given)[0, 1]),
        "slope": float(np.polyfit(asked, given, 1)[0]),
        "error": float(np.abs(asked - given).mean()),
    }


def table(options):
    """Print the numbers."""
    found = json.loads((ablations.FIGURES / f"{NAME}.json").read_text())["walls"]
    print("| variant | correlation | slope | mean error |\n|---|---|---|---|")
    for name, row in found.items():
        print(f"| {name} | {row['correlation']:.2f} | {row['slope']:.2f} | {row['error']:.3f} |")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = {"train": train, "show": show, "table": table}
    parser.add_argument("what", choices=verbs)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs") / NAME)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--part", default="1/1", help="which of how many processes this is")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the runs were made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what they ran on")
    options = parser.parse_args()
    verbs[options.what](options)


if __name__ == "__main__":
    main()
