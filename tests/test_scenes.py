"""The rendered beaches: one smooth family, fixed by a seed and lit by the elevation of the sun."""

import numpy as np
import pytest

from kldiv.scenes import beach

SMALL = (48, 72)


@pytest.fixture(scope="module")
def walk():
    """One small beach from night to overhead sun: elevations and pictures.

    Steps are 0.25 degrees, and longer where less changes: 1 above 10 and 5 above 40.
    """
    elevations = np.concatenate([np.arange(-18, 10, 0.25), np.arange(10, 40), np.arange(40, 91, 5)])
    pictures = np.stack([beach(elevation, seed=2, size=(24, 36)) for elevation in elevations])
    return elevations, pictures.astype(float)


@pytest.mark.parametrize("size", [(240, 360), (16, 16), (16, 200), (101, 33)])
def test_a_picture_has_the_size_asked_for_and_eight_bits(size):
    picture = beach(12.5, size=size)
    assert picture.shape == (*size, 3)
    assert picture.dtype == np.uint8


def test_the_default_size_is_240_by_360():
    assert beach(30).shape == (240, 360, 3)


@pytest.mark.parametrize("elevation", [-18, -4, 2.0, np.float64(50), np.int64(90)])
def test_the_same_seed_gives_the_same_picture(elevation):
    first, second = (beach(elevation, seed=5, size=SMALL) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_different_seeds_give_different_beaches():
    pictures = [beach(40, seed=seed, size=SMALL).astype(float) for seed in range(4)]
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert np.abs(one - other).mean() > 5  # far more than grain


def test_a_generator_is_drawn_from_once_for_each_picture():
    rng = np.random.default_rng(9)
    first, second = beach(10, seed=rng, size=SMALL), beach(10, seed=rng, size=SMALL)
    again = beach(10, seed=np.random.default_rng(9), size=SMALL)
    np.testing.assert_array_equal(first, again)
    assert (first != second).any()


def test_global_random_state_is_left_alone():
    before = np.random.get_state()
    beach(0, seed=3, size=SMALL)
    after = np.random.get_state()
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_the_seed_fixes_the_beach_at_every_size():
    small, large = (beach(50, seed=4, size=size).astype(float) for size in [(60, 90), (240, 360)])
    shrunk = large.reshape(60, 4, 90, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - shrunk).mean() < 8
    other = beach(50, seed=5, size=(60, 90))
    assert np.abs(other - shrunk).mean() > 16


def test_a_small_step_of_the_sun_is_a_small_change_of_every_pixel(walk):
    _, pictures = walk
    change = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3))
    assert change.max() < 3  # levels out of 255


def test_a_small_step_of_the_sun_is_a_small_change_of_the_histogram():
    for elevation in (-5, -1, 1, 3, 7):
        one, other = (
            np.histogram(beach(e, seed=2), bins=32, range=(0, 256))[0] / (240 * 360 * 3)
            for e in (elevation, elevation + 0.1)
        )
        assert np.abs(one - other).sum() / 2 < 0.02  # total variation


def test_the_brightness_rises_with_the_sun(walk):
    elevations, pictures = walk
    brightness = pictures.mean(axis=(1, 2, 3))
    assert (np.diff(brightness[elevations <= 40]) > -0.1).all()
    assert brightness[-1] > 3.5 * brightness[0]


def test_night_is_dark_but_not_black_and_day_is_bright_but_not_burnt_out():
    night, day = beach(-18, seed=1), beach(50, seed=1)
    assert 25 < night.mean() < 60
    assert (night.max(axis=2) == 0).mean() < 0.01
    assert (day > 200).mean() > 0.2
    assert (day.min(axis=2) == 255).mean() < 0.01


@pytest.mark.parametrize("elevation", [-18, -4, 2, 50])
def test_the_histogram_is_spread_out_rather_than_a_few_spikes(elevation):
    share = np.bincount(beach(elevation, seed=0).ravel(), minlength=256) / (240 * 360 * 3)
    assert share.max() < 0.08
    assert (share > 0).sum() > 120


def test_sunset_is_redder_than_noon_and_night_bluer():
    red, _, blue = np.moveaxis(np.stack([beach(e, seed=0) for e in (-15, 2, 60)]), -1, 0)
    warmth = (red.astype(float) - blue).mean(axis=(1, 2))
    assert warmth[1] > 10 > warmth[2]
    assert warmth[0] < 0


@pytest.mark.parametrize("elevation", [-18.5, 91, np.nan, np.inf, "noon", None, [10]])
def test_a_wrong_elevation_is_named(elevation):
    with pytest.raises(ValueError, match="from -18 to 90 degrees") as error:
        beach(elevation)
    assert repr(elevation) in str(error.value)


@pytest.mark.parametrize("size", [(15, 40), (40, 0), (40,), (40, 60, 3), 40, (40.0, 60), "ab"])
def test_a_wrong_size_is_named(size):
    with pytest.raises(ValueError, match=r"\(height, width\) in whole pixels") as error:
        beach(10, size=size)
    assert repr(size) in str(error.value)


@pytest.mark.parametrize("seed", [-1, 1.5, None, "sand", True, np.random.RandomState(0)])
def test_a_wrong_seed_is_named(seed):
    with pytest.raises(ValueError, match="integer >= 0 or a numpy Generator") as error:
        beach(10, seed=seed)
    assert repr(seed) in str(error.value)
