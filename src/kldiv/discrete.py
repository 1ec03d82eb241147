r"""Entropy, cross-entropy and divergences of discrete distributions.

Conventions, everywhere in this package: p is where the expectation is taken ("true"), q is the
model. Results are in nats unless `base` says otherwise (2 for bits). 0·log 0 is 0. A p > 0 where
q = 0 costs an infinite code length, and infinity is returned.

Each function takes NumPy arrays, PyTorch tensors (or another Array API library's arrays), lists,
or SymPy expressions, and returns what its library returns. The entries are probabilities, counts
(`normalize=True`), log-probabilities or logits (`form`). They are paired by place: where both
distributions have labels, as pandas' Series have, and these differ, that is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kldiv import _one_pass, _terms
from kldiv._namespace import Symbolic
from kldiv._numerics import without_warnings
from kldiv._validation import Distribution, Form, check_weights, distributions


@without_warnings
def entropy(
    p: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
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
    form : {"probabilities", "log_probabilities", "logits"}, default "probabilities"
        What the entries are: probabilities, their logarithms (−inf for 0), or logits, which are
        logarithms up to a constant, as a softmax takes them. The last two keep the ratio of
        probabilities that are too small for the type.

    Returns
    -------
    array or scalar, shape (...)
        Entropy in nats (or in the unit of `base`), between 0 and log n.

    Raises
    ------
    ValueError
        NaN, infinite or negative entries; entries that do not sum to 1 (within the square root
        of the type's precision: 1.5e-8 for double); an empty axis; a bad axis, base or form.
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
    xp, (p,), axis = distributions(axis, normalize, form, p=p)
    return _terms.in_base(xp.sum(_terms.cross_terms(p, p, xp), axis=axis), base, xp)


@without_warnings
def cross_entropy(
    p: Any,
    q: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
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
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    return _terms.in_base(xp.sum(_terms.cross_terms(p, q, xp), axis=axis), base, xp)


def kl_divergence(
    p: Any,
    q: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
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
    form : {"probabilities", "log_probabilities", "logits"}, default "probabilities"
        What the entries are: probabilities, their logarithms (−inf for 0), or logits, which are
        logarithms up to a constant, as a softmax takes them. The last two keep the ratio of
        probabilities that are too small for the type.

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats (or in the unit of `base`), at least 0; infinite where p > 0 and q = 0.

    Raises
    ------
    ValueError
        NaN, infinite or negative entries; entries that do not sum to 1 (within the square root
        of the type's precision: 1.5e-8 for double); shapes that do not broadcast; a single
        entry beside many that are normalized or logits; labels that differ; an empty axis; a bad
        axis, base or form.
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
    if form == "probabilities" and not normalize:
        value = _one_pass.kl(p, q, axis, _general_kl)
        if value is not None:
            return value if base is None else _terms.in_base(value, base, np)
    return _general_kl(p, q, base=base, axis=axis, normalize=normalize, form=form)


@without_warnings
def _general_kl(
    p: Any,
    q: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    return _terms.in_base(_terms.kl(p, q, xp, axis), base, xp)


@without_warnings
def js_divergence(
    p: Any,
    q: Any,
    *,
    weights: Sequence[float] | None = None,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Jensen–Shannon divergence JS(p, q) = w₁ KL(p‖m) + w₂ KL(q‖m), with m = w₁ p + w₂ q.

    The divergence, not its square root (which is a metric, for equal weights). Symmetric for
    equal weights, always finite, at most the entropy of the weights (log 2 for equal ones): what
    one draw tells, on average, about which of the two it came from.

    Parameters
    ----------
    p, q, base, axis, normalize, form
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
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    weight_p, weight_q, bound = check_weights(weights)
    if isinstance(xp, Symbolic):
        weight_p, weight_q = xp.rational(weight_p), xp.rational(weight_q)
    mixture = weight_p * p.probabilities + weight_q * q.probabilities
    if not isinstance(xp, Symbolic):
        # A weight times the smallest number can vanish; the mixture must not.
        largest = xp.maximum(p.probabilities, q.probabilities)
        mixture = xp.where(mixture > 0, mixture, largest)
    parts = [
        weight * _terms.kl(Distribution(part.probabilities), Distribution(mixture), xp, axis)
        for weight, part in ((weight_p, p), (weight_q, q))
        if weight > 0
    ]
    value = sum(parts[1:], parts[0])
    if not isinstance(xp, Symbolic):
        # Rounding may pass the bound by a last digit; a comparison should not see it.
        value = xp.where(value > bound, bound, value)
    return _terms.in_base(value, base, xp)


@without_warnings
def jeffreys_divergence(
    p: Any,
    q: Any,
    *,
    base: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
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
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    return _terms.in_base(_terms.kl(p, q, xp, axis) + _terms.kl(q, p, xp, axis), base, xp)
