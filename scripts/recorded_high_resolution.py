"""Train the recorded runs of pix2pixHD, and keep what the project shows of them.

    python scripts/recorded_high_resolution.py train [RUN] [--archive FILE] [--steps N] [--resume]
    python scripts/recorded_high_resolution.py show [RUN] [--archive FILE] [--commit HASH] [--hardware TEXT]
    python scripts/recorded_high_resolution.py score [RUN] --weights squeezenet.h5 [--archive FILE]

RUN terraces_hd is drawn terraces at 512 pixels, facades_hd the facades at 256, whose instances are the connected parts
of each class. Both have the improved recipe and features. terraces_pix2pix and facades_pix2pix are pix2pix by its
improved recipe, of as many filters and steps, and the same with _minutes of as many minutes. `train` is what
`pix2pix-tf train` does. `show` writes the translations of all validation label maps, with drawn styles, as lossless
WebP to data/results/, and two sheets with config, history and provenance to notebooks/figures/: the first pairs, and
three inputs in several styles of the wall. `score` writes the scorecard of a run and of those of pix2pix beside it.
"""

import json
import shutil
import subprocess
import sys

import ablations
import numpy as np
import recorded_run
import terraces

from pix2pix_tf import datasets, editing, plots, runs

SETS = {  # of each set: the steps and what all its runs have
    "terraces": (3000, ("--data", "terraces", "--image-size", "512", "--filters", "24", "--checkpoint-every", "500")),
    "facades": (4000, ("--data", "facades", "--image-size", "256", "--filters", "32", "--checkpoint-every", "500")),
}
HD = ("--features", "3", "--downs", "3", "--blocks", "4", "--enhancer-blocks", "2", "--scales", "3")
METHODS = {"hd": ("pix2pixhd", HD), "pix2pix": ("pix2pix", ()), "pix2pix_minutes": ("pix2pix", ())}
BESIDE = {"hd": "pix2pixHD", "pix2pix": "pix2pix, as many steps", "pix2pix_minutes": "pix2pix, as many minutes"}
RUNS = tuple(f"{data}_{ending}" for data in SETS for ending in METHODS)
SHOWN = 6
STYLES = 5


def arguments_of(options):
    """Return what `pix2pix-tf` is told."""
    data, _, ending = options.run.partition("_")
    (steps, chosen), (method, own) = SETS[data], METHODS[ending]
    archive = ["--archive", str(options.archive)] if options.archive else []
    return ["train", "--method", method, *chosen, *own, "--steps", str(options.steps or steps), *archive]


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
        (results / f"{name}.webp", translate(editor, validation, index)) for index, name in enumerate(validation.names)
    )
    made = recorded_run.provenance(options)
    made["command"] = "pix2pix-tf " + " ".join(arguments_of(options))
    (results / "provenance.json").write_text(json.dumps(made, indent=2) + "\n")
    for path in (options.out / "history.csv", options.out / "config.json", results / "provenance.json"):
        shutil.copy(path, figures / f"{options.run}_{path.name}")
    sources, targets = validation.examples(range(SHOWN))
    outputs = {
        "styles drawn": [translate(editor, validation, index) for index in range(SHOWN)],
        "styles of the truth": editor(sources, photos=targets),
    }
    columns = {"input": sources["image"], **outputs, "truth": targets}
    plots.save(plots.sheet(columns), figures / f"{options.run}_validation.jpg")
    plots.save(style_sheet(editor, sources), figures / f"{options.run}_styles.jpg")


def translate(editor, pairs, index):
    """Return the translation of a pair's source, (size, size, 3), with the styles that are drawn for its name."""
    source = {key: side[None] for key, side in pairs.pair(index)[0].items()}
    return editor(source, editing.seed_of(0, pairs.names[index]))[0]


def style_sheet(editor, sources):
    """Draw three inputs with the most frequent styles of their walls; everything else keeps its style."""
    some = {name: side[:3] for name, side in sources.items()}
    wall = editor.names.index("facade")
    count = min(STYLES, len(editor.styles.centres[wall]))
    columns = {f"walls of style {number}": editor(some, 0, styles={"facade": number}) for number in range(count)}
    return plots.sheet({"input": some["image"], **columns})


def score(options):
    """Write the scorecard of a run, and of those of pix2pix beside it that are there."""
    data = options.run.partition("_")[0]
    named = {name: options.out.parent / f"{data}_{ending}" for ending, name in BESIDE.items()}
    found = {name: folder for name, folder in named.items() if (folder / "generator.keras").exists()}
    scores = ablations.score(found, options, data, "b_to_a")
    scores["minutes"] = {name: count_minutes(folder) for name, folder in found.items()}
    ablations.write(recorded_run.FIGURES / f"{options.run}_scores.json", scores)


def count_minutes(folder):
    """Return how many minutes the steps of a run took."""
    rows = np.genfromtxt(folder / "history.csv", delimiter=",", names=True)
    return round(float(np.sum(np.diff(rows["step"], prepend=0) / rows["images_per_second"])) / 60, 1)


def main():
    """Read the command line."""
    verbs = {"train": train, "show": show, "score": score}
    options = recorded_run.parse(__doc__, tuple(verbs), RUNS)
    verbs[options.what](options)


if __name__ == "__main__":
    main()
