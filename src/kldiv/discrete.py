r"""Entropy, cross-entropy and divergences of discrete distributions.

Conventions, everywhere in this package: p is where the expectation is taken ("true"), q is the
model. Results are in nats unless `base` says otherwise (2 for bits). 0·log 0 is 0. A p > 0 where
q = 0 costs an infinite code length, and infinity is returned.

Each function takes NumPy arrays, PyTorch tensors (or another Array API library's arrays), lists,
or SymPy expressions, and returns what its library returns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kldiv._namespace import Symbolic, stop_gradient
from kldiv._numerics import exp_remainder, log_ratio, without_warnings
from kldiv._validation import check_weights, distributions


@without_warnings
def entropy(
    p: Any, *, base: float | None = None, axis: int | None = -1, normalize: bool = False
) -> Any:
    r"""Entropy H(p) = −Σ p log p: the expected code length of the best code for p.

    Parameters
    ----------
    p : array_like, shape (..., n)
        Probabilities along `axis`: not negative, summing to 1.
    base : float, optional
        Base of the logarithm, greater than 1. Default e, for nats; 2 for bits.
    axis : int or None, default -1
        Axis that holds a distribution. None: all entries are one distribution.
    normalize : bool, default False
        Divide by the sum along `axis` first (p may then be counts).

    Returns
    -------
    array or scalar, shape (...)
        Entropy in nats (or in the unit of `base`), between 0 and log n.

    Raises
    ------
    ValueError
        NaN, infinite or negative entries; entries that do not sum to 1 (within the square root
        of the type's precision: 1.5e-8 for double); an empty axis; a bad axis or base.
    TypeError
        Entries that are not real numbers, or arrays of two libraries.

    References
    ----------
    C. E. Shannon, "A mathematical theory of communication", Bell Syst. Tech. J. 27 (1948),
    doi:10.1002/j.1538-7305.1948.tb01338.x.

    Examples
    --------
    >>> from kldiv import entropy
    >>> float(entropy([0.5, 0.25, 0.25], base=2))  # bits
    1.5
    """
    xp, (p,), axis = distributions(axis, normalize, p=p)
    return _in_base(xp.sum(_cross_terms(p, p, xp), axis=axis), base, xp)


@without_warnings
def cross_entropy(
    p: Any, q: Any, *, base: float | None = None, axis: int | None = -1, normalize: bool = False
) -> Any:
    r"""Cross-entropy H(p, q) = −Σ p log q: the expected length of data from p in a code for q.

    Parameters, errors and units are those of `kl_divergence`. Infinite where p > 0 and q = 0.

    Returns
    -------
    array or scalar, shape (...)
        H(p, q) = H(p) + KL(p‖q), in nats (or in the unit of `base`).

    References
    ----------
    T. M. Cover and J. A. Thomas, *Elements of Information Theory*, 2nd ed. (2006), section 5.4,
    doi:10.1002/047174882X.

    Examples
    --------
    >>> from kldiv import cross_entropy
    >>> round(float(cross_entropy([0.5, 0.5], [0.25, 0.75], base=2)), 6)  # bits
    1.207519
    """
    xp, (p, q), axis = distributions(axis, normalize, p=p, q=q)
    return _in_base(xp.sum(_cross_terms(p, q, xp), axis=axis), base, xp)


@without_warnings
def kl_divergence(
    p: Any, q: Any, *, base: float | None = None, axis: int | None = -1, normalize: bool = False
) -> Any:
    r"""Kullback–Leibler divergence KL(p‖q) = Σ p log(p/q).

    The expected extra code length when data from p are written in the best code for q; also the
    expected log-likelihood ratio of p against q under p. It is 0 where p = q and positive
    otherwise, and not symmetric.

    Parameters
    ----------
    p, q : array_like, shapes that broadcast to (..., n)
        Probabilities along `axis`: not negative, summing to 1.
    base : float, optional
        Base of the logarithm, greater than 1. Default e, for nats; 2 for bits.
    axis : int or None, default -1
        Axis of the broadcast arrays that holds a distribution. None: all entries are one.
    normalize : bool, default False
        Divide each by its sum along `axis` first (p and q may then be counts).

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats (or in the unit of `base`), at least 0; infinite where p > 0 and q = 0.

    Raises
    ------
    ValueError
        NaN, infinite or negative entries; entries that do not sum to 1 (within the square root
        of the type's precision: 1.5e-8 for double); shapes that do not broadcast; an empty axis;
        a bad axis or base.
    TypeError
        Entries that are not real numbers, or arrays of two libraries.

    Notes
    -----
    Summed as Σ (p log(p/q) − p + q): the added terms cancel in exact arithmetic, and with them no
    term is negative, so that nothing is lost where q is near p. Gradients are those of
    Σ p log(p/q); where p is 0 the one with respect to p, −∞ in the limit, is taken as 0.

    References
    ----------
    S. Kullback and R. A. Leibler, "On information and sufficiency", Ann. Math. Stat. 22 (1951),
    doi:10.1214/aoms/1177729694.

    Examples
    --------
    >>> from kldiv import kl_divergence
    >>> p, q = [0.5, 0.5], [0.75, 0.25]
    >>> round(float(kl_divergence(p, q)), 6)  # nats
    0.143841
    >>> round(float(kl_divergence(p, q, base=2)), 6)  # bits
    0.207519
    >>> float(kl_divergence([0.5, 0.5], [1.0, 0.0]))  # q rules out what p does half the time
    inf
    """
    xp, (p, q), axis = distributions(axis, normalize, p=p, q=q)
    return _in_base(_kl(p, q, xp, axis), base, xp)


@without_warnings
def js_divergence(
    p: Any,
    q: Any,
    *,
    weights: Sequence[float] | None = None,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
) -> Any:
    r"""Jensen–Shannon divergence JS(p, q) = w₁ KL(p‖m) + w₂ KL(q‖m), with m = w₁ p + w₂ q.

    The divergence, not its square root (which is a metric, for equal weights). Symmetric for
    equal weights, always finite, at most the entropy of the weights (log 2 for equal ones): what
    one draw tells, on average, about which of the two it came from.

    Parameters
    ----------
    p, q, base, axis, normalize
        As in `kl_divergence`.
    weights : two numbers, optional
        w₁ and w₂, not negative, summing to 1. Default (½, ½).

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats (or in the unit of `base`), between 0 and H(w).

    Raises
    ------
    ValueError, TypeError
        As `kl_divergence`; and weights that are not two numbers, not negative, summing to 1.

    References
    ----------
    J. Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37 (1991),
    doi:10.1109/18.61115.

    Examples
    --------
    >>> from kldiv import js_divergence
    >>> float(js_divergence([1.0, 0.0], [0.0, 1.0], base=2))  # one draw tells all: 1 bit
    1.0
    """
    xp, (p, q), axis = distributions(axis, normalize, p=p, q=q)
    weight_p, weight_q, bound = check_weights(weights)
    if isinstance(xp, Symbolic):
        weight_p, weight_q = xp.rational(weight_p), xp.rational(weight_q)
        mixture = weight_p * p + weight_q * q
        parts = [
            w * _kl(part, mixture, xp, axis) for w, part in ((weight_p, p), (weight_q, q)) if w
        ]
        return _in_base(sum(parts[1:], parts[0]), base, xp)
    mixture = weight_p * p + weight_q * q
    # A weight times the smallest number can vanish; the mixture must not, where p or q is there.
    mixture = xp.where(mixture > 0, mixture, xp.maximum(p, q))
    value = xp.zeros_like(xp.sum(p, axis=axis))
    for weight, part in ((weight_p, p), (weight_q, q)):
        if weight > 0:
            value = value + weight * _kl(part, mixture, xp, axis)
    # Rounding may pass the bound by a last digit; a user's sqrt or comparison should not see it.
    return _in_base(xp.where(value > bound, bound, value), base, xp)


@without_warnings
def jeffreys_divergence(
    p: Any, q: Any, *, base: float | None = None, axis: int | None = -1, normalize: bool = False
) -> Any:
    r"""Jeffreys divergence J(p, q) = KL(p‖q) + KL(q‖p) = Σ (p − q) log(p/q).

    Symmetric; infinite where one is 0 and the other is not. Parameters, errors and units are
    those of `kl_divergence`.

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats (or in the unit of `base`), at least 0.

    References
    ----------
    H. Jeffreys, "An invariant form for the prior probability in estimation problems",
    Proc. R. Soc. A 186 (1946), doi:10.1098/rspa.1946.0056.

    Examples
    --------
    >>> from kldiv import jeffreys_divergence
    >>> round(float(jeffreys_divergence([0.5, 0.5], [0.75, 0.25])), 6)  # nats
    0.274653
    """
    xp, (p, q), axis = distributions(axis, normalize, p=p, q=q)
    return _in_base(_kl(p, q, xp, axis) + _kl(q, p, xp, axis), base, xp)


def _kl(p: Any, q: Any, xp: Any, axis: int) -> Any:
    """KL(p‖q) in nats along `axis`, of distributions that have been checked."""
    value = xp.sum(_kl_terms(p, q, xp), axis=axis)
    if isinstance(xp, Symbolic):
        return value
    # Σ (q − p) is 0 up to rounding: it steadies the value and must not tilt the gradient.
    excess = xp.sum(xp.where(p > 0, p, 0.0) - q, axis=axis)
    return value + (excess - stop_gradient(excess))


def _kl_terms(p: Any, q: Any, xp: Any) -> Any:
    """p log(p/q) − p + q, elementwise: each at least 0, and 0 only where p = q."""
    if isinstance(xp, Symbolic):
        shared = (p != 0) & (q != 0)
        safe_p, safe_q = xp.where(shared, p, 1), xp.where(shared, q, 1)
        log_term = xp.where(shared, safe_p * (xp.log(safe_p) - xp.log(safe_q)), 0)
        return xp.where((p != 0) & (q == 0), xp.infinity, log_term)
    shared = (p > 0) & (q > 0)
    safe_p, safe_q = xp.where(shared, p, 1.0), xp.where(shared, q, 1.0)
    log_q_over_p = log_ratio(safe_q, safe_p)
    near = log_q_over_p < 1
    # Far above, e^x may overflow where the difference q − p does not.
    term = xp.where(
        near,
        safe_p * exp_remainder(xp.where(near, log_q_over_p, 0.0)),
        (safe_q - safe_p) - safe_p * log_q_over_p,
    )
    return xp.where(shared, term, xp.where(p > 0, math.inf, q))


def _cross_terms(p: Any, q: Any, xp: Any) -> Any:
    """−p log q, elementwise: 0 where p = 0, infinite where only q = 0."""
    if isinstance(xp, Symbolic):
        safe_q = xp.where((p != 0) & (q != 0), q, 1)
        return xp.where((p != 0) & (q == 0), xp.infinity, -p * xp.log(safe_q))
    safe_q = xp.where((p > 0) & (q > 0), q, 1.0)
    return xp.where((p > 0) & (q == 0), math.inf, 0.0 - p * xp.log(safe_q))


def _in_base(nats: Any, base: float | None, xp: Any) -> Any:
    """Nats as units of log `base`. The last step of each function: it checks `base` too."""
    if base is None:
        return _scalar(nats)
    try:
        valid = math.isfinite(base) and base > 1
    except (TypeError, OverflowError):
        valid = False
    if not valid:
        raise ValueError(f"base must be a finite number greater than 1; got {base!r}")
    return _scalar(nats / (xp.log(base) if isinstance(xp, Symbolic) else math.log(base)))


def _scalar(value: Any) -> Any:
    """NumPy's 0-dimensional arrays as its scalars, as SciPy returns them."""
    return value[()] if isinstance(value, np.ndarray) else value
