"""Find out what the parts of pix2pixHD do: its losses, its scales, borders and styles, with two seeds, beside pix2pix.

    python scripts/terraces.py train [--out runs/terraces_study] [--seeds 2] [--steps 1500] [--part 1/1]
    python scripts/terraces.py show --weights squeezenet.h5 [--commit HASH] [--hardware TEXT]
    python scripts/terraces.py table

Drawn terraces at 128 pixels, both methods by their improved recipes. `train` does what is missing, one run after the
other, a seed of all variants first; stopped at any moment and called again, it goes on. `show` scores all finished runs
on the validation split, measures what lies along the borders between two things of one class, and writes scores, a
sheet and provenance to notebooks/figures/; `table` prints the scores.
"""

import json
import subprocess
import sys

import ablations
import numpy as np
import recorded_run

from pix2pix_tf import datasets, editing, instances, plots, runs
from pix2pix_tf.evaluation import segmenter as segmentation

DATA, SIZE = "terraces", 128
NAME = "terraces_study"
ALONE = ("--method", "pix2pixhd")
HD = (*ALONE, "--scales", "2")
PERCEPTUAL = ("--perceptual", "squeezenet", "--perceptual-file")  # and the file
VARIANTS = {
    "pix2pix": ("--method", "pix2pix"),
    "pix2pixHD": HD,
    "without feature matching": (*HD, "--feature-matching-weight", "0"),
    "without the GAN": (*HD, "--adversarial-weight", "0"),
    "without L1": (*HD, "--reconstruction-weight", "0"),
    "with a perceptual loss": (*HD, *PERCEPTUAL),
    "one scale": (*ALONE, "--scales", "1"),
    "three scales": (*ALONE, "--scales", "3"),
    "without borders": (*HD, "--no-boundaries"),
    "without styles": (*HD, "--features", "0"),
    "without borders and styles": (*HD, "--features", "0", "--no-boundaries"),
}
MEASURES = {  # column of the table to measure and key
    "Fréchet distance": ("frechet_distance", "value", 0),
    "recall": ("recall", "value", 2),
    "labels read": ("per_pixel_accuracy", "value", 3),
    "colour spread, of real": ("colour_spread", "real", 2),
    "spectral peak, times real": ("spectral_peak", "real", 1),
}
RUN = "import sys; sys.argv[0] = 'pix2pix-tf'; from pix2pix_tf.cli.app import main; main()"


def folder_of(options, name, seed):
    """Return the folder of a run."""
    return options.out / f"{name.lower().replace(' ', '_')}_{seed}"


def command_of(name, seed, options):
    """Return what `pix2pix-tf` is told to train a variant."""
    chosen = [*VARIANTS[name], *([str(options.weights)] if VARIANTS[name][-3:] == PERCEPTUAL else [])]
    rarely = ["--checkpoint-every", str(options.steps), "--preview-every", str(options.steps // 2)]
    size = ["--data", DATA, "--image-size", str(SIZE), "--steps", str(options.steps)]
    return ["train", *chosen, *size, "--seed", str(seed), *rarely]


def train(options):
    """Train what is missing."""
    part, parts = map(int, options.part.split("/"))
    every = [(name, seed) for seed in range(options.seeds) for name in VARIANTS]
    for number, (name, seed) in enumerate(every):
        folder = folder_of(options, name, seed)
        if number % parts == part - 1 and not ablations.is_finished(folder, options.steps):
            print(f"{name}, seed {seed}: {folder}", flush=True)
            again = ["--resume"] if (folder / "config.json").exists() else []
            told = [*command_of(name, seed, options), "--out", str(folder), *again]
            subprocess.run([sys.executable, "-c", RUN, *told], check=True)


def find_finished(options):
    """Return the runs that have all their steps: (name, seed) to folder."""
    every = {(name, seed): folder_of(options, name, seed) for seed in range(options.seeds) for name in VARIANTS}
    return {key: folder for key, folder in every.items() if ablations.is_finished(folder, options.steps)}


def show(options):
    """Score all finished runs, measure along borders, draw a sheet, and write how they were made."""
    finished = find_finished(options)
    named = {f"{name}, seed {seed}": folder for (name, seed), folder in finished.items()}
    scores = ablations.score(named, options, DATA)
    validation = datasets.load(DATA, "val", SIZE, labels="b", instances="auto")
    outputs = {name: translate(folder, validation) for name, folder in named.items()}
    scores["along_borders"] = measure_borders(outputs, validation)
    ablations.write(ablations.FIGURES / f"{NAME}_scores.json", scores)
    ablations.write(ablations.FIGURES / f"{NAME}_provenance.json", provenance(options, finished))
    plots.save(sheet(validation, outputs), ablations.FIGURES / f"{NAME}.jpg")


def translate(folder, pairs):
    """Return a run's translations of all pairs, float32 (n, size, size, 3)."""
    translator = runs.open(folder).translator(pairs.direction)
    takes = getattr(translator, "takes_instances", False)
    outputs = []
    for index, name in enumerate(pairs.names):
        source = pairs.pair(index)[0]
        more = {"instances": source["instances"][None], "seed": editing.seed_of(0, name)} if takes else {}
        outputs.append(translator(source["image"][None], **more)[0])
    return np.stack(outputs)


def find_borders(ids, classes):
    """Mark all borders of instances, and those between two things of one class: bool arrays of the maps' shape.

    Args:
        ids: whole numbers (n, size, size, 1).
        classes: whole numbers (n, size, size).
    """
    every, between = (np.asarray(instances.boundaries(maps))[..., 0] > 0 for maps in (ids, classes[..., None]))
    return every, every & ~between


def steepness(photos):
    """Return how much each pixel differs from those right and below: float (n, size, size), the mean over colours."""
    right, below = (np.abs(np.diff(photos, axis=axis, append=0)) for axis in (2, 1))
    return np.maximum(right, below).mean(-1)


def measure_borders(outputs, pairs):
    """Measure translations where two things of one class meet, which no label map shows.

    Returns:
        Dict of name to `labels`, the share of the pixels there, and up to one beside, whose label a segmenter reads,
        and `edges`, how many times steeper pictures are there than where no border is, of the same in the true photos.
        "real photos" are there too.
    """
    segmenter = segmentation.kept(datasets.load(DATA, "train", SIZE, labels="b"))
    sources, targets = pairs.examples(range(len(pairs)))
    true = segmenter.true(sources["image"])
    every, twins = find_borders(sources["instances"], true.astype(np.int32))
    near, found = widen(twins), {}
    for name, photos in {"real photos": targets, **outputs}.items():
        steep = steepness(photos)
        read = segmenter.read(photos) == true
        found[name] = {"labels": float(read[near].mean()), "edges": float(steep[twins].mean() / steep[~every].mean())}
    own = found["real photos"]["edges"]
    found = {name: {**row, "edges": row["edges"] / own} for name, row in found.items()}
    return {**found, "hidden in the labels": {"of_border_pixels": float(twins.sum() / every.sum())}}


def widen(masks):
    """Return masks that reach one pixel farther in every direction."""
    padded = np.pad(masks, ((0, 0), (1, 1), (1, 1)))
    height, width = masks.shape[1:]
    return np.any([padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)


def sheet(validation, outputs):
    """Draw some validation inputs by every variant, seed 0."""
    chosen = np.linspace(0, len(validation) - 1, ablations.SHOWN).astype(int)
    sources, targets = validation.examples(chosen)
    columns = {"input": sources["image"]}
    for name, made in outputs.items():
        variant, _, seed = name.partition(", seed ")
        if seed == "0":
            title = variant.replace("without the ", "no ").replace("without ", "no ").replace("with a ", "")
            columns[title] = made[chosen]
    return plots.sheet({**columns, "truth": targets}, panel=1.3)


def provenance(options, finished):
    """Return how the runs were made, as a dict."""
    seconds = {}
    for (name, _), folder in finished.items():
        seconds.setdefault(name, []).append(float(np.multiply(*recorded_run.seconds_of(folder)).sum()))
    told = [(name, " ".join(command_of(name, 0, options))) for name in VARIANTS]
    return {
        "command": f"python scripts/terraces.py train --seeds {options.seeds} --steps {options.steps}",
        "commands": {
            name: "pix2pix-tf " + command.replace(str(options.weights), "squeezenet.h5") for name, command in told
        },
        "commit": options.commit,
        "seeds": {name: sum(other == name for other, _ in finished) for name in VARIANTS},
        "minutes": {name: round(float(np.mean(values)) / 60, 1) for name, values in seconds.items()},
        "hardware": options.hardware,
    }


def print_table(options):
    """Print what is recorded as Markdown: a line for each variant, its seeds beside each other."""
    scores = json.loads((ablations.FIGURES / f"{NAME}_scores.json").read_text())
    measures = {row["name"]: row["measures"] for row in scores["scores"]}
    borders = scores["along_borders"]
    names = dict.fromkeys(name.partition(", seed")[0] for name in (*measures, "real photos"))
    print(f"| variant | {' | '.join(MEASURES)} | labels read along borders | edges there, of real |")
    print("|" + "---|" * (len(MEASURES) + 3))
    for name in names:
        rows = [full for full in dict.fromkeys((*measures, *borders)) if full.partition(", seed")[0] == name]
        cells = [
            " / ".join(filter(None, (cell(measures.get(row, {}), *how) for row in rows))) for how in MEASURES.values()
        ]
        for key in ("labels", "edges"):
            cells.append(" / ".join(f"{borders[row][key]:.3f}" for row in rows if row in borders))
        print(f"| {name} | {' | '.join(cells)} |")


def cell(measures, measure, key, digits):
    """Return a number of a measure as text, and the spread of a distance."""
    found = measures.get(measure, {})
    if found.get(key) is None:
        return ""
    spread = f" ± {found['subsamples']['std']:.{digits}f}" if key == "value" and "subsamples" in found else ""
    return f"{found[key]:.{digits}f}{spread}"


def main():
    """Read the command line."""
    part = {"default": "1/1", "help": "which of how many processes this is"}
    options = ablations.parse(
        __doc__, "runs/terraces_study", ("train", "show", "table"), seeds=2, steps=1500, part=part
    )
    {"train": train, "show": show, "table": print_table}[options.what](options)


if __name__ == "__main__":
    main()
