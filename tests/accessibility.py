"""What axe-core finds on an open page: WCAG 2 A and AA, and axe's rules of best practice.

Most of its time goes into colours, which it looks at word by word of all code. In a second theme or
at a second width they are looked at once for each style of text: what differs there is the styles.
`KLDIV_AXE=full` looks at every word every time.
"""

import os

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]

#: Marks one element of each style of text: its colour, size and weight, on what and how opaque.
MARK_STYLES = """() => {
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
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !one.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(one);
    const style = [one.tagName, color, fontSize, fontWeight, ground(one)].join();
    if (!seen.has(style)) one.dataset.styleOfItsOwn = "";
    seen.add(style);
  }
}"""


def violations(page, *, every_word):
    """What is wrong, a line a rule, with the first places."""
    if every_word or os.environ.get("KLDIV_AXE") == "full":
        return _run(page, None, {"runOnly": RULES})
    page.evaluate(MARK_STYLES)
    others = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in COLOURS}}
    colours = {"runOnly": {"type": "rule", "values": COLOURS}}
    return _run(page, None, others) + _run(page, "[data-style-of-its-own]", colours)


def _run(page, context, options):
    response = Axe().run(page, context, options | {"resultTypes": ["violations"]}).response
    return [
        f"{found['id']}: {[' '.join(map(str, node['target'])) for node in found['nodes'][:4]]}"
        for found in response["violations"]
    ]
