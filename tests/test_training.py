import csv
import json
import signal

import numpy as np
import pytest
import tensorflow as tf
import toy

from pix2pix_tf import cyclegan, datasets, errors, pix2pix, plots, training

SMALL = {"image_size": 16, "filters": 4, "discriminator_layers": 1, "precision": "float32"}


@pytest.fixture(scope="module", autouse=True)
def plain_previews():
    """Spare the drawing, which is not what is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "sheet", lambda columns, title: list(columns.values())[1])
        patch.setattr(plots, "pixels", lambda images, dpi: plots.displayable(images[0]))
        yield


@pytest.fixture(scope="module")
def pairs():
    return toy.pairs()


@pytest.fixture(scope="module")
def undisturbed(pairs, tmp_path_factory):
    """Return a method trained for 60 steps at a stretch, and its folder."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    method = toy.Toy()
    training.fit(method, pairs, 60, folder, checkpoint_every=10, preview_every=20)
    return method, folder


def fit(pairs, folder, steps=60, method=None, **options):
    """Train as `undisturbed` does; return the method."""
    method = method or toy.Toy()
    training.fit(method, pairs, steps, folder, **{"checkpoint_every": 10, "preview_every": 20, **options})
    return method


def stop_at(step):
    """Return a method that behaves as if Ctrl-C were pressed during a step."""

    def hook(method, losses):
        if method.iterations == step:
            signal.raise_signal(signal.SIGINT)
        return losses

    return toy.Toy(hook=hook)


def crash_at(step):
    """Return a method that breaks during a step, as a killed process would."""

    def hook(method, losses):
        if method.iterations == step:
            raise OSError("pulled the plug")
        return losses

    return toy.Toy(hook=hook)


def test_a_run_leaves_its_files(undisturbed):
    method, folder = undisturbed
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    events = {file for file in files if file.startswith("events/")}
    checkpoints = {file for file in files if file.startswith("checkpoints/step")}
    assert len(events) == 1
    assert {file.split("/")[1] for file in checkpoints} == {"step_000040", "step_000050", "step_000060"}
    previews = {f"previews/step_0000{step}.png" for step in (20, 40, 60)}
    assert files - events - checkpoints == {
        "checkpoints/.lock",
        "config.json",
        "history.csv",
        "generator.keras",
        *previews,
    }
    assert (folder / "generator.keras").read_bytes() == method.weights.numpy().tobytes()


def test_the_config_names_what_decided_the_run(undisturbed, pairs):
    config = json.loads((undisturbed[1] / "config.json").read_text())
    assert config["method"] == "toy"
    assert config["model"] == {"size": 3, "seed": 0}
    assert config["training"] == {
        "steps": 60,
        "batch_size": 1,
        "seed": 0,
        "checkpoint_every": 10,
        "preview_every": 20,
    }
    assert config["data"]["digest"] == pairs.digest
    assert config["versions"]["tensorflow"] == tf.__version__


def test_rows_are_the_means_of_their_steps(pairs, tmp_path):
    losses = []

    def hook(method, results):
        losses.append(float(results["l2"]))
        return results

    history = training.fit(toy.Toy(hook=hook), pairs, 110, tmp_path / "run", preview_every=80, checkpoint_every=33)
    assert history["step"] == [50, 80, 100, 110]
    bounds = [0, 50, 80, 100, 110]
    means = [np.mean(losses[first:last]) for first, last in zip(bounds[:-1], bounds[1:], strict=True)]
    np.testing.assert_allclose(history["l2"], means, rtol=1e-12)
    assert np.isnan(history["validation_l2"]).tolist() == [False, False, True, False], "the first preview comes early"


def test_a_crashed_run_resumes_to_the_same_end(undisturbed, pairs, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(errors.RunError, match=r"step 46: pulled the plug; the last good checkpoint is .*step_000040"):
        fit(pairs, folder, method=crash_at(47))
    (folder / "checkpoints" / ".unfinished-000050").mkdir()
    (folder / "checkpoints" / ".unfinished-000050" / "variables.index").write_bytes(b"half")
    resumed = fit(pairs, folder, resume=True)
    toy.assert_same(resumed, undisturbed[0])
    assert toy.history(folder) == toy.history(undisturbed[1])
    assert (folder / "generator.keras").read_bytes() == (undisturbed[1] / "generator.keras").read_bytes()
    assert not list((folder / "checkpoints").glob(".unfinished*"))


@pytest.mark.parametrize("step", [1, 33, 50])
def test_ctrl_c_saves_and_the_resumed_run_comes_to_the_same_end(undisturbed, pairs, tmp_path, step):
    folder, handler = tmp_path / "run", signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match=f"stopped after step {step}; resume it"):
        fit(pairs, folder, method=stop_at(step))
    assert (folder / "checkpoints" / f"step_{step:06d}").is_dir()
    assert (folder / "generator.keras").is_file()
    assert signal.getsignal(signal.SIGINT) is handler
    toy.assert_same(fit(pairs, folder, resume=True), undisturbed[0])
    assert toy.history(folder) == toy.history(undisturbed[1])


def test_ctrl_c_in_the_last_step_is_too_late(undisturbed, pairs, tmp_path):
    toy.assert_same(fit(pairs, tmp_path / "run", method=stop_at(60)), undisturbed[0])


def test_more_steps_are_as_if_they_had_been_asked_for_at_once(undisturbed, pairs, tmp_path):
    fit(pairs, tmp_path / "run", steps=33)
    longer = fit(pairs, tmp_path / "run", resume=True)
    toy.assert_same(longer, undisturbed[0])
    assert toy.history(tmp_path / "run") == toy.history(undisturbed[1])
    assert json.loads((tmp_path / "run" / "config.json").read_text())["training"]["steps"] == 60


def test_resuming_a_finished_run_changes_nothing(undisturbed, pairs):
    before = toy.snapshot(undisturbed[1])
    resumed = toy.Toy()
    history = training.fit(resumed, pairs, 60, undisturbed[1], checkpoint_every=10, preview_every=20, resume=True)
    assert toy.snapshot(undisturbed[1]) == before
    toy.assert_same(resumed, undisturbed[0])
    assert history["step"] == [20, 40, 50, 60]


def test_a_finished_run_gets_a_generator_that_was_removed(pairs, tmp_path):
    method = fit(pairs, tmp_path / "run", steps=20)
    (tmp_path / "run" / "generator.keras").unlink()
    fit(pairs, tmp_path / "run", steps=20, resume=True)
    assert (tmp_path / "run" / "generator.keras").read_bytes() == method.weights.numpy().tobytes()


def test_the_generator_is_there_before_the_last_checkpoint(pairs, tmp_path):
    """Else a run that is killed between the two would keep the generator of an earlier Ctrl-C for ever."""
    with pytest.raises(KeyboardInterrupt):
        fit(pairs, tmp_path / "run", method=stop_at(7))
    method = toy.Toy()
    method.save = lambda folder: (_ for _ in ()).throw(OSError("killed"))
    with pytest.raises(errors.RunError, match="killed"):
        fit(pairs, tmp_path / "run", method=method, resume=True)
    assert not (tmp_path / "run" / "checkpoints" / "step_000060").exists()


@pytest.mark.slow
def test_resume_without_a_checkpoint_starts_at_the_first_step(undisturbed, pairs, tmp_path):
    toy.assert_same(fit(pairs, tmp_path / "none", resume=True), undisturbed[0])
    with pytest.raises(errors.RunError, match="there is no checkpoint yet"):
        fit(pairs, tmp_path / "early", method=crash_at(5))
    toy.assert_same(fit(pairs, tmp_path / "early", resume=True), undisturbed[0])
    assert toy.history(tmp_path / "early") == toy.history(undisturbed[1])


def test_a_folder_with_a_run_is_refused(undisturbed, pairs):
    before = toy.snapshot(undisturbed[1])
    with pytest.raises(errors.InputError, match=r"holds a run already; resume it, or choose another folder"):
        fit(pairs, undisturbed[1])
    assert toy.snapshot(undisturbed[1]) == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"steps": 30}, "steps: 60, now 30; only more are possible"),
        ({"seed": 5, "batch_size": 2}, "training batch_size: 1, now 2; training seed: 0, now 5"),
        ({"checkpoint_every": 7}, "training checkpoint_every: 10, now 7"),
        ({"method": toy.Toy(seed=3)}, "model seed: 0, now 3"),
        ({"pairs": toy.pairs(direction="a_to_b")}, "data direction: b_to_a, now a_to_b"),
        (
            {"pairs": toy.pairs(seed=1)},
            r"data: synthetic \(digest \w{8}\), now synthetic \(digest \w{8}\), which has other content",
        ),
    ],
)
def test_contradictions_are_named_and_refused(undisturbed, pairs, change, named):
    before = toy.snapshot(undisturbed[1])
    with pytest.raises(errors.InputError, match=f"cannot be resumed, for its config.json: {named}$"):
        fit(**{"pairs": pairs, "folder": undisturbed[1], "resume": True, **change})
    assert toy.snapshot(undisturbed[1]) == before


def test_previews_are_handed_over(pairs, tmp_path):
    seen = []
    fit(pairs, tmp_path / "run", 45, on_preview=lambda step, columns: seen.append((step, list(columns))))
    assert seen == [(step, ["input", "output", "truth"]) for step in (20, 40, 45)]


def test_validation_is_measured_on_its_own_pairs(pairs, tmp_path):
    other = toy.pairs(split="val")
    method = toy.Toy()
    history = training.fit(method, pairs, 20, tmp_path / "run", validation=other)
    expected = [method.validate(*(side[None] for side in other.pair(i)))["validation_l2"] for i in range(len(other))]
    assert history["validation_l2"] == [pytest.approx(np.mean(expected), rel=1e-6)]


@pytest.mark.slow
@pytest.mark.parametrize("repairs", [{}, toy.REPAIRS], ids=["paper", "repairs"])
def test_pix2pix_resumes_with_equal_bits(pairs, tmp_path, repairs):
    """Weights, moments and the dropout's noise: the networks and optimizers of the real method.

    With all repairs: averages, palettes, the vectors of spectral norm, and a rate that falls.
    """
    options = {**SMALL, **repairs, **({"total_steps": 6} if repairs else {})}
    whole, first, second = (pix2pix.Pix2Pix(**options) for _ in range(3))
    training.fit(whole, pairs, 6, tmp_path / "whole", batch_size=2)
    training.fit(first, pairs, 3, tmp_path / "parts", batch_size=2)
    training.fit(second, pairs, 6, tmp_path / "parts", batch_size=2, resume=True)
    toy.assert_same(whole, second)
    assert toy.history(tmp_path / "whole") == toy.history(tmp_path / "parts")
    restored = pix2pix.Pix2Pix.load(tmp_path / "parts")
    chosen = {"palette": np.full((len(toy.REPAIRS["palette"]), 3), 0.5)} if repairs else {}
    first, second = (model.translate(pairs.pair(0)[0][None], **chosen) for model in (whole, restored))
    np.testing.assert_array_equal(first, second)


@pytest.mark.slow
def test_cyclegan_resumes_with_equal_bits(pairs, tmp_path):
    """Weights, moments, the learning rate's decay and the pools, which are full after the second step."""
    options = {**SMALL, "filters": 2, "blocks": 1, "pool_size": 3, "total_steps": 6}
    options |= {name: toy.REPAIRS[name] for name in ("upsampling", "norm", "spectral", "average", "augmentation")}
    options["input_skip"] = True
    whole, first, second = (cyclegan.CycleGAN(**options) for _ in range(3))
    training.fit(whole, pairs, 6, tmp_path / "whole", batch_size=2)
    training.fit(first, pairs, 3, tmp_path / "parts", batch_size=2)
    training.fit(second, pairs, 6, tmp_path / "parts", batch_size=2, resume=True)
    toy.assert_same(whole, second)
    assert toy.history(tmp_path / "whole") == toy.history(tmp_path / "parts")
    restored = cyclegan.CycleGAN.load(tmp_path / "parts")
    for direction in datasets.DIRECTIONS:
        image = pairs.pair(0)[0][None]
        np.testing.assert_array_equal(whole.translate(image, direction), restored.translate(image, direction))


@pytest.mark.parametrize(("value", "text"), [(np.nan, "nan"), (np.inf, "inf")])
def test_a_loss_that_is_not_finite_names_step_loss_and_checkpoint(pairs, tmp_path, value, text):
    def hook(method, losses):
        return {"l2": tf.constant(value)} if method.iterations == 13 else losses

    with pytest.raises(
        errors.RunError, match=rf"^step 13: the loss l2 is {text}; the last good checkpoint is .*step_000010$"
    ):
        fit(pairs, tmp_path / "run", method=toy.Toy(hook=hook))


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_weights_that_are_not_finite_become_neither_preview_nor_checkpoint(pairs, tmp_path):
    def hook(method, losses):
        if method.iterations == 20:
            method.weights.assign(method.weights * np.nan)
        return losses

    with pytest.raises(errors.RunError, match=r"^step 20: weights or moments are not finite; .*step_000010$"):
        fit(pairs, tmp_path / "run", method=toy.Toy(hook=hook))
    assert not list((tmp_path / "run" / "previews").iterdir())


def test_a_disk_that_is_too_small_is_refused_at_the_start(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: FullDisk())
    with pytest.raises(errors.InputError, match=r"checkpoints: the disk has 0.0 MB free and the run needs"):
        fit(pairs, tmp_path / "run")
    assert not (tmp_path / "run").exists()


class FullDisk:
    """What `shutil.disk_usage` returns where ten bytes are left."""

    free = 10


def test_a_folder_that_cannot_be_made_is_refused_at_the_start(pairs, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.InputError, match=r"file/run: cannot be written \(Not a directory\); choose another"):
        fit(pairs, tmp_path / "file" / "run")


@pytest.mark.parametrize("writer", ["history", "preview", "events", "checkpoint", "generator"])
def test_a_full_disk_ends_the_run_in_one_line(undisturbed, pairs, tmp_path, monkeypatch, writer):
    """The run's last checkpoint is intact and named, and the run can go on from it when there is room again."""
    method = toy.Toy()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    def after(step, function):
        return lambda *inputs, **options: (full if method.iterations >= step else function)(*inputs, **options)

    with monkeypatch.context() as patch:
        if writer == "history":
            patch.setattr("csv.DictWriter.writerows", after(40, csv.DictWriter.writerows))
        elif writer == "preview":
            patch.setattr("PIL.Image.Image.save", after(40, __import__("PIL.Image").Image.Image.save))
        elif writer == "events":
            broken = tf.errors.ResourceExhaustedError(None, None, "No space left on device")
            patch.setattr("tensorflow.summary.scalar", lambda *_, **__: (_ for _ in ()).throw(broken))
        elif writer == "checkpoint":
            patch.setattr("pix2pix_tf.system.files.synchronize", after(40, lambda path: None))
        else:
            method.save = full
        with pytest.raises(errors.RunError, match="No space left on device.*(the last good|no) checkpoint") as caught:
            fit(pairs, tmp_path / "run", method=method)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "run").rglob("*unfinished*/*"))
    toy.assert_same(fit(pairs, tmp_path / "run", resume=True), undisturbed[0])
    assert toy.history(tmp_path / "run") == toy.history(undisturbed[1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unpaired": True}, "pix2pix learns from pairs, and synthetic was loaded with unpaired=True"),
        ({"image_size": 32}, "the model takes 16 pixels, and synthetic was loaded at 32"),
    ],
)
def test_a_set_that_is_not_the_model_s_is_refused_before_anything_is_written(tmp_path, options, said):
    pairs = datasets.load("synthetic", **{"image_size": 16, "count": 3, **options})
    with pytest.raises(errors.InputError, match=said):
        training.fit(pix2pix.Pix2Pix(**SMALL), pairs, 2, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_whose_name_is_no_text_is_refused(pairs, tmp_path):
    with pytest.raises(errors.InputError, match=r"b\\xff: is no name for a run"):
        fit(pairs, tmp_path / "b\udcff")
    assert not list(tmp_path.iterdir())
