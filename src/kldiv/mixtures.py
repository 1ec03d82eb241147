r"""Gaussian mixtures, whose KL has no closed form: Monte Carlo, and bounds that surely hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from kldiv._arguments import whole_number
from kldiv._gaussian_mixture import GaussianMixture
from kldiv._mixture_bounds import expected_log_density, variational_bound
from kldiv._namespace import to_arrays
from kldiv._numerics import without_warnings
from kldiv.estimators import Estimate, kl_monte_carlo
from kldiv.gaussian import kl_multivariate_normal

__all__ = ["GaussianMixture", "kl_mixtures_bounds", "kl_mixtures_monte_carlo"]


def kl_mixtures_monte_carlo(
    p: GaussianMixture,
    q: GaussianMixture,
    *,
    seed: int | np.random.Generator,
    draws: int = 10_000,
    estimator: str = "k1",
    base: float | None = None,
) -> Estimate:
    r"""KL(p‖q) of two Gaussian mixtures, as a mean over draws from p.

    Parameters
    ----------
    p, q : GaussianMixture
        Of one dimension and one library.
    seed : int or numpy.random.Generator
        Decides the draws.
    draws : int, default 10 000
        How many; at least 2.
    estimator, base
        As in `kldiv.estimators.kl_monte_carlo`. Of normals and their mixtures, k1 always has a
        finite variance; k3 has not where q's tails are heavier than p's.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError, TypeError
        As `kl_monte_carlo`; and mixtures of different dimensions or libraries, a bad seed.

    Examples
    --------
    >>> from kldiv.mixtures import GaussianMixture, kl_mixtures_monte_carlo
    >>> p = GaussianMixture.diagonal([0.5, 0.5], [[-1.0], [1.0]], [[1.0], [1.0]])
    >>> q = GaussianMixture.diagonal([1.0], [[0.0]], [[1.0]])
    >>> kl_mixtures_monte_carlo(p, q, seed=0)
    0.1583 ± 0.0064 nats (k1, 10000 draws)
    """
    _check_pair(p, q)
    x = p.sample(whole_number("draws", draws, 2), seed=seed)
    estimate: Estimate = kl_monte_carlo(
        p.log_prob(x), q.log_prob(x), estimator=estimator, base=base
    )
    return estimate


@without_warnings
def kl_mixtures_bounds(p: GaussianMixture, q: GaussianMixture) -> tuple[Any, Any]:
    r"""A lower and an upper bound of KL(p‖q) of two Gaussian mixtures, in nats.

    The tightest of: 0 (lower); what (1) and (2) below give (both); where q is a single
    normal, KL of the normal with p's mean and covariance (lower); Hershey and Olsen's variational
    bound, which is at most the convexity bound Σ_ab π_a ω_b KL(f_a‖g_b) (upper). For two single
    normals both are the closed form.

    Parameters
    ----------
    p, q : GaussianMixture
        Of one dimension and one library.

    Returns
    -------
    lower, upper : scalars of the mixtures' library
        lower ≤ KL(p‖q) ≤ upper, up to rounding.

    Raises
    ------
    ValueError, TypeError
        Mixtures of different dimensions or libraries; arguments that are not mixtures.

    Notes
    -----
    For a normal f of covariance Σ_f and entropy H(f), and a mixture g = Σ_b ω_b g_b, Jensen's
    inequality says twice:

        E_f log g ≥ log Σ_b ω_b e^{−KL(f‖g_b)} − H(f)                                      (1)
        E_f log g ≤ log Σ_b ω_b N(μ_f − μ_b; 0, Σ_f/s + Σ_b) − d/2 (1 − s + log s)         (2)

    the second by ∫ f^s g_b, for any 0 < s ≤ 1. With s = 1 it is the product bound of Durrieu,
    Thiran and Kelly; its limit for s → 0 is −H(f), which says that KL(f‖g) ≥ 0. The smallest over
    a few s is taken for each component.

    References
    ----------
    J. R. Hershey and P. A. Olsen, "Approximating the Kullback Leibler divergence between Gaussian
    mixture models", ICASSP 2007, doi:10.1109/ICASSP.2007.366913. J.-L. Durrieu, J.-P. Thiran and
    F. Kelly, "Lower and upper bounds for approximation of the Kullback-Leibler divergence between
    Gaussian mixture models", ICASSP 2012, doi:10.1109/ICASSP.2012.6289001.

    Examples
    --------
    >>> from kldiv.mixtures import GaussianMixture, kl_mixtures_bounds
    >>> p = GaussianMixture.diagonal([0.5, 0.5], [[-1.0], [1.0]], [[1.0], [1.0]])
    >>> q = GaussianMixture.diagonal([1.0], [[0.0]], [[1.0]])
    >>> lower, upper = kl_mixtures_bounds(p, q)
    >>> round(float(lower), 3), round(float(upper), 3)
    (0.153, 0.268)
    """
    xp = _check_pair(p, q)
    p, q = _present(p), _present(q)
    kl_pq = kl_multivariate_normal(
        p.means[:, None, :], p.covs[:, None, :, :], q.means[None], q.covs[None]
    )
    kl_pp = kl_multivariate_normal(
        p.means[:, None, :], p.covs[:, None, :, :], p.means[None], p.covs[None]
    )
    low_p, high_p = expected_log_density(p, p, kl_pp, xp)
    low_q, high_q = expected_log_density(p, q, kl_pq, xp)
    lower = xp.sum(p.weights * (low_p - high_q))
    upper = xp.minimum(
        xp.sum(p.weights * (high_p - low_q)), variational_bound(p.weights, q.weights, kl_pq, xp)
    )
    if q.weights.shape[0] == 1:
        mean = xp.sum(p.weights[:, None] * p.means, axis=0)
        shift = p.means - mean
        spread = shift[:, :, None] * shift[:, None, :]
        cov = xp.sum(p.weights[:, None, None] * (p.covs + spread), axis=0)
        lower = xp.maximum(lower, kl_multivariate_normal(mean, cov, q.means[0], q.covs[0]))
    upper = xp.where(upper > 0, upper, 0.0)
    lower = xp.minimum(xp.where(lower > 0, lower, 0.0), upper)
    return lower[()], upper[()]


def _check_pair(p: Any, q: Any) -> Any:
    """Their common namespace."""
    for name, value in (("p", p), ("q", q)):
        if not isinstance(value, GaussianMixture):
            raise TypeError(f"{name} must be a GaussianMixture; got a {type(value).__name__}")
    xp, _ = to_arrays(p=p.weights, q=q.weights)
    if p.dimension != q.dimension:
        raise ValueError(
            f"p and q must have one dimension; p has {p.dimension} and q has {q.dimension}"
        )
    return xp


def _present(mixture: GaussianMixture) -> GaussianMixture:
    """Without the components of weight 0."""
    there = mixture.weights > 0
    return GaussianMixture(mixture.weights[there], mixture.means[there], mixture.covs[there])
