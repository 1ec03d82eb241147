"""Small tables for the chapters: HTML on the page, text in a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """Rows of already formatted cells under column headings.

    Parameters
    ----------
    columns : sequence of str
        Headings, units included.
    rows : sequence of sequences
        One sequence a row; the first cell names the row. Cells are shown with `str`.
    caption : str
        What the table shows.

    Raises
    ------
    ValueError
        A row that has not one cell a column, or a column without a heading.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str = ""

    def __post_init__(self) -> None:
        if not all(str(column).strip() for column in self.columns):
            raise ValueError(f"a column without a heading: {list(self.columns)}")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns: {row}")

    def __str__(self) -> str:
        lines = [list(map(str, row)) for row in [self.columns, *self.rows]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join(([self.caption] if self.caption else []) + text)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        kinds = [_kind([row[i] for row in self.rows], i == 0) for i in range(len(self.columns))]
        head = "".join(
            f'<th scope="col"{kind}>{escape(str(name))}</th>'
            for name, kind in zip(self.columns, kinds, strict=True)
        )
        body = "".join(
            f'<tr><th scope="row">{_cell(row[0])}</th>'
            + "".join(
                f"<td{kind}>{_cell(cell)}</td>"
                for cell, kind in zip(row[1:], kinds[1:], strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        return (
            f'<table class="kldiv">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )


def _kind(cells: Sequence[object], first: bool) -> str:
    """The class of a column of text or of single words, both set flush left; numbers are not.

    The first column stands flush left in any case.
    """
    texts = list(map(str, cells))
    if max(map(len, texts), default=0) > 24:
        return ' class="text"'
    return "" if first or any(map(_NUMBER.match, texts)) else ' class="words"'


#: A cell that begins with a number, or with a mark, a sign or a relation before it.
_NUMBER = re.compile(r"(about|[-+−≥≤<>~✓✗\s])*(\d|[½¼¾⅓⅔∞]|inf|nan|[-–—]$)")


def _cell(content: object) -> str:
    """HTML in which a number keeps its spread on its own line."""
    return escape(str(content)).replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")


def check_table(checks: Mapping[str, bool], caption: str = "") -> Table:
    """A table of statements and whether each holds."""
    return Table(
        ["statement", "holds"], [[k, "yes" if v else "no"] for k, v in checks.items()], caption
    )
