import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy
from PIL import Image, ImageDraw
from skimage import color

from pix2pix_tf import (
    colorization,
    datasets,
    errors,
    generators,
    images,
    lab,
    palettes,
    pix2pix,
    runs,
    training,
    translation,
)
from pix2pix_tf.cli import app
from pix2pix_tf.datasets import photographs, source

SMALL = {"image_size": 16, "filters": 4, "discriminator_layers": 1, "in_channels": 1, "out_channels": 2}
REPAIRS = {**toy.REPAIRS, "augmentation": "geometry", "palette": palettes.BANDS}


def network(image_size=16, palette=False, seed=0):
    """Return a generator with weights large enough for strong colours."""
    made = generators.unet(image_size, 3 if palette else 1, 2, 4, dropout=0, seed=seed)
    made.set_weights([np.float32(4 * weights) for weights in made.get_weights()])
    return made


def colorizer(palette=False, **options):
    translator = translation.Translator(network(palette=palette, **options))
    chosen = np.random.default_rng(0).uniform(-0.5, 0.5, (5, 4, 2)).astype(np.float32)
    return colorization.Colorizer(palettes.Painter(translator, palettes.BANDS, chosen) if palette else translator)


def load(split="train", **options):
    return datasets.load("photographs", split, 16, task="colorization", count=6, **options)


def photograph(height=30, width=44, seed=0):
    """Return a smooth picture in colour, float32."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3)).astype(np.uint8)
    return images.to_float(images.resize(coarse, (height, width)))


def lightness_steps(first, second):
    """Return how far two uint8 pictures differ in L, in steps of a grey of 8 bits."""
    greys = [lab.join(lab.lightness_of(images.to_float(one)), np.zeros((*one.shape[:2], 2))) for one in (first, second)]
    return np.abs(images.to_uint8(greys[0]).astype(int) - images.to_uint8(greys[1]).astype(int))


def test_colours_are_those_that_the_network_says_of_the_small_photograph():
    paint, whole = colorizer(), photograph(16, 16)
    lightness = lab.split_array(whole)[0]
    said = paint.generator(lightness[None], training=True)[0].numpy() * 0.1
    np.testing.assert_allclose(paint(whole[None], saturation=0.1)[0], lab.join(lightness, said), atol=1e-4)


def test_colours_are_enlarged_and_the_lightness_is_not():
    paint, large = colorizer(), photograph(40, 70)
    small = lab.split_array(images.resize(large, 16))[0]
    said = images.resize(np.asarray(paint.generator(small[None], training=True)[0]), (40, 70)) * 0.1
    np.testing.assert_allclose(
        paint(large[None], saturation=0.1)[0], lab.join(lab.split_array(large)[0], said), atol=1e-3
    )


def test_a_photograph_of_six_megapixels_keeps_its_fine_text():
    page = Image.fromarray(images.to_uint8(photograph(2000, 3000, seed=3)))
    ImageDraw.Draw(page).multiline_text((20, 20), ("every letter keeps its edge " * 20 + "\n") * 120, fill=(9, 9, 9))
    page = np.asarray(page)
    coloured = images.to_uint8(colorizer()(images.to_float(page)[None])[0])
    assert np.abs(coloured.astype(int) - page).max() > 60, "it has other colours"
    assert lightness_steps(coloured, page).max() <= 1


def test_grey_brown_and_coloured_photographs_of_one_lightness_are_coloured_alike():
    lightness = lab.split_array(photograph(seed=4))[0]
    brown = lab.join(lightness, np.broadcast_to(np.float32([0.08, 0.15]), (*lightness.shape[:2], 2)))
    both = (lab.join(lightness, 0 * brown[..., :2]), brown)
    grey, brown = (colorizer()(one[None], saturation=0.1)[0] for one in both)
    np.testing.assert_allclose(grey, brown, atol=0.01)


def test_saturation_multiplies_the_colours():
    whole = photograph(16, 16)
    none, weak, double = (lab.split_array(colorizer()(whole[None], saturation=k)[0])[1] for k in (0, 0.04, 0.08))
    np.testing.assert_allclose(none, 0, atol=1e-4)
    middle = np.abs(lab.split_array(whole)[0][..., 0]) < 0.5  # darker and lighter ones cannot show all of it
    np.testing.assert_allclose(double[middle], 2 * weak[middle], atol=2e-3)
    assert np.abs(double).max() > 0.02


def test_palettes_make_several_colourings_of_one_photograph():
    paint, whole = colorizer(palette=True), photograph()[None]
    drawn = [paint(whole, seed) for seed in range(6)]
    np.testing.assert_array_equal(paint(whole, 2), drawn[2])
    assert len({one.tobytes() for one in drawn}) > 2
    chosen = paint.measure(photograph(seed=9))
    assert chosen.shape == (4, 2)
    assert np.abs(paint(whole, palette=chosen) - paint(whole, palette=-chosen)).max() > 0.1


def test_a_photograph_s_palette_is_the_mean_colour_of_each_band_of_its_lightness():
    paint, whole = colorizer(palette=True), photograph(16, 16, seed=2)
    values = color.rgb2lab((whole + 1) / 2)
    bands = np.abs(values[..., :1] * 2.55 - np.ravel(palettes.BANDS)).argmin(-1)
    for band in range(4):
        chosen = values[bands == band]
        expected = chosen[:, 1:].mean(0) / 110 if len(chosen) >= palettes.LEAST else paint.translator.palettes[0][band]
        np.testing.assert_allclose(paint.measure(whole)[band], expected, atol=1e-3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: colorizer()(photograph()), r"have shape \(30, 44, 3\); expected \(batch, height, width, 3\)"),
        (lambda: colorizer()(photograph()[None, ..., :1]), r"expected \(batch, height, width, 3\)"),
        (lambda: colorizer()(photograph()[None], saturation=-1), "saturation is -1; expected 0 or more"),
        (lambda: colorizer()(photograph()[None], saturation=np.nan), "saturation is nan; expected 0 or more"),
        (lambda: colorizer()(photograph()[None], palette=np.zeros((4, 2))), "takes no palettes; leave out palette"),
        (lambda: colorizer(palette=True)(photograph()[None], palette=np.zeros((4, 3))), r"expected \(4, 2\)"),
        (lambda: colorizer()(photograph()[None] * 200), "expected -1 to 1"),
        (lambda: colorizer().check((1, 10_000, 9_000, 3)), "9000x10000 pixels, and 50 megapixels fit in memory"),
    ],
)
def test_bad_calls_are_refused(call, said):
    with pytest.raises(errors.InputError, match=said):
        call()


@pytest.mark.slow
def test_a_known_rule_of_colour_is_found():
    """a is half of L, b rises from top to bottom; what is learned is measured on unseen photographs."""

    def read(index, size):
        coarse = np.random.default_rng(index).uniform(0.2, 0.8, (5, 5, 1))
        lightness = images.resize(np.float32(coarse * 2 - 1), 32)
        rows = np.linspace(-0.4, 0.4, 32, dtype=np.float32)[:, None, None]
        colours = np.concatenate([0.5 * lightness, np.broadcast_to(rows, lightness.shape)], -1)
        return (images.to_uint8(lab.join(lightness, colours)),)

    def make(first, count):
        names = [str(number) for number in range(count)]
        found = source.Source(
            "rule",
            "train",
            names,
            {"train": count},
            "a_to_b",
            (source.IMAGE,),
            lambda i, s: read(first + i, s),
            lambda _: "",
        )
        return photographs.Photographs(found, 32, jitter=False)

    tf.keras.utils.set_random_seed(0)
    model = pix2pix.Pix2Pix(
        32, 1, 2, 16, adversarial=None, dropout=0, norm="none", learning_rate=1e-3, precision="float32"
    )
    known = make(0, 40)
    for step in range(600):
        model.train_step(*known.batch(step, 2))
    sources, targets = make(1000, 8).examples(range(8))
    error = np.abs(model.translate(sources) - targets).mean() * 110
    spread = np.abs(targets - targets.mean(axis=(0, 1, 2))).mean() * 110
    assert error < 0.2 * spread, f"{error:.2f} units of a and b, of {spread:.2f}"


@pytest.mark.slow
@pytest.mark.parametrize("repairs", [{}, REPAIRS], ids=["paper", "repairs"])
def test_a_resumed_run_ends_with_the_same_bits(tmp_path, repairs):
    options = {**SMALL, "precision": "float32", **repairs, **({"total_steps": 6} if repairs else {})}
    whole, first, second = (pix2pix.Pix2Pix(**options) for _ in range(3))
    training.fit(whole, load(), 6, tmp_path / "whole", batch_size=2)
    training.fit(first, load(), 3, tmp_path / "parts", batch_size=2)
    training.fit(second, load(), 6, tmp_path / "parts", batch_size=2, resume=True)
    toy.assert_same(whole, second)
    assert toy.history(tmp_path / "whole") == toy.history(tmp_path / "parts")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("repairs", [{}, REPAIRS], ids=["paper", "repairs"])
def test_a_run_colours_as_its_model_does(tmp_path, repairs):
    whole = pix2pix.Pix2Pix(**SMALL, **repairs, precision="float32")
    training.fit(whole, load(), 3, tmp_path / "whole", batch_size=2)
    run = runs.open(tmp_path / "whole")
    assert (run.task, run.config["data"]["task"], run.config["data"]["domain"]) == (
        "colorization",
        "colorization",
        None,
    )
    chosen = {"palette": np.full((4, 2), 0.3, np.float32)} if repairs else {}
    lightness, _ = lab.split_array(photograph(16, 16))
    said = whole.translate(lightness[None], **chosen)[0]
    made = run.translator()(photograph(16, 16)[None], **chosen)[0]
    np.testing.assert_allclose(made, lab.join(lightness, said), atol=1e-4)


@pytest.mark.slow
def test_xla_computes_the_same_step():
    options = {**SMALL, "precision": "float64", "palette": palettes.BANDS, "dropout": 0}
    models = [pix2pix.Pix2Pix(**options) for _ in range(2)]
    models[0].compile_step(jit_compile=True)
    losses = [[model.compiled_step(*load().batch(step, 2)) for step in range(2)] for model in models]
    for one, other in zip(*losses, strict=True):
        assert {name: float(value) for name, value in one.items()} == pytest.approx(
            {name: float(value) for name, value in other.items()}, rel=1e-6
        )


def test_previews_and_measures_are_of_pictures(tmp_path):
    shown = []
    model = pix2pix.Pix2Pix(**{**SMALL, "image_size": 64, "filters": 2}, precision="float32")
    found = datasets.load("photographs", "val", 64, task="colorization", count=3)
    history = training.fit(model, found, 1, tmp_path, validation=found, on_preview=lambda step, one: shown.append(one))
    assert {name: one.shape for name, one in shown[0].items()} == dict.fromkeys(
        ("input", "output", "truth"), (3, 64, 64, 3)
    )
    np.testing.assert_allclose(shown[0]["truth"][1], found.picture(1), atol=1e-3)
    assert np.ptp(shown[0]["input"][1], axis=-1).max() < 1e-3, "grey"
    assert history["colourfulness"][0] > 0 and history["spectral_peak"][0] > 0


def test_a_generator_s_file_needs_nothing_but_keras(tmp_path):
    made = network()
    translation.save(made, tmp_path / "generator.keras")
    program = f"import keras; print(keras.models.load_model({str(tmp_path / 'generator.keras')!r}).output_shape)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "(None, 16, 16, 2)" in done.stdout
    lightness = lab.split_array(photograph(16, 16))[0][None]
    loaded = keras.models.load_model(tmp_path / "generator.keras")
    np.testing.assert_allclose(loaded(lightness, training=True), made(lightness, training=True), atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return the folder of a run that has learned to colour, a little, with palettes."""
    folder = tmp_path_factory.mktemp("colour") / "run"
    model = pix2pix.Pix2Pix(**SMALL, palette=palettes.BANDS, precision="float32")
    with toy.eagerly():
        training.fit(model, load(), 2, folder, batch_size=2)
    return folder


@pytest.fixture
def command(monkeypatch, capsys):
    """Return a function that runs a command line in this process and returns status and what it said."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["pix2pix-tf", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            app.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return call


FILES = {  # photographs of every mode that albums are made of
    "grey": lambda one: one.convert("L"),
    "sepia": lambda one: Image.merge(
        "RGB", [one.convert("L").point([min(255, int(v * k)) for v in range(256)]) for k in (1.0, 0.9, 0.7)]
    ),
    "colour": lambda one: one,
    "bilevel": lambda one: one.convert("1"),
    "palette": lambda one: one.convert("P"),
    "cmyk": lambda one: one.convert("CMYK"),
    "deep": lambda one: Image.fromarray(np.asarray(one.convert("L")).astype(np.uint16) * 257),
}


@pytest.mark.parametrize("kind", FILES)
def test_photographs_of_every_mode_are_coloured_and_keep_their_lightness(run, command, tmp_path, kind):
    file = tmp_path / ("one.jpg" if kind == "cmyk" else "one.png")
    FILES[kind](Image.fromarray(images.to_uint8(photograph(37, 61)))).save(file)
    assert command("translate", run, file, "--out", tmp_path / "o", "--saturation", "4")[0] == 0
    made = images.read(tmp_path / "o" / "one.png")
    assert made.shape == (37, 61, 3)
    assert lightness_steps(made, images.read(file)).max() <= 1
    if kind == "grey":
        assert np.ptp(made.astype(int), axis=-1).max() > 8


def test_transparency_is_kept(run, command, tmp_path):
    opaque = np.linspace(0, 255, 20 * 30).reshape(20, 30).astype(np.uint8)
    whole = np.dstack([images.to_uint8(photograph(20, 30)), opaque])
    Image.fromarray(whole).save(tmp_path / "one.png")
    assert command("translate", run, tmp_path / "one.png", "--out", tmp_path / "o")[0] == 0
    made = np.asarray(Image.open(tmp_path / "o" / "one.png"))
    np.testing.assert_array_equal(made[..., 3], opaque)
    seen = opaque > 0
    assert lightness_steps(made[..., :3], whole[..., :3])[seen].max() <= 1, "its own L, not that of it on white"


def test_pictures_of_other_formats_in_a_folder_are_named(run, command, tmp_path):
    (tmp_path / "album").mkdir()
    one = Image.fromarray(images.to_uint8(photograph()))
    for name in ("a.png", "b.tif", "c.gif"):
        one.save(tmp_path / "album" / name)
    (tmp_path / "album" / "notes.txt").write_text("of summer")
    status, said, complaint = command("translate", run, tmp_path / "album", "--out", tmp_path / "o")
    assert status == 0 and len(said.splitlines()) == 1
    assert "passed over: 2 pictures of other formats" in complaint and "b.tif" in complaint and "c.gif" in complaint


def test_seeds_photographs_and_files_choose_the_colours(run, command, tmp_path):
    for name, seed in (("old", 0), ("other", 5)):
        images.write(tmp_path / f"{name}.png", images.to_uint8(photograph(seed=seed)))
    made = {}
    for name, words in {
        "one": ["--palette", "1"],
        "photo": ["--palette", tmp_path / "other.png"],
        "file": ["--palette", "1"],
        "grey": ["--saturation", "0"],
    }.items():
        chosen = run / "generator.keras" if name == "file" else run
        assert command("translate", chosen, tmp_path / "old.png", "--out", tmp_path / name, *words)[0] == 0
        made[name] = images.read(tmp_path / name / "old.png").astype(int)
    assert np.abs(made["one"] - made["file"]).mean() < 1, "up to the precision"
    assert np.abs(made["one"] - made["photo"]).max() > 0
    assert np.ptp(made["grey"], axis=-1).max() <= 1


REFUSED = [
    (["translate", "RUN", "PHOTO", "--direction", "a_to_b"], "colours photographs; leave out --direction a_to_b"),
    (
        ["translate", "RUN", "PHOTO", "--palette", "x.json"],
        "colours photographs; expected a number from 0 on, or a photo that lends its colours",
    ),
    (
        ["translate", "RUN", "PHOTO", "--palette", "."],
        "--palette .: is a folder; expected a number from 0 on, or a photo",
    ),
    (["translate", "RUN", "PHOTO", "--palette=-3"], "--palette -3: is no such number; expected a number from 0 on"),
    (["translate", "RUN", "PHOTO", "--palette", "x.jpg"], "--palette x.jpg: no such file; expected a number"),
    (["translate", "RUN", "PHOTO", "--resize"], "colours photographs, and keeps their size anyway; leave it out"),
    (["translate", "streets", "PHOTO", "--saturation", "2"], "--saturation 2.0: streets does not colour photographs"),
    (
        ["evaluate", "RUN", "streets", "--data", "photographs"],
        "streets: has task none, and the others have colorization",
    ),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_a_run_of_this_task_does_not_do_is_one_line(run, command, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    images.write(tmp_path / "one.png", images.to_uint8(photograph()))
    words = [{"RUN": run, "PHOTO": "one.png"}.get(word, word) for word in words]
    status, _, complaint = command(*words, *([] if words[0] == "evaluate" else ["--out", "o"]))
    assert status == 2 and said in complaint and len(complaint.splitlines()) == 1
    assert not (tmp_path / "o").exists()


TRAIN = [
    (["--task", "colorization", "--direction", "a_to_b"], "--direction a_to_b: has no meaning for --task colorization"),
    (["--task", "colorization", "--labels", "a"], "--labels a: has no meaning for --task colorization"),
    (["--task", "colorization", "--void", "auto"], "--void auto: has no meaning for --task colorization"),
    (["--task", "colorization", "--data", "digits"], "digits: holds"),
    (["--task", "colorization", "--data", "nosuch"], "streets, photographs"),
    (["--task", "colorization", "--domain", "a"], "domain a: photographs has no two sides"),
    (["--method", "cyclegan", "--task", "colorization"], "--task: is no option of --method cyclegan"),
    (["--domain", "a"], "--domain a: is of use with --task colorization alone"),
]


@pytest.mark.parametrize(("words", "said"), TRAIN)
def test_bad_options_of_train_are_one_line(command, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    status, _, complaint = command("train", *words)
    assert status == 2 and said in complaint and len(complaint.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_run_of_pairs_is_not_resumed_as_one_of_colours(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny = ["--image-size", "32", "--filters", "2", "--steps", "1", "--recipe", "paper", "--out", "r"]
    assert command("train", *tiny)[0] == 0
    status, _, complaint = command("train", "--out", "r", "--resume", "--task", "colorization")
    assert status == 2 and "r: cannot be resumed with --task colorization (the run has None)" in complaint


def test_a_folder_of_photographs_is_learned_from_resumed_and_described(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").mkdir()
    for number in range(6):
        images.write(tmp_path / "p" / f"{number}.jpg", images.to_uint8(photograph(seed=number)))
    Image.fromarray(images.to_uint8(photograph())).convert("L").save(tmp_path / "p" / "g.jpg")
    tiny = ["--image-size", "32", "--filters", "2", "--steps", "1", "--out", "r"]
    status, said, _ = command("train", "--task", "colorization", "--data", "p", *tiny)
    assert status == 0 and "pix2pix on 5 photographs of" in said and "left out: 1 greyscale photographs, g" in said
    model = runs.open(tmp_path / "r").config["model"]
    assert (model["in_channels"], model["out_channels"], model["palette"]) == (1, 2, palettes.BANDS)
    assert command("train", "--out", "r", "--resume")[0] == 0
    status, said, _ = command("data", "show", "p", "--task", "colorization", "--image-size", "32")
    assert status == 0 and "greyscale  1 in train, left out: g" in said and (tmp_path / "p.png").exists()
