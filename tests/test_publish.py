"""The address of the repository is written into the lessons by one command, and can be changed by another call."""

import importlib.util
import json
import pathlib
import shutil

import nbformat
import pytest
from test_system_downloads import serving

from pix2pix_tf import errors, lessons

ROOT = pathlib.Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("publish", ROOT / "scripts" / "publish.py")
publish = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(publish)
WORDS = "publish.py {} --branch trunk --folder {}"


@pytest.fixture
def clone(tmp_path):
    """Return a folder with the lessons, as in a clone."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("figures"))
    (tmp_path / "pix2pix_tf").mkdir()
    shutil.copy(ROOT / "pix2pix_tf" / "lessons.py", tmp_path / "pix2pix_tf")
    return tmp_path


def call(monkeypatch, repository, clone):
    monkeypatch.setattr("sys.argv", WORDS.format(repository, clone).split())
    publish.main()


def read(clone):
    """Return the lessons' cells by name, and the code."""
    found = {path.stem: nbformat.read(path, 4).cells for path in sorted((clone / "notebooks").glob("*.ipynb"))}
    return found, (clone / "pix2pix_tf" / "lessons.py").read_text()


def test_every_lesson_gets_badges_a_package_and_pictures(clone, monkeypatch):
    before, _ = read(clone)
    call(monkeypatch, "first-owner/course", clone)
    found, code = read(clone)
    for name, cells in found.items():
        first = cells[0].source
        colab = f"(https://colab.research.google.com/github/first-owner/course/blob/trunk/notebooks/{name}.ipynb)"
        assert first.count(colab) == 1
        assert first.count(f"/v2/gh/first-owner/course/trunk?labpath=notebooks%2F{name}.ipynb)") == 1
        assert (
            sum("pip install --quiet git+https://github.com/first-owner/course@trunk" in cell.source for cell in cells)
            == 1
        )
        text = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert "](figures/" not in text
        old = sum(len(publish.PICTURE.findall(cell.source)) for cell in before[name])
        assert text.count("https://raw.githubusercontent.com/first-owner/course/trunk/notebooks/figures/") == old
        assert [cell.get("outputs") for cell in cells] == [cell.get("outputs") for cell in before[name]]
    assert 'ADDRESS = "https://raw.githubusercontent.com/first-owner/course/trunk/notebooks/figures/"\n' in code


def test_another_address_takes_the_place_of_the_first(clone, tmp_path_factory, monkeypatch):
    call(monkeypatch, "first-owner/course", clone)
    call(monkeypatch, "else.where/a_copy", clone)
    found, code = read(clone)
    text = json.dumps([cell.source for cells in found.values() for cell in cells]) + code
    assert "first-owner" not in text and text.count("[![Open in Colab]") == len(found)


@pytest.mark.parametrize("name", ["course", "https://github.com/first-owner/course", "a/b/c"])
def test_other_words_are_refused(name, clone, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        call(monkeypatch, name, clone)
    assert "expected OWNER/REPOSITORY" in capsys.readouterr().err


def test_published_figures_are_downloaded(tmp_path, monkeypatch):
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "new_scores.json").write_text("[1]")
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "server") as (address, _):
        monkeypatch.setattr(lessons, "ADDRESS", f"{address}/")
        assert lessons.figure("new_scores.json").read_text() == "[1]"
        with pytest.raises(errors.InputError, match="404.*in a clone of the repository"):
            lessons.figure("none.json")
