"""Measure what the switches of CycleGAN's improved recipe do, and WGAN-GP in either recipe.

    python scripts/cyclegan_switches.py train [--data day2night horse2zebra] [--archive horse2zebra.zip] [--part 1/1]
                                              [--out runs/cyclegan_switches] [--seeds 2] [--steps 3000]
    python scripts/cyclegan_switches.py show --weights squeezenet.h5 [--data ...] [--archive FILE] [--commit HASH]
    python scripts/cyclegan_switches.py table

64 pixels, 16 filters, 4 residual blocks, one image of each domain a step. `train` does what is missing, both recipes
and WGAN-GP first; stopped at any moment and called again, it goes on. `--part 1/2` and `--part 2/2` share the work
between two processes. `show` scores both directions of every finished run on the held-out images, and writes scores, a
sheet of each set and provenance to notebooks/figures/. `table` prints what is recorded as Markdown.
"""

import datetime
import json

import ablations
import numpy as np
import switches
import tensorflow as tf

from pix2pix_tf import cyclegan, datasets, images, plots, registry, runs, training
from pix2pix_tf.datasets import catalogue
from pix2pix_tf.evaluation import inputs, tables
from pix2pix_tf.system import hardware

SIZE, FILTERS, BLOCKS = 64, 16, 4
SETS = ("day2night", "horse2zebra")
FIRST = {  # and what their columns are called
    "paper": "paper",
    "improved": "improved",
    "WGAN-GP alone": "WGAN-GP",
    "improved + WGAN-GP": "both",
}
# As published its critic has no norm, for a penalty sees one sample at a time.
WGAN_GP = {"adversarial": "wasserstein_gp", "discriminator_norm": "none"}
SWITCHES = {  # the options that are switched together
    "nearest": ("upsampling",),
    "pixel norm": ("norm", "discriminator_norm"),
    "average": ("average",),
    "input skip": ("input_skip",),
    "no identity": ("identity_weight",),
    "cycle weight": ("cycle_weight",),
    "rate": ("learning_rate",),
}
SHOWN = 4
UNCHANGED = "not translated"
MEASURES = {
    "frechet_distance": "Fréchet distance",
    "kernel_distance": "kernel distance",
    "l1": "L1",
    "ssim": "SSIM",
    "recall": "recall",
    "spectral_peak": "spectral peak, times real",
    "colour_spread": "colour spread, of real",
    "droplet": "droplet, times real",
}


def variants():
    """Return all variants: name to keywords, those of `FIRST` first."""
    recipe = registry.find("cyclegan").improve({})
    unnamed = recipe.keys() ^ {name for names in SWITCHES.values() for name in names}
    if unnamed:
        raise ValueError(f"recipe and switches differ in {', '.join(sorted(unnamed))}")
    found = {"paper": {}, "improved": recipe, "WGAN-GP alone": WGAN_GP, "improved + WGAN-GP": {**recipe, **WGAN_GP}}
    for name, options in SWITCHES.items():
        found[f"{name} alone"] = {option: recipe[option] for option in options}
        found[f"without {name}"] = {option: value for option, value in recipe.items() if option not in options}
    return found


def plan(options):
    """Return the runs, the most important first: folder to set, seed and name."""
    pairs = [(seed, name) for seed in range(options.seeds) for name in variants()]
    return {
        options.out / data / f"{name.replace('+', 'plus').replace(' ', '_')}_{seed}": (data, seed, name)
        for seed, name in sorted(pairs, key=lambda pair: pair[1] not in FIRST)
        for data in options.data
    }


def load(data, split, options):
    """Load a split of a set as two domains."""
    return datasets.load(data, split, SIZE, unpaired=True, archive=options.archive if data == "horse2zebra" else None)


def train(options):
    """Train what is missing."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    part, parts = map(int, options.part.split("/"))
    for number, (folder, (data, seed, name)) in enumerate(plan(options).items()):
        if number % parts == part - 1 and not ablations.is_finished(folder, options.steps, "generator_a_to_b.keras"):
            print(f"{data}, {name}, seed {seed}: {folder}", flush=True)
            domains = load(data, "train", options)
            held_out = load(data, domains.held_out, options)
            model = cyclegan.CycleGAN(SIZE, BLOCKS, filters=FILTERS, seed=seed, **variants()[name])
            often = {"checkpoint_every": options.steps, "preview_every": options.steps}
            resume = (folder / "config.json").exists()
            training.fit(model, domains, options.steps, folder, held_out, seed=seed, resume=resume, **often)


def find_finished(data, options):
    """Return the finished runs of a set: (name, seed) to folder."""
    return {
        (name, seed): folder
        for folder, (of, seed, name) in plan(options).items()
        if of == data and ablations.is_finished(folder, options.steps, "generator_a_to_b.keras")
    }


def show(options):
    """Score what is finished, draw a sheet of each set, and write how the runs were made."""
    for data in options.data:
        finished = find_finished(data, options)
        for direction in datasets.DIRECTIONS if finished else ():
            named = {f"{name}, seed {seed}": folder for (name, seed), folder in finished.items()}
            if data in catalogue.DRAWN:  # a scorecard of unpaired photographs has such a row of itself
                named[UNCHANGED] = write_sources(data, direction, options)
            scores = ablations.score(named, options, data, direction)
            path = ablations.FIGURES / f"cyclegan_switches_{data}_{direction}_scores.json"
            ablations.write(path, switches.rounded({**scores, "commit": options.commit}))
        chosen = {name: finished[name, 0] for name in FIRST if (name, 0) in finished}
        if chosen:
            plots.save(sheet(data, chosen, options), ablations.FIGURES / f"cyclegan_switches_{data}.jpg")
    ablations.write(ablations.FIGURES / "cyclegan_switches_provenance.json", provenance(options))


def write_sources(data, direction, options):
    """Write the held-out images that are translated, as they are; return their folder: the least to be better than."""
    held_out, _ = inputs.load(data, None, SIZE, direction, None, None)
    folder = options.out / data / f"{UNCHANGED.replace(' ', '_')}_{direction}"
    folder.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(held_out.names):
        images.write(folder / f"{name}.webp", images.to_uint8(held_out.pair(index)[0]), lossless=True)
    return folder


def sheet(data, chosen, options):
    """Draw some held-out images of each domain by some variants."""
    held_out = load(data, load(data, "train", options).held_out, options)
    a, b = held_out.examples(np.linspace(0, len(held_out) - 1, SHOWN).astype(int))
    columns = {"A": a} | {
        f"{FIRST[name]}: as B": runs.open(one).translator("a_to_b")(a) for name, one in chosen.items()
    }
    columns |= {"B": b} | {
        f"{FIRST[name]}: as A": runs.open(one).translator("b_to_a")(b) for name, one in chosen.items()
    }
    return plots.sheet(columns)


def print_table(options):
    """Print what is recorded of each set and direction as Markdown, the seeds beside each other."""
    for path in sorted(ablations.FIGURES.glob("cyclegan_switches_*_scores.json")):
        rows = {row["name"]: row["measures"] for row in json.loads(path.read_text())["scores"]}
        print(f"\n**{path.stem.removeprefix('cyclegan_switches_').removesuffix('_scores')}**\n")
        print(f"| variant | {' | '.join(MEASURES.values())} |\n|{'---|' * (len(MEASURES) + 1)}")
        for name in dict.fromkeys(name.partition(", seed")[0] for name in rows):
            seeds = [measures for row, measures in rows.items() if row.partition(", seed")[0] == name]
            cells = [" / ".join(write(one[measure]) for one in seeds if measure in one) for measure in MEASURES]
            print(f"| {name} | {' | '.join(cells)} |")


def write(measure):
    """Write a value; of artefacts how many times that of real images."""
    return f"{measure['real']:.2f}" if "real" in measure else tables.number(measure["value"])


def provenance(options):
    """Return how the runs were made, as a dict."""
    return {
        "command": f"python scripts/cyclegan_switches.py train --seeds {options.seeds} --steps {options.steps}",
        "image_size": SIZE,
        "filters": FILTERS,
        "blocks": BLOCKS,
        "steps": options.steps,
        "precision": hardware.resolve_precision("auto"),
        "hardware": options.hardware,
        "date": datetime.date.today().isoformat(),
    }


def main():
    """Read the command line."""
    data = {"nargs": "+", "choices": SETS, "default": list(SETS)}
    part = {"default": "1/1", "help": "which of how many processes this is"}
    verbs = ("train", "show", "table")
    options = ablations.parse(__doc__, "runs/cyclegan_switches", verbs, seeds=2, steps=3000, data=data, part=part)
    {"train": train, "show": show, "table": print_table}[options.what](options)


if __name__ == "__main__":
    main()
