"""``python -m kldiv.claims``: check every claim, and write `results/audit.json`.

With ids (``python -m kldiv.claims R09 R10``) only these are checked, and nothing is written.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tqdm import tqdm

from kldiv._repository import results, root
from kldiv.claims import _format, _record
from kldiv.claims._registry import Claim, claims, find
from kldiv.claims._verdict import audit_all


def main(arguments: list[str] | None = None) -> int:
    """Run the checks; 0 if they all hold."""
    parser = argparse.ArgumentParser(prog="python -m kldiv.claims", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="Rxx", help="claims to check (default: all)")
    ids = parser.parse_args(arguments).ids
    try:
        chosen = [find(id) for id in ids] or claims()
    except ValueError as error:
        parser.error(str(error))
    root()  # says what is missing before the work is done, not after

    start = time.perf_counter()
    try:
        rows = _check(chosen, with_details=bool(ids))
    except AssertionError as error:
        sys.stdout.flush()
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - start
    counts = Counter(row["outcome"] for row in rows)
    print(f"{len(rows)} claims in {seconds:.1f} s: " + _in_words(counts))
    if not ids:
        _record.write(rows)
        print(f"written: {(results() / 'audit.json').relative_to(root())}")
    return 0


def _check(chosen: list[Claim], *, with_details: bool) -> list[_record.Row]:
    """Check the claims, print a line for each, and return their rows."""
    recorded = _record.read() if with_details else {}
    rows, start = [], time.perf_counter()
    for claim, finding in audit_all(chosen):
        seconds, start = time.perf_counter() - start, time.perf_counter()
        row = _record.row(claim, finding)
        rows.append(row)
        tqdm.write(
            f"{claim.id}  {row['outcome']:<16} {len(row['checks']):2} checks "
            f"{len(row['measured']):3} measured {seconds:6.2f} s  {claim.statement}"
        )
        if with_details:
            lines = [finding.because, *(f"✓ {check}" for check in finding.checks)]
            lines += [f"· {line}" for line in _format.as_lines(finding.measured)]
            if claim.id in recorded:
                lines += [
                    f"not as recorded: {difference}"
                    for difference in _record.differences(recorded[claim.id], finding)
                ]
            tqdm.write("".join(f"     {line}\n" for line in lines))
    return rows


def _in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
