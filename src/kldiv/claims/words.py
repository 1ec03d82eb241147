"""Beyond images: R24.

The corpus is this book, as counted in `results/words.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kldiv import entropy, kl_divergence
from kldiv.claims._registry import Finding, Measured, claim

#: From counts of a query's words and of documents' words to a number a document.
Distance = Callable[[np.ndarray, np.ndarray], Any]


@claim(
    "R24",
    report="Project Implementation",
    statement="KL is used in computer vision, document retrieval and speech recognition.",
    section="notebooks/12-ranking-texts.html",
)
def ranking() -> Finding:
    """Which chapter is a section from? KL between word distributions, and what it is up against."""
    from scipy import stats
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.metrics.pairwise import cosine_similarity

    from kldiv import ranking, words

    corpus = words.load()
    n, chapters = len(corpus.queries), len(corpus.chapters)

    def by(smoothing: Callable[[Any], np.ndarray]) -> Distance:
        return lambda query, documents: ranking.rank(query, documents, smoothing)[1]

    def tfidf(query: np.ndarray, documents: np.ndarray) -> Any:
        weigh = TfidfTransformer(sublinear_tf=True).fit(documents)
        return -cosine_similarity(weigh.transform(documents), weigh.transform([query]))[:, 0]

    def by_reversed(mass: float, both: bool) -> Distance:
        def distance(query: np.ndarray, documents: np.ndarray) -> Any:
            smooth = ranking.dirichlet(np.vstack([documents, query]), mass)
            return kl_divergence(smooth[:-1] if both else documents, smooth[-1], normalize=True)

        return distance

    def unsmoothed(query: np.ndarray, documents: np.ndarray) -> Any:
        return kl_divergence(query, documents, normalize=True)

    place = ranking.places(corpus, by(ranking.dirichlet))
    first = {
        "kl": place == 1,
        "add one": ranking.places(corpus, by(ranking.add_one)) == 1,
        "tf-idf": ranking.places(corpus, tfidf) == 1,
    }
    share = {name: float(hit.mean()) for name, hit in first.items()}
    best_reversed = max(
        float(np.mean(ranking.places(corpus, by_reversed(mass, both)) == 1))
        for mass in (1, 1000, 2000, 1e6)
        for both in (False, True)
    )

    def wilson(hit: np.ndarray) -> tuple[float, float]:
        low, high = stats.binomtest(int(hit.sum()), n).proportion_ci(method="wilson")
        return float(low), float(high)

    rng = np.random.default_rng(0)

    def half_width(values: np.ndarray) -> float:
        low, high = np.percentile(rng.choice(values, (10_000, n)).mean(axis=1), [2.5, 97.5])
        return float(high - low) / 2

    gain = first["kl"].astype(float) - first["tf-idf"]
    over_add_one = first["kl"].astype(float) - first["add one"]
    low_over_add_one = np.percentile(rng.choice(over_add_one, (10_000, n)).mean(axis=1), 2.5)

    raw, gap, same_order = [], 0.0, True
    for section in corpus.queries:
        query, documents = corpus.held_out(section)
        raw.append(unsmoothed(query, documents))
        order, nats = ranking.rank(query, documents)
        likelihood = np.log(ranking.dirichlet(documents)) @ query
        same_order &= np.array_equal(order, np.argsort(-likelihood, kind="stable"))
        expected = -likelihood / query.sum() - entropy(query, normalize=True)
        gap = max(gap, float(abs(nats - expected).max()))
    infinite = float(np.mean(np.isinf(raw)))

    because = (
        "Document retrieval, on this book's own sections: KL finds their chapters far above "
        "chance, as well as tf–idf on log counts and no better, if the model is smoothed. Vision "
        "and speech are cited, not tried."
    )
    checks = {
        "without smoothing at least 95 % of the divergences are infinite": infinite >= 0.95,
        "KL(section‖chapter), smoothed, puts the right chapter first for more than 70 %": share[
            "kl"
        ]
        > 0.7,
        "the interval of that share lies above three times chance": wilson(first["kl"])[0]
        > 3 / chapters,
        "smoothing with the collection beats adding one, beyond chance": low_over_add_one > 0,
        "within 10 percentage points of tf–idf with log counts": abs(gain.mean()) <= 0.10,
        "ranking by KL is ranking by likelihood: the same order for all": bool(same_order),
        "KL is minus the mean log-likelihood, less the entropy, to 1e-12 nats": gap < 1e-12,
        "the other direction does worse at every strength of smoothing tried": best_reversed
        < share["kl"],
    }

    def number(what: str, share: float) -> Measured:
        return Measured(what, 100 * share, f"% of {n} sections", tolerance=0.5)

    def right(name: str, words: str) -> Measured:
        low, high = wilson(first[name])
        ends = f"{100 * low:.0f} to {100 * high:.0f} %"
        return number(f"right chapter first, {words} (95 % interval {ends})", share[name])

    return Finding(
        "reproduced",
        because,
        {name: bool(held) for name, held in checks.items()},
        [
            right("kl", "KL with Dirichlet smoothing"),
            right("tf-idf", "tf–idf with log counts"),
            Measured(
                "KL less tf–idf, paired",
                100 * float(gain.mean()),
                "percentage points",
                half_width=100 * half_width(gain),
                runs=n,
                counted="sections",
                tolerance=0.5,
            ),
            right("add one", "add one"),
            number("right chapter first, best of the reversed KLs", best_reversed),
            number("right chapter first, blind guess", 1 / chapters),
        ],
    )
