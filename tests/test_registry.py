"""A third method, registered by one row, is trained, resumed, translated with and evaluated as those of the package."""

import inspect
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
import third_method
import toy

from pix2pix_tf import blocks, errors, images, losses, method, pix2pixhd, registry, runs
from pix2pix_tf.cli import train

# Runs command lines one after the other in one process, and prints the exit status of each.
PROGRAM = """
import json, sys
import third_method
from pix2pix_tf.cli import app

for words in json.loads(sys.argv[1]):
    sys.argv = ["pix2pix-tf", *words]
    try:
        app.main()
    except SystemExit as end:
        print("status", end.code or 0, flush=True)
"""
STEPS = 240
TRAIN = ["train", "--method", "glaze", "--thickness", "0.5", "--data", "pairs", "--image-size", "16", "--steps"]
TRAIN += [str(STEPS), "--checkpoint-every", "20", "--preview-every", "120", "--direction", "a_to_b"]


def start(folder, *commands):
    """Start command lines in a process that knows the third method."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(pathlib.Path(__file__).parent), *sys.path])}
    words = [sys.executable, "-c", PROGRAM, json.dumps(commands)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, cwd=folder, env=environment, **pipes)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a folder in which the method was killed, resumed, left alone, translated with and evaluated."""
    folder = tmp_path_factory.mktemp("glaze")
    random = np.random.default_rng(0)
    for split, count in (("train", 6), ("val", 3)):
        (folder / "pairs" / split).mkdir(parents=True)
        for number in range(count):
            picture = random.integers(256, size=(16, 32, 3)).astype(np.uint8)
            images.write(folder / "pairs" / split / f"{number}.png", picture)
    (folder / "pictures").mkdir()
    images.write(folder / "pictures" / "one.png", random.integers(256, size=(16, 16, 3)).astype(np.uint8))
    killed = start(folder, [*TRAIN, "--out", "killed"])
    while killed.poll() is None and not list((folder / "killed" / "checkpoints").glob("step_*")):
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (folder / "killed" / "glaze-and-body.keras").exists(), "it was killed too late to be resumed"
    commands = [
        ["train", "--out", "killed", "--resume"],
        [*TRAIN, "--out", "alone"],
        ["translate", "alone", "pictures", "--out", "translated", "--seed", "7"],
        ["evaluate", "alone", "killed", "--out", "scores.json"],
        ["train", "--help"],
        ["train", "--out", "other", "--thickness", "1"],
    ]
    done = start(folder, *commands)
    output, complaints = done.communicate(timeout=300)
    return folder, output, complaints


def test_it_trains_and_leaves_its_own_file(finished):
    folder, output, complaints = finished
    assert output.count("status 0") == 5, complaints
    config = json.loads((folder / "alone" / "config.json").read_text())
    assert (config["method"], config["generators"]) == ("glaze", ["glaze-and-body.keras"])
    assert config["model"] == {"image_size": 16, "thickness": 0.5, "precision": config["model"]["precision"], "seed": 0}
    assert (folder / "alone" / "glaze-and-body.keras").is_file()


def test_it_resumes_after_a_kill_to_the_same_bits(finished):
    folder, _, _ = finished
    ends = [folder / name / "checkpoints" / f"step_{STEPS:06d}" for name in ("killed", "alone")]
    killed, alone = (tf.train.load_checkpoint(str(end / "variables")) for end in ends)
    names = [name for name in alone.get_variable_to_dtype_map() if "OBJECT_GRAPH" not in name]
    assert len(names) > 10
    for name in names:
        np.testing.assert_array_equal(killed.get_tensor(name), alone.get_tensor(name))
    assert toy.history(folder / "killed") == toy.history(folder / "alone")


def test_it_translates_as_it_says_itself(finished):
    folder, _, _ = finished
    picture = images.to_float(images.read(folder / "pictures" / "one.png"))
    expected = third_method.Glaze.load(folder / "alone").translate(picture[None], seed=7)[0]
    np.testing.assert_array_equal(images.read(folder / "translated" / "one.png"), images.to_uint8(expected))


def test_it_is_evaluated_beside_the_baselines(finished):
    folder, _, _ = finished
    scores = {score["name"]: score["measures"] for score in json.loads((folder / "scores.json").read_text())["scores"]}
    assert scores["alone"]["l1"] == scores["killed"]["l1"]
    assert scores["alone"]["l1"]["value"] > 0 and "nearest training pair" in scores


def test_its_option_is_shown_and_is_no_other_method_s(finished):
    _, output, complaints = finished
    group = output[output.index("Options of glaze:") :]
    assert "--thickness" in group and "Share of the glaze." in group
    assert f"--method <{'|'.join(registry.METHODS)}>" in output
    assert "status 2" in output and "--thickness: is no option of --method pix2pix; leave it out" in complaints


def test_a_run_of_an_unknown_method_is_refused_in_one_line(tmp_path):
    data = {"name": "x", "digest": "", "direction": "b_to_a", "image_size": 16}
    config = {"method": "mosaic", "model": {}, "data": data, "training": {}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    line = f"{tmp_path}: method 'mosaic' is not known; expected one of pix2pix, cyclegan"
    with pytest.raises(errors.InputError) as refused:
        runs.open(tmp_path)
    assert str(refused.value).startswith(line)
    with pytest.raises(errors.InputError) as refused:
        train.resolve_options({"steps": 10}, [], tmp_path, resume=True)
    assert str(refused.value).startswith(line)


def test_a_run_from_before_a_keyword_is_not_resumed_with_another_value_than_its_default(tmp_path):
    data = {"name": "synthetic", "digest": "", "direction": "b_to_a", "image_size": 16}
    config = {"method": "pix2pix", "model": {"image_size": 16}, "data": data, "training": {"steps": 10}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(errors.InputError, match=r"cannot be resumed with --critic-steps 5 \(the run has 1\)"):
        train.resolve_options({"critic_steps": 5, "steps": 10}, ["critic_steps"], tmp_path, resume=True)
    _, keywords, _ = train.resolve_options({"critic_steps": 1, "steps": 10}, ["critic_steps"], tmp_path, resume=True)
    assert keywords == {"image_size": 16}


def test_the_words_of_the_rows_are_those_of_the_networks():
    """They stand there twice, for the rows must not import Keras."""
    assert registry.UPSAMPLINGS == blocks.UPSAMPLINGS
    assert sorted(registry.NORMS) == sorted(blocks.NORMS)
    assert sorted(registry.ADVERSARIAL) == sorted(losses.ADVERSARIAL)
    adversarial = [option for option in registry.METHODS["pix2pixhd"].options if option.name == "adversarial"]
    assert adversarial[0].kind == pix2pixhd.ADVERSARIAL


@pytest.mark.parametrize("name", registry.METHODS)
def test_a_class_calls_itself_as_its_row_does(name):
    found = registry.METHODS[name].load_class()
    assert issubclass(found, method.Method) and found.name == name
    known = inspect.signature(found).parameters
    row = registry.METHODS[name]
    own = {option.name for option in row.options} - {"void", "task", "domain"}  # which are the data's
    assert own | ({"image_size", "precision", "seed"} - set(row.lacks)) <= known.keys()
    assert not set(row.lacks) & known.keys(), "what it lacks it does not take"
    for option in row.options:
        if option.default is not None:
            assert known[option.name].default == option.default, "the command line and Python have one default"
