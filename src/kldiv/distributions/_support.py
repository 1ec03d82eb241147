"""Where p puts probability and q puts none, KL(p‖q) is infinite."""

from __future__ import annotations

import math

import numpy as np

from kldiv.distributions._types import Multivariate, Univariate, View, same


def compatible(p: View, q: View) -> None:
    """Raise ValueError where p and q are not distributions of the same kind of thing."""
    if isinstance(p, Univariate) and isinstance(q, Univariate):
        if p.space != q.space:
            raise ValueError(f"{p.name} is on {p.space}, but {q.name} on {q.space}")
        return
    shape_p = p.shape if isinstance(p, Multivariate) else ()
    shape_q = q.shape if isinstance(q, Multivariate) else ()
    if shape_p != shape_q:
        raise ValueError(
            f"the draws of p ({p.name}) have shape {shape_p}, those of q ({q.name}) {shape_q}"
        )


def mismatch(p: View, q: View) -> bool:
    """Whether p puts probability outside the support of q, as their supports tell.

    Gaps inside the support of q are found by integration and summation.
    """
    if p.discrete != q.discrete:
        return True
    if isinstance(p, Univariate) and isinstance(q, Univariate):
        if p.discrete:
            return _lattice_mismatch(p, q)
        (low_p, high_p), (low_q, high_q) = p.support, q.support
        if p.circular:
            return False
        below = low_p < low_q and not same(low_p, low_q)
        above = high_p > high_q and not same(high_p, high_q)
        return below or above
    assert isinstance(p, Multivariate) and isinstance(q, Multivariate)
    return p.space != q.space or _fixed_total(p) != _fixed_total(q)


def _lattice_mismatch(p: Univariate, q: Univariate) -> bool:
    """Atoms of p off the lattice of q, or beyond its ends."""
    if p.atoms is not None or q.atoms is not None:
        return False  # the sum asks each atom
    offset = p.support[0] - q.support[0]
    if not math.isfinite(offset):
        offset = getattr(p.parameters, "loc", 0.0) - getattr(q.parameters, "loc", 0.0)
    if not same(round(offset), offset) and abs(offset - round(offset)) > 1e-12:
        return True
    # A family may have no probability at the end of its support: binom(10, 0) at 10.
    outside = []
    if p.support[0] < q.support[0] - 0.5:
        outside += [p.support[0], q.support[0] - 1]
    if p.support[1] > q.support[1] + 0.5:
        outside += [p.support[1], q.support[1] + 1]
    outside = [x for x in outside if math.isfinite(x)]
    return bool(outside) and bool(np.any(p.log_density(outside) > -math.inf))


def _fixed_total(view: Multivariate) -> float | None:
    """The number that counts of this distribution sum to, if it is the same for all draws."""
    total = getattr(view.parameters, "n", None)
    return float(np.sum(total)) if view.discrete and total is not None else None
