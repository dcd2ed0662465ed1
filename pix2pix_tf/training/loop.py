"""The one training loop, for every method."""

import math
import pathlib
import time

import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from pix2pix_tf import errors
from pix2pix_tf.training import checkpoints, distribution, interruption, records

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


