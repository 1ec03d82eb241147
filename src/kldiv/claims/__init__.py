"""The audit of the report: its 39 claims, checked by code.

Each claim has a function that computes what its verdict rests on. A chapter shows the verdict
with `audit("R09")`, which runs that function and raises if a check fails: a verdict that the code
does not bear out cannot be printed. `python -m kldiv.claims` runs them all and writes
`results/audit.json`, from which the page of the audit is made; `python -m kldiv.claims R09 R10`
checks these two again.
"""

from kldiv.claims import (  # noqa: F401  each registers its claims
    asymmetry,
    autoencoder,
    beyond,
    compression,
    derivation,
    distance,
    histograms,
    in_code,
    information,
    references,
    regularisers,
    words,
)
from kldiv.claims._registry import OUTCOMES, Claim, Finding, Measured, claim, claims
from kldiv.claims._verdict import Verdict, audit, audit_all

#: What the report says, shows or computes, in our words, by claim id.
CLAIMS: dict[str, str] = {entry.id: entry.statement for entry in claims()}

__all__ = [
    "CLAIMS",
    "OUTCOMES",
    "Claim",
    "Finding",
    "Measured",
    "Verdict",
    "audit",
    "audit_all",
    "claim",
    "claims",
]
