"""Kullback–Leibler divergence for NumPy, PyTorch and SymPy: one formula for all three."""

from typing import TYPE_CHECKING, Any

from kldiv import gaussian
from kldiv.discrete import (
    cross_entropy,
    entropy,
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
)
from kldiv.divergences import chi_squared_divergence, squared_hellinger, total_variation
from kldiv.f_divergences import f_divergence
from kldiv.joint import conditional_entropy, mutual_information
from kldiv.renyi import renyi_divergence

if TYPE_CHECKING:
    from kldiv.distributions import kl, register_kl

__version__ = "0.1.0"

__all__ = [
    "chi_squared_divergence",
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "f_divergence",
    "gaussian",
    "jeffreys_divergence",
    "js_divergence",
    "kl",
    "kl_divergence",
    "mutual_information",
    "register_kl",
    "renyi_divergence",
    "squared_hellinger",
    "total_variation",
]


def __getattr__(name: str) -> Any:
    """Import what needs SciPy's distributions, which take a second, when it is first used."""
    if name in {"kl", "register_kl"}:
        from kldiv import distributions

        return getattr(distributions, name)
    raise AttributeError(f"module 'kldiv' has no attribute {name!r}")
