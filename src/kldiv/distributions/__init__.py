"""KL(p‖q) between distributions of SciPy, and of PyTorch.

`kl(p, q)` takes frozen distributions and says how it found its value: in closed form, by a
registry that `register_kl` extends; by quadrature or summation; by Monte Carlo; or infinite,
because p reaches where q does not.
"""

from kldiv.distributions import (
    _closed_discrete,  # noqa: F401  # fill the registry
    _closed_line,  # noqa: F401
    _closed_multivariate,  # noqa: F401
    _closed_positive,  # noqa: F401
)
from kldiv.distributions._kl import kl
from kldiv.distributions._registry import register_kl
from kldiv.distributions._result import KLResult

__all__ = ["KLResult", "kl", "register_kl"]
