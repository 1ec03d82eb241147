"""Wasserstein-2 distances of normals: optimal transport of samples, mpmath, symmetry, edges."""

import math

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.special
import sympy as sp
import torch
from torch.autograd import gradcheck

from kldiv.wasserstein import wasserstein2_multivariate_normal, wasserstein2_normal

EYE, ZERO = np.eye(2), np.zeros(2)


def normals(seed, *batch, k=3):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(*batch, k, k)) + np.eye(k)
    return rng.normal(size=(*batch, k)), factor @ np.swapaxes(factor, -1, -2)


def textbook(mean_p, cov_p, mean_q, cov_q):
    root = scipy.linalg.sqrtm(cov_p)
    cross = scipy.linalg.sqrtm(root @ cov_q @ root)
    return math.sqrt(np.sum((mean_p - mean_q) ** 2) + np.trace(cov_p + cov_q - 2 * cross.real))


# --- Independent truths -------------------------------------------------------------------------


def test_sorted_samples_agree():
    """In one dimension the best transport is by rank."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    z = np.sqrt(2) * scipy.special.erfinv(2 * levels - 1)
    moved = math.sqrt(np.mean((1.0 + 0.5 * z - (-2.0 + 1.5 * z)) ** 2))
    assert wasserstein2_normal(1.0, 0.5, -2.0, 1.5) == pytest.approx(moved, rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_textbook_formula_agrees(seed):
    (mean_p, cov_p), (mean_q, cov_q) = normals(seed), normals(seed + 100)
    value = wasserstein2_multivariate_normal(mean_p, cov_p, mean_q, cov_q)
    assert value == pytest.approx(textbook(mean_p, cov_p, mean_q, cov_q), rel=1e-7)
    assert value == pytest.approx(
        wasserstein2_multivariate_normal(mean_q, cov_q, mean_p, cov_p), rel=1e-12
    )
    tensors = [torch.from_numpy(a) for a in (mean_p, cov_p, mean_q, cov_q)]
    assert float(wasserstein2_multivariate_normal(*tensors)) == pytest.approx(value, rel=1e-12)


def test_the_triangle_inequality_and_identity():
    a, b, c = (normals(seed, 20) for seed in range(3))
    direct = wasserstein2_multivariate_normal(*a, *c)
    detour = wasserstein2_multivariate_normal(*a, *b) + wasserstein2_multivariate_normal(*b, *c)
    assert (direct <= detour).all() and direct.shape == (20,)
    assert (wasserstein2_multivariate_normal(*a, *a) < 1e-14).all()


@pytest.mark.parametrize("step", [1e-3, 1e-6, 1e-9, 1e-12])
def test_it_keeps_its_digits_near_equality(step):
    """Where the textbook's trace would be rounding, of either sign."""
    cov_q = np.array([[2.0, 1.0], [1.0, 3.0]])
    cov_p = cov_q + step * np.array([[1.0, 0.5], [0.5, -1.0]])
    with mpmath.workdps(60):
        a, b = (mpmath.matrix(c.tolist()) for c in (cov_p, cov_q))
        product = a * b  # 2 × 2: tr √M = √(tr M + 2 √det M)
        cross = mpmath.sqrt(product[0, 0] + product[1, 1] + 2 * mpmath.sqrt(mpmath.det(product)))
        truth = float(mpmath.sqrt(a[0, 0] + a[1, 1] + b[0, 0] + b[1, 1] - 2 * cross))
    value = wasserstein2_multivariate_normal(ZERO, cov_p, ZERO, cov_q)
    assert value == pytest.approx(truth, rel=1e-6, abs=1e-15)
    assert wasserstein2_normal(0, 1 + step, 0, 1) == pytest.approx(step, rel=1e-3)


def test_special_cases_agree():
    rng = np.random.default_rng(0)
    (mean_p, mean_q), (std_p, std_q) = rng.normal(size=(2, 4)), rng.gamma(2, size=(2, 4))
    each = wasserstein2_normal(mean_p, std_p, mean_q, std_q)
    np.testing.assert_allclose(each, np.hypot(mean_p - mean_q, std_p - std_q), rtol=1e-14)
    diagonal = wasserstein2_multivariate_normal(
        mean_p, np.diag(std_p**2), mean_q, np.diag(std_q**2)
    )
    assert diagonal == pytest.approx(math.sqrt(np.sum(each**2)), rel=1e-12)
    scaled = wasserstein2_normal(7 * mean_p, 7 * std_p, 7 * mean_q, 7 * std_q)
    np.testing.assert_allclose(scaled, 7 * each, rtol=1e-13)  # it has the unit of x


# --- Edges --------------------------------------------------------------------------------------


def test_singular_covariances():
    assert wasserstein2_normal(3.0, 0.0, 0.0, 4.0) == 5.0
    point = np.zeros((2, 2))
    assert wasserstein2_multivariate_normal([3, 0], point, ZERO, [[16, 0], [0, 0]]) == 5.0
    assert wasserstein2_multivariate_normal([3, 4], point, ZERO, point) == 5.0
    line, across = np.outer([1, 1], [1, 1]), np.outer([1, -1], [1, -1])
    value = wasserstein2_multivariate_normal(ZERO, line, ZERO, across)
    assert value == pytest.approx(2, rel=1e-7)
    assert wasserstein2_multivariate_normal(ZERO, line, ZERO, line) < 1e-7
    batch = wasserstein2_multivariate_normal(ZERO, np.stack([point, EYE]), ZERO, EYE)
    np.testing.assert_allclose(batch, [math.sqrt(2), 0], atol=1e-14)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_large_and_small_units(scale):
    assert wasserstein2_normal(3 * scale, scale, 0, 5 * scale) == pytest.approx(5 * scale)
    covs = EYE * scale**2, np.diag([25.0, 1.0]) * scale**2
    value = wasserstein2_multivariate_normal([3 * scale, 0], covs[0], ZERO, covs[1])
    assert value == pytest.approx(5 * scale)
    assert wasserstein2_normal(1.7e308, 1, -1.7e308, 1) == math.inf  # overflow


def test_shapes_and_types():
    assert wasserstein2_normal(np.zeros((4, 1)), 1, np.ones(3), np.ones((2, 1, 1))).shape == (
        (2, 4, 3)
    )
    values = wasserstein2_multivariate_normal(
        np.ones((5, 2)), EYE, ZERO, EYE * np.array([4.0, 9])[:, None, None, None]
    )
    assert values.shape == (2, 5) and values[1, 2] == pytest.approx(math.sqrt(2 + 8))
    for dtype in ("float32", "float64"):
        a, eye = np.ones(2, dtype), np.eye(2, dtype=dtype)
        assert type(wasserstein2_normal(a[0], 1, 0, 2)) is np.dtype(dtype).type
        assert type(wasserstein2_multivariate_normal(a, eye, 0 * a, eye)) is np.dtype(dtype).type
        t = wasserstein2_multivariate_normal(*map(torch.from_numpy, (a, eye, 0 * a, eye)))
        assert t.dtype == getattr(torch, dtype) and float(t) == pytest.approx(math.sqrt(2))


def test_symbols():
    mu, sigma = sp.Symbol("mu", real=True), sp.Symbol("sigma", positive=True)
    value = wasserstein2_normal(mu, sigma, 0, 1)
    assert sp.simplify(value**2 - mu**2 - (sigma - 1) ** 2) == 0
    for bad, message in (
        ((sp.I * sigma, 1, 0, 1), "mean_p must be real"),
        ((mu, -sigma, 0, 1), "std_p must not be negative; got -sigma"),
        (([mu, mu], 1, [0, 0, 0], 1), "do not broadcast"),
    ):
        with pytest.raises(ValueError, match=message):
            wasserstein2_normal(*bad)
    with pytest.raises(TypeError, match="not symbols"):
        wasserstein2_multivariate_normal([mu], [[sigma]], [0], [[1]])


def test_gradients():
    (mean_p, cov_p), (mean_q, cov_q) = normals(0), normals(1)
    tensors = [torch.tensor(a, requires_grad=True) for a in (mean_p, cov_p, mean_q, cov_q)]

    def symmetric(mean_p, cov_p, mean_q, cov_q):
        return wasserstein2_multivariate_normal(
            mean_p, (cov_p + cov_p.mT) / 2, mean_q, (cov_q + cov_q.mT) / 2
        )

    assert gradcheck(symmetric, tensors)
    singles = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1, 2, 0, 0.5)]
    assert gradcheck(wasserstein2_normal, singles)
    for function, arguments in (
        (wasserstein2_normal, (singles[0], singles[1], singles[0], singles[1])),
        (wasserstein2_multivariate_normal, (tensors[0], tensors[1], tensors[0], tensors[1])),
    ):
        for tensor in arguments:
            tensor.grad = None
        value = function(*arguments)
        value.backward()
        assert float(value.detach()) < 1e-14 and all(
            torch.isfinite(t.grad).all() for t in arguments
        )


# --- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, -1, 0, 1), ValueError, r"std_p must not be negative; found -1\.0"),
        ((0, 1, 0, [1, -2]), ValueError, r"std_q must not be negative; found -2\.0"),
        ((math.inf, 1, 0, 1), ValueError, "mean_p must be finite; found inf"),
        ((0, math.nan, 0, 1), ValueError, "std_p must be finite; found nan"),
        ((ZERO, 1, np.zeros(3), 1), ValueError, r"mean_p has \(2,\).*mean_q has \(3,\)"),
        (("a", 1, 0, 1), TypeError, "mean_p must hold real numbers"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        wasserstein2_normal(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((ZERO, -EYE, ZERO, EYE), ValueError, "cov_p must be positive semi-.* eigenvalue is -1"),
        ((ZERO, EYE, ZERO, [[1, 2], [2, 1]]), ValueError, "cov_q must be positive semi-.* is -1"),
        ((ZERO, [[1, 0.1], [0, 1]], ZERO, EYE), ValueError, "cov_p must be symmetric.* 0.1"),
        ((ZERO, EYE, ZERO, EYE * math.nan), ValueError, "cov_q must be finite"),
        ((ZERO + math.inf, EYE, ZERO, EYE), ValueError, "mean_p must be finite"),
        ((np.zeros(3), EYE, ZERO, EYE), ValueError, "dimensions k differ"),
        ((0.0, EYE, ZERO, EYE), ValueError, r"mean_p must have shape \(..., k\)"),
        ((ZERO, EYE, torch.zeros(2), EYE), TypeError, "one library"),
        ((np.zeros(2, "f2"), np.eye(2, dtype="f2")) * 2, TypeError, "single precision"),
    ],
)
def test_bad_covariances(arguments, error, message):
    with pytest.raises(error, match=message):
        wasserstein2_multivariate_normal(*arguments)
