"""From pixels to distributions: fixed bins, honest channels, probabilities that sum to 1."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kldiv import kl_divergence
from kldiv.histograms import bin_edges, image_distribution, luma
from kldiv.scenes import beach

RGB = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
GREY = RGB[..., 0]


@pytest.mark.parametrize("bins", [1, 2, 10, 32, 256, 1000])
@pytest.mark.parametrize("channels", ["luma", "pooled", "joint"])
@pytest.mark.parametrize("pseudocount", [0, 0.5])
def test_it_is_a_distribution(bins, channels, pseudocount):
    if channels == "joint":
        bins = min(bins, 32)
    share = image_distribution(RGB, bins=bins, channels=channels, pseudocount=pseudocount)
    assert share.shape == (bins**3 if channels == "joint" else bins,)
    assert share.sum() == pytest.approx(1) and share.min() >= 0
    assert (share.min() > 0) or pseudocount == 0


@settings(deadline=None, derandomize=True)
@given(bins=st.integers(1, 300))
def test_grey_levels_agree_with_numpy_between_the_stated_edges(bins):
    counts, _ = np.histogram(GREY, bins=bin_edges(bins))
    np.testing.assert_allclose(image_distribution(GREY, bins=bins), counts / GREY.size)
    pooled, _ = np.histogram(RGB, bins=bin_edges(bins))
    np.testing.assert_allclose(
        image_distribution(RGB, bins=bins, channels="pooled"), pooled / RGB.size
    )


def test_the_joint_histogram_agrees_with_numpy():
    counts, _ = np.histogramdd(RGB.reshape(-1, 3), bins=[bin_edges(4)] * 3)
    share = image_distribution(RGB, bins=4, channels="joint")
    np.testing.assert_allclose(share, counts.ravel() / counts.sum())


def test_each_of_256_levels_has_its_bin_in_grey_and_in_colour():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    colour = np.stack([grey] * 3, axis=-1)
    for image, channels in ((grey, "luma"), (grey, "pooled"), (colour, "luma"), (colour, "pooled")):
        share = image_distribution(image, bins=256, channels=channels)
        np.testing.assert_array_equal(share * 256, 1)


def test_luma_weighs_the_channels_as_bt_709_does():
    primaries = np.eye(3)[None] * 255  # one red, one green, one blue pixel
    np.testing.assert_allclose(luma(primaries), [[54.213, 182.376, 18.411]])
    assert luma(np.full((1, 1, 3), 255)).item() == pytest.approx(255)
    np.testing.assert_array_equal(luma(GREY), GREY)
    assert luma(GREY).dtype == float


def test_only_pixels_count_not_their_places():
    shuffled = np.random.default_rng(1).permutation(RGB.reshape(-1, 3)).reshape(RGB.shape)
    for channels in ("luma", "pooled", "joint"):
        p, q = (image_distribution(i, bins=8, channels=channels) for i in (RGB, shuffled))
        assert kl_divergence(p, q) == 0


def test_the_bins_do_not_follow_the_image():
    shifted = image_distribution(np.minimum(GREY, 200) + 50, bins=10)
    assert (
        kl_divergence(
            image_distribution(GREY, bins=10, pseudocount=1), (shifted + 0.01) / (1 + 0.1)
        )
        > 0.01
    )
    assert image_distribution(np.full((3, 3), 250), bins=10)[:-1].sum() == 0


def test_smoothing_adds_the_same_count_to_each_bin():
    image = [[0, 0, 255]]
    assert image_distribution(image, bins=3, pseudocount=1).tolist() == [3 / 6, 1 / 6, 2 / 6]
    empty = image_distribution(image, bins=3)
    assert kl_divergence(image_distribution(image, bins=3, pseudocount=1), empty) == np.inf


def test_images_come_as_they_are():
    for image in (RGB, RGB.astype(float), RGB.tolist(), RGB.astype(np.float32)):
        np.testing.assert_allclose(image_distribution(image), image_distribution(RGB))
    copy = RGB.copy()
    image_distribution(RGB, pseudocount=1)
    np.testing.assert_array_equal(RGB, copy)
    assert image_distribution(RGB, bins=np.int64(4)).shape == (4,)


def test_night_is_darker_than_day():
    day, night = (luma(beach(elevation, size=(40, 60))).mean() for elevation in (60, -15))
    assert night < 60 < 110 < day


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (RGB, {"bins": 0}, "bins .*0"),
        (RGB, {"bins": 2.5}, r"bins .*2\.5"),
        (RGB, {"bins": "8"}, "bins .*'8'"),
        (RGB, {"bins": None}, "bins .*None"),
        (RGB, {"pseudocount": -1}, "pseudocount .*-1"),
        (RGB, {"pseudocount": np.nan}, "pseudocount .*nan"),
        (RGB, {"pseudocount": np.inf}, "pseudocount .*inf"),
        (RGB, {"pseudocount": "1"}, "pseudocount .*'1'"),
        (RGB, {"channels": "hue"}, "channels .*'hue'"),
        (GREY, {"channels": "joint"}, r"\(12, 9\)"),
        (RGB[0, 0], {}, r"\(3,\)"),
        (np.zeros((4, 4, 4)), {}, r"\(4, 4, 4\)"),
        (np.zeros((0, 4, 3)), {}, r"\(0, 4, 3\)"),
        (RGB[None], {}, r"\(1, 12, 9, 3\)"),
        (None, {}, r"\(\)|None"),
        ([[0.0, 256.0]], {}, "256"),
        ([[-1, 3]], {}, "-1"),
        ([[np.nan, 3]], {}, "nan"),
        ([[1j, 3]], {}, "complex"),
        ([["a", "b"]], {}, "<U1"),
        ([[1], [1, 2]], {}, re.escape("[[1], [1, 2]]") + "|inhomogeneous"),
    ],
)
def test_wrong_input_is_refused_with_what_was_passed(image, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        image_distribution(image, **options)
