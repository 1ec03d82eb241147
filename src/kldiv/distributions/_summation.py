"""KL by summation, for discrete distributions of one variable.

The sum starts at the median of p and goes outward in blocks of doubling length, until what is left
is bounded by a geometric or a polynomial tail. Near q = p the terms p log(p/q) − p + q are summed,
none of which is negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kldiv._numerics import kl_term
from kldiv.distributions._gaps import ZeroDensity
from kldiv.distributions._types import Univariate

TERMS = 2**20  # so many in each direction, and no more
_ACCEPTED = 1e-7
_UNDERFLOW = -600.0


@dataclass
class Sums:
    """Σ p, Σ p log(p/q), Σ (p log(p/q) − p + q), and a bound on the terms left out."""

    mass: float = 0.0
    plain: float = 0.0
    near: float = 0.0
    rest: float = 0.0

    def add(self, log_p: Any, log_q: Any) -> None:
        """Add the terms of atoms where q has probability wherever p has."""
        here = log_p > -math.inf
        weight, gap = np.exp(log_p), np.where(here, log_q - log_p, 0.0)
        near = kl_term(weight, np.exp(log_q), gap)
        self.mass += float(np.sum(weight))
        self.plain -= float(np.sum(weight * gap))
        self.near += float(np.sum(np.where(here, near, np.exp(log_q))))


def kl_summation(p: Univariate, q: Univariate) -> tuple[float, float]:
    """KL(p‖q) in nats and a bound on what was left out; (inf, 0) where the sum diverges.

    Raises ZeroDensity where q has no probability at an atom of p, ArithmeticError where nothing
    certain can be said.
    """
    sums = Sums()
    if p.atoms is not None:
        sums.add(*_log_probabilities(p, q, p.atoms))
        outside = max(0.0, 1.0 - float(np.sum(np.exp(q.log_density(p.atoms)))))
    else:
        low, high = p.support
        start = start_of(p)
        add_outward(p, q, start, high, 1, sums)
        if start > low:
            add_outward(p, q, start - 1, low, -1, sums)
        outside = float(q.cdf(low - 1) + q.sf(high)) if q.atoms is None else math.nan
    if math.isinf(sums.rest):
        return math.inf, 0.0
    kl = sums.plain
    if kl < 1e-2 and math.isfinite(outside):
        kl = sums.near + outside
    lost = abs(sums.mass - 1)
    if not (math.isfinite(kl) and lost <= 1e-8 and sums.rest <= _ACCEPTED * max(1.0, kl)):
        raise ArithmeticError(
            f"the sum for KL({p.name}‖{q.name}) did not converge: {kl:g} ± {sums.rest:g} nats, "
            f"over atoms with a total probability of {sums.mass:.10g}"
        )
    return max(kl, 0.0), sums.rest


def start_of(p: Univariate) -> float:
    """An atom near the median of p."""
    low, high = p.support
    median = float(p.quantile([0.5])[0])
    origin = low if math.isfinite(low) else high if math.isfinite(high) else median
    if not math.isfinite(median):
        raise ArithmeticError(f"p ({p.name}) has no median that a double holds")
    return min(max(origin + round(median - origin), low), high)


def add_outward(
    p: Univariate, q: Univariate, start: float, end: float, sign: int, sums: Sums
) -> None:
    """Add the atoms from `start` to `end`, or until the rest is negligible."""
    length, done, count = 256, 0, abs(end - start) + 1
    while done < count:
        if done >= TERMS:
            raise ArithmeticError(
                f"the sum for KL({p.name}‖{q.name}) has not converged after {done} terms"
            )
        length = int(min(length, count - done))
        k = start + sign * np.arange(done, done + length, dtype=float)
        log_p, log_q = _log_probabilities(p, q, k)
        faded = np.flatnonzero((log_q == -math.inf) & (log_p > -math.inf))
        if len(faded):
            log_p, log_q = log_p[: faded[0]], log_q[: faded[0]]
        sums.add(log_p, log_q)
        done += length
        if len(faded) or done < count:
            rest = _rest(log_p, log_q, done, last=done >= TERMS)
            if rest is not None and (
                rest <= 1e-15 * max(abs(sums.plain), 1e-3)
                or math.isinf(rest)
                or len(faded)
                or done >= TERMS
            ):
                sums.rest += rest
                return
            if len(faded):
                raise ArithmeticError(f"the probabilities of q ({q.name}) underflow")
        length *= 2
    return


def _rest(log_p: Any, log_q: Any, done: int, last: bool) -> float | None:
    """A bound on the terms beyond a block, infinity, or None where the block does not tell."""
    with np.errstate(all="ignore"):
        size = log_p + np.log(np.abs(np.where(log_p > -math.inf, log_p - log_q, 0.0)))
        size = np.maximum(size, log_q)  # the terms q − p are left out too
    if len(size) < 8:
        return None
    end, middle = float(size[-1]), float(size[len(size) // 2])
    if end == -math.inf:
        return 0.0
    steps = len(size) - 1 - len(size) // 2
    slope = (end - middle) / steps
    exponent = (middle - end) / math.log(done / (done - steps))  # of a polynomial tail
    if exponent > 64:
        return math.exp(end) / -math.expm1(slope)
    if exponent > 1.1:
        return math.exp(end) * done / (exponent - 1)
    # Below 1 with a margin, for logarithms in the terms.
    if last and exponent < 0.8 and log_p[-1] > log_q[-1]:
        return math.inf
    return None


def _log_probabilities(p: Univariate, q: Univariate, k: Any) -> tuple[Any, Any]:
    """Both logarithms; raises where q has no probability and p has, unless it underflows."""
    log_p, log_q = p.log_density(k), q.log_density(k)
    for view, values in ((p, log_p), (q, log_q)):
        if np.isnan(values).any():
            raise ArithmeticError(f"{view.name} has a probability of NaN")
    zero = np.flatnonzero((log_q == -math.inf) & (log_p > -math.inf))
    if len(zero) and not _fades(q, float(k[zero[0]])):
        raise ZeroDensity
    return log_p, log_q


def _fades(q: Univariate, zero: float) -> bool:
    """Whether q's probabilities fade into 0 before `zero`, rather than end there."""
    if q.atoms is not None:
        return False
    positive = float(q.quantile(0.5))
    sign = math.copysign(1.0, zero - positive)
    while abs(zero - positive) > 1.5:
        between = positive + sign * (abs(zero - positive) // 2)
        if q.log_density([between])[0] > -math.inf:
            positive = between
        else:
            zero = between
    last, before = q.log_density([positive, positive - sign])
    return bool(last + min(last - before, 0.0) < _UNDERFLOW)  # a step further, as they went
