"""The results on disk: one row a run, in a file that is whole at every moment."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kldiv import _repository
from kldiv._whole_files import written_whole
from kldiv.replication.variants import VARIANTS, Run

Row = dict[str, Any]
FILE = "runs.jsonl"
COLUMNS = {
    "variant": str,
    "seed": int,
    "measures": dict,
    "history": dict,
    "settings": str,
    "made_with": dict,
}
PICTURES = "pictures"


def default_folder() -> Path:
    """The book's `results/`."""
    return _repository.results()


class Store:
    """Rows by run, kept in `runs.jsonl`: a JSON object a line, in the order of the variants.

    Each new row is written with all the others to a file beside it, which then takes its place:
    whoever is killed while writing leaves the last whole table.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self.path = self.folder / FILE
        self._rows: dict[tuple[str, int], Row] = {}
        if self.path.exists():
            self._rows = {(row["variant"], row["seed"]): row for row in self._read()}

    def __iter__(self) -> Iterator[Row]:
        return iter(sorted(self._rows.values(), key=_order))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, run: Run) -> Row | None:
        """The row of a run, if it was done."""
        return self._rows.get(run.key)

    def __getitem__(self, run: Run) -> Row:
        return self._rows[run.key]

    def add(self, row: Row) -> None:
        """Keep a row; it is on disk when this returns."""
        self._rows[row["variant"], row["seed"]] = row
        self._write()

    def add_pictures(self, run: Run, rows: dict[str, np.ndarray]) -> None:
        """Keep the pictures of a variant's first seed: a PNG of one strip a kind of picture."""
        if run.seed == 0 and rows:
            with written_whole(self.folder / PICTURES / f"{run.variant.name}.png") as unfinished:
                _sheet(rows).save(unfinished, format="PNG", optimize=True)

    def pictures(self, variant: str) -> np.ndarray:
        """The sheet of a variant: test images, reconstructions, prior draws, one row each.

        uint8, (rows · side, columns · side) or, in colour, (…, 3).
        """
        with Image.open(self.folder / PICTURES / f"{variant}.png") as image:
            return np.asarray(image)

    def _read(self) -> Iterator[Row]:
        for number, line in enumerate(self.path.read_bytes().splitlines(), start=1):
            try:
                row = json.loads(line)
                whole = all(isinstance(row[name], kind) for name, kind in COLUMNS.items())
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise ValueError(f"{self.path}, line {number}, is not a row of results")
            yield row

    def _write(self) -> None:
        lines = [json.dumps(row, ensure_ascii=False, allow_nan=True) + "\n" for row in self]
        with written_whole(self.path) as unfinished:
            unfinished.write_text("".join(lines), encoding="utf-8", newline="\n")


def _order(row: Row) -> tuple[int, str, int]:
    names = list(VARIANTS)
    place = names.index(row["variant"]) if row["variant"] in VARIANTS else len(names)
    return place, row["variant"], row["seed"]


def _sheet(rows: dict[str, np.ndarray]) -> Image.Image:
    """Rows of images, (columns, pixels) in [0, 1], as one picture; 3 × 32 × 32 are in colour."""
    strips = []
    for row in rows.values():
        levels = np.rint(255 * row).astype(np.uint8)
        if row.shape[1] == 3 * 32 * 32:
            tiles = levels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        else:
            side = math.isqrt(row.shape[1])
            tiles = levels.reshape(-1, side, side)
        strips.append(np.concatenate(tiles, axis=1))
    return Image.fromarray(np.concatenate(strips, axis=0))
