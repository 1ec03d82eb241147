"""Two runs of the benchmarks, row by row: do their ranges overlap?

    python -m benchmarks.compare results/benchmarks.json results/benchmarks-again.json

Ratios that two runs on one machine disagree on are not known better than by how far they differ.
Exits 1 if the ranges of a row do not overlap. Rows without a range, and those that one run alone
has, are shown and are no disagreement.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Twice:
    """A row's median and range in two runs. Of growth they are those of the largest size."""

    name: str
    first: tuple[float, float, float]  # low, median, high
    second: tuple[float, float, float]
    ranged: bool  # both runs took more than one turn; memory and differences are measured once

    @property
    def overlap(self) -> bool:
        return self.first[0] <= self.second[2] and self.second[0] <= self.first[2]

    def __str__(self) -> str:
        if not self.ranged:
            return f"{self.name}: {self.first[1]:.3g}; {self.second[1]:.3g}  (one turn: no range)"
        first, second = map(_words, (self.first, self.second))
        return f"{self.name}: {first}; {second}{'' if self.overlap else '  DO NOT OVERLAP'}"


def both(first: list[Row], second: list[Row]) -> list[Twice]:
    """The rows that both runs have, in the first one's order."""
    others = {row["name"]: row for row in second}
    pairs = [(row, others[row["name"]]) for row in first if row["name"] in others]
    return [
        Twice(one["name"], _range(one), _range(two), min(one["turns"], two["turns"]) > 1)
        for one, two in pairs
    ]


def only_one(first: list[Row], second: list[Row]) -> list[str]:
    """Names that one of the runs lacks."""
    return sorted({row["name"] for row in first} ^ {row["name"] for row in second})


def _range(row: Row) -> tuple[float, float, float]:
    if row["kind"] == "growth":
        return row["low"][-1], row["ratios"][-1], row["high"][-1]
    return row["low"], row["median"], row["high"]


def _words(values: tuple[float, float, float]) -> str:
    low, middle, high = values
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    runs = [json.loads(path.read_text("utf-8")) for path in (options.first, options.second)]
    rows = both(*runs)
    if not rows:
        parser.error("the two runs have no row in common")
    print(*rows, sep="\n")
    for name in only_one(*runs):
        print(f"{name}: in one of the runs only")
    ranged = [row for row in rows if row.ranged]
    apart = sum(not row.overlap for row in ranged)
    print(f"the ranges of {len(ranged) - apart} of {len(ranged)} rows overlap")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
