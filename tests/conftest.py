"""What every test begins with."""

import keras
import pytest


@pytest.fixture(autouse=True)
def _the_same_random_numbers():
    """Give networks without a seed of their own the same weights in every run, so that a failure can be seen again."""
    keras.utils.set_random_seed(0)
