"""What a run is asked to do, and what it brings back."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np


class Outcome(NamedTuple):
    """What a run found: a number a measure, a list a column of the history, pictures."""

    measures: dict[str, float]
    history: dict[str, list[float]]
    pictures: dict[str, np.ndarray]


class Experiment(Protocol):
    """What a run does: its fields are the settings, and it is repeated with several seeds."""

    def run(self, seed: int, *, device: str = "cpu") -> Outcome:
        """Carry it out."""
