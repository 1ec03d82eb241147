"""The view of distributions of SciPy's new infrastructure, of version 1.15 and later."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.stats

from kldiv.distributions._frozen import frozen
from kldiv.distributions._types import Univariate, scalar


def new_style(distribution: Any, role: str) -> Univariate:
    """The view of a distribution of SciPy's new infrastructure."""
    for family, classic in _CLASSICS.items():
        # Normal() is made as an instance of a subclass, and so may others be.
        if isinstance(distribution, getattr(scipy.stats, family, ())):
            return classic(distribution, role)
    low, high = distribution.support()
    name, given = type(distribution).__name__, getattr(distribution, "_parameters", {})
    parameters = {n: scalar(f"{role}'s {n}", v) for n, v in given.items()}
    if np.ndim(low) or np.ndim(high):
        raise ValueError(f"{role} is an array of distributions; take one at a time")
    if math.isnan(low) or math.isnan(high):
        listed = ", ".join(f"{n}={v:g}" for n, v in parameters.items())
        raise ValueError(f"{role} has parameters outside their domain: {name}({listed})")
    discrete = hasattr(distribution, "logpmf") and _is_discrete(distribution)

    def ask(method: Callable[..., Any]) -> Callable[[Any], Any]:
        return lambda x: np.asarray(method(np.asarray(x, dtype=float)))

    return Univariate(
        name=name,
        family=type(distribution),
        parameters=SimpleNamespace(**parameters),
        discrete=discrete,
        support=(float(low), float(high)),
        log_density=ask(distribution.logpmf if discrete else distribution.logpdf),
        quantile=ask(distribution.icdf),
        cdf=ask(distribution.cdf),
        sf=ask(distribution.ccdf),
        sample=lambda n, rng: np.asarray(distribution.sample(n, rng=rng), float),
        trusted=_is_scipys(distribution),
    )


#: New distributions that are old ones, and share their closed forms.
_CLASSICS: dict[str, Callable[[Any, str], Univariate]] = {
    "Normal": lambda d, role: frozen(scipy.stats.norm, (), d.mu, d.sigma, role),
    "Uniform": lambda d, role: frozen(scipy.stats.uniform, (), d.a, d.b - d.a, role),
    "Logistic": lambda d, role: frozen(scipy.stats.logistic, (), 0.0, 1.0, role),
    "Binomial": lambda d, role: frozen(scipy.stats.binom, (d.n, d.p), 0, 1, role),
}


def _is_scipys(distribution: Any) -> bool:
    """Whether the density is of SciPy's making, rather than of a user's class in SciPy's dress."""
    inner = [*getattr(distribution, "_components", []), getattr(distribution, "_dist", None)]
    parts = [part for part in inner if part is not None]  # of a mixture, a shifted … distribution
    if parts:
        return all(map(_is_scipys, parts))
    formulas = ("_logpdf_formula", "_pdf_formula", "_logpmf_formula", "_pmf_formula")
    # What make_distribution has been given: one of the old families, or a class.
    dressed = [getattr(getattr(distribution, f, None), "__self__", None) for f in formulas]
    made_from = [type(d) for d in dressed if d is not None and d is not distribution]
    family = made_from[0] if made_from else type(distribution)
    return family.__module__.startswith("scipy.") and family.__name__ != "CustomDistribution"


def _is_discrete(distribution: Any) -> bool:
    new = scipy.stats._distribution_infrastructure
    kind = getattr(new, "DiscreteDistribution", ())
    inner = getattr(distribution, "_dist", None)  # of a shifted, truncated … distribution
    return isinstance(distribution, kind) or (inner is not None and isinstance(inner, kind))
