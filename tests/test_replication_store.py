"""The table of results on disk: whole at every moment, and clear about what is wrong with it."""

import json
import math
import os
import threading

import numpy as np
import pytest

from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, Run

NAMES = list(VARIANTS)


def row(variant="report-kl", seed=0, **measures):
    return {
        "variant": variant,
        "seed": seed,
        "study": "a study",
        "measures": {"nll": 1.5} | measures,
        "history": {"loss": [3.0, 2.0]},
        "settings": "{'kind': 'β ≥ 1'}",
        "made_with": {"threads": 1},
    }


def lines(store):
    return store.path.read_text(encoding="utf-8").splitlines()


def test_rows_come_back_as_they_were_put(tmp_path):
    store = Store(tmp_path / "new" / "folder")
    assert list(store) == [] and store.get(Run(VARIANTS["report-kl"], 0)) is None
    store.add(row())
    again = Store(store.folder)
    assert list(again) == [row()] and len(again) == 1
    assert again.get(Run(VARIANTS["report-kl"], 0)) == row()
    assert again.get(Run(VARIANTS["report-kl"], 1)) is None
    assert again.get(Run(VARIANTS["report-none"], 0)) is None


def test_infinite_values_and_nan_survive(tmp_path):
    Store(tmp_path).add(row(kl=math.inf, rmse=-math.inf, holes=math.nan, tiny=5e-324))
    measures = next(iter(Store(tmp_path)))["measures"]
    assert measures["kl"] == math.inf and measures["rmse"] == -math.inf
    assert math.isnan(measures["holes"]) and measures["tiny"] == 5e-324


def test_rows_stand_in_the_order_of_the_variants_whatever_order_they_came_in(tmp_path):
    keys = [(name, seed) for name in (*NAMES[:4], "gone-a", "gone-b") for seed in (0, 2, 10)]
    store = Store(tmp_path)
    for place in np.random.default_rng(0).permutation(len(keys)):
        store.add(row(*keys[place]))
    assert [(r["variant"], r["seed"]) for r in map(json.loads, lines(store))] == keys
    assert [(r["variant"], r["seed"]) for r in Store(tmp_path)] == keys


def test_a_new_row_takes_the_place_of_the_one_of_the_same_run(tmp_path):
    store = Store(tmp_path)
    store.add(row(nll=1.0))
    store.add(row(nll=2.0))
    assert len(lines(store)) == len(Store(tmp_path)) == 1
    assert next(iter(Store(tmp_path)))["measures"]["nll"] == 2.0


def test_line_separators_within_a_text_are_no_ends_of_lines(tmp_path):
    odd = row() | {"settings": "a\u2028b\x85c\nd\re"}
    Store(tmp_path).add(odd)
    assert list(Store(tmp_path)) == [odd]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_whoever_fails_or_is_killed_while_writing_leaves_the_last_whole_table(
    tmp_path, monkeypatch, step
):
    store = Store(tmp_path)
    store.add(row())
    before = store.path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(OSError, match="no space"):
            store.add(row(seed=1))
    assert store.path.read_bytes() == before
    (tmp_path / "runs.jsonl.partial").write_text('{"variant": "rep')  # what a kill leaves
    again = Store(tmp_path)
    assert list(again) == [row()]
    again.add(row(seed=1))
    assert [r["seed"] for r in Store(tmp_path)] == [0, 1]
    assert not (tmp_path / "runs.jsonl.partial").exists()


def test_whoever_reads_while_rows_are_written_finds_a_whole_table(tmp_path):
    store = Store(tmp_path)
    store.add(row(seed=0))

    def write():
        for seed in range(1, 120):
            store.add(row(seed=seed, words="x" * 500))

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while writer.is_alive():
        seeds = [r["seed"] for r in Store(tmp_path)]
        assert seeds == list(range(len(seeds)))
        seen.append(len(seeds))
    writer.join()
    assert sorted(seen) == seen and len(Store(tmp_path)) == 120


GARBLED = {
    "torn": json.dumps(row(seed=1))[:70],
    "torn within the row": '{"variant": "report-kl", "seed": 1}',
    "a list": "[]",
    "a number": "3",
    "a text": '"variant seed"',
    "null": "null",
    "empty": "",
    "two rows": json.dumps(row(seed=1)) + json.dumps(row(seed=2)),
    "a merge conflict": "<<<<<<< HEAD",
    "a name that is a list": json.dumps(row(seed=1) | {"variant": ["a"]}),
    "a seed that is a text": json.dumps(row(seed="1")),
    "measures that are null": json.dumps(row(seed=1) | {"measures": None}),
}


@pytest.mark.parametrize("garbage", GARBLED.values(), ids=GARBLED)
def test_a_garbled_line_is_named_with_its_file(tmp_path, garbage):
    path = tmp_path / "runs.jsonl"
    path.write_text("\n".join([json.dumps(row()), garbage, json.dumps(row(seed=3))]) + "\n")
    with pytest.raises(ValueError, match="line 2, is not a row of results") as error:
        Store(tmp_path)
    assert str(path) in str(error.value)


def test_bytes_that_are_no_utf_8_are_named_too(tmp_path):
    (tmp_path / "runs.jsonl").write_bytes(json.dumps(row()).encode() + b'\n\n{"variant": "\xff"}\n')
    with pytest.raises(ValueError, match=r"runs.jsonl, line 2,"):
        Store(tmp_path)
    (tmp_path / "runs.jsonl").write_bytes(json.dumps(row()).encode() + b'\n{"variant": "\xff"}\n')
    with pytest.raises(ValueError, match=r"runs.jsonl, line 2,"):
        Store(tmp_path)


# --- Pictures -----------------------------------------------------------------------------------


def test_pictures_are_strips_below_one_another(tmp_path):
    store, generator = Store(tmp_path), np.random.default_rng(0)
    rows = {kind: generator.random((5, 9)) for kind in ("test", "restored", "prior")}
    store.add_pictures(Run(VARIANTS["report-kl"], 0), rows)
    sheet = store.pictures("report-kl")
    assert sheet.shape == (9, 15) and sheet.dtype == np.uint8
    for strip, images in enumerate(rows.values()):
        for column, image in enumerate(images):
            part = sheet[3 * strip : 3 * strip + 3, 3 * column : 3 * column + 3]
            assert np.array_equal(part, np.rint(255 * image).reshape(3, 3))
    assert [p.name for p in (tmp_path / "pictures").iterdir()] == ["report-kl.png"]


def test_pictures_of_3072_numbers_are_in_colour(tmp_path):
    store = Store(tmp_path)
    image = np.random.default_rng(0).random((2, 3, 32, 32))
    store.add_pictures(Run(VARIANTS["report-kl"], 0), {"test": image.reshape(2, -1)})
    sheet = store.pictures("report-kl")
    assert sheet.shape == (32, 64, 3)
    assert np.array_equal(sheet[:, 32:], np.rint(255 * image[1]).transpose(1, 2, 0))


def test_only_the_first_seed_is_pictured(tmp_path):
    store = Store(tmp_path)
    store.add_pictures(Run(VARIANTS["report-kl"], 1), {"test": np.zeros((1, 4))})
    store.add_pictures(Run(VARIANTS["report-none"], 0), {})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match="report-kl.png"):
        store.pictures("report-kl")
