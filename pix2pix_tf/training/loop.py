"""The one training loop, for every method."""

import contextlib
import math
import pathlib
import signal
import threading
import time

import numpy as np
from tqdm.auto import tqdm

from pix2pix_tf import errors
from pix2pix_tf.training import checkpoints, distribution, records

VALIDATION_PAIRS = 16
PREVIEW_PAIRS = 4
ROW_EVERY = 50


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
        pairs: what to learn from, as `datasets.load` returns it.
        steps: train steps in all, those of a resumed run included.
        run_dir: the run's folder; made if it is missing.
        validation: pairs to measure and preview on; None takes the training pairs, without jitter.
        batch_size: pairs of one step, over all replicas.
        seed: decides the order of the pairs and their jitter.
        checkpoint_every: steps between checkpoints; the newest three are kept.
        preview_every: steps between previews and validation losses.
        on_preview: function of (step, columns), columns a dict of name to images in [-1, 1]; called at every preview.
        resume: True goes on from the newest checkpoint of run_dir, if there is one.

    Returns:
        The history: dict of column name to list of floats, a value every 50 steps (means over them); the validation
        columns are NaN where nothing was measured.

    Raises:
        errors.InputError: if run_dir holds a run and resume is False, a resumed run contradicts its config.json, the disk
            has no room for the checkpoints, or the batch does not split over the replicas.
        errors.RunError: if a loss is not finite, or a checkpoint cannot be written.
        KeyboardInterrupt: after Ctrl-C, when a checkpoint has been written.
    """
    settings = {
        "batch_size": batch_size,
        "seed": seed,
        "checkpoint_every": checkpoint_every,
        "preview_every": preview_every,
    }
    run = Run(model, pairs, validation or pairs, pathlib.Path(run_dir), {"steps": steps, **settings}, on_preview)
    run.open(resume)
    if run.step < steps:
        with stop_signal() as stop:
            run.train(stop)
    return run.records.columns()


class Run:
    """One training run between its first and its last step; see `fit`."""

    def __init__(self, model, pairs, validation, folder, settings, on_preview):
        self.model, self.pairs, self.validation = model, pairs, validation
        self.folder, self.settings, self.on_preview = folder, settings, on_preview
        self.strategy = model.strategy
        self.is_chief = distribution.is_chief(self.strategy)
        self.checkpoints = checkpoints.Checkpoints(folder / "checkpoints", model.state())
        self.records = records.Records(folder, self.is_chief)
        self.pending = []  # losses of the steps since the last row: a dict of floats for each
        self.step = 0

    def open(self, resume):
        """Check that the run can be done, restore what there is, and make its folder ready."""
        distribution.check_batch_size(self.strategy, self.settings["batch_size"])
        config = records.configuration(type(self.model).__name__.lower(), self.model, self.pairs, self.settings)
        exists = (self.folder / "config.json").exists()
        if exists and not resume:
            raise errors.InputError(f"{self.folder}: holds a run already; go on with --resume, or choose another --out")
        if exists:
            self.check_resume(config)
            self.step, loop = self.checkpoints.restore()
            self.pending = loop["pending"] if loop else []
        if self.step >= self.settings["steps"]:
            self.records.history = records.read_history(self.folder)
            return
        self.checkpoints.check_space()
        self.records.open(config, self.step, self.is_regular)

    def check_resume(self, config):
        """Raise InputError if the run would not be the one that config.json describes."""
        found = records.contradictions(records.read_config(self.folder), config)
        if found:
            raise errors.InputError(f"{self.folder}: --resume contradicts its config.json: {'; '.join(found)}")

    def is_regular(self, step):
        """Say whether an undisturbed run writes a row of the history after this step, however long it is."""
        return step % ROW_EVERY == 0 or step % self.settings["preview_every"] == 0

    def train(self, stop):
        """Do the remaining steps; `stop` is set when the user presses Ctrl-C."""
        last_step = self.settings["steps"]
        train_step = distribution.step_function(self.model)
        batches = distribution.batches(
            self.strategy, self.pairs, self.settings["batch_size"], self.settings["seed"], self.step, last_step
        )
        losses, since = [], time.perf_counter()
        with tqdm(
            total=last_step, initial=self.step, unit="step", disable=not self.is_chief, dynamic_ncols=True
        ) as bar:
            for source, target in batches:
                losses.append(train_step(source, target))
                self.step += 1
                bar.update()
                if not (self.is_regular(self.step) or self.is_checkpoint(self.step) or stop.is_set()):
                    continue
                self.collect(losses)
                losses = []
                if self.is_regular(self.step) or self.step == last_step:
                    since = self.add_row(bar, since)
                if self.is_checkpoint(self.step) or stop.is_set():
                    self.checkpoint()
                if stop.is_set():
                    self.interrupt()
        if self.is_chief:
            self.model.save(self.folder)
        distribution.wait_for_all(self.strategy)

    def is_checkpoint(self, step):
        """Say whether a checkpoint is due after this step."""
        return step % self.settings["checkpoint_every"] == 0 or step == self.settings["steps"]

    def collect(self, losses):
        """Move losses from the device to the pending ones; raise RunError at the first that is not finite."""
        first = self.step - len(losses) + 1
        for number, values in enumerate(losses):
            values = {name: float(value) for name, value in values.items()}
            for name, value in values.items():
                if not math.isfinite(value):
                    raise errors.RunError(
                        f"step {first + number}: the loss {name} is {value}; {self.checkpoints.last_good()}"
                    )
            self.pending.append(values)

    def add_row(self, bar, since):
        """Write the means of the pending losses, with validation losses and a preview where they are due."""
        means = {name: float(np.mean([losses[name] for losses in self.pending])) for name in self.pending[0]}
        speed = len(self.pending) * self.settings["batch_size"] / (time.perf_counter() - since)
        bar.set_postfix({**{name: f"{value:.3f}" for name, value in means.items()}, "images/s": f"{speed:.1f}"})
        row = {"step": self.step, **means}
        if self.step % self.settings["preview_every"] == 0 or self.step == self.settings["steps"]:
            row |= self.validate()
            self.preview()
        self.records.add_row({**row, "images_per_second": round(speed, 2)})
        if self.is_regular(self.step):
            self.pending = []
        return time.perf_counter()

    def validate(self):
        """Return the mean validation losses of the first validation pairs."""
        measured = []
        for index in range(min(VALIDATION_PAIRS, len(self.validation))):
            source, target = self.validation.pair(index)
            measured.append(self.model.validate(source[None], target[None]))
        return {name: float(np.mean([losses[name] for losses in measured])) for name in measured[0]}

    def preview(self):
        """Show what the model makes of the first validation pairs."""
        columns = self.model.preview(*self.validation.examples(range(min(PREVIEW_PAIRS, len(self.validation)))))
        self.records.add_preview(self.step, columns)
        if self.on_preview:
            self.on_preview(self.step, columns)

    def checkpoint(self):
        """Write a checkpoint of this step."""
        if self.is_chief:
            self.checkpoints.write(self.step, {"pending": self.pending})

    def interrupt(self):
        """End the run after Ctrl-C; its checkpoint has been written."""
        if self.is_chief:
            self.model.save(self.folder)
        raise KeyboardInterrupt(f"stopped after step {self.step}; go on with --resume")


@contextlib.contextmanager
def stop_signal():
    """Set an event at the first Ctrl-C, so that the step can end; a second one interrupts at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_signal(number, frame):
        stop.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)
