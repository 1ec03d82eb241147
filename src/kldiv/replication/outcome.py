"""What a run brings back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Outcome(NamedTuple):
    """What a run found: a number a measure, a list a column of the history, pictures."""

    measures: dict[str, float]
    history: dict[str, list[float]]
    pictures: dict[str, np.ndarray]
