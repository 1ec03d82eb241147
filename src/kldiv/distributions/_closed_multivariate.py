"""Closed forms for multivariate families, in nats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats as st

from kldiv.distributions._closed_positive import dirichlet
from kldiv.distributions._registry import register_kl
from kldiv.distributions._special import (
    entropy_divergence,
    log_gamma_divergence,
    log_quotient,
    remainder,
)
from kldiv.gaussian import kl_multivariate_normal


@register_kl(st.multivariate_normal, st.multivariate_normal)
def kl_mvn_mvn(p: Any, q: Any) -> float:
    """Also of singular covariances: finite if both live on the same affine subspace."""
    if p.rank == q.rank == len(p.mean):
        try:
            return float(kl_multivariate_normal(p.mean, p.cov, q.mean, q.cov))
        except ValueError as error:  # a Covariance object may hold more than its matrix can
            raise ArithmeticError(
                f"in double precision a covariance is singular: {error}"
            ) from None
    axes_p, axes_q = _range(p.cov, p.rank), _range(q.cov, q.rank)
    apart = np.asarray(p.mean - q.mean)
    if p.rank != q.rank or not (_within(axes_p, axes_q) and _within(apart, axes_q)):
        return math.inf
    if q.rank == 0:
        return 0.0
    cov_p, cov_q = axes_q.T @ p.cov @ axes_q, axes_q.T @ q.cov @ axes_q
    mean = axes_q.T @ apart
    return float(kl_multivariate_normal(mean, cov_p, 0 * mean, cov_q))


def _range(cov: Any, rank: int) -> Any:
    """Orthonormal columns that span the directions in which there is variance: SciPy counts them.

    It knows how the covariance was given: of a matrix, small eigenvalues may be rounding; of a
    diagonal they are what the user wrote.
    """
    _values, vectors = np.linalg.eigh(cov)  # the smallest values first
    return vectors[:, len(cov) - rank :]


def _within(vectors: Any, axes: Any) -> bool:
    """Whether `vectors` lie in the span of orthonormal `axes`, but for rounding."""
    rest = vectors - axes @ (axes.T @ vectors)
    return bool(np.linalg.norm(rest) <= 1e-8 * np.linalg.norm(vectors))


@register_kl(st.multivariate_t, st.multivariate_normal)
def kl_mvt_mvn(p: Any, q: Any) -> Any:
    if not p.df > 2:
        return math.inf  # no second moment
    if p.df == math.inf:
        return NotImplemented
    k = len(p.loc)
    entropy = st.multivariate_t(p.loc, p.shape, p.df, p.allow_singular).entropy()
    sign, log_det = np.linalg.slogdet(q.cov)
    if sign <= 0 or np.linalg.matrix_rank(p.shape) < k:
        return NotImplemented
    cov = p.shape * (p.df / (p.df - 2)) + np.outer(p.loc - q.mean, p.loc - q.mean)
    cross = (k * math.log(2 * math.pi) + log_det + np.trace(np.linalg.solve(q.cov, cov))) / 2
    return float(cross - entropy)


@register_kl(st.dirichlet, st.dirichlet)
def kl_dirichlet_dirichlet(p: Any, q: Any) -> float:
    return dirichlet([float(a) for a in p.alpha], [float(a) for a in q.alpha])


def wishart(df_p: float, df_q: float, v_p: Any, v_q: Any) -> float:
    """KL of Wishart distributions with scales V.

    With a = ν_p/2, b = ν_q/2, and λ the eigenvalues of V_q⁻¹V_p, each of the k dimensions adds
    b R(log(λ a/b)) and D_{log Γ}(b − j/2, a − j/2) − D_{x log x}(b, a), for j from 0.
    """
    a, b = df_p / 2, df_q / 2
    half_dims = [j / 2 for j in range(len(v_p))]
    shapes = [log_gamma_divergence(b - j, a - j) - entropy_divergence(b, a) for j in half_dims]
    return math.fsum([*_scale_terms(a, b, v_p, v_q), *shapes])


def _scale_terms(a: float, b: float, v_p: Any, v_q: Any) -> list[float]:
    """b R(log(λ a/b)) of each eigenvalue, or their sum."""
    factor_p, factor_q = np.linalg.cholesky(v_p), np.linalg.cholesky(v_q)

    def eigenvalues(matrix: Any) -> Any:
        """Those of V_q⁻¹ times the matrix, the smallest first."""
        return np.linalg.eigvalsh(np.linalg.solve(factor_q, np.linalg.solve(factor_q, matrix).T))

    values = eigenvalues(v_p)
    if values[0] > 1e-3 * values[-1]:
        less_1 = eigenvalues(v_p - v_q)  # which has the digits of those near 1
        logs = [
            math.log1p(e) if abs(e) < 0.5 else math.log(v)
            for e, v in zip(less_1, values, strict=True)
        ]
        return [b * remainder(log + log_quotient(a, b)) for log in logs]
    # Beside large eigenvalues small ones have few digits. Their product, the determinant, has all.
    log_det = 2 * math.fsum(np.log(np.diag(factor_p) / np.diag(factor_q)))
    trace, k = math.fsum(values), len(values)
    return [b * (a / b * trace - k - log_det - k * log_quotient(a, b))]


@register_kl(st.wishart, st.wishart)
def kl_wishart_wishart(p: Any, q: Any) -> float:
    return wishart(p.df, q.df, p.scale, q.scale)


@register_kl(st.invwishart, st.invwishart)
def kl_invwishart_invwishart(p: Any, q: Any) -> float:
    # x⁻¹ is Wishart, of scale Ψ⁻¹: the eigenvalues are those of Ψ_p⁻¹Ψ_q.
    return wishart(p.df, q.df, q.scale, p.scale)
