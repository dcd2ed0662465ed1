"""The one training loop, for every method."""

import contextlib
import math
import numbers
import pathlib
import time
import warnings

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, method, runs
from pix2pix_tf.runs import records
from pix2pix_tf.system import progress
from pix2pix_tf.training import checkpoints, distribution, instruments, interruption

VALIDATION_PAIRS = 16
ROW_EVERY = 50
EARLY = (50, 100, 200)  # steps with a preview more, where those asked for come later


def fit(
    model,
    pairs,
    steps=1000,
    run_dir="runs/first",
    validation=None,
    batch_size=1,
    seed=0,
    checkpoint_every=500,
    preview_every=500,
    on_preview=None,
    resume=False,
):
    """Train a model on pairs and leave a run folder behind.

    The folder holds config.json, history.csv, checkpoints/, previews/, TensorBoard events, and at the end the
    generators as `.keras` files. A run that was stopped at any moment and resumed ends with the same weights as one
    that was left alone.

    Args:
        model: a method, such as `pix2pix.Pix2Pix`.
        pairs: what to learn from, as `datasets.load` or `datasets.load_samples` returns it.
        steps: train steps in all, those of a resumed run included.
        run_dir: the run's folder; made if it is missing.
        validation: pairs to measure and preview on; None takes the training pairs, without jitter.
        batch_size: pairs of one step, over all replicas.
        seed: decides the order of the pairs and their jitter.
        checkpoint_every: steps between checkpoints; the newest three are kept.
        preview_every: steps between previews and validation losses; before the first of them there are some early
            ones, after 50, 100 and 200 steps, to see that it learns.
        on_preview: function of (step, columns), columns a dict of name to images in [-1, 1], or to points; called at
            every preview.
        resume: True goes on from the newest checkpoint of run_dir; where there is no run, it begins one.

    Returns:
        The history: dict of column name to list of floats, a value every 50 steps and at every preview, the mean
        over the steps since the one before; the validation columns are NaN where nothing was measured.

    Raises:
        errors.InputError: if a number is not possible, run_dir holds a run and resume is False, another process trains
            there, a resumed run contradicts its config.json or has lost its checkpoints, the disk has no room for
            them, or the batch does not split over the replicas. Nothing has been written then.
        errors.RunError: if a loss is not finite, or something cannot be written; it names the last good checkpoint.
        KeyboardInterrupt: after Ctrl-C, when a checkpoint has been written.
    """
    settings = {
        "steps": _whole_number("steps", steps),
        "batch_size": _whole_number("batch_size", batch_size),
        "seed": _whole_number("seed", seed, least=0),
        "checkpoint_every": _whole_number("checkpoint_every", checkpoint_every),
        "preview_every": _whole_number("preview_every", preview_every),
    }
    _check_fit(model, pairs, settings["batch_size"])
    model.plan(settings["steps"])
    run = Run(model, pairs, validation or pairs, pathlib.Path(run_dir), settings, on_preview)
    with run.alone(resume):
        run.open(resume)
        if run.step < run.settings["steps"]:
            with interruption.stop_signal() as stop:
                run.train(stop)
    return run.records.columns()


def _check_fit(model, pairs, batch_size):
    """Raise InputError unless a model can learn from such a set, before anything is written."""
    if getattr(model, "translates", True) == pairs.single:
        said = "translates images, and" if pairs.single else "learns from single images or points, and not from"
        raise errors.InputError(f"{model.name} {said} {pairs!r}{' are single' if pairs.single else ''}")
    if pairs.single:
        model.check_data(pairs, batch_size)
    if getattr(model, "paired", False) and not pairs.paired:
        raise errors.InputError(f"{model.name} learns from pairs, and {pairs.name} was loaded with unpaired=True")
    if getattr(model, "needs_instances", False) and pairs.instances == "none":
        raise errors.InputError(
            f"{model.name} learns from label maps and their instances, and the sources of {pairs.name}, "
            f"{pairs.direction}, are no label maps or were loaded without instances='auto'"
        )
    size = model.config.get("image_size", pairs.image_size)
    if size != pairs.image_size:
        raise errors.InputError(f"the model takes {size} pixels, and {pairs.name} was loaded at {pairs.image_size}")


def _whole_number(name, value, least=1):
    """Return a number as a Python int; raise InputError unless it is a whole one that is large enough."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise errors.InputError(f"{name} is {value!r}; expected a whole number from {least} on")
    return int(value)


class Run:
    """One training run between its first and its last step; see `fit`."""

    def __init__(self, model, pairs, validation, folder, settings, on_preview):
        self.model, self.pairs, self.validation = model, pairs, validation
        self.folder, self.settings, self.on_preview = folder, settings, on_preview
        self.strategy = model.strategy
        self.is_chief = distribution.is_chief(self.strategy)
        self.config = runs.describe(model, pairs, settings)
        self.checkpoints = checkpoints.Checkpoints(folder / "checkpoints", model.state())
        self.records = records.Records(folder, self.is_chief)
        self.instruments = None
        if isinstance(model, method.Method) and model.translates:
            self.instruments = instruments.Instruments(model, pairs, validation)
        self.step_size = settings["batch_size"] * getattr(model, "batches_per_step", 1)  # examples of a step
        self.step, self.pending = 0, []  # steps done, and their losses since the last row: a dict of floats for each
        self.clock = None  # when the last row was written, and the step of it

    @contextlib.contextmanager
    def alone(self, resume):
        """Hold the run's folder for this process; of a cluster, the process that writes holds it for all."""
        lock = None
        if self.is_chief:
            runs.is_begun(self.folder, resume)  # what is wrong with the folder is said before one is made
            lock = runs.take(self.folder)
        try:
            yield
        finally:
            if lock is not None:
                runs.release(self.folder, lock)

    def open(self, resume):
        """Check that the run can be done, restore what there is, and make its folder ready."""
        distribution.together(self.strategy, lambda: self.find(resume))
        finished = self.step == self.settings["steps"]
        distribution.together(self.strategy, self.complete if finished else self.make_ready)

    def find(self, resume):
        """Restore the run that the folder holds, if any, and return the steps done."""
        distribution.check_batch_size(self.strategy, self.settings["batch_size"])
        if runs.is_begun(self.folder, resume):
            runs.check_places(self.folder, self.saved_files())
            recorded = runs.read_config(self.folder)
            recorded["model"] = {**type(self.model).defaults(), **recorded["model"]}  # older runs lack new keywords
            found = runs.find_contradictions(recorded, self.config)
            if found:
                raise errors.InputError(f"{self.folder}: cannot be resumed, for its config.json: {'; '.join(found)}")
            self.step, loop = self.checkpoints.restore()
            self.pending = loop.get("pending", [])
            if not self.step:
                self.step = self.find_lost()
            self.check_history(loop)
        return self.step

    def regular_rows(self, rows):
        """Return those rows of a history that an undisturbed run has up to the present step."""
        return [row for row in rows if row["step"] <= self.step and self.is_regular(row["step"])]

    def check_history(self, loop):
        """Raise InputError if history.csv is there and not what it was when the checkpoint was written."""
        path = self.folder / "history.csv"
        found = records.checksum(self.regular_rows(records.read_history(self.folder)))
        if loop.get("rows", found) != found and path.exists():
            raise errors.InputError(f"{path}: is not the history of this run to step {self.step}; restore or remove it")
        if loop.get("rows", found) != found:
            said = f"{path}: is missing, and so are its rows up to step {self.step} from now on"
            warnings.warn(said, errors.NoteWarning, stacklevel=2)

    def find_lost(self):
        """Return the steps done where there is no checkpoint: none, or all of a finished run that has lost them.

        Raises:
            errors.InputError: if the run had checkpoints: to begin anew would destroy what is left of it.
        """
        history = records.read_history(self.folder)
        done = history[-1]["step"] if history else 0
        missing = self.missing_files()
        is_finished = done == self.settings["steps"]
        if is_finished and not missing:
            return done
        if len(missing) < len(self.saved_files()) or done >= self.settings["checkpoint_every"]:
            lacks = f"get back {', '.join(missing)}" if is_finished else f"go on after step {done}"
            raise errors.InputError(
                f"{self.folder}: has lost its checkpoints, so it cannot {lacks}; put them back, or train anew in "
                "another folder"
            )
        return 0

    def complete(self):
        """Leave a finished run as it is, but for what somebody has removed of what it saved."""
        self.records.history = records.read_history(self.folder)
        if self.is_chief and self.missing_files():
            self.save()
        return self.step

    def saved_files(self):
        """Return the names of the files that `save` writes."""
        is_method = isinstance(self.model, method.Method)
        return self.model.saved_files(self.model.config) if is_method else list(self.model.generators)

    def missing_files(self):
        """Return the names of those that the folder has not."""
        return [name for name in self.saved_files() if not (self.folder / name).exists()]

    def save(self):
        """Write what the model has learned, for those who use it."""
        if isinstance(self.model, method.Method):
            self.model.conclude(self.pairs)
        self.model.save(self.folder)

    def make_ready(self):
        """Make room and the files of the folder, before the first step."""
        if self.is_chief:
            self.checkpoints.remove_leftovers()
            self.checkpoints.check_space()
        self.records.open(self.config, self.step, self.is_regular)
        return self.step

    def is_regular(self, step):
        """Say whether an undisturbed run writes a row of the history after this step, however long it is."""
        return step % ROW_EVERY == 0 or self.is_shown(step)

    def is_shown(self, step):
        """Say whether an undisturbed run has a preview after this step, however long it is."""
        return step % self.settings["preview_every"] == 0 or (step in EARLY and step < self.settings["preview_every"])

    def is_last(self):
        """Say whether all steps are done."""
        return self.step == self.settings["steps"]

    def has_row(self):
        """Say whether a row of the history is due after the present step."""
        return self.is_regular(self.step) or self.is_last()

    def has_preview(self):
        """Say whether a preview is due after the present step."""
        return self.is_shown(self.step) or self.is_last()

    def has_checkpoint(self):
        """Say whether a checkpoint is due after the present step."""
        return self.step % self.settings["checkpoint_every"] == 0 or self.is_last()

    def train(self, stop):
        """Do the remaining steps; `stop` is set when the user presses Ctrl-C."""
        try:
            self.do_steps(stop)
            distribution.gather(self.strategy, self.step)  # a worker that ends before the others breaks the cluster
        except errors.RunError as error:
            raise errors.RunError(f"{error}; {self.checkpoints.last_good()}") from error
        except (OSError, tf.errors.OpError) as error:
            where = f"{error.filename}: " if getattr(error, "filename", None) else ""
            who = "perhaps another worker has stopped: " if distribution.is_cluster(self.strategy) else ""
            raise errors.RunError(
                f"step {self.step}: {who}{where}{checkpoints.reason(error)}; {self.checkpoints.last_good()}"
            ) from error

    def do_steps(self, stop):
        """Train step by step; after some of them write rows, previews and checkpoints."""
        train_step, model = None, self.model
        seed, last = self.settings["seed"], self.settings["steps"]
        batches = distribution.batches(self.strategy, self.pairs, self.step_size, seed, self.step, last)
        losses, self.clock = [], (time.perf_counter(), self.step)
        with progress.bar(total=last, initial=self.step, shown=self.is_chief) as bar:
            for source, target in batches:
                if (isinstance(model, method.Method) and model.enter(self.step)) or train_step is None:
                    train_step = distribution.step_function(model)
                losses.append(train_step(source, target))
                self.step += 1
                bar.update()
                stopped = self.is_stopped(stop)
                if stopped or self.has_row() or self.has_checkpoint():
                    self.collect(losses)
                    losses = []
                    self.keep(bar, stopped)

    def is_stopped(self, stop):
        """Say whether to end here; a cluster asks its processes at rows only, since that takes a round of messages."""
        if not distribution.is_cluster(self.strategy):
            return stop.is_set()
        return self.has_row() and any(distribution.gather(self.strategy, int(stop.is_set())))

    def collect(self, losses):
        """Move losses from the device to the pending ones; raise RunError at the first that is not finite."""
        first = self.step - len(losses) + 1
        for number, values in enumerate(losses, first):
            values = {name: float(value) for name, value in values.items()}
            for name, value in values.items():
                if not math.isfinite(value):
                    raise errors.RunError(f"step {number}: the loss {name} is {value}")
            self.pending.append(values)

    def keep(self, bar, stopped):
        """Write what is due after this step; end the run if it is stopped."""
        if stopped or self.has_preview() or self.has_checkpoint():
            self.checkpoints.check_finite(self.step)  # otherwise there is nothing to see, and nothing to go on from
        if self.has_row():
            self.add_row(bar)
        if stopped or self.has_checkpoint():
            self.checkpoint(with_generator=stopped or self.is_last())
        if stopped and not self.is_last():
            raise KeyboardInterrupt(f"stopped after step {self.step}; resume it: {self.folder}")

    def add_row(self, bar):
        """Write the means of the pending losses, with validation losses and a preview where they are due."""
        row = {name: float(np.mean([losses[name] for losses in self.pending])) for name in self.pending[0]}
        speed = self.speed()
        progress.annotate(bar, **{name: f"{value:.3f}" for name, value in row.items()}, **{"images/s": f"{speed:.1f}"})
        if self.has_preview():
            row |= self.validate()
            row |= self.instruments.measure() if self.instruments else {}
            self.preview()
        self.records.add_row({"step": self.step, **row, "images_per_second": round(speed, 2)})
        if self.is_regular(self.step):
            self.pending = []
        self.clock = time.perf_counter(), self.step

    def speed(self):
        """Return the images per second since the last row, or since the start."""
        since, step = self.clock
        return (self.step - step) * self.step_size / (time.perf_counter() - since)

    def validate(self):
        """Return the mean validation losses of the first validation pairs."""
        measured = []
        for index in range(min(VALIDATION_PAIRS, len(self.validation))):
            source, target = self.validation.pair(index)
            batch = tf.nest.map_structure(lambda side: side[None], (source, target))
            measured.append(self.model.validate(*batch))
        return {name: float(np.mean([losses[name] for losses in measured])) for name in measured[0]}

    def preview(self):
        """Show what the model makes of the first validation pairs."""
        if not self.is_chief:
            return
        count = getattr(self.model, "previewed", method.Method.previewed)
        columns = self.model.preview(*self.validation.examples(range(min(count, len(self.validation)))))
        if self.validation.task:
            show, sources = self.validation.show, columns["input"]
            columns = {name: show(sources, None if name == "input" else one) for name, one in columns.items()}
        self.records.add_preview(self.step, columns, getattr(self.model, "picture", method.Method.picture))
        if self.on_preview:
            self.on_preview(self.step, columns)

    def checkpoint(self, with_generator):
        """Write a checkpoint of this step.

        The generator comes first: where the last step's checkpoint is, the generator of that step is too.
        """
        if not self.is_chief:
            return
        if with_generator:
            self.save()
        rows = records.checksum(self.regular_rows(self.records.history))
        self.checkpoints.write(self.step, {"pending": self.pending, "rows": rows})
