"""``python -m kldiv.replication``: do the runs, or repeat some and compare."""

from __future__ import annotations

import argparse
import sys
import tempfile

from filelock import FileLock, Timeout

from kldiv.replication.check import check
from kldiv.replication.runner import FailedRunsError, done, replicate
from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, runs


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do what it asks; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        chosen = runs(*options.runs)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    how = {"jobs": options.jobs, "scheduler": options.scheduler, "device": options.device}
    try:
        store = Store(options.results)
        if options.list:
            for variant in VARIANTS.values():
                have = sum(run.variant is variant and done(run, store) for run in runs())
                print(f"{variant.name:32} {have:>2} of {variant.seeds:>2} seeds  {variant.words}")
            return 0
        store.folder.mkdir(parents=True, exist_ok=True)
        if options.check:
            with tempfile.TemporaryDirectory() as folder:
                differences = check(chosen, store, Store(folder), say=_say, **how)
            for difference in differences:
                print(difference)
            print(f"{len(chosen)} runs repeated, {len(differences)} differences")
            return 1 if differences else 0
        with FileLock(store.folder / ".lock", timeout=0):
            replicate(chosen, Store(options.results), say=_say, **how)
    except Timeout:
        print(f"another replication is writing to {store.folder}", file=sys.stderr)
        return 2
    except (FailedRunsError, ValueError, ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; what was finished is kept, and the next call goes on", file=sys.stderr)
        return 130
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kldiv.replication",
        description="Train and measure every variant with every seed; one row a run in results/.",
    )
    parser.add_argument(
        "runs",
        nargs="*",
        help="which runs, with shell wildcards: report-kl, beta-*:0, '*:0' (default: all)",
    )
    parser.add_argument("--check", action="store_true", help="repeat them, compare with results/")
    parser.add_argument("--list", action="store_true", help="list the variants and leave")
    parser.add_argument("--jobs", type=int, help="processes, one thread each (default: one a core)")
    parser.add_argument("--scheduler", help="a Dask scheduler whose workers do it, tcp://host:port")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--results", help="folder of the results (default: the book's results/)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
