"""What the report leaves to future work: R37 and R38."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kldiv.claims._registry import Finding, claim
from kldiv.claims._runs import mean_of

if TYPE_CHECKING:  # with it comes PyTorch
    from kldiv.replication.summary import Summary

PAGE = "notebooks/11-larger-models-real-photographs.html"


@claim(
    "R37",
    report="Conclusion and Future Scope",
    statement="Future work: does KL help a convolutional VAE in the same way?",
    section=PAGE,
)
def convolutional() -> Finding:
    """The report's three losses on a convolutional network, five seeds each."""
    from kldiv.replication import results

    runs = results()
    variants = {
        "convolutional-kl": "KL",
        "convolutional-none": "no penalty",
        "convolutional-euclidean": "Euclidean as run",
    }

    def less(measure: str) -> Summary:
        """None less KL, seed by seed."""
        return runs.difference("convolutional-none", "convolutional-kl", measure)

    neighbours = {name: runs.summary(name, "neighbours") for name in variants}
    variety = {name: runs.summary(name, "prior_variety") for name in variants}
    holes = runs.values("convolutional-none", "holes")
    separation = less("neighbours")
    return Finding(
        "corrected",
        "It helps in the same way with the prior, and more: drawing from it works with KL and with "
        "neither of the others. Whether it also separates better, five runs do not settle.",
        {
            "with KL fewer than 10 % of prior draws land in holes": runs.summary(
                "convolutional-kl", "holes"
            ).high
            < 0.1,
            "without, over 99 % do in four of five runs (in the fifth a few posteriors are so wide "
            "that they cover the prior)": int(np.sum(holes > 0.99)) == 4,
            "without KL pictures of prior draws vary less than half as much": variety[
                "convolutional-none"
            ].high
            < 0.5 * variety["convolutional-kl"].low,
            "the likelihood is over 100 nats worse without KL": less("nll").low > 100,
            "test images are restored better without KL: the interval of the difference lies "
            "below 0": less("reconstruction").high < 0,
            "nearest neighbours: the interval of the difference holds 0, and goes no further than "
            "7 points": separation.low < 0 < separation.high
            and max(-separation.low, separation.high) < 0.07,
            "the Euclidean penalty as the report ran it separates no better than 15 %": neighbours[
                "convolutional-euclidean"
            ].high
            < 0.15,
        },
        [
            mean_of(f"nearest neighbours right, {words}", neighbours[name], "%", scale=100)
            for name, words in variants.items()
        ]
        + [mean_of("the same, without less with KL", separation, "percentage points", scale=100)]
        + [
            mean_of(f"variety of prior draws, {words}", variety[name], "% of real", scale=100)
            for name, words in variants.items()
        ]
        + [
            mean_of(f"NLL, {words}", runs.summary(name, "nll"), "nats an image")
            for name, words in variants.items()
        ],
    )


@claim(
    "R38",
    report="Conclusion and Future Scope",
    statement="Future work: a higher-dimensional, more realistic data set.",
    section=PAGE,
)
def photographs() -> Finding:
    """Colour patches, two networks, three penalties, three seeds each."""
    from kldiv.replication import results

    runs = results()
    networks = {"mlp": "MLP", "convolutional": "convolutional"}
    penalties = {"kl": "KL", "none": "no penalty", "euclidean": "Euclidean, KL's weight"}

    def values(network: str, penalty: str, measure: str) -> np.ndarray:
        return runs.values(f"photographs-{network}-{penalty}", measure)

    checks: dict[str, bool] = {}
    for network, words in networks.items():
        bound = {name: values(network, name, "negative_elbo") for name in penalties}
        error = {name: values(network, name, "rmse") for name in penalties}
        checks |= {
            f"{words}: −ELBO is best with KL, in all three pairs of runs with either other": bool(
                np.all(bound["kl"] < bound["none"]) and np.all(bound["kl"] < bound["euclidean"])
            ),
            f"{words}: what is restored is no better for it: errors within 1.5 grey levels": bool(
                np.ptp([column.mean() for column in error.values()]) < 1.5
            ),
            f"{words}: every −ELBO is better than the eight bits a byte of a flat density": max(
                column.max() for column in bound.values()
            )
            < 0,
        }
    to_bits = 1 / (3072 * math.log(2))
    return Finding(
        "reproduced",
        "Done, with colour patches of public-domain photographs, on photographs that the models "
        "have not seen. KL gives the best bound; pictures are not better for it, and no model of "
        "this size draws photographs.",
        checks,
        [
            mean_of(
                f"−ELBO over 3,072 bytes, less the 8 bits of a flat density: {words}, "
                f"{networks[network]}",
                runs.summary(f"photographs-{network}-{penalty}", "negative_elbo"),
                "bits a byte",
                scale=to_bits,
            )
            for network in networks
            for penalty, words in penalties.items()
        ]
        + [
            mean_of(
                f"error of what is restored: {words}, {networks[network]}",
                runs.summary(f"photographs-{network}-{penalty}", "rmse"),
                "grey levels",
            )
            for network in networks
            for penalty, words in penalties.items()
        ],
    )
