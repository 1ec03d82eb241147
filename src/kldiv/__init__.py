"""Kullback–Leibler divergence for NumPy, PyTorch and SymPy: one formula for all three."""

from kldiv import gaussian
from kldiv.discrete import (
    cross_entropy,
    entropy,
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
)

__version__ = "0.1.0"

__all__ = [
    "cross_entropy",
    "entropy",
    "gaussian",
    "jeffreys_divergence",
    "js_divergence",
    "kl_divergence",
]
