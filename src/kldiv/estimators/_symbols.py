"""Samples of symbols: how often each was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from typing import Any

import array_api_compat
import numpy as np

from kldiv._namespace import _short


def count_symbols(name: str, samples: Any) -> Counter[Any]:
    """How often each symbol occurs."""
    if isinstance(samples, (Set, Mapping)):
        raise TypeError(
            f"{name} must be a sequence of draws, not a {type(samples).__name__}, which does not "
            "hold each as often as it was drawn; see kl_plug_in_counts for counts"
        )
    if getattr(samples, "ndim", 1) != 1:  # pandas' DataFrame would yield the names of its columns
        raise ValueError(f"{name} must be one-dimensional; got shape {tuple(samples.shape)}")
    if array_api_compat.is_array_api_obj(samples):
        if np.ma.is_masked(samples):
            raise ValueError(f"{name} is a masked array; drop its masked entries first")
        samples = samples.tolist()
    try:
        counts = Counter(samples)
    except TypeError as error:
        raise TypeError(
            f"{name} must be a sequence of hashable symbols ({error}); got {_short(samples)}"
        ) from None
    if not counts:
        raise ValueError(f"{name} is empty")
    for symbol in counts:
        if symbol is None or _differs_from_itself(symbol):
            raise ValueError(f"{name} holds {symbol!r}: drop missing values first")
    return counts


def _differs_from_itself(symbol: Any) -> bool:
    """Whether it is NaN, in any library's way."""
    try:
        return bool(symbol != symbol)
    except Exception:  # pandas.NA and Decimal("sNaN") refuse the question
        return True
