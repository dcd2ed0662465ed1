"""Measure what each switch of the improved recipe does: alone in the paper's recipe, and left out of the improved one.

    python scripts/switches.py train [--data synthetic facades] [--archive facades.tar.gz] [--out runs/switches]
                                     [--seeds 2] [--steps 3000] [--part 1/1]
    python scripts/switches.py show --weights squeezenet.h5 [--data ...] [--archive FILE] [--commit HASH]
    python scripts/switches.py time --archive facades.tar.gz
    python scripts/switches.py table

128 pixels, 16 filters, one pair a step. `train` does what is missing, one run after the other, both recipes first, then
WGAN-GP, then a seed of all variants, and translates the validation split with each; stopped at any moment and called
again, it goes on. What is recorded is not trained again, but for the paper's recipe, which others are compared with.
`--part 1/2` and `--part 2/2` share the work between two processes. `show` scores the translations of every seed beside
those of the paper's recipe with that seed, and writes scores, a sheet of each set and provenance to notebooks/figures/.
What is recorded there is not scored again, and stays where its runs are gone. `time` measures
what a train step of every variant costs beside the paper's, in turn, on a machine that does nothing else, and writes
that there too. `table` prints what is recorded as Markdown.
"""

import datetime
import json
import shutil
import statistics
import time

import ablations
import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, images, palettes, pix2pix, plots, registry, runs, training
from pix2pix_tf.system import hardware

SIZE, FILTERS = ablations.SIZE, 16
PRECISION = "bfloat16"  # on every machine, whichever is faster there: rows are compared
STEPS = 3000
ROUNDS, STEPS_OF_A_ROUND = 9, 20  # of `time`
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
EMPTY = {"scores": [], "differences": []}
PAPER = {"discriminator_norm": "instance"}  # which is the paper's too, whatever the generator has
OTHERS = {  # what is not in the recipe, alone and added to it
    "tied start": {"upsampling": "tied"},
    "blurred": {"upsampling": "blurred"},
    "no norm up to 4x4": {"norm_least_side": 8},
    "augmentation": {"augmentation": "all"},
    "feature matching": {"feature_matching_weight": 10.0},
    "L1 weight 30": {"reconstruction_weight": 30.0},
    "batch 4": {"batch_size": 4},
    "WGAN-GP": {"adversarial": "wasserstein_gp", "spectral": False},  # either bounds the critic's slope
}
LONGER = "paper, more steps"  # a quarter: as many minutes as the improved recipe takes at most
DRAWN = ("paper", "nearest alone", "pixel norm alone", "average alone", "palette alone", "without nearest", "improved")
RECIPES = ("paper", "improved", LONGER)
OF_RUNS = ("void", "batch_size", "share_of_steps")  # options that are no keywords of the model
ADDED = (
    "augmentation",
    "feature matching",
    "L1 weight 30",
    "WGAN-GP",
)  # which others are added to the improved recipe too


def variants():
    """Return all variants: name to options, the paper's recipe first."""
    recipe = {name: value for name, value in registry.find("pix2pix").improve({"steps": STEPS}).items() if value}
    unnamed = recipe.keys() - {name for names in SWITCHES.values() for name in names}
    if unnamed:
        raise ValueError(f"the improved recipe has {', '.join(sorted(unnamed))}, and no switch does")
    found = {"paper": PAPER, "improved": {**PAPER, **recipe}, LONGER: {**PAPER, "share_of_steps": 1.25}}
    alone = {name: {option: recipe[option] for option in names} for name, names in SWITCHES.items()}
    found |= {f"{name} alone": {**PAPER, **options} for name, options in {**alone, **OTHERS}.items()}
    for left_out, names in SWITCHES.items():
        rest = {option: value for option, value in recipe.items() if option not in names}
        found[f"without {left_out}"] = {**PAPER, **rest}
    return found | {f"improved + {name}": {**PAPER, **recipe, **OTHERS[name]} for name in ADDED}


def plan(options):
    """Return the runs, the most important first: folder to set, seed, name and options."""
    found, chosen = {}, variants()
    pairs = [(seed, name) for seed in range(options.seeds) for name in chosen]
    for seed, name in sorted(pairs, key=lambda pair: (pair[1] not in RECIPES, "WGAN-GP" not in pair[1])):
        for data in options.data:
            if data == "synthetic" and "void" in name:
                continue  # drawings have none
            words = name.replace(",", "").replace("+", "plus").replace(" ", "_")
            found[options.out / data / f"{words}_{seed}"] = data, seed, name, chosen[name]
    return found


def steps_of(options, chosen):
    """Return the steps of a variant: of larger batches fewer, so that all see as many pairs."""
    return round(options.steps * chosen.get("share_of_steps", 1) / chosen.get("batch_size", 1))


def train(options):
    """Train what is missing."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    part, parts = map(int, options.part.split("/"))
    for number, (folder, (data, seed, name, chosen)) in enumerate(plan(options).items()):
        is_wanted = name == "paper" or not is_recorded(data, seed, name)
        if number % parts == part - 1 and is_wanted and not is_finished(folder):
            print(f"{data}, {name}, seed {seed}: {folder}", flush=True)
            train_one(folder, data, seed, chosen, options)


def is_recorded(data, seed, name):
    """Say whether a run of a set has been scored."""
    return any((row["name"], row["seed"]) == (name, seed) for row in (read(data) or EMPTY)["scores"])


def train_one(folder, data, seed, chosen, options):
    """Train one run, or go on with it."""
    pairs, validation = (load(data, split, options, chosen.get("void", "none")) for split in ("train", "val"))
    model = build(pairs, chosen, seed)
    steps = steps_of(options, chosen)
    often = {"checkpoint_every": steps, "preview_every": steps, "batch_size": chosen.get("batch_size", 1)}
    training.fit(model, pairs, steps, folder, validation, seed=seed, resume=(folder / "config.json").exists(), **often)
    translate(folder, load(data, "val", options))


def build(pairs, chosen, seed):
    """Return the model of a variant."""
    keywords = {name: value for name, value in chosen.items() if name not in OF_RUNS}
    if "palette" in keywords:
        keywords["palette"] = palettes.find_colours(pairs, "classes")
    return pix2pix.Pix2Pix(SIZE, filters=FILTERS, precision=PRECISION, seed=seed, **keywords)


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
    """Score what is not recorded yet, draw a sheet of each set, and write how the runs were made."""
    for data in options.data:
        for seed in range(options.seeds):
            finished = find_finished(data, seed, options)
            recorded = {row["name"] for row in (read(data) or EMPTY)["scores"] if row["seed"] == seed}
            missing = {name: folder for name, folder in finished.items() if name not in recorded}
            if missing and "paper" in finished:
                scores = ablations.score({"paper": finished["paper"], **missing}, options, data)
                record(scores, data, {"seed": seed, "commit": options.commit, "hardware": options.hardware})
        every = find_finished(data, 0, options)
        finished = {name: every[name] for name in DRAWN if name in every}
        if len(finished) == len(DRAWN):  # a sheet that is there is not drawn again with a part of them
            plots.save(sheet(load(data, "val", options), finished), ablations.FIGURES / f"switches_{data}.jpg")
    ablations.write(ablations.FIGURES / "switches_provenance.json", provenance(options))


def find_finished(data, seed, options):
    """Return the translations of the finished runs of a set and a seed: variant to folder."""
    return {
        name: folder / TRANSLATIONS
        for folder, (of, own_seed, name, _) in plan(options).items()
        if (of, own_seed) == (data, seed) and is_finished(folder)
    }


def record(scores, data, about):
    """Add a scorecard of one seed to what is recorded, a row a line, with `about` (seed, commit, hardware) in each."""
    old = read(data) or EMPTY
    lines = [f'"protocol": {json.dumps(scores["protocol"])}', f'"left_out": {json.dumps(scores["left_out"])}']
    for part in ("scores", "differences"):
        found = {(row["name"], row["seed"]) for row in old[part]}
        rows = old[part] + [row | about for row in scores[part] if (row["name"], about["seed"]) not in found]
        rows = ",\n".join(json.dumps(rounded(row)) for row in sorted(rows, key=lambda row: (row["seed"], order(row))))
        lines.append(f'"{part}": [\n{rows}\n]')
    file_of(data).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def order(row):
    """Return where a row stands in a table: variants as they are listed, then what needs no model."""
    names = list(variants())
    return names.index(row["name"]) if row["name"] in names else len(names)


def file_of(data):
    """Return where the scores of a set are recorded."""
    return ablations.FIGURES / f"switches_{data}_scores.json"


def read(data):
    """Return what is recorded of a set, or None."""
    return json.loads(file_of(data).read_text()) if file_of(data).exists() else None


def rounded(value):
    """Return numbers, also in dicts and lists, with six digits."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def print_table(options):
    """Print what is recorded of each set as Markdown: a line for each variant, the seeds beside each other."""
    path = ablations.FIGURES / "switches_cost.json"
    costs = json.loads(path.read_text())["costs"] if path.exists() else {}
    for data in options.data:
        recorded = read(data) or EMPTY
        seeds = sorted({row["seed"] for row in recorded["scores"]})
        rows = {(row["name"], row["seed"]): row["measures"] for row in recorded["scores"]}
        changes = {(row["name"], row["seed"]): row["measures"] for row in recorded["differences"]}
        print(f"\n**{data}**\n\n| variant | {' | '.join(COLUMNS)} | step |\n|{'---|' * (len(COLUMNS) + 2)}")
        for name in dict.fromkeys(name for name, _ in rows):
            cells = [
                " / ".join(filter(None, (column(rows, changes, name, seed) for seed in seeds)))
                for column in COLUMNS.values()
            ]
            cost = costs.get(name, {}).get("times_paper")
            print(f"| {name} | {' | '.join(cells)} | {'' if cost is None else f'{cost:.2f}'} |")


def shown(measure, key="value", digits=2):
    """Return a column that shows a number of a measure, and after a value its spread over halves of the images."""

    def column(rows, changes, name, seed):
        found = rows.get((name, seed), {}).get(measure, {})
        if found.get(key) is None:
            return ""
        spread = f" ± {found['subsamples']['std']:.{digits}f}" if key == "value" and "subsamples" in found else ""
        return f"{found[key]:.{digits}f}{spread}"

    return column


def change(measure):
    """Return a column that shows the difference from the paper's recipe, in bold where its interval leaves out 0."""

    def column(rows, changes, name, seed):
        found = changes.get((name, seed), {}).get(measure)
        if found is None:
            return ""
        decided = found["low"] > 0 or found["high"] < 0
        return f"{'**' if decided else ''}{found['value']:+.3f}{'**' if decided else ''}"

    return column


COLUMNS = {
    "Fréchet distance": shown("frechet_distance", digits=0),
    "kernel distance": shown("kernel_distance", digits=0),
    "recall": shown("recall"),
    "L1 minus the paper's": change("l1"),
    "labels read minus the paper's": change("per_pixel_accuracy"),
    "spectral peak, times real": shown("spectral_peak", "real", 1),
    "colour spread, of real": shown("colour_spread", "real"),
    "droplet, times real": shown("droplet", "real", 1),
}


def sheet(validation, finished):
    """Draw some validation inputs by every variant."""
    indices = np.linspace(0, len(validation) - 1, ablations.SHOWN).astype(int)
    sources, targets = validation.examples(indices)
    names = [validation.names[index] for index in indices]
    outputs = {
        variant: [images.read(folder / f"{name}.webp") for name in names] for variant, folder in finished.items()
    }
    return plots.sheet({"input": sources, **outputs, "truth": targets})


def time_steps(options):
    """Measure the train steps of all variants in turn: milliseconds a pair, and how many times the paper's."""
    hardware.keep_freed_memory()
    steps = {name: step_of(chosen, options) for name, chosen in variants().items()}
    seconds = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(STEPS_OF_A_ROUND):
                losses = step()
            min(float(loss) for loss in losses.values())  # until all of it is done
            seconds[name].append((time.perf_counter() - start) / STEPS_OF_A_ROUND)
    pairs = {name: chosen.get("batch_size", 1) for name, chosen in variants().items()}
    median = {name: statistics.median(values) / pairs[name] for name, values in seconds.items()}
    costs = {
        name: {"milliseconds": round(1000 * value, 2), "times_paper": round(value / median["paper"], 3)}
        for name, value in median.items()
    }
    about = {"rounds": ROUNDS, "steps_of_a_round": STEPS_OF_A_ROUND, "hardware": options.hardware}
    ablations.write(ablations.FIGURES / "switches_cost.json", {**about, "costs": costs})


def step_of(chosen, options):
    """Return a function that does a train step of a variant, which has been compiled."""
    pairs = load("facades", "train", options, chosen.get("void", "none"))
    model, size = build(pairs, chosen, 0), chosen.get("batch_size", 1)
    batch = tf.nest.map_structure(lambda values: tf.repeat(tf.constant(values)[None], size, axis=0), pairs.pair(0))
    model.compiled_step(*batch)
    return lambda: model.compiled_step(*batch)


def provenance(options):
    """Return how the runs were made, as a dict."""
    return {
        "command": f"python scripts/switches.py train --seeds {options.seeds} --steps {options.steps}",
        "image_size": SIZE,
        "filters": FILTERS,
        "steps": options.steps,
        "precision": PRECISION,
        "hardware": options.hardware,
        "date": datetime.date.today().isoformat(),
    }


def main():
    """Read the command line."""
    data = {"nargs": "+", "choices": ("synthetic", "facades"), "default": ["synthetic", "facades"]}
    part = {"default": "1/1", "help": "which of how many processes this is"}
    options = ablations.parse(
        __doc__, "runs/switches", ("train", "show", "time", "table"), seeds=2, steps=STEPS, data=data, part=part
    )
    {"train": train, "show": show, "time": time_steps, "table": print_table}[options.what](options)


if __name__ == "__main__":
    main()
