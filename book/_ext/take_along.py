"""What others see of the book: launch buttons, descriptions, and the card of a shared link.

Buttons and cards are set in `_config.yml`. Buttons are dropped while it names no repository, so
that none leads nowhere.
"""

from docutils import nodes
from sphinx.errors import ExtensionError

WORDS_A_MINUTE = 180  # of text with formulas

NEED_A_REPOSITORY = ("use_repository_button", "use_issues_button", "use_edit_page_button")


def drop_dead_links(app, config):
    """Without a repository, no button that opens a chapter from it; else, all that are set."""
    options = config.html_theme_options
    if options.get("repository_url"):
        if not options["repository_url"].startswith("https://"):
            raise ExtensionError(
                "_config.yml: repository.url must start with https://, "
                f"and is {options['repository_url']!r}"
            )
        return
    options["launch_buttons"] = {}
    options.update(dict.fromkeys(NEED_A_REPOSITORY, False))


def name_the_site(app, config):
    """Give the cards of shared links the site's address, which Jupyter Book calls `baseurl`."""
    config.ogp_site_url = config.html_baseurl.rstrip("/") + "/" if config.html_baseurl else ""


def time_to_read(app, doctree, docname):
    """Say in each chapter's opening how long it takes: its words, and half a minute a figure."""
    for box in doctree.findall(nodes.admonition):
        if "outcomes" not in box["classes"]:
            continue
        chapter = box.parent
        words = sum(len(p.astext().split()) for p in chapter.findall(nodes.paragraph) if is_read(p))
        figures = sum(map(is_read, chapter.findall(nodes.figure)))
        steps = max(1, round((words / WORDS_A_MINUTE + figures / 2) / 5))
        line = nodes.paragraph()
        line += nodes.strong(text="Time to read")
        line += nodes.Text(f": about {5 * steps} minutes, without the exercises.")
        box += line


def is_read(node):
    """Whether a node is outside of the exercises and their solutions."""
    while node is not None:
        if {"exercise", "solution"} & set(getattr(node, "attributes", {}).get("classes", ())):
            return False
        node = node.parent
    return True


def describe(app, pagename, templatename, context, doctree):
    """Describe a chapter to search engines and shared links by what its reader will do."""
    boxes = doctree.findall(nodes.admonition) if doctree else ()
    box = next((box for box in boxes if "outcomes" in box["classes"]), None)
    if box is None:
        return
    first = next(box.findall(nodes.paragraph)).astext().replace("\n", " ")
    what = first.partition(": ")[2]
    context["meta"] = {**(context.get("meta") or {}), "og:description": what}
    content = what.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    context["metatags"] += f'<meta name="description" content="{content}" />\n'


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("config-inited", drop_dead_links)
    app.connect("config-inited", name_the_site)
    app.connect("doctree-resolved", time_to_read)
    app.connect("html-page-context", describe, priority=400)  # before sphinxext.opengraph
    return {"parallel_read_safe": True, "parallel_write_safe": True}
