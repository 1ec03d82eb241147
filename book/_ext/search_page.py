"""The search page: what it quotes of other pages, and two fields that share an id."""

from pathlib import Path

FIELD = 'id="search-input"'
TOOLS = '<script src="_static/searchtools.js"></script>'


def repair(app, exception):
    """Quote no source of formulas, and name the page's own field apart from the drawer's."""
    page = Path(app.outdir, "search.html")
    if exception is not None or app.builder.name != "html" or not page.exists():
        return
    first, *others = page.read_text("utf-8").split(FIELD)
    html = first + FIELD + 'id="search-input-of-the-page"'.join(others)
    snippets = TOOLS.replace("searchtools", "search_snippets")
    page.write_text(html.replace(TOOLS, f"{TOOLS}\n  {snippets}"), "utf-8")


def setup(app):
    """Register the handler with Sphinx."""
    app.connect("build-finished", repair)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
