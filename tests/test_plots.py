import numpy as np
import pytest
from PIL import Image

from pix2pix_tf import plots
from pix2pix_tf.plots import planes


def test_a_sheet_has_a_row_for_each_example_and_a_column_for_each_kind():
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 6, 3))
    columns = {"input": images, "output": images[..., :1], "truth": plots.displayable(images)}
    figure = plots.sheet(columns, title="t", panel=0.16)
    assert [text.get_text() for text in figure.texts] == ["input", "output", "truth", "t"]
    drawn = plots.pixels(figure)[-2 * 10 * 2 :].reshape(2, 10, 2, 3, 8, 2, 3)  # rows and columns, each pixel 2x2
    assert (drawn == drawn[:, :, :1, :, :, :1]).all(), "nothing is smoothed"
    inner = drawn[:, 1:-1, 0, :, 1:-1, 0].swapaxes(1, 2)
    for column, examples in enumerate(columns.values()):
        np.testing.assert_array_equal(inner[:, column], [plots.displayable(one) for one in examples])


def test_values_become_colours():
    image = np.array([[[-1.0], [0.0], [1.0], [3.0]]])
    np.testing.assert_array_equal(plots.displayable(image)[0, :, 1], [0, 128, 255, 255])


def test_curves_leave_out_what_was_not_measured():
    history = {"step": [50, 100, 150], "l1": [3.0, 2.0, 1.0], "validation_l1": [np.nan, 2.5, np.nan]}
    axes = plots.curves(history, ["l1", "validation_l1"], title="losses").axes[0]
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert lines == [[[50, 3], [100, 2], [150, 1]], [[100, 2.5]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["l1", "validation l1"]


def test_bands_hold_their_lines():
    figure = plots.bands([10, 100], {"a": ([1, 2], [2, 3], [4, 5])}, "n", "value", title="t", logarithmic=True)
    axes = figure.axes[0]
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[10, 2], [100, 3]]]
    limits = axes.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in limits.tolist()} == {(10, 1), (10, 4), (100, 2), (100, 5)}
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "100"]
    assert (axes.get_xscale(), axes.get_xlabel(), axes.get_ylabel()) == ("log", "n", "value")
    assert plots.bands([1], {"a": ([1], [1], [1])}, "n", "value").axes[0].get_xscale() == "linear"


def test_a_scatter_has_a_panel_for_each_pair_of_sets():
    real, generated = np.zeros((3, 2)), np.array([[1.0, 2.0]])
    figure = plots.scatter({"one": (real, generated), "two": (generated, real)}, names=("r", "g"))
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]
    drawn = [[points.get_offsets().tolist() for points in axes.collections] for axes in figure.axes]
    assert drawn == [[real.tolist(), generated.tolist()], [generated.tolist(), real.tolist()]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["r", "g"]


def test_intervals_are_drawn_from_the_top_down():
    figure = plots.intervals({"first": (0, 1, 3), "second": (2, 4, 5)}, "L1", reference=2.5)
    axes = figure.axes[0]
    values, reference = axes.lines
    assert values.get_xydata().tolist() == [[1, 1], [4, 0]]
    assert [segment.tolist() for segment in axes.collections[0].get_segments()] == [[[0, 1], [3, 1]], [[2, 0], [5, 0]]]
    ticks = zip(axes.get_yticks().tolist(), axes.get_yticklabels(), strict=True)
    assert {height: text.get_text() for height, text in ticks} == {1: "first", 0: "second"}
    assert list(reference.get_xdata()) == [2.5, 2.5]


def test_pixels_are_what_is_saved(tmp_path):
    figure = plots.curves({"step": [1, 2], "l1": [0.5, 0.25]}, ["l1"])
    pixels = plots.pixels(figure)
    assert pixels.shape == (260, 600, 3)
    plots.save(figure, tmp_path / "curves.png")
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")))
    assert [path.name for path in tmp_path.iterdir()] == ["curves.png"]


def test_tiles_are_whole_pixels_under_their_names():
    random = np.random.default_rng(0)
    column, grid = random.integers(256, size=(2, 8, 8, 1)), random.integers(256, size=(3, 2, 8, 8, 1))
    figure = plots.tiles({"real": column.astype(np.uint8), "made": grid.astype(np.uint8)}, title="step 5", least=20)
    (axes,) = figure.axes  # without which Jupyter shows nothing
    sheet = np.asarray(axes.images[0].get_array())
    assert sheet.shape == (3 * 10 * 2, 3 * 10 * 2, 3), "three rows and three columns, 8 pixels and a border, twice"
    np.testing.assert_array_equal(sheet[2:18:2, 2:18:2, 0], column[0, ..., 0])
    np.testing.assert_array_equal(sheet[3:18:2, 3:18:2, 0], column[0, ..., 0])
    np.testing.assert_array_equal(sheet[42:58:2, 42:58:2, 1], grid[2, 1, ..., 0])
    assert (sheet[42:58, 2:18] == 255).all(), "the column is shorter"
    assert [text.get_text() for text in figure.texts] == ["real", "made", "step 5"]
    drawn = plots.pixels(figure)
    np.testing.assert_array_equal(drawn[-60:, :60], sheet)


@pytest.mark.parametrize("longest", ["three scales", "without feature matching and without the discriminator"])
def test_titles_of_columns_do_not_touch(longest):
    image = np.zeros((1, 128, 128, 3), np.uint8)
    figure = plots.sheet({longest: image, f"{longest} ": image, "truth": image}, panel=1.3)
    first, second, third = (text.get_window_extent() for text in figure.texts)
    assert first.x0 >= 0 and first.x1 < second.x0 and second.x1 < third.x0
    assert figure.texts[2].get_fontsize() == 10 and (figure.texts[0].get_fontsize() < 10) == (len(longest) > 20)


def test_clouds_reach_as_far_as_the_first():
    near, far = np.random.default_rng(0).uniform(-1, 1, (20, 2)), np.full((5, 2), 9.0)
    axes = plots.clouds({"real": near, "generated": far}, title="step 5").axes[0]
    assert [collection.get_label() for collection in axes.collections] == ["real", "generated"]
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), near)
    assert axes.get_xlim()[1] < 1.6 and axes.get_title() == "step 5"


def test_landscapes_lie_on_their_ground():
    places = planes.lattice(3, count=4)
    assert places.shape == (16, 2) and places.dtype == np.float32
    np.testing.assert_array_equal(places[[0, 3, -1]], [[-3, -3], [3, -3], [3, 3]])
    real, made = np.zeros((3, 2)), np.array([[1.0, 2.0]])
    rows = {
        "a": {"start": (places[:, 0] / 6 + 0.5, real, made), "end": (None, made, real)},
        "b": {"x": (None, real, made)},
    }
    figure = planes.landscapes(rows, 3, names=("r", "g"), label="believed")
    first, second, third, fourth, bar = figure.axes
    assert [axes.get_title() for axes in (first, second, third)] == ["start", "end", "x"]
    assert [axes.get_ylabel() for axes in (first, third, bar)] == ["a", "b", "believed"]
    assert not fourth.get_visible() and not second.images
    ground = np.asarray(first.images[0].get_array())
    np.testing.assert_allclose(ground[0], [0, 1 / 3, 2 / 3, 1], atol=1e-6)
    assert first.images[0].origin == "lower" and first.images[0].get_extent() == [-3, 3, -3, 3]
    assert [points.get_offsets().tolist() for points in second.collections] == [made.tolist(), real.tolist()]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["r", "g"]


def test_lines_have_a_panel_for_each_title():
    panels = {"left": {"a": ([1, 2], [3, 4]), "b": ([1, 2], [5, 6])}, "right": {"a": ([0, 1], [1, 10])}}
    figure = plots.lines(panels, "x", "y", styles={"b": "o"}, logarithmic=True)
    left, right = figure.axes
    assert [line.get_xydata().tolist() for line in left.lines] == [[[1, 3], [2, 4]], [[1, 5], [2, 6]]]
    assert [line.get_marker() for line in left.lines] == ["None", "o"]
    assert (right.get_title(), right.get_xlabel(), right.get_ylabel(), right.get_yscale()) == ("right", "x", "y", "log")
    assert plots.lines(panels, "x", "y").axes[0].get_yscale() == "linear"


def test_histograms_count_all_values():
    figure = plots.histograms({"few": np.ones((2, 3)), "many": np.arange(40)}, "weight", "how many", bins=4)
    assert [sum(bar.get_height() for bar in axes.patches) for axes in figure.axes] == [6, 40]
    assert [axes.get_title() for axes in figure.axes] == ["few", "many"]
