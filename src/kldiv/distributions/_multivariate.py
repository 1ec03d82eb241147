"""The view of SciPy's frozen multivariate distributions."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from kldiv.distributions._types import Multivariate

#: Families on other spaces than vectors: where their densities live, and how SciPy wants arrays
#: of draws for their log-density (draws come along the first axis).
_SPACES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "dirichlet_gen": ("the simplex", np.transpose),
    "wishart_gen": ("positive definite matrices", lambda x: np.moveaxis(x, 0, -1)),
    "invwishart_gen": ("positive definite matrices", lambda x: np.moveaxis(x, 0, -1)),
    "vonmises_fisher_gen": ("the sphere", lambda x: x),
    "matrix_normal_gen": ("matrices", lambda x: x),
}


def multivariate(distribution: Any, role: str) -> Multivariate:
    """The view of a frozen multivariate distribution."""
    family = type(distribution._dist)
    name = family.__name__.removesuffix("_gen")
    discrete = hasattr(distribution, "logpmf")
    if not discrete and (not hasattr(distribution, "logpdf") or name == "normal_inverse_gamma"):
        raise TypeError(f"{role}, a {name}, has no density of one array in scipy.stats")
    space, arrange = _SPACES.get(family.__name__, ("vectors", lambda x: x))
    log_density = distribution.logpmf if discrete else distribution.logpdf
    names = [n for n in vars(distribution) if not n.startswith("_") and n != "cov_object"]
    parameters = {n: getattr(distribution, n) for n in names}
    if hasattr(distribution, "cov_object"):
        parameters["cov"] = distribution.cov
        parameters["rank"] = int(distribution.cov_object.rank)
    for n, value in parameters.items():
        if n == "df" and value == math.inf:  # a multivariate t that is normal
            continue
        if isinstance(value, (float, np.ndarray)) and not np.all(np.isfinite(value)):
            raise ValueError(f"{role}'s {n} must be finite; {name} got {value}")

    def sample(n: int, rng: np.random.Generator) -> Any:
        if not hasattr(distribution, "rvs"):
            raise TypeError(f"{role}, a {name}, has no draws in scipy.stats")
        x = np.asarray(distribution.rvs(size=n, random_state=rng))
        return x.reshape(n, *shape)  # SciPy drops axes of length 1

    if hasattr(distribution, "rvs"):
        two = np.asarray(distribution.rvs(size=2, random_state=np.random.default_rng(0)))
        shape = tuple(two.shape[1:]) or (1,)
    elif hasattr(distribution, "alpha"):  # SciPy's dirichlet_multinomial draws nothing
        shape = (np.size(distribution.alpha),)
    else:
        raise TypeError(f"{role}, a {name}, has no draws in scipy.stats")
    return Multivariate(
        name=name,
        family=family,
        parameters=SimpleNamespace(**parameters),
        discrete=discrete,
        space=space,
        shape=shape,
        log_density=lambda x: np.asarray(log_density(arrange(x))),
        sample=sample,
    )
