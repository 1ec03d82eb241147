"""The page that `make pdf` prints: every node is drawn, and every link stays within it."""

from types import SimpleNamespace

import one_page
import pytest


def app_of(tmp_path, builder):
    return SimpleNamespace(
        builder=SimpleNamespace(name=builder),
        registry=SimpleNamespace(
            translation_handlers={"html": {"card": 1, "exercise": 2}, "singlehtml": {"exercise": 3}}
        ),
        outdir=tmp_path,
        config=SimpleNamespace(root_doc="book/index"),
    )


def test_what_is_registered_for_html_draws_the_page_too(tmp_path):
    app = app_of(tmp_path, "singlehtml")
    one_page.draw_as_html(app)
    assert app.registry.translation_handlers["singlehtml"] == {"card": 1, "exercise": 3}
    other = app_of(tmp_path, "html")
    one_page.draw_as_html(other)
    assert other.registry.translation_handlers["singlehtml"] == {"exercise": 3}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("../book/claims.html#R07", "#R07"),
        ("book/index.html#top", "#top"),
        ("../notebooks/05-asymmetry.html", "#document-notebooks/05-asymmetry"),
        ("#here", "#here"),
        ("https://example.org/book/claims.html#R07", "https://example.org/book/claims.html#R07"),
    ],
)
def test_links_between_pages_stay_within_the_page(tmp_path, written, kept):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.html").write_text(f'<a href="{written}">x</a>', "utf-8")
    one_page.move_to_root(app_of(tmp_path, "singlehtml"), None)
    assert (tmp_path / one_page.NAME).read_text("utf-8") == f'<a href="{kept}">x</a>'
