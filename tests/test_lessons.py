"""What the notebooks share: pictures, predictions, exercises, figures."""

import io

import numpy as np
import PIL.Image
import pytest

from pix2pix_tf import errors, lessons


def test_a_pixel_becomes_a_square_of_whole_pixels():
    board = np.indices((8, 8)).sum(axis=0) % 2 * 2.0 - 1
    picture = lessons.show({"board": board[None, ..., None]}, least=40, quality=95)
    shown = np.asarray(PIL.Image.open(io.BytesIO(picture._repr_jpeg_())).convert("L"), float)
    squares = shown[-40:].reshape(10, 4, -1, 4)  # 10 with the white line around: 4 pixels a side
    assert squares.shape[2] == 10
    inner = squares[1:9, :, 1:9].mean(axis=(1, 3)) / 127.5 - 1
    np.testing.assert_allclose(inner, board, atol=0.05)


def test_a_title_needs_room():
    images = np.zeros((1, 8, 8, 3))
    heights = [
        PIL.Image.open(io.BytesIO(lessons.show({"a": images}, title)._repr_jpeg_())).height for title in (None, "b")
    ]
    assert heights[1] - heights[0] == 30


@pytest.mark.parametrize(
    ("prediction", "said"), [("A", "no"), ("b ", "right"), ("?", "no prediction"), ("C", "no pre")]
)
def test_a_prediction_is_answered(prediction, said, capsys):
    lessons.respond(prediction, A="no: why", B="right: why")
    assert capsys.readouterr().out.startswith(said)


def test_an_exercise_is_answered(capsys):
    lessons.check(None, False, "praise", "hint")
    lessons.check(1, True, "praise", "hint")
    with pytest.raises(AssertionError, match="hint"):
        lessons.check(1, False, "praise", "hint")
    assert capsys.readouterr().out.splitlines() == ["not tried yet", "right: praise", "no: think of hint"]


@pytest.mark.parametrize("folder", [".", "solutions"])
def test_figures_beside_the_notebook_come_first(folder, tmp_path, monkeypatch):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "ablations_scores.json").write_text("mine")
    (tmp_path / folder).mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / folder)
    assert lessons.figure("ablations_scores.json").read_text() == "mine"


def test_figures_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lessons.figure("ablations_scores.json").stat().st_size > 100
    with pytest.raises(errors.InputError, match="no_such"):
        lessons.figure("no_such.json")
