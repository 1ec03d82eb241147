"""The runs: every variant of the study, and its seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from kldiv import vae
from kldiv.convolutional import ConvolutionalConfig
from kldiv.replication.baselines import Baselines
from kldiv.replication.compression import Codecs, GreyLevelCode
from kldiv.replication.experiments import Training
from kldiv.replication.outcome import Experiment
from kldiv.vae import Loss, VAEConfig

STUDIES = {
    "baselines": "what needs no training",
    "regularisers": "the report's model under seven losses",
    "beta": "the weight of the KL term, latent plane",
    "beta, 16 dimensions": "the weight of the KL term, a wider latent space",
    "lossless": "the test images in a file",
    "convolutional": "the report's losses, convolutional network",
    "photographs": "colour photographs",
}


@dataclass(frozen=True)
class Variant:
    """A kind of run: an experiment, and the seeds it is repeated with.

    `cost` is roughly how long a run takes, in seconds on one core: it only serves to say how much
    time is left.
    """

    name: str
    study: str
    words: str
    experiment: Experiment
    seeds: int
    cost: float


@dataclass(frozen=True)
class Run:
    """A variant and a seed: one row of the results."""

    variant: Variant
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """What names its row."""
        return self.variant.name, self.seed

    def __str__(self) -> str:
        return f"{self.variant.name}:{self.seed}"


BETAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_ELBO_EUCLIDEAN = Loss(vae.euclidean_penalty)
_REPORT = {
    "kl": ("the report's KL", vae.REPORT_KL),
    "none": ("the report's, no penalty", vae.REPORT_NONE),
    "euclidean": ("the report's Euclidean penalty", vae.REPORT_EUCLIDEAN),
}
_NATS = {
    "kl": ("KL", vae.ELBO),
    "none": ("no penalty", Loss(vae.no_penalty)),
    "euclidean": ("Euclidean penalty, KL's weight and target", _ELBO_EUCLIDEAN),
}
_PHOTOGRAPHS = Training(vae.ELBO, 1e-3, epochs=4, data="photographs", likelihood="Normal")
_PATCHES_MLP = VAEConfig(pixels=3072, hidden=128, latent=16)
_PATCHES_CONVOLUTIONAL = ConvolutionalConfig(image=(3, 32, 32), channels=(8, 16, 32), latent=16)


def _variants() -> list[Variant]:
    rows = [Variant("baselines", "baselines", "what needs no training", Baselines(), 1, 60)]

    def regulariser(name: str, words: str, loss: Loss, learning_rate: float = 1e-4) -> None:
        experiment = Training(loss, learning_rate)
        rows.append(Variant(name, "regularisers", words, experiment, 10, 22))

    for name, (words, loss) in _REPORT.items():
        regulariser(f"report-{name}", words, loss)
    regulariser("elbo-1e-4", "ELBO (β = 1), rate 1e-4", vae.ELBO)
    regulariser("elbo-1e-3", "ELBO (β = 1), rate 1e-3", vae.ELBO, 1e-3)
    regulariser("matched-report", "Euclidean, KL's weight and target", vae.MATCHED_EUCLIDEAN)
    regulariser("matched-elbo", "the same, in the ELBO's scaling", _ELBO_EUCLIDEAN)

    for beta in BETAS:
        plane = Training(Loss(vae.kl_penalty, weight=beta), 1e-3)
        rows.append(Variant(f"beta-{beta:g}", "beta", f"β = {beta:g}", plane, 3, 22))
    for beta in BETAS[1:-1]:
        wide = Training(
            Loss(vae.kl_penalty, weight=beta), 1e-3, model=VAEConfig(hidden=200, latent=16)
        )
        name, words = f"wide-{beta:g}", f"β = {beta:g}, 16 dimensions"
        rows.append(Variant(name, "beta, 16 dimensions", words, wide, 3, 45))

    rows.append(Variant("codecs", "lossless", "general codecs", Codecs(), 1, 300))
    rows.append(Variant("grey-levels", "lossless", "bits back", GreyLevelCode(), 3, 200))
    for name, (words, loss) in _REPORT.items():
        experiment = Training(loss, 1e-4, model=ConvolutionalConfig())
        rows.append(Variant(f"convolutional-{name}", "convolutional", words, experiment, 5, 140))
    for network, model, cost in (
        ("mlp", _PATCHES_MLP, 70),
        ("convolutional", _PATCHES_CONVOLUTIONAL, 130),
    ):
        for name, (words, loss) in _NATS.items():
            experiment = replace(_PHOTOGRAPHS, model=model, loss=loss)
            words = f"{words}, {'MLP' if network == 'mlp' else network}"
            rows.append(
                Variant(f"photographs-{network}-{name}", "photographs", words, experiment, 3, cost)
            )
    return rows


#: Every variant, by name, in the order in which tables show them.
VARIANTS: dict[str, Variant] = {variant.name: variant for variant in _variants()}


def runs(*patterns: str) -> list[Run]:
    """The runs that patterns name, or all of them.

    A pattern is a variant, or a variant and a seed, with shell wildcards: "report-kl",
    "beta-*:0", "*:0".

    Raises
    ------
    ValueError
        A pattern that names no run; the message lists the variants.
    """
    every = [Run(variant, seed) for variant in VARIANTS.values() for seed in range(variant.seeds)]
    if not patterns:
        return every
    for pattern in patterns:
        if not any(_matches(run, pattern) for run in every):
            raise ValueError(
                f"no run is named {pattern!r}; the variants are {', '.join(VARIANTS)}; "
                "a seed follows a colon, as in report-kl:0"
            )
    return [run for run in every if any(_matches(run, pattern) for pattern in patterns)]


def _matches(run: Run, pattern: str) -> bool:
    return fnmatchcase(str(run), pattern) or fnmatchcase(run.variant.name, pattern)
