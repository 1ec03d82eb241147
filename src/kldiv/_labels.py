"""Labels of entries, as pandas has them: what is paired by place must be labelled alike.

pandas itself is not needed: its Series and DataFrames are known by their `axes`.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any


def check_labels(**values: Any) -> None:
    """Raise ValueError where labelled values are not labelled alike along an axis they share."""
    labelled = [(name, _axes(value)) for name, value in values.items() if _axes(value)]
    for (name_1, axes_1), (name_2, axes_2) in combinations(labelled, 2):
        # From the last one, as shapes broadcast.
        for labels_1, labels_2 in zip(reversed(axes_1), reversed(axes_2), strict=False):
            if len(labels_1) == len(labels_2) and not labels_1.equals(labels_2):
                raise ValueError(
                    f"{name_1} and {name_2} are labelled differently, and entries are paired by "
                    f"place: align them first ({name_1}, {name_2} = {name_1}.align({name_2}, "
                    "fill_value=0)), or pass arrays (.to_numpy())"
                )


def _axes(value: Any) -> list[Any]:
    """The labels along each axis; empty for what has none."""
    axes = getattr(value, "axes", None)
    return axes if isinstance(axes, list) and all(hasattr(a, "equals") for a in axes) else []
