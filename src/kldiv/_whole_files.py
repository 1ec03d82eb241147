"""Files that are there whole or not at all: a writer that is killed leaves the old one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; its file takes the place of `path` when the block ends.

    Folders are made. After an error the old file stands, and nothing lies beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())  # or a failing machine could keep the new name and no content
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
