"""The stored rows, as chapters read them: values over seeds, means and 95 % intervals."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import numpy as np

from kldiv.replication.store import Row, Store


@dataclass(frozen=True)
class Summary:
    """A mean over seeds and the half-width of its 95 % confidence interval (Student's t)."""

    mean: float
    half_width: float
    runs: int

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.mean + self.half_width

    def text(self, digits: int = 1, scale: float = 1.0) -> str:
        """The mean ± the half-width, as "57.0 ± 0.4"."""
        mean = f"{scale * self.mean:z.{digits}f}".replace("-", "−")
        return f"{mean} ± {abs(scale) * self.half_width:.{digits}f}"


def summarise(values: np.ndarray) -> Summary:
    """Mean and 95 % interval of values that are independent and roughly normal."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"values must be a non-empty row of numbers; got shape {values.shape}")
    if len(values) == 1:
        return Summary(float(values[0]), math.inf, 1)
    from scipy.special import stdtrit

    quantile = stdtrit(len(values) - 1, 0.975)  # of Student's t
    half_width = quantile * values.std(ddof=1) / math.sqrt(len(values))
    return Summary(float(values.mean()), float(half_width), len(values))


class Results:
    """The rows of a results folder, by variant.

    Examples
    --------
    >>> from kldiv.replication import results
    >>> runs = results()
    >>> runs.values("report-kl", "neighbours").shape
    (10,)
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rows: dict[str, list[Row]] = {}
        for row in store:
            self.rows.setdefault(row["variant"], []).append(row)

    def __contains__(self, variant: str) -> bool:
        return variant in self.rows

    def values(self, variant: str, measure: str) -> np.ndarray:
        """One number a seed, (seeds,)."""
        rows = self._of(variant)
        if measure not in rows[0]["measures"]:
            raise KeyError(
                f"{variant} has no measure {measure!r}; it has {', '.join(rows[0]['measures'])}"
            )
        return np.array([row["measures"][measure] for row in rows])

    def history(self, variant: str, column: str) -> np.ndarray:
        """A column of the training history, (seeds, epochs)."""
        return np.array([row["history"][column] for row in self._of(variant)])

    def summary(self, variant: str, measure: str) -> Summary:
        """Mean and 95 % interval over the seeds."""
        return summarise(self.values(variant, measure))

    def difference(self, variant: str, other: str, measure: str) -> Summary:
        """Of the two variants' values seed by seed: same initial weights, same order of images."""
        pair = [
            {row["seed"]: row["measures"][measure] for row in self._of(name)}
            for name in (variant, other)
        ]
        seeds = sorted(pair[0].keys() & pair[1].keys())
        return summarise(np.array([pair[0][seed] - pair[1][seed] for seed in seeds]))

    def pictures(self, variant: str) -> np.ndarray:
        """Test images, reconstructions and prior draws of the first seed, as one picture."""
        return self.store.pictures(variant)

    def _of(self, variant: str) -> list[Row]:
        if variant not in self.rows:
            raise KeyError(
                f"there are no rows of {variant!r}: `make replicate` makes them; there are "
                f"{', '.join(self.rows) or 'none at all'}"
            )
        return self.rows[variant]


def results(folder: str | os.PathLike[str] | None = None) -> Results:
    """The stored rows; default: the book's own, in `results/`."""
    return Results(Store(folder))
