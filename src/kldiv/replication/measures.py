"""What is measured of a trained model, on images it has not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from kldiv import evaluation
from kldiv.aggregate import AggregatePosterior
from kldiv.marginal import nll_by_importance, nll_by_quadrature
from kldiv.vae import VAE

#: Images in the aggregate posterior of a latent space wider than a plane.
AGGREGATED = 4_000

#: Images whose likelihood is estimated by importance sampling.
SAMPLED = 2_000

QUANTILES = (0.005, 0.025, 0.25, 0.5, 0.75, 0.975, 0.995)


@dataclass(frozen=True)
class Measure:
    """A column of the results: what it is, its unit, and how far a repeat may be from it.

    `relative` and `absolute` are the tolerance of a repeat on another machine, whose last digits
    differ and grow apart during training; `None` means that it is not compared.
    """

    meaning: str
    unit: str = ""
    relative: float | None = 0.0
    absolute: float = 0.0

    def agrees(self, stored: float, repeated: float) -> bool:
        """Whether a repeat is as near to the stored value as it should be."""
        if self.relative is None or (math.isnan(stored) and math.isnan(repeated)):
            return True
        return math.isclose(stored, repeated, rel_tol=self.relative, abs_tol=self.absolute)


#: The columns that a trained model fills, by name.
MEASURES: dict[str, Measure] = {
    "reconstruction": Measure("−log p(x|z), z drawn from q(z|x)", "nats an image", 0.01),
    "kl": Measure("KL(q(z|x)‖p(z)), trained on or not", "nats an image", 0.05, 0.05),
    "negative_elbo": Measure("the sum of the two", "nats an image", 0.02),
    "nll": Measure(
        "−log p(x): by quadrature over a latent plane, else by importance sampling (an upper "
        "bound, on the first 2,000 images)",
        "nats an image",
        0.03,
    ),
    "nll_gap": Measure("−ELBO less −log p(x), on the same images", "nats an image", 0.3, 0.5),
    "nll_error": Measure("how far the former may be off", "nats an image", None),
    "rmse": Measure("root mean square error of the picture decoded from z", "grey levels", 0.02),
    "neighbours": Measure(
        "share of test images whose 15 nearest training codes (posterior means) tell the class",
        "",
        0.0,
        0.05,
    ),
    "aggregate_kl": Measure(
        "KL of the aggregate posterior from the prior, by Monte Carlo (all test images; beyond a "
        "plane, the first 4,000)", "nats", 0.15, 0.1
    ),
    "aggregate_kl_error": Measure("its standard error", "nats", None),
    "holes": Measure(
        "share of prior draws where the aggregate posterior is lower than 99 % of its own", "",
        0.0, 0.05,
    ),
    "posterior_std": Measure("median standard deviation of q(z|x)", "latent units", 0.15, 1e-3),
    "mean_spread": Measure(
        "root mean square distance of the posterior means from their centre, a coordinate",
        "latent units",
        0.15,
        0.02,
    ),
    "latent_min": Measure("least coordinate of a sample, test images", "latent units", 0.3, 0.5),
    "latent_max": Measure("greatest coordinate of a sample", "latent units", 0.3, 0.5),
    "train_latent_min": Measure("the same over the training images", "latent units", 0.3, 0.5),
    "train_latent_max": Measure("the same over the training images", "latent units", 0.3, 0.5),
    "prior_variety": Measure(
        "standard deviation of a pixel over pictures of prior draws, against real images", "",
        0.1, 0.03,
    ),
    "gradient_norm_first": Measure("mean gradient norm, first epoch", "", 0.1),
    "gradient_norm_last": Measure("mean gradient norm, last epoch", "", 0.1, 0.02),
    "gradient_norm_max": Measure("largest gradient norm of any step", "", 0.3),
    "seconds": Measure("wall time of training", "s", None),
    "encode_seconds": Measure("wall time of writing the file", "s", None),
    "decode_seconds": Measure("wall time of reading it back", "s", None),
} | {
    f"latent_q{100 * q:g}": Measure(
        f"{100 * q:g} % quantile of the samples' coordinates, test images", "latent units", 0.2, 0.3
    )
    for q in QUANTILES
}  # fmt: skip


@torch.no_grad()
def measure(
    model: VAE,
    train: Tensor,
    test: Tensor,
    labels: tuple[Tensor, Tensor] | None,
    *,
    seed: int = 0,
) -> dict[str, float]:
    """The measures of `MEASURES` that depend on the model alone.

    Parameters
    ----------
    model : VAE
        Trained; the images are given to its likelihood's `observe` first.
    train, test : tensors, shape (n, pixels)
        Images.
    labels : pair of tensors, optional
        Classes of the training and test images; without them there is no "neighbours".
    seed : int
        Decides every draw, but for those of importance sampling, which are the same for all models.

    Returns
    -------
    dict
        A number a measure; units as in `MEASURES`.
    """
    noise = torch.Generator(test.device).manual_seed(seed)
    x = model.likelihood.observe(test, noise)
    measured = evaluation.elbo_terms(model, x, seed=seed)
    plane = model.config.latent == 2
    some = x if plane else x[:SAMPLED]
    nll = nll_by_quadrature(model, some) if plane else nll_by_importance(model, some, samples=128)
    bound = evaluation.elbo_terms(model, some, seed=seed)["negative_elbo"]
    measured |= {"nll": nll.value, "nll_error": nll.error, "nll_gap": bound - nll.value}

    means, stds = evaluation.posteriors(model, x)
    few = slice(None) if plane else slice(AGGREGATED)
    aggregate = AggregatePosterior(means[few], stds[few], seed=seed)
    aggregate_kl = aggregate.kl_to_prior()
    measured |= {
        "rmse": _rmse(model, x, seed),
        "aggregate_kl": aggregate_kl.value,
        "aggregate_kl_error": aggregate_kl.error,
        "holes": aggregate.hole_share(),
        "posterior_std": np.median(stds),
        "mean_spread": means.std(0).mean(),
        "latent_min": aggregate.draws.min(),
        "latent_max": aggregate.draws.max(),
        "prior_variety": _prior_variety(model, x, seed),
    }
    for q in QUANTILES:
        measured[f"latent_q{100 * q:g}"] = np.quantile(aggregate.draws, q)

    train_means, train_stds = _posteriors_in_parts(model, train, noise)
    draws = np.random.default_rng(seed).standard_normal(train_means.shape)
    draws = train_means + train_stds * draws
    measured |= {"train_latent_min": draws.min(), "train_latent_max": draws.max()}
    if labels is not None:
        train_labels, test_labels = (part.cpu() for part in labels)
        measured["neighbours"] = evaluation.neighbour_accuracy(
            train_means, train_labels, means, test_labels
        )
    return {name: float(value) for name, value in measured.items()}


def pictures(
    model: VAE, test: Tensor, *, columns: int = 12, seed: int = 0
) -> dict[str, np.ndarray]:
    """Test images, their reconstructions, and pictures of prior draws: (columns, pixels) each.

    Values in [0, 1]; the first `columns` test images, the first draws of the seed.
    """
    generator = torch.Generator(test.device).manual_seed(seed)
    with torch.no_grad():
        x = model.likelihood.observe(test[:columns], generator)
        mean, log_var = model.encode(x)
        restored = model.decode(model.sample(mean, log_var, generator))
        z = torch.randn((columns, mean.shape[1]), generator=generator, device=test.device)
        rows = {"test": x, "restored": restored, "prior": model.decode(z)}
    return {name: row.clamp(0, 1).cpu().numpy() for name, row in rows.items()}


def _posteriors_in_parts(
    model: VAE, images: Tensor, noise: torch.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations, without all the images as real numbers at once."""
    parts = [
        evaluation.posteriors(model, model.likelihood.observe(part, noise))
        for part in images.split(5000)
    ]
    means, stds = zip(*parts, strict=True)
    return np.concatenate(means), np.concatenate(stds)


def _rmse(model: VAE, x: Tensor, seed: int) -> float:
    restored = evaluation.decode(model, evaluation.latent_samples(model, x, seed=seed))
    return 255 * float(np.sqrt(np.mean((restored - x.cpu().numpy()) ** 2)))


def _prior_variety(model: VAE, x: Tensor, seed: int) -> float:
    generator = torch.Generator(x.device).manual_seed(seed)
    z = torch.randn((2000, model.config.latent), generator=generator, device=x.device)
    drawn = evaluation.decode(model, z.cpu())
    return float(drawn.std(0).mean() / x.std(0).mean().item())
