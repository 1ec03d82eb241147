"""The tails of KL's integral: how far they can be computed, and what lies beyond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kldiv.distributions._gaps import bisect, hardly_reaches, log_densities, underflows
from kldiv.distributions._pieces import Piece
from kldiv.distributions._types import Univariate

_GRID = 1025  # points at which a tail is looked at
_GROWS = 6.0  # an exponent over a tail that no power of its logarithm explains
_NEGLIGIBLE = -40.0  # logarithm of a factor that no longer matters
_NOTHING = -1500.0  # logarithm of a weight that is nothing, times any logarithm of a density


@dataclass(frozen=True)
class Rest:
    """What lies beyond the end of a tail, extrapolated: of the total of p, and of KL."""

    mass: float = 0.0
    kl: float = 0.0


def computable(p: Univariate, q: Univariate, tail: Piece) -> Piece:
    """The tail up to where a density can no longer be computed, or q's no longer told from 0."""
    if len(tail.breaks) < 2:
        return tail
    low, high = 0.0, float(tail.breaks[-1])
    for _ in range(2):  # where, and then where exactly
        t = np.linspace(low, high, _GRID)
        x = tail.place(t)
        log_p, log_q = p.log_density(x), q.log_density(x)
        faded = (log_q == -math.inf) & (log_p > -math.inf)
        over = np.maximum.accumulate((log_p != -math.inf)[::-1])[::-1] == 0  # p is 0 from here on
        cut = np.flatnonzero(faded | over | np.isnan(log_p) | np.isnan(log_q))
        if not len(cut) or cut[0] == 0:
            return tail
        first = int(cut[0])
        low, high = float(t[first - 1]), float(t[first])
    at, before = float(x[first]), float(x[first - 1])
    if over[first] and not p.trusted and not underflows(p, before, at):
        # A user's density that ends within its support, as one written with numpy.where does.
        last = bisect(lambda s: p.log_density(tail.place(np.array([s])))[0] > -math.inf, low, high)
        breaks = np.append(tail.breaks[tail.breaks < last], last)
        return Piece(tail.place, tail.log_jacobian, breaks, whole=True)
    fades = bool(faded[first])
    if fades and not (underflows(q, before, at) or hardly_reaches(p, at)):
        return tail  # a gap, which `log_densities` reports
    # Densities below the normal range of a double have lost digits: stay clear of them.
    t = np.linspace(0.0, low, _GRID)
    x = tail.place(t)
    blurred = np.abs(p.log_density(x) + 723) < 23
    blurred |= np.abs(q.log_density(x) + 723) < 23
    last = float(t[np.flatnonzero(~blurred)[-1]]) if blurred[-1] and not blurred.all() else low
    if fades and q.trusted and not len(q.edges):
        # SciPy's families have no gaps. One that fades may be 0 here and there before it is for
        # good: stop where p no longer matters, whatever q is.
        matters = np.flatnonzero(p.log_density(x) + tail.log_jacobian(t) > _NOTHING)
        last = min(last, float(t[matters[-1]])) if len(matters) else 0.0
    breaks = np.append(tail.breaks[tail.breaks < last], last)
    return Piece(tail.place, tail.log_jacobian, breaks, at if fades else None)


def rest(p: Univariate, q: Univariate, tail: Piece) -> Rest:
    """What lies beyond the end of a tail: nothing, an extrapolation, or infinity."""
    if len(tail.breaks) < 2 or tail.whole:
        return Rest()
    last = float(tail.breaks[-1])
    t = np.linspace(0.0, last, _GRID)
    log_p, log_q = log_densities(p, q, tail.place(t))
    log_weight = log_p + tail.log_jacobian(t)
    gap = np.where(log_p > -math.inf, log_p - log_q, 0.0)
    # The integrand may pass through 0: look at the largest of each eight.
    size = np.log(np.maximum(np.abs(gap), 1.0)) + log_weight
    parts = np.max(size[1:].reshape(-1, 8), axis=1)
    if parts[-1] <= max(np.max(parts), 0.0) + _NEGLIGIBLE:
        return Rest()
    slopes = _slopes(size, t)
    growth = slopes[1] * last
    if gap[-1] > 1 and (growth > _GROWS or abs(growth) < 1e-9):
        return Rest(kl=math.inf)
    # A weight e^{−rate·t}, times a log-ratio that grows linearly or exponentially with t.
    before, rate = -_slopes(log_weight, t)
    linear_before, linear = _slopes(gap, t)
    mass = math.exp(log_weight[-1]) / rate
    if rate > 0 and _steady(before, rate):
        if abs(linear - linear_before) * last <= 1e-3 * max(1.0, abs(gap[-1])):
            return Rest(mass, mass * (gap[-1] + linear / rate))
        if slopes[1] < 0 and _steady(*slopes):
            return Rest(mass, math.copysign(math.exp(size[-1]), gap[-1]) / -slopes[1])
    if tail.underflow is not None:
        raise ArithmeticError(
            f"the density of q ({q.name}) underflows at {tail.underflow:g}, or is 0 there, "
            f"before the tail of KL({p.name}‖{q.name}) tells whether it converges; "
            'method="monte carlo" averages over draws'
        )
    raise ArithmeticError(
        f"the tail of KL({p.name}‖{q.name}) decays too slowly to tell whether it converges"
    )


def _slopes(y: Any, t: Any) -> Any:
    """The mean slopes over the third and the fourth quarter of t."""
    at = [len(t) // 2, 3 * len(t) // 4, len(t) - 1]
    return np.diff(y[at]) / np.diff(t[at])


def _steady(before: float, after: float) -> bool:
    return bool(abs(after - before) <= 1e-3 * abs(after))
