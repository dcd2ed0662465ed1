"""Time the Fréchet distance of two large sets beside torch-fidelity's, and measure what streaming takes.

    python benchmarks/metrics.py [--rounds 3] [--images 10000] [--dimensions 2048]

Each round starts a fresh process of either, on the same features in float32, so that the machine's noise falls on both
alike; both print the distance, which must agree. torch-fidelity is left out where it is not installed.
"""

import argparse
import importlib.util
import pathlib
import resource
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).parent
STREAMED = 50_000
BATCH = 500


def main():
    """Read the command line; measure one thing, or all in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--dimensions", type=int, default=2048)
    parser.add_argument("--one", choices=MEASURED, help="measure only this, in this process")
    options = parser.parse_args()
    if options.one:
        MEASURED[options.one](options.images, options.dimensions)
    else:
        compare(options)


def compare(options):
    """Measure either distance in turn and print the table; then stream."""
    import alternation

    size = ["--images", str(options.images), "--dimensions", str(options.dimensions)]
    command = [sys.executable, __file__, *size, "--one"]
    names = ["pix2pix_tf"]
    if importlib.util.find_spec("torch_fidelity"):
        names.append("torch-fidelity")
    distances = {}

    def measure(command):
        distances[command[-1]], seconds = alternation.figures(command, r"(?:distance|seconds) ([\d.]+)")
        return [seconds]

    results = alternation.alternate({name: [*command, name] for name in names}, options.rounds, measure)
    print(f"Fréchet distance of two sets of {options.images} x {options.dimensions}")
    alternation.table(results, "s", beside=names[1:])
    print(", ".join(f"{name} {distance:.6f}" for name, distance in distances.items()))
    seconds, least, most = alternation.figures([*command, "streaming"], r"([\d.]+) (?:s|MiB)\b")
    print(
        f"statistics of {STREAMED} x {options.dimensions} in batches of {BATCH}: {seconds:.1f} s, "
        f"memory {least:.0f} MiB after 10 batches, {most:.0f} MiB after all"
    )


def features(count, dimensions, seed):
    """Draw features that depend on each other, with deviations over three decades, as a network's have."""
    random = np.random.default_rng(seed)
    mixing = random.normal(0, dimensions**-0.5, (dimensions, dimensions)) * np.logspace(0, -3, dimensions)
    return np.abs(random.standard_normal((count, dimensions), np.float32) @ mixing.astype(np.float32) + 0.3)


def ours(count, dimensions):
    """Time this package's distance."""
    from pix2pix_tf import metrics

    timed(metrics.frechet_distance, count, dimensions)


def torch_fidelity(count, dimensions):
    """Time torch-fidelity's distance between features."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    import torch
    import torch_fidelity_stub

    fidelity = torch_fidelity_stub.load("metric_fid")

    def distance(real, generated):
        statistics = [fidelity.fid_features_to_statistics(torch.from_numpy(each)) for each in (real, generated)]
        return fidelity.fid_statistics_to_metric(*statistics, verbose=False)[fidelity.KEY_METRIC_FID]

    timed(distance, count, dimensions)


def timed(distance, count, dimensions):
    """Print a distance and how long it took."""
    real, generated = (features(count, dimensions, seed) for seed in range(2))
    start = time.perf_counter()
    value = distance(real, generated)
    print(f"distance {value:.8f}, seconds {time.perf_counter() - start:.3f}")


def streaming(_, dimensions):
    """Gather the statistics of many batches; print the time in them alone, and the most memory early and late."""
    from pix2pix_tf import metrics

    statistics, seconds, memory = metrics.FeatureStatistics(dimensions), 0.0, []
    random = np.random.default_rng(0)
    for _ in range(STREAMED // BATCH):
        batch = random.standard_normal((BATCH, dimensions), np.float32)
        start = time.perf_counter()
        statistics.update(batch)
        seconds += time.perf_counter() - start
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"{seconds:.2f} s, {memory[9]:.1f} MiB, {memory[-1]:.1f} MiB")


MEASURED = {"pix2pix_tf": ours, "torch-fidelity": torch_fidelity, "streaming": streaming}

if __name__ == "__main__":
    main()
