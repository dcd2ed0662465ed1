"""Train the recorded runs of pix2pixHD, and keep what the project shows of them.

    python scripts/recorded_high_resolution.py train [RUN] [--archive FILE] [--steps N] [--resume]
    python scripts/recorded_high_resolution.py show [RUN] [--archive FILE] [--commit HASH] [--hardware TEXT]
    python scripts/recorded_high_resolution.py score [RUN] --weights squeezenet.h5 [--archive FILE]

RUN terraces_hd is drawn terraces at 512 pixels, facades_hd the facades at 256, whose instances are the connected parts
of each class. Both have the improved recipe and features. facades_beside and terraces_beside are pix2pix with as many
steps, terraces_minutes is pix2pix with as many minutes; they are scored beside pix2pixHD, and the last is on its sheet.
`train` is what `pix2pix-tf train` does. `show` writes the
translations of all validation label maps, with drawn styles, as WebP to data/results/, large ones not lossless.
Two sheets with config, history and provenance go to notebooks/figures/: the first pairs, and three inputs in several
styles of the wall.
`score` writes the scorecard of a run; of facades beside the recorded translations of pix2pix.
"""

import json
import shutil
import subprocess
import sys

import ablations
import numpy as np
import recorded_run
import terraces

from pix2pix_tf import datasets, editing, images, plots, runs

COMMON = ("--checkpoint-every", "500")
SMALL = ("--method", "pix2pixhd", "--features", "3", "--downs", "3", "--blocks", "4", "--enhancer-blocks", "2")
FACADES = ("--data", "facades", "--image-size", "256")
TERRACES = ("--data", "terraces", "--image-size", "512", "--filters", "24")
RUNS = {
    "terraces_hd": (3000, (*TERRACES, *SMALL, "--scales", "3")),
    "terraces_beside": (3000, TERRACES),  # pix2pix, with as many steps
    "terraces_minutes": (7000, TERRACES),  # and in as many minutes
    "facades_hd": (4000, (*FACADES, "--filters", "24", *SMALL, "--scales", "1")),
    "facades_beside": (4000, (*FACADES, "--filters", "32")),  # pix2pix, with as many steps
}
BESIDE = {  # a run's folder lies beside the one that is scored
    "terraces_hd": {"pix2pix, as many steps": "terraces_beside", "pix2pix, as many minutes": "terraces_minutes"},
    "facades_hd": {
        "pix2pix, as many steps": "facades_beside",
        "pix2pix, 20,000 steps": (recorded_run.RESULTS / "facades_improved").absolute(),
    },
}
PIXELS = 1536  # height of a sheet of pairs
STYLES = 5
SHOWN_SIZE = 256  # pixels of a picture on the sheet of styles
LARGEST = 384  # of one on the sheet of pairs, which is in git
QUALITY = 85  # of large WebP: lossless ones would be ten times as large


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
    size = editor.image_size
    translated = (
        (results / f"{name}.webp", translate(editor, validation, index)) for index, name in enumerate(validation.names)
    )
    recorded_run.store_all(translated, recorded_run.store if size <= 256 else store_large)
    made = recorded_run.provenance(options)
    options.archive = None  # whose place on this machine is nobody's business
    made["command"] = "pix2pix-tf " + " ".join(arguments_of(options))
    made |= {} if size <= 256 else {"translations": f"WebP of quality {QUALITY}"}
    (results / "provenance.json").write_text(json.dumps(made, indent=2) + "\n")
    for path in (options.out / "history.csv", options.out / "config.json", results / "provenance.json"):
        shutil.copy(path, figures / f"{options.run}_{path.name}")
    count = PIXELS // size
    sources, targets = validation.examples(range(count))
    outputs = {
        "styles drawn": [translate(editor, validation, index) for index in range(count)],
        "styles of the truth": editor(sources, photos=targets),
    }
    for name, folder in list(beside(options).items())[-1:]:  # the strongest comes last
        if (folder / "config.json").exists():
            outputs[name] = runs.open(folder).translator()(sources["image"])
    columns = {"input": sources["image"], **outputs, "truth": targets}
    plots.save(smaller(columns, LARGEST), figures / f"{options.run}_validation.jpg")
    plots.save(style_sheet(editor, sources), figures / f"{options.run}_styles.jpg")


def store_large(path, output):
    """Write a translation, (height, width, 3) in [-1, 1], as WebP that is not lossless."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images.write(path, images.to_uint8(output), quality=QUALITY, method=6)


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
    return smaller({"input": some["image"], **columns}, SHOWN_SIZE)


def smaller(columns, side):
    """Draw a sheet whose pictures have at most so many pixels a side."""
    side = min(side, len(columns["input"][0]))
    return plots.sheet({name: [images.resize(one, side) for one in made] for name, made in columns.items()})


def beside(options):
    """Return what stands beside a run, a dict of name to folder."""
    return {name: options.out.parent / folder for name, folder in BESIDE.get(options.run, {}).items()}


def score(options):
    """Write the scorecard of a run, and of what is recorded beside it, with the hours that each took."""
    found = {"pix2pixHD": options.out, **beside(options)}
    scores = ablations.score(found, options, options.run.partition("_")[0], "b_to_a")
    trained = {name: folder for name, folder in found.items() if (folder / "history.csv").exists()}
    spent = {name: np.multiply(*recorded_run.seconds_of(folder)).sum() for name, folder in trained.items()}
    scores["hours"] = {name: round(float(seconds) / 3600, 2) for name, seconds in spent.items()}
    ablations.write(recorded_run.FIGURES / f"{options.run}_scores.json", scores)


def main():
    """Read the command line."""
    verbs = {"train": train, "show": show, "score": score}
    options = recorded_run.parse(__doc__, tuple(verbs), tuple(RUNS))
    verbs[options.what](options)


if __name__ == "__main__":
    main()
