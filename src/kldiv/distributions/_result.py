"""What `kl` returns: a value, how it was found, and how far off it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kldiv._amount import Amount


@dataclass(frozen=True, eq=False, repr=False)
class KLResult(Amount):
    """A divergence KL(p‖q) and how it was found. Compares and converts like its value.

    Attributes
    ----------
    value : float or torch.Tensor
        The divergence, in `unit`. A tensor, with its gradients, for torch's distributions.
    method : str
        "closed form", "quadrature", "summation", "Monte Carlo", "torch" (PyTorch's registry), or
        "support": infinite because p puts probability where q puts none.
    error : float or torch.Tensor
        How far off the value may be, in `unit`; 0 where nothing but rounding is in it.
    error_kind : str or None
        "estimate" (quadrature: the difference of two rules; summation: the tail that was left
        out), "standard error" (Monte Carlo), or None.
    draws : int or None
        Number of draws of a Monte Carlo estimate.
    base : float or None
        Base of the logarithm; None for e.

    Examples
    --------
    >>> from kldiv.distributions import KLResult
    >>> result = KLResult(math.log(2), "closed form")
    >>> result.to(2)
    KLResult(1 bits, closed form)
    >>> float(result.to(2)), result.to(2).unit, result < 1
    (1.0, 'bits', True)
    """

    value: Any
    method: str
    error: Any = 0.0
    error_kind: str | None = None
    draws: int | None = None
    base: float | None = None

    def to(self, base: float | None) -> KLResult:
        """The same divergence in the unit of another base of the logarithm (None: nats)."""
        factor = self._factor(base)
        return KLResult(
            self.value * factor, self.method, self.error * factor, self.error_kind, self.draws, base
        )

    def __repr__(self) -> str:
        draws = "" if self.draws is None else f", {self.draws} draws"
        if not isinstance(self.value, float):
            error = "" if self.error_kind is None else f" ± {self.error!r}"
            return f"KLResult({self.value!r}{error} {self.unit}, {self.method}{draws})"
        if self.error <= 1e-15 * abs(self.value):  # none, or less than the rounding of the value
            return f"KLResult({self.value:.6g} {self.unit}, {self.method}{draws})"
        # As many decimals as the error has digits that say something.
        decimals = min(15, max(0, 1 - math.floor(math.log10(self.error))))
        shown = f"{self.value:.{decimals}f}" if self.error > 1e-6 else f"{self.value:.6g}"
        return f"KLResult({shown} ± {self.error:.2g} {self.unit}, {self.method}{draws})"
