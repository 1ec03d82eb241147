"""Log-probabilities and logits: the same numbers, also where probabilities vanish."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import (
    chi_squared_divergence,
    cross_entropy,
    entropy,
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
    renyi_divergence,
    squared_hellinger,
    total_variation,
)

PAIRS = [
    kl_divergence,
    cross_entropy,
    js_divergence,
    jeffreys_divergence,
    chi_squared_divergence,
    squared_hellinger,
    total_variation,
    lambda p, q, **options: renyi_divergence(p, q, 0.7, **options),
    lambda p, q, **options: entropy(p, **options),
]
INF = math.inf


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize("convert", [np.asarray, torch.from_numpy])
@pytest.mark.parametrize("zeros", [False, True])
def test_all_forms_give_the_same(function, convert, zeros):
    p, q = np.random.default_rng(0).dirichlet(np.ones(5), size=(2, 3))
    if zeros:
        p[:, 0] = q[:, 0] = p[:, 1] = 0
        p, q = (x / x.sum(-1, keepdims=True) for x in (p, q))
    with np.errstate(divide="ignore"):
        logs = [np.log(x) for x in (p, q)]
    expected = function(p, q)
    for form, shift in [("log_probabilities", 0), ("logits", 0), ("logits", 3.5), ("logits", -800)]:
        value = function(*(convert(x + shift) for x in logs), form=form)
        np.testing.assert_allclose(np.asarray(value), expected, rtol=2e-12, atol=1e-15)


def test_ratios_survive_where_probabilities_underflow():
    p, q = [0.0, -2000.0], [-1000.0, 0.0]
    assert kl_divergence(p, q, form="logits") == 1000
    assert kl_divergence(q, p, form="logits") == 2000
    assert cross_entropy(p, q, form="logits") == 1000
    assert jeffreys_divergence(p, q, form="logits") == 3000
    assert js_divergence(p, q, form="logits") == pytest.approx(math.log(2))
    assert entropy(p, form="logits") == 0
    far = kl_divergence([0.0, -INF], [-1e308, 0.0], form="logits")
    assert far == pytest.approx(1e308)


def test_small_differences_of_logits_keep_their_digits():
    logits = np.array([0.3, -1.0, 2.0])
    step = 1e-9 * np.array([1.0, -1.0, 0.5])
    p = np.exp(logits) / np.exp(logits).sum()
    fisher = (p * step**2).sum() - (p * step).sum() ** 2
    value = kl_divergence(logits, logits + step, form="logits")
    assert value == pytest.approx(fisher / 2, rel=1e-5, abs=0)


def test_minus_infinity_is_a_zero():
    assert kl_divergence([0.0, -INF], [0.0, 0.0], form="logits", base=2) == pytest.approx(1)
    assert kl_divergence([0.0, 0.0], [0.0, -INF], form="logits") == INF
    assert kl_divergence([0.0, -INF], [0.0, -INF], form="log_probabilities") == 0
    assert cross_entropy([0.0, -INF], [0.0, -INF], form="logits") == 0


def test_gradients_of_logits_are_those_of_the_softmax():
    a = torch.tensor([0.3, -1.0, 2.0, -INF], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([1.3, 0.0, 1.0, -INF], dtype=torch.float64, requires_grad=True)
    kl_divergence(a, b, form="logits").backward()
    p, q = a.softmax(-1).detach(), b.softmax(-1).detach()
    torch.testing.assert_close(b.grad, q - p)
    log_ratio = torch.where(p > 0, (p / q).log(), 0.0)
    torch.testing.assert_close(a.grad, p * (log_ratio - (p * log_ratio).sum()))


def test_logits_that_look_like_probabilities_are_logits():
    a, b = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    p = 1 / (1 + math.exp(0.5))
    assert kl_divergence(a, b, form="logits") == pytest.approx(
        kl_divergence([p, 1 - p], [0.5, 0.5]), rel=1e-12
    )


def test_single_precision_logits_stay_single():
    a = np.float32([1, 2, 3])
    assert kl_divergence(a, a[::-1], form="logits").dtype == np.float32
    assert kl_divergence(a, a + np.float32(1e-4), form="logits") >= 0


def test_symbols():
    x = sp.Symbol("x", real=True)
    value = kl_divergence([x, 0], [0, 0], form="logits")
    p = 1 / (1 + sp.exp(-x))
    expected = kl_divergence([p, 1 - p], [sp.Rational(1, 2)] * 2)
    assert float((value - expected).subs(x, 1.3)) == pytest.approx(0, abs=1e-14)
    logs = [sp.log(sp.Rational(1, 4)), sp.log(sp.Rational(3, 4))]
    assert entropy(logs, form="log_probabilities").equals(
        entropy([sp.Rational(1, 4), sp.Rational(3, 4)])
    )


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize(
    ("p", "form", "match"),
    [
        ([math.nan, 0.0], "logits", "p must hold logarithms, not NaN.*nan"),
        ([INF, 0.0], "logits", "less than infinity; found inf"),
        ([INF, 0.0], "log_probabilities", "less than infinity; found inf"),
        ([-INF, -INF], "logits", "p is -inf everywhere along axis -1"),
        ([-INF, -INF], "log_probabilities", "p is -inf everywhere along axis -1"),
        ([0.0, 0.0], "log_probabilities", "exponentials of p must sum to 1.*2.*logits"),
        ([0.5, 0.5], "probability", "form must be one of .*got 'probability'"),
        ([0.5, 0.5], None, "form must be one of .*got None"),
    ],
)
def test_wrong_input_is_refused(function, p, form, match):
    with pytest.raises(ValueError, match=match):
        function(p, [math.log(0.5)] * 2, form=form)
