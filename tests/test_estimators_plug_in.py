"""The plug-in KL of samples of symbols: its bias, its error, and that nothing is dropped."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kldiv import kl_divergence
from kldiv.estimators import kl_plug_in, kl_plug_in_counts

repeatable = settings(deadline=None, derandomize=True, max_examples=100)
counts = st.lists(st.tuples(st.integers(0, 50), st.integers(2, 50)), min_size=2, max_size=6).filter(
    lambda pairs: sum(c for c, _ in pairs) > 1
)


# --- Simulation ---------------------------------------------------------------------------------

PAIRS = {
    "far": ([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]),
    "near": ([0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.2, 0.2]),
    "equal": ([0.25] * 4, [0.25] * 4),
}


def simulate(p, q, n, m, repeats=1500, **options):
    rng = np.random.default_rng(0)
    drawn = zip(rng.multinomial(n, p, repeats), rng.multinomial(m, q, repeats), strict=True)
    found = [kl_plug_in_counts(x, y, **options) for x, y in drawn]
    values, errors = np.array([(float(e), e.standard_error) for e in found]).T
    return float(kl_divergence(p, q)), values, errors


@pytest.mark.parametrize("name", PAIRS)
def test_the_bias_is_the_formula_and_each_correction_takes_most_of_it(name):
    p, q = map(np.array, PAIRS[name])
    n, m = 300, 150
    bias = (len(p) - 1) / (2 * n) + (np.sum(p / q) - 1) / (2 * m)
    truth, plain, _ = simulate(p, q, n, m, correction=None)
    noise = plain.std() / math.sqrt(len(plain))
    assert abs(plain.mean() - truth - bias) < 3 * noise + 0.1 * bias
    assert plain.mean() - truth > 3 * noise
    for options in (
        {"correction": "miller-madow"},
        {"correction": "jackknife"},
        {"correction": "miller-madow", "smoothing": 0.5},
        {"correction": "jackknife", "smoothing": 0.5},
        {"correction": "miller-madow", "smoothing": 1.0},
    ):
        _, corrected, _ = simulate(p, q, n, m, **options)
        assert abs(corrected.mean() - truth) < 3 * noise + 0.1 * bias, options


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("sizes", [(100, 100), (400, 200)])
def test_intervals_cover(name, sizes):
    truth, values, errors = simulate(*PAIRS[name], *sizes)
    assert 0.92 < np.mean(abs(values - truth) < 1.96 * errors) <= (1 if name != "far" else 0.965)
    most = {"far": 1.1, "near": 1.3, "equal": 1.8}[name]
    assert 0.95 < errors.mean() / values.std() < most


def test_it_converges():
    p, q = map(np.array, PAIRS["far"])
    exact = kl_plug_in_counts(p * 10**8, q * 10**8)
    assert float(exact) == pytest.approx(kl_divergence(p, q), abs=1e-7)
    assert exact.standard_error < 1e-3


# --- Values -------------------------------------------------------------------------------------


@repeatable
@given(counts)
def test_without_correction_it_is_the_kl_of_the_frequencies(pairs):
    c, d = np.array(pairs).T
    truth = kl_divergence(c, d, normalize=True, base=2)
    assert float(kl_plug_in_counts(c, d, correction=None, base=2)) == pytest.approx(
        truth, rel=1e-12
    )
    smoothed = kl_plug_in_counts(c, d, correction=None, smoothing=0.5)
    truth = kl_divergence(c, d + 0.5, normalize=True)
    assert float(smoothed) == pytest.approx(truth, rel=1e-12, abs=1e-15)


@repeatable
@given(counts, st.sampled_from([0.0, 0.5, 2.0]))
@example([(1, 3), (2, 4), (3, 2)], 0.0)
def test_the_jackknife_by_leaving_out_each_draw(pairs, alpha):
    c, d = np.array(pairs).T
    n, m = c.sum(), d.sum()

    def plug_in(c, d):
        return float(kl_divergence(c, d + alpha, normalize=True))

    without_x = sum(c[i] / n * plug_in(c - e, d) for i, e in enumerate(np.eye(len(c))) if c[i])
    without_y = sum(d[i] / m * plug_in(c, d - e) for i, e in enumerate(np.eye(len(c))) if d[i])
    value = plug_in(c, d)
    expected = value + (n - 1) * (value - without_x) + (m - 1) * (value - without_y)
    found = kl_plug_in_counts(c, d, correction="jackknife", smoothing=alpha)
    assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_miller_madow_by_hand():
    value = kl_divergence([0.5, 0.5, 0], [0.6, 0.2, 0.2])
    found = kl_plug_in_counts([5, 5, 0], [12, 4, 4])
    ratios = 0.5 / 0.6 + 0.5 / 0.2
    assert float(found) == pytest.approx(value - 1 / 20 - (ratios - 1) / 40, rel=1e-14)
    smoothed = kl_plug_in_counts([5, 5, 0], [12, 4, 4], smoothing=0.5)
    value = kl_divergence([5, 5, 0], [12.5, 4.5, 4.5], normalize=True)
    assert float(smoothed) == pytest.approx(value - 1 / 20 - (3 - 1) / 40, rel=1e-14)
    one = kl_plug_in_counts([5, 5, 0], [12, 4, 4], smoothing=1)
    value = kl_divergence([5, 5, 0], [13, 5, 5], normalize=True)
    correction = 1 / 20 + (ratios - 1) / 40 - (ratios - 3) / 20
    assert float(one) == pytest.approx(value - correction, rel=1e-14)
    unseen = kl_plug_in_counts([5, 5], [10, 0], smoothing=1)
    value = kl_divergence([0.5, 0.5], [11, 1], normalize=True)
    correction = 1 / 20 + (0.5 + 10 - 1) / 20 - (0.5 + 10 - 2) / 10
    assert float(unseen) == pytest.approx(value - correction, rel=1e-14)


def test_the_standard_error_by_hand():
    p, q, n, m = np.array([0.5, 0.5]), np.array([0.75, 0.25]), 100, 200
    log_ratio = np.log(p / q)
    first = (np.sum(p * log_ratio**2) - np.sum(p * log_ratio) ** 2) / n
    first += (np.sum(p**2 / q) - 1) / m
    hessian = np.block([[np.diag(1 / p), -np.diag(1 / q)], [-np.diag(1 / q), np.diag(p / q**2)]])
    zero = np.zeros((2, 2))
    cov_p, cov_q = ((np.diag(w) - np.outer(w, w)) / size for w, size in ((p, n), (q, m)))
    product = hessian @ np.block([[cov_p, zero], [zero, cov_q]])
    second = np.trace(product @ product) / 2
    found = kl_plug_in_counts([50, 50], [150, 50]).standard_error
    assert found == pytest.approx(math.sqrt(first + second), rel=1e-12)
    in_bits = kl_plug_in_counts([50, 50], [150, 50], base=2).standard_error
    assert in_bits == pytest.approx(found / math.log(2), rel=1e-14)
    equal = kl_plug_in_counts([50, 50], [100, 100]).standard_error
    assert equal == pytest.approx(math.sqrt(0.5) * (1 / n + 1 / m), rel=1e-12)


def test_a_symbol_that_q_never_showed():
    for correction in ("miller-madow", "jackknife", None):
        estimate = kl_plug_in("aab", "aaa", correction=correction)
        assert float(estimate) == estimate.standard_error == math.inf
        assert kl_plug_in("aab", "aaa", correction=correction, base=2).unit == "bits"
        assert math.isfinite(float(kl_plug_in("aab", "aaa", correction=correction, smoothing=0.5)))
        assert math.isfinite(float(kl_plug_in("aaaa", "aabb", correction=correction)))
    assert float(kl_plug_in("aaaa", "aabb", correction=None)) == math.log(2)
    wider = kl_plug_in("ab", "ab", categories="abcd", smoothing=1, correction=None)
    assert float(wider) == pytest.approx(
        kl_divergence([0.5, 0.5, 0, 0], [1 / 3, 1 / 3, 1 / 6, 1 / 6])
    )


def test_extreme_smoothing():
    tiny = kl_plug_in("aab", "aaa", smoothing=1e-320, correction=None)
    assert 200 < float(tiny) < 300 and tiny.standard_error == math.inf
    assert float(kl_plug_in("ab", "ab", smoothing=1)) == pytest.approx(-1 / 4 - 1 / 4)
    much = kl_plug_in("aab", "aaa", smoothing=2**53, correction=None)
    assert float(much) == pytest.approx(kl_divergence([2 / 3, 1 / 3], [0.5, 0.5]))


def test_a_corrected_value_may_be_negative():
    assert float(kl_plug_in("ab" * 10, "ab" * 10)) == pytest.approx(-1 / 40 - 1 / 40)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("aabc", "abcc"),
        (["a", "a", "b", "c"], ("a", "b", "c", "c")),
        ([(0, 1), (0, 1), "b", 3.5], [(0, 1), "b", 3.5, 3.5]),
        (np.array([0, 0, 1, 2]), np.array([0, 1, 2, 2])),
        (torch.tensor([0, 0, 1, 2]), [0.0, 1.0, 2.0, 2.0]),
        (np.array(["a", "a", "b", "c"]), ["a", "b", "c", "c"]),
        (iter([0, False, True, 2]), b"\x00\x01\x02\x02"),
    ],
)
def test_symbols_of_all_kinds(x, y):
    found = kl_plug_in(x, y, correction=None)
    assert float(found) == pytest.approx(math.log(2) / 4, rel=1e-14)
    assert found.sizes == (4, 4) and found.method == "plug-in" and found.unit == "nats"


def test_counts_of_any_library():
    found = [kl_plug_in_counts(f([3, 4]), f([5, 2])) for f in (list, np.array, torch.tensor)]
    assert len({(float(e), e.standard_error) for e in found}) == 1
    assert {type(e.value) for e in found} == {float}
    assert kl_plug_in_counts([3, 4], [5, 2], smoothing=0.5).method == (
        "plug-in, miller-madow, smoothed by 0.5"
    )


def test_large_counts():
    most = kl_plug_in_counts([2.0**53], [2.0**53], correction=None)
    assert most.sizes == (2**53, 2**53) and float(most) == 0
    single = kl_plug_in_counts(np.float32([2**24, 1]), np.float32([1, 2**24]), correction=None)
    assert single.sizes == (2**24 + 1, 2**24 + 1)


class Missing:
    """Refuses to be compared, as missing values of some libraries do."""

    __hash__ = object.__hash__

    def __ne__(self, other):
        raise TypeError

    def __repr__(self):
        return "Missing"


# --- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        ("", "ab", {}, ValueError, "samples_p is empty"),
        ("ab", [], {}, ValueError, "samples_q is empty"),
        ([1.0, math.nan], "ab", {}, ValueError, "samples_p holds nan"),
        ("ab", [None, 1], {}, ValueError, "samples_q holds None"),
        ("ab", ["a", Missing()], {}, ValueError, "samples_q holds Missing: drop missing values"),
        (5, "ab", {}, TypeError, "samples_p must be a sequence"),
        ([[1], [2]], "ab", {}, TypeError, r"unhashable.*\[\[1\], \[2\]\]"),
        ({1, 2}, "ab", {}, TypeError, "not a set"),
        ({1: 2}, "ab", {}, TypeError, "not a dict.*kl_plug_in_counts"),
        (np.zeros((2, 2)), "ab", {}, ValueError, r"one-dimensional; got shape \(2, 2\)"),
        (np.ma.array([1, 2], mask=[0, 1]), [1], {}, ValueError, "masked"),
        ("ab", "ab", {"categories": "a"}, ValueError, "'b' was drawn"),
        ("ab", "ab", {"categories": ""}, ValueError, "^categories is empty"),
        ("ab", "ab", {"categories": "aba"}, ValueError, "'a' is there twice"),
        ("ab", "ab", {"correction": "none"}, ValueError, "^correction .*'jackknife', None"),
        ("ab", "ab", {"correction": "jackknife"}, ValueError, "only draw of a symbol from q"),
        (
            "a",
            "aa",
            {"correction": "jackknife"},
            ValueError,
            "at least 2 draws of each; got 1 and 2",
        ),
        (
            "aa",
            "a",
            {"correction": "jackknife"},
            ValueError,
            "at least 2 draws of each; got 2 and 1",
        ),
        *[
            ("ab", "ab", {"smoothing": bad}, ValueError, "smoothing must be a number from 0")
            for bad in (-0.1, math.nan, math.inf, "1", None, [1, 2], 1j)
        ],
        ("ab", "ab", {"smoothing": 1.1}, ValueError, "smoothing adds 2.2 draws to 2: too many"),
        ("ab", "ab", {"base": 0.5}, ValueError, "base must be"),
    ],
)
def test_bad_samples(x, y, options, error, message):
    with pytest.raises(error, match=message):
        kl_plug_in(x, y, **options)


@pytest.mark.parametrize(
    ("c", "d", "error", "message"),
    [
        ([1, -1], [1, 1], ValueError, "counts_p must hold whole numbers"),
        ([1, 1], [0.5, 1], ValueError, "counts_q must hold whole numbers"),
        ([1, math.nan], [1, 1], ValueError, "counts_p must hold whole numbers"),
        ([1, 1], [math.inf, 1], ValueError, "counts_q must hold whole numbers"),
        ([2.0**53 + 2, 1], [1, 1], ValueError, "from 0 to 2⁵³"),
        ([2.0**53, 2.0**53], [1, 1], ValueError, "counts_p must have a sum from 1"),
        ([1, 1], [0, 0], ValueError, "counts_q must have a sum from 1 to 2⁵³; found 0"),
        ([], [], ValueError, "counts_p must have a sum"),
        ([1, 1], [1, 1, 1], ValueError, r"\(2,\) and \(3,\)"),
        ([[1, 1]], [[1, 1]], ValueError, r"\(1, 2\) and \(1, 2\)"),
        ("ab", "ab", TypeError, "counts_p must hold real numbers"),
    ],
)
def test_bad_counts(c, d, error, message):
    with pytest.raises(error, match=message):
        kl_plug_in_counts(c, d)
