"""What pytest needs to know about the lessons: nbval compares their outputs, and stderr is none of them."""


def pytest_collectstart(collector):
    """Leave stderr out of every comparison: TensorFlow and progress bars write there, each machine something else."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
