r"""The generalized gamma family, in nats: thirteen of SciPy's names, and all their pairs.

x = s·y^{1/c} with y ~ Gamma(a) is generalized gamma. With E[log y] = ψ(a) and
E[y^k] = Γ(a + k)/Γ(a), and for equal locations, KL(p‖q) is, with k = c_q/c_p,
R(x) = e^x − 1 − x and D_f a Bregman divergence (`_special`),

    a_q R(M) + D_h(a_q, a_p) + a_q D_{log Γ}(a_p + k, a_p + 1) + [k − 1 − log|k|]
        + (a_q − a_p)(k − 1)/a_p,
    M = c_q log(s_p/s_q) + log(a_p/a_q) + log Γ(a_p + k) − log Γ(a_p + 1),

written so that each term is of second order in the difference of the parameters. Where k < 0
(a gamma from an inverse gamma) the moment is infinite unless a_p + k > 0, and so is KL.

References
----------
C. Bauckhage, "Computing the Kullback–Leibler divergence between two generalized gamma
distributions" (2014), arXiv:1401.6853.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import scipy.stats as st
from scipy.special import psi

from kldiv.distributions._registry import register_kl
from kldiv.distributions._special import (
    log_gamma_divergence,
    log_quotient,
    remainder,
    scaled_remainder,
    shares_divergence,
    stirling_divergence,
)
from kldiv.distributions._types import same

ROOT_2 = math.sqrt(2)

#: Family → (a, c, s / scale) of the generalized gamma distribution it is.
_AS_GENERALIZED_GAMMA: list[tuple[Any, Callable[[Any], tuple[float, float, float]]]] = [
    (st.gengamma, lambda p: (p.a, p.c, 1.0)),
    (st.gamma, lambda p: (p.a, 1.0, 1.0)),
    (st.erlang, lambda p: (p.a, 1.0, 1.0)),
    (st.expon, lambda p: (1.0, 1.0, 1.0)),
    (st.chi2, lambda p: (p.df / 2, 1.0, 2.0)),
    (st.weibull_min, lambda p: (1.0, p.c, 1.0)),
    (st.rayleigh, lambda p: (1.0, 2.0, ROOT_2)),
    (st.maxwell, lambda p: (1.5, 2.0, ROOT_2)),
    (st.halfnorm, lambda p: (0.5, 2.0, ROOT_2)),
    (st.chi, lambda p: (p.df / 2, 2.0, ROOT_2)),
    (st.nakagami, lambda p: (p.nu, 2.0, p.nu**-0.5)),
    (st.invgamma, lambda p: (p.a, -1.0, 1.0)),
    (st.invweibull, lambda p: (1.0, -p.c, 1.0)),
]


def generalized_gamma(
    p: tuple[float, float], q: tuple[float, float], log_scale_ratio: float
) -> float:
    """KL(p‖q) of generalized gamma distributions (a, c), given log(s_p/s_q)."""
    (a_p, c_p), (a_q, c_q) = p, q
    k = c_q / c_p
    if a_p + k <= 0 or k == math.inf:
        return math.inf
    log_mean_ratio = c_q * log_scale_ratio + log_quotient(a_p, a_q)
    if k == 1:
        return scaled_remainder(a_q, log_mean_ratio) + stirling_divergence(a_q, a_p)
    moment = log_gamma_divergence(a_p + k, a_p + 1)
    log_mean_ratio += moment + (k - 1) * float(psi(a_p + 1))
    log_k = log_quotient(abs(c_q), abs(c_p))
    return (
        scaled_remainder(a_q, log_mean_ratio)
        + stirling_divergence(a_q, a_p)
        + a_q * moment
        + (remainder(log_k) if k > 0 else k - 1 - log_k)
        + (a_q - a_p) / a_p * (k - 1)
    )


def _register_generalized_gamma() -> None:
    for family_p, as_p in _AS_GENERALIZED_GAMMA:
        for family_q, as_q in _AS_GENERALIZED_GAMMA:
            if family_p is family_q is st.expon:  # has a form for different locations too
                continue

            def kl_generalized_gamma(p: Any, q: Any, as_p: Any = as_p, as_q: Any = as_q) -> Any:
                if not same(p.loc, q.loc):
                    return NotImplemented
                (a_p, c_p, s_p), (a_q, c_q, s_q) = as_p(p), as_q(q)
                ratio = log_quotient(s_p, s_q) + log_quotient(p.scale, q.scale)
                return generalized_gamma((a_p, c_p), (a_q, c_q), ratio)

            register_kl(family_p, family_q)(kl_generalized_gamma)


_register_generalized_gamma()


# --- The beta family ----------------------------------------------------------------------------

#: Family → (a, b, low end, length) of the beta distribution it is.
_AS_BETA: list[tuple[Any, Callable[[Any], tuple[float, float, float, float]]]] = [
    (st.beta, lambda p: (p.a, p.b, p.loc, p.scale)),
    (st.powerlaw, lambda p: (p.a, 1.0, p.loc, p.scale)),
    (st.arcsine, lambda p: (0.5, 0.5, p.loc, p.scale)),
    (st.uniform, lambda p: (1.0, 1.0, p.loc, p.scale)),
    (st.semicircular, lambda p: (1.5, 1.5, p.loc - p.scale, 2 * p.scale)),
    (st.rdist, lambda p: (p.c / 2, p.c / 2, p.loc - p.scale, 2 * p.scale)),
]


def dirichlet(alpha: list[float], beta: list[float]) -> float:
    """KL of Dirichlet(α) from Dirichlet(β), or of beta distributions for two parameters.

    β₀ KL(β/β₀‖α/α₀) + Σ D_h(β_i, α_i) − D_h(β₀, α₀), a sum over the parameters with subscript 0.
    """
    total_a, total_b = math.fsum(alpha), math.fsum(beta)
    weights = shares_divergence(beta, alpha)
    parts = sum(stirling_divergence(b, a) for a, b in zip(alpha, beta, strict=True))
    if math.isinf(parts):
        return math.inf
    return total_b * weights + (parts - stirling_divergence(total_b, total_a))


def _register_beta() -> None:
    for family_p, as_p in _AS_BETA:
        for family_q, as_q in _AS_BETA:
            if family_p is family_q is st.uniform:
                continue

            def kl_beta(p: Any, q: Any, as_p: Any = as_p, as_q: Any = as_q) -> Any:
                (a_p, b_p, low_p, length_p), (a_q, b_q, low_q, length_q) = as_p(p), as_q(q)
                if not (same(low_p, low_q) and same(length_p, length_q)):
                    return NotImplemented
                return dirichlet([a_p, b_p], [a_q, b_q])

            register_kl(family_p, family_q)(kl_beta)


_register_beta()


@register_kl(st.betaprime, st.betaprime)
def kl_betaprime_betaprime(p: Any, q: Any) -> Any:
    if not (same(p.loc, q.loc) and same(p.scale, q.scale)):
        return NotImplemented
    return dirichlet([p.a, p.b], [q.a, q.b])  # x/(1 + x) has a beta distribution
