import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import warnings
import zipfile

import numpy as np
import pytest
import tensorflow as tf
import toy
import typer
from PIL import Image

from pix2pix_tf import (
    datasets,
    errors,
    generators,
    images,
    palettes,
    pix2pix,
    runs,
    streets,
    training,
    translation,
)
from pix2pix_tf.cli import app, options, train

COMMAND = [sys.executable, "-c", "from pix2pix_tf.cli import app; app.main()"]
TINY = ["--image-size", "32", "--filters", "4", "--steps", "300", "--checkpoint-every", "100", "--precision", "float32"]
TINY += ["--recipe", "paper"]  # which more steps can be added to
PATIENCE = 300  # seconds

eagerly = pytest.mark.usefixtures("eager")  # saves tracing the steps of a run that has one or two


@pytest.fixture(scope="module")
def pairs_folder(tmp_path_factory):
    """Return a folder of four side-by-side pairs."""
    folder = tmp_path_factory.mktemp("data") / "pairs"
    (folder / "train").mkdir(parents=True)
    random = np.random.default_rng(0)
    for number in range(4):
        images.write(folder / "train" / f"{number}.png", random.integers(256, size=(32, 64, 3)).astype(np.uint8))
    return folder


def start(folder, *words):
    """Start `train` in a process of its own, beside the folder of pairs."""
    log = (folder.parent / f"{time.monotonic_ns()}.txt").open("w+")
    words = [*COMMAND, "train", "--data", "pairs", *TINY, "--out", str(folder), *words]
    process = subprocess.Popen(words, cwd=folder.parent, stdout=subprocess.PIPE, stderr=log, text=True)
    process.log = pathlib.Path(log.name)
    return process


def finish(process):
    """Wait for a process; return status, stdout and stderr."""
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, output, process.log.read_text()


@pytest.fixture(scope="module")
def trained(pairs_folder):
    """Return the folder of a run of the command line, and what it printed."""
    folder = pairs_folder.parent / "whole"
    return folder, finish(start(folder))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a run folder that holds what `translate` needs."""
    folder = tmp_path_factory.mktemp("run")
    data = {"name": "x", "digest": "", "direction": "b_to_a", "image_size": 16}
    config = {"method": "pix2pix", "model": {"precision": "float32"}, "data": data, "training": {}}
    (folder / "config.json").write_text(json.dumps(config))
    translation.save(generators.unet(16, filters=4, seed=0), folder / "generator.keras")
    return folder


def test_help_answers_without_tensorflow():
    code = "import sys; from pix2pix_tf.cli import app\ntry: app.main()\nfinally: print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "train", "--help"], capture_output=True, text=True, timeout=60)
    assert done.stdout.rstrip().endswith("False")
    assert "[default: 3000" in done.stdout
    assert done.stderr == ""


def every_command(command, words=()):
    """Yield every command of the command line with its parameters."""
    if not hasattr(command, "commands"):
        yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from every_command(inner, (*words, name))


def test_every_option_is_documented():
    found = dict(every_command(typer.main.get_command(app.app)))
    data = {("data", "list"), ("data", "prepare"), ("data", "show")}
    assert set(found) == {("train",), ("translate",), ("edit",), ("sample",), ("evaluate",), *data}
    for command in found.values():
        assert command.help
        assert all(parameter.help for parameter in command.params)


def test_train_leaves_a_whole_run_and_says_so(trained):
    folder, (status, output, progress) = trained
    assert status == 0, progress
    first, second, last = output.splitlines()
    assert second.endswith("pairs has no split val; previews and validation losses are of training pairs")
    assert first == f"pix2pix on 4 pairs of {folder.parent / 'pairs'}, a_to_b, in float32: {folder}"
    assert last == f"finished; translate with: pix2pix-tf translate {folder} IMAGE... --out FOLDER"
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "history.csv",
        "checkpoints",
        "previews",
        "events",
        "generator.keras",
    }
    shown = sorted(path.name for path in (folder / "previews").iterdir())
    assert shown == [f"step_{step:06d}.png" for step in (50, 100, 200, 300)]
    assert len(toy.history(folder)) == 7
    assert all(" of 300 steps, " in line for line in progress.splitlines()), "TensorFlow's noise"


def test_ctrl_c_and_resume_come_to_the_same_end(trained, pairs_folder):
    folder = pairs_folder.parent / "stopped"
    process = start(folder)
    deadline = time.monotonic() + PATIENCE
    while not (folder / "history.csv").exists() or not toy.history(folder)[1:]:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    status, _, printed = finish(process)
    assert status == 130
    last = printed.splitlines()[-1]
    step = int(last.split("stopped after step ")[1].split(";")[0])
    assert last == f"pix2pix-tf: stopped after step {step}; go on with: pix2pix-tf train --resume --out {folder}"
    assert 1 <= step < 300
    assert finish(start(folder, "--resume"))[0] == 0
    ends = [run / "checkpoints" / "step_000300" for run in (folder, trained[0])]
    data = [(end / "variables.data-00000-of-00001").read_bytes() for end in ends]
    assert data[0] == data[1]
    assert toy.history(folder) == toy.history(trained[0])


def test_a_finished_run_is_left_as_it_is(trained, call, monkeypatch, tmp_path):
    """From another working folder too: the folder of pairs, given by a relative path, was recorded whole."""
    monkeypatch.chdir(tmp_path)
    before = toy.snapshot(trained[0])
    status, output, _ = call("train", "--resume", "--out", trained[0])
    assert (status, output) == (0, trained[1][1])
    assert toy.snapshot(trained[0]) == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--steps", "0"], "'--steps'"),
        (["--steps", "many"], "'--steps'"),
        (["--seed", str(2**31)], "'--seed'"),
        (["--sede", "1"], "No such option: --sede"),
        (["--method", "dualgan"], "'--method'"),
        (["--blocks", "3"], "--blocks: is no option of --method pix2pix; leave it out"),
        (["--method", "cyclegan", "--direction", "a_to_b"], "--direction: is no option of --method cyclegan"),
        (["--method", "cyclegan", "--reconstruction", "l2"], "--reconstruction: is no option of --method cyclegan"),
        (["--method", "cyclegan", "--adversarial", "none"], "--adversarial none: is not for --method cyclegan; expec"),
        (["--method", "cyclegan", "--filters", "2", "--image-size", "48"], "--image-size is 48; expected"),
        (["--precision", "float16"], "'--precision'"),
        (["--image-size", "100"], "--image-size is 100; expected"),
        (["--adversarial", "none", "--reconstruction", "none"], "--adversarial and --reconstruction are both None"),
        (["--critic-steps", "0"], "'--critic-steps'"),
        (["--reconstruction-weight", "inf"], "--reconstruction-weight is inf; expected a finite number"),
        (
            ["--method", "pix2pixhd", "--data", "day2night"],
            "so there are no classes; choose another direction or method",
        ),
        (["--critic-steps", "2", "--adversarial", "none"], "--critic-steps is 2 and --adversarial None; expected"),
        (["--clip", "0", "--adversarial", "wasserstein"], "--clip is 0.0; expected more than 0"),
        (["--clip", "0.1"], "--clip is 0.1 and --adversarial 'vanilla'; expected 'wasserstein', which alone has it"),
        (["--clip", "0.1", "--penalty-weight", "1"], "--clip is 0.1 and --penalty-weight 1.0; expected one of them"),
        (
            ["--penalty-weight", "10", "--method", "cyclegan"],
            "--penalty-weight is 10.0 and --adversarial 'least_squares'; expected 'wasserstein_gp', which alone has it",
        ),
        (
            ["--adversarial", "wasserstein_gp", "--discriminator-norm", "batch"],
            "--discriminator-norm is 'batch'; expected a --discriminator-norm of none, pixel, layer, instance, "
            "plain_instance with the gradient penalty: each sample has one of its own, and 'batch' mixes the samples",
        ),
        (
            ["--adversarial", "wasserstein_gp", "--norm", "batch", "--method", "cyclegan", "--recipe", "paper"],
            "--norm is 'batch'; expected a --discriminator-norm of none, pixel",
        ),
        (
            ["--reconstruction", "none", "--reconstruction-weight", "9"],
            "--reconstruction-weight 9.0: is of no use with --reconstruction none; leave it out, or choose another --",
        ),
        (["--adversarial", "none", "--discriminator-norm", "none"], "is of no use with --adversarial none; leave it"),
        (["--method", "gan", "--optimizer", "rmsprop", "--beta-2", "0.9"], "is of no use with --optimizer rmsprop"),
        (
            ["--method", "pix2pixhd", "--data", "my", "--image-size", "72", "--features", "3", "--downs", "2"],
            "--image-size is 72; expected a multiple of 16 from 32 on, such as 64 or 80, for the encoder's 4 halvings",
        ),
        (["--image-size", "32", "--filters", "1", "--data", "facdes"], "did you mean facades?"),
        (["--image-size", "32", "--filters", "1", "--archive", "a.tar.gz"], "archive a.tar.gz: is of use for facades"),
    ],
)
def test_train_refuses(refused, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    assert named in refused("train", *words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "holds a run already; resume it, or choose another folder"),
        (["--resume", "--seed", "3", "--filters", "8"], "with --seed 3 (the run has 0), --filters 8 (the run has 4)"),
        (["--resume", "--steps", "299"], "cannot be resumed with --steps 299 (the run has 300)"),
        (["--resume", "--reconstruction", "none"], "--reconstruction None (the run has l1)"),
    ],
)
def test_train_refuses_with_a_run(trained, refused, words, named):
    before = toy.snapshot(trained[0])
    assert named in refused("train", "--out", trained[0], *words)
    assert toy.snapshot(trained[0]) == before


def test_a_run_is_not_resumed_with_other_data(trained, call):
    before = toy.snapshot(trained[0])
    status, _, line = call("train", "--out", trained[0], "--resume", "--data", "synthetic")
    assert status == 2 and line.count("\n") == 1
    pairs = trained[0].parent / "pairs"
    assert "cannot be resumed, for its config.json: data labels: none, now b; " in line
    assert f"data: {pairs} (digest " in line and ", now synthetic (" in line
    assert toy.snapshot(trained[0]) == before


def test_a_run_is_not_resumed_with_data_of_another_layout(trained, call, tmp_path):
    """Nobody gave labels or can give other ones, so what they are is no advice."""
    for name in ("train_img", "train_label"):
        (tmp_path / name).mkdir()
        images.write(tmp_path / name / "1.png", np.zeros((32, 32, 3), np.uint8))
    status, _, line = call("train", "--out", trained[0], "--resume", "--data", tmp_path)
    assert status == 2 and line.count("\n") == 1
    said = f"--data {tmp_path}: cannot be loaded as {trained[0].parent / 'pairs'} was, from which the run has learned"
    assert said in line and "labels is none, but side B is train_label/" in line and "choose" not in line


UNPAIRED = [
    *("--method", "cyclegan", "--image-size", "32", "--filters", "2", "--blocks", "1", "--pool-size", "3"),
    *("--steps", "4", "--checkpoint-every", "2", "--precision", "float32"),
]


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    """Return an archive of two domains: three images of A and two of B, and one more of each to test with."""
    folder = tmp_path_factory.mktemp("unpaired")
    random = np.random.default_rng(0)
    with zipfile.ZipFile(folder / "domains.zip", "w") as archive:
        for name in ("trainA/0", "trainA/1", "trainA/2", "trainB/3", "trainB/4", "testA/5", "testB/6"):
            image = Image.fromarray(random.integers(256, size=(40, 40, 3)).astype(np.uint8))
            with archive.open(f"domains/{name}.png", "w") as file:
                image.save(file, "PNG")
    return folder / "domains.zip"


@pytest.fixture(scope="module")
def two_way(zipped):
    """Return the folder of a CycleGAN that the command line has trained on an archive, and what it printed."""
    folder = zipped.parent / "run"
    words = [*COMMAND, "train", "--data", zipped.name, *UNPAIRED, "--out", str(folder)]
    environment = {**os.environ, "PIX2PIX_TF_DATA": str(zipped.parent / "data")}
    done = subprocess.run(words, cwd=zipped.parent, capture_output=True, text=True, timeout=PATIENCE, env=environment)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_cyclegan_leaves_a_whole_run_of_both_directions(two_way, zipped):
    folder, output = two_way
    first, second, last = output.splitlines()
    assert first == f"cyclegan on 3 + 2 unpaired images of {zipped}, both ways, in float32: {folder}"
    assert second.endswith("has no split val; previews and validation losses are of its test images")
    assert last.endswith(f"pix2pix-tf translate {folder} IMAGE... --out FOLDER --direction a_to_b")
    generators = {"generator_a_to_b.keras", "generator_b_to_a.keras"}
    records = {"config.json", "history.csv", "checkpoints", "previews", "events"}
    assert {path.name for path in folder.iterdir()} == generators | records
    config = json.loads((folder / "config.json").read_text())
    assert config["model"]["total_steps"] == 4, "the learning rate falls over the steps of the run"
    assert (config["method"], config["data"]["paired"], set(config["generators"])) == ("cyclegan", False, generators)
    assert "validation_cycle_a" in toy.history(folder)[0]


def test_cyclegan_resumes_its_finished_run(two_way, call, monkeypatch, tmp_path, zipped):
    """From another working folder too, and without naming the method; a generator that is missing comes back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(zipped.parent / "data"))
    before = toy.snapshot(two_way[0])
    assert call("train", "--resume", "--out", two_way[0])[:2] == (0, two_way[1])
    assert toy.snapshot(two_way[0]) == before
    missing = two_way[0] / "generator_b_to_a.keras"
    weights = translation.load(missing).get_weights()
    missing.unlink()
    assert call("train", "--resume", "--out", two_way[0])[0] == 0
    for kept, again in zip(weights, translation.load(missing).get_weights(), strict=True):
        np.testing.assert_array_equal(kept, again)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--steps", "5"], "cannot be resumed with --steps 5 (the run has 4, in which its learning rate falls)"),
        (["--method", "pix2pix"], "cannot be resumed with --method pix2pix (the run has cyclegan)"),
        (["--identity-weight", "5"], "--identity-weight 5.0 (the run has 0"),
        (["--direction", "a_to_b"], "--direction: is no option of --method cyclegan"),
    ],
)
def test_cyclegan_refuses_to_resume_otherwise(two_way, refused, words, named):
    assert named in refused("train", "--resume", "--out", two_way[0], *words)


@pytest.mark.parametrize("direction", datasets.DIRECTIONS)
def test_translate_takes_the_generator_of_the_direction(two_way, call, mixed, tmp_path, direction):
    words = ("translate", two_way[0], mixed / "deep.png", "--out", tmp_path, "--direction", direction)
    assert call(*words)[0] == 0
    translator = translation.Translator(translation.load(two_way[0] / f"generator_{direction}.keras", "float32"))
    expected = images.to_uint8(translator(images.to_float(images.read(mixed / "deep.png"))[None])[0])
    np.testing.assert_array_equal(images.read(tmp_path / "deep.png"), expected)


@pytest.mark.parametrize("name", ["generator_b_to_a.keras", "own.keras"])
def test_a_file_is_not_asked_to_translate_the_other_way(two_way, refused, mixed, tmp_path, name):
    """Its name tells the way, in its run or out of it; where it says nothing, no way can be asked for."""
    shutil.copy(two_way[0] / "generator_b_to_a.keras", tmp_path / name)
    for file in (two_way[0] / "generator_b_to_a.keras", tmp_path / name):
        words = ("translate", file, mixed / "grey.png", "--out", tmp_path / "out", "--direction", "a_to_b")
        assert "leave out --direction a_to_b" in refused(*words)
    assert not (tmp_path / "out").exists()


def test_translate_asks_for_the_direction_of_a_run_that_has_two(two_way, refused, mixed, tmp_path):
    line = refused("translate", two_way[0], mixed / "deep.png", "--out", tmp_path)
    assert "translates both ways; choose one with --direction a_to_b or b_to_a" in line


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"data": "day2night", "adversarial": "least_squares", "blocks": 4, "total_steps": 30}),
        ({"data": "horse2zebra"}, {"image_size": 256, "filters": 64, "blocks": 9}),
        ({"data": "horse2zebra", "image_size": 128}, {"image_size": 128, "filters": 64, "blocks": 6}),
        ({"data": "day2night", "blocks": 2, "filters": 8}, {"blocks": 2, "filters": 8}),
    ],
)
def test_cyclegan_takes_the_papers_values_where_none_are_given(given, expected):
    found = options.complete("cyclegan", {"steps": 30, **given})
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"data": "terraces", "image_size": 128, "filters": 24}),
        ({"data": "my/folder"}, {"image_size": 512, "filters": 32, "norm": "layer", "plane_skip": True}),
        ({"data": "my/folder", "recipe": "paper"}, {"image_size": 1024, "filters": 64}),
        ({"data": "my/folder", "norm": "instance"}, {"norm": "instance", "discriminator_norm": "plain_instance"}),
        ({"data": "my/folder", "filters": 8}, {"image_size": 512, "filters": 8}),
    ],
)
def test_pix2pixhd_takes_the_papers_size_by_the_papers_recipe_alone(given, expected):
    found = options.complete("pix2pixhd", {"steps": 30, **given})
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("given", [{}, {"data": "my/folder", "recipe": "paper"}])
def test_pix2pixhd_takes_layer_norm_for_photographs_by_its_recipe_alone(given):
    assert not {"norm", "plane_skip"} & options.complete("pix2pixhd", {"steps": 30, **given}).keys()


@eagerly
@pytest.mark.slow
def test_images_smaller_than_asked_for_are_named(call, pairs_folder, tmp_path):
    """They are enlarged, which shows nothing that was not there."""
    words = ("--data", pairs_folder, "--filters", 2, "--steps", 1)
    said = "the first image is enlarged from 32 pixels to 64; --image-size may be less"
    for size, expected in ((64, True), (32, False)):
        status, output, complaint = call("train", *words, "--image-size", size, "--out", tmp_path / str(size))
        assert status == 0, complaint
        assert (said in output) == expected


def test_a_cluster_needs_a_shared_folder(refused, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    assert "--out is missing; the workers of a cluster share one run folder" in refused("train")


def test_runs_are_numbered(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    runs = pathlib.Path("runs")
    assert train.find_folder(None, resume=False) is None and train.make_folder() == runs / "run-001"
    for name in ("run-002", "run-extra", "run-\u0663"):
        (runs / name).mkdir()
    shutil.copytree(run, runs / "run-010")
    assert train.make_folder() == runs / "run-011"
    (runs / "run-011").rmdir()
    assert train.find_folder(None, resume=True) == runs / "run-010"
    assert train.find_folder(pathlib.Path("mine"), resume=False) == pathlib.Path("mine")


def test_nothing_is_resumed_where_no_run_is(refused, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "runs/: holds no run to resume" in refused("train", "--resume")
    shutil.copytree(run, tmp_path / "runs" / "typo")
    line = refused("train", "--resume", "--out", "runs/tpyo")
    assert "runs/tpyo: no run to resume here; did you mean runs/typo?" in line
    assert sorted(os.listdir("runs")) == ["typo"]


@pytest.mark.parametrize("out", ["pairs", "pairs/train", "pairs/val", "."])
def test_a_new_run_does_not_lie_among_other_files(refused, pairs_folder, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(pairs_folder, "pairs")
    before = sorted(tmp_path.rglob("*"))
    said = "holds other files (" if out == "." else "lies in the folder of --data pairs"
    assert said in refused("train", "--data", "pairs", "--out", out)
    assert sorted(tmp_path.rglob("*")) == before


def test_data_that_have_moved_are_asked_for(trained, refused, pairs_folder):
    pairs_folder.rename(pairs_folder.with_name("moved"))
    try:
        line = refused("train", "--out", trained[0], "--resume", "--steps", "400")
    finally:
        pairs_folder.with_name("moved").rename(pairs_folder)
    assert "if the data have moved, say where to with --data FOLDER" in line


def test_a_file_that_is_not_ours_is_not_written_over(call, refused, run, pairs_folder, mixed, tmp_path, monkeypatch):
    """Of `data show`, `translate` and `evaluate`; what they wrote themselves they write anew."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 4)).save("pairs.png")
    before = pathlib.Path("pairs.png").read_bytes()
    assert "is there already, and was not written by this program" in refused("data", "show", pairs_folder)
    assert pathlib.Path("pairs.png").read_bytes() == before
    for words in (["--force"], []):
        assert call("data", "show", pairs_folder, *words)[0] == 0

    pathlib.Path("out").mkdir()
    photo = mixed / "grey.png"
    Image.new("RGB", (4, 4)).save(f"out/{photo.name}")
    assert "add --force" in refused("translate", run, photo, "--out", "out")
    for words in (["--force"], []):
        assert call("translate", run, photo, "--out", "out", *words)[0] == 0

    pathlib.Path("scores.json").write_text('{"mine": 1}')
    assert "scores.json: is there already" in refused("evaluate", run)


def test_a_dollar_in_a_name_is_no_mathematics(call, pairs_folder, tmp_path):
    shutil.copytree(pairs_folder, tmp_path / "a$^$b")
    assert call("data", "show", tmp_path / "a$^$b", "--out", tmp_path / "sheet.png")[0] == 0


def test_labels_that_are_none_are_an_answer():
    """As the none of other options, which switches something off, is not."""
    options = {"method": "pix2pix", "steps": 3, "seed": 0, "batch_size": 1, "precision": "auto", "labels": "none"}
    assert train.resolve_options(options, ["labels"], None, False)[2]["labels"] == "none"


def test_labels_are_said_and_remembered(call, pairs_folder, tmp_path):
    assert "label maps B" in call("data", "show", pairs_folder, "--labels", "b", "--out", tmp_path / "x.png")[1]
    assert "label maps none" in call("data", "show", pairs_folder, "--out", tmp_path / "x.png")[1]


def test_what_is_passed_over_is_said(call, pairs_folder, tmp_path):
    shutil.copytree(pairs_folder, tmp_path / "set")
    for number in range(12):
        images.write(tmp_path / "set" / f"stray{number:02d}.png", np.zeros((4, 4, 3), np.uint8))
    output = call("data", "show", tmp_path / "set", "--out", tmp_path / "x.png")[1]
    assert "passed over 12 pictures: stray00.png, " in output and "stray09.png, and 2 more" in output


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8:strict"])
def test_any_terminal_can_show_any_name(run, mixed, tmp_path, encoding):
    name = os.fsdecode(b"caf\xe9 \xe2\x86\x93.png")
    shutil.copy(mixed / "grey.png", tmp_path / name)
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    words = [*COMMAND, "translate", run, tmp_path / name, "--out", tmp_path / "out"]
    done = subprocess.run(words, env=environment, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert b"caf\\xe9" in done.stdout
    assert os.listdir(tmp_path / "out") == [name]


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (errors.InputError("no such set"), 2, "no such set"),
        (errors.RunError("step 3: nan"), 1, "step 3: nan"),
        (OSError(28, "No space left on device", "runs/x"), 1, "runs/x: No space left on device"),
        (MemoryError(), 1, "out of memory; try smaller images, a smaller --batch-size or --filters"),
        (KeyboardInterrupt("stopped after step 3"), 130, "stopped after step 3"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(call, monkeypatch, error, status, line):
    def fail():
        raise error

    monkeypatch.setattr("pix2pix_tf.cli.data.list_sets", fail)
    assert call("data", "list") == (status, "", f"pix2pix-tf: {line}\n")


def test_a_damaged_checkpoint_is_one_line(call, monkeypatch):
    def warn():
        warnings.warn("step_000010 is damaged", errors.DamageWarning, stacklevel=1)
        warnings.warn("some library's", DeprecationWarning, stacklevel=1)

    monkeypatch.setattr("pix2pix_tf.cli.data.list_sets", warn)
    assert call("data", "list") == (0, "", "pix2pix-tf: warning: step_000010 is damaged\n")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Return a folder of images of every mode and of odd sizes."""
    folder = tmp_path_factory.mktemp("mixed")
    colours = Image.fromarray(np.random.default_rng(0).integers(256, size=(21, 35, 3)).astype(np.uint8))
    colours.convert("L").save(folder / "grey.png")
    colours.convert("P").save(folder / "palette.png")
    colours.convert("CMYK").save(folder / "print.jpg")
    colours.convert("1").save(folder / "bits.bmp")
    colours.resize((1, 40)).save(folder / "thin.webp", lossless=True)
    alpha = colours.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(colours.size))
    alpha.save(folder / "alpha.png")
    Image.fromarray(np.linspace(0, 65535, 16 * 16).reshape(16, 16).astype(np.uint16)).save(folder / "deep.png")
    (folder / "notes.txt").write_text("not an image")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


def test_translate_takes_every_mode_and_any_size(call, run, mixed, tmp_path):
    status, output, line = call("translate", run, mixed, "--out", tmp_path / "out", "--seed", 3)
    assert (status, line) == (0, "")
    names = ["alpha", "bits", "deep", "grey", "palette", "print", "thin"]
    assert output.splitlines() == [str(tmp_path / "out" / f"{name}.png") for name in names]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{name}.png" for name in names]
    translator = translation.Translator(translation.load(run / "generator.keras", "float32"))
    for file in sorted(mixed.glob("[a-z]*.[bjpw]*")):
        image = images.read(file)
        expected = images.to_uint8(translator(images.to_float(image)[None], seed=3)[0])
        np.testing.assert_array_equal(images.read(tmp_path / "out" / f"{file.stem}.png"), expected)
        assert expected.shape == image.shape


@pytest.mark.parametrize("words", [[], ["--seed", "5"], ["--resize"]], ids=str)
def test_translate_repeats_its_bits(call, run, mixed, tmp_path, words):
    for out in ("first", "second"):
        assert call("translate", run, mixed / "grey.png", mixed / "thin.webp", "--out", tmp_path / out, *words)[0] == 0
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()
    call("translate", run, mixed / "grey.png", "--out", tmp_path / "other", "--seed", 9)
    assert (tmp_path / "other" / "grey.png").read_bytes() != (tmp_path / "first" / "grey.png").read_bytes()


def test_translate_takes_a_generator_alone(call, run, mixed, tmp_path):
    status, _, _ = call("translate", run / "generator.keras", mixed / "grey.png", "--out", tmp_path / "out")
    assert status == 0


def test_translate_names_all_bad_files_before_any_work(refused, run, mixed, tmp_path, monkeypatch):
    monkeypatch.setattr("pix2pix_tf.translation.translator.MOST_PIXELS", 600)
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "fake.jpg").write_text("text")
    (tmp_path / "cut.png").write_bytes((mixed / "alpha.png").read_bytes()[:200])
    line = refused(
        "translate", run, mixed / "deep.png", mixed / "grey.png", tmp_path, "gone.png", "--out", tmp_path / "o"
    )
    for name in ("empty.png: is empty", "fake.jpg: is not a JPEG", "cut.png: is damaged", "gone.png: cannot be opened"):
        assert name in line
    assert "grey.png: an image has 35x21 pixels" in line
    assert "deep.png" not in line
    assert not (tmp_path / "o").exists()


def test_translate_names_ten_bad_files_and_counts_the_rest(refused, run, tmp_path):
    for number in range(13):
        (tmp_path / f"{number:02}.png").write_bytes(b"")
    line = refused("translate", run, tmp_path, "--out", tmp_path / "out")
    assert line.count("is empty") == 10 and line.endswith("; and 3 more\n")


def test_translate_refuses_inputs_that_share_a_name(refused, run, mixed, tmp_path):
    Image.new("RGB", (16, 16)).save(tmp_path / "grey.jpg")
    line = refused("translate", run, mixed / "grey.png", tmp_path / "grey.jpg", "--out", tmp_path / "out")
    assert f"{mixed / 'grey.png'} and {tmp_path / 'grey.jpg'} would both be written to" in line


def test_translate_refuses_to_overwrite_its_input(refused, run, tmp_path):
    Image.new("RGB", (16, 16)).save(tmp_path / "photo.png")
    before = (tmp_path / "photo.png").read_bytes()
    assert "photo.png: would be overwritten" in refused("translate", run, tmp_path / "photo.png", "--out", tmp_path)
    assert (tmp_path / "photo.png").read_bytes() == before


def test_translate_refuses(refused, run, mixed, tmp_path):
    image, out = mixed / "grey.png", ["--out", tmp_path / "out"]
    (tmp_path / "file").write_text("")
    (tmp_path / "none").mkdir()
    assert "Missing option '--out'" in refused("translate", run, image)
    assert "none: no run here (config.json is missing)" in refused("translate", tmp_path / "none", image, *out)
    assert "missing: no run here" in refused("translate", tmp_path / "missing", image, *out)
    assert "gone.keras: no such file" in refused("translate", tmp_path / "gone.keras", image, *out)
    assert "translates b_to_a only; leave out --direction a_to_b" in refused(
        "translate", run, image, *out, "--direction", "a_to_b"
    )
    assert "none: holds no images" in refused("translate", run, tmp_path / "none", *out)
    assert "file: is no folder to write to" in refused("translate", run, image, "--out", tmp_path / "file")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"model": {}, "data": {}, "training": {}}'])
def test_a_broken_config_is_named(refused, mixed, tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    line = refused("translate", tmp_path, mixed / "grey.png", "--out", tmp_path / "out")
    assert "config.json: is not the configuration of a run" in line


def test_data_list_is_a_table(call, monkeypatch, tmp_path):
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(tmp_path))
    status, output, _ = call("data", "list")
    head, *rows = output.splitlines()
    assert status == 0
    assert [row.split()[0] for row in rows] == [entry.name for entry in datasets.list_entries()]
    column = head.index("pairs")
    assert rows[0][column:].startswith("train 400, val 100, test 100")
    assert [row.split()[1] for row in rows[:4]] == ["yes", "yes", "yes", "no"]


def test_data_show_describes_and_draws(call, pairs_folder, tmp_path):
    status, output, line = call("data", "show", pairs_folder, "--image-size", "16", "--out", tmp_path / "sheet.png")
    assert (status, line) == (0, "")
    assert "pairs      train 4\n" in output and "direction  a_to_b\n" in output
    assert Image.open(tmp_path / "sheet.png").size[0] > 300
    output = call("data", "show", "synthetic", "--image-size", "16", "--out", tmp_path / "fronts.jpg")[1]
    assert "train 400, val 100, test 100" in output and "window #0080ff" in output
    output = call("data", "show", "terraces", "--image-size", "16", "--out", tmp_path / "terraces.jpg")[1]
    assert "direction  b_to_a\n" in output and "label maps B\n" in output and "window #0080ff" in output


def test_data_refuses(refused, tmp_path):
    assert "did you mean synthetic?" in refused("data", "show", "syntetic")
    assert "expected a .png or .jpg file" in refused("data", "show", "synthetic", "--out", tmp_path / "a.gif")
    assert "nowhere: is no known set" in refused("data", "prepare", "nowhere")
    assert "'--split'" in refused("data", "show", "synthetic", "--split", "validation")


def test_data_prepare_says_what_there_is(call):
    output = call("data", "prepare", "synthetic")[1]
    assert output.startswith("synthetic is ready: train 400, val 100, test 100\n")


def test_a_full_disk_does_not_take_the_table(call, run, pairs_folder, tmp_path, monkeypatch):
    """The numbers took minutes: they are printed before they are written."""
    from pix2pix_tf import evaluation
    from pix2pix_tf.system import files

    monkeypatch.setattr(evaluation, "scorecard", lambda *_, **__: {"protocol": {}, "scores": []})
    monkeypatch.setattr(evaluation, "text", lambda card: "the table")
    monkeypatch.setattr(
        files, "synchronize", lambda path: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    status, output, line = call("evaluate", run, "--out", tmp_path / "scores.json")
    assert (status, output) == (1, "the table\n") and "scores.json: cannot be written (No space left on device)" in line


@eagerly
def test_the_improved_recipe_is_the_default_and_the_paper_s_can_be_had(call, tmp_path):
    """Each is what config.json says, and a run goes on with its own."""
    tiny = ["--image-size", "32", "--filters", "2", "--steps", "2", "--precision", "float32"]
    found = {}
    for recipe in ("improved", "paper"):
        words = ["--recipe", "paper"] if recipe == "paper" else []
        assert call("train", *tiny, *words, "--out", tmp_path / recipe)[0] == 0
        found[recipe] = json.loads((tmp_path / recipe / "config.json").read_text())["model"]
    paper = pix2pix.Pix2Pix.defaults()
    own = ("image_size", "filters", "precision")
    assert {name: value for name, value in found["paper"].items() if name not in own} == {
        name: value for name, value in paper.items() if name not in own
    }
    changed = {name for name in paper if found["improved"][name] != found["paper"][name]}
    assert changed == {
        "upsampling", "norm", "discriminator_norm", "spectral", "average", "decay", "palette", "learning_rate",
        "total_steps",
    }  # fmt: skip
    status, _, line = call("train", "--out", tmp_path / "improved", "--resume", "--recipe", "paper")
    assert status == 2 and "cannot be resumed with --recipe paper (the run has upsampling nearest)" in line
    assert call("train", "--out", tmp_path / "paper", "--resume", "--recipe", "paper")[0] == 0


@eagerly
def test_without_a_discriminator_the_recipe_has_nothing_for_one(call, tmp_path):
    tiny = ["--image-size", "32", "--filters", "2", "--steps", "1", "--precision", "float32"]
    assert call("train", *tiny, "--adversarial", "none", "--out", tmp_path / "run")[0] == 0
    model = json.loads((tmp_path / "run/config.json").read_text())["model"]
    assert (model["adversarial"], model["spectral"], model["upsampling"]) == (None, False, "nearest")


@eagerly
def test_the_same_words_go_on_with_a_run(call, tmp_path):
    """A recipe with an option of its own beside it, and void that the set does not have."""
    words = ["--image-size", "32", "--filters", "2", "--steps", "1", "--precision", "float32", "--recipe", "improved"]
    words += ["--upsampling", "tied", "--void", "auto", "--palette", "classes", "--out", tmp_path / "run"]
    assert call("train", *words)[0] == 0
    assert call("train", *words, "--resume")[0] == 0


def test_cyclegan_s_recipe_is_the_improved_one_until_the_paper_s_is_asked_for():
    without, paper = (options.complete("cyclegan", {"steps": 10, **more}) for more in ({}, {"recipe": "paper"}))
    assert (without["recipe"], without["upsampling"], without["input_skip"]) == ("improved", "nearest", True)
    assert paper["recipe"] == "paper" and not {"upsampling", "input_skip"} & paper.keys()


@eagerly
def test_an_option_of_its_own_goes_before_the_recipe(call, tmp_path):
    tiny = ["--image-size", "32", "--filters", "2", "--steps", "1", "--precision", "float32"]
    words = ["--upsampling", "tied", "--palette", "mean", "--augmentation", "geometry", "--no-spectral"]
    assert call("train", *tiny, *words, "--out", tmp_path / "run")[0] == 0
    model = json.loads((tmp_path / "run/config.json").read_text())["model"]
    chosen = [model[name] for name in ("upsampling", "palette", "augmentation", "spectral")]
    assert chosen == ["tied", [[0, 0, 0]], "geometry", False]


PAINTED = functools.partial(datasets.load, "synthetic", image_size=32, count=3)


def fit_painted(folder, resume=False):
    """Train a small model with palettes."""
    colours = palettes.find_colours(PAINTED(), "classes")
    model = pix2pix.Pix2Pix(32, filters=2, discriminator_layers=1, palette=colours)
    training.fit(model, PAINTED(), 3, folder, resume=resume)


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """Return a folder with a run that has palettes, a label map and its photo."""
    folder = tmp_path_factory.mktemp("painted")
    with toy.eagerly():
        fit_painted(folder / "run")
    labels, photo = PAINTED().pair(0)
    images.write(folder / "labels.png", images.to_uint8(labels))
    images.write(folder / "photo.png", images.to_uint8(photo))
    return folder


def test_a_palette_is_drawn_lent_or_named(call, painted):
    """By each way the translation is what the model gives for the palette that is meant."""
    labels, photo = (images.to_float(images.read(painted / name)) for name in ("labels.png", "photo.png"))
    translator = runs.open(painted / "run").translator()
    (painted / "named.json").write_text('{"facade": "#ff0000", "#0080ff": "#00ff00"}')
    named = translator.palettes[0].copy()
    classes = {name: number for number, (name, _) in enumerate(streets.LABELS)}
    named[classes["facade"]], named[classes["window"]] = [1, -1, -1], [-1, 1, -1]
    places = palettes.classify(tf.constant(labels[None]), translator.colours)
    means, pixels = palettes.measure(tf.constant(photo[None]), places, len(classes))
    lent = np.where(pixels[0][:, None] >= palettes.LEAST, means[0], translator.palettes[0])
    drawn = translator.palettes[np.random.default_rng(5).integers(len(translator.palettes))]
    for given, palette in (("5", drawn), (painted / "photo.png", lent), (painted / "named.json", named)):
        words = ["--out", painted / "out", "--palette", given, "--force"]
        assert call("translate", painted / "run", painted / "labels.png", *words)[0] == 0
        expected = images.to_uint8(translator(labels[None], palette=palette)[0])
        np.testing.assert_array_equal(images.read(painted / "out/labels.png"), expected)


def test_the_file_of_a_generator_with_palettes_finds_them_beside_it(call, painted):
    words = [painted / "labels.png", "--out", painted / "by_file"]
    assert call("translate", painted / "run/generator.keras", *words)[0] == 0
    assert call("translate", painted / "run", painted / "labels.png", "--out", painted / "by_run")[0] == 0
    one, other = (images.read(painted / name / "labels.png") for name in ("by_file", "by_run"))
    np.testing.assert_array_equal(one, other)


def test_palettes_that_were_removed_come_back_with_a_resume(painted, tmp_path):
    copy = shutil.copytree(painted / "run", tmp_path / "run")
    (copy / "palettes.json").unlink()
    with pytest.raises(errors.InputError, match=r"has no palettes\.json; a run writes it .* when it is resumed"):
        runs.open(copy).translator()
    fit_painted(copy, resume=True)
    assert (copy / "palettes.json").read_text() == (painted / "run/palettes.json").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"roof": "#ff0000"}', "'roof' is no class; expected one of #0000de"),
        ('{"facade": "red"}', "facade is 'red'; expected a colour such as #a05030"),
        ("[1]", "is no JSON object"),
        ("{", "is no JSON object"),
    ],
)
def test_a_palette_that_names_nothing_is_refused(refused, painted, content, said):
    (painted / "bad.json").write_text(content)
    words = [painted / "labels.png", "--out", painted / "none", "--palette", painted / "bad.json"]
    assert said in refused("translate", painted / "run", *words)
    assert not (painted / "none").exists()


def test_a_palette_of_a_run_without_any_is_refused(refused, run, painted):
    words = [painted / "labels.png", "--out", painted / "none", "--palette", "1"]
    assert "was trained without palettes; leave it out" in refused("translate", run, *words)
    assert "no such file; expected a number from 0 on, a photo" in refused(
        "translate", painted / "run", *words[:-1], "sunset"
    )
