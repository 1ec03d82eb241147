"""From text to words, from words to smoothed distributions, and documents ranked by KL."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kldiv import cross_entropy, entropy, kl_divergence, ranking, words
from kldiv.ranking import add_one, dirichlet, jelinek_mercer, rank

TABLES = arrays.arrays(int, (3, 5), elements=st.integers(0, 9)).filter(
    lambda counts: counts.sum(axis=1).all()
)
SMOOTHERS = [add_one, jelinek_mercer, dirichlet]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bell’s WIDTH, well-known.", "the bell's width well known"),
        ("an exposé on β-VAEs with σ₁ and p = 0.5", "an exposé on vaes with and"),
        ("before $x + yy$ and `code here` and ``more `code` `` after", "before and and after"),
        ("{numref}`fig-one` and {cite:p}`knuth1997art`, {glue:text}`value` nats", "and nats"),
        ("a ` alone\n\nand ` another", "alone and another"),
        ("before\n$$\n\\text{inside}\n$$ (eq-label)\nafter", "before after"),
        ("(ch-05)=\n# Asymmetry", "asymmetry"),
        ("a [link text](../book/page.md#part) and <b>bold</b>", "link text and bold"),
        ("one\n```python\nprint(two)\n```\nthree", "one three"),
        ("one\n```\ntwo\n```\nthree", "one three"),
        ("```{admonition} Title\n:class: outcomes\n**What** you do\n```", "what you do"),
        ("```{exercise-start}\n:label: ex-1\n```\nPredict\n```{exercise-end}\n```", "predict"),
        ("```{math}\n:label: eq\nabc\n```\nword", "word"),
        (":::{note}\n```bash\nmake\n```\ninside\n:::\nafter", "inside after"),
        ("", ""),
    ],
)
def test_words_are_prose_and_nothing_else(text, expected):
    assert words.words(text) == expected.split()


@pytest.mark.parametrize("smoothing", SMOOTHERS)
@settings(deadline=None, derandomize=True)
@given(counts=TABLES)
def test_smoothed_counts_are_distributions_without_zeros(smoothing, counts):
    shares = smoothing(counts)
    assert shares.shape == counts.shape and (shares > 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)


@settings(deadline=None, derandomize=True)
@given(counts=TABLES, mass=st.floats(0.01, 1e6))
def test_dirichlet_is_a_mixture_whose_weight_falls_with_length(counts, mass):
    lengths = counts.sum(axis=1)
    for row, length in enumerate(lengths):
        mixture = jelinek_mercer(counts, mass / (length + mass))
        np.testing.assert_allclose(dirichlet(counts, mass)[row], mixture[row], rtol=1e-9)


def test_the_limits_of_smoothing():
    counts = np.array([[4, 0, 1], [0, 2, 5]])
    collection = add_one(counts.sum(axis=0))
    raw = counts / counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(jelinek_mercer(counts, 1), [collection, collection])
    np.testing.assert_allclose(jelinek_mercer(counts, 1e-12), raw, atol=1e-11)
    np.testing.assert_allclose(dirichlet(counts, 1e-12), raw, atol=1e-11)
    np.testing.assert_allclose(dirichlet(counts, 1e12), [collection, collection], rtol=1e-9)


@settings(deadline=None, derandomize=True)
@given(counts=TABLES, query=arrays.arrays(int, 5, elements=st.integers(0, 9)))
def test_ranking_by_kl_is_ranking_by_likelihood(counts, query):
    query[0] += 1  # a query has a word
    order, nats = rank(query, counts)
    by_likelihood = -np.log(dirichlet(counts)) @ query / query.sum()
    np.testing.assert_allclose(nats, by_likelihood - entropy(query, normalize=True), atol=1e-12)
    np.testing.assert_allclose(
        nats + entropy(query, normalize=True),
        cross_entropy(query, dirichlet(counts), normalize=True),
    )
    assert (np.diff(nats[order]) >= 0).all() and sorted(order) == [0, 1, 2]


def test_rank_takes_another_smoothing_and_needs_one():
    query, documents = [1, 1, 0], [[0, 2, 8], [5, 0, 1]]
    assert np.isinf(kl_divergence(query, documents, normalize=True)).all()
    for smoothing in SMOOTHERS:
        order, nats = rank(query, documents, smoothing)
        assert np.isfinite(nats).all() and order.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: add_one([1, -1]), "not negative"),
        (lambda: add_one(3), "shape"),
        (lambda: add_one([]), "shape"),
        (lambda: dirichlet([1, 2]), r"(documents, words); got (2,)"),
        (lambda: dirichlet([[1, np.nan]]), "finite"),
        (lambda: dirichlet([[1, 2]], 0), "mass must be above 0 and finite; got 0"),
        (lambda: dirichlet([[1, 2]], np.inf), "finite; got inf"),
        (lambda: jelinek_mercer([[1, 2]], 0), "weight must be above 0 and at most 1; got 0"),
        (lambda: jelinek_mercer([[1, 2]], 1.5), "got 1.5"),
        (lambda: jelinek_mercer([[1, 2], [0, 0]]), "document 1 is empty"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_places_give_no_credit_for_ties():
    corpus = small_corpus()
    assert ranking.places(corpus, lambda q, d: np.zeros(len(d))).tolist() == [2, 2, 2]
    assert ranking.places(corpus, lambda q, d: np.full(len(d), np.inf)).tolist() == [2, 2, 2]
    assert ranking.places(corpus, lambda q, d: [0, 1]).tolist() == [1, 2, 2]


def test_a_held_out_section_is_nowhere_in_the_documents():
    corpus = small_corpus()
    query, documents = corpus.held_out(1)
    assert query.tolist() == [0, 2] and documents.tolist() == [[1, 0], [3, 4]]
    assert corpus.documents.tolist() == [[1, 2], [3, 4]]
    assert corpus.counts[1].tolist() == [0, 2], "holding out must not change the corpus"


def small_corpus():
    counts = np.array([[1, 0], [0, 2], [3, 0], [0, 4]])
    return words.Corpus(
        ("ab", "cd"), ("one", "two"), ("", "a", "b", "c"), np.array([0, 0, 1, 1]), counts, {}
    )


def test_chapters_are_counted_section_by_section(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "opening\n"]},
        {"cell_type": "code", "source": ["nothing = 1"]},
        {"cell_type": "markdown", "source": ["## First?\n", "alpha alpha\n", "### Sub\n", "beta"]},
        {"cell_type": "markdown", "source": ["gamma\n", "\n", "## Second\n", "delta"]},
    ]
    (tmp_path / "01-one.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "12-reader.ipynb").write_text("not read", encoding="utf-8")
    rows = words.count_chapters(tmp_path)
    assert [(row["chapter"], row["section"]) for row in rows] == [
        ("01-one", ""),
        ("01-one", "First?"),
        ("01-one", "Second"),
    ]
    assert rows[0]["words"] == {"opening": 1, "title": 1}
    assert rows[1]["words"] == {"alpha": 2, "beta": 1, "first": 1, "gamma": 1, "sub": 1}


def test_what_is_written_is_what_is_read(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    cells = [{"cell_type": "markdown", "source": ["# One\n", "## Part\n", "exposé exposé"]}]
    (tmp_path / "notebooks" / "01-one.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setattr(words, "root", lambda: tmp_path)
    monkeypatch.setattr(words, "results", lambda: tmp_path / "results")
    with pytest.raises(FileNotFoundError, match=r"python -m kldiv\.words"):
        words.load()
    words.main()
    assert "2 sections" in capsys.readouterr().out
    corpus = words.load()
    assert corpus.vocabulary == ("exposé", "one", "part")
    assert corpus.counts.tolist() == [[0, 1, 0], [2, 0, 1]]
    assert corpus.titles == ("", "Part") and corpus.chapters == ("01-one",)
    assert corpus.queries.tolist() == [1]
    assert set(corpus.made_with) == {"python", "kldiv", "commit"}
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["words.json"]


def test_the_stored_counts_are_small_and_whole():
    corpus = words.load()
    assert (words.results() / words.FILE).stat().st_size < 150_000
    assert len(corpus.chapters) == 9 and (corpus.counts.sum(axis=1) > 0).all()
    assert all((corpus.chapter_of[corpus.queries] == c).sum() >= 3 for c in range(9))
    assert corpus.made_with["commit"]


def test_smoothing_with_the_collection_finds_chapters_and_the_other_ways_do_not():
    corpus = words.load()

    def top_1(distance):
        return np.mean(ranking.places(corpus, distance) == 1)

    found = top_1(lambda q, d: rank(q, d)[1])
    assert found > 0.7
    assert top_1(lambda q, d: rank(q, d, add_one)[1]) < found
    assert top_1(lambda q, d: kl_divergence(q, d, normalize=True)) == 0
    mirrored = top_1(lambda q, d: kl_divergence(d, dirichlet([*d, q])[-1], normalize=True))
    assert mirrored < 0.3
