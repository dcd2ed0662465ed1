"""What pytest needs to know of tests and lessons: threads, what is slow, which numbers may be compared as text."""

import atexit
import decimal
import functools
import os
import re
import shutil
import tempfile

import pytest

# Set before TensorFlow or a linear algebra library is loaded; processes and kernels that a test starts have it too.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(name, "1")

# What tests prepare and keep is theirs alone; the processes of pytest-xdist have the folder of the first.
if "PIX2PIX_TF_TESTS_DATA" not in os.environ:
    os.environ["PIX2PIX_TF_TESTS_DATA"] = tempfile.mkdtemp(prefix="pix2pix_tf-tests-")
    atexit.register(shutil.rmtree, os.environ["PIX2PIX_TF_TESTS_DATA"], ignore_errors=True)
os.environ["PIX2PIX_TF_DATA"] = os.environ["PIX2PIX_TF_TESTS_DATA"]

# Fixtures that train, or start processes: what needs them is left out by `pytest -m "not slow"`.
SLOW_FIXTURES = {"trained", "two_way", "spread_runs", "finished", "segmenter", "card"}


@functools.cache
def _has_no_bfloat16():
    """Say whether bfloat16 cannot be computed in, which is only asked where something may be forbidden."""
    if "ONEDNN_MAX_CPU_ISA" not in os.environ:
        return False
    from pix2pix_tf.system import hardware

    return not hardware.computes_bfloat16()


def pytest_collection_modifyitems(items):
    """Mark lessons, and the tests behind a slow fixture, as slow; skip bfloat16 where the environment forbids it.

    Lessons come first, then the files with slow tests, so that no process is left with a long file at the end.
    """
    forbids = pytest.mark.skip(reason="ONEDNN_MAX_CPU_ISA forbids what TensorFlow computes bfloat16 with")
    for item in items:
        if _has_no_bfloat16() and "bfloat16" in item.name and "hardware" not in item.path.name:
            item.add_marker(forbids)
        if item.path.suffix == ".ipynb" or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path not in slow))


def pytest_collectstart(collector):
    """Leave stderr out of every comparison: TensorFlow and progress bars write there, each machine something else."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


EXTRA_DIGITS = 9
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
MOST_DIGITS = 6  # of a number that is printed as it is, such as 0.5
WELL_AWAY = decimal.Decimal("0.49")  # of the last digit; half of it is the edge between two neighbours


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After a checked cell, print its numbers with more digits and refuse those that another machine may round up."""
    result = yield
    if "nbval-check-output" in getattr(item, "cell", {}).get("metadata", {}).get("tags", []):
        printed, exact = (_run(item, source) for source in (item.cell.source, with_more_digits(item.cell.source)))
        assert not find_near_edges(printed, exact), "numbers of a checked output that are not rounded well away"
    return result


def with_more_digits(source):
    """Return the source of a cell with format specifications that show more digits."""
    source = re.sub(r"(:[-+<>^ ]*\d*)g(?=})", r"\1.6g", source)
    return re.sub(r"\.(\d+)([efg%])(?=[}\"'])", lambda spec: f".{int(spec[1]) + EXTRA_DIGITS}{spec[2]}", source)


def find_near_edges(printed, exact):
    """Return the numbers of an output that rounding decides: near an edge, not rounded at all, or minus zero.

    Args:
        printed: text as it is compared.
        exact: the same with more digits.

    Returns:
        List of pairs of what is printed and what it is.
    """
    found = []
    for short, long in zip(NUMBER.findall(printed), NUMBER.findall(exact), strict=True):
        rounded, value = decimal.Decimal(short), decimal.Decimal(long)
        place = rounded.as_tuple().exponent
        is_unrounded = short == long and len(rounded.as_tuple().digits) > MOST_DIGITS and place < 0
        is_near = abs(rounded - value) > WELL_AWAY * decimal.Decimal(10) ** place
        if is_unrounded or is_near or (short.startswith("-") and not rounded):
            found.append((short, long))
    return found


def _run(item, source):
    """Run the source of a cell once more in its lesson's kernel; return what it prints."""
    kernel, text = item.parent.kernel, []
    wanted = kernel.execute_cell_input(source, allow_stdin=False)
    kernel.await_reply(wanted, timeout=item.config.option.nbval_cell_timeout)
    while True:
        message = kernel.get_message("iopub", timeout=60)
        if message["parent_header"].get("msg_id") != wanted:
            continue
        content = message["content"]
        text += [content["text"]] if content.get("name") == "stdout" else []
        text += [content["data"].get("text/plain", "")] if message["msg_type"] == "execute_result" else []
        if content.get("execution_state") == "idle":
            return "".join(text)


@pytest.fixture(autouse=True)
def _reseeded(request):
    """Start a module's random numbers anew, so that no test depends on which tests ran before it in its process."""
    import numpy as np

    if isinstance(getattr(request.module, "RANDOM", None), np.random.Generator):
        request.module.RANDOM = np.random.default_rng(0)


@pytest.fixture
def eager():
    """Compute a test's operations one by one."""
    import toy  # beside the tests

    with toy.eagerly():
        yield


@pytest.fixture
def call(monkeypatch, capsys):
    """Return a function that runs the command line and returns exit status, stdout and stderr."""
    import tensorflow as tf  # not before the environment above is set

    from pix2pix_tf.cli import app

    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: None)  # it cannot be taken back

    def run(*words):
        monkeypatch.setattr("sys.argv", ["pix2pix-tf", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            app.main()
        printed = capsys.readouterr()
        return caught.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def refused(call):
    """Return a function that asserts that words are refused in one line with status 2, and returns that line."""

    def run(*words):
        status, output, line = call(*words)
        assert (status, output, line.count("\n")) == (2, "", 1), line
        assert line.startswith("pix2pix-tf: ")
        return line

    return run
