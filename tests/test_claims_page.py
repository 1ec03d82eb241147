"""The page of claims says what the chapters' code found."""

import json
import re
from pathlib import Path

import pytest

from kldiv.claims import CLAIMS

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (R\d\d) \| (.+?) \| (.+?) \|$", re.MULTILINE)
STORED = re.compile(r'<div class="verdict ([a-z-]+)" id="claim-(R\d\d)"')


def verdicts_in_chapters():
    """The set of (outcome, chapter) of each claim, from the chapters' stored outputs."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                html = "".join(output.get("data", {}).get("text/html", ""))
                for outcome, claim in STORED.findall(html):
                    found.setdefault(claim, set()).add((outcome.replace("-", " "), path.stem))
    return found


ROWS = {row[0]: row for row in ROW.findall((ROOT / "book/claims.md").read_text(encoding="utf-8"))}
FOUND = verdicts_in_chapters()


def test_every_claim_has_a_row():
    assert list(ROWS) == list(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_row_says_what_the_chapters_found(claim):
    _, statement, verdict = ROWS[claim]
    assert statement == CLAIMS[claim]
    links = set(re.findall(r'<a href="\.\./notebooks/([\w-]+)\.html#claim-(R\d\d)">', verdict))
    assert links == {(chapter, claim) for _, chapter in FOUND.get(claim, ())}
    outcomes = set(re.findall(r"(reproduced|corrected|refuted|not testable|not yet)", verdict))
    assert outcomes == ({outcome for outcome, _ in FOUND.get(claim, ())} or {"not yet"})
