"""What a claim, a finding and a measured number must be, and how a verdict is reached."""

import json
import math

import numpy as np
import pytest
from html_outline import Outline

from kldiv import _repository
from kldiv.claims import (
    CLAIMS,
    OUTCOMES,
    Finding,
    Measured,
    _format,
    _record,
    _registry,
    _verdict,
    audit,
    claim,
    page,
)
from kldiv.claims.__main__ import main

PAGE = "notebooks/02-image-histograms.html"
PLACE = {"report": "Introduction", "statement": "It is so.", "section": PAGE}


@pytest.fixture
def registry(monkeypatch):
    """An empty registry, for a test to fill."""
    monkeypatch.setattr(_registry, "_registered", {})


@pytest.fixture
def book(monkeypatch, tmp_path):
    """An empty book, whose results go nowhere else."""
    (tmp_path / "_toc.yml").touch()
    monkeypatch.setattr(_record, "results", lambda: tmp_path / "results")
    monkeypatch.setattr("kldiv.claims.__main__.results", lambda: tmp_path / "results")
    monkeypatch.setattr("kldiv.claims.__main__.root", lambda: tmp_path)
    return tmp_path


def register(id="R09", value=0.153, held=True, **measured):
    measured = {"unit": "nats", "tolerance": 4e-4, **measured}

    @claim(id, **PLACE)
    def check():
        number = Measured("KL(day‖night)", value, **measured)
        return Finding(
            "corrected", "For a reason.", {"it holds": True, "it & this": held}, [number]
        )


# --- Registering -----------------------------------------------------------------------------


def test_the_registry_holds_the_39_claims():
    assert list(CLAIMS) == [f"R{number:02}" for number in range(1, 40)]
    assert all(text.strip().endswith((".", "?")) for text in CLAIMS.values())
    assert len(set(CLAIMS.values())) == 39
    assert set(OUTCOMES) == {"reproduced", "corrected", "refuted", "not testable"}


@pytest.mark.parametrize("id", ["R40", "R00", "r01", "R1", ""])
def test_an_unknown_id_is_refused(registry, id):
    with pytest.raises(ValueError, match=f"unknown claim '{id}'.*R01 to R39"):
        register(id)
    with pytest.raises(ValueError, match=f"unknown claim '{id}'"):
        audit(id)


def test_a_claim_is_registered_once(registry):
    register("R09")
    with pytest.raises(ValueError, match="R09 is registered already: It is so."):
        register("R09")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"section": "02-image-histograms.html"}, "R09.*page of the site.*'02-image"),
        ({"section": PAGE + "#claim-R09"}, "page of the site"),
        ({"section": ""}, "page of the site"),
        ({"report": " "}, "R09 needs a statement and a place"),
        ({"statement": ""}, "R09 needs a statement and a place"),
    ],
)
def test_a_claim_says_what_and_where(registry, change, message):
    with pytest.raises(ValueError, match=message):
        claim("R09", **{**PLACE, **change})(lambda: None)


def test_the_decorated_function_stays_a_function(registry):
    @claim("R09", **PLACE)
    def check():
        return 1

    assert check() == 1


# --- Findings and numbers --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("confirmed", "", {"a": True}), "must be one of.*'confirmed'"),
        (("corrected", "why", {}), r"a finding \(corrected: why\) needs a check"),
        (
            ("corrected", "", {"a": True}, [Measured("KL", 1.0), Measured("KL", 2.0)]),
            "same name.*KL",
        ),
    ],
)
def test_a_finding_that_is_none_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Finding(*arguments)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": math.nan}, "KL: value must be a number; got nan"),
        ({"value": "0.5"}, "KL: value must be a number; got '0.5'"),
        ({"value": True}, "KL: value must be a number; got True"),
        ({"value": 1.0, "tolerance": -1}, "KL: tolerance must be finite and not negative; got -1"),
        ({"value": 1.0, "half_width": math.inf, "runs": 5}, "half_width must be finite"),
        ({"value": 1.0, "half_width": 0.1}, "needs two runs or more"),
        ({"value": 1.0, "half_width": 0.1, "runs": 1}, "needs two runs or more"),
    ],
)
def test_a_measured_number_that_is_none_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Measured("KL", **fields)


def test_numpys_numbers_become_pythons():
    assert type(Measured("KL", np.float32(0.5)).value) is float
    assert type(Measured("KL", np.int64(5)).value) is int


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Measured("", 0.15342, "nats", tolerance=4e-4), "0.153 nats"),
        (Measured("", 0.15342, "nats", tolerance=6e-4), "0.15 nats"),
        (Measured("", -0.0636, tolerance=2e-5), "−0.0636"),
        (Measured("", 12345.6, "nats"), "12,350 nats"),
        (Measured("", 1743, "of 10,000"), "1,743 of 10,000"),
        (Measured("", 50.31, "nats", half_width=0.123, runs=5), "50.31 ± 0.12 nats (5 runs)"),
        (Measured("", 1234.5, half_width=321.0, runs=5), "1,230 ± 320 (5 runs)"),
        (Measured("", 50.0, half_width=0.0, runs=5), "50.0 ± 0.0 (5 runs)"),
        (Measured("", 9e-16, "nats", tolerance=1e-13), "0 nats, to within 10⁻¹³"),
        (Measured("", 0.0, "nats"), "0 nats"),
        (Measured("", 3.0692e-6, "nats"), "3.069·10⁻⁶ nats"),
        (Measured("", math.inf, "nats"), "infinite"),
        (Measured("", -math.inf), "minus infinity"),
        (Measured("", 0.9996, tolerance=4e-4), "1.000"),
    ],
)
def test_a_number_is_shown_as_precisely_as_it_is_known(number, text):
    assert _format.shown(number) == text


@pytest.mark.parametrize(
    ("report", "text"),
    [(358.88671875, "358.88671875 MB"), (-40, "−40 MB"), ("−40 to 60", "−40 to 60"), (None, "")],
)
def test_the_reports_number_keeps_its_digits(report, text):
    assert _format.reported(Measured("", 1.0, "MB", report=report)) == text


# --- Verdicts --------------------------------------------------------------------------------


def test_a_verdict_names_claim_outcome_reason_checks_and_numbers(registry, book):
    register(report=0.008)
    shown = audit("R09")
    assert repr(shown).splitlines() == [
        "R09 corrected: For a reason.",
        "  ✓ it holds",
        "  ✓ it & this",
        "  · KL(day‖night): 0.153 nats (the report: 0.008 nats)",
    ]
    html = shown._repr_html_()
    assert html.startswith('<div class="verdict corrected" id="claim-R09" data-claim="R09">')
    outline = Outline(html)
    assert outline.text["li"] == [
        "it holds",
        "it & this",
        "KL(day‖night): ",
        " (the report: 0.008 nats)",
    ]
    assert outline.text["strong"] == ["R09", "Corrected.", "0.153 nats"]
    assert '<a href="../book/claims.html#R09">R09 in the audit</a>' in html
    assert "it &amp; this" in html


def test_a_verdict_that_the_code_does_not_bear_out_cannot_be_made(registry, book):
    register(held=False)
    with pytest.raises(AssertionError, match="R09 is not corrected.*it & this") as raised:
        audit("R09")
    assert "it holds" not in str(raised.value)
    assert main([]) == 1
    assert not (book / "results").exists()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_can_be_shown(registry, book, outcome):
    claim("R13", **PLACE)(lambda: Finding(outcome, "SymPy proves it.", {"it holds": True}))
    result = audit("R13")
    assert repr(result) == f"R13 {outcome}: SymPy proves it.\n  ✓ it holds"
    html = result._repr_html_()
    assert "It is so." in html and "Measured:" not in html


# --- The record ------------------------------------------------------------------------------


def test_the_record_is_written_and_read_back(registry, book, capsys):
    register(value=math.inf, half_width=0.5, runs=3, report="−40 to 60")
    assert main([]) == 0
    (row,) = json.loads((book / "results" / "audit.json").read_text(encoding="utf-8"))
    assert row == {
        "id": "R09",
        **PLACE,
        "outcome": "corrected",
        "because": "For a reason.",
        "checks": [{"what": "it holds", "held": True}, {"what": "it & this", "held": True}],
        "measured": [
            {
                "what": "KL(day‖night)",
                "value": "inf",
                "unit": "nats",
                "half_width": 0.5,
                "runs": 3,
                "report": "−40 to 60",
                "tolerance": 4e-4,
                "counted": "runs",
            }
        ],
    }
    assert _record.numbers(row) == list(_registry.find("R09").check().measured)
    assert [path.name for path in (book / "results").iterdir()] == ["audit.json"]
    printed = capsys.readouterr().out
    assert "R09  corrected" in printed and "1 claims in" in printed


def test_a_chapter_shows_the_recorded_number_if_the_new_one_agrees(registry, book, monkeypatch):
    register(value=0.15349)
    main([])
    monkeypatch.setattr(_registry, "_registered", {})
    register(value=0.15351)  # beyond the edge of rounding, within the tolerance
    assert "0.153 nats" in repr(audit("R09"))
    assert _format.shown(_registry.find("R09").check().measured[0]) == "0.154 nats"


@pytest.mark.parametrize("change", [{"value": 0.16}, {"value": math.inf}, {"tolerance": 1e-3}])
def test_a_number_that_does_not_agree_with_the_record_is_an_error(
    registry, book, monkeypatch, change, capsys
):
    register()
    main([])
    monkeypatch.setattr(_registry, "_registered", {})
    register(**change)
    with pytest.raises(AssertionError, match="R09 differs.*make audit.*KL.day‖night."):
        audit("R09")
    assert main(["R09"]) == 0  # says so, and leaves the record alone
    assert "not as recorded: KL(day‖night)" in capsys.readouterr().out
    assert _record.numbers(_record.read()["R09"])[0].value == 0.153


def test_every_kind_of_difference_is_named(registry, book):
    register()
    main([])
    other = Finding("refuted", "Another reason.", {"else": True}, [Measured("JS", 1.0)])
    found = "; ".join(_record.differences(_record.read()["R09"], other))
    for difference in ("outcome is refuted", "reason", "other checks", "other numbers"):
        assert difference in found


def test_without_a_record_the_chapter_shows_what_it_measured(registry, monkeypatch):
    def nowhere():
        raise FileNotFoundError

    monkeypatch.setattr(_record, "results", nowhere)
    register(value=0.15351)
    assert "0.154 nats" in repr(audit("R09"))


def test_an_unknown_claim_is_an_error_on_the_command_line(book, capsys):
    with pytest.raises(SystemExit):
        main(["R40"])
    assert "unknown claim 'R40'" in capsys.readouterr().err


# --- The page and the folder -----------------------------------------------------------------


def test_the_page_has_a_row_a_claim(registry, book):
    register(report=0.008)
    main([])
    html = page.table()._repr_html_()
    Outline(html)
    assert 'id="R09" class="corrected"' in html
    assert f'<a href="../{PAGE}#claim-R09">R09 in chapter 2</a>' in html
    assert "0.153 nats" in html and "0.008 nats" in html
    summary = page.summary()
    Outline(summary._repr_html_())
    assert repr(summary) == (
        "1 claims; 2 checks, all of which hold; 1 measured numbers. 1 corrected"
    )


def test_the_page_needs_a_record(book):
    with pytest.raises(FileNotFoundError, match="make audit"):
        page.table()


def test_a_terminal_sees_the_progress_and_a_file_does_not(registry, book, capsys):
    register()
    assert [entry.id for entry, _ in _verdict.audit_all()] == ["R09"]
    assert capsys.readouterr().err == ""


def test_the_books_folder_is_found_from_anywhere(monkeypatch, tmp_path):
    assert (_repository.root() / "_toc.yml").is_file()
    elsewhere = tmp_path / "site-packages" / "kldiv" / "_repository.py"
    monkeypatch.setattr(_repository, "__file__", str(elsewhere))
    below = tmp_path / "book" / "notebooks"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    with pytest.raises(FileNotFoundError, match="_toc.yml.*site-packages.*notebooks"):
        _repository.root()
    (tmp_path / "book" / "_toc.yml").touch()
    assert _repository.root() == tmp_path / "book"
    assert _repository.results() == tmp_path / "book" / "results"
