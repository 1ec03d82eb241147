"""Live figures: their scripts, served with the site, and a loader on the pages that have any."""

import hashlib
import shutil
from importlib import resources
from pathlib import Path

from kldiv.explorers import _data

FOLDER = "explorers"  # in _static


def load_where_needed(app, pagename, templatename, context, doctree):
    """Give a page with a live figure the loader; no other page loads anything."""
    if 'class="explorer"' in context.get("body", ""):
        version = {"data-version": app.env.kldiv_scripts}
        app.add_js_file(f"{FOLDER}/loader.js", loading_method="defer", **version)
        app.add_css_file(f"{FOLDER}/explorers.css")


def copy_scripts(app):
    """Write the scripts, and the data they read, beside the site's other static files.

    Before pages are written: their addresses name the version of what is there, so that no browser
    takes one script from its cache and the next from the site.
    """
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    with resources.as_file(resources.files("kldiv.explorers") / "scripts") as source:
        shutil.copytree(source, target, dirs_exist_ok=True)
    for name, make in _data.MAKERS.items():
        (target / name).write_text(make(), encoding="utf-8")
    version = hashlib.sha256()
    for file in sorted(target.iterdir()):
        version.update(file.read_bytes())
    app.env.kldiv_scripts = version.hexdigest()[:8]


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("html-page-context", load_where_needed)
    app.connect("builder-inited", copy_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
