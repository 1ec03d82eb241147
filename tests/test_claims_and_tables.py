"""Verdicts that only code can reach, and the tables that show them."""

import re
from html.parser import HTMLParser

import pytest

from kldiv.claims import CLAIMS, OUTCOMES, verdict
from kldiv.tables import Table, check_table


class Outline(HTMLParser):
    """Every tag is closed in order; collects the text of each tag by its name."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text = [], {}
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.setdefault(self.open[-1], []).append(data)


def test_the_registry_has_all_39_claims():
    assert list(CLAIMS) == [f"R{number:02}" for number in range(1, 40)]
    assert all(text.strip().endswith((".", "?")) for text in CLAIMS.values())
    assert len(set(CLAIMS.values())) == 39
    assert set(OUTCOMES) == {"reproduced", "corrected", "refuted", "not testable"}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_verdict_names_claim_outcome_reason_and_checks(outcome):
    result = verdict("R13", outcome, "SymPy proves it.", {"it holds": True, "on arrays": True})
    assert (result.claim, result.outcome) == ("R13", outcome)
    assert result.checks == ("it holds", "on arrays")
    assert repr(result).splitlines() == [
        f"R13 {outcome}: SymPy proves it.",
        "  ✓ it holds",
        "  ✓ on arrays",
    ]
    outline = Outline(result._repr_html_())
    assert outline.text["li"] == ["it holds", "on arrays"]
    assert outcome.capitalize() + "." in outline.text["strong"]
    assert CLAIMS["R13"] in "".join(outline.text["p"])
    assert 'id="claim-R13"' in result._repr_html_()


def test_a_verdict_that_the_code_does_not_bear_out_cannot_be_made():
    with pytest.raises(AssertionError, match="R09.*reproduced.*second.*third") as raised:
        verdict("R09", "reproduced", "", {"the first": True, "the second": False, "the third": 0})
    assert "the first" not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("R40", "corrected", "", {"a": True}), "'R40'"),
        (("r01", "corrected", "", {"a": True}), "'r01'"),
        (("R01", "confirmed", "", {"a": True}), "'confirmed'"),
        (("R01", "corrected", "", {}), "R01"),
    ],
)
def test_an_unknown_claim_or_outcome_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        verdict(*arguments)


def test_text_is_escaped():
    shown = verdict("R10", "refuted", "<b>0 & 1</b>", {"KL < 1": True})._repr_html_()
    assert "&lt;b&gt;0 &amp; 1" in shown and "KL &lt; 1" in shown
    table = Table(["<a>", "b"], [["<script>", "1 & 2"]], caption="p < q")._repr_html_()
    assert "<script>" not in table and "1 &amp; 2" in table and "p &lt; q" in table


def test_a_table_is_aligned_text_and_accessible_html():
    table = Table(["pair", "KL (nats)"], [["day, dusk", 0.5], ["x", 12]], caption="Two pairs.")
    assert str(table) == "Two pairs.\npair       KL (nats)\nday, dusk  0.5\nx          12"
    assert repr(table) == str(table)
    outline = Outline(table._repr_html_())
    assert outline.text["th"] == ["pair", "KL (nats)", "day, dusk", "x"]
    assert outline.text["td"] == ["0.5", "12"]
    assert outline.text["caption"] == ["Two pairs."]
    assert 'scope="col"' in table._repr_html_() and 'scope="row"' in table._repr_html_()


def test_a_table_without_caption_or_rows():
    assert "caption" not in Table(["a"], [["1"]])._repr_html_()
    assert str(Table(["a", "b"], [])) == "a  b"


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=re.escape("1 cells for 2 columns: ['only']")):
        Table(["a", "b"], [["x", "y"], ["only"]])


def test_a_table_of_checks():
    table = check_table({"KL ≥ 0": True, "KL is symmetric": False})
    assert table.rows == [["KL ≥ 0", "yes"], ["KL is symmetric", "no"]]
