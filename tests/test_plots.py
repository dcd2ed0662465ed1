import matplotlib.figure
import numpy as np
from PIL import Image

from pix2pix_tf import plots


def test_a_sheet_has_a_row_for_each_example_and_a_column_for_each_kind():
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3))
    figure = plots.sheet({"input": images, "output": images[..., :1], "truth": plots.displayable(images)}, title="t")
    assert isinstance(figure, matplotlib.figure.Figure)
    assert [axes.get_title() for axes in figure.axes] == ["input", "output", "truth", "", "", ""]
    shown = [axes.images[0].get_array() for axes in figure.axes]
    np.testing.assert_array_equal(shown[3], plots.displayable(images[1]))
    np.testing.assert_array_equal(shown[0], shown[2])
    assert figure.get_suptitle() == "t"


def test_values_become_colours():
    image = np.array([[[-1.0], [0.0], [1.0], [3.0]]])
    np.testing.assert_array_equal(plots.displayable(image)[0, :, 1], [0, 128, 255, 255])


def test_curves_leave_out_what_was_not_measured():
    history = {"step": [50, 100, 150], "l1": [3.0, 2.0, 1.0], "validation_l1": [np.nan, 2.5, np.nan]}
    axes = plots.curves(history, ["l1", "validation_l1"], title="losses").axes[0]
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert lines == [[[50, 3], [100, 2], [150, 1]], [[100, 2.5]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["l1", "validation l1"]


def test_pixels_are_what_is_saved(tmp_path):
    figure = plots.curves({"step": [1, 2], "l1": [0.5, 0.25]}, ["l1"])
    pixels = plots.pixels(figure)
    assert pixels.shape == (260, 600, 3)
    plots.save(figure, tmp_path / "curves.png")
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")))
    assert [path.name for path in tmp_path.iterdir()] == ["curves.png"]
