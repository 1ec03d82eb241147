"""Where q has no density and p has some: a gap, or only a density that underflows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kldiv.distributions._types import Univariate

_MASS_OF_A_GAP = 1e-12  # of p, beyond the point where q is 0
_UNDERFLOW = -600.0  # log-densities just above what a double holds


class ZeroDensity(Exception):  # noqa: N818  # a finding, not an error
    """q has no density where p has some: the divergence is infinite."""


def log_densities(p: Univariate, q: Univariate, x: Any) -> tuple[Any, Any]:
    """Both log-densities; raises where one is NaN, or q's is zero and p's is not."""
    log_p, log_q = p.log_density(x), q.log_density(x)
    for view, values in ((p, log_p), (q, log_q)):
        if np.isnan(values).any():
            raise ArithmeticError(
                f"{view.name} has a log-density of NaN at {float(x[np.isnan(values)][0])}"
            )
    zero = (log_q == -math.inf) & (log_p > -math.inf)
    if zero.any():
        at = float(x[zero][0])
        positive = x[log_q > -math.inf]
        near = positive[np.argmin(np.abs(positive - at))] if len(positive) else q.quantile(0.5)
        if underflows(q, float(near), at) or hardly_reaches(p, at):
            raise ArithmeticError(
                f"the density of q ({q.name}) underflows at {at:g}, or is 0 there, where p "
                'hardly reaches; method="monte carlo" averages over draws'
            )
        raise ZeroDensity
    return log_p, log_q


def hardly_reaches(p: Univariate, at: float) -> bool:
    """Whether p is too improbable beyond a point for a 0 of q there to count as a gap.

    SciPy's densities may be 0 where they are only small: a gap must be seen where p has mass.
    """
    return bool(min(p.cdf(at), p.sf(at)) < _MASS_OF_A_GAP)


def underflows(q: Univariate, positive: float, zero: float) -> bool:
    """Whether q's density fades into 0 between two points, rather than jumps there."""
    last = bisect(lambda x: q.log_density([x])[0] > -math.inf, positive, zero)
    return bool(q.log_density([last])[0] < _UNDERFLOW)


def bisect(holds: Callable[[float], bool], true: float, false: float) -> float:
    """The last number at which something holds, between one where it does and one where not."""
    for _ in range(200):
        between = (true + false) / 2
        if between in (true, false):
            break
        if holds(between):
            true = between
        else:
            false = between
    return true
