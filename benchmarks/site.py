"""What a page of the site costs its reader: requests, bytes, and the wait for its mathematics.

Each page is opened in Chromium as a reader opens it, at its top, from a server on this machine.
Bytes are those of the answers, uncompressed. Pictures and live figures further down load when the
reader scrolls to them, and are not counted. Writes `results/site.json`.

    python -m benchmarks.site
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks._measure import machine
from benchmarks._site_files import ROOT, SITE, Uncached, pages, serving
from book.browser import ARGUMENTS, MISSING, chromium

RESULTS = ROOT / "results" / "site.json"
TURNS = 5

# Resolves when no formula waits to be drawn; the milliseconds since the page was asked for.
MATHEMATICS = """async () => {
  while (document.querySelector(".math") && !window.MathJax?.startup?.promise)
    await new Promise(again => setTimeout(again, 5));
  await window.MathJax?.startup?.promise;
  return performance.now();
}"""


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


def main() -> None:
    from playwright.sync_api import sync_playwright
    from tqdm import tqdm

    path = chromium()
    if path is None:
        sys.exit(MISSING)
    if not (SITE / "index.html").exists():
        sys.exit("no built site: run `make book` first")
    rows = []
    with serving(Uncached) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
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
        measured = {
            "browser": f"{Path(path).name} {browser.version}",
            "machine": machine(),
            "pages": rows,
        }
        browser.close()
    RESULTS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
