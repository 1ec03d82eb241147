"""From a text to counts of its words; and the book's own chapters as a corpus.

The chapters are the documents, and each of their sections is a query, left out of its chapter
while the chapter it came from is looked for. The counts are a snapshot in results/words.json,
which `python -m kldiv.words` writes. `kldiv.ranking` makes distributions of them.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kldiv import __version__
from kldiv._repository import results, root
from kldiv._whole_files import written_whole

#: The chapters that make up the corpus, 1 to 9. The chapter that reads it is none of them.
CHAPTERS = "0[1-9]-*.ipynb"

FILE = "words.json"

# Two letters at least, so that symbols in running text (p, q, KL's x) are not words.
_WORD = re.compile(r"[a-zà-öø-ÿ]{2,}(?:'[a-z]+)?")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,}|:{3,})(?P<info>.*)")
_OPTION = re.compile(r":[\w-]+:")
_NOT_PROSE = (
    re.compile(r"\$\$.*?\$\$(?:\s*\([\w-]+\))?", re.DOTALL),  # a formula, and its label
    # Code; and roles, which are citations and references.
    re.compile(r"(?:\{[\w:-]+\})?(?<!`)(`+)(?!`)(?:(?!\n\n).)*?(?<!`)\1(?!`)", re.DOTALL),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),  # a heading's label
    re.compile(r"</?[A-Za-z][^>\n]*>|<!--.*?-->", re.DOTALL),
    re.compile(r"(?<=\])\([^)\n]*\)"),  # where a link leads; its text stays
)


@dataclass(frozen=True)
class Corpus:
    """Counts of words in sections of chapters.

    Parameters
    ----------
    vocabulary : tuple of str
        The words, in alphabetical order: what the columns of `counts` count.
    chapters : tuple of str
        The documents' file names, without ending.
    titles : tuple of str
        The sections' headings; "" for a chapter's opening, which is no query.
    chapter_of : numpy.ndarray, shape (sections,)
        The index, in `chapters`, of the chapter that a section belongs to.
    counts : numpy.ndarray, shape (sections, words)
        How often each word stands in each section.
    made_with : dict
        The versions that made the counts.
    """

    vocabulary: tuple[str, ...]
    chapters: tuple[str, ...]
    titles: tuple[str, ...]
    chapter_of: np.ndarray
    counts: np.ndarray
    made_with: dict[str, str]

    @property
    def documents(self) -> np.ndarray:
        """Counts of whole chapters, (chapters, words)."""
        return self._summed(self.counts)

    @property
    def queries(self) -> np.ndarray:
        """Indices of the sections that have a heading."""
        return np.flatnonzero([bool(title) for title in self.titles])

    def held_out(self, section: int) -> tuple[np.ndarray, np.ndarray]:
        """A section's counts (words,), and those of the chapters without it (chapters, words)."""
        rest = self.counts.copy()
        rest[section] = 0
        return self.counts[section], self._summed(rest)

    def _summed(self, counts: np.ndarray) -> np.ndarray:
        documents = np.zeros((len(self.chapters), counts.shape[1]), dtype=counts.dtype)
        np.add.at(documents, self.chapter_of, counts)
        return documents


def words(text: str) -> list[str]:
    """The words of a MyST Markdown text, in lower case and in order.

    A word is two letters or more. Code, formulas, citations, labels, the addresses of links and
    the names and options of directives are left out; what a directive holds is kept.

    Examples
    --------
    >>> from kldiv.words import words
    >>> words("The *bell's* [width](ch.ipynb) is $x^2$, says {cite:p}`bishop2006pattern`.")
    ['the', "bell's", 'width', 'is', 'says']
    """
    text = _without_fences(text)
    for pattern in _NOT_PROSE:
        text = pattern.sub(" ", text)
    return _WORD.findall(text.lower().replace("’", "'"))


def load(path: Path | str | None = None) -> Corpus:
    """The stored counts: results/words.json in the book's folder, or another file like it.

    Raises
    ------
    FileNotFoundError
        No such file; the message says how to make it.
    """
    path = results() / FILE if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no word counts at {path}: make them by `python -m kldiv.words`")
    stored = json.loads(path.read_text(encoding="utf-8"))
    rows = stored["sections"]
    vocabulary = tuple(sorted({word for row in rows for word in row["words"]}))
    column = {word: index for index, word in enumerate(vocabulary)}
    counts = np.zeros((len(rows), len(vocabulary)), dtype=int)
    for counted, row in zip(counts, rows, strict=True):
        for word, count in row["words"].items():
            counted[column[word]] = count
    chapters = tuple(sorted({row["chapter"] for row in rows}))
    return Corpus(
        vocabulary,
        chapters,
        tuple(row["section"] for row in rows),
        np.array([chapters.index(row["chapter"]) for row in rows]),
        counts,
        stored["made_with"],
    )


def count_chapters(folder: Path) -> list[dict[str, Any]]:
    """One row a section of the chapters in a folder: chapter, section, counts of its words.

    The words before a chapter's first heading of the second level make a row with the title "".
    """
    rows = []
    for path in sorted(folder.glob(CHAPTERS)):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        for part in re.split(r"^(?=## )", prose, flags=re.MULTILINE):
            heading = re.match(r"## (.*)", part)
            counts = Counter(words(part))
            rows.append(
                {
                    "chapter": path.stem,
                    "section": heading.group(1).strip() if heading else "",
                    "words": dict(sorted(counts.items())),
                }
            )
    return rows


def _without_fences(text: str) -> str:
    """The text without code blocks, and without directives' fences and options."""
    kept: list[str] = []
    is_prose: list[bool] = []  # one entry for each fence that is open
    for line in text.splitlines():
        fence = _FENCE.fullmatch(line)
        if fence is None:
            if all(is_prose) and not (is_prose and _OPTION.match(line)):
                kept.append(line)
        elif info := fence["info"].strip():
            is_prose.append(info.startswith("{") and not info.startswith(("{code", "{math")))
        elif is_prose:
            is_prose.pop()
        else:
            is_prose.append(False)  # a code block that names no language
    return "\n".join(kept)


def _commit(folder: Path) -> str:
    """The commit that is checked out, and whether chapters have changed since; "" without git."""
    command = ["git", "--no-optional-locks", "-C", str(folder)]
    try:
        head = subprocess.run([*command, "rev-parse", "HEAD"], capture_output=True, text=True)
    except OSError:  # no git here
        return ""
    if head.returncode:
        return ""
    changed = subprocess.run([*command, "diff", "--quiet", "HEAD", "--", "notebooks"]).returncode
    return head.stdout.strip() + (" and later changes" if changed else "")


def main() -> None:
    """Count the chapters' words and store them, a row a line, in results/words.json."""
    book = root()
    made_with = {
        "python": platform.python_version(),
        "kldiv": __version__,
        "commit": _commit(book),
    }
    rows = [
        json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        for row in count_chapters(book / "notebooks")
    ]
    path = results() / FILE
    with written_whole(path) as unfinished:
        unfinished.write_text(
            f'{{"made_with":{json.dumps(made_with)},\n"sections":[\n' + ",\n".join(rows) + "\n]}\n",
            encoding="utf-8",
        )
    print(f"{len(rows)} sections in {path.relative_to(book)}")


if __name__ == "__main__":
    main()
