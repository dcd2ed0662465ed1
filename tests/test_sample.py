"""`train --method gan|dcgan`, `sample` and `evaluate` on such runs, from the command line."""

import csv
import json

import numpy as np
import pytest
import tensorflow as tf
import toy
from sklearn import datasets

from pix2pix_tf import evaluation, images, registry, runs
from pix2pix_tf.cli import app, options, train
from pix2pix_tf.evaluation import candidates, inputs, spread

ZEROS = sum(number == 0 for place, number in enumerate(datasets.load_digits().target) if place % 6)
POINTS = ["train", "--method", "gan", "--steps", "4", "--width", "8", "--batch-size", "16"]
DIGITS = ["train", "--method", "dcgan", "--steps", "4", "--filters", "2", "--latent", "3", "--batch-size", "16"]
DIGITS += ["--precision", "float32"]


@pytest.fixture(scope="module")
def quiet():
    """Keep operations as they are: what makes them deterministic cannot be taken back."""
    patch = pytest.MonkeyPatch()
    patch.setattr(tf.config.experimental, "enable_op_determinism", lambda: None)
    yield patch
    patch.undo()


def run_words(patch, *words):
    """Run the command line; return its exit status."""
    patch.setattr("sys.argv", ["pix2pix-tf", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        app.main()
    return caught.value.code or 0


@pytest.fixture(scope="module")
def trained(quiet, tmp_path_factory):
    """Return a folder with runs of points, of digits with classes, and of digits without."""
    folder = tmp_path_factory.mktemp("runs")
    with toy.eagerly():
        assert run_words(quiet, *POINTS, "--out", folder / "points") == 0
        assert run_words(quiet, *DIGITS, "--classes", "--out", folder / "digits") == 0
        assert run_words(quiet, *DIGITS, "--out", folder / "plain") == 0
    return folder


def test_the_data_decide_channels_and_classes(trained):
    configs = {name: json.loads((trained / name / "config.json").read_text()) for name in ("digits", "plain", "points")}
    assert configs["digits"]["model"]["classes"] == [str(number) for number in range(10)]
    assert configs["plain"]["model"]["classes"] is configs["points"]["model"]["classes"] is None
    assert configs["digits"]["model"]["channels"] == 1
    assert configs["points"]["data"]["image_size"] == 0 and configs["points"]["model"]["width"] == 8
    for name in configs:
        assert (trained / name / "previews" / "step_000004.png").is_file()
        assert (trained / name / "generator.keras").is_file()
        assert (trained / name / "history.csv").read_text().count("\n") == 2


def test_samples_are_pngs_whose_names_sort(call, trained, tmp_path):
    status, output, _ = call("sample", trained / "digits", "--count", 12, "--seed", 5, "--out", tmp_path / "made")
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert status == 0 and output.split() == [str(tmp_path / "made" / name) for name in names]
    assert names[0] == "000000-0.png" and names[11] == "000011-1.png"
    expected = images.to_uint8(runs.open(trained / "digits").sampler()(12, 5))
    for name, image in zip(names, expected, strict=True):
        np.testing.assert_array_equal(images.read(tmp_path / "made" / name), np.repeat(image, 3, axis=-1))


def test_samples_of_one_class(call, trained, tmp_path):
    assert call("sample", trained / "digits", "--count", 3, "--class", "7", "--out", tmp_path)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"00000{number}-7.png" for number in range(3)]
    (made,) = images.to_uint8(runs.open(trained / "digits").sampler()(1, 0, "7"))
    np.testing.assert_array_equal(images.read(tmp_path / "000000-7.png"), np.repeat(made, 3, axis=-1))


def test_samples_without_classes_have_numbers_alone(call, trained, tmp_path):
    assert call("sample", trained / "plain", "--count", 2, "--out", tmp_path)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000.png", "000001.png"]


def test_points_are_a_table_and_a_picture(call, trained, tmp_path):
    for _ in range(2):  # over its own files it writes again
        assert call("sample", trained / "points", "--count", 5, "--seed", 2, "--out", tmp_path)[0] == 0
    with (tmp_path / "points.csv").open() as file:
        header, *rows = csv.reader(file)
    assert header == ["x", "y"]
    expected = runs.open(trained / "points").sampler()(5, 2)
    np.testing.assert_allclose(np.array(rows, float), expected, rtol=1e-5)
    assert images.read(tmp_path / "points.png").shape[2] == 3


def test_what_sample_cannot_do_is_refused_in_one_line(refused, trained, tmp_path):
    out = ["--out", tmp_path / "out"]
    assert "class 11: is none; expected one of 0, 1, 2" in refused("sample", trained / "digits", "--class", "11", *out)
    assert "has learned no classes; leave it out" in refused("sample", trained / "plain", "--class", "1", *out)
    assert "no run here" in refused("sample", tmp_path, *out)
    assert "--count" in refused("sample", trained / "digits", "--count", "0", *out)
    images.write(tmp_path / "one.png", np.zeros((16, 16, 3), np.uint8))
    assert "draws from noise; use pix2pix-tf sample" in refused("translate", trained / "digits", tmp_path, *out)
    assert "which needs images; use pix2pix-tf translate" in refused("sample", write_translating_run(tmp_path), *out)
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert "is no folder to write to" in refused("sample", trained / "digits", "--out", tmp_path / "file")


def write_translating_run(folder):
    """Write as much of a run of pix2pix as says what it is; return its folder."""
    data = {"name": "synthetic", "digest": "", "direction": "b_to_a", "image_size": 16}
    config = {"method": "pix2pix", "model": {"precision": "float32"}, "data": data, "training": {}}
    (folder / "pix2pix").mkdir()
    (folder / "pix2pix" / "config.json").write_text(json.dumps(config))
    return folder / "pix2pix"


def test_files_of_others_are_not_written_over(refused, call, trained, tmp_path):
    for run, name in (("plain", "000001.png"), ("points", "points.csv"), ("points", "points.png")):
        out = tmp_path / name
        out.mkdir()
        (out / name).write_text("mine,yours\n")
        words = ("sample", trained / run, "--count", 2, "--out", out)
        assert "was not written by this program; choose another --out, or add --force" in refused(*words)
        assert [path.name for path in out.iterdir()] == [name] and (out / name).read_text() == "mine,yours\n"
        assert call(*words, "--force")[0] == 0
        assert (out / name).read_bytes()[:10] != b"mine,yours"


def test_what_train_cannot_do_is_refused_in_one_line(refused, tmp_path):
    for number in range(4):
        images.write(tmp_path / f"{number}.png", np.full((16, 16, 3), 40 * number, np.uint8))
    own = ["train", "--method", "dcgan", "--data", tmp_path, "--image-size", "16", "--filters", "2"]
    out = ["--out", tmp_path.parent / "elsewhere"]
    assert "has no classes; leave out --classes, or put the images of each class" in refused(*own, "--classes", *out)
    assert "has 3 images of split train; choose a smaller batch" in refused(*own, *out)
    for words, line in (
        (["--image-size", "8"], "--image-size is 8; expected one of 16, 32, 64"),
        (["--image-size", "128"], "--image-size is 128; expected one of 16, 32, 64"),
        (["--data", "facades"], "facades: holds pairs, no single images"),
        (["--data", "eight_gaussians"], "the model makes samples of"),
        (["--direction", "a_to_b"], "--direction: is no option of --method dcgan"),
        (["--labels", "a"], "--labels: is no option of --method dcgan"),
        (["--critic-steps", "0"], "--critic-steps"),
        (
            ["--critic-steps", "2", "--generator-steps", "2"],
            "--critic-steps and --generator-steps are both more than 1",
        ),
        (["--adversarial", "wasserstein_gp", "--discriminator-norm", "batch"], "--discriminator-norm is 'batch'"),
        (["--adversarial", "none"], "--adversarial none: is not for --method dcgan; expected one of vanilla"),
        (["--blocks", "3"], "--blocks: is no option of --method dcgan"),
    ):
        assert line in refused(*DIGITS, *words, *out)
    assert "--image-size: is no option of --method gan" in refused(*POINTS, "--image-size", "16", *out)
    both = ("--adversarial", "wasserstein_gp", "--clip", "0.1")
    assert "--clip is 0.1 and --adversarial 'wasserstein_gp'; expected" in refused(*POINTS, *both, *out)
    assert "--clip is 0.0; expected more than 0" in refused(*POINTS, "--adversarial", "wasserstein", "--clip", 0, *out)
    assert "--filters: is no option of --method gan" in refused(*POINTS, "--filters", "16", *out)
    assert "--method dcgan" not in refused("train", "--data", "digits", *out)
    assert "digits: holds single images" in refused("train", "--data", "digits", *out)
    assert "--archive" in refused(*POINTS, "--archive", tmp_path / "x.tar.gz", *out)
    assert "has no classes" in refused(*POINTS, "--data", "swiss_roll", "--classes", *out)
    assert not (tmp_path.parent / "elsewhere").exists()


def test_a_run_goes_on_by_its_config_alone_and_refuses_other_classes(call, refused, trained, tmp_path):
    out = tmp_path / "run"
    assert call(*DIGITS, "--classes", "--out", out)[0] == 0
    status, output, _ = call("train", "--resume", "--out", out, "--steps", "6")
    assert status == 0 and f"sample {out} --out FOLDER" in output
    assert json.loads((out / "config.json").read_text())["training"]["steps"] == 6
    assert call("train", "--resume", "--out", out, "--classes")[0] == 0
    plain = trained / "plain"
    status, _, line = call("train", "--resume", "--out", plain, "--classes")
    assert status == 2 and "model classes: None, now ['0', '1'" in line


def test_a_folder_of_classes_is_learned_drawn_and_evaluated(call, tmp_path):
    random = np.random.default_rng(0)
    for name in ("oak", "ash tree"):
        (tmp_path / "trees" / name).mkdir(parents=True)
        for number in range(40):
            picture = random.integers(256, size=(20, 24, 3)).astype(np.uint8)
            images.write(tmp_path / "trees" / name / f"{number}.png", picture)
    words = ["--image-size", "16", "--data", tmp_path / "trees", "--adversarial", "wasserstein_gp", "--critic-steps", 2]
    status, output, line = call(*DIGITS, *words, "--classes", "--out", tmp_path / "run")
    assert status == 0, line
    assert f"dcgan on 72 images of {tmp_path / 'trees'}, in float32" in output
    assert "gradient_penalty" in (tmp_path / "run" / "history.csv").read_text()
    assert call("sample", tmp_path / "run", "--count", 1, "--class", "ash tree", "--out", tmp_path / "made")[0] == 0
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["000000-ash tree.png"]
    words = ["--extractor", "patches", "--out", tmp_path / "scores.json"]
    assert call("evaluate", tmp_path / "run", *words)[0] == 0
    assert json.loads((tmp_path / "scores.json").read_text())["protocol"]["n"] == 8


def test_evaluate_compares_sets(call, trained, tmp_path):
    assert call("sample", trained / "digits", "--count", 40, "--out", tmp_path / "made")[0] == 0
    words = [trained / "digits", tmp_path / "made", "--extractor", "patches", "--out", tmp_path / "scores.json"]
    status, output, line = call("evaluate", *words)
    assert status == 0, line
    card = json.loads((tmp_path / "scores.json").read_text())
    scores = {score["name"]: score["measures"] for score in card["scores"]}
    own, others = scores[str(trained / "digits")], scores["real training photos"]
    assert own["frechet_distance"]["n"] == card["protocol"]["n"] == 300
    assert own["frechet_distance"]["value"] > 2 * others["frechet_distance"]["value"] > 0
    assert {"precision", "recall", "density", "coverage", "kernel_distance", "histogram_L"} <= own.keys()
    assert not {"l1", "per_pixel_accuracy", "diversity"} & own.keys() and "not translated" not in scores
    assert scores[str(tmp_path / "made")]["frechet_distance"]["n"] == 40
    assert "from noise, 16x16" in output and card["protocol"]["split"] == "val"


def test_evaluate_draws_the_classes_of_the_real_images(trained):
    run = runs.open(trained / "digits")
    pairs, _ = inputs.load("digits", None, 16, None, None, None, single=True)
    found = candidates.from_run(trained / "digits", pairs, seed=3)
    made = run.sampler()(300, 3, [pairs.classes[number] for number in pairs.class_of])
    np.testing.assert_array_equal(found.images, images.to_uint8(np.repeat(made, 3, axis=-1)))


def test_evaluate_measures_points_where_they_are(trained, monkeypatch):
    monkeypatch.setattr(spread, "REPEATS", 4)
    card = evaluation.scorecard([trained / "points"])
    scores = {score["name"]: score["measures"] for score in card["scores"]}
    real = scores["real training points"]
    assert real["modes"]["value"] == 8 and real["within_modes"]["value"] > 0.99
    assert real["frechet_distance"]["value"] < 0.05 < scores[str(trained / "points")]["frechet_distance"]["value"]
    assert scores[str(trained / "points")]["modes"]["value"] < 8
    assert "points in the plane" in evaluation.text(card)


def test_runs_that_translate_and_runs_that_draw_are_evaluated_apart(refused, trained, tmp_path):
    words = [trained / "digits", write_translating_run(tmp_path), "--data", "digits", "--out", tmp_path / "scores.json"]
    assert "translates images, and samples are scored here; evaluate them apart" in refused("evaluate", *words)


def test_short_runs_have_a_larger_rate_and_the_paper_s_values_are_one_word_away():
    found = {
        (name, recipe): train.resolve_options({"method": name, "steps": 100, "recipe": recipe}, [], None, False)[1]
        for name in ("gan", "dcgan")
        for recipe in registry.RECIPES
    }
    assert [found[name, "improved"]["learning_rate"] for name in ("gan", "dcgan")] == [1e-3, 4e-4]
    assert "learning_rate" not in found["dcgan", "paper"] and "width" not in found["gan", "paper"]
    assert (found["gan", "improved"]["width"], found["gan", "improved"]["layers"]) == (64, 2)


def test_each_method_has_its_own_batch():
    sizes = {name: options.complete(name, {"steps": 10})["batch_size"] for name in registry.METHODS}
    assert sizes == {**dict.fromkeys(sizes, 1), "gan": 256, "dcgan": 64}
    assert options.describe_batch_size() == "1; for gan 256; for dcgan 64"
    own = options.complete("dcgan", {"steps": 10, "data": "some/folder"})
    assert (own["image_size"], own["filters"]) == (64, 64)


SHOWN = {"digits": f"classes    0 ({ZEROS}), 1 (", "swiss_roll": "classes    none"}


@pytest.mark.parametrize(("name", "words"), SHOWN.items())
def test_data_show_describes_single_images_and_points(call, tmp_path, name, words):
    status, output, _ = call("data", "show", name, "--image-size", "16", "--out", tmp_path / "sheet.png")
    assert status == 0 and words in output and "train" in output
    assert images.read(tmp_path / "sheet.png").std() > 10
