"""Files appear whole, under names of their own until then, and a folder's name is never taken for a pattern."""

import concurrent.futures
import os
import pathlib

import hypothesis
import pytest
from hypothesis import strategies

from pix2pix_tf import errors
from pix2pix_tf.system import files


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    with files.whole(path) as unfinished:
        unfinished.write_text("first")
        assert not path.exists()
    with pytest.raises(RuntimeError), files.whole(path) as unfinished:
        unfinished.write_text("second")
        raise RuntimeError
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_writers_at_the_same_time_do_not_meet(tmp_path):
    path = tmp_path / "a.txt"

    def write(letter):
        with files.whole(path) as unfinished:
            unfinished.write_text(letter * 100_000)

    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        list(executor.map(write, "abcdefgh" * 8))
    assert len(set(path.read_text())) == 1 and path.stat().st_size == 100_000
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_is_on_the_disk_before_it_appears(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append((tmp_path / "a.txt").exists()))
    with files.whole(tmp_path / "a.txt") as unfinished:
        unfinished.write_text("x")
    assert seen == [False, True], "first the file, then its folder"


def test_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / ("a" * 251 + ".png")
    with files.whole(path) as unfinished:
        unfinished.write_text("x")
    assert path.read_text() == "x"


@hypothesis.settings(deadline=None, derandomize=True, max_examples=60)
@hypothesis.given(stem=strategies.text(strategies.characters(exclude_characters="/\0", codec="utf-8"), min_size=1))
def test_a_name_is_fitted_to_the_file_system(stem):
    fitted = files.fit_name(stem * 40, ".png")
    assert len(os.fsencode(fitted)) <= 255 and fitted.endswith(".png")
    assert (stem * 40).startswith(fitted.removesuffix(".png"))
    assert files.fit_name("photo", ".png") == "photo.png"


def test_a_name_that_is_no_text_is_fitted():
    fitted = files.fit_name(os.fsdecode(b"caf\xe9" * 100), ".png")
    assert os.fsencode(fitted) == (b"caf\xe9" * 100)[:251] + b".png"


@pytest.mark.parametrize("name", ["facades [old]", "a*b", "what?", "back\\slash", "plain"])
def test_a_plain_path_leads_to_the_folder(tmp_path, name):
    (tmp_path / name).mkdir()
    with files.plain_path(tmp_path / name) as plain:
        assert not set(str(plain)) & set("[]*?\\")
        (plain / "written").write_text("x")
    assert (tmp_path / name / "written").read_text() == "x"


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / f"{files.UNFINISHED}a.png").touch()
    (tmp_path / f"{files.UNFINISHED}b").mkdir()
    (tmp_path / "kept.png").touch()
    files.remove_unfinished(tmp_path)
    files.remove_unfinished(tmp_path / "nowhere")
    assert os.listdir(tmp_path) == ["kept.png"]


def test_whether_a_file_can_be_written_is_known_before(tmp_path):
    files.check_writable(tmp_path / "a.json")
    assert os.listdir(tmp_path) == []
    with pytest.raises(OSError):
        files.check_writable(pathlib.Path("/proc/nowhere/a.json"))


def test_bytes_that_are_no_text_are_readable():
    assert errors.readable(os.fsdecode(b"caf\xe9 \xc3\xa9")) == "caf\\xe9 é"
