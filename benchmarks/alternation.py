"""Run commands in turn and compare what they print: the machine's noise then falls on all of them alike."""

import re
import statistics
import subprocess
import sys
import time


def figures(command, pattern=r"median ([\d.]+)"):
    """Run a command; return the numbers in its output that match the pattern."""
    done = subprocess.run(command, capture_output=True, text=True)
    found = [float(number) for number in re.findall(pattern, done.stdout)]
    if done.returncode or not found:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return found


def alternate(commands, rounds, measure=figures):
    """Measure every command once a round; return name to list of numbers."""
    results = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
            results[name] += measure(command)
    return results


def table(results, unit, beside=()):
    """Print medians with their range, and their ratio to the median of each of the names in `beside`."""
    width = max(map(len, results))
    print(
        f"{'':{width}}  {'median':>9}  {'least':>9}  {'most':>9}  {unit}  " + "  ".join(f"to {name}" for name in beside)
    )
    for name, numbers in results.items():
        median = statistics.median(numbers)
        ratios = (f"{median / statistics.median(results[other]):{len(other) + 3}.2f}" for other in beside)
        print(f"{name:{width}}  {median:9.1f}  {min(numbers):9.1f}  {max(numbers):9.1f}  {unit}  " + "  ".join(ratios))


def seconds(command):
    """Return the seconds that a command takes from start to end, in a list."""
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return [time.perf_counter() - start]
