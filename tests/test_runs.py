"""A run's folder belongs to one process at a time, and what is in it is never lost to a resume."""

import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import toy
from tensorboard.backend.event_processing import event_accumulator

from pix2pix_tf import errors, plots, runs, training


@pytest.fixture(autouse=True)
def plain_previews(monkeypatch):
    """Spare the drawing, which is not what is tested here."""
    monkeypatch.setattr(plots, "sheet", lambda columns, title: list(columns.values())[1])
    monkeypatch.setattr(plots, "pixels", lambda images, dpi: plots.displayable(images[0]))


def fit(folder, steps=60, hook=lambda method, losses: losses, **options):
    """Train the toy."""
    options = {"checkpoint_every": 20, "preview_every": 20, **options}
    return training.fit(toy.Toy(hook=hook), toy.pairs(), steps, folder, **options)


def crash_at(step):
    """Return a hook that breaks a step, as a killed process would."""

    def hook(method, losses):
        if method.iterations == step:
            raise RuntimeError
        return losses

    return hook


def everything(folder):
    """Return the content of all files of a run but its lock."""
    return {
        path: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != runs.folder.LOCK.name
    }


def test_a_run_that_runs_is_refused_to_others(tmp_path):
    refused = []

    def hook(method, losses):
        if method.iterations == 30:
            for resume in (True, False):
                with pytest.raises(errors.InputError) as raised:
                    fit(tmp_path / "run", 90, resume=resume)
                refused.append(str(raised.value))
        return losses

    fit(tmp_path / "run", hook=hook)
    assert "is being trained by another process" in refused[0] and "holds a run already" in refused[1]
    fit(tmp_path / "other")
    assert toy.history(tmp_path / "run") == toy.history(tmp_path / "other")


@pytest.mark.slow
def test_a_killed_run_is_not_taken_any_more(tmp_path):
    code = (
        "import sys, time, toy; from pix2pix_tf import training\n"
        "def hook(method, losses):\n"
        "    if method.iterations == 25: print('here', flush=True); time.sleep(60)\n"
        "    return losses\n"
        "training.fit(toy.Toy(hook=hook), toy.pairs(), 60, sys.argv[1], checkpoint_every=20, preview_every=20)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path])}
    words = [sys.executable, "-c", code, tmp_path / "run"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout.readline() == "here\n"
        with pytest.raises(errors.InputError, match="is being trained by another process"):
            fit(tmp_path / "run", resume=True)
        process.send_signal(signal.SIGKILL)
    fit(tmp_path / "run", resume=True)
    fit(tmp_path / "other")
    assert toy.history(tmp_path / "run") == toy.history(tmp_path / "other")


def test_lost_checkpoints_are_not_replaced_by_a_new_start(tmp_path):
    folder = tmp_path / "run"
    fit(folder)
    shutil.rmtree(folder / "checkpoints")
    before = everything(folder)
    with pytest.raises(errors.InputError, match="has lost its checkpoints, so it cannot go on after step 60"):
        fit(folder, 80, resume=True)
    assert everything(folder) == before
    fit(folder, resume=True)  # all is done, so there is nothing to go on from
    assert everything(folder) == before


def test_lost_checkpoints_of_an_unfinished_run_are_missed(tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(RuntimeError):
        fit(folder, hook=crash_at(50))
    shutil.rmtree(folder / "checkpoints")
    with pytest.raises(errors.InputError, match="has lost its checkpoints, so it cannot go on after step 40"):
        fit(folder, resume=True)


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_anew(tmp_path):
    with pytest.raises(RuntimeError):
        fit(tmp_path / "run", hook=crash_at(19), preview_every=10)
    fit(tmp_path / "run", resume=True, preview_every=10)
    fit(tmp_path / "other", preview_every=10)
    assert toy.history(tmp_path / "run") == toy.history(tmp_path / "other")


def test_tensorboard_has_every_step_once_after_a_crash(tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(RuntimeError):
        fit(folder, 90, hook=crash_at(59), preview_every=10)
    fit(folder, 90, resume=True, preview_every=10)
    scalars, pictures = collections.Counter(), collections.Counter()
    for file in (folder / "events").iterdir():
        events = event_accumulator.EventAccumulator(str(file))
        events.Reload()
        scalars.update(event.step for event in events.Tensors("l2"))
        pictures.update(event.step for event in events.Tensors("preview"))
    assert scalars == pictures == collections.Counter(range(10, 91, 10))


@pytest.mark.parametrize("name", ["facades [old]", "a\\b", "what? *"])
def test_a_folder_of_any_name_is_resumed(tmp_path, name):
    with pytest.raises(RuntimeError):
        fit(tmp_path / name, hook=crash_at(50))
    fit(tmp_path / name, resume=True)
    fit(tmp_path / "plain")
    assert toy.history(tmp_path / name) == toy.history(tmp_path / "plain")


def test_a_folder_that_another_worker_is_about_to_take_is_free(tmp_path):
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)  # between the two things that taking does
    assert not runs.is_begun(tmp_path / "run", resume=False)
    fit(tmp_path / "run")


@pytest.mark.parametrize("name", ["history.csv", "previews/mine.png", "generator.keras", "checkpoints/x", "events/x"])
def test_files_that_are_no_runs_are_not_written_over(tmp_path, name):
    (tmp_path / "mine" / name).parent.mkdir(parents=True)
    (tmp_path / "mine" / name).write_text("precious")
    for resume in (False, True):
        with pytest.raises(errors.InputError, match=r"holds no run, but .*, which a run would write over"):
            fit(tmp_path / "mine", resume=resume)
    assert [path.name for path in (tmp_path / "mine").rglob("*") if path.is_file()] == [os.path.basename(name)]


@pytest.mark.parametrize(
    "options",
    [{"steps": 0}, {"steps": 2.5}, {"checkpoint_every": 0}, {"preview_every": -1}, {"batch_size": "2"}, {"seed": None}],
)
def test_numbers_that_are_not_possible_are_refused_before_anything_is_written(tmp_path, options):
    with pytest.raises(errors.InputError, match=f"{next(iter(options))} is .*; expected a whole number from"):
        fit(tmp_path / "run", **options)
    assert os.listdir(tmp_path) == []


def test_the_numbers_of_numpy_are_numbers(tmp_path):
    fit(tmp_path / "run", np.int64(20), batch_size=np.int32(1), seed=np.uint8(3))
    config = runs.read_config(tmp_path / "run")
    assert config["training"] == {"steps": 20, "batch_size": 1, "seed": 3, "checkpoint_every": 20, "preview_every": 20}


def test_a_cell_that_is_run_twice_is_told_what_to_do(tmp_path):
    fit(tmp_path / "run")
    with pytest.raises(errors.InputError, match="holds a run already; resume it, or choose another folder") as raised:
        fit(tmp_path / "run")
    assert "--" not in str(raised.value)


def test_two_new_runs_take_two_folders(tmp_path, monkeypatch):
    from pix2pix_tf.cli import train

    monkeypatch.chdir(tmp_path)
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(train.make_folder())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, taken)) == [f"runs/run-{number:03d}" for number in range(1, 9)]


def test_a_run_that_could_not_begin_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, 0))
    with pytest.raises(errors.InputError, match="the disk has"):
        fit(tmp_path / "run")
    assert os.listdir(tmp_path) == []


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "noise": lambda path: path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size)),
    "folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["config.json", "history.csv"])
def test_a_damaged_record_is_one_line(tmp_path, name, damage):
    with pytest.raises(RuntimeError):
        fit(tmp_path / "run", hook=crash_at(50))
    DAMAGE[damage](tmp_path / "run" / name)
    with pytest.raises(errors.InputError, match=f"{name}: is not the") as raised:
        fit(tmp_path / "run", resume=True)
    assert "\n" not in str(raised.value)


def test_labels_that_are_taken_otherwise_contradict(tmp_path):
    fit(tmp_path / "run")
    config = runs.read_config(tmp_path / "run")
    assert config["data"]["labels"] == "b"
    config["data"]["labels"] = "none"
    runs.folder.write_config(tmp_path / "run", config)
    with pytest.raises(errors.InputError, match="data labels: none, now b"):
        fit(tmp_path / "run", resume=True)
    del config["data"]["labels"]  # as older runs are
    runs.folder.write_config(tmp_path / "run", config)
    fit(tmp_path / "run", resume=True)


def test_no_flipped_bit_of_a_configuration_goes_unnoticed(tmp_path):
    """Nor does a value that was edited; without its checksum, as older runs have none, a configuration is taken."""
    fit(tmp_path / "run")
    path = tmp_path / "run" / "config.json"
    whole, config = path.read_bytes(), runs.read_config(tmp_path / "run")
    for place in range(0, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = runs.read_config(tmp_path / "run")
            assert config.items() <= found.items()  # a space that became another one, or the checksum's own name
        except errors.InputError as error:
            assert "config.json: is not the configuration of a run" in str(error) and "\n" not in str(error)
    path.write_bytes(whole.replace(b'"steps": 60', b'"steps": 61'))
    with pytest.raises(errors.InputError, match="it was changed; if that was meant, remove its 'checksum'"):
        fit(tmp_path / "run", resume=True)
    path.write_text(json.dumps(config))
    fit(tmp_path / "run", resume=True)


@pytest.mark.parametrize(
    "values",
    [
        {"method": 3},
        {"model": []},
        {"data": {}},
        {"data": {"name": 5}},
        {"data": {"direction": "sideways"}},
        {"data": {"image_size": "32"}},
        {"training": {"steps": "x"}},
    ],
)
def test_a_configuration_of_other_kinds_is_one_line(tmp_path, values):
    fit(tmp_path / "run")
    config = runs.read_config(tmp_path / "run")
    for name, value in values.items():
        merged = {**config[name], **value} if isinstance(value, dict) and value else value
        (tmp_path / "run" / "config.json").write_text(json.dumps({**config, name: merged}))
    with pytest.raises(errors.InputError, match=r"config\.json: is not the configuration of a run"):
        runs.open(tmp_path / "run")


@pytest.mark.parametrize("name", ["previews", "events", "generator.keras"])
def test_a_file_in_place_of_a_folder_is_said_before_any_step(tmp_path, name):
    with pytest.raises(RuntimeError):
        fit(tmp_path / "run", hook=crash_at(50))
    place = tmp_path / "run" / name
    if name == "generator.keras":
        place.mkdir()
    else:
        shutil.rmtree(place)
        place.touch()
    with pytest.raises(
        errors.InputError, match=f"{name}: is a (file|folder), and a run has a (file|folder) there; move it away"
    ):
        fit(tmp_path / "run", resume=True)
