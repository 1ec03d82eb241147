"""The training loop on several processes, each with its share of every batch.

    torchrun --nproc-per-node 2 -m benchmarks.scale.data_parallel weights.pt

`kldiv.training.train` runs unchanged in each process. All draw the same order of rows and the same
noise from the same seed; the loss takes this process's rows, and each gradient is averaged over the
processes when it is there. Without torchrun the same file trains in one process. In double
precision the weights then agree to TOLERANCE: only the order of sums differs.
"""

from __future__ import annotations

import argparse
import os
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, distributed

from kldiv.training import train
from kldiv.vae import ELBO, VAE, VAEConfig

TOLERANCE = 1e-10  # largest difference of a weight from that of one process
CONFIG = VAEConfig(pixels=64, hidden=32)


class Share(VAE):
    """A VAE that is given its process's rows of a batch, and takes these rows of the noise."""

    rank, world = 0, 1

    def sample(self, mean: Tensor, log_var: Tensor, generator: torch.Generator) -> Tensor:
        batch = self.world * len(mean)
        noise = torch.randn(batch, mean.shape[1], generator=generator, dtype=mean.dtype)
        return mean + torch.exp(log_var / 2) * noise[rows(batch, self.rank, self.world)]


def rows(batch: int, rank: int, world: int) -> slice:
    """The rows of a batch that a process computes."""
    if batch % world:
        raise ValueError(f"a batch of {batch} rows is not divisible by {world} processes")
    return slice(rank * batch // world, (rank + 1) * batch // world)


def shared_loss(model: Share, x: Tensor, *, generator: torch.Generator) -> dict[str, Tensor]:
    """The negative ELBO of this process's rows; its value is that of the whole batch."""
    terms = ELBO(model, x[rows(len(x), model.rank, model.world)], generator=generator)
    if model.world == 1:
        return terms
    values = torch.stack([term.detach() for term in terms.values()])
    distributed.all_reduce(values)
    return {
        # The mean over the processes is shown; the gradient is this process's own.
        name: term + (value / model.world - term).detach()
        for (name, term), value in zip(terms.items(), values, strict=True)
    }


def average_gradient(parameter: torch.nn.Parameter) -> None:
    """Called for each parameter as soon as its gradient is there."""
    assert parameter.grad is not None
    distributed.all_reduce(parameter.grad)
    parameter.grad /= distributed.get_world_size()


def run(images: int, epochs: int, batch_size: int) -> tuple[Share, list[float]]:
    """Train, in whatever number of processes this is one of."""
    data = torch.rand(
        images, CONFIG.pixels, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    model = Share(CONFIG).double()
    if distributed.is_initialized():
        model.rank, model.world = distributed.get_rank(), distributed.get_world_size()
        for parameter in model.parameters():
            parameter.register_post_accumulate_grad_hook(average_gradient)
    history = train(model, shared_loss, data, epochs=epochs, batch_size=batch_size, progress=False)
    return model, history["loss"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="where the first process writes the weights")
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=128)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if "WORLD_SIZE" in os.environ:  # set by torchrun
        distributed.init_process_group("gloo", timeout=timedelta(seconds=60))
    model, loss = run(options.images, options.epochs, options.batch_size)
    if model.rank == 0:
        world = model.world
        torch.save({"world": world, "loss": loss, "weights": model.state_dict()}, options.output)
    if distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
