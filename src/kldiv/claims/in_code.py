"""KL in code, and as the loss of a classifier: R22 and R23."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import kldiv
from kldiv.claims._registry import Finding, Measured, claim

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

PAGE = "notebooks/06-kl-in-code.html"

nats = partial(Measured, unit="nats", tolerance=1e-9)


@claim(
    "R22",
    report="Mathematical Representation, 8",
    statement="In code, KL is np.sum(y_true * np.log(y_true / y_pred)).",
    section=PAGE,
)
def one_line() -> Finding:
    """The report's line and the package's function on good input and on bad."""

    def kld(y_true: Any, y_pred: Any) -> float:
        y_true, y_pred = np.array(y_true), np.array(y_pred)
        with np.errstate(all="ignore"):
            return float(np.sum(y_true * np.log(y_true / y_pred)))

    def refuses(p: Any, q: Any) -> bool:
        try:
            kldiv.kl_divergence(p, q)
        except ValueError:
            return True
        return False

    good = [0.5, 0.25, 0.25], [0.25, 0.5, 0.25]
    zero_in_p = [0.5, 0.5, 0.0], [0.25, 0.5, 0.25]
    zero_in_q = [0.5, 0.5], [1.0, 0.0]
    counts = [5, 5], [9, 1]
    shapes = [0.5, 0.5], [[0.25], [0.75]]
    bad = [counts, ([1.1, -0.1], [0.5, 0.5]), shapes, ([np.nan, 1.0], [0.5, 0.5])]
    return Finding(
        "corrected",
        "Right where all probabilities are positive. A zero in p gives NaN, and what is no "
        "distribution a wrong number without a word.",
        {
            "right where all probabilities are positive": bool(
                np.isclose(kld(*good), kldiv.kl_divergence(*good))
            ),
            "NaN at 0·log 0, where the library returns the limit": np.isnan(kld(*zero_in_p))
            and np.isclose(kldiv.kl_divergence(*zero_in_p), 0.5 * np.log(2)),
            "a finite number for counts and for shapes that do not match": np.isfinite(kld(*counts))
            and np.isfinite(kld(*shapes)),
            "the library refuses all four bad inputs, in words": all(
                refuses(*pair) for pair in bad
            ),
            "infinite where q is 0 and p is not, in both": kld(*zero_in_q)
            == kldiv.kl_divergence(*zero_in_q)
            == np.inf,
        },
        [
            nats(
                "KL((½, ¼, ¼)‖(¼, ½, ¼))",
                kldiv.kl_divergence(*good),
                report=f"its line gives {kld(*good):.6f} nats",
            ),
            nats(
                "KL((½, ½, 0)‖(¼, ½, ¼))",
                kldiv.kl_divergence(*zero_in_p),
                report="its line gives NaN",
            ),
            nats("KL((½, ½)‖(1, 0))", kldiv.kl_divergence(*zero_in_q), report="its line, too"),
            nats("the report's line on the counts (5, 5) and (9, 1)", kld(*counts)),
            nats("KL of these counts as shares", kldiv.kl_divergence(*counts, normalize=True)),
        ],
    )


@claim(
    "R23",
    report="Mathematical Representation, 3; Project Implementation",
    statement="KL serves as a loss for supervised learning, as cross-entropy does.",
    section=PAGE,
)
def as_a_loss() -> Finding:
    """KL and cross-entropy as losses of the author's classifier, for hard labels and soft ones.

    The training is short: two epochs on a sixth of the images. The chapter trains in full.
    """
    import torch
    from torch.nn import functional

    from kldiv import fashion_mnist, training

    model = _classifier([784, 500, 500, 256, 10])
    train, test = fashion_mnist.load("train"), fashion_mnist.load("test")
    x, labels = train.pixels[:10_000], train.labels[:10_000]

    def mean_kl(logits: Tensor, p: Tensor) -> Tensor:
        kl: Tensor = kldiv.kl_divergence(p, torch.softmax(logits, -1))  # (batch,)
        return kl.mean()

    def gradient(loss: Callable[[Tensor, Tensor], Tensor], target: Tensor) -> tuple[float, Tensor]:
        """A loss on the first 256 images, and its gradient in one vector."""
        value = loss(model(x[:256]), target)
        slopes = torch.autograd.grad(value, list(model.parameters()))
        return value.item(), torch.cat([slope.ravel() for slope in slopes])

    one_hot = functional.one_hot(labels[:256], 10).to(x.dtype)
    smooth = 0.9 * one_hot + 0.1 / 10
    _, hard_kl = gradient(mean_kl, one_hot)
    _, hard_cross = gradient(functional.cross_entropy, one_hot)
    soft_value, soft_kl = gradient(mean_kl, smooth)
    soft_cross_value, soft_cross = gradient(functional.cross_entropy, smooth)
    relative = float((hard_kl - hard_cross).norm() / hard_cross.norm())
    constant = soft_cross_value - soft_value
    label_entropy = float(kldiv.entropy(smooth[0]))

    def loss(
        model: nn.Module, x: Tensor, labels: Tensor, *, generator: torch.Generator
    ) -> dict[str, Tensor]:
        return {"loss": mean_kl(model(x), functional.one_hot(labels, 10).to(x.dtype))}

    training.train(
        model,
        loss,
        [x, labels],
        epochs=2,
        batch_size=256,
        learning_rate=1e-3,
        seed=0,
        progress=False,
    )
    with torch.no_grad():
        accuracy = float((model(test.pixels).argmax(-1) == test.labels).float().mean())
        teacher = torch.softmax(model(x[:1000]) / 3, -1)
        student = torch.softmax(_classifier([784, 30, 10])(x[:1000]) / 3, -1)
        gap = kldiv.cross_entropy(teacher, student) - kldiv.kl_divergence(teacher, student)
    return Finding(
        "corrected",
        "With one-hot labels KL is not like cross-entropy: it is the same. With soft ones it is "
        "not.",
        {
            "the entropy of a one-hot label is 0": bool((kldiv.entropy(one_hot) == 0).all()),
            "equal gradients for one-hot labels, to a relative 1e-5": relative < 1e-5,
            "the author's classifier learns with KL: two epochs on 10,000 images, and it passes "
            "75 % on the test images": accuracy > 0.75,
            "label smoothing: the losses differ by the labels' entropy, the gradients do not": abs(
                constant - label_entropy
            )
            < 1e-4
            and float((soft_kl - soft_cross).norm()) < 1e-5,
            "distillation: the gap varies from image to image": float(gap.std()) > 0.1,
        },
        [
            Measured("relative difference of the gradients, one-hot", relative, tolerance=1e-5),
            Measured("test accuracy after two epochs", 100 * accuracy, "%", tolerance=4.0),
            Measured("smoothed labels: cross-entropy − KL", constant, "nats", tolerance=1e-4),
            Measured("entropy of a smoothed label", label_entropy, "nats", tolerance=1e-6),
            Measured(
                "distillation: standard deviation of cross-entropy − KL",
                float(gap.std()),
                "nats",
                tolerance=0.03,
            ),
        ],
    )


def _classifier(sizes: Sequence[int]) -> nn.Sequential:
    """Dense layers of these sizes with ReLU between them, the weights drawn from seed 0."""
    from itertools import pairwise

    import torch
    from torch import nn

    from kldiv.layers import dense

    generator = torch.Generator().manual_seed(0)
    layers = [m for n in pairwise(sizes) for m in (dense(*n, generator), nn.ReLU())]
    return nn.Sequential(*layers[:-1])
