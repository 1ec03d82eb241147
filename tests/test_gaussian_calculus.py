"""Symbols, gradients and wrong input of the closed forms for normal distributions."""

import math

import numpy as np
import pytest
import sympy as sp
import torch
from torch.autograd import gradcheck
from torch.autograd.functional import hessian

from kldiv.gaussian import kl_multivariate_normal, kl_normal, kl_standard_normal

mu_1, mu_2, log_var = sp.symbols("mu_1 mu_2 log_var", real=True)
sigma_1, sigma_2 = sp.symbols("sigma_1 sigma_2", positive=True)
ZERO, EYE = np.zeros(2), np.eye(2)


def tensors(*values):
    return [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]


# --- Symbols ------------------------------------------------------------------------------------


def vanishes(expression):
    return sp.simplify(sp.expand_log(expression, force=True)) == 0


def test_sympy_gives_the_textbook_formula():
    value = kl_normal(mu_1, sigma_1, mu_2, sigma_2)
    textbook = (
        sp.log(sigma_2 / sigma_1)
        + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2)
        - sp.Rational(1, 2)
    )
    assert vanishes(value - textbook)
    assert kl_normal(mu_1, sigma_1, mu_1, sigma_1) == 0
    assert vanishes(value.diff(mu_1) - (mu_1 - mu_2) / sigma_2**2)
    numbers = {mu_1: 0.3, sigma_1: 1.7, mu_2: -2, sigma_2: 0.4}
    assert float(value.subs(numbers)) == pytest.approx(kl_normal(*numbers.values()), rel=1e-13)


def test_sympy_proves_that_the_regulariser_is_the_closed_form():
    regulariser = kl_standard_normal([mu_1], [log_var])
    assert vanishes(regulariser - kl_normal(mu_1, sp.exp(log_var / 2), 0, 1))
    two = kl_standard_normal([mu_1, mu_2], [log_var, 0])
    assert vanishes(two - regulariser - mu_2**2 / 2)
    rows = kl_standard_normal(np.array([[mu_1, 0], [mu_2, 1]]), np.array([[0, 0], [0, 0]]))
    assert list(rows) == [mu_1**2 / 2, mu_2**2 / 2 + sp.Rational(1, 2)]
    assert vanishes(kl_standard_normal([mu_1, mu_2], 0) - (mu_1**2 + mu_2**2) / 2)
    with pytest.raises(ValueError, match=r"a last axis to sum over; got shape \(\)"):
        kl_standard_normal(mu_1, log_var)
    with pytest.raises(ValueError, match=r"do not broadcast: mean has \(2,\), log_var has \(3,\)"):
        kl_standard_normal([mu_1, mu_2], [log_var] * 3)


# --- Gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [(0.3, 1.5), (0.3 + 1e-9, 1.5), (-2.0, 0.2), (4.0, 30.0)])
def test_gradients_of_kl_normal(q):
    parameters = tensors(0.3, 1.5, *q)
    assert gradcheck(kl_normal, parameters)
    kl_normal(*parameters).backward()
    mean_p, std_p, mean_q, std_q = (x.detach() for x in parameters)
    shift, var_q = mean_p - mean_q, std_q**2
    analytic = [
        shift / var_q,
        std_p / var_q - 1 / std_p,
        -shift / var_q,
        1 / std_q - (std_p**2 + shift**2) / std_q**3,
    ]
    torch.testing.assert_close([x.grad for x in parameters], analytic, rtol=1e-7, atol=1e-12)


def test_the_hessian_at_equality_is_the_fisher_information():
    (at,) = tensors([0.3, 1.5])
    fisher = torch.diag(torch.tensor([1 / 1.5**2, 2 / 1.5**2], dtype=torch.float64))
    torch.testing.assert_close(hessian(lambda q: kl_normal(0.3, 1.5, q[0], q[1]), at), fisher)


@pytest.mark.parametrize("log_variance", [0.0, 1e-9, 0.01, -3.0, 5.0])
def test_gradients_of_the_regulariser(log_variance):
    mean, log_var = tensors([[0.5, 0.0]], [[log_variance, 0.0]])
    assert gradcheck(kl_standard_normal, (mean, log_var))
    kl_standard_normal(mean, log_var).sum().backward()
    torch.testing.assert_close(mean.grad, mean.detach())
    torch.testing.assert_close(log_var.grad, log_var.detach().expm1() / 2)


def test_single_precision_gradients_stay_finite():
    log_var = torch.tensor([-1e4, -80.0, 0.0, 1e-30, 80.0], requires_grad=True)
    kl_standard_normal(torch.zeros(5), log_var).backward()
    assert log_var.grad.isfinite().all()


@pytest.mark.parametrize("factor", [1.0, 1.1, 3.0])
def test_gradients_of_several_dimensions_also_at_equality(factor):
    cov = np.array([[2.0, 0.3], [0.3, 1.0]])
    parameters = tensors([0.1, 0.2], cov * factor, [0.1, 0.3], cov)
    kl_multivariate_normal(*parameters).backward()
    precision = np.linalg.inv(cov)
    np.testing.assert_allclose(parameters[1].grad, (precision - precision / factor) / 2, atol=1e-12)
    np.testing.assert_allclose(parameters[0].grad, precision @ [0.0, -0.1], atol=1e-12)
    assert all(x.grad.isfinite().all() for x in parameters)


# --- Wrong input --------------------------------------------------------------------------------

BAD_NORMAL = {
    "zero std": ((0, 0.0, 0, 1), ValueError, r"std_p .*0\.0"),
    "negative std": ((0, 1, 0, [1.0, -2.0]), ValueError, r"std_q .*-2\.0"),
    "NaN std": ((0, 1, 0, math.nan), ValueError, "std_q .*nan"),
    "infinite std": ((0, math.inf, 0, 1), ValueError, "std_p .*inf"),
    "NaN mean": ((math.nan, 1, 0, 1), ValueError, "mean_p .*nan"),
    "infinite mean": ((0, 1, torch.tensor(-math.inf), 1), ValueError, "mean_q .*-inf"),
    "shapes": (([1, 2], [1, 2, 3], 0, 1), ValueError, r"mean_p has \(2,\), std_p has \(3,\)"),
    "string": (("0", 1, 0, 1), TypeError, "mean_p .*'0'"),
    "None": ((0, None, 0, 1), TypeError, "std_p .*None"),
    "complex": ((0, 1, 1j, 1), TypeError, "mean_q .*1j"),
    "mixed": ((np.zeros(2), 1, torch.zeros(2), 1), TypeError, "ndarray.*Tensor"),
    "masked": ((np.ma.array([1, 2], mask=[0, 1]), 1, 0, 1), ValueError, "mean_p .*mask"),
    "ragged": (([[1], [1, 2]], 1, 0, 1), ValueError, r"mean_p .*\[\[1\], \[1, 2\]\]"),
    "symbol: negative std": ((mu_1, -sigma_1, 0, 1), ValueError, "std_p .*-sigma_1"),
    "symbol: zero std": ((mu_1, 0, 0, 1), ValueError, "std_p .*0"),
    "symbol: infinite": ((mu_1, 1, sp.oo, 1), ValueError, "mean_q .*oo"),
    "symbol: imaginary": ((sp.I, 1, 0, 1), ValueError, "mean_p .*I"),
    "symbol: NaN": ((sp.nan, 1, 0, 1), ValueError, "mean_p .*nan"),
    "symbol and string": ((mu_1, "abc", 0, 1), TypeError, "std_p .*abc"),
    "symbol and None": ((mu_1, None, 0, 1), TypeError, "std_p .*None"),
    "symbol and tensor": ((mu_1, torch.ones(2), 0, 1), TypeError, "Tensor"),
    "symbols: shapes": (
        (np.array([mu_1, mu_2]), [1] * 3, 0, 1),
        ValueError,
        r"mean_p has \(2,\).*std_p has \(3,\)",
    ),
}


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_NORMAL.values(), ids=BAD_NORMAL)
def test_kl_normal_refuses(arguments, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        kl_normal(*arguments)


BAD_MULTIVARIATE = {
    "asymmetric": ((ZERO, [[1, 0.5], [0, 1]], ZERO, EYE), ValueError, r"cov_p .*symmetric.*0\.5"),
    "indefinite": ((ZERO, EYE, ZERO, [[1, 2], [2, 1]]), ValueError, "cov_q .*definite.*-1"),
    "singular": ((ZERO, [[1, 1], [1, 1]], ZERO, EYE), ValueError, "cov_p .*definite"),
    "zero": ((ZERO, EYE, ZERO, 0 * EYE), ValueError, "cov_q .*definite.*0"),
    "one of many": ((ZERO, [EYE, -EYE], ZERO, EYE), ValueError, "cov_p .*definite.*-1"),
    "NaN": ((ZERO, EYE * math.nan, ZERO, EYE), ValueError, "cov_p .*nan"),
    "infinite mean": (([math.inf, 0], EYE, ZERO, EYE), ValueError, "mean_p .*inf"),
    "dimensions": ((ZERO, EYE, np.zeros(3), EYE), ValueError, r"mean_q has \(3,\)"),
    "infinite mean of q": ((ZERO, EYE, [0, math.nan], EYE), ValueError, "mean_q .*nan"),
    "asymmetric, beside a large one": (
        (ZERO, [1e12 * EYE, [[1, 0.5], [0, 1]]], ZERO, EYE),
        ValueError,
        r"cov_p .*symmetric.*0\.5",
    ),
    "asymmetric and small": (
        (ZERO, EYE, ZERO, [[1e-10, 1e-11], [0, 1e-10]]),
        ValueError,
        "cov_q .*symmetric.*1e-11",
    ),
    "not square": (
        (ZERO, np.ones((2, 3)), ZERO, EYE),
        ValueError,
        r"cov_p must have shape \(\.\.\., k, k\): .*cov_p has \(2, 3\)",
    ),
    "variances": ((ZERO, np.ones(2), ZERO, np.ones(2)), ValueError, r"cov_p has \(2,\)"),
    "numbers": (
        (0.0, 1.0, 0.0, 1.0),
        ValueError,
        r"mean_p must have shape \(\.\.\., k\): mean_p has \(\), cov_p has \(\)",
    ),
    "no dimension": ((ZERO[:0], EYE[:0, :0], ZERO[:0], EYE[:0, :0]), ValueError, r"\(0, 0\)"),
    "batches": ((np.zeros((3, 2)), [EYE] * 4, ZERO, EYE), ValueError, r"\(3, 2\).*\(4, 2, 2\)"),
    "symbols": (([mu_1, 0], EYE, ZERO, EYE), TypeError, "symbols"),
    "None": ((ZERO, None, ZERO, EYE), TypeError, "cov_p .*None"),
    "mixed": ((ZERO, torch.eye(2), ZERO, EYE), TypeError, "ndarray.*Tensor"),
}


@pytest.mark.parametrize("convert", [lambda x: x, torch.tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("arguments", "error", "message"), BAD_MULTIVARIATE.values(), ids=BAD_MULTIVARIATE
)
def test_kl_multivariate_normal_refuses(convert, arguments, error, message):
    if error is ValueError:
        arguments = [convert(np.array(a, dtype=float)) for a in arguments]
    with pytest.raises(error, match=f"(?s){message}"):
        kl_multivariate_normal(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1.0, 0.0), ValueError, r"\(\)"),
        ((np.ones((3, 0)), np.ones((3, 0))), ValueError, r"\(3, 0\)"),
        (([1.0, 2], [1.0, 2, 3]), ValueError, r"mean has \(2,\).*log_var has \(3,\)"),
        (([math.nan], [0.0]), ValueError, "mean .*nan"),
        (([0.0], torch.tensor([math.inf])), ValueError, "log_var .*inf"),
        (([0.0], ["a"]), TypeError, "log_var .*'a'"),
        (([mu_1], [sp.oo]), ValueError, "log_var .*oo"),
    ],
)
def test_kl_standard_normal_refuses(arguments, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        kl_standard_normal(*arguments)


def test_without_validation_a_nan_stays_a_nan():
    value = kl_standard_normal(torch.tensor([math.nan]), torch.zeros(1), validate=False)
    assert value.isnan()
