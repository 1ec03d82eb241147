"""Documents as distributions over words, and their ranking for a query by KL.

Counts become distributions without zeros by smoothing: a word that a document lacks would
otherwise put it infinitely far from every query with that word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kldiv import kl_divergence

if TYPE_CHECKING:
    from kldiv.words import Corpus


def add_one(counts: Any) -> np.ndarray:
    """Shares of words after one more is counted of each: q(w) = (c(w) + 1) / Σ (c + 1).

    Parameters
    ----------
    counts : array_like, shape (..., words)
        Not negative.

    Returns
    -------
    numpy.ndarray, shape (..., words)
        Distributions without zeros.

    Examples
    --------
    >>> from kldiv.ranking import add_one
    >>> add_one([2, 0]).tolist()
    [0.75, 0.25]
    """
    raised = _check_counts(counts) + 1
    total: NDArray[np.float64] = raised.sum(axis=-1, keepdims=True)
    return raised / total


def jelinek_mercer(counts: Any, weight: float = 0.7) -> np.ndarray:
    """Documents' shares of words, mixed with those of all documents together.

    q(w) = (1 − λ) c(w)/n + λ q(w|all), where n is the document's length. The shares q(w|all) of
    the collection are smoothed by `add_one`, for words that no document has.

    Parameters
    ----------
    counts : array_like, shape (documents, words)
        Each document's counts; no document may be empty.
    weight : float
        λ, the share of the collection, above 0 and at most 1. Default 0.7, Zhai and Lafferty's
        choice for long queries.

    Returns
    -------
    numpy.ndarray, shape (documents, words)
        Distributions without zeros.

    Raises
    ------
    ValueError
        Counts that are negative, not finite or not a table; an empty document; a weight outside
        (0, 1].

    References
    ----------
    C. Zhai and J. Lafferty, "A study of smoothing methods for language models applied to
    information retrieval", ACM Trans. Inf. Syst. 22 (2004), doi:10.1145/984321.984322.

    Examples
    --------
    >>> from kldiv.ranking import jelinek_mercer
    >>> jelinek_mercer([[4, 0], [0, 2]], weight=0.5).tolist()
    [[0.8125, 0.1875], [0.3125, 0.6875]]
    """
    table = _check_counts(counts, table=True)
    if not 0 < weight <= 1:
        raise ValueError(f"weight must be above 0 and at most 1; got {weight!r}")
    lengths: NDArray[np.float64] = table.sum(axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"document {int(np.argmin(lengths))} is empty")
    return (1 - weight) * table / lengths + weight * add_one(table.sum(axis=0))


def dirichlet(counts: Any, mass: float = 2000.0) -> np.ndarray:
    """Documents' shares of words, after `mass` words of the collection are added to each.

    q(w) = (c(w) + μ q(w|all)) / (n + μ): the mean of the posterior under a Dirichlet prior. It is
    Jelinek and Mercer's mixture with λ = μ/(n + μ): the longer a document, the more its own
    counts are trusted.

    Parameters
    ----------
    counts : array_like, shape (documents, words)
        Each document's counts.
    mass : float
        μ, in words, above 0. Default 2000, about the best that Zhai and Lafferty found.

    Returns
    -------
    numpy.ndarray, shape (documents, words)
        Distributions without zeros.

    Raises
    ------
    ValueError
        Counts that are negative, not finite or not a table; a mass that is not above 0 and finite.

    References
    ----------
    As for `jelinek_mercer`.

    Examples
    --------
    >>> from kldiv.ranking import dirichlet
    >>> dirichlet([[4, 0], [0, 2]], mass=4).tolist()
    [[0.8125, 0.1875], [0.4166666666666667, 0.5833333333333334]]
    """
    table = _check_counts(counts, table=True)
    if not 0 < mass < np.inf:
        raise ValueError(f"mass must be above 0 and finite; got {mass!r}")
    smoothed = table + mass * add_one(table.sum(axis=0))
    total: NDArray[np.float64] = smoothed.sum(axis=1, keepdims=True)
    return smoothed / total


def rank(
    query: Any, documents: Any, smoothing: Callable[[Any], np.ndarray] = dirichlet
) -> tuple[np.ndarray, np.ndarray]:
    """Documents in the order of KL(query‖document), the closest first, and those divergences.

    Parameters
    ----------
    query : array_like, shape (words,)
        Counts of the query's words; they are not smoothed.
    documents : array_like, shape (documents, words)
        Counts of the documents' words.
    smoothing : callable
        From counts to distributions: `dirichlet`, `jelinek_mercer` or `add_one`.

    Returns
    -------
    order, divergences : numpy.ndarray, each of shape (documents,)
        Indices of documents, and KL(query‖document) in nats a word in the documents' own order.
        Equals keep their order.

    Examples
    --------
    >>> from kldiv.ranking import rank
    >>> order, nats = rank([1, 1, 0], [[0, 2, 8], [5, 4, 1]])
    >>> order.tolist()
    [1, 0]
    """
    divergences = kl_divergence(_check_counts(query), smoothing(documents), normalize=True)
    return np.argsort(divergences, kind="stable"), divergences


def places(corpus: Corpus, distance: Callable[[np.ndarray, np.ndarray], Any]) -> np.ndarray:
    """For each query, the place of its own chapter in a ranking: 1 is first.

    Parameters
    ----------
    corpus : Corpus
        Whose titled sections are the queries, each held out of its chapter in turn.
    distance : callable
        From counts (words,) of a query and (documents, words) of the rest to numbers
        (documents,), of which the smallest is ranked first.

    Returns
    -------
    numpy.ndarray, shape (queries,)
        Places, 1 to the number of chapters. Equals all get the last of their places, so that a
        distance that cannot choose is not rewarded by the order of the documents.
    """
    found = []
    for section in corpus.queries:
        values = np.asarray(distance(*corpus.held_out(section)))
        found.append(np.count_nonzero(values <= values[corpus.chapter_of[section]]))
    return np.array(found)


def _check_counts(counts: Any, *, table: bool = False) -> NDArray[np.float64]:
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim == 0 or (table and array.ndim != 2) or array.size == 0:
        expected = "(documents, words)" if table else "(..., words)"
        raise ValueError(f"counts must have shape {expected}; got {array.shape}")
    if not (np.isfinite(array).all() and array.min() >= 0):
        raise ValueError("counts must be finite and not negative")
    return array
