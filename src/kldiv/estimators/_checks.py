"""What the estimators ask of their input, in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from kldiv._namespace import Symbolic, to_arrays


def numeric_arrays(**values: Any) -> tuple[Any, list[Any]]:
    """As `to_arrays`, of numbers only."""
    xp, arrays = to_arrays(**values)
    if isinstance(xp, Symbolic):
        raise TypeError(f"{' and '.join(values)} must hold numbers, not symbols")
    return xp, arrays


def as_numpy(array: Any) -> Any:
    """An array of any library as NumPy's, in double precision, without its gradient."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
    return np.asarray(array, dtype=np.float64)
