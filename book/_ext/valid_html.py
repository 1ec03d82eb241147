"""Small repairs to the HTML that other extensions make."""

from docutils import nodes


def drop_repeated_ids(app, doctree, docname):
    """Let no two exercises share an id: sphinx-exercise gives each one's content the same."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


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
    app.connect("html-page-context", name_citations_items)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
