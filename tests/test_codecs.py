"""Sizes of general codecs: read back, counted, or missing with a reason."""

import gzip
import importlib

import numpy as np
import pytest

from kldiv import codecs
from kldiv.codecs import CodecSize, mosaic, sizes


@pytest.fixture
def images():
    random = np.random.default_rng(0)
    rows = np.arange(12, dtype=np.uint8)[:, None] * 20
    return rows + random.integers(0, 4, (7, 12, 10), dtype=np.uint8)


def test_every_codec_has_a_size_or_a_reason(images):
    result = sizes(images)
    assert list(result) == [
        *codecs.STREAMS,
        *(f"{name}, {way}" for name in codecs.PICTURES for way in ("files", "mosaic")),
    ]
    for name, size in result.items():
        if size.bytes is None:
            assert size.reason, name
        else:
            assert 0 < size.bytes < 20 * images.size and not size.reason, name
    assert result["PNG, mosaic"].bytes < result["PNG, files"].bytes


def test_streams_hold_all_images_at_once(images):
    assert sizes(images, ["gzip"])["gzip"].bytes == len(gzip.compress(images.tobytes(), 9))


def test_the_mosaic_holds_every_image_once(images):
    picture = mosaic(images)
    assert picture.shape == (3 * 12, 3 * 10)
    assert np.array_equal(picture[:12, 10:20], images[1])
    assert np.array_equal(picture[24:, :10], images[6])
    assert not picture[24:, 10:].any()
    assert np.array_equal(mosaic(images[:1]), images[0])


def test_a_missing_package_is_a_reason_not_an_error(images, monkeypatch):
    find = importlib.import_module

    def without(name):
        if name == "pillow_jxl":
            raise ImportError("No module named 'pillow_jxl'")
        return find(name)

    monkeypatch.setattr(codecs.importlib, "import_module", without)
    result = sizes(images, ["PNG", "JPEG XL, effort 7"])
    assert result["PNG, files"].bytes > 0
    missing = result["JPEG XL, effort 7, mosaic"]
    assert missing.bytes is None and "pillow-jxl-plugin" in missing.reason


def test_a_pillow_without_webp(images, monkeypatch):
    features = importlib.import_module("PIL.features")
    monkeypatch.setattr(features, "check", lambda feature: False)
    assert sizes(images, ["WebP"])["WebP, files"] == CodecSize(
        None, reason="this Pillow was built without WebP"
    )


def test_a_codec_that_loses_something_is_an_error(images, monkeypatch):
    monkeypatch.setitem(codecs.PICTURES, "PNG", {"format": "JPEG"})
    with pytest.raises(RuntimeError, match="PNG does not return the images"):
        sizes(images, ["PNG"])
    monkeypatch.setitem(codecs.STREAMS, "xz", (bytes, lambda data: data[:-1]))
    with pytest.raises(RuntimeError, match="xz does not return the images"):
        sizes(images, ["xz"])


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((2, 3, 3)), np.zeros((3, 3), np.uint8), np.zeros((0, 3, 3), np.uint8)],
)
def test_wrong_images_are_refused(wrong):
    with pytest.raises(ValueError, match="images must be uint8"):
        sizes(wrong)


def test_unknown_names_are_refused(images):
    with pytest.raises(ValueError, match="no codec is called 'zip'; there are gzip"):
        sizes(images, ["gzip", "zip"])
