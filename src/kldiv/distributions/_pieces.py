"""The line in pieces: the middle of p and its two tails.

What lies beyond the outermost quantiles is integrated over the logarithm of the distance, up to the
largest numbers (infinite ends) or down to the last digits (finite ones).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kldiv.distributions._gauss import integrate
from kldiv.distributions._types import Univariate

_LEVELS = np.array([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])
_TOLERANCE = 1e-11


@dataclass(frozen=True)
class Piece:
    """A part of the line: x(t), log |dx/dt|, and the t at which to cut it first."""

    place: Callable[[Any], Any]
    log_jacobian: Callable[[Any], Any]
    breaks: Any
    underflow: float | None = None  # the x at which a tail was cut, as q's density underflows there
    whole: bool = False  # whether p is 0 beyond


def total(pieces: list[Piece], f: Callable[[Any, Any], Any]) -> tuple[float, float]:
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


def pieces(p: Univariate, q: Univariate) -> tuple[Piece, list[Piece]]:
    """The middle of p, in x; and its two tails, in the logarithm of the distance.

    Cut at quantiles of both, and where a density jumps.
    """
    low, high = p.support
    cuts = _inside(_quantiles(p), low, high)
    if len(cuts) < 2:
        raise ArithmeticError(f"p ({p.name}) has no quantiles that double precision tells apart")
    first, last = float(cuts[0]), float(cuts[-1])
    others = _inside(np.concatenate([_quantiles(q), p.edges, q.edges]), low, high)
    inner = np.unique(np.concatenate([cuts, others[(others > first) & (others < last)]]))
    middle = Piece(lambda x: x, np.zeros_like, inner)
    spread = last - first
    return middle, [
        _tail(first, low, -1, spread, others[others < first], _digits(p, q, 0)),
        _tail(last, high, 1, spread, others[others > last], _digits(p, q, 1)),
    ]


def _quantiles(view: Univariate) -> Any:
    try:
        return view.quantile(_LEVELS)
    except (OverflowError, RuntimeError, ValueError) as error:  # of SciPy's search for them
        raise ArithmeticError(
            f"SciPy finds no quantiles of {view.name} ({error}): give its class the support of the "
            "density (a=, b=), or a method _ppf"
        ) from error


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
