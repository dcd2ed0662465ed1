"""Repeat the paper's ablation in miniature: which loss does what, and what the skips do, with three seeds.

    python scripts/ablations.py train [--archive facades.tar.gz] [--out runs/ablations] [--seeds 3] [--steps 6000]
    python scripts/ablations.py show --weights squeezenet.h5 [--archive FILE] [--commit HASH] [--hardware TEXT]

Facades at 128 pixels, 32 filters, everything else as in the paper, whose variants these are (section 4.1, tables 1, 2).
`train` does what is missing, one run after the other, a seed of all variants first; stopped at any moment and called
again, it goes on. `show` scores all finished runs on the validation split, and writes scores, a sheet and provenance to
notebooks/figures/.

Source: Isola et al. 2017, sections 4.1 and 4.2.
"""

import argparse
import datetime
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, evaluation, pix2pix, plots, runs, training
from pix2pix_tf.datasets import catalogue
from pix2pix_tf.pretrained import extractors
from pix2pix_tf.runs import records
from pix2pix_tf.system import hardware

FIGURES = pathlib.Path("notebooks/figures")
SIZE, FILTERS = 128, 32
VARIANTS = {
    "L1": {"adversarial": None},
    "cGAN": {"reconstruction": None},
    "L1 + GAN": {"conditional": False},
    "L1 + cGAN": {},
    "encoder-decoder": {"skips": False},
}
SHOWN = 5  # inputs on the sheet


def folder_of(options, name, seed):
    """Return the folder of a run."""
    return options.out / f"{name.lower().replace(' ', '').replace('+', '_')}_{seed}"


def train(options):
    """Train what is missing."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    pairs, validation = (datasets.load("facades", split, SIZE, archive=options.archive) for split in ("train", "val"))
    for seed in range(options.seeds):
        for name, keywords in VARIANTS.items():
            folder = folder_of(options, name, seed)
            print(f"{name}, seed {seed}: {folder}", flush=True)
            model = pix2pix.Pix2Pix(SIZE, filters=FILTERS, seed=seed, **keywords)
            training.fit(
                model,
                pairs,
                options.steps,
                folder,
                validation,
                seed=seed,
                checkpoint_every=2000,
                preview_every=1000,
                resume=(folder / "config.json").exists(),
            )


def find_finished(options):
    """Return the runs that have all their steps: (name, seed) to folder."""
    every = {(name, seed): folder_of(options, name, seed) for name in VARIANTS for seed in range(options.seeds)}
    return {key: folder for key, folder in every.items() if is_finished(folder, options.steps)}


def is_finished(folder, steps, generator="generator.keras"):
    """Say whether a run has all its steps."""
    history = records.read_history(folder)
    return bool(history) and history[-1]["step"] == steps and (folder / generator).exists()


def show(options):
    """Score all finished runs, draw a sheet, and write how they were made."""
    finished = find_finished(options)
    named = {f"{name}, seed {seed}": folder for (name, seed), folder in finished.items()}
    write(FIGURES / "ablations_scores.json", score(named, options))
    write(FIGURES / "ablations_provenance.json", provenance(options, finished))
    validation = datasets.load("facades", "val", SIZE, archive=options.archive)
    plots.save(sheet(validation, finished), FIGURES / "ablations.jpg")


def score(finished, options, data=None, direction=None):
    """Return the scorecard of runs or translations, a dict of name to folder, in which they have these names."""
    extractor = extractors.named("squeezenet", options.weights)
    archive = None if data in catalogue.DRAWN else options.archive
    same = {"archive": archive, "extractor": extractor, "progress": True, "direction": direction}
    scores = evaluation.scorecard(list(finished.values()), data, **same)
    names = {str(folder): name for name, folder in finished.items()}
    for row in scores["scores"] + scores["differences"]:
        row.update({key: names.get(row[key], row[key]) for key in ("name", "from") if key in row})
    for group in scores["seeds"]:
        group["names"] = [names[name] for name in group["names"]]
    return scores


def sheet(validation, finished):
    """Draw some validation inputs by every variant, seed 0."""
    sources, targets = validation.examples(np.linspace(0, len(validation) - 1, SHOWN).astype(int))
    columns = {"input": sources}
    for (name, seed), folder in finished.items():
        if seed == 0:
            translator = runs.open(folder).translator(validation.direction)
            columns[name] = np.concatenate([translator(source[None]) for source in sources])
    return plots.sheet({**columns, "truth": targets})


def provenance(options, finished):
    """Return how the runs were made, as a dict."""
    config = runs.read_config(next(iter(finished.values())))
    seconds = {}
    for (name, _), folder in finished.items():
        rows = np.genfromtxt(folder / "history.csv", delimiter=",", names=True)
        seconds.setdefault(name, []).append(float(np.median(1 / rows["images_per_second"])))
    return {
        "command": f"python scripts/ablations.py train --seeds {options.seeds} --steps {options.steps}",
        "commit": options.commit,
        "seeds": {name: sum(other == name for other, _ in finished) for name in VARIANTS},
        "image_size": SIZE,
        "filters": FILTERS,
        "steps": config["training"]["steps"],
        "precision": config["model"]["precision"],
        "seconds_per_step": {name: round(float(np.median(values)), 4) for name, values in seconds.items()},
        "hardware": options.hardware,
        "date": datetime.date.today().isoformat(),
    }


def write(path, content):
    """Write a JSON file."""
    path.write_text(json.dumps(content, indent=2) + "\n")


def main():
    """Read the command line."""
    options = parse(__doc__, "runs/ablations", ("train", "show"), seeds=3, steps=6000)
    {"train": train, "show": show}[options.what](options)


def parse(description, out, verbs, seeds, steps, **more):
    """Return the options of a study: its own, name to what argparse is to know of them, beside those that all have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=verbs)
    for name, option in more.items():
        parser.add_argument(f"--{name}", **option)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(out))
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--weights", type=pathlib.Path, help="of SqueezeNet, for the distances")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the runs were made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what they ran on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
