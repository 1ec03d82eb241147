"""Closed forms for discrete families on the same lattice, in nats."""

from __future__ import annotations

from typing import Any

import mpmath
import scipy.stats as st

from kldiv.distributions._registry import register_kl
from kldiv.distributions._special import (
    bernoulli_divergence,
    entropy_divergence,
    log_quotient,
    simplex_divergence,
)


@register_kl(st.bernoulli, st.bernoulli)
def kl_bernoulli_bernoulli(p: Any, q: Any) -> Any:
    return bernoulli_divergence(p.p, q.p) if p.loc == q.loc else NotImplemented


@register_kl(st.binom, st.binom)
def kl_binom_binom(p: Any, q: Any) -> Any:
    if p.loc != q.loc or p.n != q.n:
        return NotImplemented
    return p.n * bernoulli_divergence(p.p, q.p) if p.n else 0.0


@register_kl(st.geom, st.geom)
def kl_geom_geom(p: Any, q: Any) -> Any:
    # The expected number of trials, 1/p, times the divergence of each.
    return bernoulli_divergence(p.p, q.p) / p.p if p.loc == q.loc else NotImplemented


@register_kl(st.nbinom, st.nbinom)
def kl_nbinom_nbinom(p: Any, q: Any) -> Any:
    if p.loc != q.loc or p.n != q.n:
        return NotImplemented
    return p.n / p.p * bernoulli_divergence(p.p, q.p)


@register_kl(st.poisson, st.poisson)
def kl_poisson_poisson(p: Any, q: Any) -> Any:
    return entropy_divergence(p.mu, q.mu) if p.loc == q.loc else NotImplemented


@register_kl(st.zipf, st.zipf)
def kl_zipf_zipf(p: Any, q: Any) -> Any:
    if p.loc != q.loc:
        return NotImplemented
    # log ζ(b) − log ζ(a) − (b − a)(log ζ)'(a), with digits enough for the cancellation.
    with mpmath.workdps(50):
        a, b = mpmath.mpf(p.a), mpmath.mpf(q.a)
        slope = mpmath.zeta(a, 1, 1) / mpmath.zeta(a)
        return float(mpmath.log(mpmath.zeta(b) / mpmath.zeta(a)) - (b - a) * slope)


@register_kl(st.randint, st.randint)
def kl_randint_randint(p: Any, q: Any) -> float:
    return log_quotient(q.high - q.low, p.high - p.low)


@register_kl(st.multinomial, st.multinomial)
def kl_multinomial_multinomial(p: Any, q: Any) -> Any:
    return p.n * simplex_divergence(p.p, q.p) if p.n else 0.0
