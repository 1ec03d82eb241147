"""Print a page to PDF with Chromium: with bookmarks, numbers of pages, and tags for readers."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from book.browser import ARGUMENTS, MISSING, chromium

FOOTER = """<div style="font: 8px sans-serif; width: 100%; text-align: center; color: #555">
<span class="pageNumber"></span></div>"""

#: What waits for a reader: formulas, pictures that load when neared, folded solutions. Code that is
#: folded stays so, and is left out.
UNFOLD = """async () => {
  await window.MathJax.startup.promise;
  const folded = document.querySelectorAll(".toggle-hidden");
  folded.forEach((one) => one.classList.remove("toggle-hidden"));
  const pictures = [...document.querySelectorAll("article img")];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
  return pictures.filter((one) => one.naturalWidth === 0).map((one) => one.src);
}"""


def main(page: str, pdf: str) -> None:
    """Open the page, wait for its mathematics and pictures, and print it on A4."""
    path = chromium()
    if path is None:
        sys.exit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        opened = browser.new_page(color_scheme="light")
        opened.set_default_timeout(300_000)
        opened.goto(Path(page).resolve().as_uri())
        opened.wait_for_function("window.MathJax?.startup?.promise !== undefined")
        if missing := opened.evaluate(UNFOLD):
            sys.exit(f"pictures that are not there: {', '.join(missing)}")
        opened.pdf(
            path=pdf, format="A4", outline=True, tagged=True, print_background=True,
            display_header_footer=True, header_template="<span></span>", footer_template=FOOTER,
            margin={"top": "18mm", "bottom": "18mm", "left": "17mm", "right": "17mm"},
        )  # fmt: skip
        browser.close()
    print(f"written: {pdf}")


if __name__ == "__main__":
    main(*sys.argv[1:])
