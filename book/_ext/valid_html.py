"""Small repairs to the HTML that other extensions make."""

from docutils import nodes


def drop_repeated_ids(app, doctree, docname):
    """Let no two exercises share an id: sphinx-exercise gives each one's content the same."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def setup(app):
    """Register the handler with Sphinx."""
    app.connect("doctree-resolved", drop_repeated_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
