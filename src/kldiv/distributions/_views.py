"""One view of all kinds of distributions: what the numerical methods ask of them.

SciPy has three: frozen distributions of one variable, frozen multivariate ones, and since
version 1.15 the classes of its new infrastructure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.stats

#: Relative distance at which two ends of supports, or locations, are the same but for rounding.
SAME = 4 * float(np.finfo(float).eps)


def same(a: float, b: float) -> bool:
    """Whether two numbers are the same but for the rounding of a sum such as loc + scale."""
    return a == b or abs(a - b) <= min(SAME * max(abs(a), abs(b)), 1e300)  # ∞ is only itself


@dataclass(frozen=True)
class Univariate:
    """A distribution on the line, on a lattice, or on the circle."""

    name: str
    family: type
    parameters: Any
    discrete: bool
    support: tuple[float, float]
    log_density: Callable[[Any], Any]
    quantile: Callable[[Any], Any]
    cdf: Callable[[Any], Any]
    sf: Callable[[Any], Any]
    sample: Callable[[int, np.random.Generator], Any]
    circular: bool = False
    atoms: Any = None  # where a discrete distribution given by a table puts its probability
    frozen: Any = None  # SciPy's frozen distribution, if it is one

    @property
    def space(self) -> str:
        """What two distributions must share to be compared."""
        return "the circle" if self.circular else "the line"


@dataclass(frozen=True)
class Multivariate:
    """A distribution of vectors or matrices."""

    name: str
    family: type
    parameters: Any
    discrete: bool
    space: str  # where the densities live: distributions on two spaces are mutually singular
    shape: tuple[int, ...]
    log_density: Callable[[Any], Any]
    sample: Callable[[int, np.random.Generator], Any]


View = Univariate | Multivariate


def view(distribution: Any, role: str) -> View:
    """`distribution` as a view, or TypeError (what is none) or ValueError (bad parameters)."""
    if isinstance(distribution, scipy.stats._distn_infrastructure.rv_frozen):
        generator, args, kwds = distribution.dist, distribution.args, distribution.kwds
        shapes, loc, scale = generator._parse_args(*args, **kwds)
        return _frozen(generator, shapes, loc, scale, role)
    if isinstance(distribution, scipy.stats._multivariate.multi_rv_frozen):
        return _multivariate(distribution, role)
    new = getattr(scipy.stats, "_probability_distribution", None)  # SciPy 1.15 and later
    if new is not None and isinstance(distribution, new._ProbabilityDistribution):
        return _new_style(distribution, role)
    kind = type(distribution).__name__
    if isinstance(distribution, scipy.stats._distn_infrastructure.rv_generic):
        name = distribution.name
        hint = f"the family {name!r} without parameters; freeze it first: scipy.stats.{name}(...)"
    elif isinstance(distribution, scipy.stats._multivariate.multi_rv_generic):
        hint = f"the family {kind} without parameters; freeze it first, by calling it"
    elif isinstance(distribution, type):
        hint = f"the class {distribution.__name__}; make an instance of it first"
    else:
        text = repr(distribution)
        hint = f"{kind}: {text if len(text) <= 60 else text[:59] + '…'}"
    raise TypeError(
        f"{role} must be a frozen distribution of scipy.stats or one of torch.distributions; "
        f"got {hint}"
    )


def canonical(p: Univariate, q: Univariate) -> tuple[Univariate, Univariate]:
    """p and q moved together so that p has loc 0 and scale 1, where SciPy can do that.

    The divergence stays, and no narrow peak far from 0 is left to be found by quadrature.
    """
    if p.frozen is None or q.frozen is None or p.atoms is not None or q.atoms is not None:
        return p, q
    (dist_p, shapes_p), (dist_q, shapes_q) = p.frozen, q.frozen
    loc_p, loc_q = p.parameters.loc, q.parameters.loc
    scale_p, scale_q = (1.0, 1.0) if p.discrete else (p.parameters.scale, q.parameters.scale)
    loc, scale = (loc_q - loc_p) / scale_p, scale_q / scale_p
    if same(loc_p, loc_q):
        loc = 0.0
    if p.discrete and same(round(loc), loc):
        loc = float(round(loc))
    if not (math.isfinite(loc) and 1e-100 < scale < 1e100):
        return p, q
    return _frozen(dist_p, shapes_p, 0.0, 1.0, "p"), _frozen(dist_q, shapes_q, loc, scale, "q")


#: Log-densities that SciPy takes of densities which underflow, or come out as NaN.
_LOG_DENSITIES: dict[type, Callable[..., Any]] = {
    type(scipy.stats.laplace): lambda y: -np.abs(y) - math.log(2),
    type(scipy.stats.invweibull): lambda y, c: math.log(c) - (c + 1) * np.log(y) - y**-c,
    type(scipy.stats.pareto): lambda y, b: math.log(b) - (b + 1) * np.log(y),
    type(scipy.stats.fisk): lambda y, c: (
        math.log(c) + (c - 1) * np.log(y) - 2 * np.logaddexp(0, c * np.log(y))
    ),
}


def _frozen(generator: Any, shapes: tuple[Any, ...], loc: Any, scale: Any, role: str) -> Univariate:
    """The view of a frozen distribution of one variable."""
    names = generator.shapes.replace(" ", "").split(",") if generator.shapes else []
    if len(names) != len(shapes):  # poisson_binom, whose one parameter is an array
        raise ValueError(f"{role}'s {', '.join(names)} must be numbers; got {len(shapes)} of them")
    values = dict(zip([*names, "loc", "scale"], [*shapes, loc, scale], strict=True))
    discrete = isinstance(generator, scipy.stats.rv_discrete)
    if discrete:
        del values["scale"]
    parameters = {n: _scalar(f"{role}'s {n}", v) for n, v in values.items()}
    given = ", ".join(f"{n}={v:g}" for n, v in parameters.items())
    valid = (
        np.all(generator._argcheck(*(parameters[n] for n in names)))
        and math.isfinite(parameters["loc"])
        and 0 < parameters.get("scale", 1.0) < math.inf
        and not any(math.isnan(v) for v in parameters.values())
    )
    if not valid:
        raise ValueError(f"{role} has parameters outside their domain: {generator.name}({given})")

    shape_values = tuple(parameters[n] for n in names)
    place = {n: parameters[n] for n in ("loc", "scale") if n in parameters}
    # vonmises_line is of the same class, but ends at ±π.
    circular = type(generator) is type(scipy.stats.vonmises) and math.isinf(generator.a)
    if circular:
        half_turn = math.pi * parameters["scale"]
        support = (parameters["loc"] - half_turn, parameters["loc"] + half_turn)
    else:
        low, high = generator.support(*shape_values, **place)
        support = (float(low), float(high))
    if isinstance(generator, scipy.stats.rv_histogram):
        support = _histogram_support(generator, **place)
    log_density = generator.logpmf if discrete else generator.logpdf
    exact = _LOG_DENSITIES.get(type(generator))
    if exact is not None:

        def log_density(x: Any, *shapes: float, loc: float, scale: float) -> Any:
            inside = (x > support[0]) & (x < support[1])
            y = np.where(inside, (x - loc) / scale, 1.5)
            return np.where(inside, exact(y, *shapes) - math.log(scale), -math.inf)

    def ask(method: Callable[..., Any]) -> Callable[[Any], Any]:
        return lambda x: np.asarray(method(np.asarray(x, dtype=float), *shape_values, **place))

    def sample(n: int, rng: np.random.Generator) -> Any:
        return np.asarray(generator.rvs(*shape_values, size=n, random_state=rng, **place), float)

    if any(map(math.isinf, shape_values)):  # truncnorm(-inf, 1) is one, gamma(inf) is none
        median = ask(generator.ppf)(0.5)
        if not np.isfinite(ask(log_density)(median)):
            raise ValueError(f"{role} is no distribution: {generator.name}({given})")

    return Univariate(
        name=generator.name or type(generator).__name__,
        family=type(generator),
        parameters=SimpleNamespace(**parameters),
        discrete=discrete,
        support=support,
        log_density=ask(log_density),
        quantile=ask(generator.ppf),
        cdf=ask(generator.cdf),
        sf=ask(generator.sf),
        sample=sample,
        circular=circular,
        atoms=np.asarray(generator.xk) + place["loc"] if hasattr(generator, "xk") else None,
        frozen=(generator, shape_values),
    )


def _histogram_support(histogram: Any, loc: float, scale: float) -> tuple[float, float]:
    """From the first to the last bin that is not empty."""
    density, edges = histogram._histogram
    filled = np.flatnonzero(density)
    return loc + scale * float(edges[filled[0]]), loc + scale * float(edges[filled[-1] + 1])


def _new_style(distribution: Any, role: str) -> Univariate:
    """The view of a distribution of SciPy's new infrastructure."""
    for family, classic in _CLASSICS.items():
        # Normal() is made as an instance of a subclass, and so may others be.
        if isinstance(distribution, getattr(scipy.stats, family, ())):
            return classic(distribution, role)
    low, high = distribution.support()
    name, given = type(distribution).__name__, getattr(distribution, "_parameters", {})
    parameters = {n: _scalar(f"{role}'s {n}", v) for n, v in given.items()}
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
    )


#: New distributions that are old ones, and share their closed forms.
_CLASSICS: dict[str, Callable[[Any, str], Univariate]] = {
    "Normal": lambda d, role: _frozen(scipy.stats.norm, (), d.mu, d.sigma, role),
    "Uniform": lambda d, role: _frozen(scipy.stats.uniform, (), d.a, d.b - d.a, role),
    "Logistic": lambda d, role: _frozen(scipy.stats.logistic, (), 0.0, 1.0, role),
    "Binomial": lambda d, role: _frozen(scipy.stats.binom, (d.n, d.p), 0, 1, role),
}


def _is_discrete(distribution: Any) -> bool:
    new = scipy.stats._distribution_infrastructure
    kind = getattr(new, "DiscreteDistribution", ())
    inner = getattr(distribution, "_dist", None)  # of a shifted, truncated … distribution
    return isinstance(distribution, kind) or (inner is not None and isinstance(inner, kind))


#: Families on other spaces than vectors: where their densities live, and how SciPy wants arrays
#: of draws for their log-density (draws come along the first axis).
_SPACES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "dirichlet_gen": ("the simplex", np.transpose),
    "wishart_gen": ("positive definite matrices", lambda x: np.moveaxis(x, 0, -1)),
    "invwishart_gen": ("positive definite matrices", lambda x: np.moveaxis(x, 0, -1)),
    "vonmises_fisher_gen": ("the sphere", lambda x: x),
    "matrix_normal_gen": ("matrices", lambda x: x),
}


def _multivariate(distribution: Any, role: str) -> Multivariate:
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


def _scalar(name: str, value: Any) -> float:
    """A parameter as a number."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a real number; got {value!r}")
    if array.size != 1:
        raise ValueError(
            f"{name} must be one number; got an array of shape {array.shape}: "
            "take its entries one at a time, [kl(f(a), q) for a in …]"
        )
    return float(array.reshape(())[()])
