"""The report's claims, and verdicts on them that code has reached.

A chapter ends each claim with `verdict`, which takes the checks that the verdict rests on and
raises if one of them fails: a verdict that the code does not bear out cannot be printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

OUTCOMES = ("reproduced", "corrected", "refuted", "not testable")

#: What the report says, shows or computes, in our words, by claim id.
CLAIMS: dict[str, str] = {
    "R01": "On a line, A is 3 units from the origin and B is 4, so they are 1 unit apart.",
    "R02": "Distance compares two points in the plane just as well.",
    "R03": "Two bell curves cannot be compared as points are.",
    "R04": "KL divergence is a metric: a measure of comparison between distributions.",
    "R05": "KL is how much information must change to obtain the first distribution from the "
    "second.",
    "R06": "A second beach by day looks similar to the first; a beach by night does not.",
    "R07": "The histogram of the beach by day leans to the bright side.",
    "R08": "The day histograms overlap more than day and night do.",
    "R09": "KL(original, day) is 0.008 and KL(original, night) is 0.039.",
    "R10": "The lower the KL divergence, the more similar the two distributions.",
    "R11": "KL(p‖q) = −∫ p log q − (−∫ p log p), p the true distribution and q the model.",
    "R12": "KL divergence was introduced by Kullback and Leibler in 1951.",
    "R13": "KL is cross-entropy minus entropy.",
    "R14": "For discrete distributions the integral becomes a sum.",
    "R15": "With base e the unit is nats, with base 2 it is bits.",
    "R16": "The logarithms of the two normal densities, with (μ, σ) called mean and variance.",
    "R17": "A normal density has mass 1, mean μ and second moment μ² + σ².",
    "R18": "The first term is −log σ₁ + log(1/√2π) − ½.",
    "R19": "The second term is −log σ₂ + log(1/√2π) − ((μ₁−μ₂)² + σ₁²)/(2σ₂²).",
    "R20": "KL is −log σ₁ − ½ + log σ₂ + ((μ₁−μ₂)² + σ₁²)/(2σ₂²), as SymPy verified.",
    "R21": "KL is asymmetric because H(P) and H(Q) are completely different values.",
    "R22": "In code, KL is np.sum(y_true * np.log(y_true / y_pred)).",
    "R23": "KL serves as a loss for supervised learning, as cross-entropy does.",
    "R24": "KL is used in computer vision, document retrieval and speech recognition.",
    "R25": "A VAE has an encoder, a sampler and a decoder; the encoder approximates the mean and "
    "variance of the training data.",
    "R26": "Without KL the estimated regions are pushed apart until training collapses; with KL "
    "they pack into a disc.",
    "R27": "Two hidden layers of 100 neurons, a latent plane, Adam at 1e-4, 10 epochs.",
    "R28": "The loss is reconstruction (cross-entropy) plus KL.",
    "R29": "Trained with KL, the last epoch's loss is 50.29: 47.13 of reconstruction, 3.16 of KL.",
    "R30": "With KL the latent space separates the classes well and spans −3 to 3.",
    "R31": "Without KL the latent space spans −40 to 60 and is highly distributed.",
    "R32": "With a Euclidean penalty instead, the model fails to tell the categories apart.",
    "R33": "The model with KL generates new images of clothes.",
    "R34": "The codes take 0.458 MB where the images take 358.9 MB.",
    "R35": "KL helps to circumvent the explosion of gradients.",
    "R36": "The VAE provides high-quality data compression.",
    "R37": "Future work: does KL help a convolutional VAE in the same way?",
    "R38": "Future work: a higher-dimensional, more realistic data set.",
    "R39": "The list of eleven references.",
}


@dataclass(frozen=True)
class Verdict:
    """A claim, the outcome, and the checks that it rests on, all of which hold."""

    claim: str
    outcome: str
    because: str
    checks: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.claim} {self.outcome}: {self.because}"]
        return "\n".join(lines + [f"  ✓ {check}" for check in self.checks])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        checks = "".join(f"<li>{escape(check)}</li>" for check in self.checks)
        kind = self.outcome.replace(" ", "-")
        return (
            f'<div class="verdict {kind}" id="claim-{self.claim}" '
            f'data-claim="{self.claim}">'
            f"<p><strong>{self.claim}</strong> The report: "
            f"{escape(CLAIMS[self.claim])}</p>"
            f"<p><strong>{self.outcome.capitalize()}.</strong> "
            f"{escape(self.because)}</p>"
            f"<ul>{checks}</ul></div>"
        )


def verdict(claim: str, outcome: str, because: str, checks: Mapping[str, bool]) -> Verdict:
    """The verdict on a claim, if every check holds.

    Parameters
    ----------
    claim : str
        Its id: "R01" to "R39".
    outcome : str
        "reproduced", "corrected", "refuted" or "not testable".
    because : str
        The reason, in a sentence.
    checks : mapping of str to bool
        What was checked, in words, and whether it held.

    Raises
    ------
    ValueError
        An unknown claim or outcome, or no check at all.
    AssertionError
        A check that failed; the message names it.
    """
    if claim not in CLAIMS:
        raise ValueError(f"unknown claim {claim!r}: the report's claims are R01 to R39")
    if outcome not in OUTCOMES:
        raise ValueError(f"the outcome must be one of {OUTCOMES}; got {outcome!r}")
    if not checks:
        raise ValueError(f"a verdict on {claim} needs at least one check")
    failed = [name for name, held in checks.items() if not held]
    if failed:
        raise AssertionError(
            f"{claim} is not {outcome}: it does not hold that " + "; ".join(failed)
        )
    return Verdict(claim, outcome, because, tuple(checks))
