"""``python -m kldiv.explorers``: train the models that run in the page, and store their weights."""

import sys

from tqdm import tqdm

from kldiv._repository import root
from kldiv.explorers import _models

for name in tqdm(_models.MODELS, "models", file=sys.stderr, disable=None):
    _models.train(name)
    print(f"written: {_models.path(name).relative_to(root())}")
