"""Where it comes from: R12 and R39."""

from __future__ import annotations

import json
import re

from kldiv._repository import root
from kldiv.claims._registry import Finding, Measured, claim

PAGE = "notebooks/03-entropy-cross-entropy-kl.html"

#: The report's list, [1] to [11], by the keys of the book's bibliography.
SOURCES = (
    "bishop2006pattern",
    "wikipedia2021kullback",
    "shaikh2021numpy",
    "shaikh2021sympy",
    "shaikh2021poc",
    "shaikh2021vae",
    "lecun2020practicum",
    "ji2020kullback",
    "xiao2017fashion",
    "kullback1951information",
    "kingma2014auto",
)


def _bibliography() -> dict[str, tuple[str, str]]:
    """The kind and the text of each entry of the book's bibliography, by key."""
    text = (root() / "book" / "references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@(\w+)\{(\w+),(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return {key: (kind, body) for kind, key, body in entries}


def _cited_in_the_chapters() -> set[str]:
    chapters = sorted((root() / "notebooks").glob("*.ipynb"))
    cells = (
        cell
        for path in chapters
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    )
    prose = "\n".join("".join(cell["source"]) for cell in cells)
    keys = re.findall(r"\{cite:[pt]\}`([\w, ]+)`", prose)
    return {key.strip() for group in keys for key in group.split(",")}


@claim(
    "R12",
    report="Mathematical Representation, 1",
    statement="KL divergence was introduced by Kullback and Leibler in 1951.",
    section=PAGE,
)
def first_paper() -> Finding:
    """The entry of the paper in the bibliography."""
    _, entry = _bibliography()["kullback1951information"]
    parts = (
        "information and sufficiency",
        "Annals of Mathematical Statistics",
        "22",
        "79",
        "86",
        "1951",
        "10.1214/aoms/1177729694",
    )
    return Finding(
        "reproduced",
        "The paper, volume 22 of the Annals of Mathematical Statistics, is cited in full.",
        {
            "the bibliography has title, journal, volume, pages, year and DOI": all(
                part.lower() in entry.lower() for part in parts
            ),
        },
    )


@claim("R39", report="References", statement="The list of eleven references.", section=PAGE)
def reference_list() -> Finding:
    """The eleven entries: there, complete, and cited."""
    entries, cited = _bibliography(), _cited_in_the_chapters()
    present = [key for key in SOURCES if key in entries]
    fields = {
        key: set(re.findall(r"^\s*(\w+)\s*=", entries[key][1], re.MULTILINE)) for key in present
    }
    return Finding(
        "corrected",
        "All eleven are in the bibliography; Bishop's book is cited as a book.",
        {
            "each of the eleven has an entry": len(present) == len(SOURCES),
            "each is cited where it is used": cited >= set(SOURCES),
            "each has an author, a title and a year": all(
                {"author", "title", "year"} <= fields[key] for key in present
            ),
            "each has a DOI, a URL or an ISBN": all(
                {"doi", "url", "isbn", "eprint"} & fields[key] for key in present
            ),
            "[1] is a book": entries["bishop2006pattern"][0] == "book",
        },
        [Measured("references with an entry", len(present), report=len(SOURCES))],
    )
