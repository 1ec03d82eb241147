"""Digits and signs where q is near p, and at extreme scales: textbook sums cancel there.

The truths are computed by mpmath, to 60 digits, from exactly the same floating-point numbers.
"""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gaussian import random_normals

from kldiv import jeffreys_divergence, js_divergence, kl_divergence
from kldiv.gaussian import kl_multivariate_normal, kl_normal, kl_standard_normal

repeatable = settings(deadline=None, derandomize=True, max_examples=60)
seeds = st.integers(0, 2**32 - 1)


# --- Discrete -------------------------------------------------------------------------------------


def near_pair(seed, bits, size, shift):
    """Integers that sum to 2**bits, and neighbours with the same sum: exact as floats / 2**bits."""
    rng = np.random.default_rng(seed)
    a = np.floor(rng.dirichlet(np.full(size, 5.0)) * 2**bits / 2).astype(int) + 2**bits // 4 // size
    a[0] += 2**bits - a.sum()
    change = rng.integers(-shift, shift + 1, size)
    change[0] -= change.sum()
    change[:2] += [shift, -shift]
    return a, a + change


def true_kl(p, q):
    return sum(s * mpmath.log(s / t) for s, t in zip(p, q, strict=True))


@repeatable
@given(seed=seeds, size=st.integers(2, 30), shift=st.sampled_from([3, 10**4, 10**7, 10**9]))
def test_near_distributions_keep_their_digits(seed, size, shift):
    a, b = near_pair(seed, 50, size, shift)
    p, q = a / 2.0**50, b / 2.0**50
    with mpmath.workdps(60):
        x, y = ([mpmath.mpf(int(n)) / 2**50 for n in c] for c in (a, b))
        m = [(s + t) / 2 for s, t in zip(x, y, strict=True)]
        truths = [true_kl(x, y), (true_kl(x, m) + true_kl(y, m)) / 2, true_kl(x, y) + true_kl(y, x)]
    values = [f(p, q) for f in (kl_divergence, js_divergence, jeffreys_divergence)]
    np.testing.assert_allclose(values, [float(t) for t in truths], rtol=1e-7)


def test_a_discrete_kl_of_1e_15_is_right_to_six_digits():
    step = 2.0**-25  # KL = −½ log(1 − 4 step²) ≈ 2 step² = 1.8e-15
    value = kl_divergence([0.5, 0.5], [0.5 + step, 0.5 - step])
    assert value == pytest.approx(-math.log1p(-4 * step**2) / 2, rel=1e-12, abs=0)


@repeatable
@given(seed=seeds, size=st.integers(2, 50), shift=st.integers(1, 500))
def test_single_precision_is_accurate_and_never_negative(seed, size, shift):
    a, b = near_pair(seed, 24, size, shift)
    p, q = (c.astype(np.float32) / np.float32(2**24) for c in (a, b))
    truth = kl_divergence(p.astype(float), q.astype(float))
    for value in (kl_divergence(p, q), kl_divergence(torch.from_numpy(p), torch.from_numpy(q))):
        assert float(value) == pytest.approx(truth, rel=1e-4, abs=0)
    noisy = np.float32(np.random.default_rng(seed).dirichlet(np.ones(size)))
    close = noisy * np.float32(1 + 1e-7)
    for divergence in (kl_divergence, js_divergence, jeffreys_divergence):
        assert divergence(noisy, close) >= 0


# --- Normal ---------------------------------------------------------------------------------------


def true_kl_normal(mean_p, std_p, mean_q, std_q):
    with mpmath.workdps(60):
        mean_p, std_p, mean_q, std_q = map(mpmath.mpf, map(float, (mean_p, std_p, mean_q, std_q)))
        quadratic = (std_p**2 + (mean_p - mean_q) ** 2) / (2 * std_q**2)
        return float(mpmath.log(std_q / std_p) + quadratic - mpmath.mpf(1) / 2)


def true_kl_multivariate(mean_p, cov_p, mean_q, cov_q):
    with mpmath.workdps(80):
        cov_p, cov_q = (mpmath.matrix(np.array(c).tolist()) for c in (cov_p, cov_q))
        shift = mpmath.matrix(np.array(mean_p).tolist()) - mpmath.matrix(np.array(mean_q).tolist())
        ratio, k = cov_q**-1 * cov_p, cov_p.rows
        trace = sum(ratio[i, i] for i in range(k))
        return float(
            (trace - k - mpmath.log(mpmath.det(ratio)) + (shift.T * cov_q**-1 * shift)[0]) / 2
        )


@repeatable
@given(
    mean=st.floats(-10, 10),
    shift=st.floats(-1, 1),
    stretch=st.floats(-1, 1),
    closeness=st.sampled_from([1e-9, 1e-8, 1e-5, 1e-2, 0.5]),
    scale=st.sampled_from([1e-150, 1e-5, 1.0, 1e150]),
)
def test_near_normals_keep_their_digits(mean, shift, stretch, closeness, scale):
    p = mean * scale, scale
    q = p[0] + shift * closeness * scale, scale * (1 + stretch * closeness)
    truth = true_kl_normal(*p, *q)
    assert kl_normal(*p, *q) == pytest.approx(truth, rel=1e-10, abs=1e-40)


@pytest.mark.parametrize("std_q", [1 + 2.0**-25, 1 - 2.0**-25])
def test_a_normal_kl_of_1e_15_is_right_to_six_digits(std_q):
    truth = true_kl_normal(0, 1, 0, std_q)
    assert 0.5e-15 < truth < 2e-15
    assert kl_normal(0, 1, 0, std_q) == pytest.approx(truth, rel=1e-12, abs=0)
    cov = [[std_q**2, 0.0], [0.0, 1.0]]
    truth = true_kl_multivariate([0, 0], np.eye(2), [0, 0], cov)
    value = kl_multivariate_normal([0, 0], np.eye(2), [0, 0], cov)
    assert value == pytest.approx(truth, rel=1e-9, abs=0)
    log_var = 2 * math.log(std_q)
    assert kl_standard_normal([0.0], [log_var]) == pytest.approx(log_var**2 / 4, rel=1e-6, abs=0)


@repeatable
@given(seed=seeds, spread=st.sampled_from([1, 1e4, 1e12]), closeness=st.sampled_from([1e-8, 0.1]))
def test_ill_conditioned_covariances(seed, spread, closeness):
    mean, cov_q = random_normals(seed, spread=spread)
    _, other = random_normals(seed + 1, spread=spread)
    cov_p = cov_q + closeness * other
    cov_p = (cov_p + cov_p.T) / 2
    truth = true_kl_multivariate(mean, cov_p, mean, cov_q)
    value = kl_multivariate_normal(mean, cov_p, mean, cov_q)
    assert value == pytest.approx(truth, rel=1e-6, abs=0)


@repeatable
@given(seed=seeds)
def test_single_precision_normals_are_never_negative(seed):
    rng = np.random.default_rng(seed)
    std = np.float32(rng.gamma(2, size=500) + 1e-3)
    near = std * np.float32(1 + rng.normal(scale=1e-6, size=500))
    assert kl_normal(0, std, 0, near).min() >= 0
    assert kl_normal(*map(torch.from_numpy, (std, std, std, near))).min() >= 0
    log_var = np.float32(rng.normal(scale=1e-4, size=(500, 2)))
    assert kl_standard_normal(0 * log_var, log_var).min() >= 0
    mean, cov = (a.astype(np.float32) for a in random_normals(seed, 20))
    cov += np.eye(3, dtype=np.float32)
    assert kl_multivariate_normal(mean, cov, mean, cov * np.float32(1 + 1e-6)).min() >= 0


def test_extreme_scales_and_infinities():
    assert kl_normal(0, 1e-300, 0, 1e300) == pytest.approx(600 * math.log(10) - 0.5)
    assert kl_normal(0, 1e300, 0, 1e300) == 0
    assert kl_normal(0, 1e300, 0, 1e-300) == kl_normal(1e300, 1, 0, 1e-300) == math.inf
    assert kl_standard_normal([0.0], [1000.0]) == math.inf
    assert kl_standard_normal([0.0], [-1e6]) == pytest.approx(5e5, rel=1e-5)
    zero, eye = np.zeros(2), np.eye(2)
    tiny_to_huge = kl_multivariate_normal(zero, eye * 1e-300, zero, eye * 1e300)
    assert tiny_to_huge == pytest.approx(600 * math.log(10) - 1)


def test_one_extreme_pair_of_a_batch_leaves_the_others_alone():
    mean, eye = np.array([1.0, 0.0]), np.eye(2)
    # In turn: ordinary, an overflow of the covariances, of the means; nearly equal.
    means = np.array([[1.0, 0.0], [0.0, 0.0], [1e200, 1e200], [0.0, 0.0]])
    covs_p = np.array([2.0, 1e200, 1e-300, 1 + 1e-8])[:, None, None] * eye
    covs_q = np.array([1.0, 1e-200, 1e-300, 1.0])[:, None, None] * eye
    values = kl_multivariate_normal(means, covs_p, 0 * mean, covs_q)
    assert values[0] == pytest.approx(1.5 - math.log(2), rel=1e-14)
    assert values[1] == values[2] == math.inf
    assert values[3] == pytest.approx(0.5e-16, rel=1e-6, abs=0)


@pytest.mark.parametrize("scale", [1e-10, 1.0, 1e10])
def test_rounding_may_leave_a_covariance_asymmetric(scale):
    cov = scale * np.array([[2.0, 0.5 + 1e-9], [0.5, 1.0]])
    assert kl_multivariate_normal([0, 0], cov, [0, 0], cov) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    "arguments",
    [([0.0, 0], 1e200, [0.0, 0], 1e-200), ([1e200, 1e200], 1e-300, [0.0, 0], 1e-300)],
)
def test_an_overflow_of_several_dimensions_is_infinite(arguments):
    mean_p, var_p, mean_q, var_q = arguments
    eye = np.eye(2)
    assert kl_multivariate_normal(mean_p, var_p * eye, mean_q, var_q * eye) == math.inf
