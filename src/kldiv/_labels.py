"""Labels of entries, as pandas has them: what is paired by place must be labelled alike.

pandas itself is not needed: its Series and DataFrames are known by their `axes`.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np


def check_labels(**values: Any) -> None:
    """Raise ValueError where labelled values are not labelled alike along an axis they share."""
    labelled = [(name, axes) for name, value in values.items() if (axes := axes_of(value))]
    for (name_1, axes_1), (name_2, axes_2) in combinations(labelled, 2):
        # From the last one, as shapes broadcast.
        for labels_1, labels_2 in zip(reversed(axes_1), reversed(axes_2), strict=False):
            lengths = {len(labels_1), len(labels_2)}
            broadcast = len(lengths) == 2 and 1 in lengths
            if not broadcast and not _same(labels_1, labels_2):
                raise ValueError(
                    f"{name_1} and {name_2} are labelled differently, and entries are paired by "
                    "place: bring them to the same labels in the same order (two Series of "
                    f"probabilities or counts: {name_1}, {name_2} = {name_1}.align({name_2}, "
                    "fill_value=0)), or pass arrays (.to_numpy())"
                )


def check_columns(**values: Any) -> None:
    """The same for samples: their coordinates are paired, and their draws are not."""
    labelled = [(name, axes) for name, value in values.items() if len(axes := axes_of(value)) == 2]
    for (name_1, (_, labels_1)), (name_2, (_, labels_2)) in combinations(labelled, 2):
        if len(labels_1) == len(labels_2) and not _same(labels_1, labels_2):
            raise ValueError(
                f"the columns of {name_1} and {name_2} are labelled differently, and are paired by "
                f"place: bring them to the same order ({name_2}[{name_1}.columns]), or pass arrays "
                "(.to_numpy())"
            )


def axes_of(value: Any) -> list[Any]:
    """The labels along each axis; empty for what has none."""
    axes = getattr(value, "axes", None)
    return axes if isinstance(axes, list) and all(hasattr(a, "equals") for a in axes) else []


def unlabelled(value: Any) -> Any:
    """The value as an array, if it has labels; otherwise as it is."""
    return np.asarray(value) if axes_of(value) else value


def _same(labels_1: Any, labels_2: Any) -> bool:
    """Whether they are the same, if only in value (1 as an integer of two types, say)."""
    return labels_1.equals(labels_2) or list(labels_1) == list(labels_2)
