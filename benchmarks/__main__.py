"""Measure the package's speed against others': `python -m benchmarks`, or `make bench`.

Each row takes its turns in rounds that are minutes apart. It is written to results/benchmarks.json
as soon as it is measured, and again after each of its rounds: stop the command however you like.
Rows that are not measured again stay as they are. A peer that is not installed is named, and its
rows are left out.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch

from benchmarks._measure import ROUNDS, NotInstalledError, machine, versions
from benchmarks._rows import ROWS, AnyRow
from benchmarks._store import Store
from kldiv import _repository

QUICK_TURNS = 3
PACKAGES = ("numpy", "scipy", "torch", "torchvision", "pythae", "divergence", "dask", "joblib")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows, as in kl/* epoch/keras")
    parser.add_argument(
        "--quick", action="store_true", help=f"small input, {QUICK_TURNS} turns, not stored"
    )
    parser.add_argument("--turns", type=int, help="turns a row, all in one round")
    parser.add_argument("--list", action="store_true", help="show the names and stop")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own)")
    parser.add_argument("--output", type=Path, help="default: results/benchmarks.json")
    options = parser.parse_args(arguments)
    turns = QUICK_TURNS if options.quick and options.turns is None else options.turns
    if turns is not None and turns < 1:
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
    for number in range(ROUNDS):
        for place, row in enumerate(rows, start=1):
            share = _share(row, number) if turns is None else turns * (number == 0)
            if not share or row.name in missing | failed:
                continue
            print(f"[round {number + 1}, {place}/{len(rows)}] {row.name}: ", end="", flush=True)
            started = time.perf_counter()
            gc.collect()
            gc.freeze()  # before each turn the collector runs: not through all that was imported
            try:
                found = row.measure(turns=share, quick=options.quick)
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


def _share(row: AnyRow, number: int) -> int:
    """How many turns a row takes in a round, counted from 0: in most none, if it is a long row."""
    parts = {ROUNDS * part // row.rounds for part in range(row.rounds)}
    return row.turns if number in parts else 0


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
