"""A chapter run by hand: JupyterLab in a browser, live figures included."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHAPTER = "01-distance-to-divergence.ipynb"
NOT_RUN = "03-entropy-cross-entropy-kl.ipynb"  # which has a live figure


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab over copies of the chapters: gives the address of each, in its own workspace.

    (In one workspace the second would be opened beside the first.)
    """
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    shutil.copy(NOTEBOOKS / CHAPTER, folder)
    shutil.copy(NOTEBOOKS / NOT_RUN, folder)
    cell = nbformat.v4.new_code_cell("from kldiv import explorers\nexplorers.gaussian_kl()")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "one.ipynb")
    own = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_WORKSPACES_DIR"] = own["JUPYTERLAB_SETTINGS_DIR"] = str(home / "lab")
    token = secrets.token_hex(16)
    log = home / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", str(folder), "--no-browser", "--allow-root"),
                *("--expose-app-in-browser", "--port=0", f"--IdentityProvider.token={token}"),
                # It would ask other servers for news and for extensions.
                *("--LabApp.extension_manager=readonly", "--LabApp.news_url="),
            ],
            env=os.environ | own,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(600):
            found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/lab", log.read_text())
            if found or process.poll() is not None:
                break
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        assert found, log.read_text()
        address = f"http://127.0.0.1:{found[1]}/lab/workspaces"
        yield lambda name: f"{address}/{name.partition('.')[0]}/tree/{name}?token={token}"
    finally:
        process.terminate()
        process.wait(30)


def test_a_chapter_runs_in_jupyterlab_with_its_live_figure(visit, lab):
    opened = visit(viewport={"width": 1280, "height": 900})
    page = opened.page
    page.goto(lab(CHAPTER))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    session = "jupyterapp.shell.currentWidget?.context?.sessionContext?.session"
    page.wait_for_function(f"{session}?.kernel?.status === 'idle'")
    # As the reader does by Run > Run All Cells. False: a cell has failed.
    assert page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    counts = page.evaluate(
        "[...jupyterapp.shell.currentWidget.content.model.cells]"
        ".filter(cell => cell.type === 'code').map(cell => cell.executionCount)"
    )
    assert counts == list(range(1, len(counts) + 1))
    place = page.locator('.explorer[data-explorer="two_points"]').first
    page.evaluate(
        """() => {
            const { content } = jupyterapp.shell.currentWidget;
            const cells = [...content.model.cells];
            const live = cells.findIndex(cell => cell.sharedModel.source.trim() === "live");
            return content.scrollToItem(live, "center");
        }"""
    )
    place.wait_for()
    assert place.get_attribute("data-state") == "live"
    # It answers: a point is moved by the keyboard, and the distance with it.
    distance = place.locator('[data-number="distance"]')
    before = distance.get_attribute("data-value")
    place.locator(".handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([element, before]) => element.dataset.value !== before",
        arg=[distance.element_handle(), before],
    )


def test_a_figure_runs_beside_a_chapter_that_has_not_and_keeps_its_keys(visit, lab):
    opened = visit(viewport={"width": 1280, "height": 900})
    page = opened.page
    page.goto(lab(NOT_RUN))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    # In braces: the widget that the command returns is too large to be handed over.
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'one.ipynb'}); }")
    session = "jupyterapp.shell.currentWidget?.context?.sessionContext?.session"
    page.wait_for_function(
        f"{session}?.path === 'one.ipynb' && {session}.kernel?.status === 'idle'"
    )
    assert page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    place = page.locator('.explorer[data-explorer="gaussian_kl"][data-state="live"]')
    place.wait_for()
    one = place.locator("input[type=range]").first
    one.focus()
    before = float(one.input_value())
    page.keyboard.press("ArrowRight")
    assert float(one.input_value()) > before
