"""Where the book lies, for the code that reads its chapters, its references and its results."""

from __future__ import annotations

from pathlib import Path

MARK = "_toc.yml"  # the list of the book's pages, which lies in its folder and nowhere else


def root() -> Path:
    """The book's folder: the one with `_toc.yml`, above this package or the working directory.

    Raises
    ------
    FileNotFoundError
        Neither lies in a checkout of the book; the message says where it was looked for.
    """
    package, here = Path(__file__).resolve().parent, Path.cwd().resolve()
    for folder in (*package.parents, here, *here.parents):
        if (folder / MARK).is_file():
            return folder
    raise FileNotFoundError(
        f"the book's folder, the one with {MARK}, is neither above {package} nor at or above "
        f"{here}: run this in a checkout of the book"
    )


def results() -> Path:
    """The folder of the tables that long runs wrote, in the book's folder."""
    return root() / "results"
