"""Patches of photographs: which ones may be used, where patches come from, how bytes turn real."""

import importlib.util
import inspect
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import skimage.data
import torch

from kldiv import _photograph_files
from kldiv._idx import WrongDataError
from kldiv.photographs import PHOTOGRAPHS, Photograph, dequantise, load

ALL = [photograph for split in PHOTOGRAPHS.values() for photograph in split]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# --- The photographs ----------------------------------------------------------------------------


@pytest.mark.parametrize("photograph", ALL, ids=lambda photograph: photograph.name)
def test_licence_is_the_one_that_scikit_image_states(photograph):
    docstring = inspect.getdoc(getattr(skimage.data, photograph.name))
    words = re.sub(r"`?\s*<\S+?>`?_*|`", "", docstring)  # without links
    assert photograph.statement in " ".join(words.split())
    assert photograph.licence.lower() in photograph.statement.lower()
    if photograph.source.startswith("http"):
        assert photograph.source in docstring


@pytest.mark.parametrize("photograph", ALL, ids=lambda photograph: photograph.name)
def test_photograph_is_the_one_of_scikit_image(photograph):
    image = _photograph_files.read(photograph)
    assert image.shape == (photograph.height, photograph.width, 3) and image.dtype == np.uint8
    assert np.array_equal(image, getattr(skimage.data, photograph.name)())


def test_splits_share_no_photograph():
    assert len({photograph.checksum for photograph in ALL}) == len(ALL) == 5
    train, test = load("train", patches=30), load("test", patches=30)
    assert set(train.photographs).isdisjoint(test.photographs)


# --- The patches --------------------------------------------------------------------------------


@pytest.mark.parametrize(("split", "n"), [("train", 1_000), ("test", 1_001)])
def test_patches_are_what_the_photograph_shows_at_their_position(split, n):
    data = load(split, patches=n)
    assert data.images.shape == (n, 3, 32, 32) and data.images.dtype == torch.uint8
    assert data.source.shape == (n,) and data.positions.shape == (n, 2)
    shown = [getattr(skimage.data, name)() for name in data.photographs]
    for patch, source, (row, column) in zip(
        data.images, data.source, data.positions.tolist(), strict=True
    ):
        image = shown[source]
        expected = image[row : row + 32, column : column + 32]
        assert np.array_equal(patch.permute(1, 2, 0), expected)


@pytest.fixture
def one_small_photograph(monkeypatch):
    """Let the test split be one photograph of 3 × 2 positions, so that all of it can be drawn."""
    image = np.random.default_rng(0).integers(256, size=(34, 33, 3), dtype=np.uint8)
    small = Photograph("small", *["-"] * 6, height=34, width=33, checksum="-")
    monkeypatch.setitem(PHOTOGRAPHS, "test", (small,))
    monkeypatch.setattr(_photograph_files, "read", lambda photograph: image)


def test_every_position_can_be_drawn(one_small_photograph):
    data = load("test", patches=6)
    positions = sorted(map(tuple, data.positions.tolist()))
    assert positions == [(row, column) for row in range(3) for column in range(2)]
    with pytest.raises(ValueError, match="patches is 7; expected 1 to 6"):
        load("test", patches=7)


def test_default_test_patches():
    data = load("test")
    assert repr(data) == "Photographs test: 10,000 patches of 32 × 32 × 3 from chelsea, coffee"
    places = torch.column_stack([data.source, data.positions])
    assert len(places.unique(dim=0)) == 10_000  # no position twice
    assert data.source.bincount().tolist() == [5_000, 5_000]
    # The order is mixed, and positions reach into every corner.
    assert 400 < data.source[:1_000].sum() < 600
    for index, photograph in enumerate(PHOTOGRAPHS["test"]):
        positions = data.positions[data.source == index]
        last = torch.tensor([photograph.height, photograph.width]) - 32
        assert positions.min() >= 0 and (positions.max(dim=0).values <= last).all()
        assert torch.allclose(positions.double().mean(dim=0), last.double() / 2, rtol=0.03)


def test_shares_are_equal_up_to_one():
    assert load("train", patches=11).source.bincount().tolist() == [4, 4, 3]


def test_seed_decides_and_global_state_does_not():
    before = torch.get_rng_state()
    first = load("test", patches=200, seed=3)
    first.dequantised(5)
    assert torch.equal(torch.get_rng_state(), before)
    again, other = load("test", patches=200, seed=3), load("test", patches=200, seed=4)
    assert torch.equal(first.images, again.images) and torch.equal(first.source, again.source)
    assert torch.equal(first.dequantised(5), again.dequantised(5))
    assert not torch.equal(first.dequantised(5), first.dequantised(6))
    assert not torch.equal(first.positions, other.positions)


def test_counts_in_the_text_are_those_of_the_photographs():
    positions = {
        split: [photograph.positions for photograph in PHOTOGRAPHS[split]] for split in PHOTOGRAPHS
    }
    assert positions == {"train": [231_361, 241_164, 814_929], "test": [112_980, 209_961]}
    assert 3 * min(positions["train"]) == 694_083 and 2 * min(positions["test"]) == 225_960
    assert "694,083" in load.__doc__ and "225,960" in load.__doc__
    assert round(814_929 / sum(positions["train"]), 2) == 0.63
    side_by_side = {
        split: sum((photo.height // 32) * (photo.width // 32) for photo in PHOTOGRAPHS[split])
        for split in PHOTOGRAPHS
    }
    assert side_by_side == {"train": 1_353, "test": 342}


def test_test_photographs_are_unlike_the_training_ones_but_within_reach():
    # Bits per value of 16 × 16 pixels under a Gaussian fitted to training patches.
    train, test = load("train", patches=6_000), load("test", patches=2_000)

    def rows(data):
        x = data.dequantised(seed=0).reshape(-1, 3, 32, 32)
        return x[:, :, 8:24, 8:24].flatten(1).double()

    x = rows(train)
    ridge = 1e-5 * torch.eye(x.shape[1], dtype=x.dtype)
    gaussian = torch.distributions.MultivariateNormal(x.mean(0), torch.cov(x.T) + ridge)

    def bits(rows):
        return 8 - float(gaussian.log_prob(rows).mean()) / rows.shape[1] / np.log(2)

    in_training = bits(x)
    cat, cup = (bits(rows(test)[test.source == index]) for index in range(2))
    assert cat < in_training
    assert 0.1 < cup - in_training < 0.4


# --- Wrong input --------------------------------------------------------------------------------


def test_unknown_split_is_an_error():
    with pytest.raises(ValueError, match='split is \'valid\'; expected "train" or "test"'):
        load("valid")


@pytest.mark.parametrize("patches", [0, -1, 225_961])
def test_too_few_or_too_many_patches_say_how_many_there_are(patches):
    with pytest.raises(ValueError, match=f"patches is {patches:,}; expected 1 to 225,960"):
        load("test", patches=patches)


def test_missing_scikit_image_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install scikit-image"):
        load("test", patches=1)


def test_missing_or_other_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(_photograph_files, "folder", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match=r"lacks .*chelsea\.png; scikit-image 0\.26"):
        load("test", patches=2)
    (tmp_path / "chelsea.png").write_bytes(b"another picture")
    with pytest.raises(WrongDataError, match=r"chelsea\.png is not used: .* expected 596aa1e7"):
        load("test", patches=2)


def test_photographs_are_found_where_scikit_image_is_installed(monkeypatch, tmp_path):
    # A package of that name elsewhere, with the file in it, does as well.
    (tmp_path / "skimage" / "data").mkdir(parents=True)
    (tmp_path / "skimage" / "__init__.py").touch()
    for photograph in PHOTOGRAPHS["test"]:
        shutil.copy(_photograph_files.folder() / photograph.file, tmp_path / "skimage" / "data")
    code = "from kldiv import _photograph_files as files; print(files.folder(), end='')"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert result.stdout == str(tmp_path / "skimage" / "data"), result.stderr


def test_nothing_heavy_is_imported_with_the_module():
    code = (
        "import sys, kldiv.photographs, kldiv.cifar10\n"
        "sys.exit(bool({'torch', 'skimage', 'PIL'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


# --- Dequantisation -----------------------------------------------------------------------------


def test_dequantised_values_are_in_the_byte_s_interval():
    images = torch.arange(256, dtype=torch.uint8).repeat(12 * 400).reshape(400, 3, 32, 32)
    x = dequantise(images, generator())
    assert x.shape == (400, 3072) and x.dtype == torch.float32
    assert x.min() >= 0 and x.max() < 1
    assert torch.equal((256 * x).floor().to(torch.uint8), images.flatten(1))  # 1,228,800 values
    u = 256 * x.double() - images.flatten(1)
    assert abs(u.mean() - 1 / 2) < 0.002 and abs(u.var() - 1 / 12) < 0.001


def test_largest_u_does_not_reach_the_next_byte(monkeypatch):
    # Added to 255 as it is, the largest u below 1 would be rounded up to 256.
    largest = 1 - 2**-24
    monkeypatch.setattr(torch, "rand", lambda shape, **options: torch.full(shape, largest))
    images = torch.full((1, 3, 32, 32), 255, dtype=torch.uint8)
    assert torch.all(images.float() + largest == 256)
    x = dequantise(images, generator())
    assert x.max() < 1 and torch.all((256 * x).floor() == 255)


def test_rows_are_channel_first():
    images = torch.zeros((2, 3, 32, 32), dtype=torch.uint8)
    images[1, 2, 5, 7] = 200
    x = dequantise(images, generator())
    assert torch.nonzero(x > 0.5).tolist() == [[1, 2 * 1024 + 5 * 32 + 7]]


def test_images_are_left_as_they_were():
    data = load("test", patches=4)
    before = data.images.clone()
    x = data.dequantised(seed=7)
    assert torch.equal(data.images, before)
    assert torch.equal(x, dequantise(data.images, generator(7)))


def test_batches_continue_one_generator():
    images = load("test", patches=64).images
    one = generator(1)
    batches = torch.cat([dequantise(batch, one) for batch in images.split(16)])
    assert torch.equal((256 * batches).floor().to(torch.uint8), images.flatten(1))
    assert not torch.equal(dequantise(images[:16], one), batches[:16])


def test_only_bytes_are_dequantised():
    with pytest.raises(
        ValueError, match=r"images are torch\.float32; expected bytes, torch\.uint8"
    ):
        dequantise(torch.zeros(1, 3, 32, 32), generator())
