"""Repeat runs and hold them against the stored rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kldiv.replication.measures import MEASURES, Measure
from kldiv.replication.runner import replicate
from kldiv.replication.store import Store
from kldiv.replication.variants import Run

#: For measures that have no entry of their own: the baselines'.
_DEFAULT = Measure("", "", 0.01)

#: How far the epochs of a repeated training may be from the stored ones.
HISTORY = {
    "loss": Measure("", "", 0.02),
    "reconstruction": Measure("", "", 0.02),
    "penalty": Measure("", "", 0.10, 0.05),
    "gradient_norm": Measure("", "", 0.10, 0.02),
}


@dataclass(frozen=True)
class Difference:
    """A number of a repeated run that is too far from the stored one."""

    run: Run
    name: str
    stored: float
    repeated: float

    def __str__(self) -> str:
        return f"{self.run}: {self.name} is stored as {self.stored:g}, repeated {self.repeated:g}"


def check(
    runs: Sequence[Run],
    stored: Store,
    fresh: Store,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    device: str = "cpu",
    say: Callable[[str], None] = print,
) -> list[Difference]:
    """Repeat runs into the store `fresh` and compare each measure with its tolerance.

    `jobs`, `scheduler`, `device` and `say` are those of `replicate`.

    Raises
    ------
    ValueError
        A run that has no stored row.
    """
    missing = [str(run) for run in runs if stored.get(run) is None]
    if missing:
        raise ValueError(f"no stored row to compare with: {', '.join(missing)}")
    replicate(runs, fresh, jobs=jobs, scheduler=scheduler, device=device, say=say)
    return [difference for run in runs for difference in _compare(run, stored, fresh)]


def compare_history(
    run: Run, stored: dict[str, list[float]], repeated: dict[str, list[float]]
) -> list[Difference]:
    """Compare the epochs that both have."""
    return [
        Difference(run, f"{name} of epoch {epoch}", old, new)
        for name, tolerance in HISTORY.items()
        for epoch, (old, new) in enumerate(
            zip(stored.get(name, ()), repeated.get(name, ()), strict=False), start=1
        )
        if not tolerance.agrees(old, new)
    ]


def _compare(run: Run, stored: Store, fresh: Store) -> list[Difference]:
    old, new = stored[run], fresh[run]
    differences = [
        Difference(run, name, value, new["measures"].get(name, float("nan")))
        for name, value in old["measures"].items()
        if not MEASURES.get(name, _DEFAULT).agrees(value, new["measures"].get(name, float("nan")))
    ]
    return differences + compare_history(run, old["history"], new["history"])
