"""Alternative texts that a page computes: `alt: glue:NAME` is what the page has glued as NAME.

A figure of measured values is described from the values. MyST-NB takes a figure's options as they
are written, so they are filled in once the page has been executed.
"""

import ast
import json
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

MARK = "glue:"


def fill_in(app, doctree):
    """Put glued texts in their places; a name that is not glued is a warning."""
    images = [
        image for image in doctree.findall(nodes.image) if image.get("alt", "").startswith(MARK)
    ]
    if not images:
        return
    glued = Path(app.env.mystnb_config.output_folder, f"{app.env.docname}.glue.json")
    values = json.loads(glued.read_text("utf-8")) if glued.exists() else {}
    for image in images:
        name = image["alt"].removeprefix(MARK)
        if name in values:
            image["alt"] = ast.literal_eval(values[name]["data"]["text/plain"])
        else:
            logging.getLogger(__name__).warning("nothing is glued as %r", name, location=image)


def setup(app):
    """Register the handler with Sphinx."""
    app.connect("doctree-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
