"""The whole book on one page, which `make pdf` prints.

Sphinx writes such a page for a book whose first page lies at the root, and ours does not.
"""

import re
from pathlib import Path

NAME = "book.html"
LINK = re.compile(r'href="(?:\.\./)?((?:book|notebooks)/[\w-]+)\.html(#[^"]*)?"')


def draw_as_html(app):
    """Let what is registered for HTML serve the page, beside what is registered for it alone.

    Sphinx takes a builder's own way of drawing nodes where an extension has registered any, and
    then none of those for HTML in general: sphinx-exercise has its own, sphinx-design has not.
    """
    if app.builder.name == "singlehtml":
        handlers = app.registry.translation_handlers
        handlers["singlehtml"] = handlers.get("html", {}) | handlers.get("singlehtml", {})


def move_to_root(app, exception):
    """Put the page where its pictures and scripts are found, and keep its links within it."""
    if exception is not None or app.builder.name != "singlehtml":
        return
    page = Path(app.outdir, f"{app.config.root_doc}.html")
    html = LINK.sub(
        lambda link: f'href="{link[2] or "#document-" + link[1]}"', page.read_text("utf-8")
    )
    Path(app.outdir, NAME).write_text(html, "utf-8")


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("builder-inited", draw_as_html)
    app.connect("build-finished", move_to_root)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
