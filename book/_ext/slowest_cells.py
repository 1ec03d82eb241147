"""The cells that take longest, on the page about execution.

The cache that executes the chapters does not keep how long each cell took. So the executor is
asked to note it, and the notes are kept beside the cache, a file a chapter.
"""

import json
import re
from datetime import datetime
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from jupyter_cache.executors import utils

SHOWN = 12
execute = utils.executenb


def durations(notebook):
    """(seconds, number of the cell, its first line of code) of each cell that was executed."""
    number = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        number += 1
        times = cell.metadata.pop("execution", {})
        begin, end = times.get("iopub.execute_input"), times.get("shell.execute_reply")
        if begin and end:
            seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
            yield seconds, number, first_line(cell.source)


def first_line(source):
    """What a reader recognises a cell by: its first line that is neither import nor comment."""
    lines = [line.strip() for line in source.splitlines()]
    telling = (line for line in lines if line and not re.match(r"#|import |from |\)|\w+,$", line))
    return next(telling, lines[0] if lines else "")


def title(notebook):
    """The first heading of a notebook."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^# (.*)$", text, re.MULTILINE)
    return found[1] if found else "untitled"


def note(cache, notebook, cells):
    """Write down how long the cells of a notebook took."""
    folder = cache / "seconds"
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", title(notebook)).lower()
    content = json.dumps({"title": title(notebook), "cells": cells}, ensure_ascii=False)
    (folder / f"{name}.json").write_text(content, encoding="utf-8")


def noting(cache):
    """The executor, which writes down how long the cells took."""

    def execute_and_note(notebook, *arguments, **options):
        try:
            return execute(notebook, *arguments, **{**options, "record_timing": True})
        finally:
            note(cache, notebook, list(durations(notebook)))

    return execute_and_note


class Placeholder(nodes.General, nodes.Element):
    """Where the table will stand."""


class SlowestCells(Directive):
    """`{slowest-cells}`: the table, filled once all chapters have been executed."""

    def run(self):
        """Leave room for the table."""
        return [Placeholder()]


def fill(app, doctree, docname):
    """Put the table where there is room for it."""
    places = list(doctree.findall(Placeholder))
    if not places:
        return
    files = sorted((cache_of(app) / "seconds").glob("*.json"))
    notes = [json.loads(file.read_text("utf-8")) for file in files]
    cells = sorted(
        ((*cell, note["title"]) for note in notes for cell in note["cells"]), reverse=True
    )
    rows = [
        [chapter, str(number), line, f"{seconds:.1f}"]
        for seconds, number, line, chapter in cells[:SHOWN]
    ]
    for place in places:
        place.replace_self(table(["chapter", "cell", "begins with", "seconds"], rows))


def table(head, rows):
    """A docutils table of texts; the third column is code."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", row(head, code=False))
    group += nodes.tbody("", *(row(cells, code=True) for cells in rows))
    return nodes.table("", group)


def row(cells, code):
    """A row, whose third cell is code if `code` says so."""
    kinds = [nodes.literal if code and i == 2 else nodes.Text for i in range(len(cells))]
    entries = []
    for kind, text in zip(kinds, cells, strict=True):
        content = nodes.literal(text, text) if kind is nodes.literal else nodes.Text(text)
        entries.append(nodes.entry("", nodes.paragraph("", "", content)))
    return nodes.row("", *entries)


def cache_of(app):
    """The cache of this state of the code, in which the notes lie."""
    return Path(app.config.nb_execution_cache_path)


def watch(app, config):
    """Have the executor write its notes, once the cache has been chosen."""
    utils.executenb = noting(cache_of(app))


def setup(app):
    """Register directive and handlers with Sphinx."""
    app.add_node(Placeholder)
    app.add_directive("slowest-cells", SlowestCells)
    app.connect("config-inited", watch, priority=900)
    app.connect("doctree-resolved", fill, priority=400)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
