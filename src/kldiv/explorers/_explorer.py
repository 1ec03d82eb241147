"""What a live figure is on the page: a static picture, and a place where scripts draw over it.

The picture is an ordinary output of the cell: it has a caption and alternative text, is printed,
and stays where scripts are off. The place is a `<div>` that names its scripts; the site's loader
fetches them when the reader comes near. A notebook that is run by hand has no such loader, so
there the scripts are part of the output.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

#: The scripts that every live figure needs, in the order in which they are loaded.
COMMON = ("plot.js", "divergences.js")


#: Other notebooks that are open may hold figures whose scripts are not there.
_START = """
document.querySelectorAll('.explorer[data-explorer="%s"]:not([data-state])').forEach((one) => {
  try { kldiv.start(one); } catch (error) { console.error(error); }
});
"""


@dataclass(frozen=True)
class Explorer:
    """A live figure: what it is called, what it starts from, and the scripts that draw it.

    Parameters
    ----------
    name : str
        The script that draws it, without its ending.
    options : mapping
        What that script is given; JSON.
    scripts : sequence of str
        Further scripts, of code or data, that it needs before its own.
    """

    name: str
    options: Mapping[str, Any]
    scripts: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"live figure: {self.name.replace('_', ' ')}"

    def _repr_html_(self) -> str:
        place = self.place()
        if not is_run_by_hand():
            return place
        sources = [script(name) for name in ("loader.js", *self.all_scripts)]
        return (
            f"<style>{script('explorers.css')}</style>{place}"
            + "".join(f"<script>{source}</script>" for source in sources)
            + f"<script>{_START % self.name}</script>"
        )

    def place(self) -> str:
        """The element that the loader looks for."""
        options = json.dumps(self.options, ensure_ascii=False)
        return (
            f'<div class="explorer" data-explorer="{self.name}" '
            f'data-scripts="{" ".join(self.all_scripts)}" data-options="{escape(options)}"></div>'
        )

    @property
    def all_scripts(self) -> tuple[str, ...]:
        """File names, in the order in which they must be loaded."""
        return (*COMMON, *self.scripts, f"{self.name}.js")


def script(name: str) -> str:
    """The text of a script or of the style sheet: a file of this package, or data made here."""
    from kldiv.explorers import _data

    if name in _data.MAKERS:
        return _data.MAKERS[name]()
    return (resources.files("kldiv.explorers") / "scripts" / name).read_text(encoding="utf-8")


def is_run_by_hand() -> bool:
    """Whether a person runs this cell, in JupyterLab, rather than the book being made or tested.

    JupyterLab names the notebook that it runs; programs that execute notebooks do not.
    """
    return "JPY_SESSION_NAME" in os.environ
