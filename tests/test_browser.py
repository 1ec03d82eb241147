"""Every page in a real browser, with the network cut off: whole, quiet, and open to everybody."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from benchmarks._site_files import ROOT, SITE, pages

SCREENSHOTS = ROOT / "_build" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}

#: WCAG 2 A and AA, and axe's rules of best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PAGES = [*pages(), "search.html", "genindex.html"]


def walk_down(page):
    """Scroll to the end, so that whatever waits to be seen is loaded."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 1500):
        page.evaluate(f"scrollTo({{top: {top}, behavior: 'instant'}})")
        # Two frames: the page has then been told what is in view.
        page.evaluate("new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")
    page.wait_for_function(
        "[...document.querySelectorAll('.explorer')].every(one => one.dataset.state === 'live')"
    )
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")


def wait_for_mathematics(page):
    page.wait_for_function(
        "!document.querySelector('.math') || window.MathJax?.startup?.promise !== undefined"
    )
    page.evaluate("window.MathJax?.startup?.promise")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_quiet_and_open_to_everybody(visit, site, name):
    opened = visit(site + name, viewport=SIZES["desktop"])
    page = opened.page
    wait_for_mathematics(page)
    walk_down(page)
    assert opened.elsewhere == []
    assert opened.complaints == []
    SCREENSHOTS.mkdir(exist_ok=True)
    found = []
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        page.wait_for_timeout(500)  # the theme marks what scrolls 300 ms after
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], size
        for theme in ("light", "dark"):
            opened.theme(theme)
            page.wait_for_timeout(50)
            screenshot = SCREENSHOTS / f"{Path(name).stem}-{size}-{theme}.jpg"
            page.screenshot(path=screenshot, full_page=True, type="jpeg", quality=80)
            options = {"runOnly": RULES, "resultTypes": ["violations"]}
            for violation in Axe().run(page, options=options).response["violations"]:
                places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:4]]
                found.append(f"{size}, {theme}: {violation['id']}: {places}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_a_file(visit, name):
    opened = visit((SITE / name).as_uri(), viewport=SIZES["desktop"])
    wait_for_mathematics(opened.page)
    walk_down(opened.page)
    assert opened.elsewhere == []
    # Chromium lets no page from a file load a font; the page has system fonts and drawn icons then.
    assert [line for line in opened.complaints if "font" not in line.lower()] == []


def test_search_finds_a_word_without_a_network(visit, site):
    opened = visit(site + "search.html?q=Huffman")
    opened.page.wait_for_selector("#search-results li a")
    results = opened.page.locator("#search-results li a").all_inner_texts()
    assert any("Entropy" in text for text in results)
    assert opened.elsewhere == []


def test_search_quotes_words_and_no_source_of_formulas(visit, site):
    page = visit(site + "search.html?q=divergence").page
    page.wait_for_selector("#search-results .context")
    page.wait_for_timeout(1000)  # quotations are fetched one by one
    quoted = page.locator("#search-results .context").all_inner_texts()
    assert quoted
    assert not any("\\mathrm" in text or "\\(" in text for text in quoted)
    assert page.locator("[id=search-input]").count() == 1


def test_a_figure_is_enlarged_on_a_phone_and_the_page_stays_as_wide_as_the_screen(visit, site):
    page = visit(site + "notebooks/05-asymmetry.html", viewport=SIZES["phone"]).page
    figure = page.locator("article figure:not(:has(.explorer))").first
    figure.scroll_into_view_if_needed()
    button = figure.get_by_role("button", name="Enlarge")
    button.wait_for()
    before = figure.locator("img").bounding_box()["width"]
    button.click()
    assert figure.locator("img").bounding_box()["width"] > 1.5 * before
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert figure.evaluate("one => one.scrollWidth > one.clientWidth")
    figure.get_by_role("button", name="Fit to the page").click()
    assert figure.locator("img").bounding_box()["width"] == before


def test_a_figure_is_not_enlarged_where_it_has_room(visit, site):
    page = visit(site + "notebooks/05-asymmetry.html", viewport=SIZES["desktop"]).page
    walk_down(page)
    assert page.locator(".enlarge:visible").count() == 0
