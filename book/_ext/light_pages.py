"""Pages of less than two megabytes.

The theme brings Font Awesome three times over: as a script of a megabyte and a half, as fonts and
as a style sheet. The book uses fifteen of its icons, draws them itself (`_static/icons.css`), and
drops the rest from its pages. Of MathJax it loads what formulas need (`_config.yml` lists it), not
the menu, which is as large. Pictures load when the reader comes near them.
"""

import re
import shutil
from pathlib import Path

FONT_AWESOME = re.compile(
    r"""\s*<(?:link|script)\b[^>]*vendor/fontawesome/[^>]*>(?:</script>)?""", re.IGNORECASE
)


SIZE = re.compile(r"width: (\d+)px; height: (\d+)px;")


def drop_font_awesome(app, exception):
    """Remove it from the pages that were written, and from the site's files."""
    if exception is not None or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    for page in outdir.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        lighter = FONT_AWESOME.sub("", text)
        if lighter != text:
            page.write_text(lighter, encoding="utf-8")
    shutil.rmtree(outdir / "_static" / "vendor" / "fontawesome", ignore_errors=True)


def start_mathjax(app):
    """Load MathJax by parts, where sphinx-mathjax-offline would load it in one file."""
    app.config.mathjax_path = "mathjax/startup.js"


def drop_what_is_not_used(app, pagename, templatename, context, doctree):
    """Leave out the style sheet of cards and grids where there are none."""
    if 'class="sd-' not in context.get("body", ""):
        context["css_files"] = [
            file for file in context["css_files"] if "sphinx-design" not in str(file.filename)
        ]


def load_later(app, pagename, templatename, context, doctree):
    """Let pictures load when the reader comes near them, into the room that is kept for them.

    Without it the page would grow as they load, and no link would lead to its place.
    """
    if "body" in context:
        body = context["body"].replace("<img ", '<img loading="lazy" ')
        context["body"] = SIZE.sub(r"\g<0> aspect-ratio: \1 / \2;", body)


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("builder-inited", start_mathjax, priority=900)
    app.connect("build-finished", drop_font_awesome)
    app.connect("html-page-context", drop_what_is_not_used, priority=900)
    app.connect("html-page-context", load_later, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
