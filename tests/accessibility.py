"""What axe-core finds on an open page: WCAG 2 A and AA, and axe's rules of best practice.

Colours are most of its work, if it looks at them word by word of all code: it looks once at each
style of text instead, in each theme and at each width, for what differs is the styles. The other
rules know no colours; in a second theme they look at what only that theme shows.
`KLDIV_AXE=full` looks at everything every time.
"""

import os

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

#: Where axe's two rules of colours look: at one text of each style.
COLOURS = """axe.configure({rules: [
  {id: "color-contrast", selector: "[data-style-of-its-own]"},
  {id: "link-in-text-block", selector: "a[href][data-style-of-its-own]"},
]})"""

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


def violations(page, *, first_theme):
    """What is wrong, a line a rule, with the first places.

    The page is seen in its first theme before it is seen in the second at the same width.
    """
    page.evaluate(MARK, first_theme)
    full = os.environ.get("KLDIV_AXE") == "full"
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
        if not full:
            page.evaluate(COLOURS)
    whole = full or first_theme
    where = None if whole else [["[data-style-of-its-own]"], ["[data-shown-here-only]"]]
    found = page.evaluate(
        "([include, rules]) => axe.run(include ? {include} : document,"
        " {runOnly: rules, resultTypes: ['violations']})",
        [where, RULES],
    )
    return [
        f"{one['id']}: {[' '.join(map(str, node['target'])) for node in one['nodes'][:4]]}"
        for one in found["violations"]
    ]
