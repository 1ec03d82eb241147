"""The view of SciPy's frozen distributions of one variable."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.stats

from kldiv.distributions._log_densities import exact_log_density
from kldiv.distributions._types import Univariate, same, scalar


def frozen(generator: Any, shapes: tuple[Any, ...], loc: Any, scale: Any, role: str) -> Univariate:
    """The view of a frozen distribution of one variable."""
    name = family_name(generator)
    names = generator.shapes.replace(" ", "").split(",") if generator.shapes else []
    if len(names) != len(shapes):  # poisson_binom, whose one parameter is an array
        raise ValueError(f"{role}'s {', '.join(names)} must be numbers; got {len(shapes)} of them")
    values = dict(zip([*names, "loc", "scale"], [*shapes, loc, scale], strict=True))
    discrete = isinstance(generator, scipy.stats.rv_discrete)
    if discrete:
        del values["scale"]
    parameters = {n: scalar(f"{role}'s {n}", v) for n, v in values.items()}
    given = ", ".join(f"{n}={v:g}" for n, v in parameters.items())
    valid = (
        np.all(generator._argcheck(*(parameters[n] for n in names)))
        and math.isfinite(parameters["loc"])
        and 0 < parameters.get("scale", 1.0) < math.inf
        and not any(math.isnan(v) for v in parameters.values())
    )
    if not valid:
        raise ValueError(f"{role} has parameters outside their domain: {name}({given})")

    shape_values = tuple(parameters[n] for n in names)
    place = {n: parameters[n] for n in ("loc", "scale") if n in parameters}
    # vonmises_line is of the same class, but ends at ±π.
    circular = type(generator) is type(scipy.stats.vonmises) and math.isinf(generator.a)
    if circular:
        half_turn = math.pi * parameters["scale"]
        support = (parameters["loc"] - half_turn, parameters["loc"] + half_turn)
    else:
        support = _support(generator, shape_values, place)
    edges: Any = ()
    if isinstance(generator, scipy.stats.rv_histogram):
        edges = _filled_edges(generator, **place)
        support = (float(edges[0]), float(edges[-1]))
    log_density = generator.logpmf if discrete else generator.logpdf
    exact = exact_log_density(type(generator))
    if exact is not None:

        def log_density(x: Any, *shapes: float, loc: float, scale: float) -> Any:
            inside = (x > support[0]) & (x < support[1])
            values = np.full(np.shape(x), -math.inf)
            values[inside] = exact((x[inside] - loc) / scale, *shapes) - math.log(scale)
            return values

    def ask(method: Callable[..., Any]) -> Callable[[Any], Any]:
        return lambda x: np.asarray(method(np.asarray(x, dtype=float), *shape_values, **place))

    def sample(n: int, rng: np.random.Generator) -> Any:
        return np.asarray(generator.rvs(*shape_values, size=n, random_state=rng, **place), float)

    if any(map(math.isinf, shape_values)):  # truncnorm(-inf, 1) is one, gamma(inf) is none
        median = ask(generator.ppf)(0.5)
        if not np.isfinite(ask(log_density)(median)):
            raise ValueError(f"{role} is no distribution: {name}({given})")

    return Univariate(
        name=name,
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
        edges=edges,
        frozen=(generator, shape_values),
        # SciPy lets the probabilities of a table sum to 1 within 1e-5.
        trusted=type(generator).__module__.startswith("scipy.") and not hasattr(generator, "xk"),
    )


def _support(
    generator: Any, shapes: tuple[float, ...], place: dict[str, float]
) -> tuple[float, float]:
    """The support as SciPy has it; of pearson3, which it says is on the whole line, where it is."""
    low, high = generator.support(*shapes, **place)
    if type(generator) is type(scipy.stats.pearson3) and abs(shapes[0]) >= 1.6e-5:  # else normal
        end = place["loc"] - 2 * place["scale"] / shapes[0]
        low, high = (end, high) if shapes[0] > 0 else (low, end)
    return float(low), float(high)


def family_name(generator: Any) -> str:
    """The name of a family; that of its class, where it was given none."""
    name = generator.name
    return type(generator).__name__ if name in (None, "", "Distribution") else str(name)


def _filled_edges(histogram: Any, loc: float, scale: float) -> Any:
    """The edges of the bins, from the first to the last that is not empty."""
    density, edges = histogram._histogram
    filled = np.flatnonzero(density)
    return loc + scale * np.asarray(edges[filled[0] : filled[-1] + 2], dtype=float)


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
    return frozen(dist_p, shapes_p, 0.0, 1.0, "p"), frozen(dist_q, shapes_q, loc, scale, "q")
