"""Checkpoints that are complete or absent: written beside, then renamed; the newest three are kept."""

import json
import os
import pathlib
import shutil
import warnings

import tensorflow as tf

from pix2pix_tf import errors

KEPT = 3


class Checkpoints:
    """The checkpoints of one run, each a folder `step_000500` with all variables and the state of the loop.

    Args:
        folder: where they lie; made when the first is written.
        state: dict of name to list of TensorFlow variables, as a method's `state()` returns it.
    """

    def __init__(self, folder, state):
        self.folder = pathlib.Path(folder)
        self.bytes = sum(
            variable.dtype.size * variable.shape.num_elements() for part in state.values() for variable in part
        )
        self.checkpoint = tf.train.Checkpoint(**state)

    def steps(self):
        """Return the steps of the complete checkpoints, oldest first."""
        names = (path.name for path in self.folder.glob("step_*")) if self.folder.exists() else ()
        return sorted(int(name.removeprefix("step_")) for name in names)

    def path(self, step):
        """Return the folder of a step's checkpoint."""
        return self.folder / f"step_{step:06d}"

    def check_space(self):
        """Raise InputError unless the disk has room for the checkpoints that are kept."""
        existing = self.folder.parent
        while not existing.exists():
            existing = existing.parent
        needed = (KEPT - len(self.steps()[-KEPT:])) * self.bytes + self.bytes // 2
        free = shutil.disk_usage(existing).free
        if free < needed:
            raise errors.InputError(
                f"{self.folder}: {free / 1e9:.1f} GB free, but {KEPT} checkpoints take {KEPT * self.bytes / 1e9:.1f} GB; "
                "free some space or choose another --out"
            )

    def write(self, step, loop):
        """Write a checkpoint, all or nothing, after removing the ones that are no longer kept.

        Args:
            step: steps done.
            loop: what the loop must remember, as JSON can hold it.

        Raises:
            errors.RunError: if it cannot be written; the earlier ones are intact.
        """
        unfinished = self.folder / f".unfinished-{step:06d}"
        try:
            self.remove_old()
            unfinished.mkdir(parents=True, exist_ok=True)
            self.checkpoint.write(str(unfinished / "variables"))
            (unfinished / "loop.json").write_text(json.dumps(loop))
            for file in unfinished.iterdir():
                synchronize(file)
            shutil.rmtree(self.path(step), ignore_errors=True)
            unfinished.rename(self.path(step))
            synchronize(self.folder)
        except (OSError, tf.errors.OpError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            reason = getattr(error, "strerror", None) or getattr(error, "message", None) or str(error)
            raise errors.RunError(
                f"checkpoint of step {step} could not be written ({reason.splitlines()[0]}); {self.last_good()}"
            ) from error

    def remove_old(self):
        """Remove unfinished checkpoints, and all complete ones but those that are kept beside a new one."""
        for leftover in self.folder.glob(".unfinished-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for step in self.steps()[: 1 - KEPT]:
            shutil.rmtree(self.path(step))

    def restore(self):
        """Read the newest undamaged checkpoint into the variables.

        Returns:
            Its step and what the loop remembered; (0, None) where there is no checkpoint.

        Raises:
            errors.InputError: if there are checkpoints but all are damaged.
        """
        for step in reversed(self.steps()):
            try:
                loop = json.loads((self.path(step) / "loop.json").read_text())
                self.checkpoint.read(str(self.path(step) / "variables")).assert_consumed()
                return step, loop
            except (OSError, ValueError, AssertionError, tf.errors.OpError) as error:
                reason = str(error).splitlines()[0][:200]
                warnings.warn(f"{self.path(step)} is damaged ({reason}); trying the one before", stacklevel=2)
        if self.steps():
            raise errors.InputError(f"{self.folder}: every checkpoint is damaged; train again without --resume")
        return 0, None

    def last_good(self):
        """Say which checkpoint a failed run can go on from."""
        steps = self.steps()
        return f"the last good checkpoint is {self.path(steps[-1])}" if steps else "there is no checkpoint yet"


def synchronize(path):
    """Return when a file or folder is on the disk, not only in the system's memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
