"""Builds of the book with its first chapters only: their stored outputs, no execution."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks._measure import Work
from kldiv import _repository


def build(chapters: int) -> Work:
    """A call that builds a site of so many chapters from nothing."""
    root = _repository.root()
    found = sorted((root / "notebooks").glob("*.ipynb"))[:chapters]
    if len(found) < chapters:
        raise ValueError(f"there are {len(found)} chapters, not {chapters}")

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
            _write_book(Path(folder), root, found)
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    "from jupyter_book.cli.main import main; main()",
                    "build",
                    folder,
                    "--quiet",
                ],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"the build failed:\n{done.stderr[-2000:]}")

    return work


def _write_book(folder: Path, root: Path, chapters: list[Path]) -> None:
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    config["only_build_toc_files"] = True
    config["execute"] = {"execute_notebooks": "off"}
    config["sphinx"]["local_extensions"].pop("fresh_cache")  # it insists on this checkout
    (folder / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    shutil.copytree(root / "book", folder / "book")
    for name in ("src", "results"):
        (folder / name).symlink_to(root / name)
    (folder / "notebooks").mkdir()
    for chapter in chapters:
        shutil.copy(chapter, folder / "notebooks")
    toc = {
        "format": "jb-book",
        "root": "book/notation",
        "chapters": [{"file": f"notebooks/{chapter.stem}"} for chapter in chapters],
    }
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
