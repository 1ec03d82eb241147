r"""KL from draws whose log-densities are known under both p and q: k1, k2 and k3."""

from __future__ import annotations

import math
from typing import Any

from kldiv._arguments import one_of
from kldiv._namespace import stop_gradient
from kldiv._numerics import exp_remainder, without_warnings
from kldiv._units import units_per_nat
from kldiv.estimators._checks import numeric_arrays
from kldiv.estimators._estimate import Estimate


@without_warnings
def kl_monte_carlo(
    log_p: Any, log_q: Any, *, estimator: str = "k1", base: float | None = None
) -> Estimate:
    r"""KL(p‖q) as a mean over draws x ~ p, with log r = log q(x) − log p(x).

        k1 = mean(−log r)           unbiased; single terms, and the mean, may be negative
        k2 = mean(½ (log r)²)       biased; never negative, little noise where q is near p
        k3 = mean(r − 1 − log r)    unbiased; no term is negative

    k3 adds to k1 the terms r − 1, whose mean is 0 where p > 0 wherever q > 0 (elsewhere k3 is too
    small, by q's probability of what p rules out), and which cancel most of the noise where q is
    near p. Where q has the heavier tails, r may have no finite variance: prefer k1.

    Parameters
    ----------
    log_p, log_q : array_like, shape (n,)
        Logarithms (natural ones) of the densities or probabilities of n ≥ 2 independent draws
        from p, in the same order. −∞ in `log_q` is a draw that q rules out.
    estimator : {"k1", "k2", "k3"}
        Which of the three.
    base : float, optional
        Base of the result's logarithm, greater than 1. Default e, for nats; 2 for bits.

    Returns
    -------
    Estimate
        Its value is a scalar of the arrays' library, and a PyTorch tensor keeps its gradient;
        its standard error is the terms' standard deviation over √n. Infinite where `log_q` is
        −∞ at a draw, and where e^{log r} (k3) or (log r)² (k2) overflows.

    Raises
    ------
    ValueError
        NaN or +∞; −∞ in `log_p` (a draw from p that p rules out); shapes that differ or are not
        (n,); fewer than 2 draws; differences too large for their floating-point type; an unknown
        estimator; a bad base.
    TypeError
        Entries that are not real numbers, or arrays of two libraries.

    Notes
    -----
    With the draws held fixed, the gradient with respect to parameters of q is that of the mean,
    and for k1 an unbiased one of KL. With respect to parameters of p, the draws must depend on
    them too (reparameterised): otherwise the gradient of k1 is 0 in expectation.

    References
    ----------
    J. Schulman, "Approximating KL divergence" (2020), http://joschu.net/blog/kl-approx.html
    (there the draws are from q, and KL[q, p] is estimated).

    Examples
    --------
    >>> import numpy as np
    >>> from kldiv.estimators import kl_monte_carlo
    >>> x = np.random.default_rng(0).normal(0.5, 1, size=10_000)  # p = N(0.5, 1)
    >>> log_p, log_q = -((x - 0.5) ** 2) / 2, -(x**2) / 2  # q = N(0, 1); the constants cancel
    >>> kl_monte_carlo(log_p, log_q, estimator="k3")  # the truth is 0.125 nats
    0.1252 ± 0.0019 nats (k3, 10000 draws)
    """
    xp, (log_p, log_q) = numeric_arrays(log_p=log_p, log_q=log_q)
    scale = units_per_nat(base)
    one_of("estimator", estimator, ("k1", "k2", "k3"))
    if log_p.ndim != 1 or log_p.shape != log_q.shape or log_p.shape[0] < 2:
        raise ValueError(
            "log_p and log_q must have the same shape (n,), with n at least 2; "
            f"got {tuple(log_p.shape)} and {tuple(log_q.shape)}"
        )
    ruled_out = log_q == -math.inf
    if not xp.all(xp.isfinite(log_p)):
        raise ValueError("log_p must be finite at draws from p; found NaN or an infinity")
    if not xp.all(xp.isfinite(log_q) | ruled_out):
        raise ValueError("log_q must be finite, or −∞ where q is 0; found NaN or +∞")

    log_r = xp.where(ruled_out, 0.0, log_q) - log_p
    if not xp.all(xp.isfinite(log_r)):
        raise ValueError(f"log_q − log_p overflows {log_p.dtype}")
    if estimator == "k1":
        terms = -log_r
    elif estimator == "k2":
        terms = log_r**2 / 2
    else:
        terms = exp_remainder(log_r)
    infinite = bool(xp.any(ruled_out))
    terms = xp.where(ruled_out, math.inf, terms)
    value = xp.mean(terms) * scale
    if estimator == "k1" and not infinite and not xp.isfinite(value):
        raise ValueError(f"the mean of log_p − log_q overflows {log_p.dtype}")
    error = math.inf
    if math.isfinite(stop_gradient(value)):
        error = (
            float(xp.std(stop_gradient(terms), correction=1)) * scale / math.sqrt(terms.shape[0])
        )
    return Estimate(value, error, estimator, (terms.shape[0],), base)
