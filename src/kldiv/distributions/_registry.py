"""The closed forms, by pair of families, and the decorator that adds to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

#: A closed form takes the parameters of p and of q and returns nats, or NotImplemented.
ClosedForm = Callable[[Any, Any], Any]

_closed_forms: dict[tuple[type, type], ClosedForm] = {}


def register_kl(p: Any, q: Any, *, replace: bool = False) -> Callable[[ClosedForm], ClosedForm]:
    """Register a closed form of KL(p‖q) for a pair of families.

    Parameters
    ----------
    p, q : distribution of scipy.stats, or class
        The families: `scipy.stats.gamma`, an instance of your own subclass of `rv_continuous`,
        or the class itself. Subclasses do not inherit: they may have another density.
    replace : bool, default False
        Take the place of a closed form that is registered already.

    Returns
    -------
    decorator
        For a function of two arguments, the parameters of p and of q as attributes: the family's
        shape parameters by name, `loc`, and (continuous families) `scale`; for multivariate
        families what the frozen distribution calls its parameters. It returns KL(p‖q) in nats,
        `math.inf` where that is the value, or `NotImplemented` for parameters it has no formula
        for, which are then integrated. It is called only with valid parameters, and only if the
        support of p lies within that of q.

    Raises
    ------
    ValueError
        The pair has a closed form already and `replace` is False.
    TypeError
        `p` or `q` is not a family (a frozen distribution, say).

    Examples
    --------
    >>> import math
    >>> import scipy.stats
    >>> from kldiv.distributions import kl, register_kl
    >>> class Triangle(scipy.stats.rv_continuous):  # density 2x on (0, 1)
    ...     def _pdf(self, x):
    ...         return 2 * x
    >>> triangle = Triangle(a=0, b=1, name="triangle")
    >>> uniform = scipy.stats.uniform
    >>> kl(triangle(), uniform()).method
    'quadrature'
    >>> @register_kl(triangle, uniform)
    ... def kl_triangle_uniform(p, q):
    ...     if (p.loc, p.scale) != (q.loc, q.scale):
    ...         return NotImplemented
    ...     return math.log(2) - 0.5
    >>> kl(triangle(), uniform())
    KLResult(0.193147 nats, closed form)
    """
    pair = family_of(p), family_of(q)

    def register(function: ClosedForm) -> ClosedForm:
        if pair in _closed_forms and not replace:
            raise ValueError(
                f"({pair[0].__name__}, {pair[1].__name__}) has a closed form already, "
                f"{_closed_forms[pair].__name__}; pass replace=True to take its place"
            )
        _closed_forms[pair] = function
        return function

    return register


def closed_form(p: type, q: type) -> ClosedForm | None:
    """The closed form for a pair of classes of distributions, if there is one."""
    return _closed_forms.get((p, q))


def family_of(family: Any) -> type:
    """The class under which a family is registered."""
    if inspect.isclass(family):
        return family
    if callable(family):
        return type(family)
    raise TypeError(
        "register families, such as scipy.stats.gamma, or classes, not frozen distributions; "
        f"got {family!r}"
    )
