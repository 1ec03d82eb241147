"""The audit on file, the checks, the chapters and the prose say the same of every claim."""

import json
import re
from pathlib import Path

import pytest

from kldiv.claims import OUTCOMES, Verdict, _record, claims

ROOT = Path(__file__).resolve().parents[1]
ROWS = {
    row["id"]: row
    for row in json.loads((ROOT / "results" / "audit.json").read_text(encoding="utf-8"))
}
BOX = re.compile(r'<div class="verdict ([a-z-]+)" id="claim-(R\d\d)".*', re.DOTALL)
SENTENCE = re.compile(r"[^.!?|\n]*\bR\d\d\b[^.!?|\n]*")


def chapters():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))["cells"]


def boxes():
    """The verdicts stored in the chapters: (chapter, claim, outcome, HTML)."""
    for chapter, cells in chapters():
        for cell in cells:
            for output in cell.get("outputs", []):
                html = "".join(output.get("data", {}).get("text/html", ""))
                if found := BOX.match(html):
                    yield chapter, found[2], found[1].replace("-", " "), html


def pages_of_prose():
    """The text of the chapters and of the other pages: (where, text)."""
    for chapter, cells in chapters():
        for cell in cells:
            if cell["cell_type"] == "markdown":
                yield chapter, "".join(cell["source"])
    for path in sorted([*(ROOT / "book").glob("*.md"), ROOT / "README.md"]):
        yield path.name, path.read_text(encoding="utf-8")


BOXES = list(boxes())


def test_every_claim_has_a_row():
    assert list(ROWS) == [f"R{number:02}" for number in range(1, 40)]
    assert [claim.id for claim in claims()] == list(ROWS)


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_every_claim_has_a_check(claim):
    assert callable(claim.check) and claim.check.__doc__


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_the_row_is_what_the_check_finds_now(claim):
    finding = claim.check()
    assert all(finding.checks.values()), finding.checks
    row = ROWS[claim.id]
    assert _record.differences(row, finding) == [], "run `make audit`"
    assert all(check["held"] for check in row["checks"])
    for field in ("report", "statement", "section"):
        assert row[field] == getattr(claim, field), "run `make audit`"


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_the_page_it_names_shows_it(claim):
    chapter = Path(claim.section).stem
    assert (ROOT / claim.section).with_suffix(".ipynb").is_file()
    assert (chapter, claim.id) in {(where, id) for where, id, _, _ in BOXES}


@pytest.mark.parametrize("box", BOXES, ids=lambda box: f"{box[1]}-{box[0][:2]}")
def test_a_chapter_shows_what_the_audit_found(box):
    _, id, outcome, html = box
    row = ROWS[id]
    assert outcome == row["outcome"]
    expected = Verdict(
        id,
        row["outcome"],
        row["because"],
        tuple(check["what"] for check in row["checks"]),
        tuple(_record.numbers(row)),
    )
    assert html == expected._repr_html_(), "run `make outputs`"


def test_prose_agrees_with_the_verdicts():
    """A sentence that names a claim and a verdict names that claim's verdict."""
    wrong = []
    for where, text in pages_of_prose():
        for sentence in SENTENCE.findall(re.sub(r"(?<!\n)\n(?!\n)", " ", text)):
            ids = set(re.findall(r"\bR\d\d\b", sentence))
            said = set(re.findall("|".join(OUTCOMES), sentence.lower()))
            if said - {ROWS[id]["outcome"] for id in ids if id in ROWS}:
                wrong.append(f"{where}: {sentence.strip()}")
    assert not wrong, "\n".join(wrong)
