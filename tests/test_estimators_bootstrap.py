"""Bootstrap and subsampling intervals: what they cover, and what they refuse."""

import functools
import math
from statistics import NormalDist

import numpy as np
import pytest
import scipy.stats
import torch

from kldiv import kl_divergence
from kldiv.estimators import Interval, bootstrap, kl_nearest_neighbours, kl_plug_in
from kldiv.estimators._bca import bca_levels
from kldiv.gaussian import kl_normal

plain = functools.partial(kl_plug_in, correction=None)


def difference(x, y):
    return float(np.mean(x) - np.mean(y))


# --- Simulation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["basic", "percentile", "bca", "subsampling"])
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


# --- Bias-corrected and accelerated intervals -----------------------------------------------------


def variance_ratio(x, y, axis=-1):
    return np.var(x, axis=axis) / np.var(y, axis=axis)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_bca_is_scipys(level):
    rng = np.random.default_rng(2)
    x, y = rng.gamma(2, size=30), rng.normal(size=17)
    scipys = scipy.stats.bootstrap(
        (x, y), variance_ratio, vectorized=True, n_resamples=2000, confidence_level=level,
        method="BCa", rng=np.random.default_rng(3),
    )  # fmt: skip
    without = (
        np.array([variance_ratio(np.delete(x, i), y) for i in range(30)]),
        np.array([variance_ratio(x, np.delete(y, i)) for i in range(17)]),
    )
    resampled = scipys.bootstrap_distribution
    levels = bca_levels(level, variance_ratio(x, y), resampled, without)
    assert np.quantile(resampled, levels) == pytest.approx(
        tuple(scipys.confidence_interval), rel=1e-12
    )
    found = bootstrap(variance_ratio, x, y, seed=0, resamples=2000, level=level, method="bca")
    if level < 0.99:
        assert found[:2] == pytest.approx(tuple(scipys.confidence_interval), rel=0.1)
    assert found.standard_error == pytest.approx(scipys.standard_error, rel=0.1)


def test_bca_of_samples_that_are_lists():
    x, y = "aabbbbccaabc" * 3, "abcabcabcabb" * 3
    found = bootstrap(plain, x, y, seed=0, resamples=99, method="bca")
    codes = [np.array(["abc".index(s) for s in sample]) for sample in (x, y)]
    assert found == bootstrap(plain, *codes, seed=0, resamples=99, method="bca")
    percentile = bootstrap(plain, x, y, seed=0, resamples=99, method="percentile")
    assert found.standard_error == percentile.standard_error
    assert found.lower < percentile.lower and found.upper < percentile.upper  # the bias


def test_bca_misses_on_both_sides():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    truth, below, above = kl_divergence(p, q), 0, 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        x, y = rng.choice(3, 60, p=p), rng.choice(3, 60, p=q)
        found = bootstrap(plain, x, y, seed=seed, resamples=99, level=0.8, method="bca")
        below, above = below + (found.upper < truth), above + (found.lower > truth)
    assert below + above < 0.35 * 80 and below > 2 and above > 2


def test_levels_of_a_skewed_estimate():
    """z₀ = 0 and â = 1/6 · (4³·1 − 4·1)/(4² + 4)^{3/2}, by hand; and where it stretches too far."""
    resampled = np.array([-1.0, 1.0])
    without = np.array([0, 5, 5, 5, 5]) * 5 / 4, np.zeros(3)
    acceleration = (64 - 4) / (6 * 20**1.5)
    z = NormalDist().inv_cdf(0.9)
    expected = [NormalDist().cdf(s * z / (1 - s * acceleration * z)) for s in (-1, 1)]
    assert bca_levels(0.8, 0.0, resampled, without) == pytest.approx(expected, rel=1e-12)
    assert bca_levels(0.8, 0.0, resampled, (np.ones(4), np.ones(3))) == pytest.approx((0.1, 0.9))
    ties = np.array([-1.0, 0.0, 0.0, 1.0])  # half of which count as below
    assert bca_levels(0.8, 0.0, ties, (np.ones(4), np.ones(3))) == pytest.approx((0.1, 0.9))
    far = 1 - 1e-15  # z = 8, and â z > 1 for a sample of which one draw decides
    one = np.r_[np.zeros(9), 1.0]
    assert bca_levels(far, 0.0, resampled, (-one, np.zeros(2)))[1] == 1.0
    assert bca_levels(far, 0.0, resampled, (one, np.zeros(2)))[0] == 0.0


def test_where_bca_has_no_correction():
    x = list(range(8))
    for sign, side in ((-1, "above"), (1, "below")):
        with pytest.raises(ValueError, match=f'all 9 resampled estimates lie {side} .*; "basic"'):
            bootstrap(lambda a, b, s=sign: s * float(a == x), x, x, seed=0,
                      resamples=9, method="bca")  # fmt: skip
    for without, name in (
        ((np.array([0, math.inf]), np.zeros(2)), r"x\[1\]"),
        ((np.zeros(2), np.array([-math.inf, 0])), r"y\[0\]"),
    ):
        with pytest.raises(ValueError, match=f"without {name} it is infinite"):
            bca_levels(0.9, 0.0, np.array([-1.0, 1.0]), without)
    with pytest.raises(ValueError, match=r"without y\[3\] it is infinite: draw more"):
        bootstrap(plain, "abababab", "aaabaaaa", seed=0, resamples=60, method="bca")
    with pytest.raises(ValueError, match="coincide"):
        bootstrap(kl_nearest_neighbours, np.arange(30.0), np.arange(30.0) + 0.3, seed=0,
                  resamples=9, method="bca")  # fmt: skip


class Frame:
    """What matters here of pandas: brackets take labels or columns, `iloc` takes places."""

    def __init__(self, values):
        self.values, self.iloc, self.ndim = values, self.Places(values), values.ndim

    def __len__(self):
        return len(self.values)

    class Places:
        def __init__(self, values):
            self.values = values

        def __getitem__(self, at):
            return Frame(self.values[at])


def test_a_data_frame_is_resampled_by_its_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(30, 3))

    def of_frames(a, b):
        return difference(a.values, b.values)

    expected = bootstrap(difference, x, y, seed=0, resamples=9)
    assert bootstrap(of_frames, Frame(x), Frame(y), seed=0, resamples=9) == expected
    with pytest.raises(TypeError, match="x must be an array or a sequence"):
        bootstrap(difference, {0: 1.0, 1: 2.0}, y, seed=0)


def test_where_resamples_are_what_is_wrong_the_error_says_what_to_do():
    x, y = np.arange(30.0), np.arange(30.0) + 0.3
    with pytest.raises(ValueError, match="coincide") as error:
        bootstrap(kl_nearest_neighbours, x, y, seed=0, resamples=9)
    assert 'pass method="subsampling"' in error.value.__notes__[0]
    bootstrap(kl_nearest_neighbours, x, y, seed=0, resamples=9, method="subsampling")
    with pytest.raises(ValueError, match="coincide") as error:  # the samples themselves are
        bootstrap(kl_nearest_neighbours, x, x, seed=0, resamples=9, method="subsampling")
    assert not hasattr(error.value, "__notes__")


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
        ((difference, X, X), {"method": "BC"}, ValueError, "method must be one of .* got 'BC'"),
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
