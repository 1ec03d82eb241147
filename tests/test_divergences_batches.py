"""Batches are their rows, one by one, whatever the rows; and digits and bounds where it matters."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import (
    chi_squared_divergence,
    conditional_entropy,
    f_divergence,
    kl_divergence,
    mutual_information,
    renyi_divergence,
    squared_hellinger,
    total_variation,
)

#: Equal, near, far, with zeros of p, of q, of both, without a shared outcome, and the other way.
P = np.array(
    [[0.3, 0.3, 0.4], [0.3, 0.3, 0.4], [0.9, 0.05, 0.05], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25],
     [0.25, 0.75, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1e-300, 1e-200, 1.0]]
)  # fmt: skip
Q = np.array(
    [[0.3, 0.3, 0.4], [0.3 + 1e-8, 0.3 - 1e-8, 0.4], [0.05, 0.9, 0.05], [0.25, 0.5, 0.25],
     [0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.2, 0.2, 0.6], [1.0, 1e-200, 1e-300]]
)  # fmt: skip
ORDERS = [0, 0.2, 0.5, 0.9, 1, 2, 3, math.inf]


def kl_as_f(p, q, **options):
    def generator(t):
        safe = t * (t > 0) + 1.0 * (t == 0)
        return t * (torch.log(safe) if isinstance(t, torch.Tensor) else np.log(safe))

    return f_divergence(p, q, generator, at_zero=0, slope_at_infinity=math.inf, **options)


FUNCTIONS = {
    **{f"Rényi {a}": lambda p, q, a=a, **o: renyi_divergence(p, q, a, **o) for a in ORDERS},
    "total variation": total_variation,
    "χ²": chi_squared_divergence,
    "Hellinger": squared_hellinger,
    "f": kl_as_f,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_batch_is_its_rows(name):
    function = FUNCTIONS[name]
    rows = np.array([function(p, q) for p, q in zip(P, Q, strict=True)])
    exact = {"rtol": 1e-14, "atol": 1e-300} if name != "f" else {"rtol": 1e-9, "atol": 1e-15}
    np.testing.assert_allclose(function(P, Q), rows, **exact)
    np.testing.assert_allclose(function(P.T, Q.T, axis=0), rows, **exact)
    shape = (3, 3, 3)
    cube = function(P.reshape(shape), Q.reshape(shape))
    np.testing.assert_allclose(cube, rows.reshape(3, 3), **exact)
    tensors = function(torch.tensor(P), torch.tensor(Q))
    np.testing.assert_allclose(tensors.numpy(), rows, rtol=1e-9, atol=1e-15)
    assert rows[0] == 0 and (rows >= 0).all()
    assert function(P[:0], Q[:0]).shape == (0,)
    with pytest.raises(ValueError, match=r"p must sum to 1.*1\.1"):
        function([0.5, 0.6], [0.5, 0.5])


HALF, THIRDS = [sp.Rational(1, 2)] * 2, [sp.Rational(1, 3), sp.Rational(2, 3)]
SURE = [sp.Integer(1), sp.Integer(0)]
SYMBOLIC = {
    **{f"Rényi {a}": lambda p, q, a=a: renyi_divergence(p, q, a)
       for a in (sp.Rational(1, 2), 1, 2, 3)},
    "total variation": total_variation,
    "χ²": chi_squared_divergence,
    "Hellinger": squared_hellinger,
}  # fmt: skip


@pytest.mark.parametrize("name", SYMBOLIC)
def test_a_batch_of_expressions_is_its_rows_and_the_numbers(name):
    function = SYMBOLIC[name]
    pairs = [(HALF, THIRDS), (THIRDS, HALF), (SURE, HALF), (SURE, SURE), (HALF, HALF), (HALF, SURE)]
    rows = [function(p, q) for p, q in pairs]
    batch = function(*(np.array(side, dtype=object) for side in zip(*pairs, strict=True)))
    assert [sp.simplify(a - b) if b.is_finite else a is b for a, b in zip(batch, rows, strict=True)
            ] == [0 if b.is_finite else True for b in rows]  # fmt: skip
    alpha = name.partition(" ")[2]
    numeric = FUNCTIONS.get(name, lambda p, q: renyi_divergence(p, q, float(sp.Rational(alpha))))
    expected = [numeric(*(np.array(s, dtype=float) for s in pair)) for pair in pairs]
    assert [float(row) for row in rows] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("alpha", [0, 0.3, 1, 2, math.inf])
def test_renyi_in_other_units(alpha):
    p, q = P[3], Q[3]
    nats = renyi_divergence(p, q, alpha)
    assert renyi_divergence(p, q, alpha, base=2) == pytest.approx(nats / math.log(2), rel=1e-14)
    with pytest.raises(ValueError, match="base must be"):
        renyi_divergence(p, q, alpha, base=1)
    if 0 < alpha < math.inf:
        symbols = renyi_divergence(HALF, THIRDS, sp.nsimplify(alpha), base=2)
        numbers = renyi_divergence([0.5, 0.5], [1 / 3, 2 / 3], alpha, base=2)
        assert float(symbols) == pytest.approx(numbers, rel=1e-12)


def exact_renyi(p, q, alpha):
    with mp.workdps(60):
        terms = [mp.mpf(a) ** mp.mpf(alpha) * mp.mpf(b) ** (1 - mp.mpf(alpha))
                 for a, b in zip(p, q, strict=True) if a and b]  # fmt: skip
        return float(mp.log(mp.fsum(terms)) / (mp.mpf(alpha) - 1))


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.7, 2, 1000])
def test_renyi_of_ratios_near_1_with_outcomes_that_are_not_shared(alpha):
    for p, q in (([0.5, 0.5, 0.0], [0.45, 0.45, 0.1]), ([0.45, 0.45, 0.1], [0.5, 0.5, 0.0])):
        if alpha > 1 and q[2] == 0:
            assert renyi_divergence(p, q, alpha) == math.inf
        else:
            expected = exact_renyi(p, q, alpha)
            assert renyi_divergence(p, q, alpha) == pytest.approx(expected, rel=1e-13)
    if alpha < 1:  # so little not shared that the logarithm of the sum would have no digits
        q = [0.5 - 2**-35, 0.5 - 3 * 2**-35, 2**-33]
        expected = exact_renyi([0.5, 0.5, 0.0], q, alpha)
        value = renyi_divergence([0.5, 0.5, 0.0], q, alpha)
        assert value == pytest.approx(expected, rel=1e-11, abs=0)
    # log(p/q) is near 1, but not 1000 times it.
    p, q = [0.75, 0.25], [0.25, 0.75]
    assert renyi_divergence(p, q, alpha) == pytest.approx(exact_renyi(p, q, alpha), rel=1e-12)


def test_renyi_of_order_0_keeps_its_digits_at_both_ends():
    p = [[1.0, 0.0, 0.0], [0.9, 0.1, 0.0]]
    q = [[1 - 1e-10, 0.0, 1e-10], [0.1, 0.9 - 3e-10, 3e-10]]
    exact = [-math.log1p(-missed) for missed in (1e-10, 3e-10)]
    assert renyi_divergence(p, q, 0) == pytest.approx(exact, rel=1e-13, abs=0)
    assert renyi_divergence(p[1], q[1], 0) == pytest.approx(exact[1], rel=1e-13, abs=0)
    value = renyi_divergence([1.0, 0.0], [1e-10, 1 - 1e-10], 0)
    assert value == pytest.approx(10 * math.log(10), rel=1e-15)


def test_renyi_of_infinite_order_is_the_largest_log_ratio_of_shared_outcomes():
    assert renyi_divergence([0.5, 0.5, 0], [0.25, 0.25, 0.5], math.inf) == math.log(2)
    assert renyi_divergence([0.5, 0.5], [0.5, 0.5], math.inf) == 0


def test_renyi_of_nothing_shared_is_infinite_whatever_the_rounding():
    rng = np.random.default_rng(0)
    p, q, nothing = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3)), np.zeros(3)
    apart = [*p, *nothing], [*nothing, *q]
    assert renyi_divergence(*apart, 0.9) == math.inf
    batch = [apart[0], apart[0]], [apart[1], apart[0]]
    assert renyi_divergence(*batch, 0.9).tolist() == [math.inf, 0]


# --- Without a unit -------------------------------------------------------------------------------


def test_bounds_hold_to_the_last_digit():
    p, q = [1 + 1e-9, 0.0], [0.0, 1 + 1e-9]  # which count as distributions
    assert squared_hellinger(p, q) == total_variation(p, q) == 1
    less = [1 - 1e-9, 0.0], [0.0, 1 - 1e-9]
    assert squared_hellinger(*less) == pytest.approx(1 - 1e-9, rel=1e-15)


def test_hellinger_has_gradients_where_either_is_0():
    p = torch.tensor([0.5, 0.5, 0.0, 0.0], requires_grad=True)
    q = torch.tensor([0.0, 0.5, 0.5, 0.0], requires_grad=True)
    squared_hellinger(p, q).backward()
    assert p.grad.isfinite().all() and q.grad.isfinite().all()


def test_chi_squared_of_expressions_with_zeros():
    x = sp.Symbol("x", positive=True)
    value = chi_squared_divergence([x, 1 - x, sp.Integer(0)], [*HALF, sp.Integer(0)])
    assert sp.simplify(value - (2 * x - 1) ** 2) == 0


def test_expressions_in_q():
    x = sp.Symbol("x", positive=True)  # of 1 − x the sign is not known
    exact = (sp.Rational(1, 2) - x) ** 2 / x + (x - sp.Rational(1, 2)) ** 2 / (1 - x)
    assert sp.simplify(chi_squared_divergence(HALF, [x, 1 - x]) - exact) == 0
    value = f_divergence(HALF, [x, 1 - x], lambda t: (t - 1) ** 2)
    assert sp.simplify(value - exact) == 0


# --- f-divergences --------------------------------------------------------------------------------


def test_the_sign_of_rounding_is_not_taken_for_a_generator_that_is_not_convex():
    """Of a steep linear f, all that remains is the rounding of Σ (p − q), times its slope."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        p = rng.dirichlet(np.ones(9))
        q = p * (1 + 2e-16 * rng.integers(-1, 2, 9))
        assert 0 <= f_divergence(p, q, lambda t: 1000 * (t - 1)) < 1e-11
        assert 0 <= f_divergence(p, q, lambda t: -np.log(t)) < 1e-14
        assert f_divergence(p, p, lambda t: t * np.log(t)) == 0


@pytest.mark.parametrize("closeness", [1e-3, 1e-6])
def test_a_small_negative_value_is_noticed(closeness):
    q = [0.5 + closeness, 0.5 - closeness]
    with pytest.raises(ValueError, match="not convex"):
        f_divergence([0.5, 0.5], q, lambda t: -((t - 1) ** 2))


def test_logarithms_below_the_smallest_number_have_ratios():
    seen = []

    def generator(t):
        seen.append(t)
        return (t - 1) ** 2

    f_divergence([-800.0, 0.0], [-801.0, 0.0], generator, form="logits")
    np.testing.assert_allclose(seen[0], [math.e, 1.0])


def test_the_ratio_without_a_value_is_named():
    with pytest.raises(ValueError, match=r"generator\(0\.33\d+\) is NaN"):
        f_divergence([0.75, 0.25], [0.25, 0.75], lambda t: np.where(t < 0.5, math.nan, t - 1))


def test_f_of_expressions_that_are_not_shared():
    p, q = [*HALF, sp.Integer(0)], [sp.Rational(1, 2), sp.Integer(0), sp.Rational(1, 2)]
    apart = f_divergence(SURE, SURE[::-1], lambda t: abs(t - 1), slope_at_infinity=1)
    assert apart == 2  # each of the two outcomes has a distribution of its own
    for slope in (4, 4.0, sp.Integer(4)):
        value = f_divergence(p, q, lambda t: 4 * abs(t - 1), slope_at_infinity=slope)
        assert value == 4
    s = sp.Symbol("s", positive=True)
    value = f_divergence(p, q, lambda t: (t - 1) ** 2, at_zero=3, slope_at_infinity=s)
    assert sp.simplify(value - s / 2 - sp.Rational(3, 2)) == 0
    with pytest.raises(ValueError, match="pass slope_at_infinity"):
        f_divergence(p, q, lambda t: (t - 1) ** 2)
    value = f_divergence(HALF, THIRDS, lambda t: t * sp.log(t))
    assert sp.simplify(value - kl_divergence(HALF, THIRDS)) == 0


def test_words_for_expressions():
    x = sp.Symbol("x", positive=True)
    with pytest.raises(TypeError, match=r"on SymPy expressions .* and sympy\.Piecewise instead of"):
        f_divergence([x, 1 - x], HALF, lambda t: math.exp(t))
    with pytest.raises(ValueError, match="takes no t"):
        f_divergence([0.5, 0.5], [0.5, 0.5], _refusing)


def _refusing(t):
    raise RuntimeError("takes no t")


# --- Joint tables ---------------------------------------------------------------------------------


def test_marginals_whose_product_underflows_share_nothing_infinite():
    joint = np.array([[1.0, 0.0], [0.0, 1e-200]])
    assert 0 <= mutual_information(joint) < 1e-190
    assert conditional_entropy(joint) == 0


def test_expressions_that_are_0():
    joint = [[sp.Rational(1, 4), sp.Rational(1, 4)], [sp.Integer(0), sp.Rational(1, 2)]]
    assert conditional_entropy(joint) == sp.log(2) / 2
    assert conditional_entropy(joint, base=2) == sp.Rational(1, 2)
    assert conditional_entropy([SURE]) == 0
    bits = mutual_information(joint, base=2)
    assert float(bits) == pytest.approx(mutual_information([[0.25, 0.25], [0, 0.5]], base=2))


@pytest.mark.parametrize("function", [mutual_information, conditional_entropy])
def test_tables_along_two_axes(function):
    joint = np.random.default_rng(4).dirichlet(np.ones(12), size=(2, 5)).reshape(2, 5, 3, 4)
    values = function(joint)
    assert values.shape == (2, 5) and values[1, 3] == pytest.approx(function(joint[1, 3]))
