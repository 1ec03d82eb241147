"""Gradients through PyTorch and proofs through SymPy: the discrete functions are one formula."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import cross_entropy, entropy, jeffreys_divergence, js_divergence, kl_divergence

FUNCTIONS = [kl_divergence, cross_entropy, js_divergence, jeffreys_divergence]


def tensor(values, **options):
    return torch.tensor(values, dtype=torch.float64, **options)


# --- Gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_the_analytic_ones_also_at_zeros_of_p(dtype):
    p = torch.tensor([0.5, 0.3, 0.2, 0.0], dtype=dtype, requires_grad=True)
    q = torch.tensor([0.1, 0.3, 0.5, 0.1], dtype=dtype, requires_grad=True)
    kl_divergence(p, q).backward()
    ratio = (p / q).detach()
    gradient = torch.where(ratio > 0, ratio.log() + 1, 0.0)  # −∞ in the limit of p = 0, taken as 0
    torch.testing.assert_close(p.grad, gradient)
    torch.testing.assert_close(q.grad, -ratio)


def test_each_row_of_a_batch_has_its_own_gradient():
    p = tensor([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], requires_grad=True)
    q = tensor([[0.1, 0.3, 0.6], [0.4, 0.4, 0.2]], requires_grad=True)
    kl_divergence(p, q)[1].backward()
    ratio = (p / q).detach()
    expected = torch.stack([torch.zeros(3, dtype=torch.float64), ratio[1].log() + 1])
    torch.testing.assert_close(p.grad, expected)
    torch.testing.assert_close(q.grad, torch.stack([0 * ratio[0], -ratio[1]]))


@pytest.mark.parametrize("function", [kl_divergence, cross_entropy, jeffreys_divergence])
def test_gradients_are_finite_where_the_value_is_not(function):
    p, q = (tensor(x, requires_grad=True) for x in ([0.5, 0.5], [1.0, 0.0]))
    value = function(p, q)
    value.backward()
    assert value == math.inf
    assert p.grad.isfinite().all() and q.grad.isfinite().all()


@pytest.mark.parametrize("function", [*FUNCTIONS, entropy])
@pytest.mark.parametrize("same", [False, True])
def test_gradcheck_through_softmax_also_where_q_is_p(function, same):
    arguments = [
        tensor([[0.3, -1.0, 2.0]], requires_grad=True),
        tensor([[0.3, -1.0, 2.0]] if same else [[1.0, 0.5, -3]], requires_grad=True),
    ]
    arguments = arguments[: 1 if function is entropy else 2]
    assert torch.autograd.gradcheck(lambda *a: function(*(x.softmax(-1) for x in a)), arguments)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients_stay_finite_where_a_softmax_gives_exact_zeros(function):
    logits = tensor([0.0, 1.0, -math.inf], requires_grad=True)
    others = tensor([1.0, 0.0, -math.inf], requires_grad=True)
    function(logits.softmax(-1), others.softmax(-1)).backward()
    for gradient in (logits.grad, others.grad):
        assert gradient.isfinite().all() and gradient[0] != 0 and gradient[2] == 0


def test_cross_entropy_is_linear_in_p_also_at_its_zeros():
    p, q = tensor([1.0, 0.0, 0.0], requires_grad=True), tensor([0.5, 0.25, 0.25])
    cross_entropy(p, q).backward()
    torch.testing.assert_close(p.grad, -q.log())


def test_the_gradient_of_js_at_a_shared_zero_is_zero():
    p, q = (tensor(x, requires_grad=True) for x in ([0.5, 0.5, 0], [0.25, 0.75, 0]))
    js_divergence(p, q).backward()
    assert p.grad[2] == 0 and q.grad[2] == 0


def test_the_hessian_at_equality_is_the_fisher_information():
    p = tensor([0.2, 0.3, 0.5])
    hessian = torch.autograd.functional.hessian(lambda q: kl_divergence(p, q), p)
    torch.testing.assert_close(hessian, torch.diag(1 / p))


# --- Symbols ------------------------------------------------------------------------------------

x, y = sp.symbols("x y", positive=True)


def vanishes(expression):
    return sp.simplify(sp.expand_log(expression, force=True)) == 0


@pytest.mark.parametrize("kind", [list, np.array, sp.Matrix])
def test_sympy_proves_the_identities(kind):
    p, q = kind([x, 1 - x]), kind([y, 1 - y])
    assert vanishes(kl_divergence(p, q) - (cross_entropy(p, q) - entropy(p)))
    assert vanishes(jeffreys_divergence(p, q) - kl_divergence(p, q) - kl_divergence(q, p))
    middle = kind([(x + y) / 2, 1 - (x + y) / 2])
    assert vanishes(js_divergence(p, q) - (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2)
    assert vanishes(kl_divergence(p, p))


def test_sympy_gives_exact_values():
    third = sp.Rational(1, 3)
    assert entropy([third] * 3) == sp.log(3)
    assert sp.simplify(entropy([sp.Rational(1, 4)] * 4, base=2)) == 2
    assert kl_divergence([sp.Integer(1), 0], [0, 1]) == sp.oo
    assert cross_entropy([sp.Integer(1), 0], [0, 1]) == sp.oo
    assert kl_divergence([sp.Integer(0), 1], [third, 2 * third]) == -sp.log(2 * third)
    assert js_divergence([sp.Integer(1), 0], [0, 1], base=2) == 1
    assert vanishes(entropy([x, y], normalize=True) - entropy([x / (x + y), y / (x + y)]))


def test_sympy_takes_one_formula_with_numpy():
    symbolic = kl_divergence([x, 1 - x], [y, 1 - y])
    numeric = kl_divergence([0.3, 0.7], [0.6, 0.4])
    assert float(symbolic.subs({x: 0.3, y: 0.6})) == pytest.approx(numeric, rel=1e-13)


def test_a_base_stays_exact_for_arrays_of_symbols():
    rows = np.array([[sp.Rational(1, 2)] * 2] * 3)
    assert [sp.simplify(v) for v in entropy(rows, base=2)] == [1, 1, 1]
    half, quarter = [sp.Rational(1, 2)] * 2, [sp.Rational(1, 4), sp.Rational(3, 4)]
    kl = sp.log(sp.Rational(4, 3)) / 2
    for value, nats in [
        (kl_divergence(half, quarter, base=2), kl),
        (cross_entropy(half, quarter, base=2), kl + sp.log(2)),
        (jeffreys_divergence(half, quarter, base=2), sp.log(3) / 4),
    ]:
        assert vanishes(value - nats / sp.log(2)) and not value.has(sp.Float)


def test_a_weight_of_zero_drops_its_symbolic_distribution():
    assert js_divergence([sp.Integer(1), 0], [0, 1], weights=(0, 1)) == 0
