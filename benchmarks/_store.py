"""results/benchmarks.json: a list of rows, each with the machine and versions it was made on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kldiv._whole_files import written_whole
from kldiv.replication.runner import describe_commit


class Store:
    """Rows by name; written whole after each one. Without a path nothing is kept."""

    def __init__(
        self, path: Path | None, *, machine: dict[str, Any], versions: dict[str, str]
    ) -> None:
        self.path, self.machine, self.versions = path, machine, versions
        self.rows: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            self.rows = {row["name"]: row for row in json.loads(path.read_text("utf-8"))}

    def add(self, row: dict[str, Any], seconds: float) -> None:
        """Keep a row, which took so long to measure, in place of the one of its name."""
        peer = row.pop("versions", {})
        made_with = {
            "commit": describe_commit(),
            "machine": self.machine,
            "versions": self.versions | peer,
            "seconds": round(seconds, 1),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self.rows[row["name"]] = row | {"made_with": made_with}
        if self.path is None:
            return
        with written_whole(self.path) as unfinished:
            unfinished.write_text(json.dumps(list(self.rows.values()), indent=1) + "\n", "utf-8")
