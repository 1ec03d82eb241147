"""What a page of the site costs its reader: requests, bytes, and the wait for its mathematics.

Each page is opened in Chromium as a reader opens it, at its top, from a server on this machine.
Bytes are those of the answers, uncompressed. Pictures and live figures further down load when the
reader scrolls to them, and are not counted. Writes `results/site.json`.

    python -m benchmarks.site
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SITE = Path(os.environ.get("KLDIV_SITE", ROOT / "_build" / "html"))
RESULTS = ROOT / "results" / "site.json"
TURNS = 5

# Resolves when no formula waits to be drawn; the milliseconds since the page was asked for.
MATHEMATICS = """async () => {
  while (document.querySelector(".math") && !window.MathJax?.startup?.promise)
    await new Promise(again => setTimeout(again, 5));
  await window.MathJax?.startup?.promise;
  return performance.now();
}"""


def pages() -> list[str]:
    """Every page of the contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [f"{name}.html" for name in (toc["root"], *chapters)]


def cost(browser: Any, address: str) -> dict[str, float]:
    """Requests, bytes, and seconds until the mathematics of a page can be read."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, answers = context.new_page(), []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="load")
    seconds = page.evaluate(MATHEMATICS) / 1000
    page.wait_for_load_state("networkidle")
    sizes = [len(answer.body()) for answer in answers if answer.ok]
    context.close()
    return {"requests": len(sizes), "bytes": sum(sizes), "seconds": seconds}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a word, and nothing from a cache."""

    def log_message(self, *_: Any) -> None: ...

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def serving() -> Iterator[str]:
    """The built site at an address of this machine."""
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def main() -> None:
    from playwright.sync_api import sync_playwright
    from tqdm import tqdm

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    rows = []
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in tqdm(pages(), unit="page"):
            turns = [cost(browser, address + name) for _ in range(TURNS)]
            seconds = sorted(turn["seconds"] for turn in turns)
            rows.append(
                {
                    "page": name,
                    "requests": max(turn["requests"] for turn in turns),
                    "bytes": max(turn["bytes"] for turn in turns),
                    "seconds": round(statistics.median(seconds), 3),
                    "seconds_range": [round(seconds[0], 3), round(seconds[-1], 3)],
                }
            )
        browser.close()
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
