"""Kill a training run at random moments, resume it each time, and compare its end bit for bit with an undisturbed run.

    python benchmarks/kill_and_resume.py [--kills 20] [--steps 240] [--seed 0] [--folder FOLDER]

Every second kill waits until a checkpoint is being written; the others fall between any two steps or into one. One of
them comes while the process is still starting. Prints a table of the kills and the verdict; exits with 1 if a single
bit of weights, moments, generator or history (but for its timing column) differs.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

OPTIONS = ["--image-size=64", "--filters=16", "--checkpoint-every=4", "--preview-every=60", "--seed=7"]
COMMAND = [sys.executable, "-c", "from pix2pix_tf.cli import app; app.main()", "train", *OPTIONS]
PATIENCE = 1800  # seconds that one process may take


def start(folder, steps, log):
    """Start or go on with a run."""
    return subprocess.Popen(
        [*COMMAND, "--steps", str(steps), "--out", str(folder), "--resume"], stdout=log, stderr=subprocess.STDOUT
    )


def finish(folder, steps, log_path):
    """Run to the end; stop the script if that fails."""
    with log_path.open("w") as log:
        status = start(folder, steps, log).wait(PATIENCE)
    if status:
        sys.exit(f"exit status {status}:\n{log_path.read_text()[-2000:]}")


def newest_checkpoint(folder):
    """Return the step of the newest complete checkpoint, 0 without one."""
    return max((int(path.name[5:]) for path in (folder / "checkpoints").glob("step_*")), default=0)


def progress(log_path, steps):
    """Return the last step that the progress bar has shown, None before the first."""
    shown = re.findall(rf"(\d+)/{steps} \[", log_path.read_text(errors="replace"))
    return int(shown[-1]) if shown else None


def wait_until(condition, process):
    """Return when the condition holds; stop the script if the process ends before."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit("the run ended before it could be killed; give more --steps")
        time.sleep(0.0005)


def kill(folder, steps, log_path, number, dice):
    """Start the run, kill it at a moment of its own, and return a row of the table."""
    with log_path.open("w") as log:
        process = start(folder, steps, log)
        first = newest_checkpoint(folder)
        if number == 4:
            moment = "while starting"
            time.sleep(dice.uniform(0.5, 4))
        elif number % 2:
            checkpoint, moment = first + 4 * dice.randint(1, 2), "inside a checkpoint"
            writing = folder / "checkpoints" / f".unfinished-{checkpoint:06d}"
            wait_until(writing.exists, process)
            time.sleep(dice.choice([0, 0.002, 0.01, 0.03, 0.06]))
        else:
            target, moment = first + dice.randint(1, 9), "anywhere"
            wait_until(lambda: (progress(log_path, steps) or 0) >= target, process)
            time.sleep(dice.uniform(0, 0.3))
        process.kill()
        process.wait()
    left = any((folder / "checkpoints").glob(".unfinished-*"))
    return moment, progress(log_path, steps), "yes" if left else "no", newest_checkpoint(folder)


def difference(first, second, steps):
    """Return what differs between the ends of two runs, None if nothing does."""
    import numpy as np
    import tensorflow as tf

    from pix2pix_tf import translation

    paths = [str(folder / "checkpoints" / f"step_{steps:06d}" / "variables") for folder in (first, second)]
    names = [name for name, _ in tf.train.list_variables(paths[0]) if name != "_CHECKPOINTABLE_OBJECT_GRAPH"]
    for name in names:
        if not np.array_equal(*(tf.train.load_variable(path, name) for path in paths)):
            return name
    generators = [translation.load(folder / "generator.keras", "float32").get_weights() for folder in (first, second)]
    if not all(np.array_equal(one, other) for one, other in zip(*generators, strict=True)):
        return "generator.keras"
    histories = [(folder / "history.csv").read_text().splitlines() for folder in (first, second)]
    if len({tuple(line.rsplit(",", 1)[0] for line in history) for history in histories}) > 1:
        return "history.csv"
    print(f"compared {len(names)} variables, the generator's weights and {len(histories[0]) - 1} rows of the history")
    return None


def main():
    """Read the command line, run, kill, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=pathlib.Path, help="where the two runs are kept; a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        undisturbed, disturbed, log = folder / "undisturbed", folder / "disturbed", folder / "log.txt"
        finish(undisturbed, options.steps, log)
        dice = random.Random(options.seed)
        print("kill  moment               step shown  left a half-written checkpoint  newest checkpoint", flush=True)
        for number in range(1, options.kills + 1):
            moment, step, left, newest = kill(disturbed, options.steps, log, number, dice)
            shown = "none" if step is None else step
            print(f"{number:4}  {moment:19}  {shown:>10}  {left:>30}  {newest:17}", flush=True)
        finish(disturbed, options.steps, log)
        found = difference(undisturbed, disturbed, options.steps)
    print(f"DIFFERENT: {found}" if found else f"equal bit for bit after {options.kills} kills")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
