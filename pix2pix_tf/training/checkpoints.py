"""Checkpoints that are complete or absent: written beside, then renamed; the newest three are kept."""

import json
import os
import pathlib
import re
import shutil
import warnings
import zlib

import tensorflow as tf

from pix2pix_tf import errors
from pix2pix_tf.system import files

KEPT = 3


class Checkpoints:
    """The checkpoints of one run, each a folder `step_000500` with all variables and the state of the loop.

    Args:
        folder: where they lie; made when the first is written.
        state: dict of name to list of TensorFlow variables, as a method's `state()` returns it.
    """

    def __init__(self, folder, state):
        self.folder = pathlib.Path(folder)
        self.variables = [variable for part in state.values() for variable in part]
        self.bytes = sum(variable.dtype.size * variable.shape.num_elements() for variable in self.variables)
        self.checkpoint = tf.train.Checkpoint(**state)
        self.damaged = []

    def steps(self):
        """Return the steps of the complete checkpoints, oldest first, without those that were found damaged."""
        names = (path.name.removeprefix("step_") for path in self.folder.glob("step_*"))
        return sorted({int(name) for name in names if name.isdigit()} - set(self.damaged))

    def path(self, step):
        """Return the folder of a step's checkpoint."""
        return self.folder / f"step_{step:06d}"

    def check_space(self):
        """Raise InputError unless the disk has room for the checkpoints that are kept."""
        existing = self.folder.parent
        while not os.path.exists(existing):  # unlike Path.exists it answers for forbidden folders too
            existing = existing.parent
        missing = KEPT - len(self.steps()[-KEPT:])
        needed = missing * self.bytes + self.bytes // 2  # the half is for the generator's file, previews and events
        free = shutil.disk_usage(existing).free
        if free < needed:
            raise errors.InputError(
                f"{self.folder}: the disk has {size(free)} free and the run needs {size(needed)}, mostly for "
                f"{missing} checkpoints of {size(self.bytes)}; free some space or choose another folder"
            )

    def write(self, step, loop):
        """Write a checkpoint, all or nothing, after removing the ones that are no longer kept.

        Args:
            step: steps done.
            loop: dict of what the loop must remember, as JSON can hold it.

        Raises:
            errors.RunError: if it cannot be written; the earlier ones are intact.
        """
        unfinished, loop = self.folder / f"{files.UNFINISHED}{step:06d}", {**loop, "step": step}
        try:
            self.remove_old()
            unfinished.mkdir(parents=True, exist_ok=True)
            with files.plain_path(unfinished) as plain:
                self.checkpoint.write(str(plain / "variables"))
            (unfinished / "loop.json").write_text(json.dumps({**loop, "checksum": _sum(loop)}), encoding="utf-8")
            for file in unfinished.iterdir():
                files.synchronize(file)
            files.synchronize(unfinished)
            unfinished.rename(self.path(step))
            files.synchronize(self.folder)
        except (OSError, tf.errors.OpError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise errors.RunError(f"step {step}: the checkpoint cannot be written ({reason(error)})") from error

    def check_finite(self, step):
        """Raise RunError if a variable is not finite: going on from such a checkpoint would lead nowhere."""
        floating = [variable for variable in self.variables if variable.dtype.is_floating]
        if not all(tf.reduce_all(tf.math.is_finite(variable)) for variable in floating):
            raise errors.RunError(f"step {step}: weights or moments are not finite")

    def remove_leftovers(self):
        """Remove unfinished checkpoints and those that were found damaged."""
        files.remove_unfinished(self.folder)
        for damaged in map(self.path, self.damaged):
            shutil.rmtree(damaged, ignore_errors=True)
        self.damaged = []

    def remove_old(self):
        """Remove all checkpoints but those that are kept beside a new one."""
        self.remove_leftovers()
        for step in self.steps()[: 1 - KEPT]:
            shutil.rmtree(self.path(step))

    def restore(self):
        """Read the newest undamaged checkpoint into the variables.

        Returns:
            Its step and what the loop remembered; (0, {}) where there is no checkpoint.

        Raises:
            errors.InputError: if there are checkpoints but all are damaged.
        """
        for step in reversed(self.steps()):
            try:
                loop = _read_loop(self.path(step) / "loop.json")
                if loop.pop("step", step) != step:
                    raise ValueError("it was renamed")
                with files.plain_path(self.path(step)) as plain:
                    self.checkpoint.read(str(plain / "variables")).assert_consumed()
                return step, loop
            except Exception as error:  # TensorFlow reports damage by errors of many types, IndexError among them
                message = f"{self.path(step)} is damaged ({reason(error)}); trying the one before"
                warnings.warn(message, errors.DamageWarning, stacklevel=2)
                self.damaged.append(step)
        if self.damaged:
            raise errors.InputError(f"{self.folder}: every checkpoint is damaged; train anew in another folder")
        return 0, {}

    def last_good(self):
        """Say which checkpoint a failed run can go on from."""
        steps = self.steps()
        return f"the last good checkpoint is {self.path(steps[-1])}" if steps else "there is no checkpoint yet"


def _read_loop(path):
    """Read what the loop remembered; raise ValueError if it is not what was written."""
    loop = json.loads(path.read_text(encoding="utf-8"))
    if loop.pop("checksum", None) != _sum(loop):
        raise ValueError(f"{path.name} has another checksum than when it was written")
    return loop


def _sum(loop):
    """Return a number that changes when what the loop remembers does."""
    return zlib.crc32(json.dumps(loop).encode())


def reason(error):
    """Say in one short line why an operation failed; TensorFlow says it last, after the places where it happened."""
    text = getattr(error, "strerror", None) or getattr(error, "message", None) or str(error) or type(error).__name__
    text = re.sub(r"\{\{.*?\}\} ?| \[Op:\w+\].*", "", " ".join(text.split())).rsplit("; ", 1)[-1]
    return text if len(text) <= 200 else f"{text[:200]}..."


def size(count):
    """Write a number of bytes as a person reads it."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
