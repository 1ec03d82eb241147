"""KL(p‖q) from samples: of symbols, of points, or of log-densities at draws from p."""

from kldiv.estimators._estimate import Estimate
from kldiv.estimators.bootstrap import Interval, bootstrap
from kldiv.estimators.monte_carlo import kl_monte_carlo
from kldiv.estimators.nearest_neighbours import kl_nearest_neighbours
from kldiv.estimators.plug_in import kl_plug_in, kl_plug_in_counts

__all__ = [
    "Estimate",
    "Interval",
    "bootstrap",
    "kl_monte_carlo",
    "kl_nearest_neighbours",
    "kl_plug_in",
    "kl_plug_in_counts",
]
