r"""Bounds that `kldiv.mixtures.kl_mixtures_bounds` is made of, on mixtures that it has checked."""

from __future__ import annotations

import math
from typing import Any

from kldiv._namespace import stop_gradient
from kldiv.gaussian import _log_diagonal_sum

#: The powers s of (2), with −H(f) for s → 0.
_POWERS = (1.0, 0.5, 0.25, 0.0625)
_ITERATIONS = 100


def expected_log_density(p: Any, g: Any, kl: Any, xp: Any) -> Any:
    """Lower and upper bounds of E_f log g for each component f of p, shape (k,) each."""
    d = p.dimension
    entropy = d / 2 * math.log(2 * math.pi * math.e) + _log_diagonal_sum(p._cholesky, xp)
    log_omega = log_weights(g.weights, xp)
    low = log_sum_exp(log_omega - kl, 1, xp) - entropy
    if g.weights.shape[0] == 1:
        return low, low
    high = -entropy
    shift = p.means[:, None, :] - g.means[None]
    for s in _POWERS:
        cov = p.covs[:, None, :, :] / s + g.covs[None]
        cholesky = xp.linalg.cholesky((cov + xp.matrix_transpose(cov)) / 2)
        z = xp.linalg.solve(cholesky, shift[..., None])[..., 0]
        log_density = (
            -xp.sum(z**2, axis=-1) / 2
            - _log_diagonal_sum(cholesky, xp)
            - d / 2 * math.log(2 * math.pi)
        )
        log_density = xp.where(xp.isnan(log_density), -math.inf, log_density)  # overflow
        power = log_sum_exp(log_omega + log_density, 1, xp) - d / 2 * (1 - s + math.log(s))
        high = xp.minimum(high, power)
    return low, xp.maximum(high, low)


def variational_bound(weights_p: Any, weights_q: Any, kl: Any, xp: Any) -> Any:
    """min Σ φ (log φ/ψ + KL_ab) over φ with row sums π and ψ with column sums ω.

    Each step lowers it, and each φ, ψ gives a bound: it may stop anywhere.
    """
    log_p, log_q = xp.log(weights_p)[:, None], xp.log(weights_q)[None]
    log_psi = log_p + log_q
    for _ in range(_ITERATIONS if min(kl.shape) > 1 else 1):
        log_phi = log_psi - kl
        log_phi = log_p + log_phi - log_sum_exp(log_phi, 1, xp)[:, None]
        log_psi = log_q + log_phi - log_sum_exp(log_phi, 0, xp)[None]
        log_psi = xp.where(log_phi > -math.inf, log_psi, -math.inf)  # not −∞ + ∞
    phi = xp.exp(log_phi)
    value = xp.sum(xp.where(phi > 0, phi * (log_phi - log_psi + kl), 0.0))
    # Where every KL of a component overflows, so does the bound.
    return xp.where(xp.any(xp.all(kl == math.inf, axis=1)), math.inf, value)


def log_weights(weights: Any, xp: Any) -> Any:
    """Their logarithms, −∞ for 0."""
    return xp.where(weights > 0, xp.log(xp.where(weights > 0, weights, 1.0)), -math.inf)


def log_sum_exp(logs: Any, axis: int, xp: Any) -> Any:
    """log Σ e^logs, where −∞ is allowed, everywhere too."""
    largest = stop_gradient(xp.max(logs, axis=axis, keepdims=True))
    shift = xp.where(largest > -math.inf, largest, 0.0)
    total = xp.sum(xp.exp(logs - shift), axis=axis)
    logs_of_total = xp.log(xp.where(total > 0, total, 1.0))
    value = logs_of_total + xp.squeeze(shift, axis=axis)
    return xp.where(total > 0, value, -math.inf)
