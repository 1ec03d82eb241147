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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kldiv._numerics import exp_remainder
from kldiv.distributions._gauss import integrate
from kldiv.distributions._views import Univariate

_LEVELS = np.array([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])
_TOLERANCE = 1e-11
_ACCEPTED = 1e-7  # of the value, or of 1: less is not an answer
_GRID = 1025  # points at which a tail is looked at
_GROWS = 6.0  # an exponent over a tail that no power of its logarithm explains
_NEGLIGIBLE = -40.0  # logarithm of a factor that no longer matters
_MASS_OF_A_GAP = 1e-12  # of p, beyond the point where q is 0
_UNDERFLOW = -600.0  # log-densities just above what a double holds


class ZeroDensity(Exception):  # noqa: N818  # a finding, not an error
    """q has no density where p has some: the divergence is infinite."""


@dataclass(frozen=True)
class Rest:
    """What lies beyond the end of a tail, extrapolated: of the total of p, and of KL."""

    mass: float = 0.0
    kl: float = 0.0


@dataclass(frozen=True)
class Piece:
    """A part of the line: x(t), log |dx/dt|, and the t at which to cut it first."""

    place: Callable[[Any], Any]
    log_jacobian: Callable[[Any], Any]
    breaks: Any


def kl_quadrature(p: Univariate, q: Univariate) -> tuple[float, float]:
    """KL(p‖q) in nats and an error estimate; (inf, 0) where a tail diverges.

    Raises ZeroDensity where q has a gap, ArithmeticError where nothing certain can be said.
    """
    inner, tails = _pieces(p, q)
    tails = [_computable(p, q, tail) for tail in tails]
    pieces = [inner, *tails]
    rests = [_rest(p, q, tail) for tail in tails]
    mass, _ = _total(pieces, lambda x, j: np.exp(p.log_density(x) + j))
    mass += sum(rest.mass for rest in rests)
    if not abs(mass - 1) < 1e-8:
        raise ArithmeticError(
            f"quadrature finds a total probability of {mass:.10g} for p ({p.name}), "
            "not 1: its density is too narrow, singular or inexact for it"
        )
    rest = sum(rest.kl for rest in rests)
    if math.isinf(rest):
        return math.inf, 0.0

    def plain(x: Any, j: Any) -> Any:
        log_p, log_q = _log_densities(p, q, x)
        weight = np.exp(log_p + j)
        return np.where(weight > 0, weight * (log_p - log_q), 0.0)

    def near(x: Any, j: Any) -> Any:
        log_p, log_q = _log_densities(p, q, x)
        gap = np.where(log_p > -math.inf, log_q - log_p, 0.0)
        small = gap < 1
        excess = np.exp(log_p + j) * exp_remainder(np.where(small, gap, 0.0))
        far = np.exp(log_q + j) - np.exp(log_p + j) * (1 + gap)
        return np.where(log_p > -math.inf, np.where(small, excess, far), np.exp(log_q + j))

    value, error = _total(pieces, plain)
    if value < 1e-2 and rest == 0:
        outside = 0.0 if p.circular else float(q.cdf(p.support[0]) + q.sf(p.support[1]))
        near_value, near_error = _total(pieces, near)
        if math.isfinite(outside) and near_error < max(error, 1e-14):
            value, error = near_value + outside, near_error
    kl, bound = value + rest, error + 1e-4 * abs(rest)
    if not (math.isfinite(kl) and bound <= _ACCEPTED * max(1.0, abs(kl)) and kl > -_ACCEPTED):
        raise ArithmeticError(
            f"quadrature did not converge for KL({p.name}‖{q.name}): {kl:g} ± {bound:g} nats"
        )
    return max(kl, 0.0), bound


def _total(pieces: list[Piece], f: Callable[[Any, Any], Any]) -> tuple[float, float]:
    """The integral of f(x, log |dx/dt|) over all pieces, and its error."""
    value = error = 0.0
    for piece in pieces:
        if len(piece.breaks) < 2:
            continue

        def integrand(t: Any, piece: Piece = piece) -> Any:
            return f(piece.place(t), piece.log_jacobian(t))

        part, part_error = integrate(integrand, piece.breaks, _TOLERANCE)
        value, error = value + part, error + part_error
    return value, error


def _pieces(p: Univariate, q: Univariate) -> tuple[Piece, list[Piece]]:
    """The middle of p, in x; and its two tails, in the logarithm of the distance."""
    low, high = p.support
    cuts = _inside(p.quantile(_LEVELS), low, high)
    if len(cuts) < 2:
        raise ArithmeticError(f"p ({p.name}) has no quantiles that double precision tells apart")
    first, last = float(cuts[0]), float(cuts[-1])
    others = _inside(q.quantile(_LEVELS), low, high)
    inner = np.unique(np.concatenate([cuts, others[(others > first) & (others < last)]]))
    middle = Piece(lambda x: x, np.zeros_like, inner)
    spread = last - first
    return middle, [
        _tail(first, low, -1, spread, others[others < first], _digits(p, q, 0)),
        _tail(last, high, 1, spread, others[others > last], _digits(p, q, 1)),
    ]


def _inside(x: Any, low: float, high: float) -> Any:
    x = x[np.isfinite(x)]
    return np.unique(x[(x > low) & (x < high)])


def _digits(p: Univariate, q: Univariate, side: int) -> Any:
    """The distance from a finite end at which densities no longer know how far it is."""
    sizes = [abs(p.support[side]), abs(getattr(p.parameters, "loc", 0.0))]
    if p.support[side] == q.support[side] or abs(p.support[side] - q.support[side]) < 1e-9:
        sizes += [abs(q.support[side]), abs(getattr(q.parameters, "loc", 0.0))]
    return 2.0**16 * float(np.finfo(float).eps) * max(sizes)


def _tail(start: float, end: float, sign: int, spread: float, cuts: Any, digits: float) -> Piece:
    """From `start` outward to `end`."""
    if math.isinf(end):  # x = start ± spread·(e^t − 1)
        last = math.log(1e300) - max(math.log(spread), 0.0)
        at = np.log1p(np.abs(cuts - start) / spread)
        return Piece(
            lambda t: start + sign * spread * np.expm1(t),
            lambda t: math.log(spread) + t,
            _breaks(last, at),
        )
    length = abs(end - start)  # x = end ∓ length·e^{−t}
    finest = max(digits, 1e-300)
    last = math.log(length / finest) if length > finest else 0.0
    at = -np.log(np.abs(end - cuts) / length)
    return Piece(
        lambda t: end - sign * length * np.exp(-t),
        lambda t: math.log(length) - t,
        _breaks(last, at),
    )


def _breaks(last: float, at: Any) -> Any:
    if last <= 0:
        return np.zeros(1)
    doubling = 2.0 ** np.arange(-1, 10)
    breaks = np.concatenate([[0.0], doubling, at, [last]])
    return np.unique(breaks[(breaks >= 0) & (breaks <= last)])


def _log_densities(p: Univariate, q: Univariate, x: Any) -> tuple[Any, Any]:
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
        if _underflows(q, float(near), at) or _hardly_reaches(p, at):
            raise ArithmeticError(
                f"the density of q ({q.name}) underflows at {at:g}, or is 0 there, where p "
                'hardly reaches; method="monte carlo" averages over draws'
            )
        raise ZeroDensity
    return log_p, log_q


def _hardly_reaches(p: Univariate, at: float) -> bool:
    """Whether p is too improbable beyond a point for a 0 of q there to count as a gap.

    SciPy's densities may be 0 where they are only small: a gap must be seen where p has mass.
    """
    return bool(min(p.cdf(at), p.sf(at)) < _MASS_OF_A_GAP)


def _underflows(q: Univariate, positive: float, zero: float) -> bool:
    """Whether q's density fades into 0 between two points, rather than jumps there."""
    for _ in range(200):
        between = (positive + zero) / 2
        if between in (positive, zero):
            break
        if q.log_density([between])[0] > -math.inf:
            positive = between
        else:
            zero = between
    return bool(q.log_density([positive])[0] < _UNDERFLOW)


def _computable(p: Univariate, q: Univariate, tail: Piece) -> Piece:
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
    if faded[first] and not (_underflows(q, before, at) or _hardly_reaches(p, at)):
        return tail  # a gap, which `_log_densities` reports
    # Densities below the normal range of a double have lost digits: stay clear of them.
    t = np.linspace(0.0, low, _GRID)
    x = tail.place(t)
    blurred = np.abs(p.log_density(x) + 723) < 23
    blurred |= np.abs(q.log_density(x) + 723) < 23
    last = float(t[np.flatnonzero(~blurred)[-1]]) if blurred[-1] and not blurred.all() else low
    breaks = np.append(tail.breaks[tail.breaks < last], last)
    return Piece(tail.place, tail.log_jacobian, breaks)


def _rest(p: Univariate, q: Univariate, tail: Piece) -> Rest:
    """What lies beyond the end of a tail: nothing, an extrapolation, or infinity."""
    if len(tail.breaks) < 2:
        return Rest()
    last = float(tail.breaks[-1])
    t = np.linspace(0.0, last, _GRID)
    log_p, log_q = _log_densities(p, q, tail.place(t))
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
    raise ArithmeticError(
        f"the tail of KL({p.name}‖{q.name}) decays too slowly to tell whether it converges"
    )


def _slopes(y: Any, t: Any) -> Any:
    """The mean slopes over the third and the fourth quarter of t."""
    at = [len(t) // 2, 3 * len(t) // 4, len(t) - 1]
    return np.diff(y[at]) / np.diff(t[at])


def _steady(before: float, after: float) -> bool:
    return bool(abs(after - before) <= 1e-3 * abs(after))
