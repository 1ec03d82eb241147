"""Live figures: they run in the page, without a kernel or a server, and in JupyterLab.

Each function below draws the figure's static picture and returns the live one, which is shown if
it is the cell's last expression. On the page scripts draw it, with the package's formulas written
again in JavaScript; tests drag each figure in a browser and compare its numbers with the package's.

    >>> from kldiv import explorers
    >>> explorers.gaussian_kl(p=(0, 1), q=(1, 1.5), picture=False)
    live figure: gaussian kl
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from kldiv.explorers import _pictures
from kldiv.explorers._explorer import Explorer

__all__ = [
    "Explorer",
    "bars",
    "beta",
    "gaussian_kl",
    "latent",
    "projection",
    "time_of_day",
    "two_points",
]

Pair = tuple[float, float]


def two_points(
    a: Pair = (1, 4),
    b: Pair = (4, 0),
    p: Pair = (0, 1),
    q: Pair = (1, 1),
    *,
    picture: bool = True,
) -> Explorer:
    """Two points in a plane and their distance; two bell curves and their divergences.

    Parameters
    ----------
    a, b : pair of float
        The points, from −1 to 6.
    p, q : pair of float
        Mean, from −3 to 4, and standard deviation, from 0.2 to 3, of the curves.
    picture : bool
        Draw the static picture too.
    """
    options = {
        "a": _pair("a", a, (-1, 6), (-1, 6)),
        "b": _pair("b", b, (-1, 6), (-1, 6)),
        "p": _pair("p", p, (-3, 4), (0.2, 3)),
        "q": _pair("q", q, (-3, 4), (0.2, 3)),
    }
    if picture:
        _pictures.two_points(**options)
    return Explorer("two_points", options)


def gaussian_kl(p: Pair = (0, 1), q: Pair = (1, 1.5), *, picture: bool = True) -> Explorer:
    """Two normal distributions, the integrand p log(p/q), both KLs and Jensen–Shannon.

    Parameters
    ----------
    p, q : pair of float
        Mean, from −3 to 3, and standard deviation, from 0.3 to 3.
    picture : bool
        Draw the static picture too.
    """
    options = {
        "p": _pair("p", p, (-3, 3), (0.3, 3)),
        "q": _pair("q", q, (-3, 3), (0.3, 3)),
    }
    if picture:
        _pictures.gaussian_kl(**options)
    return Explorer("gaussian_kl", options)


def bars(
    words: Sequence[str] = ("sun", "cloud", "rain", "snow"),
    p: Sequence[float] = (1 / 2, 1 / 4, 1 / 8, 1 / 8),
    q: Sequence[float] = (1 / 8, 1 / 8, 1 / 4, 1 / 2),
    *,
    picture: bool = True,
) -> Explorer:
    """Bars of two distributions to drag: entropy, cross-entropy, KL and the codewords' lengths.

    Parameters
    ----------
    words : sequence of str
        Two to eight outcomes.
    p, q : sequence of float
        Their probabilities, each at least 0.001.
    picture : bool
        Draw the static picture too.
    """
    if not 2 <= len(words) <= 8:
        raise ValueError(f"there must be 2 to 8 words; got {len(words)}")
    for name, shares in (("p", p), ("q", q)):
        if len(shares) != len(words):
            raise ValueError(f"{name} has {len(shares)} probabilities for {len(words)} words")
        if not all(share >= 0.001 for share in shares) or not math.isclose(sum(shares), 1):
            raise ValueError(f"{name} must be probabilities of at least 0.001; got {shares}")
    words, p, q = list(words), list(map(float, p)), list(map(float, q))
    if picture:
        _pictures.bars(words, p, q)
    return Explorer("bars", {"words": words, "p": p, "q": q})


def projection(
    separation: float = 5,
    weights: Pair = (0.6, 0.4),
    stds: Pair = (0.8, 0.6),
    *,
    picture: bool = True,
) -> Explorer:
    """A two-peaked target, and the normal distributions closest to it by forward and reverse KL.

    Parameters
    ----------
    separation : float
        Distance of the peaks, from 0 to 8.
    weights : pair of float
        Shares of the left and right peak, from 0.1 to 0.9; they sum to 1.
    stds : pair of float
        Their standard deviations, from 0.3 to 2.
    picture : bool
        Draw the static picture too.
    """
    _number("separation", separation, (0, 8))
    distance = float(separation)
    shares = _pair("weights", weights, (0.1, 0.9), (0.1, 0.9))
    widths = _pair("stds", stds, (0.3, 2), (0.3, 2))
    if not math.isclose(sum(weights), 1):
        raise ValueError(f"weights must sum to 1; got {weights}")
    if picture:
        _pictures.projection(distance, shares, widths)
    return Explorer("projection", {"separation": distance, "weights": shares, "stds": widths})


def time_of_day(elevation: int = 2, bins: int = 32, *, picture: bool = True) -> Explorer:
    """A beach at any elevation of the sun, its histogram, and its divergence from noon.

    Parameters
    ----------
    elevation : int
        Degrees, even, from −18 to 80; noon is 80.
    bins : int
        A power of two from 2 to 256.
    picture : bool
        Draw the static picture too.
    """
    from kldiv.explorers._data import ELEVATIONS

    if elevation not in ELEVATIONS:
        raise ValueError(f"elevation must be even, from -18 to 80; got {elevation!r}")
    if bins not in (2, 4, 8, 16, 32, 64, 128, 256):
        raise ValueError(f"bins must be a power of two from 2 to 256; got {bins!r}")
    options = {"elevation": int(elevation), "bins": int(bins)}
    if picture:
        _pictures.time_of_day(**options)
    return Explorer("time_of_day", options, ["beaches.js"])


def latent(model: str = "kl", garment: int = 9, *, picture: bool = True) -> Explorer:
    """The latent plane of a trained autoencoder, with its encoder and decoder.

    Parameters
    ----------
    model : str
        What it was trained with: "kl", "none" or "euclidean", the report's three.
    garment : int
        The class, 0 to 9, of the test image that is encoded first.
    picture : bool
        Draw the static picture too.
    """
    from kldiv.explorers._models import MODELS

    if model not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}; got {model!r}")
    if garment not in range(10):
        raise ValueError(f"garment must be a class, 0 to 9; got {garment!r}")
    garment = int(garment)
    if picture:
        _pictures.latent(model, garment)
    data = ["half_floats.js", "garments.js", "latent_models.js"]
    return Explorer("latent", {"model": model, "garment": garment}, data)


def beta(beta: float = 1, *, picture: bool = True) -> Explorer:
    """The β sweep: its rate–distortion curve, and what each model makes of images and of noise.

    Parameters
    ----------
    beta : float
        The weight of the KL term to start from, one of those of the sweep.
    picture : bool
        Draw the static picture too.
    """
    from kldiv.replication.variants import BETAS

    if beta not in BETAS:
        raise ValueError(f"beta must be one of {BETAS}; got {beta!r}")
    options = {"beta": float(beta)}
    if picture:
        _pictures.beta(**options)
    return Explorer("beta", options, ["beta_models.js"])


def _number(name: str, value: float, limits: Pair) -> None:
    if not isinstance(value, (float, Real)) or not limits[0] <= value <= limits[1]:
        raise ValueError(f"{name} must be from {limits[0]} to {limits[1]}; got {value!r}")


def _pair(name: str, values: Pair, *limits: Pair) -> list[float]:
    if len(values) != 2:
        raise ValueError(f"{name} must be a pair of numbers; got {values!r}")
    for value, bounds in zip(values, limits, strict=True):
        _number(name, value, bounds)
    return [float(value) for value in values]
