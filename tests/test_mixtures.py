"""Gaussian mixtures: density, draws, Monte Carlo and bounds of KL."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from kldiv.gaussian import kl_multivariate_normal
from kldiv.mixtures import GaussianMixture, kl_mixtures_bounds, kl_mixtures_monte_carlo

repeatable = settings(deadline=None, derandomize=True, max_examples=40)


def parameters(seed, k=3, d=2, spread=2.0):
    rng = np.random.default_rng(seed)
    factor = 0.5 * rng.normal(size=(k, d, d)) + np.eye(d)
    covs = factor @ np.swapaxes(factor, -1, -2) + 0.1 * np.eye(d)
    return rng.dirichlet(np.ones(k) * 3), spread * rng.normal(size=(k, d)), covs


def mixture(seed, **options):
    return GaussianMixture(*parameters(seed, **options))


def in_torch(mixture, gradient=False):
    values = (mixture.weights, mixture.means, mixture.covs)
    return [torch.tensor(v, requires_grad=gradient) for v in values]


# --- Density and draws --------------------------------------------------------------------------


def test_the_density_is_scipys():
    weights, means, covs = parameters(0)
    x = np.random.default_rng(1).normal(size=(4, 5, 2)) * 3
    density = sum(
        w * scipy.stats.multivariate_normal(m, c).pdf(x)
        for w, m, c in zip(weights, means, covs, strict=True)
    )
    found = GaussianMixture(weights, means, covs)
    np.testing.assert_allclose(found.log_prob(x), np.log(density), rtol=1e-12)
    tensors = GaussianMixture(*in_torch(found))
    np.testing.assert_allclose(tensors.log_prob(torch.from_numpy(x)), np.log(density), rtol=1e-12)
    assert isinstance(found.log_prob(x[0, 0]), np.float64)
    assert found.dimension == 2 and found.log_prob(x[:0]).shape == (0, 5)


def test_far_away_and_without_weight():
    found = GaussianMixture.diagonal([0.0, 1.0], [[0.0], [1.0]], [[1.0], [2.0]])
    alone = scipy.stats.norm(1, 2)
    assert found.log_prob([1000.0]) == pytest.approx(alone.logpdf(1000.0), rel=1e-14)
    assert found.log_prob([1e200]) == -math.inf
    assert (found.sample(1000, seed=0) != 0).all()
    extreme = GaussianMixture.diagonal([0.5, 0.5], [[0.0], [0.0]], [[1.0], [1e-3]])
    assert extreme.log_prob([50.0]) == pytest.approx(scipy.stats.norm.logpdf(50) - math.log(2))


def test_diagonal():
    weights, means, _ = parameters(0)
    stds = np.array([[1.0, 2.0], [0.5, 1.0], [3.0, 1.0]])
    full = GaussianMixture(weights, means, [np.diag(s**2) for s in stds])
    found = GaussianMixture.diagonal(weights, means, stds)
    np.testing.assert_array_equal(found.covs, full.covs)
    tensors = GaussianMixture.diagonal(weights.tolist(), *map(torch.tensor, (means, stds)))
    np.testing.assert_array_equal(tensors.covs, full.covs)


def test_draws_have_the_moments_of_the_mixture():
    found = mixture(0)
    x = found.sample(200_000, seed=3)
    mean = found.weights @ found.means
    shift = found.means - mean
    cov = np.einsum("k,kij->ij", found.weights, found.covs + shift[:, :, None] * shift[:, None, :])
    np.testing.assert_allclose(x.mean(0), mean, atol=4 * math.sqrt(np.max(cov) / len(x)))
    np.testing.assert_allclose(np.cov(x.T), cov, rtol=0.03, atol=0.03)
    np.testing.assert_array_equal(found.sample(5, seed=3), found.sample(5, seed=3))
    generator = np.random.default_rng(3)
    np.testing.assert_array_equal(found.sample(5, seed=generator), found.sample(5, seed=3))
    assert (found.sample(5, seed=generator) != found.sample(5, seed=3)).all()
    tensors = GaussianMixture(*in_torch(found, gradient=True))
    draws = tensors.sample(5, seed=3)
    np.testing.assert_allclose(draws.detach(), found.sample(5, seed=3), rtol=1e-12)
    draws.sum().backward()
    assert float(tensors.means.grad.sum()) == pytest.approx(10)


def test_gradients_of_the_density():
    weights, means, covs = in_torch(mixture(0), gradient=True)
    x = torch.tensor(np.random.default_rng(1).normal(size=(3, 2)), requires_grad=True)

    def log_prob(logits, means, covs, x):
        weights = torch.softmax(logits, 0)
        return GaussianMixture(weights, means, (covs + covs.mT) / 2).log_prob(x)

    assert gradcheck(log_prob, (weights, means, covs, x))
    zero = torch.tensor([0.0, 1.0], requires_grad=True)
    GaussianMixture.diagonal(zero, torch.zeros(2, 1), torch.ones(2, 1)).log_prob([0.5]).backward()
    assert torch.isfinite(zero.grad).all()


# --- Monte Carlo and bounds ---------------------------------------------------------------------


def test_monte_carlo_against_quadrature():
    p = GaussianMixture.diagonal([0.3, 0.7], [[-2.0], [1.0]], [[0.5], [1.0]])
    q = GaussianMixture.diagonal([0.6, 0.4], [[-1.0], [2.0]], [[1.0], [1.5]])

    def integrand(x):
        log_p, log_q = p.log_prob([x]), q.log_prob([x])
        return math.exp(log_p) * (log_p - log_q)

    truth, _ = scipy.integrate.quad(integrand, -15, 15, limit=200)
    found = [kl_mixtures_monte_carlo(p, q, seed=i, draws=1000) for i in range(200)]
    values, errors = np.array([(float(e), e.standard_error) for e in found]).T
    assert abs(values.mean() - truth) < 4 * values.std() / math.sqrt(200)
    assert 0.9 < np.mean(abs(values - truth) < 1.96 * errors) < 0.99
    lower, upper = kl_mixtures_bounds(p, q)
    assert lower < truth < upper
    third = kl_mixtures_monte_carlo(p, q, seed=0, estimator="k3", base=2)
    assert third.method == "k3" and third.unit == "bits" and third.sizes == (10_000,)
    assert float(third) == pytest.approx(truth / math.log(2), abs=5 * third.standard_error)


@repeatable
@given(st.integers(0, 10**6), *[st.integers(1, 4)] * 3, st.sampled_from([0.1, 1.0, 5.0]))
def test_the_bounds_hold(seed, k_p, k_q, d, spread):
    p = mixture(seed, k=k_p, d=d, spread=spread)
    q = mixture(seed + 1, k=k_q, d=d, spread=spread)
    lower, upper = kl_mixtures_bounds(p, q)
    estimate = kl_mixtures_monte_carlo(p, q, seed=seed, draws=3000)
    slack = 5 * estimate.standard_error
    assert 0 <= lower <= upper and lower - slack < float(estimate) < upper + slack
    each = kl_multivariate_normal(p.means[:, None], p.covs[:, None], q.means, q.covs)
    assert upper <= p.weights @ each @ q.weights * (1 + 1e-12)  # the convexity bound
    if k_p == k_q == 1:
        assert lower == pytest.approx(each[0, 0], rel=1e-12)
        assert upper == pytest.approx(each[0, 0], rel=1e-12)
    elif k_q == 1:
        # KL is that from the normal of the same moments, plus what p lacks of its entropy.
        mean = p.weights @ p.means
        cov = np.cov(p.means.T, aweights=p.weights, ddof=0) + np.einsum(
            "k,kij->ij", p.weights, p.covs
        )
        assert lower >= kl_multivariate_normal(mean, cov, q.means[0], q.covs[0]) * (1 - 1e-9)


def test_the_bounds_are_tight_where_they_can_be():
    p = mixture(0, spread=30.0)
    assert kl_mixtures_bounds(p, p)[1] < 1e-12  # the components are told apart
    other = GaussianMixture([0.2, 0.3, 0.5], p.means, p.covs)
    truth = np.sum(p.weights * np.log(p.weights / other.weights))
    assert kl_mixtures_bounds(p, other)[1] == pytest.approx(truth, rel=1e-9)
    shifted = GaussianMixture(p.weights, p.means + np.array([0.5, 0.0]), p.covs)
    lower, upper = kl_mixtures_bounds(p, shifted)
    estimate = kl_mixtures_monte_carlo(p, shifted, seed=0)
    assert float(upper) == pytest.approx(float(estimate), abs=5 * estimate.standard_error)
    assert lower >= 0
    apart = GaussianMixture.diagonal([0.5, 0.5], [[-50.0], [50.0]], [[1.0], [1.0]])
    moved = GaussianMixture.diagonal([0.5, 0.5], [[-53.0], [53.0]], [[1.0], [1.0]])
    lower, upper = kl_mixtures_bounds(apart, moved)
    assert 2 < lower < upper and upper == pytest.approx(4.5, rel=1e-9)


def test_components_without_weight_do_not_count():
    weights, means, covs = parameters(0)
    more = [np.r_[v, e] for v, e in ((weights, [0.0]), (means, [[90.0, 90.0]]), (covs, covs[:1]))]
    p, q = GaussianMixture(*more), mixture(1)
    assert kl_mixtures_bounds(p, q) == kl_mixtures_bounds(mixture(0), q)
    assert kl_mixtures_bounds(q, p) == kl_mixtures_bounds(q, mixture(0))


def test_overflow_of_the_bounds_is_infinity():
    near = GaussianMixture.diagonal([0.5, 0.5], [[0.0], [1.0]], [[1.0], [1.0]])
    far = GaussianMixture.diagonal([0.5, 0.5], [[1e200], [-1e200]], [[1.0], [1.0]])
    assert kl_mixtures_bounds(near, far) == (math.inf, math.inf)
    half = GaussianMixture.diagonal([0.5, 0.5], [[0.0], [1e200]], [[1.0], [1.0]])
    lower, upper = kl_mixtures_bounds(near, half)
    assert 0 <= lower <= upper < 2


def test_torch_gives_the_same_with_gradients():
    p, q = mixture(0), mixture(1)
    first, second = in_torch(p), in_torch(q, gradient=True)
    tensors = GaussianMixture(*first), GaussianMixture(*second)
    bounds = kl_mixtures_bounds(*tensors)
    for found, expected in zip(bounds, kl_mixtures_bounds(p, q), strict=True):
        assert float(found.detach()) == pytest.approx(float(expected), rel=1e-9)
    estimate = kl_mixtures_monte_carlo(*tensors, seed=0, draws=100)
    assert float(estimate) == pytest.approx(
        float(kl_mixtures_monte_carlo(p, q, seed=0, draws=100)), rel=1e-9
    )
    (bounds[0] + bounds[1] + estimate.value).backward()
    assert all(torch.isfinite(t.grad).all() and t.grad.abs().sum() > 0 for t in second)


# --- Bad input ----------------------------------------------------------------------------------

W, M, C = parameters(0)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ((W[:2], M, C), ValueError, r"got \(2,\), \(3, 2\) and \(3, 2, 2\)"),
        ((W, M[:, 0], C), ValueError, r"must have shapes \(k,\), \(k, d\) and"),
        ((W, M, C[0]), ValueError, r"got \(3,\), \(3, 2\) and \(2, 2\)"),
        (([], np.ones((0, 2)), np.ones((0, 2, 2))), ValueError, r"got \(0,\)"),
        ((W, M[:, :0], C[:, :0, :0]), ValueError, r"and \(3, 0, 0\)"),
        ((1.0, M, C), ValueError, r"got \(\)"),
        ((W * 1.1, M, C), ValueError, r"weights must sum to 1; found a sum of 1\.1"),
        (([1.5, -0.5, 0.0], M, C), ValueError, r"weights must not be negative; found -0\.5"),
        (([math.nan, 0.5, 0.5], M, C), ValueError, "weights must be finite"),
        ((W, M * math.inf, C), ValueError, "means must be finite"),
        ((W, M, C * math.nan), ValueError, "covs must be finite"),
        ((W, M, -C), ValueError, "covs must be positive definite"),
        ((W, M, C + np.eye(2)[:, ::-1] * [0, 1]), ValueError, "covs must be symmetric"),
        ((W, M, np.ones((3, 2, 2)) * 1e308), ValueError, "covs are too large for float64"),
        ((W, M, torch.tensor(C)), TypeError, "one library"),
        (("abc", M, C), TypeError, "weights must hold real numbers"),
        ([np.float16(v) for v in (W, M, C)], TypeError, "single precision; got float16"),
    ],
)
def test_bad_mixtures(values, error, message):
    with pytest.raises(error, match=message):
        GaussianMixture(*values)


def test_bad_arguments():
    p = mixture(0)
    for call, error, message in [
        (lambda: GaussianMixture.diagonal(W, M, C), ValueError, r"\(3, 2\) and \(3, 2, 2\)"),
        (lambda: GaussianMixture.diagonal(W, M, 0 * M), ValueError, "stds must be positive"),
        (lambda: GaussianMixture.diagonal(W, M, M * math.nan), ValueError, "stds must be positive"),
        (lambda: p.log_prob(np.zeros(3)), ValueError, r"shape \(..., 2\).*got \(3,\)"),
        (lambda: p.log_prob(0.0), ValueError, r"got \(\)"),
        (lambda: p.log_prob([math.nan, 0.0]), ValueError, "x must be finite"),
        (lambda: p.log_prob(torch.zeros(2)), TypeError, "one library"),
        (lambda: p.sample(0, seed=0), ValueError, "n must be at least 1; got 0"),
        (lambda: p.sample(2.5, seed=0), TypeError, "n must be a whole number"),
        (lambda: p.sample(2, seed="a"), TypeError, "seed must be"),
        (lambda: kl_mixtures_bounds(p, W), TypeError, "q must be a GaussianMixture; got a ndarray"),
        (lambda: kl_mixtures_bounds(None, p), TypeError, "p must be a GaussianMixture"),
        (lambda: kl_mixtures_bounds(p, mixture(0, d=3)), ValueError, "p has 2 and q has 3"),
        (lambda: kl_mixtures_bounds(p, GaussianMixture(*in_torch(p))), TypeError, "one library"),
        (lambda: kl_mixtures_monte_carlo(p, p, seed=0, draws=1), ValueError, "draws must be at"),
        (lambda: kl_mixtures_monte_carlo(p, p, seed=-1), ValueError, "seed must not be negative"),
        (lambda: kl_mixtures_monte_carlo(p, p, seed=0, estimator="k"), ValueError, "estimator"),
        (lambda: kl_mixtures_monte_carlo(p, p, seed=0, base=1), ValueError, "base"),
    ]:
        with pytest.raises(error, match=message):
            call()
