"""Measure what each switch of the improved recipe does: alone in the paper's recipe, and left out of the improved one.

    python scripts/switches.py train [--data synthetic facades] [--archive facades.tar.gz] [--out runs/switches]
                                     [--seeds 2] [--steps 3000] [--part 1/1]
    python scripts/switches.py show --weights squeezenet.h5 [--data ...] [--archive FILE] [--commit HASH]

128 pixels, 16 filters, one pair a step. `train` does what is missing, one run after the other, a seed of all variants
and sets first, and translates the validation split with each; stopped at any moment and called again, it goes on.
`--part 1/2` and `--part 2/2` share the work between two processes. `show` scores the translations of every seed beside
those of the paper's recipe with that seed, and writes scores, a sheet of each set and provenance to notebooks/figures/.
What is recorded there of seeds whose runs are not here stays.
"""

import datetime
import json
import shutil

import ablations
import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, evaluation, images, palettes, pix2pix, plots, registry, runs, training
from pix2pix_tf.pretrained import extractors
from pix2pix_tf.system import hardware

SIZE, FILTERS = ablations.SIZE, 16
STEPS = 3000
TRANSLATIONS = "translations"  # of the validation split, in a run's folder; a run that has them is finished
# The options of the improved recipe that are switched together; all of them are the recipe for so few steps.
SWITCHES = {
    "nearest": ("upsampling",),
    "pixel norm": ("norm",),
    "spectral norm": ("spectral", "discriminator_norm"),
    "average": ("average",),
    "decay": ("decay",),
    "rate": ("learning_rate",),
    "palette": ("palette",),
    "void": ("void",),
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


def variants():
    """Return all variants: name to options, the paper's recipe first."""
    recipe = {name: value for name, value in registry.find("pix2pix").improve({"steps": STEPS}).items() if value}
    unnamed = recipe.keys() - {name for names in SWITCHES.values() for name in names}
    if unnamed:
        raise ValueError(f"the improved recipe has {', '.join(sorted(unnamed))}, and no switch does")
    found = {"paper": PAPER, "improved": {**PAPER, **recipe}}
    alone = {name: {option: recipe[option] for option in names} for name, names in SWITCHES.items()}
    found |= {f"{name} alone": {**PAPER, **options} for name, options in {**alone, **OTHERS}.items()}
    for left_out, names in SWITCHES.items():
        rest = {option: value for option, value in recipe.items() if option not in names}
        found[f"without {left_out}"] = {**PAPER, **rest}
    return found | {f"improved + {name}": {**PAPER, **recipe, **OTHERS[name]} for name in ADDED}


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


def steps_of(options, chosen):
    """Return the steps of a variant: of larger batches fewer, so that all see as many pairs."""
    return options.steps // chosen.get("batch_size", 1)


def train(options):
    """Train what is missing."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    part, parts = map(int, options.part.split("/"))
    for number, (folder, (data, seed, name, chosen)) in enumerate(plan(options).items()):
        if number % parts == part - 1 and not is_finished(folder):
            print(f"{data}, {name}, seed {seed}: {folder}", flush=True)
            train_one(folder, data, seed, chosen, options)


def train_one(folder, data, seed, chosen, options):
    """Train one run, or go on with it."""
    pairs, validation = (load(data, split, options, chosen.get("void", "none")) for split in ("train", "val"))
    keywords = {name: value for name, value in chosen.items() if name not in ("void", "batch_size")}
    if "palette" in keywords:
        keywords["palette"] = palettes.find_colours(pairs, "classes")
    model = pix2pix.Pix2Pix(SIZE, filters=FILTERS, seed=seed, **keywords)
    steps = steps_of(options, chosen)
    often = {"checkpoint_every": steps, "preview_every": steps, "batch_size": chosen.get("batch_size", 1)}
    training.fit(model, pairs, steps, folder, validation, seed=seed, resume=(folder / "config.json").exists(), **often)
    translate(folder, load(data, "val", options))


def translate(folder, pairs):
    """Write the translations of a run as lossless WebP, all of them or none."""
    translator = runs.open(folder).translator(pairs.direction)
    unfinished = folder / f"{TRANSLATIONS}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for index, name in enumerate(pairs.names):
        output = translator(pairs.pair(index)[0][None])[0]
        images.write(unfinished / f"{name}.webp", images.to_uint8(output), lossless=True)
    unfinished.rename(folder / TRANSLATIONS)


def is_finished(folder):
    """Say whether a run is trained and has translated."""
    return (folder / TRANSLATIONS).is_dir()


def load(data, split, options, void="none"):
    """Load a split of a set."""
    place = {"archive": options.archive, "void": void} if data == "facades" else {}
    return datasets.load(data, split, SIZE, **place)


def show(options):
    """Score all finished runs, draw a sheet of each set, and write how they were made."""
    extractor = extractors.named("squeezenet", options.weights)
    for data in options.data:
        for seed in range(options.seeds):
            finished = {
                name: folder / TRANSLATIONS
                for folder, (of, own_seed, name, _) in plan(options).items()
                if (of, own_seed) == (data, seed) and is_finished(folder)
            }
            if "paper" in finished:
                record(score(finished, data, seed, extractor, options), data, seed)
                if seed == 0:
                    plots.save(sheet(load(data, "val", options), finished), ablations.FIGURES / f"switches_{data}.jpg")
    ablations.write(ablations.FIGURES / "switches_provenance.json", provenance(options))


def score(finished, data, seed, extractor, options):
    """Return the scorecard of one seed's translations, in which they have the variants' names."""
    archive = options.archive if data == "facades" else None
    scores = evaluation.scorecard(finished.values(), data, archive=archive, extractor=extractor, progress=True)
    names = {str(folder): name for name, folder in finished.items()}
    for row in scores["scores"] + scores["differences"]:
        row.update({key: names.get(row[key], row[key]) for key in ("name", "from") if key in row} | {"seed": seed})
    return scores


def record(scores, data, seed):
    """Write a scorecard of one seed in the place of what is recorded of it."""
    path = ablations.FIGURES / f"switches_{data}_scores.json"
    old = json.loads(path.read_text()) if path.exists() else {"scores": [], "differences": []}
    for part in ("scores", "differences"):
        rows = [row for row in old[part] if row["seed"] != seed] + scores[part]
        scores[part] = sorted(rows, key=lambda row: row["seed"])
    ablations.write(path, {key: scores[key] for key in ("protocol", "scores", "differences", "left_out")})


def sheet(validation, finished):
    """Draw some validation inputs by every variant."""
    indices = np.linspace(0, len(validation) - 1, ablations.SHOWN).astype(int)
    sources, targets = validation.examples(indices)
    names = [validation.names[index] for index in indices]
    outputs = {
        variant: [images.read(folder / f"{name}.webp") for name in names] for variant, folder in finished.items()
    }
    return plots.sheet({"input": sources, **outputs, "truth": targets})


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


def main():
    """Read the command line."""
    data = {"nargs": "+", "choices": ("synthetic", "facades"), "default": ["synthetic", "facades"]}
    part = {"default": "1/1", "help": "which of how many processes this is"}
    options = ablations.parse(__doc__, "runs/switches", seeds=2, steps=STEPS, data=data, part=part)
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
