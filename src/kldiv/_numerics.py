"""The two functions in which every KL divergence of this package keeps its digits.

Near q = p, Kullback–Leibler divergence is a small difference of large terms: computed as it is
written in textbooks it loses its digits, and in single precision even its sign. Both the discrete
and the Gaussian divergence can be written over

    exp_remainder(x) = e^x − 1 − x  ≥ 0,

whose value near 0 is x²/2 and never negative:

    KL(p‖q) = Σ p · exp_remainder(log(q/p))                       (discrete)
    KL(p‖q) = ½ exp_remainder(2d) + ½ ((μ_p − μ_q)/σ_q)²          (normal, d = log(σ_p/σ_q))

Each works on symbols (SymPy), arrays (NumPy) and tensors (PyTorch, with finite gradients).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from kldiv._namespace import Symbolic, namespace_of

# Below this |x| the series x²/2! + x³/3! + … is more accurate than the subtraction. So many terms
# of it suffice for double precision, and so many for single.
_SERIES_BELOW = 2.0**-6
_TERMS_DOUBLE, _TERMS_SINGLE = 7, 4


def exp_remainder(x: Any) -> Any:
    """e^x − 1 − x, elementwise: what remains of the exponential above its tangent at 0."""
    xp = namespace_of(x)
    if isinstance(xp, Symbolic):
        return xp.exp(x) - 1 - x
    if getattr(x, "requires_grad", False):  # a PyTorch tensor that is differentiated
        from kldiv._torch import ExpRemainder

        return ExpRemainder.apply(x)
    return exp_remainder_value(x, xp)


def exp_remainder_value(x: Any, xp: Any) -> Any:
    """`exp_remainder` of numbers: its series near 0, the plain difference elsewhere."""
    small = xp.abs(x) < _SERIES_BELOW
    s = xp.where(small, x, 0.0)
    terms = _TERMS_DOUBLE if xp.finfo(x.dtype).eps < 1e-10 else _TERMS_SINGLE
    series = 1 / math.factorial(terms + 1)
    for n in range(terms, 1, -1):  # Horner's rule
        series = series * s + 1 / math.factorial(n)
    return xp.where(small, series * s * s, xp.expm1(x) - x)


def log_ratio(a: Any, b: Any) -> Any:
    """log(a / b), elementwise, for positive a and b: exact also where a is near b."""
    xp = namespace_of(a)
    if isinstance(xp, Symbolic):
        return xp.log(a) - xp.log(b)
    # a − b is exact for neighbours (Sterbenz); far apart, the two logarithms cannot overflow.
    near = xp.abs(a - b) < b / 2
    relative = xp.where(near, a - b, 0.0) / b
    return xp.where(near, xp.log1p(relative), xp.log(a) - xp.log(b))


def kl_term(p: Any, q: Any, log_q_over_p: Any) -> Any:
    """p log(p/q) − p + q, elementwise, of positive numbers: at least 0, and 0 only where p = q."""
    xp = namespace_of(log_q_over_p)
    near = log_q_over_p < 1
    # Far above, e^x may overflow where the difference q − p does not.
    excess = p * exp_remainder(xp.where(near, log_q_over_p, 0.0))
    return xp.where(near, excess, (q - p) - p * log_q_over_p)


P = ParamSpec("P")
R = TypeVar("R")


def without_warnings(function: Callable[P, R]) -> Callable[P, R]:
    """Let infinities that are returned on purpose come without NumPy's warnings."""

    @functools.wraps(function)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return quiet
