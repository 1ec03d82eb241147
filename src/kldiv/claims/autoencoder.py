"""The variational autoencoder: R25, R27 to R30 and R33.

Trained models are judged by the rows of the replication, ten seeds each; what needs no training
is computed on the spot.
"""

from __future__ import annotations

import numpy as np

from kldiv.claims._registry import Finding, Measured, claim
from kldiv.claims._runs import mean_of

PAGE = "notebooks/07-variational-autoencoder.html"
GENERATION = "notebooks/08-what-the-kl-term-does.html"


@claim(
    "R25",
    report="Project Implementation",
    statement="A VAE has an encoder, a sampler and a decoder; the encoder approximates the mean "
    "and variance of the training data.",
    section=PAGE,
)
def encoder() -> Finding:
    """The bound that makes q(z|x) an approximation, and how far the posteriors differ."""
    from kldiv import kl_divergence
    from kldiv.replication import results

    rng = np.random.default_rng(0)
    prior = rng.dirichlet(np.ones(3))  # p(z)
    decoder = rng.dirichlet(np.ones(4), size=3)  # p(x|z), a row for each z
    q = rng.dirichlet(np.ones(3), size=4)  # q(z|x), a row for each x
    joint = prior[:, None] * decoder
    evidence = joint.sum(axis=0)
    elbo = (q * np.log(decoder.T)).sum(axis=1) - kl_divergence(q, prior)
    gap = kl_divergence(q, (joint / evidence).T)

    runs = results()
    ratio = runs.values("report-kl", "mean_spread") / runs.values("report-kl", "posterior_std")
    return Finding(
        "corrected",
        "The three parts are right; but the encoder gives each image a distribution of its own.",
        {
            "log p(x) = ELBO + KL(q(z|x)‖p(z|x)), in a world where all is known": bool(
                np.allclose(np.log(evidence), elbo + gap, rtol=1e-12)
            ),
            "in all ten runs the images' means spread over more than 3 standard deviations of "
            "one image": bool(np.all(ratio > 3)),
        },
        [
            mean_of(
                "spread of the posterior means",
                runs.summary("report-kl", "mean_spread"),
                "latent units",
            ),
            mean_of(
                "standard deviation of one posterior",
                runs.summary("report-kl", "posterior_std"),
                "latent units",
            ),
        ],
    )


@claim(
    "R27",
    report="Results",
    statement="Two hidden layers of 100 neurons, a latent plane, Adam at 1e-4, 10 epochs.",
    section=PAGE,
)
def architecture() -> Finding:
    """The sizes of the layers and where the weights start; the settings of the ten runs."""
    from kldiv import vae
    from kldiv.replication import VARIANTS
    from kldiv.replication.experiments import Training

    parameters = dict(vae.VAE(seed=0).named_parameters())
    weights = [values for name, values in parameters.items() if name.endswith("weight")]
    biases = [values for name, values in parameters.items() if name.endswith("bias")]
    shapes = [tuple(weight.T.shape) for weight in weights]
    glorot = all(
        weight.abs().max() <= np.sqrt(6 / sum(weight.shape)) + 1e-6
        and weight.std() > 0.5 * np.sqrt(6 / sum(weight.shape))
        for weight in weights
    )
    training = VARIANTS["report-kl"].experiment
    assert isinstance(training, Training)
    return Finding(
        "reproduced",
        "One hidden layer of 100 in the encoder and one in the decoder: 784-100-(2+2), 2-100-784.",
        {
            "the layers have these sizes": shapes
            == [(784, 100), (100, 2), (100, 2), (2, 100), (100, 784)],
            "weights start Glorot-uniform, biases at zero": bool(glorot)
            and not any(bias.any() for bias in biases),
            "the runs of the report's model used a rate of 1e-4, batches of 128, 10 epochs": (
                training.learning_rate,
                training.batch_size,
                training.epochs,
            )
            == (1e-4, 128, 10),
        },
        [
            Measured(
                "weights, biases included", sum(values.numel() for values in parameters.values())
            )
        ],
    )


@claim(
    "R28",
    report="Project Implementation",
    statement="The loss is reconstruction (cross-entropy) plus KL.",
    section=PAGE,
)
def loss() -> Finding:
    """The gradient of the report's loss is that of a β-VAE whose β is pixels over batch."""
    import torch

    from kldiv import vae

    images = torch.rand((128, 784), generator=torch.Generator().manual_seed(0))

    def gradient(loss: vae.Loss, rows: int) -> torch.Tensor:
        model = vae.VAE(seed=0)
        terms = loss(model, images[:rows], generator=torch.Generator().manual_seed(1))
        slopes = torch.autograd.grad(terms["loss"], list(model.parameters()))
        return torch.cat([slope.ravel() for slope in slopes])

    def off(rows: int, beta: float) -> float:
        """Relative distance of the report's gradient from that of a β-VAE, scales aligned."""
        report = gradient(vae.REPORT_KL, rows)
        other = rows / 784 * gradient(vae.Loss(vae.kl_penalty, weight=beta), rows)
        return float((report - other).norm() / report.norm())

    return Finding(
        "corrected",
        "It is reconstruction plus 6.125 KL: a β-VAE whose β is set by the batch size.",
        {
            "at a batch of 128 its gradient is that of β = 784/128, up to scale, to 1e-5": off(
                128, 784 / 128
            )
            < 1e-5,
            "at a batch of 96, the last of an epoch, it is that of β = 784/96": off(96, 784 / 96)
            < 1e-5,
            "it is not that of the ELBO, β = 1: they are over 1 % apart": off(128, 1.0) > 0.01,
        },
        [Measured("β of the report's loss", 784 / 128, report=1)],
    )


@claim(
    "R29",
    report="Results",
    statement="Trained with KL, the last epoch's loss is 50.29: 47.13 of reconstruction, 3.16 of "
    "KL.",
    section=PAGE,
)
def training_log() -> Finding:
    """First and last epochs of ten runs beside the report's."""
    from kldiv.replication import results
    from kldiv.replication.summary import summarise

    columns = {"loss": (83.07, 50.29), "reconstruction": (81.29, 47.13), "penalty": (1.78, 3.16)}
    history = {name: results().history("report-kl", name) for name in columns}
    first = {name: history[name][:, 0] / columns[name][0] - 1 for name in columns}
    last = {name: history[name][:, -1] / columns[name][1] - 1 for name in columns}
    words = {"loss": "loss", "reconstruction": "reconstruction", "penalty": "KL"}
    units = {"loss": "report's units", "reconstruction": "report's units", "penalty": "nats"}
    return Finding(
        "reproduced",
        "The last epoch agrees. The first does not; the cause is not in what was published.",
        {
            "last epoch, all ten seeds: the loss is within 2 % of 50.29": bool(
                np.all(abs(last["loss"]) < 0.02)
            ),
            "reconstruction is within 2 % of 47.13": bool(
                np.all(abs(last["reconstruction"]) < 0.02)
            ),
            "KL is within 8 % of 3.16": bool(np.all(abs(last["penalty"]) < 0.08)),
            "first epoch, all ten seeds: the loss is 4 % to 10 % below 83.07": bool(
                np.all((first["loss"] > -0.10) & (first["loss"] < -0.04))
            ),
            "KL is more than a third as large again as 1.78": bool(
                np.all(first["penalty"] > 1 / 3)
            ),
        },
        [
            mean_of(
                f"{words[name]}, {when} epoch",
                summarise(history[name][:, epoch]),
                units[name],
                report=columns[name][epoch],
            )
            for epoch, when in ((0, "first"), (-1, "last"))
            for name in columns
        ],
    )


@claim(
    "R30",
    report="Results",
    statement="With KL the latent space separates the classes well and spans −3 to 3.",
    section=PAGE,
)
def separation() -> Finding:
    """Range of the samples, and nearest neighbours against PCA and pixels."""
    from kldiv.replication import results

    runs = results()
    neighbours = runs.summary("report-kl", "neighbours")
    baselines = {
        name: float(runs.values("baselines", f"neighbours_{name}")[0]) for name in ("pca", "pixels")
    }
    lead = runs.values("report-kl", "neighbours") - baselines["pca"]
    inner = [runs.values("report-kl", f"latent_q{q}") for q in ("0.5", "99.5")]
    ends = [runs.values("report-kl", f"train_latent_{end}") for end in ("min", "max")]
    outer = np.max(np.abs(ends), axis=0)
    return Finding(
        "corrected",
        "The range is right for nearly all points; the separation is hardly better than PCA's.",
        {
            "in all ten runs 99 % of the coordinates lie within ±3.5": bool(
                np.all(np.abs(inner) < 3.5)
            ),
            "the extremes of all 60,000 lie beyond ±3.3, but within ±6.5": bool(
                np.all((outer > 3.3) & (outer < 6.5))
            ),
            "far above chance: the interval lies above 50 %": neighbours.low > 0.5,
            "less than 6 points ahead of PCA with two components, on average": lead.mean() < 0.06,
            "over 20 points behind the pixels themselves": neighbours.high
            < baselines["pixels"] - 0.20,
        },
        [
            mean_of("nearest neighbours right", neighbours, "%", scale=100),
            Measured("the same on PCA with two components", 100 * baselines["pca"], "%",
                     tolerance=0.5),
            Measured("the same on the 784 pixels", 100 * baselines["pixels"], "%", tolerance=0.5),
            mean_of(
                "0.5 % quantile of the samples",
                runs.summary("report-kl", "latent_q0.5"),
                "latent units",
                report=-3,
            ),
            mean_of(
                "99.5 % quantile of the samples",
                runs.summary("report-kl", "latent_q99.5"),
                "latent units",
                report=3,
            ),
        ],
    )  # fmt: skip


@claim(
    "R33",
    report="Results",
    statement="The model with KL generates new images of clothes.",
    section=GENERATION,
)
def generation() -> Finding:
    """How much pictures of prior draws vary, and how many draws land in holes."""
    from kldiv.replication import results

    runs = results()
    variants = {
        "report-kl": "KL",
        "report-none": "no penalty",
        "report-euclidean": "Euclidean as run",
        "matched-report": "Euclidean at KL's weight and target",
    }
    variety = {name: runs.summary(name, "prior_variety") for name in variants}
    holes = {name: runs.summary(name, "holes") for name in variants}
    return Finding(
        "reproduced",
        "It generates blurred clothes; so does the Euclidean model at KL's weight. Without a "
        "penalty, or with the report's Euclidean one, hardly.",
        {
            "with KL, pictures of prior draws vary over a third as much as real images": variety[
                "report-kl"
            ].low
            > 1 / 3,
            "with KL fewer than 5 % of prior draws land in holes": holes["report-kl"].high < 0.05,
            "without a penalty more than half do": holes["report-none"].low > 0.5,
            "without a penalty pictures of prior draws vary less than with KL": runs.difference(
                "report-none", "report-kl", "prior_variety"
            ).high
            < 0,
            "with the report's Euclidean penalty they are nearly one picture: they vary less than "
            "a tenth as much as real images": variety["report-euclidean"].high < 0.1,
            "at KL's weight the Euclidean model has at least 80 % of KL's variety": variety[
                "matched-report"
            ].low
            > 0.8 * variety["report-kl"].high,
        },
        [
            mean_of(f"variety of prior draws, {words}", variety[name], "% of real", scale=100)
            for name, words in variants.items()
        ]
        + [
            mean_of(f"prior draws in holes, {words}", holes[name], "%", scale=100)
            for name, words in variants.items()
        ],
    )
