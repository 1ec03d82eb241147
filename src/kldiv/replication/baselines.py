"""What needs no training, to hold the models against."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from kldiv import evaluation
from kldiv.likelihoods import Bernoulli
from kldiv.replication.experiments import load
from kldiv.replication.outcome import Outcome


@dataclass(frozen=True)
class Baselines:
    """Nearest neighbours on pixels and on PCA, guessing, and the entropy of the pixels."""

    neighbours: int = 15

    def run(self, seed: int, *, device: str = "cpu") -> Outcome:
        """Measure; nothing is drawn but what PCA's solver draws."""
        from sklearn.decomposition import PCA

        started = time.perf_counter()
        data = load("Fashion-MNIST")
        train, test = data.train.numpy(), data.test.numpy()
        assert data.labels is not None  # Fashion-MNIST has classes
        train_labels, test_labels = (part.numpy() for part in data.labels)
        pca = PCA(2, random_state=seed).fit(train)

        def accuracy(train_points: np.ndarray, test_points: np.ndarray) -> float:
            return evaluation.neighbour_accuracy(
                train_points, train_labels, test_points, test_labels, k=self.neighbours
            )

        commonest = np.bincount(train_labels).argmax()
        measures = {
            "neighbours_pixels": accuracy(train, test),
            "neighbours_pca": accuracy(pca.transform(train), pca.transform(test)),
            "chance": float(np.mean(test_labels == commonest)),
            "pixel_entropy": Bernoulli.floor(data.test),
            "pca_rmse": 255
            * float(np.sqrt(np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2))),
            "seconds": time.perf_counter() - started,
        }
        return Outcome(measures, {}, {})
