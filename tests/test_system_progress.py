"""Progress in a file is a line now and then; in a notebook without widgets nothing is complained of."""

import subprocess
import sys

from pix2pix_tf.system import progress


def test_a_file_gets_few_lines(capsys):
    with progress.bar(total=80_000, description="train") as bar:
        for step in range(80_000):
            bar.update()
            if step % 50 == 0:
                progress.annotate(bar, l1=f"{step}")
    written = capsys.readouterr().err
    assert "\r" not in written
    assert len(written) < 500
    assert written.splitlines()[-1].startswith("train: 80000 of 80000 steps")


def test_an_iterable_is_gone_through(capsys):
    assert list(progress.bar([1, 2], "read", unit="image")) == [1, 2]
    assert "read: 2 of 2 images" in capsys.readouterr().err
    assert list(progress.bar([1, 2], shown=False)) == [1, 2]
    assert capsys.readouterr().err == ""


NOTEBOOK = """
import importlib.util, types, warnings
import IPython, tqdm
warnings.filterwarnings("error", message="IProgress")
kernel, found = types.SimpleNamespace(kernel=1), importlib.util.find_spec
IPython.get_ipython = lambda: kernel
importlib.util.find_spec = lambda name: None if name == "ipywidgets" else found(name)
from pix2pix_tf import training
from pix2pix_tf.system import progress
assert progress.is_live() and type(progress.bar(total=1)) is tqdm.tqdm
"""


def test_a_notebook_without_widgets_gets_the_plain_bar():
    done = subprocess.run([sys.executable, "-c", NOTEBOOK], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
