r"""KL by quadrature, for continuous distributions of one variable.

The line is cut at quantiles of p and of q. What lies beyond the outermost is integrated over the
logarithm of the distance, up to the largest numbers (infinite ends) or down to the last digits
(finite ones), so that the tails show whether they converge. An integral is accepted only if the
same points give p a total of 1, and called infinite only if a tail grows, or stays, in
that logarithm; what is neither raises ArithmeticError.

Near q = p, p log(p/q) cancels, and p log(p/q) − p + q is integrated, which nowhere does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kldiv._numerics import kl_term
from kldiv.distributions._gaps import log_densities
from kldiv.distributions._pieces import pieces, total
from kldiv.distributions._tails import computable, rest
from kldiv.distributions._types import Univariate

_ACCEPTED = 1e-7  # of the value, or of 1: less is not an answer


def kl_quadrature(p: Univariate, q: Univariate) -> tuple[float, float]:
    """KL(p‖q) in nats and an error estimate; (inf, 0) where a tail diverges.

    Raises ZeroDensity where q has a gap, ArithmeticError where nothing certain can be said.
    """
    inner, tails = pieces(p, q)
    tails = [computable(p, q, tail) for tail in tails]
    parts = [inner, *tails]
    rests = [rest(p, q, tail) for tail in tails]
    mass, _ = total(parts, lambda x, j: np.exp(p.log_density(x) + j))
    mass += sum(beyond.mass for beyond in rests)
    faded = [tail.underflow for tail in tails if tail.underflow is not None]
    if mass < 1 - 1e-8 and faded:
        raise ArithmeticError(
            f"the density of q ({q.name}) underflows at {faded[0]:g}, or is 0 there, and p "
            f'({p.name}) has a probability of {1 - mass:.2g} beyond; method="monte carlo" averages '
            "over draws"
        )
    if not abs(mass - 1) < 1e-8:
        raise ArithmeticError(
            f"quadrature finds a total probability of {mass:.10g} for p ({p.name}), "
            "not 1: its density is too narrow, singular or inexact for it"
        )
    beyond = sum(beyond.kl for beyond in rests)
    if math.isinf(beyond):
        return math.inf, 0.0

    def plain(x: Any, j: Any) -> Any:
        log_p, log_q = log_densities(p, q, x)
        weight = np.exp(log_p + j)
        return np.where(weight > 0, weight * (log_p - log_q), 0.0)

    def near(x: Any, j: Any) -> Any:
        log_p, log_q = log_densities(p, q, x)
        gap = np.where(log_p > -math.inf, log_q - log_p, 0.0)
        weight_q = np.exp(log_q + j)
        return np.where(log_p > -math.inf, kl_term(np.exp(log_p + j), weight_q, gap), weight_q)

    value, error = total(parts, plain)
    if value < 1e-2 and beyond == 0:
        outside = 0.0 if p.circular else float(q.cdf(p.support[0]) + q.sf(p.support[1]))
        near_value, near_error = total(parts, near)
        if math.isfinite(outside) and near_error < max(error, 1e-14):
            value, error = near_value + outside, near_error
    kl, bound = value + beyond, error + 1e-4 * abs(beyond)
    if not (math.isfinite(kl) and bound <= _ACCEPTED * max(1.0, abs(kl)) and kl > -_ACCEPTED):
        raise ArithmeticError(
            f"quadrature did not converge for KL({p.name}‖{q.name}): {kl:g} ± {bound:g} nats"
        )
    return max(kl, 0.0), bound
