"""The audit on file: `results/audit.json`, a row a claim, and how a new finding compares with it.

The numbers that a chapter shows are the recorded ones, each measured anew while the page is made
and held against the record. So a page is the same on every machine, digit by digit, though the
machines differ in digits that are not shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from kldiv._repository import results
from kldiv._whole_files import written_whole
from kldiv.claims._registry import Claim, Finding, Measured

Row = dict[str, Any]


def row(claim: Claim, finding: Finding) -> Row:
    """A claim and what was found, as JSON holds them."""
    return {
        "id": claim.id,
        "report": claim.report,
        "statement": claim.statement,
        "section": claim.section,
        "outcome": finding.outcome,
        "because": finding.because,
        "checks": [{"what": what, "held": bool(held)} for what, held in finding.checks.items()],
        "measured": [_as_json(number) for number in finding.measured],
    }


def read() -> dict[str, Row]:
    """The recorded rows by id; none where nothing was recorded or there is no checkout."""
    try:
        text = (results() / "audit.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return {entry["id"]: entry for entry in json.loads(text)}


def write(rows: Iterable[Row]) -> None:
    """Record the rows, whole or not at all."""
    text = json.dumps(list(rows), ensure_ascii=False, indent=1, allow_nan=False)
    with written_whole(results() / "audit.json") as unfinished:
        unfinished.write_text(text + "\n", encoding="utf-8")


def numbers(entry: Row) -> list[Measured]:
    """The measured numbers of a row."""
    return [
        Measured(**{**number, "value": _from_json(number["value"])}) for number in entry["measured"]
    ]


def settled(entry: Row | None, measured: Iterable[Measured]) -> list[Measured]:
    """The measured numbers, each as it is recorded where that agrees within its tolerance."""
    recorded = {number.what: number for number in numbers(entry)} if entry else {}
    return [
        recorded[number.what] if _agree(number, recorded.get(number.what)) else number
        for number in measured
    ]


def differences(entry: Row, finding: Finding) -> list[str]:
    """How a finding differs from the recorded row, in words; nothing if it agrees."""
    found = []
    if finding.outcome != entry["outcome"]:
        found.append(f"the outcome is {finding.outcome}; recorded: {entry['outcome']}")
    if finding.because != entry["because"]:
        found.append("the reason is worded differently")
    if list(finding.checks) != [check["what"] for check in entry["checks"]]:
        found.append("it has other checks")
    if [number.what for number in finding.measured] != [old.what for old in numbers(entry)]:
        found.append("it measures other numbers")
    return found + drift(entry, finding.measured)


def drift(entry: Row, measured: Iterable[Measured]) -> list[str]:
    """The numbers that are recorded and do not agree with the record, in words."""
    recorded = {number.what: number for number in numbers(entry)}
    return [
        f"{new.what}: {_text(new)}; recorded: {_text(recorded[new.what])}"
        for new in measured
        if new.what in recorded and not _agree(new, recorded[new.what])
    ]


def _agree(new: Measured, old: Measured | None) -> bool:
    """Whether a repeat agrees with the record, within the tolerance that the check states."""
    if old is None:
        return False
    same = (new.unit, new.runs, new.report, new.tolerance) == (
        old.unit,
        old.runs,
        old.report,
        old.tolerance,
    )
    pairs = [(new.value, old.value)]
    if new.half_width is not None and old.half_width is not None:
        pairs.append((new.half_width, old.half_width))
    elif new.half_width is not old.half_width:  # one of them has none
        return False
    return same and all(a == b or abs(a - b) <= new.tolerance for a, b in pairs)


def _text(number: Measured) -> str:
    width = "" if number.half_width is None else f" ± {number.half_width!r}"
    return f"{number.value!r}{width} {number.unit}".rstrip() + f" (within {number.tolerance!r})"


def _as_json(number: Measured) -> Row:
    fields = asdict(number)
    if math.isinf(number.value):  # JSON has no infinity
        fields["value"] = "inf" if number.value > 0 else "-inf"
    return fields


def _from_json(value: float | str) -> float:
    return float(value) if isinstance(value, str) else value
