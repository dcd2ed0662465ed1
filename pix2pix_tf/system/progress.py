"""Progress: a bar where somebody looks, a line now and then where it goes to a file."""

import importlib.util
import sys

import tqdm as tqdm_package

LINE = "{n_fmt} of {total_fmt} %s, {elapsed}, {rate_fmt}{postfix}"
LINE_SECONDS = 60  # between two lines in a file


def is_live():
    """Say whether a bar can be drawn over itself: in a terminal, or in a notebook."""
    return _is_notebook() or sys.stderr.isatty()


def _is_notebook():
    """Say whether this process is the kernel of a notebook."""
    return hasattr(sys.modules["IPython"].get_ipython(), "kernel") if "IPython" in sys.modules else False


def bar(iterable=None, description=None, total=None, initial=0, unit="step", shown=True, **options):
    """Show how far something is.

    Args:
        iterable: what is gone through; None for a bar that is moved by `update`.
        description: what stands before it.
        total: how many there are; None asks the iterable.
        initial: how many are done already.
        unit: what is counted.
        shown: False shows nothing.
        **options: further ones of `tqdm.tqdm`.

    Returns:
        What `tqdm.tqdm` returns: to be gone through, or with `update`, and a context manager.
    """
    options = {"desc": description, "total": total, "initial": initial, "unit": unit, "disable": not shown, **options}
    if is_live():
        return _choose_class()(iterable, dynamic_ncols=True, **options)
    return tqdm_package.tqdm(
        iterable,
        file=_Lines(begins_with_0=not options.get("delay")),
        mininterval=LINE_SECONDS,
        maxinterval=LINE_SECONDS,
        miniters=1,
        bar_format=f"{f'{description}: ' if description else ''}{LINE % (unit if unit == 'B' else f'{unit}s')}",
        **options,
    )


def annotate(shown, **values):
    """Put values beside a bar; in a file they wait for its next line."""
    shown.set_postfix(values, refresh=is_live())


def _choose_class():
    """Return the bar of notebooks where their widgets are installed; tqdm itself warns where they are not."""
    if _is_notebook() and importlib.util.find_spec("ipywidgets"):
        import tqdm.notebook

        return tqdm.notebook.tqdm
    return tqdm_package.tqdm


class _Lines:
    """A file for tqdm: what would be drawn over itself is written as lines, but for the first, which says 0."""

    def __init__(self, begins_with_0):
        self._last, self._is_first = None, begins_with_0

    def write(self, text):
        """Write a state of the bar as a line."""
        line = text.replace("\r", "").rstrip()
        if line and line != self._last and not self._is_first:
            sys.stderr.write(f"{line}\n")
        self._last, self._is_first = line or self._last, self._is_first and not line

    def flush(self):
        """Hand on what was written."""
        sys.stderr.flush()
