"""Which view a distribution gets: SciPy has three kinds of them.

Frozen distributions of one variable, frozen multivariate ones, and since version 1.15 the classes
of its new infrastructure.
"""

from __future__ import annotations

from typing import Any

import scipy.stats

from kldiv.distributions._frozen import family_name, frozen
from kldiv.distributions._multivariate import multivariate
from kldiv.distributions._new_style import new_style
from kldiv.distributions._types import View

_Table: type = scipy.stats._distn_infrastructure.rv_sample  # of rv_discrete(values=...)


def view(distribution: Any, role: str) -> View:
    """`distribution` as a view, or TypeError (what is none) or ValueError (bad parameters)."""
    if isinstance(distribution, scipy.stats._distn_infrastructure.rv_frozen):
        generator, args, kwds = distribution.dist, distribution.args, distribution.kwds
        shapes, loc, scale = generator._parse_args(*args, **kwds)
        return frozen(generator, shapes, loc, scale, role)
    if isinstance(distribution, scipy.stats._multivariate.multi_rv_frozen):
        return multivariate(distribution, role)
    new = getattr(scipy.stats, "_probability_distribution", None)  # SciPy 1.15 and later
    if new is not None and isinstance(distribution, new._ProbabilityDistribution):
        return new_style(distribution, role)
    if isinstance(distribution, (scipy.stats.rv_histogram, _Table)):
        return frozen(distribution, (), 0.0, 1.0, role)  # data: a distribution, not a family
    kind = type(distribution).__name__
    if isinstance(distribution, scipy.stats._distn_infrastructure.rv_generic):
        name = family_name(distribution)
        own = getattr(scipy.stats, name, None) is not distribution
        call = "by calling it" if own else f"scipy.stats.{name}(...)"
        hint = f"the family {name!r} without parameters; freeze it first: {call}"
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
