"""A run's folder from outside: what it holds, how it is opened, and its readable records."""

from pix2pix_tf.runs.folder import (
    Run,
    check_places,
    describe,
    find_contradictions,
    is_begun,
    is_run,
    open,
    read_config,
    release,
    take,
)

__all__ = [
    "Run",
    "check_places",
    "describe",
    "find_contradictions",
    "is_begun",
    "is_run",
    "open",
    "read_config",
    "release",
    "take",
]
