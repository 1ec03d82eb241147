"""An amount of information: a value in a unit, which compares and converts like a number."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from kldiv._namespace import stop_gradient
from kldiv._units import unit_name, units_per_nat


class Amount:
    """What results with a `value` in units of log `base` have in common.

    `float(amount)` and `numpy.asarray(amount)` are its value; comparisons with numbers take the
    number to be in the same unit, and those with other amounts convert.
    """

    value: Any
    base: float | None

    __hash__: ClassVar[None]  # type: ignore[assignment]  # equal to numbers, in any unit

    @property
    def unit(self) -> str:
        """Nats, bits or hartleys; for another base, its name."""
        return unit_name(self.base)

    def to(self, base: float | None) -> Self:
        """The same amount in the unit of another base of the logarithm (None: nats)."""
        raise NotImplementedError

    def _factor(self, base: float | None) -> float:
        """What a unit of this amount is in the unit of another base."""
        return units_per_nat(base) / units_per_nat(self.base)

    def __float__(self) -> float:
        return float(stop_gradient(self.value))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = stop_gradient(self.value)
        value = value.cpu() if hasattr(value, "cpu") else value  # from PyTorch's device
        return np.array(value, dtype=dtype, copy=copy)

    def _comparable(self, other: Any) -> Any:
        return other.to(self.base).value if isinstance(other, Amount) else other

    def __eq__(self, other: object) -> Any:
        return self.value == self._comparable(other)

    def __lt__(self, other: Any) -> Any:
        return self.value < self._comparable(other)

    def __le__(self, other: Any) -> Any:
        return self.value <= self._comparable(other)

    def __gt__(self, other: Any) -> Any:
        return self.value > self._comparable(other)

    def __ge__(self, other: Any) -> Any:
        return self.value >= self._comparable(other)

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else repr(self)
