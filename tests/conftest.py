"""What several files of tests start from: stores of runs, the site, a browser."""

import gc
import os

import pytest
from hypothesis import settings
from visits import Visit

from benchmarks._site_files import SITE, serving
from book.browser import ARGUMENTS, MISSING, chromium
from kldiv.replication.store import Store

# The same examples everywhere, however slow the machine is.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("repeatable")

# Not tests, and they import what is not installed for them.
collect_ignore = ["mutation"]

#: The files that take longest, longest first. Begun last, one would keep all others waiting.
LONG = (
    "tests/test_browser.py",
    "tests/test_live_figures.py",
    "tests/test_replication_repeat.py",
    "tests/test_replication_workers.py",
    "tests/test_benchmarks.py",
    "tests/test_bad_input.py",
    "tests/test_jupyterlab.py",
)


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest."""
    rank = {name: i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(LONG)))


def pytest_unconfigure(config):
    """End with how many tests found no browser, and what brings one."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    without = sum(MISSING in str(report.longrepr) for report in skipped)
    if without:
        reporter.write_line(f"{without:,} tests were skipped: {MISSING}")


def pytest_collection_finish():
    """What is imported by now stays: each garbage collection would go through all of it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def folder(tmp_path):
    """Where the executions of `replication_fakes` are noted."""
    (tmp_path / "executions").mkdir()
    return str(tmp_path / "executions")


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def store(results):
    return Store(results)


# --- The browser --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    """Chromium, as the system has it. Without one, CI fails and other runs skip."""
    path = chromium()
    if path is None:
        pytest.fail(MISSING, pytrace=False) if os.environ.get("CI") else pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site():
    """The address of the built site, served on this machine."""
    if not (SITE / "index.html").exists():
        pytest.fail("no built site: run `make book` first", pytrace=False)
    with serving() as address:
        yield address


@pytest.fixture
def visit(browser):
    """Opens pages in a browser without a network."""
    visits = []

    def visit(address=None, **options):
        visits.append(Visit(browser, **options))
        if address:
            visits[-1].page.goto(address)
        return visits[-1]

    yield visit
    for opened in visits:
        opened.context.close()
