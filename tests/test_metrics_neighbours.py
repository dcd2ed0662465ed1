import contextlib
import io

import numpy as np
import pytest
import torch_fidelity_stub

from pix2pix_tf import errors, metrics
from pix2pix_tf.metrics import neighbours


def normal(count, dimensions, mean=0.0, scale=1.0, seed=0):
    return np.random.default_rng(seed).normal(mean, scale, (count, dimensions))


SETS = {
    "like": (normal(200, 8), normal(150, 8, seed=1)),
    "shifted": (normal(120, 4), normal(200, 4, 1.0, seed=1)),
    "narrow": (normal(200, 16, scale=3), normal(200, 16, scale=0.1, seed=1)),
    "far from the origin": (normal(150, 8, 1e4), normal(150, 8, 1e4, seed=1)),
}


def distances(first, second):
    return np.linalg.norm(first[:, None] - second[None], axis=2)


def brute_force_radii(points, k):
    return np.array([np.sort(np.delete(row, i))[k - 1] for i, row in enumerate(distances(points, points))])


def brute_force(real, generated, k):
    between = distances(real, generated)
    real_radii, generated_radii = brute_force_radii(real, k), brute_force_radii(generated, k)
    return {
        "precision": np.mean((between <= real_radii[:, None]).any(axis=0)),
        "recall": np.mean((between <= generated_radii[None]).any(axis=1)),
        "density": (between < real_radii[:, None]).sum(axis=0).mean() / k,
        "coverage": np.mean(between.min(axis=1) < real_radii),
    }


def all_four(real, generated, k):
    return {**metrics.precision_recall(real, generated, k), **metrics.density_coverage(real, generated, k)}


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("name", SETS)
def test_measures_equal_brute_force(name, k):
    assert all_four(*SETS[name], k) == pytest.approx(brute_force(*SETS[name], k), rel=1e-12)


def test_measures_do_not_depend_on_the_size_of_the_blocks(monkeypatch):
    expected = all_four(*SETS["like"], 3)
    monkeypatch.setattr(neighbours, "MEBIBYTES", 0.01)  # six rows at once
    assert len(list(neighbours._blocks(*SETS["like"]))) > 10
    assert all_four(*SETS["like"], 3) == expected


def test_narrow_sets_are_precise_and_recall_little():
    real, generated = SETS["narrow"]
    found = metrics.precision_recall(real, generated)
    assert found["precision"] > 0.8 and found["recall"] < 0.3
    swapped = metrics.precision_recall(generated, real)
    assert swapped == {"precision": found["recall"], "recall": found["precision"]}


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_a_set_and_itself(kind):
    points = normal(100, 6).astype(kind)
    assert metrics.precision_recall(points, points.copy()) == {"precision": 1, "recall": 1}
    # The surface of a ball is none of it: a point lies in the k balls that hold itself and k - 1 neighbours on average.
    assert metrics.density_coverage(points, points.copy()) == {"density": 1, "coverage": 1}


def test_sets_far_apart_have_nothing_in_common():
    found = all_four(normal(50, 4), normal(50, 4, 100, seed=1), 3)
    assert found == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_the_kth_neighbour_is_not_the_point_itself():
    line = np.array([[0.0], [1.0], [3.0], [7.0]])
    np.testing.assert_allclose(neighbours._radii(line, 1), [1, 1, 2, 4])
    np.testing.assert_allclose(neighbours._radii(line, 2), [3, 2, 3, 6])
    twice = np.array([[0.0], [0.0], [5.0]])
    np.testing.assert_allclose(neighbours._radii(twice, 1), [0, 0, 5])


@pytest.mark.parametrize("name", ["like", "shifted", "narrow"])
def test_precision_and_recall_agree_with_torch_fidelity(name):
    fidelity = torch_fidelity_stub.load("metric_prc")
    import torch

    real, generated = SETS[name]
    expected = fidelity.prc_features_to_metric(
        torch.tensor(generated), torch.tensor(real), prc_neighborhood=3, verbose=False
    )
    found = metrics.precision_recall(real, generated, k=3)
    assert found == pytest.approx({key: expected[key] for key in found}, rel=1e-3)


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("name", ["like", "shifted", "narrow"])
def test_measures_agree_with_prdc(name, k):
    prdc = pytest.importorskip("prdc", reason="the comparison needs prdc")
    with contextlib.redirect_stdout(io.StringIO()):
        expected = prdc.compute_prdc(*SETS[name], nearest_k=k)
    assert all_four(*SETS[name], k) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("measure", [metrics.precision_recall, metrics.density_coverage])
def test_what_cannot_be_measured_is_refused(measure):
    with pytest.raises(errors.InputError, match="4 and 9 images, too few for neighbour number 4"):
        measure(normal(4, 2), normal(9, 2), k=4)
    with pytest.raises(errors.InputError, match="9 and 4 images, too few for neighbour number 4"):
        measure(normal(9, 2), normal(4, 2), k=4)
    with pytest.raises(errors.InputError, match="k is 0"):
        measure(normal(9, 2), normal(9, 2), k=0)
    with pytest.raises(errors.InputError, match="2 dimensions and generated ones 3"):
        measure(normal(9, 2), normal(9, 3))
    with pytest.raises(errors.InputError, match="real features hold NaN or infinity in 9 of 9 rows"):
        measure(normal(9, 2) * np.inf, normal(9, 2))


def test_the_smallest_set_that_is_measured():
    assert set(all_four(normal(5, 2), normal(5, 2, seed=1), 4)) == {"precision", "recall", "density", "coverage"}
