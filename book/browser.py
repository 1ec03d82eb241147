"""Chromium, as this machine has it: for the tests of the site, its costs, and the PDF."""

import os
import shutil

#: Looked for in this order; the first is the same engine without windows, which opens a page in
#: half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

MISSING = "no Chromium: apt-get install chromium, or set CHROMIUM to the program's path"

#: The last one: pictures are loaded as far ahead as by a reader's Chromium. The one without windows
#: does not know how fast its connection is, and would load them from further off.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-component-update",
    "--blink-settings=lazyLoadingImageMarginPxUnknown=1250",
]


def chromium() -> str | None:
    """The path of the program that CHROMIUM names, or of the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
