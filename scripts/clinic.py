"""Make the broken runs of lesson 16, and a healthy twin of each.

    python scripts/clinic.py train [--runs NAME ...] [--out runs/clinic]
    python scripts/clinic.py show [--out runs/clinic] [--commit HASH] [--hardware TEXT] [--figures notebooks/figures]

`train` makes every run that is missing, broken and repaired: stopped at any moment and called again, it goes on with
the next one. All together take about five minutes of one core. `show` writes clinic_run_N.json (history, code,
check-up, answers), clinic_run_N.jpg, clinic_all.jpg, clinic_repaired.jpg and clinic_provenance.json. The lesson shows
the lines of the functions that are named after a fault. The texts are in `clinic_answers`.
"""

import argparse
import datetime
import inspect
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import clinic_answers
import drawing
import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import blocks, cyclegan, datasets, gan, generators, images, metrics, pix2pix, plots
from pix2pix_tf.evaluation import points

SIZE, BATCH, SEED = 64, 4, 0
PARTS, SHOWN, UNSEEN = 6, (1, 3), 12  # rows of a history; the streets of a picture; the streets of a check-up
SIMPLE = {"norm": "pixel", "upsampling": "nearest"}
BEGINNING = {"input_skip": True, "upsampling": "nearest", "dtype": "float32", "seed": SEED}


def load(split="train", count=100, size=SIZE, **options):
    """Load drawn streets at night, and the same streets by day as their targets."""
    return datasets.load("day2night", split, size, direction="b_to_a", count=count, seed=SEED, **options)


def translator(upsampling="nearest"):
    """Return a small U-Net."""
    return generators.unet(
        SIZE, filters=16, norm="pixel", dropout=0.0, upsampling=upsampling, dtype="float32", seed=SEED
    )


class Chart:
    """What is written down while a run trains."""

    def __init__(self):
        self.notes, self.unseen, self.places = [], [], []
        self.pairs = load("val", UNSEEN).examples(range(UNSEEN))

    def note(self, **losses):
        """Keep the losses of a step."""
        self.notes.append({name: float(value) for name, value in losses.items()})

    def learn(self, generator, batches, steps=300, rate=1e-3):
        """Let a generator learn by L1, and look at unseen pairs in between."""
        self.generator = generator
        generator.compile(keras.optimizers.Adam(rate, 0.5), "mae", jit_compile=False)
        for step, (source, target) in enumerate(batches.take(steps), 1):
            self.note(train_l1=generator.train_on_batch(source, target))
            if step in self.stops(steps):
                own = [keras.ops.convert_to_numpy(generator(one[None], training=True))[0] for one in self.pairs[0]]
                self.unseen.append(metrics.l1(np.stack(own), self.pairs[1]))

    def stops(self, steps):
        """Return the last step of every row of the history."""
        return [int(part[-1]) + 1 for part in np.array_split(np.arange(steps), PARTS)]

    def history(self):
        """Return the mean losses of equal parts of the run."""
        stops = self.stops(len(self.notes))
        rows = {"step": stops}
        for name in self.notes[0]:
            values = np.array([note[name] for note in self.notes])
            rows[name] = [float(np.mean(part)) for part in np.array_split(values, PARTS)]
        looks = {"unseen_l1": self.unseen, "places_of_8": [int(number) for number in self.places]}
        return rows | {name: values for name, values in looks.items() if values}


def healthy(chart):
    """Train as it should be."""
    generator = translator()
    chart.learn(generator, load().batches(BATCH, SEED))
    return lambda night: generator.predict(night, verbose=0)


def checkerboard(chart):
    """Double with transposed convolutions of 3x3."""
    generator = translator(upsampling="transposed")
    chart.learn(generator, load().batches(BATCH, SEED))
    return lambda night: generator.predict(night, verbose=0)


def dead_bottleneck(chart, norm="instance"):
    """Put a norm on maps of 1x1."""
    seeds, widths = blocks.seeds(SEED), [16, 32, 64, 64, 64, 64]
    source = keras.Input((SIZE, SIZE, 3))
    encoded = generators.encode(source, widths, seeds, "instance", "float32")
    encoded[-1] = blocks.normalize(encoded[-1], norm, seeds, "float32")
    decoded = generators.decode(encoded, widths, seeds, "instance", 0.0, skips=False, dtype="float32")
    image = blocks.transposed_convolution(keras.layers.ReLU()(decoded), 3, seeds, bias=True)
    generator = keras.Model(source, keras.layers.Activation("tanh")(image))
    chart.learn(generator, load(count=4, jitter=False).batches(2, SEED), steps=240, rate=2e-3)
    return lambda night: generator.predict(night, verbose=0)


def misaligned_pairs(chart):
    """Jitter each side by its own draw."""

    def jitter(picture):
        crop = tf.image.random_crop(picture, (BATCH, SIZE, SIZE, 3))
        return tf.image.random_flip_left_right(crop)

    large = load(size=SIZE + 16, jitter=False).batches(BATCH, SEED)
    generator = translator()
    chart.learn(generator, large.map(lambda night, day: (jitter(night), jitter(day))))
    return lambda night: generator.predict(night, verbose=0)


def jitter_both(night, day):
    """Crop and mirror both sides alike."""
    crop = tf.image.random_crop(tf.concat([night, day], -1), (BATCH, SIZE, SIZE, 6))
    return tf.split(tf.image.random_flip_left_right(crop), 2, -1)


def frozen_jitter(chart):
    """Cache what was jittered."""
    few = load(count=12, size=SIZE + 16, jitter=False).batches(BATCH, SEED, last_step=3)
    generator = translator()
    chart.learn(generator, few.map(jitter_both).cache().repeat())
    return lambda night: generator.predict(night, verbose=0)


def living_jitter(chart):
    """Jitter what was cached."""
    few = load(count=12, size=SIZE + 16, jitter=False).batches(BATCH, SEED, last_step=3)
    generator = translator()
    chart.learn(generator, few.cache().repeat().map(jitter_both))
    return lambda night: generator.predict(night, verbose=0)


def wrong_statistics(chart):
    """Translate with moving averages that are not there yet."""
    generator = generators.resnet(SIZE, blocks=2, filters=8, norm="batch", **BEGINNING)
    for layer in generator.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.99
    chart.learn(generator, load().batches(1, SEED), steps=160, rate=2e-3)
    return lambda night: generator.predict(night, verbose=0)


def discriminator_at_zero(chart, rate=1e-5):
    """Let the discriminator learn a hundred times as fast as the generator."""
    size = {"filters": 8, "discriminator_filters": 16, "discriminator_layers": 2, "dropout": 0.0}
    options = {"learning_rate": 1e-3, "reconstruction_weight": 10.0, "discriminator_norm": "instance"}
    model = pix2pix.Pix2Pix(SIZE, **size, **options, **SIMPLE, seed=SEED)
    model.generator_optimizer.learning_rate = rate
    for night, day in load().batches(1, SEED, last_step=200):
        chart.note(**model.compiled_step(night, day))
    return model.translate


def colour_inversion(chart, start=-1):
    """Begin with a negative."""
    streets = datasets.load("day2night", "train", SIZE, count=100, seed=SEED, unpaired=True)
    size = {"blocks": 2, "filters": 8, "input_skip": True, "identity_weight": 0.0, "total_steps": 0}
    model = cyclegan.CycleGAN(SIZE, **size, **SIMPLE, learning_rate=4e-4, seed=SEED)
    for generator in (model.generator_a_to_b, model.generator_b_to_a):
        generator.get_layer("input_share").scale *= start
    for day, night in streets.batches(1, SEED, last_step=120):
        chart.note(**model.compiled_step(day, night))
    return lambda night: model.translate(night, "b_to_a")


def draw_clouds(clouds, real):
    """Return a white picture of every cloud of points in the plane: the real ones grey, the others red."""
    pictures = np.full((len(clouds), SIZE, SIZE, 3), 255, np.uint8)
    for picture, cloud in zip(pictures, clouds, strict=True):
        for places, colour in ((real, (170, 170, 170)), (cloud, (200, 30, 30))):
            across, down = np.clip(np.round((places.T / 3 + 1) * SIZE / 2), 0, SIZE - 1).astype(int)
            picture[down, across] = colour
    return images.to_float(pictures)


def mode_collapse(chart, generator_steps=5, critic_steps=1):
    """Let the generator learn five times as often as the discriminator."""
    spots = datasets.load_samples("eight_gaussians")
    balance = {"generator_steps": generator_steps, "critic_steps": critic_steps}
    model = gan.GAN(width=64, layers=2, learning_rate=1e-3, **balance, seed=SEED)
    clouds = []
    for step in range(1, 901):
        chart.note(**model.compiled_step(*spots.batch(step, 128 * critic_steps)))
        if step % 150 == 0:
            clouds.append(model.sample(500))
            chart.places.append(points.count_modes(points.find_near(clouds[-1], spots.centres, 0.2))[0])
    return lambda noise: draw_clouds(clouds, spots.examples(range(500))[1])


def wrong_statistics_repaired(chart):
    """Translate with the statistics of the image itself; the weights are those of the broken run."""
    wrong_statistics(chart)
    return lambda night: np.concatenate([chart.generator(one[None], training=True) for one in night])


TRAININGS = {  # name: function, keywords; the most important first
    "healthy": (healthy, {}),
    "checkerboard": (checkerboard, {}),
    "misaligned_pairs": (misaligned_pairs, {}),
    "dead_bottleneck": (dead_bottleneck, {}),
    "dead_bottleneck_repaired": (dead_bottleneck, {"norm": "none"}),
    "frozen_jitter": (frozen_jitter, {}),
    "frozen_jitter_repaired": (living_jitter, {}),
    "wrong_statistics": (wrong_statistics, {}),
    "wrong_statistics_repaired": (wrong_statistics_repaired, {}),
    "discriminator_at_zero": (discriminator_at_zero, {}),
    "discriminator_at_zero_repaired": (discriminator_at_zero, {"rate": 1e-3}),
    "colour_inversion": (colour_inversion, {}),
    "colour_inversion_repaired": (colour_inversion, {"start": 1}),
    "mode_collapse": (mode_collapse, {}),
    "mode_collapse_repaired": (mode_collapse, {"generator_steps": 1, "critic_steps": 5}),
}


def train(options):
    """Make what is missing."""
    tf.config.experimental.enable_op_determinism()
    options.out.mkdir(parents=True, exist_ok=True)
    nights, _ = load("val", UNSEEN).examples(range(UNSEEN))
    for name in options.runs or TRAININGS:
        path = options.out / f"{name}.npz"
        if path.exists():
            continue
        keras.utils.set_random_seed(SEED)
        function, keywords = TRAININGS[name]
        chart, start = Chart(), time.process_time()
        answers = images.to_uint8(np.asarray(function(chart, **keywords)(nights)))
        seconds = time.process_time() - start
        history = json.dumps(chart.history())
        np.savez(path.with_suffix(".part.npz"), answers=answers, history=history, seconds=seconds)
        path.with_suffix(".part.npz").rename(path)
        print(f"{name}: {seconds:.0f} s of one core", flush=True)
        for key, values in chart.history().items():
            print(f"    {key:24}", np.round(values, 3).tolist(), flush=True)


REPAIRED = {"checkerboard": "healthy", "misaligned_pairs": "healthy"}  # of others: NAME_repaired


def read(options, name):
    """Return what `train` has kept of a run: answers in [-1, 1], history, seconds."""
    with np.load(options.out / f"{name}.npz") as kept:
        return images.to_float(kept["answers"]), json.loads(str(kept["history"])), float(kept["seconds"])


def check_up(answers, nights, days):
    """Return what the instruments of the lesson say of answers."""
    return {
        "l1": metrics.l1(answers, days),
        "spread": float(answers.std(axis=0).mean() / days.std(axis=0).mean()),
        "grid": float(metrics.spectral_peak(answers)["value"]),
        "follows": float(np.corrcoef(answers.ravel(), nights.ravel())[0, 1]),
    }


def rounded(values):
    """Round all numbers of nested dicts and lists to four digits after the point."""
    if isinstance(values, dict):
        return {key: rounded(value) for key, value in values.items()}
    if isinstance(values, list):
        return [rounded(value) for value in values]
    return round(values, 4) if isinstance(values, float) else values


def code_of(function, keywords):
    """Return the lines of a run: its arguments as assignments, then what the function does."""
    _, body = inspect.getsource(function).split(f'"""{function.__doc__}"""\n')
    names = inspect.signature(function).parameters.values()
    given = [f"{one.name} = {keywords.get(one.name, one.default)!r}" for one in names if one.default is not one.empty]
    return "\n".join([*given, inspect.cleandoc("\n" + body)])


def row(history, place):
    """Return one row of a history."""
    return {name: values[place] for name, values in history.items()}


def describe(options, name, pairs):
    """Return history and check-up of a run, rounded as they are written."""
    answers, history, _ = read(options, name)
    measured = {} if name.startswith("mode_collapse") else check_up(answers, *pairs)
    return rounded({"history": history, "check_up": measured})


def draw(options, name, pairs):
    """Draw inputs, answers and truths; of points the looks in between."""
    answers, nights, days = read(options, name)[0], *pairs
    if name.startswith("mode_collapse"):
        return plots.tiles({f"round {150 * (look + 1)}": one[None] for look, one in enumerate(answers)}, least=128)
    columns = {"input": nights, "answer": answers, "truth": days}
    return plots.tiles({title: values[list(SHOWN)] for title, values in columns.items()}, least=190)


def draw_all(options):
    """Draw one answer of every run side by side."""
    columns = {}
    for number, case in clinic_answers.CASES.items():
        answers = read(options, case["name"])[0]
        columns[f"run {number}"] = answers[[SHOWN[0]]]
    return plots.tiles(columns, least=110)


def draw_repaired(options):
    """Draw the last answer of every run, and below it that of its repaired twin."""
    columns = {}
    for number, case in clinic_answers.CASES.items():
        place = -1 if case["name"] == "mode_collapse" else SHOWN[0]
        names = case["name"], name_repaired(case["name"])
        columns[f"run {number}"] = np.stack([read(options, name)[0][place] for name in names])
    return plots.tiles(columns, least=110)


def name_repaired(name):
    """Return the name of the repaired twin of a run; a healthy one is its own."""
    return name if name == "healthy" else REPAIRED.get(name, f"{name}_repaired")


def show(options):
    """Write what the lesson shows."""
    pairs = load("val", UNSEEN).examples(range(UNSEEN))
    described = {name: describe(options, name, pairs) for name in TRAININGS}
    runs = {"healthy": {"name": "healthy", "complaint": "No complaint."}, **clinic_answers.CASES}
    for number, case in runs.items():
        name = case["name"]
        repaired = described[name_repaired(name)]
        written = {"complaint": case["complaint"], "code": code_of(*TRAININGS[name]), **described[name]}
        if number != "healthy":
            true = rounded(check_up(pairs[1], *pairs))
            measured = {"m": written["check_up"], "r": repaired["check_up"], "true": true}
            for prefix, history in (("", written["history"]), ("r_", repaired["history"])):
                measured |= {f"{prefix}first": row(history, 0), f"{prefix}last": row(history, -1)}
            written |= {"repaired": repaired, "answers": clinic_answers.respond(number, measured)}
            written["asked_in"] = dict(zip(("thread", "date"), case["thread"], strict=True))
        path = options.figures / ("clinic_healthy.json" if number == "healthy" else f"clinic_run_{number}.json")
        path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        plots.save(draw(options, name, pairs), path.with_suffix(".jpg"))
    plots.save(draw_all(options), options.figures / "clinic_all.jpg")
    plots.save(draw_repaired(options), options.figures / "clinic_repaired.jpg")
    seconds = {name: round(read(options, name)[2]) for name in TRAININGS}
    provenance = {
        "command": "python scripts/clinic.py train",
        "commit": options.commit,
        "seed": SEED,
        "hardware": options.hardware,
        "seconds_of_one_core": seconds,
        "date": datetime.date.today().isoformat(),
    }
    (options.figures / "clinic_provenance.json").write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "show"))
    parser.add_argument("--runs", nargs="*", choices=tuple(TRAININGS))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/clinic"))
    parser.add_argument("--figures", type=pathlib.Path, default=drawing.FIGURES)
    parser.add_argument("--commit", default="", help="of the provenance: the commit that the runs were made with")
    parser.add_argument("--hardware", default="", help="of the provenance: what they ran on")
    options = parser.parse_args()
    {"train": train, "show": show}[options.what](options)


if __name__ == "__main__":
    main()
