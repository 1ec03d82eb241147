"""torchvision, imported so that it also works beside a CPU build of PyTorch.

The wheel of torchvision is built against CUDA. Beside a CPU build of PyTorch its compiled
extension cannot be loaded, so nobody declares the operators `nms` and `qnms`, and the import ends
in ``RuntimeError: operator torchvision::nms does not exist``. The book needs only the data sets,
transforms and utilities, which are plain Python, so here the two schemas are declared and the
import is tried once more. The operators themselves stay unusable: calling one raises.

    >>> from kldiv._torchvision import datasets
    >>> datasets.FashionMNIST.__name__
    'FashionMNIST'
"""

import importlib
import sys
from types import ModuleType

import torch

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

# PyTorch forgets a declaration when its Library object is collected, so it is kept here. Empty
# where torchvision's own extension works.
_declarations: list[torch.library.Library] = []


def _import_torchvision() -> ModuleType:
    # The plain import comes first: where the extension works it declares these operators itself,
    # and a second declaration of the same name would be an error there.
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    _forget_half_import()
    _declare_missing_operators()
    return importlib.import_module("torchvision")


def _forget_half_import() -> None:
    # Submodules left behind would not become attributes of the package imported next.
    for name in list(sys.modules):
        if name.partition(".")[0] == "torchvision":
            del sys.modules[name]


def _declare_missing_operators() -> None:
    # FRAGMENT, unlike DEF, may add to a namespace that somebody else has opened already.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, schema in _SCHEMAS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
    _declarations.append(library)


_torchvision = _import_torchvision()
datasets = _torchvision.datasets
transforms = _torchvision.transforms
utils = _torchvision.utils
