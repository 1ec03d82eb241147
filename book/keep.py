"""A pytest plugin that keeps what nbval executes for the book: no chapter is executed twice.

    python -m pytest -p book.keep --nbval notebooks
    make book

A chapter whose outputs are all as they are stored goes into the cache from which Jupyter Book
takes its pages. What failed is not kept: the build executes it and reports.
"""

import copy
import time
from pathlib import Path

import pytest
from jupyter_cache import get_cache
from nbval.plugin import IPyNbCell

from book._ext import parallel_execution, slowest_cells
from book._ext.fresh_cache import fingerprint

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "_build" / ".jupyter_cache"

passed = {}  # of each chapter: its cells that passed, and their seconds


def pytest_collection_modifyitems(items):
    """Begin with the chapters that train networks: last, they would keep all others waiting."""
    items.sort(key=lambda item: not parallel_execution.trains(item.parent.nb))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Take the time of a cell, and keep the chapter with its last one."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    started = time.perf_counter()
    result = yield
    cells = passed.setdefault(item.path, [])
    cells.append((item, time.perf_counter() - started))
    if len(cells) == sum(cell.cell_type == "code" for cell in item.parent.nb.cells):
        keep(item.parent, cells)
    return result


def keep(chapter, cells):
    """Put an executed chapter into the cache, and beside it how long its cells took."""
    notebook, notes = copy.deepcopy(chapter.nb), []
    kernel = chapter.kernel.kc.kernel_info(reply=True, timeout=60)["content"]
    notebook.metadata["language_info"] = kernel["language_info"]  # as the build asks for it
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    for number, (cell, (item, seconds)) in enumerate(zip(code, cells, strict=True), start=1):
        cell.outputs, cell.execution_count = item.test_outputs, number
        notes.append((seconds, number, slowest_cells.first_line(cell.source)))
    folder = CACHE / fingerprint(ROOT)
    seconds = sum(seconds for _, seconds in cells)
    cache = get_cache(folder)
    parallel_execution.keep(cache, chapter.path, notebook, seconds)
    cache.db.dispose()  # or Python 3.13 warns, at a time of its choice, of a database left open
    slowest_cells.note(folder, notebook, notes)
