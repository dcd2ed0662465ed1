"""Measure the command line: the time to --help, and the peak memory of training at 256x256.

python benchmarks/command_line.py [--archive facades.tar.gz] [--beside PROGRAM.py]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import alternation


def main():
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=pathlib.Path)
    parser.add_argument("--beside", type=pathlib.Path, default=pathlib.Path(__file__).with_name("plain_step.py"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    help_command = {"pix2pix-tf --help": ["pix2pix-tf", "--help"]}
    alternation.table(alternation.alternate(help_command, options.rounds, alternation.seconds), "s")
    data = ["--data", "facades", "--archive", str(options.archive.resolve())] if options.archive else []
    commands = {
        options.beside.stem: [sys.executable, str(options.beside)],
        "pix2pix-tf train": ["pix2pix-tf", "train", *data, "--image-size", "256", "--steps", "60"],
    }
    commands["pix2pix-tf train"] += ["--checkpoint-every", "30", "--preview-every", "30"]
    alternation.table(alternation.alternate(commands, options.rounds, peak_memory), "MiB", [options.beside.stem])


def peak_memory(command):
    """Return the peak resident memory of a command in MiB, in a list."""
    with tempfile.TemporaryDirectory() as folder:
        # the data stay where they are; only the run goes to the temporary folder
        out = ["--out", f"{folder}/run"] if command[0] == "pix2pix-tf" else []
        process = subprocess.Popen([*command, *out], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return [usage.ru_maxrss / 1024]


if __name__ == "__main__":
    main()
