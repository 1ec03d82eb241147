"""The small tables of the chapters."""

import re

import pytest
from html_outline import Outline

from kldiv.tables import Table, check_table


def test_text_is_escaped():
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


def test_a_column_without_a_heading_is_refused():
    with pytest.raises(ValueError, match="a column without a heading"):
        Table(["", "bits"], [["a", 1]])


def test_a_number_keeps_its_spread_on_its_line():
    html = Table(["model", "nats"], [["KL", "1.0 ± 0.2"]])._repr_html_()
    assert "1.0\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.2" in html


def test_a_table_of_checks():
    table = check_table({"KL ≥ 0": True, "KL is symmetric": False})
    assert table.rows == [["KL ≥ 0", "yes"], ["KL is symmetric", "no"]]


def test_numbers_stand_flush_right_and_words_flush_left():
    rows = [["a", "−1.5 ± 2", "about 5", "k1", "✓ ValueError", "x" * 25, "inf"]]
    rows += [["b", "–", "∞", "none", "✗ 0.5", "y", "nan"]]
    html = Table(["name", "number", "rough", "word", "mark", "long", "odd"], rows)._repr_html_()
    classes = re.findall(r'<th scope="col"(?: class="(\w+)")?>', html)
    assert classes == ["", "", "", "words", "", "text", ""]
