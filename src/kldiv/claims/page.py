"""The page of the audit, made from `results/audit.json`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import escape

from kldiv.claims import _format, _record
from kldiv.claims._record import Row
from kldiv.claims._registry import OUTCOMES


@dataclass(frozen=True)
class Html:
    """Something to show: HTML on the page, text in a terminal."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def summary(rows: list[Row] | None = None) -> Html:
    """How many claims came to which verdict: a bar, whose legend says the numbers."""
    rows = _rows() if rows is None else rows
    counts = Counter(row["outcome"] for row in rows)
    present = [outcome for outcome in OUTCOMES if counts[outcome]]
    checks = sum(len(row["checks"]) for row in rows)
    measured = sum(len(row["measured"]) for row in rows)
    sentence = (
        f"{len(rows)} claims; {checks} checks, all of which hold; {measured:,} measured numbers."
    )
    bar = "".join(
        f'<span class="{_kind(outcome)}" style="flex-grow: {counts[outcome]}"></span>'
        for outcome in present
    )
    legend = "".join(
        f'<li class="{_kind(outcome)}"><strong>{counts[outcome]}</strong> {outcome}</li>'
        for outcome in present
    )
    refuted = "".join(
        f'<li><a href="#{row["id"]}">{row["id"]}</a>: <em>{escape(row["statement"])}</em> '
        f"{escape(row['because'])}</li>"
        for row in rows
        if row["outcome"] == "refuted"
    )
    text = ", ".join(f"{counts[outcome]} {outcome}" for outcome in present)
    return Html(
        f'<div class="audit-summary"><p>{sentence}</p>'
        f'<div class="bar" aria-hidden="true">{bar}</div><ul class="legend">{legend}</ul>'
        f"<p>Refuted:</p><ul>{refuted}</ul></div>",
        f"{sentence} {text}",
    )


def table(rows: list[Row] | None = None) -> Html:
    """A row a claim: what the report says and where, the verdict, and what was measured."""
    rows = _rows() if rows is None else rows
    # Roles said aloud: on a narrow screen the style sheet lays each row out as a card, and
    # browsers then no longer take it for the row of a table.
    head = "".join(
        f'<th scope="col" role="columnheader">{name}</th>'
        for name in ("claim", "the report", "verdict", "measured")
    )
    body = "".join(_table_row(row) for row in rows)
    return Html(
        '<table class="audit" role="table">'
        "<caption>The claims of the report, each with its verdict</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>',
        "\n".join(f"{row['id']} {row['outcome']}: {row['statement']}" for row in rows),
    )


def _table_row(row: Row) -> str:
    link = (
        f' <a href="../{row["section"]}#claim-{row["id"]}">'
        f"{row['id']} in {_page_name(row['section'])}</a>"
    )
    measured = _format.as_list(_record.numbers(row)) or "—"
    return (
        f'<tr role="row" id="{row["id"]}" class="{_kind(row["outcome"])}">'
        f'<th scope="row" role="rowheader">{row["id"]}</th>'
        f'<td role="cell">{escape(row["statement"])}'
        f'<span class="where">Under “{escape(row["report"])}”</span></td>'
        f'<td role="cell"><strong>{row["outcome"].capitalize()}.</strong> '
        f"{escape(row['because'])}{link}</td>"
        f'<td role="cell">{measured}</td></tr>'
    )


def _kind(outcome: str) -> str:
    return outcome.replace(" ", "-")


def _page_name(section: str) -> str:
    """What a link calls a page: chapter 2, say."""
    number = re.search(r"/(\d+)-", section)
    return f"chapter {int(number[1])}" if number else section.split("/")[-1].removesuffix(".html")


def _rows() -> list[Row]:
    rows = list(_record.read().values())
    if not rows:
        raise FileNotFoundError("there is no results/audit.json: `make audit` writes it")
    return rows
