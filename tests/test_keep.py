"""What nbval executes is there for the book, and what it finds wrong is not."""

import json
import subprocess
import sys

import nbformat
import pytest
from jupyter_cache import get_cache

from book import keep
from book._ext.fresh_cache import fingerprint

#: Pytest with the plugin, which keeps what it finds in another folder.
PROGRAM = """
import sys
from pathlib import Path
import pytest
from book import keep
keep.CACHE = Path(sys.argv[1])
sys.exit(pytest.main(["--nbval", sys.argv[2]], plugins=[keep]))
"""


@pytest.fixture
def chapter(tmp_path):
    """Writes a chapter with a stored output, which nbval executes; returns it and the exit code."""

    def chapter(stored):
        cell = nbformat.v4.new_code_cell("print(6 * 7)", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored)]
        words = nbformat.v4.new_markdown_cell("# The answer")
        notebook = nbformat.v4.new_notebook(cells=[words, cell])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = tmp_path / "chapter.ipynb"
        nbformat.write(notebook, path)
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "cache"), str(path)]
        return notebook, subprocess.run(command, cwd=keep.ROOT, capture_output=True).returncode

    return chapter


def test_an_executed_chapter_is_found_by_the_build(chapter, tmp_path):
    notebook, code = chapter("42\n")
    assert code == 0
    folder = tmp_path / "cache" / fingerprint(keep.ROOT)
    cache = get_cache(folder)
    record = cache.match_cache_notebook(notebook)
    assert record.data["execution_seconds"] > 0
    kept = cache.get_cache_bundle(record.pk).nb
    cache.db.dispose()
    assert kept.cells[0].outputs[0].text == "42\n"
    assert kept.metadata.language_info.pygments_lexer == "ipython3"
    noted = json.loads((folder / "seconds" / "the-answer.json").read_text("utf-8"))
    assert noted["title"] == "The answer" and noted["cells"][0][1:] == [1, "print(6 * 7)"]


def test_a_chapter_with_another_output_is_not_kept(chapter, tmp_path):
    _, code = chapter("43\n")
    assert code == 1
    assert not (tmp_path / "cache").exists()
