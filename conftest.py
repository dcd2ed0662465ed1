"""What pytest needs to know about the tests and the lessons: one thread for each worker, and what is slow."""

import os

import pytest

# Set before TensorFlow or a linear algebra library is loaded; processes and kernels that a test starts have it too.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(name, "1")

# Fixtures that train, or start processes: what needs them is left out by `pytest -m "not slow"`.
SLOW_FIXTURES = {"trained", "two_way", "spread_runs", "finished", "segmenter", "card"}


def pytest_collection_modifyitems(items):
    """Mark lessons, and the tests behind a slow fixture, as slow."""
    for item in items:
        if item.path.suffix == ".ipynb" or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def pytest_collectstart(collector):
    """Leave stderr out of every comparison: TensorFlow and progress bars write there, each machine something else."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
