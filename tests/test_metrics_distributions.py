import tracemalloc

import hypothesis
import numpy as np
import pytest
import scipy.linalg
import torch_fidelity_stub
from hypothesis import strategies

from pix2pix_tf import errors, metrics
from pix2pix_tf.metrics import matrices

RANDOM = np.random.default_rng(0)


def normal(count, dimensions, mean=0.0, scale=1.0, seed=0):
    return np.random.default_rng(seed).normal(mean, scale, (count, dimensions))


def mixed(count, dimensions, seed):
    """Draw features that depend on each other."""
    random = np.random.default_rng(seed)
    return normal(count, dimensions, seed=seed + 1) @ random.normal(0, 1, (dimensions, dimensions)) + random.normal()


def square_root_form(first, second):
    """Compute the Fréchet distance as the paper writes it."""
    difference = first.mean(axis=0) - second.mean(axis=0)
    covariances = [np.atleast_2d(np.cov(each, rowvar=False)) for each in (first, second)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    return difference @ difference + np.trace(covariances[0] + covariances[1] - 2 * np.real(root))


def identity(dimensions, mean):
    return metrics.FeatureStatistics.from_moments(np.full(dimensions, mean), np.eye(dimensions), 10_000)


def test_statistics_equal_numpy_whatever_the_batches():
    features = mixed(500, 7, 1)
    statistics = metrics.FeatureStatistics(7)
    for batch in np.split(features, [1, 3, 100, 101, 420]):
        statistics.update(batch)
    assert statistics.count == 500
    np.testing.assert_allclose(statistics.mean, features.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(statistics.covariance, np.cov(features, rowvar=False), rtol=1e-11)


def test_statistics_of_more_rows_than_are_held_at_once():
    features = normal(9000, 2)
    statistics = metrics.FeatureStatistics.from_features(features)
    np.testing.assert_allclose(statistics.covariance, np.cov(features, rowvar=False), rtol=1e-11)


def test_statistics_keep_their_digits_under_a_large_mean():
    features = normal(1000, 4, seed=3)
    statistics = metrics.FeatureStatistics(4)
    for batch in np.split(features + 1e7, 10):
        statistics.update(batch)
    np.testing.assert_allclose(statistics.covariance, np.cov(features, rowvar=False), rtol=1e-6, atol=1e-8)


def test_statistics_can_be_built_from_published_moments():
    features = mixed(50, 4, 6)
    known = metrics.FeatureStatistics.from_moments(features.mean(axis=0), np.cov(features, rowvar=False), 50)
    np.testing.assert_allclose(
        known.update(features[:9]).covariance,
        metrics.FeatureStatistics(4).update(np.concatenate([features, features[:9]])).covariance,
        rtol=1e-11,
    )


@pytest.mark.parametrize(
    ("mean", "covariance", "count", "message"),
    [
        (np.zeros(3), np.eye(4), 9, r"\(3,\) and a covariance of shape \(4, 4\)"),
        (np.zeros(3), np.eye(3), 1, "of 1 images"),
        (np.zeros(3), np.eye(3) * np.nan, 9, "NaN"),
    ],
)
def test_moments_that_do_not_belong_together_are_refused(mean, covariance, count, message):
    with pytest.raises(errors.InputError, match=message):
        metrics.FeatureStatistics.from_moments(mean, covariance, count)


def test_memory_of_statistics_does_not_grow_with_the_set():
    statistics, batch = metrics.FeatureStatistics(64), normal(256, 64)
    statistics.update(batch)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(50):
        statistics.update(batch)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 10_000 < batch.nbytes


def test_statistics_refuse_what_they_cannot_use():
    statistics = metrics.FeatureStatistics(3).update(normal(4, 3))
    bad = normal(10, 3)
    bad[[2, 7], 1] = np.nan, np.inf
    with pytest.raises(errors.InputError, match="2 of 10 rows"):
        statistics.update(bad)
    with pytest.raises(errors.InputError, match="10 rows of features have 4 dimensions; expected 3"):
        statistics.update(normal(10, 4))
    with pytest.raises(errors.InputError, match=r"shape \(3,\); expected \(n, d\)"):
        statistics.update(np.zeros(3))
    assert statistics.count == 4
    with pytest.raises(errors.InputError, match="covariance of 1 images"):
        _ = metrics.FeatureStatistics(3).update(normal(1, 3)).covariance


@pytest.fixture
def large(monkeypatch):
    """Treat matrices of more than 20 rows as the large ones."""
    monkeypatch.setattr(matrices, "SMALL", 20)


@pytest.mark.parametrize("dimensions", [2, 100, 2048])
def test_frechet_of_shifted_unit_gaussians_is_their_dimension(dimensions):
    found = metrics.frechet_distance(identity(dimensions, 0), identity(dimensions, 1))
    assert found == pytest.approx(dimensions, rel=1e-9)


def test_frechet_of_diagonal_covariances_has_a_closed_form():
    first, second = RANDOM.uniform(0.1, 4, (2, 30))
    mean = RANDOM.normal(size=30)
    statistics = [
        metrics.FeatureStatistics.from_moments(mean if k else 0 * mean, np.diag(variances), 100)
        for k, variances in enumerate((first, second))
    ]
    expected = mean @ mean + np.square(np.sqrt(first) - np.sqrt(second)).sum()
    assert metrics.frechet_distance(*statistics) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("shape", [(2, 1), (2, 64), (50, 64), (64, 64), (65, 64), (3000, 8)])
def test_frechet_of_a_set_with_itself_is_zero(shape):
    features = mixed(*shape, 4)
    scale = features.var(axis=0, ddof=1).sum()
    for second in (features, metrics.FeatureStatistics.from_features(features)):
        assert 0 <= metrics.frechet_distance(features, second) <= 1e-6 * scale


def test_frechet_of_a_large_set_with_itself_is_zero(large):
    test_frechet_of_a_set_with_itself_is_zero((80, 64))
    test_frechet_of_a_set_with_itself_is_zero((64, 80))


def test_frechet_is_the_same_by_either_decomposition(large, monkeypatch):
    sets = mixed(90, 40, 1), mixed(30, 40, 2)
    found = metrics.frechet_distance(*sets), metrics.frechet_distance(*sets[::-1])
    monkeypatch.setattr(matrices, "SMALL", 512)
    assert found == pytest.approx([metrics.frechet_distance(*sets)] * 2, rel=1e-9)


@hypothesis.settings(deadline=None, max_examples=40)
@hypothesis.given(
    first=strategies.integers(2, 60),
    second=strategies.integers(2, 60),
    dimensions=strategies.integers(1, 40),
    seed=strategies.integers(0, 1000),
)
def test_frechet_is_finite_symmetric_and_the_same_for_arrays_and_statistics(first, second, dimensions, seed):
    real, generated = mixed(first, dimensions, seed), mixed(second, dimensions, seed + 10)
    found = metrics.frechet_distance(real, generated)
    tolerance = 1e-6 * (real.var() + generated.var() + 1) * dimensions
    assert np.isfinite(found) and found >= 0
    assert metrics.frechet_distance(generated, real) == pytest.approx(found, abs=tolerance)
    statistics = metrics.FeatureStatistics.from_features(generated)
    assert metrics.frechet_distance(real, statistics) == pytest.approx(found, abs=tolerance)
    if min(first, second) > dimensions + 1:
        assert square_root_form(real, generated) == pytest.approx(found, abs=tolerance)


def test_frechet_of_few_images_equals_the_square_root_form():
    real, generated = mixed(20, 50, 5), mixed(30, 50, 8)
    expected = square_root_form(real, generated)  # complex inside
    assert metrics.frechet_distance(real, generated) == pytest.approx(expected, rel=1e-4)


def test_frechet_ignores_features_that_never_vary():
    real, generated = mixed(100, 6, 1), mixed(90, 6, 2)
    still = [np.hstack([each, np.full((len(each), 3), 7.0)]) for each in (real, generated)]
    assert metrics.frechet_distance(*still) == pytest.approx(metrics.frechet_distance(real, generated), rel=1e-9)


def test_frechet_of_constant_sets_is_the_squared_distance():
    assert metrics.frechet_distance(np.zeros((9, 2)), np.ones((9, 2))) == 2
    assert metrics.frechet_distance(np.zeros((2, 9)), np.ones((2, 9))) == 9


@pytest.mark.parametrize("shape", [(300, 64), (100, 120)])
def test_frechet_agrees_with_torch_fidelity(shape):
    fidelity = torch_fidelity_stub.load("metric_fid")
    import torch

    real, generated = mixed(*shape, 1).astype(np.float32), mixed(*shape, 5).astype(np.float32)
    statistics = [fidelity.fid_features_to_statistics(torch.tensor(each)) for each in (real, generated)]
    expected = fidelity.fid_statistics_to_metric(*statistics, verbose=False)[fidelity.KEY_METRIC_FID]
    assert metrics.frechet_distance(real, generated) == pytest.approx(expected, rel=1e-3)


def test_frechet_refuses_what_it_cannot_use():
    with pytest.raises(errors.InputError, match="real features have 1 rows; this measure needs at least 2"):
        metrics.frechet_distance(normal(1, 4), normal(5, 4))
    with pytest.raises(errors.InputError, match="4 dimensions and generated ones 5"):
        metrics.frechet_distance(normal(5, 4), normal(5, 5))
    with pytest.raises(errors.InputError, match="generated features hold NaN or infinity in 5 of 5 rows"):
        metrics.frechet_distance(normal(5, 4), normal(5, 4) + np.nan)


def brute_force_mmd(first, second):
    """Average the kernel over all pairs of different images, one by one."""

    def kernel(x, y):
        return (np.dot(x, y) / len(x) + 1) ** 3

    within = sum(
        np.mean([kernel(each[i], each[j]) for i in range(len(each)) for j in range(len(each)) if i != j])
        for each in (first, second)
    )
    return within - 2 * np.mean([kernel(x, y) for x in first for y in second])


def test_kernel_distance_of_whole_sets_equals_brute_force():
    real, generated = normal(9, 4), normal(9, 4, 0.5, seed=1)
    found = metrics.kernel_distance(real, generated, subset_size=9, subsets=3)
    assert found["mean"] == pytest.approx(brute_force_mmd(real, generated), rel=1e-10)
    assert found["std"] == pytest.approx(0, abs=1e-12)


def test_kernel_distance_is_unbiased():
    values = [
        metrics.kernel_distance(normal(30, 8, seed=s), normal(40, 8, seed=1000 + s), 10, 4)["mean"] for s in range(300)
    ]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(300)
    assert min(values) < 0


def test_kernel_distance_is_decided_by_its_seed():
    sets = normal(30, 4), normal(25, 4, seed=1)
    first, again, other = (metrics.kernel_distance(*sets, 10, 5, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
    assert first["std"] > 0


def test_kernel_distance_agrees_with_torch_fidelity():
    fidelity = torch_fidelity_stub.load("metric_kid")
    import torch

    real, generated = normal(200, 64), normal(200, 64, 0.2, 1.1, seed=1)
    expected = fidelity.kid_features_to_metric(
        torch.tensor(real), torch.tensor(generated), kid_subsets=2, kid_subset_size=200, verbose=False
    )
    found = metrics.kernel_distance(real, generated, subset_size=200, subsets=2)
    assert found["mean"] == pytest.approx(expected[fidelity.KEY_METRIC_KID_MEAN], rel=1e-3)


def test_kernel_distance_of_subsets_agrees_with_torch_fidelity_within_its_spread():
    fidelity = torch_fidelity_stub.load("metric_kid")
    import torch

    real, generated = normal(300, 32), normal(250, 32, 0.2, seed=1)
    expected = fidelity.kid_features_to_metric(
        torch.tensor(real), torch.tensor(generated), kid_subsets=200, kid_subset_size=50, verbose=False
    )
    found = metrics.kernel_distance(real, generated, subset_size=50, subsets=200)
    assert found["std"] == pytest.approx(expected[fidelity.KEY_METRIC_KID_STD], rel=0.3)
    assert abs(found["mean"] - expected[fidelity.KEY_METRIC_KID_MEAN]) < 4 * found["std"] / np.sqrt(100)


@pytest.mark.parametrize("size", [1000, 21, 1, 0])
def test_kernel_distance_refuses_subsets_that_cannot_be_drawn(size):
    with pytest.raises(errors.InputError, match=f"subset size {size}.*20 and 30 images.*between 2 and 20"):
        metrics.kernel_distance(normal(20, 3), normal(30, 3), subset_size=size)


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_inception_score_bounds():
    sure = np.eye(10)[np.arange(200) % 10]
    assert metrics.inception_score(sure) == pytest.approx({"mean": 10, "std": 0})
    unsure = np.full((200, 10), 0.1)
    assert metrics.inception_score(unsure) == pytest.approx({"mean": 1, "std": 0})


def test_inception_score_sorted_by_class_shows_that_splits_are_taken_in_order():
    assert metrics.inception_score(np.eye(10)[np.repeat(np.arange(10), 20)])["mean"] == pytest.approx(1)


@pytest.mark.parametrize("splits", [1, 10, 7])
def test_inception_score_agrees_with_torch_fidelity(splits):
    fidelity = torch_fidelity_stub.load("metric_isc")
    import torch

    logits = normal(501, 20, scale=3)
    expected = fidelity.isc_features_to_metric(torch.tensor(logits), splits, shuffle=False)
    found = metrics.inception_score(softmax(logits), splits)
    assert found["mean"] == pytest.approx(expected[fidelity.KEY_METRIC_ISC_MEAN], rel=1e-6)
    assert found["std"] == pytest.approx(expected[fidelity.KEY_METRIC_ISC_STD], rel=1e-6, abs=1e-9)


def test_inception_score_of_few_images_is_refused_with_the_reason():
    with pytest.raises(errors.InputError, match="106 images in 10 splits means nothing.*give at least 1000 images"):
        metrics.inception_score(np.full((106, 1008), 1 / 1008), splits=10)
    assert metrics.inception_score(np.full((106, 1008), 1 / 1008), splits=1)["mean"] == pytest.approx(1)
    assert metrics.inception_score(np.full((30, 3), 1 / 3), splits=10)["mean"] == pytest.approx(1)
    with pytest.raises(errors.InputError, match="give at least 30 images"):
        metrics.inception_score(np.full((29, 3), 1 / 3), splits=10)


@pytest.mark.parametrize("change", [0.1, -0.2])
def test_inception_score_refuses_what_are_no_probabilities(change):
    probabilities = np.full((30, 3), 1 / 3)
    probabilities[4, 1] += change
    with pytest.raises(errors.InputError, match="apply softmax first"):
        metrics.inception_score(probabilities, splits=2)
    with pytest.raises(errors.InputError, match="apply softmax first"):
        metrics.inception_score(np.tile([1.5, -0.5], (20, 1)), splits=2)
