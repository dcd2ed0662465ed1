"""Train the long runs that the project shows, and keep what it shows of them.

    python scripts/recorded_run.py train [RUN] [--archive FILE] [--steps N] [--resume]
    python scripts/recorded_run.py translate [RUN] [--archive FILE] [--commit HASH] [--hardware TEXT]
    python scripts/recorded_run.py show [RUN] [--archive FILE] [--commit HASH] [--hardware TEXT]

RUN facades is the paper's pix2pix at 256 pixels, horse2zebra its CycleGAN at 128 with 6 blocks; facades_improved and
horse2zebra_improved are the same by the improved recipe. horse2zebra_colours colours the photographs of both domains,
at 128 pixels by the improved recipe, and horse2zebra_colours_l1 does so by L1 alone, without a palette. The run is in
runs/RUN unless --out says otherwise. `train` is what `pix2pix-tf train` does; for facades it also keeps the previews'
outputs as images. `translate` writes the translations of all validation or test images as lossless WebP to
data/results/, with the run's provenance; `show` draws sheets of them and writes those, config, history and provenance
to notebooks/figures/.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
from concurrent import futures

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from pix2pix_tf import (
    colorization,
    cyclegan,
    datasets,
    images,
    metrics,
    palettes,
    pix2pix,
    plots,
    registry,
    runs,
    training,
)
from pix2pix_tf.system import hardware

FIGURES = pathlib.Path("notebooks/figures")
RESULTS = pathlib.Path("data/results")
RESULT_NAMES = {"facades": "facades_pix2pix", "horse2zebra": "horse2zebra_cyclegan"}  # of others: as the run
STEPS = {"facades": 20_000, "facades_improved": 20_000, "horse2zebra": 6_000, "horse2zebra_improved": 14_000}
STEPS |= {"horse2zebra_colours": 4_000, "horse2zebra_colours_l1": 4_000}
IMPROVED = {  # what these runs have beside the improved recipe
    # Sharper, and at 3,000 steps of 128 pixels no farther away; and less width, in half of the time.
    "facades_improved": {"reconstruction_weight": 30.0, "filters": 48, "discriminator_filters": 32},
    # A quarter of the multiplications, for more steps in the same hours; a smaller cycle loss lets stripes come.
    "horse2zebra_improved": {"filters": 32, "cycle_weight": 2.0},
    "horse2zebra_colours": {"filters": 32},
    "horse2zebra_colours_l1": {"filters": 32, "adversarial": None, "palette": None},
}
ALONG = (500, 1000, 2000, 4000, 8000)  # and the last
CYCLES = ("horse", "as zebra", "and back", "zebra", "as horse", "and back again")  # titles of the sheet's columns
QUALITY = 40  # of that sheet, whose stripes are hard to pack
NOISE = (0.05, 0.1, 0.2)  # standard deviations, of images in [-1, 1]
LEVEL = 5  # translations are stored in multiples of it: generated noise in the lowest bits is half of the file


def data_of(run):
    """Return the data set of a run."""
    return run.partition("_")[0]


def is_of_colours(run):
    """Say whether a run colours photographs."""
    return "colours" in run


def load(options, split, void="none"):
    """Load a split of the run's data set."""
    data = data_of(options.run)
    if is_of_colours(options.run):
        return datasets.load(data, split, 128, archive=options.archive, task=colorization.TASK, domain="both")
    how = {"void": void} if data == "facades" else {"unpaired": True}
    return datasets.load(data, split, 256 if data == "facades" else 128, archive=options.archive, **how)


def train(options):
    """Train, and keep the output of every preview as images."""
    tf.config.experimental.enable_op_determinism()
    hardware.keep_freed_memory()
    facades = data_of(options.run) == "facades"
    is_paired = facades or is_of_colours(options.run)
    steps = options.steps or STEPS[options.run]
    keywords = improve(options.run, steps)
    void = keywords.pop("void", "none")
    pairs, validation = load(options, "train", void), load(options, "val" if facades else "test", void)
    if keywords.get("palette") == "auto":
        keywords["palette"] = palettes.find_colours(pairs, "classes")
    if is_of_colours(options.run):
        keywords |= {"image_size": 128, "in_channels": 1, "out_channels": 2}
    along = options.out / "along"

    def keep(step, columns):
        along.mkdir(exist_ok=True)
        for number, image in enumerate(columns["output"]):
            images.write(along / f"{number}_{step:06d}.png", images.to_uint8(image))

    with training.strategy().scope():
        if is_paired:
            model = pix2pix.Pix2Pix(**keywords)
        else:
            model = cyclegan.CycleGAN(128, blocks=6, total_steps=steps, **keywords)
    training.fit(
        model,
        pairs,
        steps,
        options.out,
        validation,
        checkpoint_every=1000 if is_paired else 250,
        on_preview=keep if facades else None,
        resume=options.resume,
    )


def improve(run, steps):
    """Return the keywords in which a run is not the paper's."""
    if run not in IMPROVED:
        return {}
    method = "pix2pix" if data_of(run) == "facades" or is_of_colours(run) else "cyclegan"
    given = {"steps": steps, **({"task": colorization.TASK} if is_of_colours(run) else {}), **IMPROVED[run]}
    return {**registry.find(method).improve(given), **IMPROVED[run]}


def translate(options):
    """Write the translations of a run, and how it was made."""
    folder = result_folder(options.run)
    known = {"facades": translate_facades, "horse2zebra": translate_horse2zebra}
    (translate_colours if is_of_colours(options.run) else known[data_of(options.run)])(options, folder)
    (folder / "provenance.json").write_text(json.dumps(provenance(options), indent=2) + "\n")


def result_folder(run):
    """Return where the translations of a run lie."""
    return RESULTS / RESULT_NAMES.get(run, run)


def show(options):
    """Write the translations of a run and the figures that show them."""
    translate(options)
    FIGURES.mkdir(parents=True, exist_ok=True)
    run, folder = options.run, result_folder(options.run)
    for path in (options.out / "history.csv", options.out / "config.json", folder / "provenance.json"):
        shutil.copy(path, FIGURES / f"{run}_{path.name}")
    if data_of(run) == "facades":
        validation = load(options, "val")
        plots.save(validation_sheet(folder, validation), FIGURES / f"{run}_validation.jpg")
        plots.save(sheet_along_training(options.out / "along", validation), FIGURES / f"{run}_along_training.jpg")
        if run == "facades_improved":
            plots.save(palette_sheet(options.out, validation), FIGURES / f"{run}_palettes.jpg")
    elif is_of_colours(run):
        plots.save(colour_sheet(options), FIGURES / f"{run}_test.jpg")
    else:
        plots.save(cycle_sheet(options), FIGURES / f"{run}_test.jpg", quality=QUALITY)
        (FIGURES / f"{run}_noise.json").write_text(json.dumps(noise_on_the_way_back(options), indent=2) + "\n")


def provenance(options):
    """Return how the run was made, as a dict."""
    config = json.loads((options.out / "config.json").read_text())
    steps, seconds = seconds_of(options.out)
    return {
        "command": f"python scripts/recorded_run.py train {options.run} --steps {config['training']['steps']}",
        "commit": options.commit,
        "seed": config["training"]["seed"],
        "steps": int(steps.sum()),
        "hardware": options.hardware,
        "seconds_per_step": round(float(np.median(seconds)), 3),
        "hours": round(float(np.sum(steps * seconds)) / 3600, 2),
        "precision": config["model"]["precision"],
        "date": datetime.date.fromtimestamp((options.out / "history.csv").stat().st_mtime).isoformat(),
        "translations": f"lossless WebP of values rounded to multiples of {LEVEL}, by {LEVEL // 2} of 255 at most",
        "note": options.note,
    }


def seconds_of(folder):
    """Return how many steps each line of a run's history stands for, and the seconds that each of them took."""
    batch = json.loads((folder / "config.json").read_text())["training"]["batch_size"]
    rows = np.atleast_1d(np.genfromtxt(folder / "history.csv", delimiter=",", names=True))
    return np.diff(rows["step"], prepend=0), batch / rows["images_per_second"]


def store(path, output):
    """Write a translation, (height, width, 3) in [-1, 1], as lossless WebP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = np.round(images.to_uint8(output) / LEVEL) * LEVEL
    images.write(path, rounded, lossless=True, quality=100, method=6)


def store_all(translated, write=store):
    """Store translations, an iterator of paths and outputs; packing takes several times as long as translating."""
    with futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda item: write(*item), translated))


def translate_facades(options, folder):
    """Translate the validation split."""
    model, validation = pix2pix.Pix2Pix.load(options.out), load(options, "val")
    store_all(
        (folder / f"{name}.webp", model.translate(validation.pair(index)[0][None])[0])
        for index, name in enumerate(validation.names)
    )


def translate_horse2zebra(options, folder):
    """Translate both domains of the test split."""
    model, test = cyclegan.CycleGAN.load(options.out), load(options, "test")
    sides = test.examples(range(len(test)))
    for names, images_of_side, domain, direction in zip(test.side_names, sides, "AB", datasets.DIRECTIONS, strict=True):
        store_all(
            (folder / f"test{domain}" / f"{pathlib.Path(name).stem}.webp", model.translate(image[None], direction)[0])
            for name, image in zip(names, images_of_side, strict=False)  # of the smaller domain there are repetitions
        )


def translate_colours(options, folder):
    """Colour all test photographs."""
    test, paint = load(options, "test"), runs.open(options.out).translator()
    store_all((folder / f"{name}.webp", paint(test.picture(index)[None])[0]) for index, name in enumerate(test.names))


def colour_sheet(options):
    """Draw eight test photographs without their colours, coloured with three palettes of training, and with theirs."""
    test, paint = load(options, "test"), runs.open(options.out).translator()
    indices = np.linspace(0, len(test) - 1, 10).astype(int)[1:-1]
    sources, targets = test.examples(indices)
    truth, columns = test.show(sources, targets), {"grey": test.show(sources)}
    for seed in range(3 if paint.has_palettes else 1):
        columns[f"coloured, seed {seed}"] = paint(truth, seed)
    if paint.has_palettes:
        own = [paint(one[None], palette=paint.measure(one))[0] for one in truth]
        columns["its own palette"] = np.stack(own)
    return plots.sheet({**columns, "photograph": truth}, panel=1.4)


def validation_sheet(results, validation):
    """Draw the first twelve validation pairs with their translations: two triples a row."""
    indices = range(12)
    sources, targets = validation.examples(indices)
    outputs = [images.read(results / f"{validation.names[index]}.webp") for index in indices]
    columns = {}
    for half, blank in enumerate(("", " ")):
        rows = slice(6 * half, 6 * half + 6)
        columns |= {f"input{blank}": sources[rows], f"output{blank}": outputs[rows], f"truth{blank}": targets[rows]}
    return plots.sheet(columns)


def sheet_along_training(along, validation):
    """Draw the translations of the same three inputs at several steps."""
    sources, targets = validation.examples(range(3))
    columns = {"input": sources}
    last = max(int(path.stem[2:]) for path in along.glob("0_*.png"))
    for step in (*(step for step in ALONG if step < last), last):
        columns[f"step {step:,}"] = [images.read(along / f"{number}_{step:06d}.png") for number in range(3)]
    return plots.sheet({**columns, "truth": targets})


def palette_sheet(folder, validation):
    """Draw the first three validation inputs with the same five palettes, evenly spread over those of training."""
    model = pix2pix.Pix2Pix.load(folder)
    sources, targets = validation.examples(range(3))
    known = model.palette_memory.palettes()
    chosen = known[np.linspace(0, len(known) - 1, 5).astype(int)]
    columns = {f"palette {number}": model.translate(sources, palette=one) for number, one in enumerate(chosen, 1)}
    return plots.sheet({"input": sources, **columns, "truth": targets})


def cycle_sheet(options):
    """Draw eight test images of each domain, their translations, and what comes back of them."""
    model, test = cyclegan.CycleGAN.load(options.out), load(options, "test")
    a, b = (
        np.stack([test.pair(index)[side] for index in np.linspace(0, len(names) - 1, 8).astype(int)])
        for side, names in enumerate(test.side_names)
    )
    return plots.sheet(dict(zip(CYCLES, model.preview(a, b).values(), strict=True)), panel=1.4)


def noise_on_the_way_back(options):
    """Measure what noise on the translations does to what comes back, beside what it does to real images there.

    Where detail of the input is hidden in the translation as a faint pattern, noise destroys it: what comes back
    changes by more than the translation of a real image (Chu et al. 2017, "CycleGAN, a Master of Steganography").

    Returns:
        Mean absolute differences of the test images in [-1, 1], for each direction there: `error` of what comes back,
        and for each deviation of the noise that error again, and how far noise moves what comes back (`own_moves`) and
        the translations of real images of that domain (`real_moves`).
    """
    model, test = cyclegan.CycleGAN.load(options.out), load(options, "test")
    sides = test.examples(range(len(test)))
    noise = np.random.default_rng(0).normal(size=sides[0].shape).astype(np.float32)
    found = {}
    for there, back, (inputs, others) in zip(
        datasets.DIRECTIONS, datasets.DIRECTIONS[::-1], (sides, sides[::-1]), strict=True
    ):
        own = model.translate(inputs, there)
        returned, real = model.translate(own, back), model.translate(others, back)
        found[there] = {"error": metrics.l1(inputs, returned), "noise": {}}
        for deviation in NOISE:
            noisy = (np.clip(values + deviation * noise, -1, 1) for values in (own, others))
            own_noisy, real_noisy = (model.translate(values, back) for values in noisy)
            found[there]["noise"][str(deviation)] = {
                "error": metrics.l1(inputs, own_noisy),
                "own_moves": metrics.l1(returned, own_noisy),
                "real_moves": metrics.l1(real, real_noisy),
            }
    return found


def main():
    """Read the command line."""
    verbs = {"train": train, "translate": translate, "show": show}
    options = parse(__doc__, tuple(verbs), tuple(STEPS))
    verbs[options.what](options)


def parse(description, verbs, known):
    """Return the options of a script of recorded runs; the first of those that are known is meant by default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=verbs)
    parser.add_argument("run", nargs="?", choices=known, default=known[0])
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the run was made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what it ran on")
    parser.add_argument("--weights", type=pathlib.Path, help="of SqueezeNet, for distances of a scorecard")
    parser.add_argument("--note", default="", help="of the provenance: anything else that a reader should know")
    options = parser.parse_args()
    options.out = options.out or pathlib.Path("runs") / options.run
    return options


if __name__ == "__main__":
    main()
