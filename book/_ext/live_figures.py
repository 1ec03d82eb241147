"""Live figures: their scripts, served with the site, and a loader on the pages that have any."""

import shutil
from importlib import resources
from pathlib import Path

from kldiv.explorers import _data

FOLDER = "explorers"  # in _static


def load_where_needed(app, pagename, templatename, context, doctree):
    """Give a page with a live figure the loader; no other page loads anything."""
    if 'class="explorer"' in context.get("body", ""):
        app.add_js_file(f"{FOLDER}/loader.js", loading_method="defer")
        app.add_css_file(f"{FOLDER}/explorers.css")


def copy_scripts(app, exception):
    """Write the scripts, and the data they read, beside the site's other static files."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    with resources.as_file(resources.files("kldiv.explorers") / "scripts") as source:
        shutil.copytree(source, target, dirs_exist_ok=True)
    for name, make in _data.MAKERS.items():
        (target / name).write_text(make(), encoding="utf-8")


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("html-page-context", load_where_needed)
    app.connect("build-finished", copy_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
