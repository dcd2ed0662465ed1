"""What the notebooks share: pictures, predictions, exercises, figures."""

import io

import numpy as np
import PIL.Image
import pytest

from pix2pix_tf import errors, lessons


def shown(picture):
    return PIL.Image.open(io.BytesIO(picture._repr_jpeg_()))


def pixels_of(colours, times=16):
    return np.kron(np.array(colours, np.uint8), np.ones((times, times, 1), np.uint8))


def test_a_picture_is_a_jpeg_of_its_size_and_colours():
    red_and_blue = pixels_of([[[200, 20, 20], [20, 20, 200]]])
    picture = shown(lessons.Picture(red_and_blue))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (32, 16))
    assert np.abs(np.asarray(picture).astype(int) - red_and_blue).mean() < 6


def test_a_grey_picture_is_kept_in_one_channel():
    grey = pixels_of([[[200] * 3, [20] * 3]])
    picture = shown(lessons.Picture(grey))
    assert picture.mode == "L"
    assert np.abs(np.asarray(picture).astype(int) - grey[..., 0]).mean() < 3


def test_only_a_low_quality_halves_the_resolution_of_colours():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (150, 50, 50), (50, 50, 150)
    contrast = {}
    for quality in (lessons.FULL_COLOUR, lessons.FULL_COLOUR + 1):
        red = np.asarray(shown(lessons.Picture(stripes, quality)))[..., 0].astype(int)
        contrast[quality] = abs(red[:, ::2].mean() - red[:, 1::2].mean())
    assert contrast[lessons.FULL_COLOUR] < 20 < 60 < contrast[lessons.FULL_COLOUR + 1]


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


def test_the_variable_is_named_where_a_letter_is_missing(capsys):
    lessons.respond("?", "diagnosis", A="no: why")
    assert capsys.readouterr().out == "no diagnosis yet: write a letter into diagnosis, run again\n"


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
