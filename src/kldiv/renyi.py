r"""Rényi divergences: a family with an order, and KL at order 1.

Conventions, input and errors are those of `kldiv.discrete`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kldiv import _terms
from kldiv._namespace import Symbolic
from kldiv._numerics import exp_remainder, kl_term, without_warnings
from kldiv._validation import Distribution, Form, distributions


@without_warnings
def renyi_divergence(
    p: Any,
    q: Any,
    alpha: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Rényi divergence R_α(p‖q) = 1/(α − 1) · log Σ p^α q^(1−α), of order α.

    Grows with α. Order 1 is the limit KL(p‖q); order 0 is −log of the mass that q gives to what p
    allows; order ∞ is log max p/q; order ½ is −2 log Σ √(pq), which is symmetric.

    Parameters
    ----------
    p, q, base, axis, normalize, form
        As in `kldiv.kl_divergence`.
    alpha : float
        The order, at least 0; `math.inf` is an order too.

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats (or in the unit of `base`), at least 0. Infinite if p and q share no
        outcome; for α ≥ 1 also where p > 0 and q = 0.

    Raises
    ------
    ValueError, TypeError
        As `kldiv.kl_divergence`; and an order that is negative, NaN or not a number.

    Notes
    -----
    With x = log(q/p) and β = 1 − α, Σ p^α q^β − 1 = Σ p (R(βx) − β R(x)) for R(x) = eˣ − 1 − x,
    which keeps its digits where q is near p or α is near 1.

    References
    ----------
    T. van Erven and P. Harremoës, "Rényi divergence and Kullback–Leibler divergence", IEEE Trans.
    Inf. Theory 60 (2014), doi:10.1109/TIT.2014.2320500.

    Examples
    --------
    >>> import math
    >>> from kldiv.renyi import renyi_divergence
    >>> p, q = [0.5, 0.5], [0.75, 0.25]
    >>> [round(float(renyi_divergence(p, q, a)), 4) for a in (0.5, 1, 2, math.inf)]  # nats
    [0.0693, 0.1438, 0.2877, 0.6931]
    """
    try:
        valid = not isinstance(alpha, (str, bytes)) and float(alpha) >= 0
    except (TypeError, ValueError, OverflowError):
        valid = False
    if not valid:
        raise ValueError(f"alpha must be a number, at least 0; got {alpha!r}")
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    if isinstance(xp, Symbolic):
        value = _symbolic_renyi(p, q, xp.rational(alpha), xp, axis)
    else:
        value = _renyi(p, q, float(alpha), xp, axis)
    return _terms.in_base(value, base, xp)


def _renyi(p: Distribution, q: Distribution, alpha: float, xp: Any, axis: int) -> Any:
    if alpha == 1:
        return _terms.kl(p, q, xp, axis)
    in_p, in_q = _terms.supported(p, xp), _terms.supported(q, xp)
    shared = in_p & in_q
    x = _terms.log_ratio_where(shared, q, p, xp)
    escaped = xp.any(in_p & ~in_q, axis=axis)
    if alpha == math.inf:
        largest = xp.max(xp.where(shared, -x, -math.inf), axis=axis)
        return xp.where(escaped, math.inf, xp.where(largest > 0, largest, 0.0))
    if alpha == 0:
        covered = xp.sum(xp.where(in_p, q.probabilities, 0.0), axis=axis)
        missed = xp.sum(xp.where(in_p, 0.0, q.probabilities), axis=axis)
        near = missed < 0.5
        log_covered = xp.where(
            near, xp.log1p(-xp.where(near, missed, 0.0)), xp.log(xp.where(near, 1.0, covered))
        )
        return 0.0 - log_covered
    beta = 1 - alpha
    if alpha < 0.5:  # the same sum with p and q in each other's place keeps the digits of alpha
        excess, near = _excess(q, p, beta, alpha, xp, axis)
    else:
        excess, near = _excess(p, q, alpha, beta, xp, axis)
    # log Σ p e^{βx}, with the largest exponent taken out
    exponent = xp.where(shared, _terms.log_of(p, shared, xp) + beta * x, -math.inf)
    largest = xp.max(exponent, axis=axis, keepdims=True)
    largest = xp.where(largest > -math.inf, largest, 0.0)
    total = xp.sum(xp.where(shared, xp.exp(exponent - largest), 0.0), axis=axis)
    far = xp.log(xp.where(total > 0, total, 1.0)) + xp.squeeze(largest, axis=axis)
    value = xp.where(near, xp.log1p(xp.where(near, excess, 0.0)), far) / (alpha - 1)
    value = xp.where(value > 0, value, xp.zeros_like(value))  # rounding may leave −0 or less
    infinite = ~xp.any(shared, axis=axis)
    return xp.where((infinite | escaped) if alpha > 1 else infinite, math.inf, value)


def _excess(p: Distribution, q: Distribution, alpha: float, beta: float, xp: Any, axis: int) -> Any:
    """Σ p^α q^β − 1 for α + β = 1, α ≥ ½, and where to rely on it: where no (q/p)^β is far from 1.

    With x = log(q/p) and R(x) = eˣ − 1 − x, it is the sum of p (R(βx) − β R(x)) over the shared
    outcomes, less α times the mass of p and β times that of q on the others. All terms have one
    sign: none cancels another.
    """
    shared = _terms.supported(p, xp) & _terms.supported(q, xp)
    x = _terms.log_ratio_where(shared, q, p, xp)
    near = xp.max(xp.abs(x), axis=axis, keepdims=True) * abs(beta) < 0.5
    x = xp.where(near, x, 0.0)
    safe_p, safe_q = (xp.where(shared, part.probabilities, 1.0) for part in (p, q))
    terms = xp.where(
        shared,
        safe_p * exp_remainder(beta * x) - beta * kl_term(safe_p, safe_q, x),
        -alpha * p.probabilities - beta * q.probabilities,
    )
    excess = xp.sum(terms, axis=axis)
    return excess, xp.squeeze(near, axis=axis) & (excess > -0.5)


def _symbolic_renyi(p: Distribution, q: Distribution, alpha: Any, xp: Any, axis: int) -> Any:
    if alpha == 1:
        return _terms.kl(p, q, xp, axis)
    if not alpha.is_finite or alpha == 0:
        raise ValueError(f"of symbols, alpha must be positive and finite; got {alpha}")
    a, b = p.probabilities, q.probabilities
    escaped, shared = (a != 0) & (b == 0), (a != 0) & (b != 0)
    terms = np.where(shared, a, 0) ** alpha * np.where(shared, b, 1) ** (1 - alpha)
    if alpha > 1 and np.any(escaped):
        terms = xp.where(escaped, xp.infinity, terms)
    return xp.log(xp.sum(terms, axis=axis)) / (alpha - 1)
