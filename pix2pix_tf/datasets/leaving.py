"""Let Python go while data pipelines are still reading ahead.

A pipeline's thread that wants to call Python while the interpreter shuts down can never return, and the shutdown waits
for it: the process would hang. So reads are answered at once when the program ends, until no more are asked for.
"""

import atexit
import threading
import time

QUIET_SECONDS = 0.2
LONGEST_SECONDS = 10


class Guard:
    """Run functions for pipelines until the interpreter leaves, and from then on return a stand-in."""

    def __init__(self):
        """Register for the interpreter's end."""
        self._lock = threading.Lock()
        self._running, self._last, self._leaving = 0, 0.0, False
        atexit.register(self._leave)

    def call(self, function, stand_in, *arguments):
        """Call a function unless the interpreter leaves.

        Args:
            function: What to call.
            stand_in: What to return instead when the interpreter leaves; nobody will see it.
            *arguments: Of the function.

        Returns:
            What the function returns.
        """
        with self._lock:
            self._running += 1
        try:
            return stand_in if self._leaving else function(*arguments)
        finally:
            with self._lock:
                self._running -= 1
                self._last = time.monotonic()

    def _leave(self):
        """Wait until pipelines have filled their buffers: with nobody taking from them they stop asking."""
        self._leaving = True
        start = self._last = time.monotonic() if self._last else 0.0
        while self._last and time.monotonic() - start < LONGEST_SECONDS:
            with self._lock:
                quiet = not self._running and time.monotonic() - self._last > QUIET_SECONDS
            if quiet:
                return
            time.sleep(QUIET_SECONDS / 10)


GUARD = Guard()
