"""KL of diagonal normals: against the other closed forms, with symbols and gradients."""

import math

import numpy as np
import pytest
import sympy as sp
import torch
from torch.autograd import gradcheck

from kldiv.gaussian import kl_diagonal_normal, kl_multivariate_normal, kl_normal

TWO = np.ones(2)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_multivariate_of_diagonal_covariances(seed):
    rng = np.random.default_rng(seed)
    (mean_p, mean_q), (std_p, std_q) = rng.normal(size=(2, 4, 3)), rng.gamma(2, size=(2, 4, 3))
    value = kl_diagonal_normal(mean_p, std_p, mean_q, std_q)
    covs = [std[:, :, None] ** 2 * np.eye(3) for std in (std_p, std_q)]
    full = kl_multivariate_normal(mean_p, covs[0], mean_q, covs[1])
    np.testing.assert_allclose(value, full, rtol=1e-9)
    each = kl_normal(mean_p, std_p, mean_q, std_q)
    np.testing.assert_allclose(value, each.sum(-1), rtol=1e-14)
    tensors = [torch.tensor(a, requires_grad=True) for a in (mean_p, std_p, mean_q, std_q)]
    np.testing.assert_allclose(kl_diagonal_normal(*tensors).detach(), value, rtol=1e-13)
    assert gradcheck(kl_diagonal_normal, tensors)


def test_shapes_and_types():
    assert kl_diagonal_normal(np.zeros((4, 1, 3)), 1, np.ones(3), np.ones((2, 1))).shape == (4, 2)
    # One standard deviation for all components.
    assert kl_diagonal_normal([1.0, 2.0], 1, 0, 1) == 2.5
    assert kl_diagonal_normal(0, [1.0, 1.0], 0, 2.0) == 2 * kl_normal(0, 1, 0, 2)
    assert type(kl_diagonal_normal(np.ones(2, "f4"), 1, 0, 2)) is np.float32
    assert kl_diagonal_normal(torch.ones(2), 1, 0, 2).dtype == torch.float32


def test_it_keeps_its_digits_near_equality():
    value = kl_diagonal_normal(np.zeros(3), 1 + 1e-9, np.zeros(3), 1.0)
    assert value == pytest.approx(3e-18, rel=1e-6, abs=0)


def test_symbols():
    mu, sigma = sp.Symbol("mu", real=True), sp.Symbol("sigma", positive=True)
    value = kl_diagonal_normal([mu, 0], [1, sigma], [0, 0], [1, 1])
    difference = value - kl_normal(mu, 1, 0, 1) - kl_normal(0, sigma, 0, 1)
    assert sp.simplify(sp.expand_log(difference, force=True)) == 0
    with pytest.raises(ValueError, match=r"last axis to sum over; got shape \(\)"):
        kl_diagonal_normal(mu, sigma, 0, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0.0, 1.0, 0.0, 1.0), ValueError, r"last axis to sum over; got shape \(\)"),
        ((np.zeros((2, 0)), 1, 0, 1), ValueError, r"got shape \(2, 0\)"),
        ((TWO, [1, 0], TWO, TWO), ValueError, r"std_p must be positive; found 0\.0"),
        ((TWO, TWO, TWO, [1, -2]), ValueError, r"std_q must be positive; found -2\.0"),
        ((TWO, TWO, [0, math.nan], TWO), ValueError, "mean_q must be finite; found nan"),
        ((TWO, TWO, np.ones(3), TWO), ValueError, r"do not broadcast.*mean_q has \(3,\)"),
        ((TWO, "a", TWO, TWO), TypeError, "std_p must hold real numbers"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        kl_diagonal_normal(*arguments)
