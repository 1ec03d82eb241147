"""Two programs, run alternately in one session: how many times as long one takes as the other.

A time says little away from the machine it was taken on, and not much there: other programs run,
the clock rate changes. Both fall on both programs alike when they take turns, so the ratio within a
turn is what is kept: its median, and its range. A row takes its turns in rounds, some minutes apart
and prepared anew: what the machine does for a minute, or where in memory an input came to lie,
shows in the range.
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
from typing import Any

Work = Callable[[], Any]

ROUNDS = 8  # at most; a row that takes part in fewer has them evenly among these
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
class Row:
    """One row of the table; each kind measures in its own way what is stored alike.

    Parameters
    ----------
    name : str
        What `--only` calls it; what stands before the first "/" is its group.
    work, against : str
        What is done, and by which peer, in words.
    target : float or None
        What the median is held to. None: no promise is made.
    prepare : callable (quick)
        Makes the input, and checks that the result is right.
    source : str
        Where the peer's way of doing it is documented.
    """

    name: str
    work: str
    against: str
    target: float | None
    prepare: Callable[[bool], Any]
    source: str
    kind: str
    rounds: int = 1
    turns: int = 1  # in each round

    def row(self, ratios: list[float]) -> dict[str, Any]:
        """What is stored of these turns."""
        median = statistics.median(ratios)
        met = None
        if self.target is not None:
            met = median >= self.target if self.kind == "faster" else median <= self.target
        return {
            "name": self.name,
            "work": self.work,
            "against": self.against,
            "kind": self.kind,
            "target": self.target,
            "source": self.source,
            "median": rounded(median),
            "low": rounded(min(ratios)),
            "high": rounded(max(ratios)),
            "turns": len(ratios),
            "met": met,
        }


@dataclass(frozen=True)
class Comparison(Row):
    """A row of times. `prepare` returns a Pair, once it has seen that both compute the same.

    Parameters
    ----------
    kind : str
        "faster": the peer's time over ours is at least the target. "within": our time over the
        peer's is at most the target.
    rounds, turns : int
        In how many rounds it takes part, and how many turns it takes in each; an even number, so
        that each of the two begins as often as the other. Few rounds where preparing is long.
    limit : float
        Seconds after which no further turn of a round is begun.
    """

    kind: str = "faster"
    rounds: int = ROUNDS
    turns: int = 2
    limit: float = 60.0

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The ratio in each turn."""
        pair = self.prepare(quick)
        try:
            ratios = take_turns(pair.ours, pair.theirs, turns=turns, limit=self.limit)
        finally:
            pair.close()
        return [1 / ratio for ratio in ratios] if self.kind == "within" else ratios


@dataclass(frozen=True)
class Memory(Row):
    """A row for memory: the most that a call allocates at once, over the size of its input.

    `prepare` returns the call and the size in bytes. Only what Python and NumPy allocate is seen
    (`tracemalloc`), and exactly: the turns hardly differ.
    """

    kind: str = "memory"
    turns: int = 7

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The most of each call, over the size."""
        call, size = self.prepare(quick)
        return [peak_bytes(call) / size for _ in range(turns)]


@dataclass(frozen=True)
class Agreement(Row):
    """A row for a difference that must be small, the same at each turn. `prepare` computes it."""

    kind: str = "agreement"

    def measure(self, *, turns: int, quick: bool) -> list[float]:
        """The difference."""
        return [self.prepare(quick)]


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


def rounded(value: float) -> float:
    return float(f"{value:.4g}")
