"""Docstrings as they stand in the code, for the page on the package.

In a terminal an indented block is a formula or a short list, with its lines as they were written.
To Sphinx it is a quotation, whose lines it fills; here they become a line block, which keeps them.
"""

import re

#: Sections whose indentation means something else to Napoleon.
FIELDS = {"Attributes", "Examples", "Parameters", "Raises", "Returns", "Yields"}
UNDERLINE = re.compile(r"-{3,}$")


def keep_lines(lines):
    """The lines, those of indented blocks marked as such."""
    kept, section, before, inside = [], None, "", False
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if line and not line.startswith(" ") and UNDERLINE.match(below):
            section = line
        indented = line.startswith("    ") and section not in FIELDS
        starts = indented and not before and ">>>" not in line and not _announced(kept)
        inside = indented and (inside or starts)
        kept.append(f"    | {line[4:]}" if inside else line)
        before = line
    return kept


def _announced(lines):
    """Whether what the text ends in takes an indented block: `::`, a directive, a block."""
    last = next((line for line in reversed(lines) if line), "")
    return last.endswith("::") or last.startswith((".. ", "    "))


def process_docstring(app, what, name, obj, options, lines):
    """Change the lines in place, before Napoleon reads them."""
    lines[:] = keep_lines(lines)


def process_signature(app, what, name, obj, options, signature, returned):
    """A protocol is not called, so it has no signature."""
    return ("", None) if getattr(obj, "_is_protocol", False) else None


def setup(app):
    """Register the handlers with Sphinx."""
    app.connect("autodoc-process-docstring", process_docstring, priority=100)
    app.connect("autodoc-process-signature", process_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
