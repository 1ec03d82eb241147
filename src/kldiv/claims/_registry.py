"""The report's claims, where it makes them, and the functions that check them.

A theme's file registers its claims with the decorator `claim`. The function below it takes no
argument, computes what the verdict rests on and returns a `Finding`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

OUTCOMES = ("reproduced", "corrected", "refuted", "not testable")
IDS = tuple(f"R{number:02}" for number in range(1, 40))

_PAGE = re.compile(r"(notebooks|book)/[\w-]+\.html")


@dataclass(frozen=True)
class Measured:
    """One measured number.

    Parameters
    ----------
    what : str
        What it is, in words.
    value : float
        The number; infinity is one, NaN is not.
    unit : str
        Its unit; empty for a pure number.
    half_width : float, optional
        Half the width of its 95 % confidence interval over `runs` seeds.
    runs : int, optional
        How many runs it is the mean of, or of whatever `counted` says.
    report : float or str, optional
        What the report has for it.
    counted : str, default "runs"
        What was averaged over.
    tolerance : float, default 0
        How far a repeat, on another machine, may be from it, in its unit.

    Raises
    ------
    ValueError
        A number that is none, a negative width or tolerance, or a width without its runs.
    """

    what: str
    value: float
    unit: str = ""
    half_width: float | None = None
    runs: int | None = None
    report: float | str | None = None
    tolerance: float = 0.0
    counted: str = "runs"

    def __post_init__(self) -> None:
        # Plain Python numbers, so that they can be written as JSON whatever computed them.
        for name in ("value", "half_width", "tolerance"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _plain(getattr(self, name), f"{self.what}: {name}"))
        for name in ("half_width", "tolerance"):
            if getattr(self, name) is not None and not 0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{self.what}: {name} must be finite and not negative; "
                    f"got {getattr(self, name)}"
                )
        if self.half_width is not None and (self.runs is None or self.runs < 2):
            raise ValueError(f"{self.what}: a confidence interval needs two runs or more")


@dataclass(frozen=True)
class Finding:
    """What a check found out: an outcome, the reason, the checks and the numbers it rests on.

    Parameters
    ----------
    outcome : str
        "reproduced", "corrected", "refuted" or "not testable".
    because : str
        The reason, in a sentence.
    checks : mapping of str to bool
        What was checked, in words, and whether it held.
    measured : sequence of Measured
        The numbers.

    Raises
    ------
    ValueError
        An unknown outcome, no check at all, or two numbers of the same name.
    """

    outcome: str
    because: str
    checks: Mapping[str, bool]
    measured: Sequence[Measured] = ()

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"the outcome must be one of {OUTCOMES}; got {self.outcome!r}")
        if not self.checks:
            raise ValueError(f"a finding ({self.outcome}: {self.because}) needs a check")
        names = [number.what for number in self.measured]
        if len(set(names)) < len(names):
            raise ValueError(f"two measured numbers have the same name: {names}")


Check = Callable[[], Finding]


@dataclass(frozen=True)
class Claim:
    """Something that the report says, shows or computes.

    Parameters
    ----------
    id : str
        "R01" to "R39".
    report : str
        Where in the report it stands: the heading.
    statement : str
        What it says, in our words.
    section : str
        The page of the book that shows it, "notebooks/….html".
    check : callable () -> Finding
        Finds out.
    """

    id: str
    report: str
    statement: str
    section: str
    check: Check


_registered: dict[str, Claim] = {}


def claim(id: str, *, report: str, statement: str, section: str) -> Callable[[Check], Check]:
    """Register the function below as the check of a claim; see `Claim` for the parameters.

    Raises
    ------
    ValueError
        An id that is unknown or already taken, an empty text, a section that is no page.
    """
    if not _PAGE.fullmatch(section):
        raise ValueError(
            f"{id}: the section must be a page of the site, such as "
            f'"notebooks/02-image-histograms.html"; got {section!r}'
        )

    def register(check: Check) -> Check:
        _register(Claim(id, report, statement, section, check))
        return check

    return register


def _register(new: Claim) -> None:
    if new.id not in IDS:
        raise ValueError(f"unknown claim {new.id!r}: the report's claims are R01 to R39")
    if new.id in _registered:
        raise ValueError(f"{new.id} is registered already: {_registered[new.id].statement}")
    if not new.report.strip() or not new.statement.strip():
        raise ValueError(f"{new.id} needs a statement and a place in the report")
    _registered[new.id] = new


def find(id: str) -> Claim:
    """The claim with this id.

    Raises
    ------
    ValueError
        An unknown id.
    """
    if id not in _registered:
        raise ValueError(f"unknown claim {id!r}: the report's claims are R01 to R39")
    return _registered[id]


def claims() -> list[Claim]:
    """All registered claims, in the order of the report."""
    return [_registered[id] for id in sorted(_registered)]


def _plain(number: object, name: str) -> float | int:
    if isinstance(number, bool) or not isinstance(number, Real) or math.isnan(number):
        raise ValueError(f"{name} must be a number; got {number!r}")
    return int(number) if isinstance(number, Integral) else float(number)
