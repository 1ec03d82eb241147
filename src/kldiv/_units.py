"""Units of information: the base of a logarithm, checked, and what its unit is called."""

from __future__ import annotations

import math
from typing import Any

_NAMES = {math.e: "nats", 2.0: "bits", 10.0: "hartleys"}


def check_base(base: Any) -> float | None:
    """`base` as a float, if it is None or a finite number greater than 1."""
    try:
        valid = base is None or (math.isfinite(base) and base > 1)
    except (TypeError, OverflowError):
        valid = False
    if not valid:
        raise ValueError(f"base must be a finite number greater than 1; got {base!r}")
    return None if base is None else float(base)


def units_per_nat(base: float | None) -> float:
    """What a nat is in units of log `base`."""
    checked = check_base(base)
    return 1.0 if checked is None else 1 / math.log(checked)


def unit_name(base: float | None) -> str:
    """Nats, bits or hartleys; for another base, its name."""
    return "nats" if base is None else _NAMES.get(float(base), f"units of log {base:g}")
