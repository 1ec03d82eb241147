"""Measure the package's speed against others': `python -m benchmarks`, or `make bench`.

The turns of all rows are taken in two rounds. Each row is written to results/benchmarks.json as
soon as it is measured, and again in the second round: stop the command however you like. Rows that
are not measured again stay as they are. A peer that is not installed is named, and its rows are
left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch

from benchmarks._measure import (
    QUICK_TURNS,
    ROUNDS,
    TURNS,
    NotInstalledError,
    machine,
    versions,
)
from benchmarks._rows import ROWS
from benchmarks._store import Store
from kldiv import _repository

PACKAGES = ("numpy", "scipy", "torch", "torchvision", "pythae", "divergence", "dask", "joblib")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows, as in kl/* epoch/keras")
    parser.add_argument("--quick", action="store_true", help="small input, 3 turns, not stored")
    parser.add_argument("--turns", type=int, help=f"turns a row (default {TURNS})")
    parser.add_argument("--list", action="store_true", help="show the names and stop")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own)")
    parser.add_argument("--output", type=Path, help="default: results/benchmarks.json")
    options = parser.parse_args(arguments)
    turns = (QUICK_TURNS if options.quick else TURNS) if options.turns is None else options.turns
    if turns < 1:
        parser.error(f"--turns must be at least 1; got {turns}")
    if options.threads:
        torch.set_num_threads(options.threads)
    rows = [row for row in ROWS if _wanted(row.name, options.only)]
    if not rows:
        parser.error(f"no row is called {' or '.join(options.only)}; --list shows the names")
    if options.list:
        print(*(row.name for row in rows), sep="\n")
        return 0

    output = options.output
    if output is None and not options.quick:
        output = _repository.results() / "benchmarks.json"
    threads = {"threads": torch.get_num_threads()}
    store = Store(output, machine=machine() | threads, versions=versions(*PACKAGES))
    print(f"{store.machine} {store.versions}", flush=True)
    measured: dict[str, list[Any]] = {row.name: [] for row in rows}
    took = dict.fromkeys(measured, 0.0)
    missing, failed = set(), set()
    for number, share in enumerate(_shares(turns, 1 if options.quick else ROUNDS), start=1):
        for place, row in enumerate(rows, start=1):
            if row.name in missing | failed or (measured[row.name] and row.once):
                continue
            print(f"[round {number}, {place}/{len(rows)}] {row.name}: ", end="", flush=True)
            started = time.perf_counter()
            try:
                found = row.measure(turns=turns if row.once else share, quick=options.quick)
            except NotInstalledError as error:
                missing.add(row.name)
                print(f"not installed: {error}")
                continue
            except Exception as error:  # one row's failure is not the others'
                failed.add(row.name)
                print(f"FAILED: {type(error).__name__}: {error}")
                continue
            measured[row.name] += found
            took[row.name] += time.perf_counter() - started
            stored = row.row(measured[row.name])
            store.add(stored, took[row.name])
            print(_words(stored), flush=True)
    if missing:
        print(f"{len(missing)} rows left out: their peers are not installed")
    return 1 if failed else 0


def _shares(turns: int, rounds: int) -> list[int]:
    """How many of the turns each round takes."""
    shares = [turns // rounds + (number < turns % rounds) for number in range(rounds)]
    return [share for share in shares if share]


def _wanted(name: str, patterns: list[str] | None) -> bool:
    return patterns is None or any(
        fnmatchcase(name, pattern) or name.startswith(f"{pattern}/") for pattern in patterns
    )


def _words(row: dict) -> str:
    if row["kind"] == "growth":
        return f"exponent {row['exponent']:.2f}"
    text = f"{row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g}, {row['turns']} turns)"
    if row["target"] is None:
        return text
    bound = "at least" if row["kind"] == "faster" else "at most"
    return f"{text}, {'reached' if row['met'] else 'MISSED'}: {bound} {row['target']:g}"


if __name__ == "__main__":
    sys.exit(main())
