"""The terms that the divergences sum, and the last steps that all of them take.

Each function takes distributions that have been checked (`kldiv._validation`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kldiv._namespace import Symbolic, stop_gradient
from kldiv._numerics import kl_term, log_ratio
from kldiv._units import check_base
from kldiv._validation import Distribution


def supported(p: Distribution, xp: Any) -> Any:
    """Where p is not 0. A logarithm tells it even where the probability underflows."""
    if isinstance(xp, Symbolic):
        return p.probabilities != 0
    return p.probabilities > 0 if p.logs is None else p.logs > -math.inf


def log_ratio_where(where: Any, p: Distribution, q: Distribution, xp: Any) -> Any:
    """log(p/q) at the places `where` both are positive, and 0 elsewhere."""
    if p.logs is not None and q.logs is not None:
        return xp.where(where, p.logs, 0.0) - xp.where(where, q.logs, 0.0)
    one = 1 if isinstance(xp, Symbolic) else 1.0
    safe_p, safe_q = (xp.where(where, part.probabilities, one) for part in (p, q))
    return (
        xp.log(safe_p) - xp.log(safe_q) if isinstance(xp, Symbolic) else log_ratio(safe_p, safe_q)
    )


def log_of(p: Distribution, where: Any, xp: Any) -> Any:
    """log p at the places `where` it is positive, and 0 elsewhere."""
    if p.logs is not None:
        return xp.where(where, p.logs, 0.0)
    return xp.log(xp.where(where, p.probabilities, 1.0))


def kl(p: Distribution, q: Distribution, xp: Any, axis: int) -> Any:
    """KL(p‖q) in nats along `axis`."""
    value = xp.sum(_kl_terms(p, q, xp), axis=axis)
    if isinstance(xp, Symbolic):
        return value
    # Σ (q − p) is 0 up to rounding: it steadies the value and must not tilt the gradient.
    excess = xp.sum(xp.where(supported(p, xp), p.probabilities, 0.0) - q.probabilities, axis=axis)
    return value + (excess - stop_gradient(excess))


def _kl_terms(p: Distribution, q: Distribution, xp: Any) -> Any:
    """p log(p/q) − p + q, elementwise: each at least 0, and 0 only where p = q."""
    in_p, in_q = supported(p, xp), supported(q, xp)
    shared = in_p & in_q
    if isinstance(xp, Symbolic):
        log_term = xp.where(shared, p.probabilities * log_ratio_where(shared, p, q, xp), 0)
        return xp.where(in_p & ~in_q, xp.infinity, log_term)
    safe_p = xp.where(shared, p.probabilities, 1.0)
    safe_q = xp.where(shared, q.probabilities, 1.0)
    term = kl_term(safe_p, safe_q, log_ratio_where(shared, q, p, xp))
    return xp.where(shared, term, xp.where(in_p, math.inf, q.probabilities))


def cross_terms(p: Distribution, q: Distribution, xp: Any) -> Any:
    """−p log q, elementwise: 0 where p = 0, infinite where only q = 0."""
    in_p, in_q = supported(p, xp), supported(q, xp)
    if isinstance(xp, Symbolic):
        safe_q = xp.where(in_q, q.probabilities, 1)
        return xp.where(in_p & ~in_q, xp.infinity, -p.probabilities * xp.log(safe_q))
    return xp.where(in_p & ~in_q, math.inf, 0.0 - p.probabilities * log_of(q, in_q, xp))


def in_base(nats: Any, base: float | None, xp: Any) -> Any:
    """Nats as units of log `base`. The last step of each function: it checks `base` too."""
    if base is None:
        return scalar(nats)
    check_base(base)
    return scalar(nats / (xp.log(base) if isinstance(xp, Symbolic) else math.log(base)))


def scalar(value: Any) -> Any:
    """NumPy's 0-dimensional arrays as its scalars, as SciPy returns them."""
    return value[()] if isinstance(value, np.ndarray) else value
