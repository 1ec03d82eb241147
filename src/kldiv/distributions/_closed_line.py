"""Closed forms for families on the whole line, on intervals and on the circle, in nats.

The first letter of a comment's symbols is the parameter, the subscript the distribution. Where a
logarithm of a distribution has a known divergence, so has the distribution: it is the same.
"""

from __future__ import annotations

import math
from typing import Any

import scipy.stats as st
from scipy.special import gammaln

from kldiv.distributions._registry import register_kl
from kldiv.distributions._special import (
    bessel_ratio,
    log_bessel_divergence,
    log_gamma_divergence,
    log_quotient,
    remainder,
)
from kldiv.distributions._types import same


def normal(mean_difference: float, std_p: float, std_q: float) -> float:
    """½ R(2 log(σ_p/σ_q)) + ½ ((μ_p − μ_q)/σ_q)², with R(x) = e^x − 1 − x."""
    z = mean_difference / std_q
    return remainder(2 * log_quotient(std_p, std_q)) / 2 + z * z / 2


@register_kl(st.norm, st.norm)
def kl_norm_norm(p: Any, q: Any) -> Any:
    return normal(p.loc - q.loc, p.scale, q.scale)


@register_kl(st.lognorm, st.lognorm)
def kl_lognorm_lognorm(p: Any, q: Any) -> Any:
    if not same(p.loc, q.loc):
        return NotImplemented
    return normal(log_quotient(p.scale, q.scale), p.s, q.s)  # log(x − loc) is normal


@register_kl(st.cauchy, st.cauchy)
def kl_cauchy_cauchy(p: Any, q: Any) -> Any:
    # log(((s_p + s_q)² + (m_p − m_q)²) / (4 s_p s_q)), doi:10.48550/arXiv.1905.10965
    a, b = (p.scale - q.scale) / p.scale, (p.loc - q.loc) / p.scale
    ratio = q.scale / p.scale
    excess = (a / ratio * a + b / ratio * b) / 4 if ratio > 0 else math.inf
    if excess < 1:
        return math.log1p(excess)
    total = math.hypot((p.scale / 2 + q.scale / 2), (p.loc - q.loc) / 2)
    return log_quotient(total, p.scale) + log_quotient(total, q.scale)


@register_kl(st.laplace, st.laplace)
def kl_laplace_laplace(p: Any, q: Any) -> Any:
    # r = s_p/s_q, z = |m_p − m_q|/s_p: −log r + r e^{−z} + r z − 1
    z = abs(p.loc - q.loc) / p.scale
    apart = (p.scale / q.scale) * remainder(-z) if z else 0.0
    return remainder(log_quotient(p.scale, q.scale)) + apart


@register_kl(st.laplace, st.norm)
def kl_laplace_norm(p: Any, q: Any) -> Any:
    ratio, z = p.scale / q.scale, (p.loc - q.loc) / q.scale
    second_moment = ratio * ratio + z * z / 2
    return second_moment - log_quotient(p.scale, q.scale) + math.log(math.pi / 2) / 2 - 1


@register_kl(st.norm, st.laplace)
def kl_norm_laplace(p: Any, q: Any) -> Any:
    # E|x − m_q| is the mean of a folded normal distribution.
    z = abs(p.loc - q.loc) / p.scale
    distance = math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + z * math.erf(z / math.sqrt(2))
    entropy = (1 + math.log(2 * math.pi)) / 2
    return math.log(2) - log_quotient(p.scale, q.scale) + distance * (p.scale / q.scale) - entropy


def _gumbel(log_scale: float, k: float) -> float:
    """As of Weibull distributions (`_closed_positive`), whose logarithm a Gumbel's is."""
    if math.isinf(k) or log_scale == math.inf:
        return math.inf
    k = max(k, 5e-324)
    return remainder(log_scale + float(gammaln(1 + k))) + log_gamma_divergence(k, 1.0)


@register_kl(st.gumbel_r, st.gumbel_r)
def kl_gumbel_r_gumbel_r(p: Any, q: Any) -> Any:
    return _gumbel((q.loc - p.loc) / q.scale, p.scale / q.scale)


@register_kl(st.gumbel_l, st.gumbel_l)
def kl_gumbel_l_gumbel_l(p: Any, q: Any) -> Any:
    return _gumbel((p.loc - q.loc) / q.scale, p.scale / q.scale)


@register_kl(st.uniform, st.uniform)
def kl_uniform_uniform(p: Any, q: Any) -> Any:
    return log_quotient(q.scale, p.scale)


@register_kl(st.loguniform, st.loguniform)
def kl_loguniform_loguniform(p: Any, q: Any) -> Any:
    if not same(p.loc, q.loc):
        return NotImplemented
    return log_quotient(log_quotient(q.b, q.a), log_quotient(p.b, p.a))


@register_kl(st.uniform, st.norm)
def kl_uniform_norm(p: Any, q: Any) -> Any:
    z, width = (p.loc - q.loc + p.scale / 2) / q.scale, p.scale / q.scale
    second_moment = z * z + width * width / 12
    return math.log(2 * math.pi) / 2 - log_quotient(p.scale, q.scale) + second_moment / 2


@register_kl(st.uniform, st.expon)
def kl_uniform_expon(p: Any, q: Any) -> Any:
    return (p.loc - q.loc + p.scale / 2) / q.scale - log_quotient(p.scale, q.scale)


@register_kl(st.vonmises, st.vonmises)
def kl_vonmises_vonmises(p: Any, q: Any) -> Any:
    if not same(p.scale, q.scale):
        return NotImplemented
    turn = math.sin((p.loc - q.loc) / p.scale / 2)
    apart = 2 * q.kappa * bessel_ratio(p.kappa) * turn**2
    return log_bessel_divergence(q.kappa, p.kappa) + apart


@register_kl(st.invgauss, st.invgauss)
def kl_invgauss_invgauss(p: Any, q: Any) -> Any:
    if not same(p.loc, q.loc):
        return NotImplemented
    # Mean m = μ·scale, shape λ = scale: ½ R(log(λ_q/λ_p)) + ½ λ_q (m_p − m_q)²/(m_q² m_p)
    mean_p, mean_q = p.mu * p.scale, q.mu * q.scale
    apart = (mean_p - mean_q) / mean_q
    return remainder(log_quotient(q.scale, p.scale)) / 2 + apart * apart * (q.scale / mean_p) / 2


@register_kl(st.pareto, st.pareto)
def kl_pareto_pareto(p: Any, q: Any) -> Any:
    if not same(p.loc, q.loc):
        return NotImplemented
    # log(x − loc) is exponential, of rate b, above log(scale).
    return remainder(log_quotient(q.b, p.b)) + q.b * max(log_quotient(p.scale, q.scale), 0.0)


@register_kl(st.lomax, st.lomax)
def kl_lomax_lomax(p: Any, q: Any) -> Any:
    if not (same(p.loc, q.loc) and same(p.scale, q.scale)):
        return NotImplemented
    return remainder(log_quotient(q.c, p.c))  # log(1 + x/scale) is exponential, of rate c


@register_kl(st.expon, st.expon)
def kl_expon_expon(p: Any, q: Any) -> Any:
    # p starts no earlier than q.
    return remainder(log_quotient(p.scale, q.scale)) + max(p.loc - q.loc, 0.0) / q.scale
