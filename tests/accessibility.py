"""What axe-core finds on an open page: WCAG 2 A and AA, and axe's rules of best practice.

Contrast is most of its work, if it looks word by word at all code: it looks at three texts of each
style instead, in each theme and at each width, for what differs is the styles. In a second theme
the other rules look at these, and at what only that theme shows. `KLDIV_AXE=full` looks at
everything every time.
"""

import os

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

#: Where axe's rule of contrast looks, instead of everywhere.
CONTRAST = """axe.configure({
  rules: [{id: "color-contrast", selector: "[data-of-its-style]"}]
})"""

#: Marks three elements of each style of text: its tag and its parent's, colour, size and weight, on
#: what and how opaque.
#: (Three, because one may be covered or cut off, and is not looked at then.) And marks what is
#: shown, but was not when the page was last seen in the first theme.
MARK = """(firstTheme) => {
  const grounds = new Map([[null, ""]]), seen = new Map();
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
    delete one.dataset.ofItsStyle;
    const shown = one.checkVisibility({ visibilityProperty: true });
    if (firstTheme) one.shownInFirstTheme = shown;
    one.toggleAttribute("data-shown-here-only", shown && !one.shownInFirstTheme);
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!shown || !(text || one.matches("a[href], input, select, textarea"))) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(one);
    const { tagName, parentElement } = one;
    const style = [parentElement.tagName, tagName, color, fontSize, fontWeight, ground(one)].join();
    const before = seen.get(style) ?? 0;
    if (before < 3) one.dataset.ofItsStyle = "";
    seen.set(style, before + 1);
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
            page.evaluate(CONTRAST)
    whole = full or first_theme
    where = None if whole else [["[data-of-its-style]"], ["[data-shown-here-only]"]]
    found = page.evaluate(
        "([include, rules]) => axe.run(include ? {include} : document,"
        " {runOnly: rules, resultTypes: ['violations']})",
        [where, RULES],
    )
    return [
        f"{one['id']}: {[' '.join(map(str, node['target'])) for node in one['nodes'][:4]]}"
        for one in found["violations"]
    ]
