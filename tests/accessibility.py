"""What axe-core finds on an open page: WCAG 2 A and AA, and axe's rules of best practice.

Most of its time goes into colours, which it looks at word by word of all code. In a second theme or
at a second width they are looked at once for each style of text: what differs there is the styles.
The other rules know no colours; in a second theme they look at what only that theme shows.
`KLDIV_AXE=full` looks at everything every time.
"""

import os

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]

COLOURS_ONLY = {"runOnly": {"type": "rule", "values": COLOURS}}
OTHERS = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in COLOURS}}

#: Marks one element of each style of text: its colour, size and weight, on what and how opaque. And
#: marks what is shown, but was not when the page was last seen in the first theme.
MARK = """(firstTheme) => {
  const grounds = new Map([[null, ""]]), seen = new Set();
  function ground(one) {
    if (!grounds.has(one)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(one);
      const own = backgroundImage === "none" ? backgroundColor : backgroundImage;
      const solid = own === backgroundColor && own.startsWith("rgb(") && opacity === "1";
      grounds.set(one, own + opacity + (solid ? "" : ground(one.parentElement)));
    }
    return grounds.get(one);
  }
  for (const one of document.querySelectorAll("body *")) {
    delete one.dataset.styleOfItsOwn;
    const shown = one.checkVisibility({ visibilityProperty: true });
    if (firstTheme) one.shownInFirstTheme = shown;
    one.toggleAttribute("data-shown-here-only", shown && !one.shownInFirstTheme);
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !shown) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(one);
    const style = [one.tagName, color, fontSize, fontWeight, ground(one)].join();
    if (!seen.has(style)) one.dataset.styleOfItsOwn = "";
    seen.add(style);
  }
}"""


def violations(page, *, every_word, first_theme):
    """What is wrong, a line a rule, with the first places.

    The page is seen in its first theme before it is seen in the second at the same width.
    """
    page.evaluate(MARK, first_theme)
    if every_word or os.environ.get("KLDIV_AXE") == "full":
        return _run(page, None, {"runOnly": RULES})
    place = None if first_theme else "[data-shown-here-only]"
    return _run(page, place, OTHERS) + _run(page, "[data-style-of-its-own]", COLOURS_ONLY)


def _run(page, place, options):
    """What the rules find in a place: a selector, or None for the page."""
    if place and not page.locator(place).count():
        return []
    response = Axe().run(page, place, options | {"resultTypes": ["violations"]}).response
    return [
        f"{found['id']}: {[' '.join(map(str, node['target'])) for node in found['nodes'][:4]]}"
        for found in response["violations"]
    ]
