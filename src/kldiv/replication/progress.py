"""How far a replication is, and how long it will still take: a line a finished run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from kldiv.replication.variants import Run


class Progress:
    """Counts finished runs, and reckons the time left from the costs of the variants."""

    def __init__(
        self, todo: Sequence[Run], *, skipped: int = 0, say: Callable[[str], None] = print
    ) -> None:
        self.say = say
        self.started = time.perf_counter()
        self.total = len(todo)
        self.done = 0
        self.cost_left = self.cost = sum(run.variant.cost for run in todo)
        self.seconds: dict[str, float] = defaultdict(float)
        self.counts: dict[str, int] = defaultdict(int)
        already = f"{skipped} done already" if skipped else "none done yet"
        say(f"{self.total} runs to do, {already}")

    def finished(self, run: Run, seconds: float) -> None:
        """Count a run that took so many seconds."""
        self.seconds[run.variant.study] += seconds
        self.counts[run.variant.study] += 1
        self._count(run)
        self.say(f"{self._place()} {run}: {seconds:.0f} s; {self._left()}")

    def failed(self, run: Run, error: str) -> None:
        """Count a run that raised an error."""
        self._count(run)
        self.say(f"{self._place()} {run} FAILED: {error}")

    def close(self) -> None:
        """Say how long each part took."""
        if not self.done:
            return
        for study, seconds in self.seconds.items():
            self.say(f"{study}: {self.counts[study]} runs, {_time(seconds)} of work")
        elapsed = time.perf_counter() - self.started
        total = sum(self.seconds.values())
        self.say(f"in all: {self.done} runs, {_time(total)} of work in {_time(elapsed)}")

    def _count(self, run: Run) -> None:
        self.done += 1
        self.cost_left -= run.variant.cost

    def _place(self) -> str:
        return f"[{self.done:>{len(str(self.total))}}/{self.total}]"

    def _left(self) -> str:
        if self.done == self.total:
            return "done"
        elapsed = time.perf_counter() - self.started
        return f"about {_time(elapsed * self.cost_left / (self.cost - self.cost_left))} left"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
