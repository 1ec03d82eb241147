"""Rényi, total variation, χ², Hellinger and f-divergences: known answers, limits and refusals."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import (
    chi_squared_divergence,
    f_divergence,
    kl_divergence,
    renyi_divergence,
    squared_hellinger,
    total_variation,
)

HALF, QUARTER = [0.5, 0.5], [0.75, 0.25]
ORDERS = [0, 1e-6, 0.1, 0.3, 0.5, 0.7, 1 - 1e-6, 1, 1 + 1e-6, 2, 7.5, math.inf]
WITHOUT_UNIT = [total_variation, chi_squared_divergence, squared_hellinger]

GENERATORS = {  # f, f(0), the limit of f(t)/t, and the divergence it gives
    "KL": (lambda t: t * np.log(t), 0, math.inf, kl_divergence),
    "reverse KL": (lambda t: -np.log(t), math.inf, 0, lambda p, q: kl_divergence(q, p)),
    "χ²": (lambda t: (t - 1) ** 2, 1, math.inf, chi_squared_divergence),
    "total variation": (lambda t: abs(t - 1) / 2, 0.5, 0.5, total_variation),
    "Hellinger": (lambda t: (np.sqrt(t) - 1) ** 2 / 2, 0.5, 0.5, squared_hellinger),
}


def pair(seed, n=6, shape=()):
    return np.random.default_rng(seed).dirichlet(np.full(n, 0.7), size=(2, *shape))


def exact_renyi(p, q, alpha):
    """The definition, in fifty digits."""
    with mp.workdps(50):
        p, q = [mp.mpf(float(x)) for x in p], [mp.mpf(float(x)) for x in q]
        p, q = [x / sum(p) for x in p], [x / sum(q) for x in q]
        if alpha == 1:
            return float(sum(a * mp.log(a / b) for a, b in zip(p, q, strict=True) if a))
        if alpha == math.inf:
            return float(max(mp.log(a / b) for a, b in zip(p, q, strict=True) if a))
        total = sum(a**alpha * b ** (1 - mp.mpf(alpha)) for a, b in zip(p, q, strict=True) if a)
        return float(mp.log(total) / (mp.mpf(alpha) - 1))


# --- Rényi --------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", ORDERS)
@pytest.mark.parametrize("seed", range(4))
def test_renyi_is_its_definition(alpha, seed):
    p, q = pair(seed)
    assert renyi_divergence(p, q, alpha) == pytest.approx(
        exact_renyi(p, q, alpha), rel=1e-9, abs=1e-14
    )


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 2, 3.5])
@pytest.mark.parametrize("closeness", [1e-2, 1e-5, 1e-8])
def test_renyi_keeps_its_digits_near_equality(alpha, closeness):
    p = np.array([0.2, 0.3, 0.5])
    q = p + closeness * np.array([0.1, -0.3, 0.2])
    expected = exact_renyi(p, q, alpha)
    assert renyi_divergence(p, q, alpha) == pytest.approx(expected, rel=1e-7)
    # One step from p, all orders are α times KL; in the limit exactly.
    if closeness < 1e-4:
        assert renyi_divergence(p, q, alpha) == pytest.approx(alpha * kl_divergence(p, q), rel=1e-3)


def test_renyi_grows_with_its_order_and_passes_through_kl():
    p, q = pair(0, shape=(50,))
    values = np.array([renyi_divergence(p, q, alpha) for alpha in ORDERS])
    assert (np.diff(values, axis=0) >= -1e-9).all()
    np.testing.assert_allclose(values[ORDERS.index(1)], kl_divergence(p, q), rtol=1e-13)
    half = -2 * np.log(1 - squared_hellinger(p, q))
    np.testing.assert_allclose(renyi_divergence(p, q, 0.5), half, rtol=1e-10)
    np.testing.assert_allclose(np.expm1(renyi_divergence(p, q, 2)), chi_squared_divergence(p, q))


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [(0, 0), (0.3, math.log(2)), (1, math.inf), (2, math.inf), (math.inf, math.inf)],
)
def test_renyi_where_q_is_zero(alpha, expected):
    q = [1.0, 0.0]
    value = renyi_divergence(HALF, q, alpha)
    if alpha == 0.3:
        expected = math.log(0.5**0.3) / (0.3 - 1)
    assert value == pytest.approx(expected)
    # The other way round: q has mass where p has none.
    back = {0: math.log(2), 0.3: math.log(2), 1: math.log(2), 2: math.log(2), math.inf: math.log(2)}
    assert renyi_divergence(q, HALF, alpha) == pytest.approx(back[alpha])


def test_renyi_of_distributions_that_share_nothing_is_infinite_at_every_order():
    for alpha in ORDERS:
        assert renyi_divergence([1.0, 0.0], [0.0, 1.0], alpha) == math.inf
    assert renyi_divergence([0.2, 0.0, 0.8], [0.0, 1.0, 0.0], 0.4) == math.inf


@pytest.mark.parametrize("away", [2.0**-52, -(2.0**-53), 1e-12, -1e-9, 1e-6])
def test_renyi_keeps_its_digits_near_order_1(away):
    for p, q in (([0.9, 0.1], [0.1, 0.9]), ([0.5, 0.25, 0.25], [0.98, 0.01, 0.01]), pair(1)):
        found = renyi_divergence(p, q, 1 + away)
        assert found == pytest.approx(exact_renyi(p, q, 1 + away), rel=1e-13)
    # Near order 0 it is near α KL(q‖p), however far p is from q.
    swapped = renyi_divergence([0.9, 0.1], [0.1, 0.9], abs(away))
    assert swapped == pytest.approx(exact_renyi([0.9, 0.1], [0.1, 0.9], abs(away)), rel=1e-13)
    p, q = torch.tensor([0.9, 0.1]), torch.tensor([0.1, 0.9])  # single precision
    assert float(renyi_divergence(p, q, 1 + away)) == pytest.approx(1.7577797, rel=1e-5)


@pytest.mark.parametrize("alpha", [0.1, 0.9, 1 + 1e-6, 1.001])
def test_renyi_one_small_outcome_far_off_costs_no_digits(alpha):
    p = np.array([0.3, 0.7, 1e-18])
    q = np.array([0.3 * (1 + 1e-8), 0.7 - 0.3e-8, 3e-18])
    assert renyi_divergence(p, q, alpha) == pytest.approx(exact_renyi(p, q, alpha), rel=0.05)
    p, q = torch.tensor([0.6, 0.4, 1e-9]), torch.tensor([0.60003, 0.39997, 3e-9])
    expected = exact_renyi(p.tolist(), q.tolist(), alpha)
    assert float(renyi_divergence(p, q, alpha)) == pytest.approx(expected, rel=0.02)


def test_renyi_where_p_has_outcomes_of_its_own_near_order_1():
    p, q = [0.5, 0.25, 0.25], [0.5, 0.5, 0.0]
    for alpha in (1 - 1e-9, 0.999, 0.51):
        expected = exact_renyi(p[:2], q[:2], alpha) + math.log(0.75) * alpha / (alpha - 1)
        assert renyi_divergence(p, q, alpha) == pytest.approx(expected, rel=1e-12)
    assert renyi_divergence(p, q, 1 + 1e-9) == math.inf


def test_renyi_of_order_0_keeps_a_small_missing_mass():
    assert renyi_divergence([1.0, 0.0], [1 - 2**-40, 2**-40], 0) == pytest.approx(2**-40, rel=1e-9)


def test_renyi_does_not_overflow():
    p, q = [1 - 1e-300, 1e-300], [1e-300, 1.0]
    assert renyi_divergence(p, q, 3) == pytest.approx(300 * math.log(10))
    assert renyi_divergence([-0.0, -900.0], [-900.0, 0.0], 2, form="logits") == pytest.approx(900)


@pytest.mark.parametrize("alpha", [-0.1, -math.inf, math.nan, "1", None, [1], 1j])
def test_a_bad_order_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha must be a number, at least 0; got"):
        renyi_divergence(HALF, QUARTER, alpha)


def test_renyi_of_symbols():
    x = sp.Symbol("x", positive=True)
    half = [sp.Rational(1, 2)] * 2
    assert (
        sp.simplify(renyi_divergence([x, 1 - x], half, 2) - sp.log(2 * x**2 + 2 * (1 - x) ** 2))
        == 0
    )
    assert renyi_divergence([x, 1 - x], half, 1) == kl_divergence([x, 1 - x], half)
    assert renyi_divergence(half, [1, sp.Integer(0)], 2) is sp.oo
    with pytest.raises(ValueError, match="positive and finite; got 0"):
        renyi_divergence([x, 1 - x], half, 0)


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1, 3])
def test_renyi_gradients_agree_with_finite_differences(alpha):
    a = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.1, 0.9, 1.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda a, b: renyi_divergence(a, b, alpha, form="logits"), (a, b)
    )


# --- Without a unit -----------------------------------------------------------------------------


def test_known_answers():
    assert total_variation(HALF, QUARTER) == 0.25
    assert chi_squared_divergence(HALF, QUARTER) == pytest.approx(1 / 3)
    assert squared_hellinger(HALF, QUARTER) == pytest.approx(1 - (math.sqrt(3) + 1) / math.sqrt(8))
    assert total_variation([1, 0], [0, 1]) == squared_hellinger([1, 0], [0, 1]) == 1
    assert chi_squared_divergence([1, 0], [0, 1]) == math.inf
    assert chi_squared_divergence([0.0, 1.0], HALF) == 1


@pytest.mark.parametrize("function", WITHOUT_UNIT)
def test_shapes_libraries_and_types(function):
    p, q = pair(1, shape=(4, 3))
    value = function(p, q)
    assert value.shape == (4, 3)
    np.testing.assert_allclose(
        function(torch.tensor(p), torch.tensor(q)).numpy(), value, rtol=1e-12
    )
    np.testing.assert_allclose(function(np.log(p), np.log(q), form="log_probabilities"), value)
    np.testing.assert_allclose(function(9 * p, 5 * q, normalize=True), value)
    np.testing.assert_allclose(
        function(np.moveaxis(p, -1, 0), np.moveaxis(q, -1, 0), axis=0), value
    )
    assert function(np.float32(HALF), np.float32(QUARTER)).dtype == np.float32
    assert function(p, p) == pytest.approx(np.zeros((4, 3)), abs=1e-15)
    with pytest.raises(ValueError, match=r"p must sum to 1.*1\.1"):
        function([0.5, 0.6], HALF)


@pytest.mark.parametrize(
    ("function", "half"), [(chi_squared_divergence, 1), (squared_hellinger, 8)]
)
@pytest.mark.parametrize("closeness", [1e-3, 1e-6, 1e-9])
def test_small_values_keep_their_digits(function, half, closeness):
    p = np.array([0.25, 0.25, 0.5])
    q = p + closeness * np.array([0.25, -0.125, -0.125])
    exact = float(np.sum((q - p) ** 2 / p)) / half
    assert function(p, q) == pytest.approx(exact, rel=closeness + 1e-7)


@pytest.mark.parametrize("function", WITHOUT_UNIT)
def test_gradients_are_finite_at_zeros(function):
    p = torch.tensor([0.5, 0.5, 0.0, 0.0], requires_grad=True)
    q = torch.tensor([0.25, 0.25, 0.5, 0.0], requires_grad=True)
    function(p, q).backward()
    assert p.grad.isfinite().all()
    assert q.grad.isfinite().all()


def test_chi_squared_of_log_probabilities_beyond_the_smallest_number():
    value = chi_squared_divergence([-400.0, 0.0], [-800.0, 0.0], form="logits")
    assert value == pytest.approx(1.0)  # p²/q = e^{-800 + 800}
    assert chi_squared_divergence([0.0, -800.0], [-800.0, 0.0], form="logits") == math.inf


def test_symbols():
    x = sp.Symbol("x", positive=True)
    p, q = [x, 1 - x], [sp.Rational(1, 4), sp.Rational(3, 4)]
    at = {x: sp.Rational(1, 2)}
    assert total_variation(p, q).subs(at) == sp.Rational(1, 4)
    assert chi_squared_divergence(p, q).subs(at) == sp.Rational(1, 3)
    assert float(squared_hellinger(p, q).subs(at)) == pytest.approx(
        squared_hellinger(HALF, [0.25, 0.75])
    )
    assert chi_squared_divergence([x, 1 - x], [1, sp.Integer(0)]) is sp.oo


# --- f-divergences ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("shape", [(), (5,)])
def test_a_generator_gives_its_divergence(name, shape):
    f, at_zero, slope, function = GENERATORS[name]
    p, q = pair(3, shape=shape)
    np.testing.assert_allclose(f_divergence(p, q, f), function(p, q), rtol=1e-10)
    p, q = [0.5, 0.5, 0.0, 0.0], [0.25, 0.0, 0.75, 0.0]
    value = f_divergence(p, q, f, at_zero=at_zero, slope_at_infinity=slope)
    assert value == pytest.approx(function(p, q))
    value = f_divergence(np.log([0.5, 0.5]), np.log(QUARTER), f, form="log_probabilities")
    assert value == pytest.approx(function(HALF, QUARTER))


def test_a_generator_of_tensors_has_gradients():
    p = torch.tensor([0.3, 0.7], requires_grad=True)
    value = f_divergence(p, torch.tensor([0.5, 0.5]), lambda t: t * torch.log(t))
    value.backward()
    torch.testing.assert_close(p.grad, torch.log(p.detach() / 0.5) + 1)


def test_f_of_symbols():
    x = sp.Symbol("x", positive=True)
    value = f_divergence([x, 1 - x], [sp.Rational(1, 2)] * 2, lambda t: (t - 1) ** 2)
    assert sp.simplify(value - (2 * x - 1) ** 2) == 0
    assert f_divergence([1, sp.Integer(0)], [sp.Rational(1, 2)] * 2, lambda t: (t - 1) ** 2) == 1


@pytest.mark.parametrize(
    ("generator", "options", "error", "match"),
    [
        (lambda t: t * np.log(t), {}, ValueError, "slope_at_infinity"),
        (lambda t: t, {"slope_at_infinity": 1}, ValueError, r"generator\(1\) must be 0; got 1"),
        (lambda t: 1.0 - t[:1], {"slope_at_infinity": 1}, ValueError, "one value for each ratio"),
        (lambda t: 0.0, {"slope_at_infinity": 1}, ValueError, "one value for each ratio"),
        (lambda t: np.log(1.5 - t), {"slope_at_infinity": 1}, ValueError, r"generator\(2\) is NaN"),
        (lambda t: -((t - 1) ** 2), {"slope_at_infinity": -1}, ValueError, "not convex"),
        ("KL", {}, TypeError, "generator must be a function.*'KL'"),
    ],
)
def test_a_bad_generator_is_refused(generator, options, error, match):
    with pytest.raises(error, match=match):
        f_divergence([0.5, 0.25, 0.25], [0.25, 0.75, 0.0], generator, **options)


X = sp.Symbol("x", positive=True)


def one_by_one(t):
    return t * math.log(t) if t > 0 else 0.0


@pytest.mark.parametrize(
    ("generator", "p", "error", "match"),
    [
        (lambda t: t * math.log(t), HALF, TypeError, r"numpy.ndarray .*numpy\.log instead"),
        (one_by_one, HALF, ValueError, r"ambiguous.*numpy\.where instead of if"),
        (lambda t: t * math.log(t), torch.tensor(HALF), ValueError, r"torch.Tensor.*torch\.log"),
        (one_by_one, torch.tensor(HALF), ValueError, r"torch\.where instead of if"),
        (lambda t: t * math.log(t), [X, 1 - X], TypeError,
         r"SymPy expressions.*sympy\.log instead of math\.log"),
    ],
)  # fmt: skip
def test_a_generator_of_one_number_is_told_what_to_use(generator, p, error, match):
    with pytest.raises(error, match=f"(?s)generator fails on .*{match}"):
        f_divergence(p, [sp.Rational(1, 2)] * 2 if match.startswith("SymPy") else p, generator)


def test_f_of_zero_must_be_known():
    with pytest.raises(ValueError, match="pass its limit as at_zero"):
        f_divergence([0.0, 1.0], HALF, lambda t: t * np.log(t))
    assert f_divergence([0.0, 1.0], HALF, lambda t: (t - 1) ** 2) == 1


def test_a_ratio_beyond_the_range_of_its_type_takes_the_limit_if_that_is_finite():
    def hellinger(t):
        return (np.sqrt(t) - 1) ** 2 / 2

    tiny = [1 - 1e-310, 1e-310]
    assert f_divergence(HALF, tiny, hellinger, slope_at_infinity=0.5) == pytest.approx(
        squared_hellinger(HALF, tiny), rel=1e-12
    )
    options = {"form": "logits", "at_zero": 0}
    value = f_divergence([0.0, -800.0], [0.0, 0.0], lambda t: t * np.log(t), **options)
    assert value == pytest.approx(math.log(2))
    with pytest.raises(ValueError, match="overflows.*finite slope_at_infinity there; got None"):
        f_divergence(HALF, tiny, hellinger)
    with pytest.raises(ValueError, match="finite slope_at_infinity there; got inf"):
        f_divergence(HALF, tiny, lambda t: t * np.log(t), slope_at_infinity=math.inf)
    with (
        pytest.raises(ValueError, match="finite at_zero there; got inf"),
        np.errstate(all="ignore"),
    ):
        f_divergence([0.0, -800.0], [0.0, 0.0], lambda t: -np.log(t), form="logits")


def test_probabilities_that_underflow_weigh_nothing():
    def variation(t):
        return abs(t - 1) / 2

    options = {"form": "log_probabilities", "slope_at_infinity": 0.5}
    assert f_divergence([0.0, -1600.0], [0.0, -800.0], variation, **options) == 0
    assert f_divergence([0.0, -800.0], [0.0, -1600.0], variation, **options) == 0
    assert f_divergence([0.0, -800.0], [0.0, -math.inf], variation, **options) == 0


def test_no_gradient_passes_through_a_ratio_that_overflows():
    p, q = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 1e-39], requires_grad=True)
    f_divergence(p, q, lambda t: (torch.sqrt(t) - 1) ** 2 / 2, slope_at_infinity=0.5).backward()
    assert q.grad.isfinite().all()


def test_chi_squared_neither_overflows_nor_underflows_on_the_way():
    value = chi_squared_divergence([0.0, -800.0], [0.0, -2000.0], form="logits")
    assert value == pytest.approx(math.exp(400), rel=1e-12)
    single = chi_squared_divergence(
        torch.tensor([0.0, -80.0]), torch.tensor([0.0, -200.0]), form="logits"
    )
    assert float(single) == pytest.approx(math.exp(40), rel=1e-4)
    assert chi_squared_divergence([1 - 1e-10, 1e-10], [1.0, 1e-320]) == pytest.approx(
        1e300, rel=1e-3
    )
