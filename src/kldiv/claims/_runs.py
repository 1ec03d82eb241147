"""Numbers of the replication, as a check takes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kldiv.claims._registry import Measured

if TYPE_CHECKING:  # with it comes PyTorch
    from kldiv.replication.summary import Summary


def mean_of(
    what: str,
    summary: Summary,
    unit: str = "",
    *,
    scale: float = 1.0,
    report: float | str | None = None,
) -> Measured:
    """A mean over seeds with its 95 % interval, in the unit that `scale` brings it to.

    Repeats of the whole study on another machine are to agree within a twentieth of the interval,
    which is what training's last digits move a mean by.
    """
    half_width = abs(scale) * summary.half_width
    if not math.isfinite(half_width):
        return Measured(what, scale * summary.mean, unit, report=report)
    return Measured(
        what,
        scale * summary.mean,
        unit,
        half_width=half_width,
        runs=summary.runs,
        report=report,
        tolerance=half_width / 20,
    )
