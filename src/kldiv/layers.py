"""Dense layers that draw their weights from a generator that is passed in."""

from __future__ import annotations

import torch
from torch import nn


def dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """A linear layer with Glorot-uniform weights and zero bias, the defaults of Keras.

    Weights are uniform on ±√(6 / (inputs + outputs)).

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS (2010).
    """
    # skip_init: nn.Linear would first draw other weights from PyTorch's global generator.
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs)
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
