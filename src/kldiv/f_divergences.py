r"""f-divergences: one for every convex function f with f(1) = 0.

Conventions, input and errors are those of `kldiv.discrete`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kldiv import _terms
from kldiv._namespace import Symbolic, is_symbolic
from kldiv._numerics import without_warnings
from kldiv._validation import Distribution, Form, distributions


@without_warnings
def f_divergence(
    p: Any,
    q: Any,
    generator: Callable[[Any], Any],
    *,
    at_zero: float | None = None,
    slope_at_infinity: float | None = None,
    axis: int | None = -1,
    normalize: bool = False,
    form: Form = "probabilities",
) -> Any:
    r"""f-divergence D_f(p‖q) = Σ q f(p/q), of a convex function f with f(1) = 0.

    f(t) = t log t gives KL(p‖q), −log t gives KL(q‖p), (t − 1)² gives χ², ½|t − 1| total variation,
    ½(√t − 1)² squared Hellinger.

    Parameters
    ----------
    p, q, axis, normalize, form
        As in `kldiv.kl_divergence`.
    generator : callable
        f: takes an array of ratios t = p/q > 0, of the library of p and q, and returns f(t) for
        each. Convex, with f(1) = 0. (Symbols: called with each expression.)
    at_zero : float, optional
        f(0), for outcomes with p = 0 < q; may be infinite. Default: generator(0).
    slope_at_infinity : float, optional
        lim f(t)/t as t → ∞: what a unit of mass costs where p > 0 and q = 0. Infinite for t log t,
        0 for −log t, ½ for total variation. Needed only if there is such an outcome. Where p/q
        overflows or underflows, the two stand in for f, and must be finite.

    Returns
    -------
    array or scalar, shape (...)
        Divergence, at least 0, in the unit of f.

    Raises
    ------
    ValueError, TypeError
        As `kldiv.kl_divergence`; f(1) ≠ 0; f does not take arrays, or returns NaN, or another
        shape; an outcome with p > 0 = q but no `slope_at_infinity`; one where p/q overflows or
        underflows and f has no finite limit; a result that is negative, as no convex f gives.

    References
    ----------
    I. Csiszár, "Information-type measures of difference of probability distributions", Studia Sci.
    Math. Hungar. 2 (1967). S. M. Ali and S. D. Silvey, J. R. Stat. Soc. B 28 (1966),
    doi:10.1111/j.2517-6161.1966.tb00626.x.

    Examples
    --------
    >>> import numpy as np
    >>> from kldiv.f_divergences import f_divergence
    >>> p, q = [0.5, 0.5], [0.75, 0.25]
    >>> round(float(f_divergence(p, q, lambda t: t * np.log(t))), 6)  # KL(p‖q), nats
    0.143841
    """
    if not callable(generator):
        raise TypeError(f"generator must be a function of the ratio p/q; got {generator!r}")
    xp, (p, q), axis = distributions(axis, normalize, form, p=p, q=q)
    in_p, in_q = _terms.supported(p, xp), _terms.supported(q, xp)
    shared = in_p & in_q
    one = 1 if isinstance(xp, Symbolic) else 1.0
    ratio = _ratio(p, q, shared, xp)
    only_p, only_q = in_p & ~in_q, in_q & ~in_p
    if not isinstance(xp, Symbolic):
        # Beyond the range of the type a ratio is as good as infinite, or 0: so are f's limits.
        above, below = ratio == math.inf, ratio == 0
        if at_zero is None and xp.any(below):
            at_zero = _at_zero(generator, ratio, xp)
        _check_limit(above, "slope_at_infinity", slope_at_infinity, xp)
        _check_limit(below, "at_zero", at_zero, xp)
        only_p, only_q, shared = only_p | above, only_q | below, shared & ~above & ~below
        ratio = _ratio(p, q, shared, xp)  # anew, so that no gradient passes through those
    f = _values(generator, ratio, xp)
    at_one = _values(generator, ratio * 0 + one, xp)
    if not isinstance(xp, Symbolic) and not xp.all(xp.abs(at_one) < 1e-6):
        raise ValueError(f"generator(1) must be 0; got {float(xp.max(at_one)):g}")
    terms = xp.where(shared, q.probabilities * f, 0 * one)
    if np.any(only_p) if isinstance(xp, Symbolic) else xp.any(only_p):
        if slope_at_infinity is None:
            raise ValueError(
                "p > 0 where q = 0: pass slope_at_infinity, the limit of f(t)/t for large t"
            )
        cost = _mass_times(p.probabilities, slope_at_infinity, xp)
        terms = xp.where(only_p, cost, terms)
    if np.any(only_q) if isinstance(xp, Symbolic) else xp.any(only_q):
        if at_zero is None:
            at_zero = _at_zero(generator, ratio, xp)
        terms = xp.where(only_q, _mass_times(q.probabilities, at_zero, xp), terms)
    value = xp.sum(terms, axis=axis)
    if isinstance(xp, Symbolic):
        return value
    steepness = _steepness(generator, ratio, xp)
    eps = float(xp.finfo(value.dtype).eps)
    rounding = 16 * eps * (xp.sum(xp.abs(terms), axis=axis) + steepness)
    if not xp.all(value >= -rounding):
        raise ValueError(
            f"the sum is negative ({float(xp.min(value)):.3g}): the generator is not convex"
        )
    return _terms.scalar(xp.where(value > 0, value, xp.zeros_like(value)))


def _ratio(p: Distribution, q: Distribution, shared: Any, xp: Any) -> Any:
    if isinstance(xp, Symbolic):
        return xp.where(shared, p.probabilities, 1) / xp.where(shared, q.probabilities, 1)
    if p.logs is not None:
        return xp.exp(_terms.log_ratio_where(shared, p, q, xp))
    return xp.where(shared, p.probabilities, 1.0) / xp.where(shared, q.probabilities, 1.0)


def _check_limit(beyond: Any, name: str, limit: float | None, xp: Any) -> None:
    """Where p/q overflows or underflows, a limit of f stands in for f(p/q), if it is finite."""
    if xp.any(beyond) and (limit is None or math.isinf(limit)):
        raise ValueError(
            f"p/q overflows or underflows at some outcome: f needs a finite {name} there; "
            f"got {limit}"
        )


def _values(generator: Callable[[Any], Any], ratio: Any, xp: Any) -> Any:
    """The generator of each ratio, checked."""
    try:
        f = np.frompyfunc(generator, 1, 1)(ratio) if isinstance(xp, Symbolic) else generator(ratio)
    except (TypeError, ValueError, RuntimeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(_not_of_arrays(ratio, xp, error)) from error
    if isinstance(xp, Symbolic):
        return f
    if getattr(f, "shape", None) != ratio.shape:
        raise ValueError(
            f"generator must return one value for each ratio: an array of shape "
            f"{tuple(ratio.shape)}; got {type(f).__name__} of shape {getattr(f, 'shape', ())}"
        )
    if xp.any(xp.isnan(f)):
        at = int(xp.argmax(xp.astype(xp.reshape(xp.isnan(f), (-1,)), xp.int8)))
        raise ValueError(f"generator({float(xp.reshape(ratio, (-1,))[at]):g}) is NaN")
    return f


def _not_of_arrays(ratio: Any, xp: Any, error: Exception) -> str:
    """What to say of a generator that fails, most often because it is written for one number."""
    if isinstance(xp, Symbolic):
        kind, log, where = "SymPy expressions", "sympy.log", "sympy.Piecewise"
    else:
        library = type(ratio).__module__
        kind = f"arrays of ratios, of type {library}.{type(ratio).__name__}"
        log, where = f"{library}.log", f"{library}.where"
    return (
        f"generator fails on {kind} ({error}): it must take them as a whole, with {log} instead of "
        f"math.log, say, and {where} instead of if"
    )


def _steepness(generator: Callable[[Any], Any], ratio: Any, xp: Any) -> float:
    """How steep the generator is at 1: by so much it multiplies the rounding of ratios near 1."""
    if 0 in ratio.shape:
        return 0.0
    step = float(np.cbrt(float(xp.finfo(ratio.dtype).eps)))
    above, below = (_values(generator, xp.ones_like(ratio) * t, xp) for t in (1 + step, 1 - step))
    rise = float(xp.max(xp.abs(above - below)))
    return rise / (2.0 * step)


def _at_zero(generator: Callable[[Any], Any], ratio: Any, xp: Any) -> Any:
    if isinstance(xp, Symbolic):
        return generator(xp.rational(0))
    value = xp.reshape(generator(xp.zeros_like(ratio)), (-1,))[0]
    if xp.isnan(value):
        raise ValueError("generator(0) is NaN: pass its limit as at_zero")
    return float(value)


def _mass_times(mass: Any, cost: Any, xp: Any) -> Any:
    """Mass times what a unit of it costs, which may be infinite, and 0 where there is no mass."""
    if isinstance(xp, Symbolic):
        cost = cost if is_symbolic(cost) else xp.rational(cost)
        return mass * cost
    if math.isfinite(cost):
        return mass * float(cost)
    return xp.where(mass > 0, mass, 1.0) * float(cost)  # 0 · ∞ would be NaN
