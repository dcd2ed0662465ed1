"""Ctrl-C as a request that the loop answers between two steps."""

import contextlib
import signal
import threading


@contextlib.contextmanager
def stop_signal():
    """Set an event at the first Ctrl-C, so that the step can end; a second one interrupts at once.

    Signals reach the main thread alone; in another one the event is never set.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_signal(number, frame):
        stop.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)
