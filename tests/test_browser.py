"""Every page in a real browser, with the network cut off: whole, light, and open to everybody."""

from pathlib import Path

import pytest
from accessibility import violations
from visits import Visit

from benchmarks._site_files import ROOT, SITE, pages

SCREENSHOTS = ROOT / "_build" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}

#: Pixels: higher pages become several pictures.
STRIP = 30_000

#: What a page may cost its reader before anything is scrolled to.
BYTES, REQUESTS = 2_000_000, 60

PAGES = [*pages(), "search.html", "genindex.html"]


@pytest.fixture(scope="module", params=PAGES)
def opened(browser, site, request):
    """A page as its reader has it before anything is scrolled to, for all tests of that page."""
    visit = Visit(browser, viewport=SIZES["desktop"])
    visit.name = request.param
    visit.page.goto(site + visit.name)
    visit.mathematics()
    visit.page.wait_for_load_state("networkidle")
    yield visit
    visit.context.close()


def test_a_page_stays_within_its_budget(opened):
    sizes = opened.sizes()
    assert sum(sizes) <= BYTES
    assert len(sizes) <= REQUESTS


def test_a_page_is_whole_and_quiet(opened):
    opened.walk_down()
    assert opened.elsewhere == []
    assert opened.complaints == []


def photograph(page, name):
    """Pictures of the whole page, for whoever looks; a JPEG is at most 65,535 pixels high."""
    width = page.viewport_size["width"]
    height = page.evaluate("document.documentElement.scrollHeight")
    tops = range(0, height, STRIP)
    for number, top in enumerate(tops, start=1):
        strip = {"x": 0, "y": top, "width": width, "height": min(STRIP, height - top)}
        path = SCREENSHOTS / (f"{name}-{number}.jpg" if len(tops) > 1 else f"{name}.jpg")
        page.screenshot(path=path, full_page=True, clip=strip, type="jpeg", quality=80)
        assert path.stat().st_size > 0, path.name


def test_a_page_is_open_to_everybody(opened):
    page, found = opened.page, []
    SCREENSHOTS.mkdir(exist_ok=True)
    for size, viewport in SIZES.items():
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)
            page.wait_for_timeout(500)  # the theme marks what scrolls 300 ms after
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], size
        for theme in ("light", "dark"):
            opened.theme(theme)
            page.wait_for_timeout(50)
            photograph(page, f"{Path(opened.name).stem}-{size}-{theme}")
            wrong = violations(page, first_theme=theme == "light")
            found += [f"{size}, {theme}: {one}" for one in wrong]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_a_file(visit, name):
    opened = visit((SITE / name).as_uri(), viewport=SIZES["desktop"])
    opened.mathematics()
    opened.walk_down()
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
    opened = visit(site + "notebooks/05-asymmetry.html", viewport=SIZES["desktop"])
    opened.walk_down()
    assert opened.page.locator(".enlarge:visible").count() == 0


#: The first paragraph that begins in the window, and how far down: where the reader is.
READING = """() => {
  const begins = (one) => one.getBoundingClientRect().top;
  const one = [...document.querySelectorAll(".bd-article p")].find(
    (one) => !one.closest(".explorer") && one.getClientRects().length && begins(one) > 0);
  return {text: one.textContent, top: begins(one)};
}"""

#: It used to move when formulas were set or a live figure had grown.
LONG_AFTER = 5000


def test_who_follows_a_link_arrives_and_who_comes_back_is_where_they_were(visit, site):
    opened = visit(site + "notebooks/04-two-gaussians.html#exercises", viewport=SIZES["desktop"])
    page = opened.page
    top = "document.getElementById('exercises').getBoundingClientRect().top"
    opened.mathematics()
    page.wait_for_timeout(LONG_AFTER)
    assert 0 <= page.evaluate(top) < 100
    start = page.evaluate("scrollY")
    page.mouse.move(640, 400)
    page.mouse.wheel(0, -3000)  # from here on the reader moves
    page.wait_for_function(f"scrollY < {start} - 2500")
    page.wait_for_timeout(1000)  # the wheel runs out
    before = page.evaluate(READING)
    for come_back in (
        page.reload,
        lambda: (page.goto(site + "book/glossary.html"), page.go_back()),
    ):
        come_back()
        opened.mathematics()
        page.wait_for_timeout(LONG_AFTER)
        after = page.evaluate(READING)
        assert after["text"] == before["text"] and abs(after["top"] - before["top"]) < 5
