"""Measure what each switch of the improved recipe does: alone in the paper's recipe, and left out of the improved one.

    python scripts/switches.py train [--data synthetic facades] [--archive facades.tar.gz] [--out runs/switches]
                                     [--seeds 2] [--steps 3000] [--part 1/1]
    python scripts/switches.py show --weights squeezenet.h5 [--data ...] [--archive FILE] [--commit HASH]

128 pixels, 32 filters, one pair a step. `train` does what is missing, one run after the other, a seed of all variants
and sets first; stopped at any moment and called again, it goes on. Two processes on two cores do twice as much as one:
`--part 1/2` and `--part 2/2` share the work. `show` scores all finished runs on the validation splits, and writes
scores, a sheet of each set and provenance to notebooks/figures/.
"""

import argparse
import datetime
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, evaluation, palettes, pix2pix, plots, runs, training
from pix2pix_tf.pretrained import extractors
from pix2pix_tf.runs import records
from pix2pix_tf.system import hardware

FIGURES = pathlib.Path("notebooks/figures")
SIZE, FILTERS = 128, 32
# The groups of options that are switched together; all of them make the improved recipe for as few steps.
SWITCHES = {
    "nearest": {"upsampling": "nearest"},
    "pixel norm": {"norm": "pixel"},
    "spectral norm": {"spectral": True, "discriminator_norm": "none"},
    "average": {"average": 0.998},
    "decay": {"decay": 0.7},
    "rate": {"learning_rate": 1e-3},
    "palette": {"palette": "auto"},
    "void": {"void": "auto"},
}
PAPER = {"discriminator_norm": "instance"}  # which is the paper's too, whatever the generator has
OTHERS = {  # what is not in the recipe, alone and added to it
    "tied start": {"upsampling": "tied"},
    "blurred": {"upsampling": "blurred"},
    "no norm up to 4x4": {"norm_least_side": 8},
    "augmentation": {"augmentation": "all"},
    "feature matching": {"feature_matching_weight": 10.0},
    "L1 weight 30": {"reconstruction_weight": 30.0},
    "batch 4": {"batch_size": 4},
}
ADDED = ("augmentation", "feature matching", "L1 weight 30")  # which others are added to the improved recipe too
SHOWN = 4  # inputs on the sheet


def variants():
    """Return all variants: name to options, the paper's recipe first."""
    improved = {**PAPER, **{key: value for options in SWITCHES.values() for key, value in options.items()}}
    found = {"paper": PAPER, "improved": improved}
    found |= {f"{name} alone": {**PAPER, **options} for name, options in {**SWITCHES, **OTHERS}.items()}
    for left_out in SWITCHES:
        rest = [options for name, options in SWITCHES.items() if name != left_out]
        found[f"without {left_out}"] = {**PAPER, **{key: value for options in rest for key, value in options.items()}}
    return found | {f"improved + {name}": {**improved, **OTHERS[name]} for name in ADDED}


def is_possible(data, options):
    """Say whether a variant differs from others on a set: drawings have no void."""
    return data != "synthetic" or options not in [SWITCHES["void"] | PAPER]


def plan(options):
    """Return the runs, the most important first: folder to set, seed, name and options."""
    found = {}
    for seed in range(options.seeds):
        for name, chosen in variants().items():
            for data in options.data:
                if data == "synthetic" and "void" in name:
                    continue  # drawings have none
                folder = options.out / data / f"{name.replace(' ', '_').replace('+', 'plus')}_{seed}"
                found[folder] = data, seed, name, chosen
    return found


def train(options):
    """Train what is missing."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    part, parts = map(int, options.part.split("/"))
    for number, (folder, (data, seed, name, chosen)) in enumerate(plan(options).items()):
        if number % parts == part - 1 and not is_finished(folder, options, chosen):
            print(f"{data}, {name}, seed {seed}: {folder}", flush=True)
            train_one(folder, data, seed, dict(chosen), options)


def train_one(folder, data, seed, keywords, options):
    """Train one run, or go on with it."""
    batch_size = keywords.pop("batch_size", 1)
    pairs, validation = (load(data, split, options, keywords.get("void", "none")) for split in ("train", "val"))
    keywords.pop("void", None)
    if "palette" in keywords:
        keywords["palette"] = palettes.find_colours(pairs, "classes")
    model = pix2pix.Pix2Pix(SIZE, filters=FILTERS, seed=seed, **keywords)
    steps = options.steps // batch_size
    same = {"seed": seed, "batch_size": batch_size, "checkpoint_every": steps, "preview_every": steps}
    training.fit(model, pairs, steps, folder, validation, resume=(folder / "config.json").exists(), **same)


def load(data, split, options, void="none"):
    """Load a split of a set."""
    place = {"archive": options.archive, "void": void} if data == "facades" else {}
    return datasets.load(data, split, SIZE, **place)


def is_finished(folder, options, chosen):
    """Say whether a run has all its steps."""
    history = records.read_history(folder)
    steps = options.steps // chosen.get("batch_size", 1)
    return bool(history) and history[-1]["step"] == steps and (folder / "generator.keras").exists()


def show(options):
    """Score all finished runs, draw a sheet of each set, and write how they were made."""
    extractor = extractors.named("squeezenet", options.weights)
    for data in options.data:
        finished = {
            folder: (name, seed)
            for folder, (of, seed, name, chosen) in plan(options).items()
            if of == data and is_finished(folder, options, chosen)
        }
        archive = options.archive if data == "facades" else None
        scores = evaluation.scorecard(list(finished), data, archive=archive, extractor=extractor, progress=True)
        names = {str(folder): f"{name}, seed {seed}" for folder, (name, seed) in finished.items()}
        for row in scores["scores"] + scores["differences"]:
            row.update({key: names.get(row[key], row[key]) for key in ("name", "from") if key in row})
        for group in scores["seeds"]:
            group["names"] = [names[name] for name in group["names"]]
        write(FIGURES / f"switches_{data}_scores.json", scores)
        plots.save(sheet(data, finished, options), FIGURES / f"switches_{data}.jpg")
    write(FIGURES / "switches_provenance.json", provenance(options))


def sheet(data, finished, options):
    """Draw some validation inputs by every variant, seed 0: a row for each."""
    validation = load(data, "val", options)
    sources, targets = validation.examples(np.linspace(0, len(validation) - 1, SHOWN).astype(int))
    columns = {"input": sources}
    for folder, (name, seed) in finished.items():
        if seed == 0:
            translator = runs.open(folder).translator(validation.direction)
            columns[name] = np.concatenate([translator(source[None]) for source in sources])
    return plots.sheet({**columns, "truth": targets})


def provenance(options):
    """Return how the runs were made, as a dict."""
    return {
        "command": f"python scripts/switches.py train --seeds {options.seeds} --steps {options.steps}",
        "commit": options.commit,
        "image_size": SIZE,
        "filters": FILTERS,
        "steps": options.steps,
        "precision": hardware.resolve_precision("auto"),
        "hardware": options.hardware,
        "date": datetime.date.today().isoformat(),
    }


def write(path, content):
    """Write a JSON file."""
    path.write_text(json.dumps(content, indent=2) + "\n")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "show"))
    parser.add_argument("--data", nargs="+", choices=("synthetic", "facades"), default=["synthetic", "facades"])
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/switches"))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--part", default="1/1", help="which of how many processes this is")
    parser.add_argument("--weights", type=pathlib.Path, help="of SqueezeNet, for the distances")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the runs were made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what they ran on")
    options = parser.parse_args()
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
