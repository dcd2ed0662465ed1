"""Train the recorded runs of pix2pixHD, and keep what the project shows of them.

    python scripts/recorded_high_resolution.py train [RUN] [--archive FILE] [--steps N] [--resume]
    python scripts/recorded_high_resolution.py show [RUN] [--archive FILE] [--commit HASH] [--hardware TEXT]

RUN terraces_hd is drawn terraces at 512 pixels, facades_hd the facades at 256, whose instances are the connected parts
of each class. Both have the improved recipe and features. `train` is what `pix2pix-tf train` does. `show` writes the
translations of all validation label maps, with drawn styles, as lossless WebP to data/results/, and two sheets with
config, history and provenance to notebooks/figures/: the first pairs, and three inputs in several styles of the wall.
"""

import json
import shutil
import subprocess
import sys

import recorded_run
import terraces

from pix2pix_tf import datasets, plots, runs

COMMON = ("--method", "pix2pixhd", "--features", "3", "--checkpoint-every", "500")
SMALL = ("--downs", "3", "--blocks", "4", "--enhancer-blocks", "2", "--scales", "3")
RUNS = {
    "terraces_hd": (3000, ("--data", "terraces", "--image-size", "512", "--filters", "24", *SMALL)),
    "facades_hd": (8000, ("--data", "facades", "--image-size", "256", "--filters", "32", *SMALL)),
}
SHOWN = 6
STYLES = 5


def arguments_of(options):
    """Return what `pix2pix-tf` is told."""
    steps, chosen = RUNS[options.run]
    archive = ["--archive", str(options.archive)] if options.archive else []
    return ["train", *COMMON, *chosen, "--steps", str(options.steps or steps), *archive]


def train(options):
    """Train, or go on."""
    told = [*arguments_of(options), "--out", str(options.out), *(["--resume"] if options.resume else [])]
    subprocess.run([sys.executable, "-c", terraces.RUN, *told], check=True)


def load(options):
    """Return the validation pairs with instances."""
    data, size = options.run.partition("_")[0], runs.open(options.out).image_size
    archive = {"archive": options.archive} if options.archive else {}
    return datasets.load(data, "val", size, instances="auto", **archive)


def show(options):
    """Write translations, sheets and how the run was made."""
    editor, validation = runs.open(options.out).translator(), load(options)
    results, figures = recorded_run.RESULTS / options.run, recorded_run.FIGURES
    recorded_run.store_all(
        (results / f"{name}.webp", editor({key: side[None] for key, side in validation.pair(index)[0].items()}, 0)[0])
        for index, name in enumerate(validation.names)
    )
    made = recorded_run.provenance(options)
    made["command"] = "pix2pix-tf " + " ".join(arguments_of(options))
    (results / "provenance.json").write_text(json.dumps(made, indent=2) + "\n")
    for path in (options.out / "history.csv", options.out / "config.json", results / "provenance.json"):
        shutil.copy(path, figures / f"{options.run}_{path.name}")
    sources, targets = validation.examples(range(SHOWN))
    outputs = {"styles drawn": editor(sources, 0), "styles of the truth": editor(sources, photos=targets)}
    columns = {"input": sources["image"], **outputs, "truth": targets}
    plots.save(plots.sheet(columns), figures / f"{options.run}_validation.jpg")
    plots.save(style_sheet(editor, sources), figures / f"{options.run}_styles.jpg")


def style_sheet(editor, sources):
    """Draw three inputs with the most frequent styles of their walls; everything else keeps its style."""
    some = {name: side[:3] for name, side in sources.items()}
    wall = editor.names.index("facade")
    count = min(STYLES, len(editor.styles.centres[wall]))
    columns = {f"walls of style {number}": editor(some, 0, styles={"facade": number}) for number in range(count)}
    return plots.sheet({"input": some["image"], **columns})


def main():
    """Read the command line."""
    verbs = {"train": train, "show": show}
    options = recorded_run.parse(__doc__, tuple(verbs), tuple(RUNS))
    verbs[options.what](options)


if __name__ == "__main__":
    main()
