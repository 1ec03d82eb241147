"""Two programs, run alternately in one session: how many times as long one takes as the other.

A time says little away from the machine it was taken on, and not much there: other programs run,
the clock rate changes. Both fall on both programs alike when they take turns, so the ratio within a
turn is what is kept: its median, and its range. The turns are taken in rounds of all rows, some
minutes apart: what a machine does for a minute shows in the range.
"""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

Work = Callable[[], Any]

TURNS, QUICK_TURNS = 7, 3
ROUNDS = 2
SHORTEST = 0.02  # seconds: a turn shorter than this is repeated until it lasts so long


class NotInstalledError(Exception):
    """The peer of a comparison is not installed; the message says how to get it."""


@dataclass
class Pair:
    """The book's program and its peer's. `close` ends what had to be started for them."""

    ours: Work
    theirs: Work
    close: Work = lambda: None


@dataclass(frozen=True)
class Comparison:
    """One row of the table.

    Parameters
    ----------
    name : str
        What `--only` calls it; what stands before the first "/" is its group.
    work, against : str
        What is done, and by which peer, in words.
    target : float or None
        "faster": the peer's time over ours is at least this. "within": our time over the peer's
        is at most this. None: no promise is made.
    kind : str
        "faster" or "within".
    prepare : callable (quick) -> Pair
        Makes the input, and checks that both compute the same.
    source : str
        Where the peer's way of doing it is documented.
    limit : float
        Seconds after which no further turn of a round is begun.
    """

    name: str
    work: str
    against: str
    target: float | None
    prepare: Callable[[bool], Pair]
    source: str
    kind: str = "faster"
    limit: float = 60.0
    once: ClassVar[bool] = False

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The ratio in each turn."""
        pair = self.prepare(quick)
        try:
            ratios = take_turns(pair.ours, pair.theirs, turns=turns, limit=self.limit)
        finally:
            pair.close()
        return [1 / ratio for ratio in ratios] if self.kind == "within" else ratios

    def row(self, ratios: list[float]) -> dict[str, Any]:
        """What is stored of these turns."""
        return _row(self, ratios)


@dataclass(frozen=True)
class Memory:
    """A row for memory: the most that a call allocates at once, over the size of its input.

    `prepare` returns the call and the size in bytes. Only what Python and NumPy allocate is seen
    (`tracemalloc`); it is exact, so one call is enough.
    """

    name: str
    work: str
    against: str
    target: float | None
    prepare: Callable[[bool], tuple[Work, int]]
    source: str
    kind: str = "memory"
    once: ClassVar[bool] = True

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The most of one call, over the size."""
        call, size = self.prepare(quick)
        return [peak_bytes(call) / size]

    def row(self, ratios: list[float]) -> dict[str, Any]:
        """What is stored of it."""
        return _row(self, ratios)


@dataclass(frozen=True)
class Agreement:
    """A row for a difference that must be small. `prepare` measures it."""

    name: str
    work: str
    against: str
    target: float
    prepare: Callable[[bool], float]
    source: str
    kind: str = "agreement"
    once: ClassVar[bool] = True

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The difference."""
        return [self.prepare(quick)]

    def row(self, differences: list[float]) -> dict[str, Any]:
        """What is stored of it."""
        return _row(self, differences)


def take_turns(ours: Work, theirs: Work, *, turns: int, limit: float) -> list[float]:
    """Their time over ours in each turn; who begins changes from turn to turn."""
    started = time.perf_counter()
    repeats = [repeats_for(ours), repeats_for(theirs)]  # which also warms both up
    ratios: list[float] = []
    while len(ratios) < turns and not (ratios and time.perf_counter() - started > limit):
        order = [0, 1] if len(ratios) % 2 == 0 else [1, 0]
        taken = [0.0, 0.0]
        for who in order:
            taken[who] = seconds((ours, theirs)[who], repeats[who])
        ratios.append(taken[1] / taken[0])
    return ratios


def seconds(work: Work, repeats: int = 1) -> float:
    """The mean time of `repeats` calls, with the garbage collector held back."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for _ in range(repeats):
            work()
        return (time.perf_counter() - started) / repeats
    finally:
        gc.enable()


def peak_bytes(call: Work) -> int:
    """The most that Python and NumPy had allocated during a call, above what they had before."""
    call()  # what is imported or kept at the first call is not its own
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def machine() -> dict[str, Any]:
    """What the ratios were measured on."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": model, "cores": cores, "system": platform.system()}


def versions(*packages: str) -> dict[str, str]:
    """Python's version, and those of the packages that are installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def repeats_for(work: Work) -> int:
    """How many calls last SHORTEST."""
    if seconds(work) > 50 * SHORTEST:  # no doubt about this one
        return 1
    repeats = 1
    while (taken := seconds(work, repeats) * repeats) < SHORTEST:
        repeats = max(2 * repeats, min(10 * repeats, int(repeats * SHORTEST / max(taken, 1e-9))))
    return repeats


def _row(comparison: Comparison | Memory | Agreement, ratios: list[float]) -> dict[str, Any]:
    median = statistics.median(ratios)
    target = comparison.target
    met = None
    if target is not None:
        met = median >= target if comparison.kind == "faster" else median <= target
    return {
        "name": comparison.name,
        "work": comparison.work,
        "against": comparison.against,
        "kind": comparison.kind,
        "target": target,
        "source": comparison.source,
        "median": rounded(median),
        "low": rounded(min(ratios)),
        "high": rounded(max(ratios)),
        "turns": len(ratios),
        "met": met,
    }


def rounded(value: float) -> float:
    return float(f"{value:.4g}")
