"""Many runs: variants × seeds, one row a run in `results/`.

``make replicate`` or ``python -m kldiv.replication`` does what is missing; chapters read the rows
with `results`.
"""

from kldiv.replication.measures import MEASURES, Measure
from kldiv.replication.summary import Results, Summary, results
from kldiv.replication.variants import STUDIES, VARIANTS, Run, Variant, runs

__all__ = [
    "MEASURES",
    "STUDIES",
    "VARIANTS",
    "Measure",
    "Results",
    "Run",
    "Summary",
    "Variant",
    "results",
    "runs",
]
