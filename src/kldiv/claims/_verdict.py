"""Verdicts: a claim, what was found, and how a chapter shows it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from tqdm import tqdm

from kldiv.claims import _format, _record
from kldiv.claims._registry import Claim, Finding, Measured, claims, find


@dataclass(frozen=True)
class Verdict:
    """A claim, the outcome, and the checks and numbers that it rests on; all checks hold.

    Parameters
    ----------
    claim, outcome, because : str
        The id, the outcome and the reason, in a sentence.
    checks : tuple of str
        What was checked and held, in words.
    measured : tuple of Measured
        The numbers.
    """

    claim: str
    outcome: str
    because: str
    checks: tuple[str, ...]
    measured: tuple[Measured, ...] = ()

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.claim} {self.outcome}: {self.because}",
                *(f"  ✓ {check}" for check in self.checks),
                *(f"  · {line}" for line in _format.as_lines(self.measured)),
            ]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        checks = "".join(f"<li>{escape(check)}</li>" for check in self.checks)
        kind = self.outcome.replace(" ", "-")
        link = (
            f'<p class="in-the-audit"><a href="../book/claims.html#{self.claim}">'
            f"{self.claim} in the audit</a></p>"
        )
        measured = _format.as_list(self.measured)
        return (
            f'<div class="verdict {kind}" id="claim-{self.claim}" '
            f'data-claim="{self.claim}">'
            f"<p><strong>{self.claim}</strong> The report: "
            f"{escape(find(self.claim).statement)}</p>"
            f"<p><strong>{self.outcome.capitalize()}.</strong> "
            f"{escape(self.because)}</p>"
            f"<ul>{checks}</ul>"
            + (f"<p>Measured:</p>{measured}" if measured else "")
            + f"{link}</div>"
        )


def examine(claim: Claim) -> Finding:
    """What the check of a claim finds, all of whose parts hold.

    Raises
    ------
    AssertionError
        A part that does not hold; the message names it.
    """
    finding = claim.check()
    failed = [name for name, held in finding.checks.items() if not held]
    if failed:
        raise AssertionError(
            f"{claim.id} is not {finding.outcome}: it does not hold that " + "; ".join(failed)
        )
    return finding


def audit(id: str) -> Verdict:
    """Check a claim here and now: its verdict, with the numbers that it rests on.

    The numbers shown are those of `results/audit.json`, once those just measured have been found
    to agree with them; without that file, those just measured.

    Parameters
    ----------
    id : str
        "R01" to "R39".

    Raises
    ------
    ValueError
        An unknown claim.
    AssertionError
        A check that failed, or a number that is further from the recorded one than its tolerance;
        the message names it.
    """
    claim = find(id)
    finding = examine(claim)
    entry = _record.read().get(id)
    if entry and (drift := _record.drift(entry, finding.measured)):
        raise AssertionError(
            f"{id} differs from results/audit.json (`make audit` writes it anew): "
            + "; ".join(drift)
        )
    measured = tuple(_record.settled(entry, finding.measured))
    return Verdict(id, finding.outcome, finding.because, tuple(finding.checks), measured)


def audit_all(chosen: Iterable[Claim] | None = None) -> Iterator[tuple[Claim, Finding]]:
    """Check the claims (default: all), one after the other.

    A terminal sees how far it is.

    Raises
    ------
    AssertionError
        A check that failed; the message names it.
    """
    chosen = claims() if chosen is None else list(chosen)
    for claim in tqdm(chosen, "claims", file=sys.stderr, leave=False, disable=None):
        yield claim, examine(claim)
