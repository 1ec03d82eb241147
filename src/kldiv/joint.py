r"""What two variables say about each other, from the table of their joint distribution.

A joint table holds p(x, y), with x along one axis and y along another. Conventions, input and
errors are those of `kldiv.discrete`; infinities do not occur.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from kldiv import _terms
from kldiv._namespace import Symbolic, to_arrays
from kldiv._numerics import log_ratio, without_warnings
from kldiv._validation import Distribution, Form, distributions


@without_warnings
def mutual_information(
    joint: Any,
    *,
    axes: tuple[int, int] = (-2, -1),
    base: float | None = None,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Mutual information I(X; Y) = KL(p(x, y) ‖ p(x) p(y)).

    What knowing one variable saves, on average, in coding the other; 0 for independent ones, and
    symmetric.

    Parameters
    ----------
    joint : array_like, shape (..., n, m)
        The joint distribution: not negative, summing to 1 over the two `axes`.
    axes : two integers, default (-2, -1)
        The axes along which x and y run.
    base, normalize, form
        As in `kldiv.kl_divergence`.

    Returns
    -------
    array or scalar, shape (...)
        Information in nats (or in the unit of `base`), between 0 and the smaller of the entropies
        of x and y.

    Raises
    ------
    ValueError, TypeError
        As `kldiv.kl_divergence`; fewer than two axes, or the same one twice.

    References
    ----------
    T. M. Cover and J. A. Thomas, *Elements of Information Theory*, 2nd ed. (2006), section 2.3,
    doi:10.1002/047174882X.

    Examples
    --------
    >>> from kldiv.joint import mutual_information
    >>> round(float(mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2)), 6)  # 1 bit in common
    1.0
    >>> float(mutual_information([[0.25, 0.25], [0.25, 0.25]], base=2))
    0.0
    """
    xp, p = _joint(joint, axes, normalize, form)
    product = xp.sum(p, axis=-1, keepdims=True) * xp.sum(p, axis=-2, keepdims=True)
    if not isinstance(xp, Symbolic):
        # Where the product of two small marginals vanishes, the joint term is negligible.
        product = xp.where(product > 0, product, p)
    reshape = np.reshape if isinstance(xp, Symbolic) else xp.reshape
    flat = (*p.shape[:-2], p.shape[-2] * p.shape[-1])
    p, product = reshape(p, flat), reshape(product, flat)
    value = _terms.kl(Distribution(p), Distribution(product), xp, -1)
    if not isinstance(xp, Symbolic):
        value = xp.where(value > 0, value, xp.zeros_like(value))
    return _terms.in_base(value, base, xp)


@without_warnings
def conditional_entropy(
    joint: Any,
    *,
    axes: tuple[int, int] = (-2, -1),
    base: float | None = None,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""Conditional entropy H(Y|X) = −Σ p(x, y) log p(y|x) = H(X, Y) − H(X).

    What remains uncertain about y, on average, once x is known.

    Parameters
    ----------
    joint, base, normalize, form
        As in `mutual_information`.
    axes : two integers, default (-2, -1)
        The axis of x, which is known, and that of y.

    Returns
    -------
    array or scalar, shape (...)
        Entropy in nats (or in the unit of `base`), between 0 and the entropy of y.

    Raises
    ------
    ValueError, TypeError
        As `mutual_information`.

    References
    ----------
    T. M. Cover and J. A. Thomas, *Elements of Information Theory*, 2nd ed. (2006), section 2.2,
    doi:10.1002/047174882X.

    Examples
    --------
    >>> from kldiv.joint import conditional_entropy
    >>> float(conditional_entropy([[0.25, 0.25], [0.0, 0.5]], base=2))  # half the time, 1 bit
    0.5
    """
    xp, p = _joint(joint, axes, normalize, form)
    given = xp.sum(p, axis=-1, keepdims=True)
    if isinstance(xp, Symbolic):
        there = p != 0
        ratio = xp.where(there, p, 1) / xp.where(there, given + 0 * p, 1)
        terms = xp.where(there, -p * xp.log(ratio), 0)
    else:
        there = p > 0
        safe_given = xp.where(there, xp.broadcast_to(given, p.shape), 1.0)
        log_ratios = log_ratio(safe_given, xp.where(there, p, 1.0))
        terms = xp.where(there, p * log_ratios, 0.0)
        terms = xp.where(terms > 0, terms, xp.zeros_like(terms))
    return _terms.in_base(xp.sum(xp.sum(terms, axis=-1), axis=-1), base, xp)


def _joint(joint: Any, axes: Any, normalize: bool, form: Form) -> tuple[Any, Any]:
    """The namespace, and the checked probabilities with x and y along the last two axes."""
    try:
        first, second = (operator.index(axis) for axis in axes)
    except (TypeError, ValueError):
        raise ValueError(f"axes must be two integers; got {axes!r}") from None
    xp, (joint,) = to_arrays(joint=joint)
    shape = tuple(joint.shape)
    if len(shape) < 2:
        raise ValueError(f"a joint distribution needs at least two axes; got shape {shape}")
    if not all(-len(shape) <= axis < len(shape) for axis in (first, second)):
        raise ValueError(f"axes {(first, second)} are not axes of an array of shape {shape}")
    if first % len(shape) == second % len(shape):
        raise ValueError(f"axes must be two different ones; got {(first, second)}")
    if 0 in (shape[first], shape[second]):
        raise ValueError(f"a joint distribution needs outcomes; got an empty table, shape {shape}")
    arrays = np if isinstance(xp, Symbolic) else xp
    joint = arrays.moveaxis(joint, (first, second), (-2, -1))
    shape = tuple(joint.shape)
    flat = arrays.reshape(joint, (*shape[:-2], shape[-2] * shape[-1]))
    # The table is laid out in one line for the check; the reader knows two axes.
    _xp, (checked,), _axis = distributions(-1, normalize, form, along="over both axes", joint=flat)
    return xp, arrays.reshape(checked.probabilities, shape)
