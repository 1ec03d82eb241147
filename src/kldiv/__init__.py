"""Kullback–Leibler divergence for NumPy, PyTorch and SymPy: one formula for all three."""

import importlib
import pkgutil
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
    """Import a module of the package, or what needs SciPy's distributions, when first used."""
    if name in {"kl", "register_kl"}:
        from kldiv import distributions

        return getattr(distributions, name)
    if name in _modules():
        try:
            return importlib.import_module(f"kldiv.{name}")
        except ModuleNotFoundError as error:
            # What looks through the module, as help() does, passes over names that are not there.
            raise AttributeError(
                f"kldiv.{name} needs {error.name}, which is not installed"
            ) from error
    raise AttributeError(f"module 'kldiv' has no attribute {name!r}")


def __dir__() -> list[str]:
    own = {name for name in globals() if name.startswith("__")}
    return sorted({*own, *__all__, *_modules()})


def _modules() -> set[str]:
    """The names of the package's public modules, imported or not."""
    return {module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"}
