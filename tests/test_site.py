"""The site as it is built: complete, without a dead link, legible without pictures, by itself."""

import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from benchmarks._site_files import ROOT, SITE, pages

AUDIT = json.loads((ROOT / "results" / "audit.json").read_text(encoding="utf-8"))
VERDICTS = {"reproduced", "corrected", "refuted", "not-testable"}
PAGES = pages()


@pytest.fixture(scope="module")
def site():
    """Every page of the built site, parsed, by its path."""
    if not (SITE / "index.html").exists():
        pytest.fail("no built site: run `make book` first", pytrace=False)
    return {
        path.relative_to(SITE).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in sorted(SITE.rglob("*.html"))
        if "_static" not in path.relative_to(SITE).parts
    }


def ids(page):
    return [tag["id"] for tag in page.find_all(id=True)]


def links(page):
    """What a page refers to: (tag, address)."""
    for tag in page.find_all(["a", "area", "link"], href=True):
        yield tag, tag["href"]
    for tag in page.find_all(src=True):
        yield tag, tag["src"]


def is_elsewhere(address):
    return bool(urlsplit(address).netloc)


def test_every_page_of_the_contents_is_there_and_no_other(site):
    made_by_sphinx = {"index.html", "genindex.html", "search.html"}
    assert set(site) - made_by_sphinx == set(PAGES)


def test_no_internal_link_is_broken(site):
    broken = []
    anchors = {name: set(ids(page)) for name, page in site.items()}
    for name, page in site.items():
        for _, address in links(page):
            parts = urlsplit(address)
            if parts.netloc or parts.scheme in ("data", "mailto", "javascript"):
                continue
            target = (SITE / name).parent / unquote(parts.path) if parts.path else SITE / name
            target = target.resolve()
            if not target.is_file():
                broken.append(f"{name} → {address}: no such file")
                continue
            fragment = unquote(parts.fragment)
            target_name = target.relative_to(SITE).as_posix()
            if fragment and target_name in anchors and fragment not in anchors[target_name]:
                broken.append(f"{name} → {address}: no such anchor")
    assert not broken, "\n".join(broken)


def test_no_id_is_given_twice(site):
    for name in PAGES:
        given = ids(site[name])
        repeated = {name for name in given if given.count(name) > 1}
        assert not repeated, f"{name}: {repeated}"


def test_every_picture_has_alt_text(site):
    logo = "logo__image"  # the theme writes its alternative text
    missing = [
        f"{name}: {image.get('src')}"
        for name, page in site.items()
        for image in page.find_all("img")
        if len(image.get("alt", "").strip()) < (1 if logo in image.get("class", []) else 20)
    ]
    assert not missing, "\n".join(missing)


def test_alt_texts_that_a_page_computes_are_filled_in(site):
    assert not [image for page in site.values() for image in page.select('img[alt^="glue:"]')]


def test_every_figure_is_numbered(site):
    for name in PAGES:
        for figure in site[name].find_all("figure"):
            number = figure.select_one("figcaption .caption-number")
            assert number is not None, f"{name}: {figure.get('id')}"
            # Those of a chapter carry its number, too.
            assert re.match(r"Figure \d+" + r"\.\d+" * name.startswith("notebooks"), number.text)


def test_nothing_is_loaded_from_another_server(site):
    loaded = [
        f"{name}: {address}"
        for name, page in site.items()
        for tag, address in links(page)
        if tag.name not in ("a", "area") and is_elsewhere(address)
    ]
    assert not loaded, "\n".join(loaded)
    for path in SITE.rglob("_static/**/*.css"):
        style = path.read_text("utf-8")
        imported = re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^'\")]*", style)
        assert not imported, f"{path.name}: {imported}"


def test_mathematics_is_drawn_by_the_sites_own_mathjax(site):
    assert (SITE / "_static" / "mathjax" / "startup.js").is_file()
    with_mathematics = [name for name in PAGES if site[name].select(".math")]
    chapters = {name.split("/")[-1][:2] for name in with_mathematics}
    assert chapters >= {"01", "03", "04", "05", "06", "07", "08"}
    for name in with_mathematics:
        scripts = [tag["src"] for tag in site[name].find_all("script", src=True)]
        assert any("_static/mathjax/startup.js" in script for script in scripts), name


def test_no_page_shows_unrendered_markup(site):
    """No role or directive that nothing took up, no traceback."""
    for name in PAGES:
        article = site[name].find("article")
        for tag in article.select("pre, code, .math, script"):
            tag.extract()
        text = article.get_text()
        leftover = re.findall(r"\{[a-z:-]+\}`|^:::.*|Traceback|\bTODO\b", text, re.MULTILINE)
        assert not leftover, f"{name}: {leftover}"


@pytest.mark.parametrize("row", AUDIT, ids=lambda row: row["id"])
def test_every_claim_has_its_verdict_on_its_page(site, row):
    claim = row["id"]
    boxes = [box for page in site.values() for box in page.select(f".verdict#claim-{claim}")]
    for box in boxes:
        assert VERDICTS & set(box["class"]) == {row["outcome"].replace(" ", "-")}
        assert claim in box.get_text()
    (box,) = site[row["section"]].select(f".verdict#claim-{claim}")
    (link,) = box.select('a[href^="../book/claims.html#"]')
    assert link["href"].endswith(f"#{claim}")


def test_the_audit_has_a_row_a_claim_and_its_data(site):
    rows = site["book/claims.html"].select("table.audit tbody tr")
    assert [row["id"] for row in rows] == [row["id"] for row in AUDIT]
    for shown, row in zip(rows, AUDIT, strict=True):
        text = shown.get_text()
        assert row["statement"] in text and row["because"] in text
        assert row["outcome"].capitalize() in text
        assert all(number["what"] in text for number in row["measured"])
    assert json.loads((SITE / "audit.json").read_text("utf-8")) == AUDIT


def test_solutions_are_folded_and_executed(site):
    for name in PAGES:
        for solution in site[name].select("div.solution"):
            assert "dropdown" in solution["class"], name
            assert solution.select(".cell .cell_input"), f"{name}: {solution.get('id')}"
