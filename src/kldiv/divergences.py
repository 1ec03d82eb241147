r"""Divergences without logarithms: total variation, χ² and Hellinger.

Conventions, input and errors are those of `kldiv.discrete`. These are not logarithms of anything,
so they have no unit.
"""

from __future__ import annotations

import math
from typing import Any

from kldiv import _terms
from kldiv._namespace import Symbolic
from kldiv._numerics import without_warnings
from kldiv._validation import Form, distributions


@without_warnings
def total_variation(
    p: Any,
    q: Any,
    *,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Total variation distance TV(p, q) = ``½ Σ |p − q|``.

    The largest difference that p and q give to the probability of any event. A metric, between 0
    and 1 (1 if they share no outcome). Parameters and errors are those of `kldiv.kl_divergence`,
    without `base`.

    Returns
    -------
    array or scalar, shape (...)
        Distance, a probability: no unit.

    References
    ----------
    A. L. Gibbs and F. E. Su, "On choosing and bounding probability metrics", Int. Stat. Rev. 70
    (2002), doi:10.1111/j.1751-5823.2002.tb00178.x.

    Examples
    --------
    >>> from kldiv.divergences import total_variation
    >>> float(total_variation([0.5, 0.5], [0.75, 0.25]))
    0.25
    """
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    value = xp.sum(abs(p.probabilities - q.probabilities), axis=axis) / 2
    return _terms.scalar(_at_most_one(value, xp))


@without_warnings
def chi_squared_divergence(
    p: Any,
    q: Any,
    *,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Pearson's divergence χ²(p‖q) = Σ (p − q)²/q.

    The variance of the likelihood ratio p/q under q. Parameters and errors are those of
    `kldiv.kl_divergence`, without `base`.

    Returns
    -------
    array or scalar, shape (...)
        Divergence, at least 0, without unit; infinite where p > 0 and q = 0.

    References
    ----------
    Gibbs and Su (2002), doi:10.1111/j.1751-5823.2002.tb00178.x.

    Examples
    --------
    >>> from kldiv.divergences import chi_squared_divergence
    >>> round(float(chi_squared_divergence([0.5, 0.5], [0.75, 0.25])), 6)
    0.333333
    """
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    in_p, in_q = _terms.supported(p, xp), _terms.supported(q, xp)
    if isinstance(xp, Symbolic):
        safe_q = xp.where(in_q, q.probabilities, 1)
        terms = xp.where(in_q, (p.probabilities - q.probabilities) ** 2 / safe_q, 0)
        return xp.sum(xp.where(in_p & ~in_q, xp.infinity, terms), axis=axis)
    shared = in_p & in_q
    x = _terms.log_ratio_where(shared, p, q, xp)
    near = x < 1
    safe_p = xp.where(shared, p.probabilities, 1.0)
    safe_q = xp.where(shared, q.probabilities, 1.0)
    term = xp.where(
        near,
        safe_q * xp.expm1(xp.where(near, x, 0.0)) ** 2,
        # p²/q, which need not overflow or underflow where a factor does
        xp.exp(xp.where(near, 0.0, x + _terms.log_of(p, shared, xp))) - 2 * safe_p + safe_q,
    )
    term = xp.where(shared, term, xp.where(in_p, math.inf, q.probabilities))
    return _terms.scalar(xp.sum(term, axis=axis))


@without_warnings
def squared_hellinger(
    p: Any,
    q: Any,
    *,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Squared Hellinger distance H²(p, q) = ½ Σ (√p − √q)² = 1 − Σ √(pq).

    Its square root is a metric. Parameters and errors are those of `kldiv.kl_divergence`, without
    `base`.

    Returns
    -------
    array or scalar, shape (...)
        Squared distance, between 0 and 1 (1 if p and q share no outcome), without unit.

    References
    ----------
    Gibbs and Su (2002), doi:10.1111/j.1751-5823.2002.tb00178.x.

    Examples
    --------
    >>> from kldiv.divergences import squared_hellinger
    >>> float(squared_hellinger([1.0, 0.0], [0.0, 1.0]))
    1.0
    """
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    p, q = p.probabilities, q.probabilities
    if isinstance(xp, Symbolic):
        return xp.sum((xp.sqrt(p) - xp.sqrt(q)) ** 2, axis=axis) / 2
    # √p − √q = (p − q)/(√p + √q) has no cancellation, and roots of positive numbers only.
    shared = (p > 0) & (q > 0)
    roots = xp.sqrt(xp.where(shared, p, 1.0)) + xp.sqrt(xp.where(shared, q, 1.0))
    terms = xp.where(shared, ((p - q) / roots) ** 2, p + q)
    return _terms.scalar(_at_most_one(xp.sum(terms, axis=axis) / 2, xp))


def _at_most_one(value: Any, xp: Any) -> Any:
    """Rounding may pass the bound by a last digit."""
    return value if isinstance(xp, Symbolic) else xp.where(value > 1, xp.ones_like(value), value)
