"""What holds for every test."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _reseeded(request):
    """Start a module's random numbers anew, so that no test depends on which tests ran before it."""
    if hasattr(request.module, "RANDOM"):
        request.module.RANDOM = np.random.default_rng(0)
