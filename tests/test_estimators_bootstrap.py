"""Bootstrap and subsampling intervals: what they cover, and what they refuse."""

import functools
import math

import numpy as np
import pytest
import torch

from kldiv import kl_divergence
from kldiv.estimators import Interval, bootstrap, kl_nearest_neighbours, kl_plug_in
from kldiv.gaussian import kl_normal

plain = functools.partial(kl_plug_in, correction=None)


def difference(x, y):
    return float(np.mean(x) - np.mean(y))


# --- Simulation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["basic", "percentile", "subsampling"])
def test_the_interval_of_a_difference_of_means(method):
    """Where the answer is known: the standard error is √(1/n + 1/m)."""
    covered, errors = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(0.3, 1, size=60), rng.normal(0, 1, size=90)
        found = bootstrap(difference, x, y, seed=seed, resamples=199, level=0.9, method=method)
        covered.append(found.lower < 0.3 < found.upper)
        errors.append(found.standard_error)
    assert 0.83 < np.mean(covered) < 0.96
    assert np.mean(errors) == pytest.approx(math.sqrt(1 / 60 + 1 / 90), rel=0.05)


@pytest.mark.parametrize("method", ["basic", "subsampling"])
def test_the_interval_of_a_plug_in(method):
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    truth, covered = kl_divergence(p, q), []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, y = rng.choice(3, 200, p=p), rng.choice(3, 200, p=q)
        found = bootstrap(kl_plug_in, x, y, seed=seed, resamples=99, method=method)
        covered.append(found.lower < truth < found.upper)
    assert np.mean(covered) > 0.85


def test_the_interval_of_nearest_neighbours():
    truth, covered = kl_normal(0.5, 0.7, 0, 1), []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(0.5, 0.7, size=300), rng.normal(0, 1, size=300)
        found = bootstrap(
            kl_nearest_neighbours, x, y, seed=seed, resamples=99, method="subsampling"
        )
        covered.append(found.lower < truth < found.upper)
    assert np.mean(covered) > 0.85


# --- Values -------------------------------------------------------------------------------------


def resampled(x, y, method, resamples, seed):
    """The estimates, as the docstring says."""
    rng, values = np.random.default_rng(seed), []
    for _ in range(resamples):
        if method == "subsampling":
            at = [rng.choice(len(s), len(s) // 2, replace=False) for s in (x, y)]
        else:
            at = [rng.choice(len(s), len(s)) for s in (x, y)]
        values.append(difference(x[at[0]], y[at[1]]))
    return np.sort(values)


@pytest.mark.parametrize(("level", "lowest", "highest"), [(0.9, 2, 38), (0.8, 4, 36)])
@pytest.mark.parametrize("method", ["basic", "percentile", "subsampling"])
def test_the_quantiles_by_hand(method, level, lowest, highest):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=11), rng.normal(1, 1, size=8)
    values, estimate = resampled(x, y, method, 40, 7), difference(x, y)
    low, high = values[lowest - 1], values[highest - 1]  # of 40
    expected = {
        "percentile": (low, high),
        "basic": (2 * estimate - high, 2 * estimate - low),
        "subsampling": (estimate - high + values.mean(), estimate - low + values.mean()),
    }[method]
    found = bootstrap(difference, x, y, seed=7, resamples=40, level=level, method=method)
    assert isinstance(found, Interval)
    assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-12)
    assert found.standard_error == pytest.approx(values.std(ddof=1), rel=1e-12)
    from_generator = bootstrap(
        difference, x, y, seed=np.random.default_rng(7), resamples=40, level=level, method=method
    )
    assert from_generator == found


def test_the_defaults():
    x, y = np.arange(9.0), np.arange(7.0)
    full = bootstrap(difference, x, y, seed=0, resamples=999, level=0.95, method="basic")
    assert bootstrap(difference, x, y, seed=0) == full
    assert bootstrap(difference, x, y, seed=1) != full


def test_just_enough_draws():
    two = bootstrap(difference, X[:2], X[:2], seed=0, resamples=2)
    four = bootstrap(difference, X[:4], X[:4], seed=0, resamples=2, method="subsampling")
    assert all(math.isfinite(end) for interval in (two, four) for end in interval)


def test_samples_of_every_kind():
    x, y = [0, 0, 1, 1, 0, 1, 0, 0] * 4, [0, 1, 1, 1, 0, 1, 1, 0] * 4
    forms = (list, tuple, np.array, torch.tensor)
    found = {bootstrap(plain, f(x), f(y), seed=0, resamples=20) for f in forms}
    letters = ["".join("ab"[s] for s in sample) for sample in (x, y)]
    found.add(bootstrap(plain, *letters, seed=0, resamples=20))
    assert len(found) == 1
    tensors = [torch.randn(20, 2, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    interval = bootstrap(kl_nearest_neighbours, *tensors, seed=0, resamples=5, method="subsampling")
    assert interval.lower < interval.upper


def test_infinities():
    everything = (-math.inf, math.inf, math.inf)
    assert bootstrap(plain, "aabb", "aaaa", seed=0, resamples=9) == everything
    some = bootstrap(plain, "aab", "aab", seed=0, resamples=99)
    assert some.lower == -math.inf and some.upper < 1 and some.standard_error == math.inf
    some = bootstrap(plain, "aab", "aab", seed=0, resamples=99, method="percentile")
    assert 0 <= some.lower < 1 and some.upper == math.inf
    x = ["a", "a", "a", "b", "b", "b"]
    assert bootstrap(plain, x, "aaaaab", seed=0, resamples=99, method="subsampling") == everything


# --- Bad input ----------------------------------------------------------------------------------

X = np.arange(6.0)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((None, X, X), {}, TypeError, "estimator must be callable; got None"),
        ((difference, X[:1], X), {}, ValueError, "x must hold at least 2 draws; got 1"),
        ((difference, X, X[:0]), {}, ValueError, "y must hold at least 2 draws; got 0"),
        ((difference, X, X[:3]), {"method": "subsampling"}, ValueError, "y .* at least 4 draws"),
        ((difference, [1.0], X), {}, ValueError, "x must hold at least 2 draws; got 1"),
        ((difference, 3.0, X), {}, TypeError, "x must be an array or a sequence; got 3.0"),
        ((difference, X, np.array(3.0)), {}, TypeError, "y must be an array of draws"),
        ((difference, {"a": 1, "b": 2}, X), {}, TypeError, "x must be an array or a sequence"),
        ((difference, {1, 2}, X), {}, TypeError, "x must be an array or a sequence"),
        ((difference, X, X), {"level": 1}, ValueError, "level must be"),
        ((difference, X, X), {"resamples": 1}, ValueError, "resamples must be at least 2"),
        ((difference, X, X), {"resamples": 9.5}, TypeError, "resamples must be a whole number"),
        ((difference, X, X), {"method": "bca"}, ValueError, "method must be one of .* got 'bca'"),
        ((difference, X, X), {"seed": -1}, ValueError, "seed must not be negative; got -1"),
        ((difference, X, X), {"seed": None}, TypeError, "seed must be a whole number or a numpy"),
        ((difference, X, X), {"seed": True}, TypeError, "seed must be .* got True"),
        ((lambda x, y: math.nan, X, X), {}, ValueError, "estimator returned NaN"),
        ((lambda x, y: "1.0", X, X), {}, TypeError, "return an Estimate or a number; got '1.0'"),
        ((lambda x, y: None, X, X), {}, TypeError, "return an Estimate or a number; got None"),
        ((kl_nearest_neighbours, X, X + 0.3), {}, ValueError, "k = 5|points coincide"),
    ],
)
def test_bad_input(arguments, options, error, message):
    with pytest.raises(error, match=message):
        bootstrap(*arguments, **{"seed": 0, "resamples": 9, **options})
