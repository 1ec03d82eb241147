"""KL(p‖q) of two distributions, by the best method there is for the pair."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from kldiv._arguments import random_generator, whole_number
from kldiv._units import check_base
from kldiv.distributions._frozen import canonical
from kldiv.distributions._gaps import ZeroDensity
from kldiv.distributions._monte_carlo import kl_monte_carlo
from kldiv.distributions._quadrature import kl_quadrature
from kldiv.distributions._registry import closed_form
from kldiv.distributions._result import KLResult
from kldiv.distributions._summation import kl_summation
from kldiv.distributions._support import compatible, mismatch
from kldiv.distributions._torch import is_torch, kl_torch
from kldiv.distributions._total import check_total
from kldiv.distributions._types import Univariate, View
from kldiv.distributions._views import view

METHODS = ("closed form", "quadrature", "summation", "monte carlo")


def kl(
    p: Any,
    q: Any,
    *,
    base: float | None = None,
    method: str | None = None,
    draws: int = 100_000,
    seed: int | np.random.Generator = 0,
) -> KLResult:
    r"""KL(p‖q) = E_p[log p(x) − log q(x)] of two distributions.

    In closed form where one is registered; else by quadrature (continuous) or summation
    (discrete) in one variable, and by Monte Carlo in several. Infinite where p puts probability
    outside the support of q.

    Parameters
    ----------
    p, q : frozen distributions of scipy.stats, or distributions of torch.distributions
        Both from one library. SciPy's new distributions (`scipy.stats.Normal(mu=0, sigma=1)`) and
        your own subclasses of `rv_continuous` and `rv_discrete` count as SciPy's. The total
        probability of your own, and of a table, is checked to be 1. `rv_histogram(...)` and
        `rv_discrete(values=...)` need not be frozen. SciPy's parameters must be single numbers:
        loop over arrays of them.
    base : float, optional
        Base of the logarithm, greater than 1. Default e, for nats; 2 for bits.
    method : {"closed form", "quadrature", "summation", "monte carlo"}, optional
        Insist on one method. The support is looked at first all the same.
    draws : int, default 100 000
        Number of draws for Monte Carlo, at least 2.
    seed : int or numpy.random.Generator, default 0
        Of the draws: the same seed gives the same estimate.

    Returns
    -------
    KLResult
        Its `value` (also `float(result)`), `method`, `error`, `error_kind` and `unit`. For torch's
        distributions the value is a tensor of the batch shape, with gradients.

    Raises
    ------
    TypeError
        What is not a frozen distribution (a family without parameters, a number), or one
        of SciPy's with one of torch's; a registered closed form that returns no number; draws or a
        seed that is no whole number.
    ValueError
        Parameters outside their domain, arrays of parameters, draws of different shapes, a method
        that does not apply, a bad base, draws below 2, a negative seed.
    ArithmeticError
        Neither a number nor infinity can be vouched for: a total probability that does not come
        out as 1, a tail that decays too slowly to tell whether it converges, a density that
        underflows, a singular one that quadrature cannot resolve. `method="monte carlo"` then
        gives an estimate, to be taken with care: an infinite expectation has finite averages.

    Notes
    -----
    Closed forms are written so that they keep their digits near q = p and are never negative.
    A Monte Carlo estimate below 0 is returned as 0. Quadrature in double precision sees a tail as
    far as 1e300; a divergence beyond it goes unseen.

    References
    ----------
    S. Kullback and R. A. Leibler, "On information and sufficiency", Ann. Math. Stat. 22 (1951),
    doi:10.1214/aoms/1177729694.

    Examples
    --------
    >>> from scipy.stats import cauchy, expon, gamma, norm, uniform
    >>> from kldiv.distributions import kl
    >>> kl(norm(1, 1), norm(0, 1))
    KLResult(0.5 nats, closed form)
    >>> kl(gamma(2), expon(), base=2)
    KLResult(0.609949 bits, closed form)
    >>> kl(norm(), uniform())  # p reaches where q does not
    KLResult(inf nats, support)
    >>> kl(cauchy(), norm())  # the tail of p is too heavy for q
    KLResult(inf nats, quadrature)
    """
    check_base(base)
    rng = random_generator(seed)
    draws = whole_number("draws", draws, 2)
    if method is not None and method not in METHODS:
        raise ValueError(f"method must be None or one of {METHODS}; got {method!r}")
    if is_torch(p) or is_torch(q):
        if not (is_torch(p) and is_torch(q)):
            raise TypeError(
                "p and q must come from one library; got "
                f"{type(p).__module__}.{type(p).__name__} and "
                f"{type(q).__module__}.{type(q).__name__}"
            )
        return kl_torch(p, q, method, draws, rng).to(base)
    # SciPy's numerical distribution functions warn where they meet infinities.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _kl(view(p, "p"), view(q, "q"), method, draws, rng).to(base)


def _kl(p: View, q: View, method: str | None, draws: int, rng: np.random.Generator) -> KLResult:
    compatible(p, q)
    if mismatch(p, q):
        return KLResult(math.inf, "support")
    if method in (None, "closed form"):
        value = _closed_form(p, q)
        if value is not None:
            return KLResult(value, "closed form")
        if method is not None:
            raise ValueError(f"no closed form for {p.name} and {q.name} with these parameters")
    univariate = isinstance(p, Univariate)
    numerical = ("summation" if p.discrete else "quadrature") if univariate else "monte carlo"
    if method not in (None, numerical, "monte carlo"):
        raise ValueError(f"{method} does not apply to {p.name} and {q.name}; {numerical} does")
    for role, side in (("p", p), ("q", q)):
        if isinstance(side, Univariate):
            check_total(side, role)
    try:
        if method == "monte carlo" or not (isinstance(p, Univariate) and isinstance(q, Univariate)):
            value, error = kl_monte_carlo(p, q, draws, rng)
            return KLResult(value, "Monte Carlo", error, "standard error", draws)
        solve = kl_summation if p.discrete else kl_quadrature
        value, error = solve(*canonical(p, q))
        return KLResult(value, numerical, error, "estimate")
    except ZeroDensity:
        return KLResult(math.inf, "support")


def _closed_form(p: View, q: View) -> float | None:
    """The registered closed form's value, checked; None where there is none."""
    function = closed_form(p.family, q.family)
    if function is None:
        return None
    name = getattr(function, "__name__", repr(function))
    numbers = [v for view in (p, q) for v in vars(view.parameters).values()]
    if any(isinstance(v, float) and math.isinf(v) for v in numbers):
        return None  # a limit, such as truncnorm(-inf, 1)
    value = function(p.parameters, q.parameters)
    if value is NotImplemented:
        return None
    number = _number(value)
    if number is None:
        raise TypeError(
            f"the closed form {name}, registered for ({p.name}, {q.name}), must return KL in nats, "
            f"as a number, or NotImplemented; got {value!r:.60}"
        )
    if math.isnan(number) or number < -1e-9:
        raise ArithmeticError(f"the closed form {name} returned {number}, not a divergence")
    return max(number, 0.0)


def _number(value: Any) -> float | None:
    """`value` as a float; None where it is no number."""
    try:
        return None if isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError):
        return None
