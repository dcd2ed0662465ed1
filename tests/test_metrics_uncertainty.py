import numpy as np
import pytest
import scipy.stats

from pix2pix_tf import errors, metrics


def normal(count, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(count, *shape))


def test_the_interval_covers_the_mean_as_often_as_it_says():
    covered = 0
    for seed in range(400):
        low, high = metrics.bootstrap_interval(normal(60, seed=seed), resamples=300, seed=seed)
        covered += low <= 0 <= high
    assert 0.91 <= covered / 400 <= 0.98


def test_the_interval_of_a_mean_is_about_that_of_the_normal():
    values = normal(500)
    low, high = metrics.bootstrap_interval(values, resamples=5000)
    error = scipy.stats.sem(values)
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_a_lower_level_is_a_narrower_interval():
    values = normal(50)
    (low, high), (lower, higher) = (metrics.bootstrap_interval(values, level=level) for level in (0.5, 0.95))
    assert lower < low < high < higher


def test_the_interval_is_decided_by_its_seed():
    values = normal(20)
    first, again, other = (metrics.bootstrap_interval(values, resamples=50, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_images_are_resampled_whole():
    confusion = np.random.default_rng(0).integers(0, 50, (30, 2, 2))
    accuracy = lambda counts: np.trace(counts.sum(axis=0)) / counts.sum()  # noqa: E731
    low, high = metrics.bootstrap_interval(confusion, accuracy)
    assert low < accuracy(confusion) < high
    same = np.broadcast_to(confusion[0], (30, 2, 2))
    assert metrics.bootstrap_interval(same, accuracy) == pytest.approx((accuracy(same), accuracy(same)))


def test_every_entry_of_a_statistic_gets_its_interval():
    values = normal(40, 3)
    low, high = metrics.bootstrap_interval(values, lambda each: each.mean(axis=0), resamples=200)
    assert low.shape == high.shape == (3,)
    alone = metrics.bootstrap_interval(values[:, 1], resamples=200)
    assert (low[1], high[1]) == pytest.approx(alone)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": [1.0]}, r"shape \(1,\); an interval needs at least two"),
        ({"values": 3.0}, r"shape \(\)"),
        ({"values": [1.0, np.nan]}, "values hold NaN"),
        ({"values": [1.0, 2.0], "level": 95}, "level 95: expected a share"),
    ],
)
def test_intervals_that_cannot_be_had_are_refused(arguments, message):
    with pytest.raises(errors.InputError, match=message):
        metrics.bootstrap_interval(**arguments)


def test_the_spread_describes_the_measures_of_subsamples():
    seen = []

    def measure(real, generated):
        seen.append((real.copy(), generated.copy()))
        return real.mean() - generated.mean()

    real, generated = np.arange(20.0), np.arange(100.0, 130.0)
    spread = metrics.subsample_spread(measure, real, generated, size=8, repeats=40)
    assert all(len(set(first)) == len(set(second)) == 8 for first, second in seen)
    assert all(set(first) <= set(real) and set(second) <= set(generated) for first, second in seen)
    values = [first.mean() - second.mean() for first, second in seen]
    low, high = np.quantile(values, [0.025, 0.975], method="closest_observation")
    expected = {"size": 8, "repeats": 40, "mean": np.mean(values), "std": np.std(values, ddof=1)}
    assert spread == pytest.approx({**expected, "low": low, "high": high})


def test_paired_subsamples_are_of_the_same_images():
    values = np.arange(30.0)
    spread = metrics.subsample_spread(lambda x, y: np.abs(x - y).max(), values, values, 10, paired=True)
    assert spread["high"] == 0
    assert metrics.subsample_spread(lambda x, y: np.abs(x - y).max(), values, values, 10)["low"] > 0


def test_the_spread_is_decided_by_its_seed():
    sets = normal(30, 2), normal(30, 2, seed=1)
    first, again, other = (
        metrics.subsample_spread(metrics.frechet_distance, *sets, 10, repeats=5, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again != other


def test_images_drawn_twice_inflate_distances_between_sets():
    """Why there is no bootstrap interval for them: its values lie above the full sets' one, not around it."""
    real, generated = normal(200, 32), normal(200, 32, seed=1)
    random = np.random.default_rng(0)
    for measure in (metrics.frechet_distance, lambda *sets: metrics.kernel_distance(*sets, 200, 1)["mean"]):
        full = measure(real, generated)
        drawn = [measure(*(each[random.integers(200, size=200)] for each in (real, generated))) for _ in range(50)]
        assert np.quantile(drawn, 0.025, method="closest_observation") > full


def test_subsamples_do_not_inflate_the_kernel_distance():
    real, generated = normal(200, 32), normal(200, 32, seed=1)
    full = metrics.kernel_distance(real, generated, 200, 1)["mean"]
    spread = metrics.subsample_spread(
        lambda *sets: metrics.kernel_distance(*sets, 100, 1)["mean"], real, generated, 100, repeats=50
    )
    assert spread["low"] < full < spread["high"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 21}, "size 21: the sets have 20 and 30 images; choose between 2 and 20"),
        ({"size": 1}, "size 1: "),
        ({"size": 5, "paired": True}, "20 and 30 images are not paired"),
        ({"size": 5, "repeats": 1}, "repeats 1: a spread needs at least 2"),
    ],
)
def test_spreads_that_cannot_be_had_are_refused(arguments, message):
    with pytest.raises(errors.InputError, match=message):
        metrics.subsample_spread(metrics.frechet_distance, normal(20, 2), normal(30, 2), **arguments)


def test_several_measures_at_once_are_those_taken_one_by_one():
    real, generated = normal(12, 3), normal(10, 3, seed=1)
    measures = (metrics.frechet_distance, lambda *sets: float(sets[0].max() - sets[1].min()))
    both = metrics.subsample_spread(lambda *sets: [m(*sets) for m in measures], real, generated, 5, repeats=7)
    for number, measure in enumerate(measures):
        alone = metrics.subsample_spread(measure, real, generated, 5, repeats=7)
        for name in ("mean", "std", "low", "high"):
            assert both[name][number] == pytest.approx(alone[name], rel=1e-12)
