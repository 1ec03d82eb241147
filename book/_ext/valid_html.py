"""Small repairs to the HTML that other extensions make."""

import re

from docutils import nodes

IMAGE_LINK = re.compile(
    r'<a class="reference internal image-reference"[^>]*>\s*(<img[^>]*>)\s*</a>'
)
SPACE_IN_LINK = re.compile(r'(?<=Solution to)(<a class="reference internal" href="[^"]*">) ')


def drop_repeated_ids(app, doctree, docname):
    """Let no two exercises share an id: sphinx-exercise gives each one's content the same."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def head_rows(app, doctree, docname):
    """Let the first cell of a row head it, so that a listener hears which row a cell is of."""
    for table in doctree.findall(nodes.tgroup):
        firsts = [row[0] for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)]
        # Those who check pages do not take a formula for the name of a row.
        if not any(list(first.findall(nodes.math)) for first in firsts):
            next(table.findall(nodes.colspec))["stub"] = 1


def repair_body(app, pagename, templatename, context, doctree):
    """Put right what listeners stumble on in the bodies of pages."""
    if "body" not in context:
        return
    body = context["body"]
    # The label hides what the toggle says: "Show code cell source".
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # A picture that links to itself is announced as a link named by its whole description.
    body = IMAGE_LINK.sub(r"\1", body)
    # The space belongs before the link, not in it.
    body = SPACE_IN_LINK.sub(r" \1", body)
    if pagename.endswith("execution") or app.builder.name == "singlehtml":
        body = body.replace("✅", "succeeded").replace("❌", "failed")
    context["body"] = body


def name_citations_items(app, pagename, templatename, context, doctree):
    """Make a citation an item of its list: the role that docutils gives it is deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def drop_thebe(app, pagename, templatename, context, doctree):
    """Drop the scripts and styles of thebe, which is not used and declares one name twice."""
    if app.config.html_theme_options.get("launch_buttons", {}).get("thebe"):
        return
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file
            for file in context[kind]
            if "thebe" not in f"{file.filename} {file.attributes.get('body', '')}".lower()
        ]


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("doctree-resolved", head_rows)
    app.connect("html-page-context", repair_body)
    app.connect("html-page-context", name_citations_items)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
