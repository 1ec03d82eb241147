"""The closed forms for normal distributions, against quadrature, sampling, PyTorch and mpmath."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal, Normal
from torch.distributions import kl_divergence as torch_kl

from kldiv.gaussian import kl_multivariate_normal, kl_normal, kl_standard_normal

repeatable = settings(deadline=None, derandomize=True, max_examples=60)
seeds = st.integers(0, 2**32 - 1)


def random_normals(seed, *batch, k=3, spread=1.0):
    """Means (*batch, k) and covariances (*batch, k, k); the variances span `spread`."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(*batch, k, k)) + 2 * np.eye(k)
    cov = factor @ np.swapaxes(factor, -1, -2)
    scale = np.geomspace(1, math.sqrt(spread), k)
    return rng.normal(size=(*batch, k)), cov * np.multiply.outer(scale, scale)


# --- Independent truths -------------------------------------------------------------------------

PAIRS = [(0, 1, 0, 1), (1, 1, 0, 1), (0, 1, 0, 2), (0, 2, 0, 1), (-3, 0.5, 2, 3), (5, 3, 4.5, 0.7)]


@pytest.mark.parametrize("parameters", PAIRS)
def test_quadrature_agrees(parameters):
    mean_p, std_p, mean_q, std_q = parameters
    p, q = scipy.stats.norm(mean_p, std_p), scipy.stats.norm(mean_q, std_q)
    value, _ = scipy.integrate.quad(
        lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), mean_p - 12 * std_p, mean_p + 12 * std_p
    )
    assert kl_normal(*parameters) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_samples_agree(seed):
    (mean_p, cov_p), (mean_q, cov_q) = random_normals(seed), random_normals(seed + 100)
    p, q = (
        scipy.stats.multivariate_normal(mean_p, cov_p),
        scipy.stats.multivariate_normal(mean_q, cov_q),
    )
    x = p.rvs(100_000, random_state=seed)
    log_ratios = p.logpdf(x) - q.logpdf(x)
    error = log_ratios.std() / math.sqrt(len(x))
    value = kl_multivariate_normal(mean_p, cov_p, mean_q, cov_q)
    assert abs(value - log_ratios.mean()) < 4 * error


@repeatable
@given(seed=seeds)
def test_torch_agrees(seed):
    rng = np.random.default_rng(seed)
    means, stds = rng.normal(size=(2, 5)), rng.gamma(2, size=(2, 5))
    normals = [Normal(*map(torch.from_numpy, pair)) for pair in zip(means, stds, strict=True)]
    value = kl_normal(means[0], stds[0], means[1], stds[1])
    np.testing.assert_allclose(value, torch_kl(*normals), rtol=1e-9, atol=1e-12)
    standard = torch_kl(normals[0], Normal(0.0, 1.0)).sum()
    regulariser = kl_standard_normal(means[0], 2 * np.log(stds[0]))
    assert regulariser == pytest.approx(float(standard), rel=1e-9)
    p, q = (tuple(map(torch.from_numpy, random_normals(seed + i, 2, k=4))) for i in range(2))
    torch.testing.assert_close(
        kl_multivariate_normal(*p, *q), torch_kl(MultivariateNormal(*p), MultivariateNormal(*q))
    )


# --- The functions among themselves -------------------------------------------------------------


@repeatable
@given(seed=seeds)
def test_special_cases_agree(seed):
    rng = np.random.default_rng(seed)
    mean_p, mean_q = rng.normal(size=(2, 6))
    std_p, std_q = rng.gamma(2, size=(2, 6))
    each = kl_normal(mean_p, std_p, mean_q, std_q)
    assert (each >= 0).all()
    one = [mean_p[:, None], std_p[:, None, None] ** 2, mean_q[:, None], std_q[:, None, None] ** 2]
    np.testing.assert_allclose(kl_multivariate_normal(*one), each, rtol=1e-9)
    diagonal = kl_multivariate_normal(mean_p, np.diag(std_p**2), mean_q, np.diag(std_q**2))
    assert diagonal == pytest.approx(each.sum(), rel=1e-9)
    standard = kl_standard_normal(mean_p, 2 * np.log(std_p))
    assert standard == pytest.approx(kl_normal(mean_p, std_p, 0, 1).sum(), rel=1e-9)
    shift, scale = 3.0, 7.0  # the divergence does not depend on the unit of measurement
    moved = kl_normal(mean_p * scale + shift, std_p * scale, mean_q * scale + shift, std_q * scale)
    np.testing.assert_allclose(moved, each, rtol=1e-6)


def test_shapes_broadcast():
    assert kl_normal(np.zeros((4, 1)), 1, np.ones(3), np.ones((2, 1, 1))).shape == (2, 4, 3)
    assert kl_standard_normal(np.zeros((5, 1, 2)), np.zeros((4, 2))).shape == (5, 4)
    for eye, zeros in ((np.eye(3), np.zeros), (torch.eye(3), torch.zeros)):
        covs = eye * (zeros((4, 1, 1, 1)) + 2)
        values = kl_multivariate_normal(zeros((5, 3)) + 1, eye, zeros(3), covs)
        assert tuple(values.shape) == (4, 5)
        assert float(values[3, 4]) == pytest.approx((1.5 - 3 + 3 * math.log(2) + 1.5) / 2, rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_result_has_the_type_of_the_arguments(dtype):
    a, eye = np.ones(2, dtype), np.eye(2, dtype=dtype)
    t, t_eye = torch.from_numpy(a), torch.from_numpy(eye)
    scalar = np.dtype(dtype).type
    assert kl_normal(a, 1, 0, 2.0).dtype == dtype and type(kl_normal(a[0], 1, 0, 2.0)) is scalar
    assert type(kl_standard_normal(a, a)) is scalar
    assert type(kl_multivariate_normal(a, eye, 0 * a, eye)) is scalar
    for value in (
        kl_normal(t, 1, 0, 2.0),
        kl_standard_normal(t, t),
        kl_multivariate_normal(t, t_eye, t, t_eye),
    ):
        assert value.dtype == getattr(torch, dtype)
    assert (a == 1).all() and (eye == np.eye(2)).all()
