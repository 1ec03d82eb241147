"""The benchmarks measure what they say; the engines for larger work give the same result."""

import json
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import _measure, compare, growth, reasons, trials
from benchmarks._measure import Agreement, Comparison, Memory, NotInstalledError, Pair
from benchmarks._rows import ROWS
from benchmarks._store import Store
from benchmarks.scale import compare as processes
from benchmarks.scale import dask_kl, data_parallel
from kldiv import _repository, kl_divergence
from kldiv.vae import Loss, kl_penalty

STORED = [_repository.results() / f"benchmarks{again}.json" for again in ("", "-again")]


def comparison(pair, name="test/one", **options):
    options = {"target": 2, "source": "https://example.org"} | options
    return Comparison(name, "sleeping", "sleeping longer", prepare=lambda quick: pair, **options)


def run(row, turns=1):
    """What is stored of a row that is measured in quick form."""
    return row.row(row.measure(turns=turns, quick=True))


def sleeping(factor):
    return Pair(lambda: time.sleep(0.02), lambda: time.sleep(0.02 * factor))


# --- Measuring ----------------------------------------------------------------------------------


def test_a_ratio_is_theirs_over_ours_and_met_when_it_reaches_the_target():
    row = run(comparison(sleeping(4)), turns=3)
    assert row["turns"] == 3 and row["low"] <= row["median"] <= row["high"]
    assert 2 < row["median"] < 5 and row["met"]


def test_a_floor_is_met_when_ours_over_theirs_stays_below_the_target():
    row = run(comparison(sleeping(1 / 4), kind="within"), turns=3)
    assert 2 < row["median"] < 5 and not row["met"]


def test_the_two_take_turns_and_who_begins_changes(monkeypatch):
    calls = []
    monkeypatch.setattr(_measure, "repeats_for", lambda work: 1)
    monkeypatch.setattr(_measure, "seconds", lambda work, repeats=1: work() or 1.0)
    _measure.take_turns(lambda: calls.append("a"), lambda: calls.append("b"), turns=3, limit=10)
    assert "".join(calls) == "abbaab"


def test_no_turn_begins_after_the_limit_and_one_is_always_done():
    pair = sleeping(1)
    assert len(_measure.take_turns(pair.ours, pair.theirs, turns=7, limit=0.0)) == 1


def test_a_pair_is_closed_also_when_it_fails():
    closed = []

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        comparison(Pair(fail, fail, lambda: closed.append(True))).measure(turns=1, quick=True)
    assert closed == [True]


def test_peak_memory_is_that_of_the_call():
    assert _measure.peak_bytes(lambda: np.ones(10**6)) == pytest.approx(8e6, rel=0.01)
    assert _measure.peak_bytes(lambda: None) < 10_000


def test_an_exponent_is_the_slope_in_logarithms():
    assert growth.exponent([1, 2, 4], [3, 12, 48]) == pytest.approx(2)


# --- The command --------------------------------------------------------------------------------


@pytest.fixture
def rows(monkeypatch):
    def missing(quick):
        raise NotInstalledError("pip install 'kldiv[bench]' (peer)")

    def broken(quick):
        raise ValueError("broken")

    rows = [
        comparison(sleeping(4), "a/met"),
        Comparison("a/missing", "w", "a", 1, missing, "https://example.org"),
        Comparison("b/broken", "w", "a", 1, broken, "https://example.org"),
        Memory("b/memory", "w", "a", 1, lambda quick: (lambda: None, 10**6), "https://e.org"),
        Agreement("c/agrees", "w", "a", 1e-9, lambda quick: 0.0, "https://example.org"),
    ]
    monkeypatch.setattr(command, "ROWS", rows)
    return rows


def test_rows_are_kept_as_they_come_and_missing_peers_are_named(rows, tmp_path, capsys):
    output = tmp_path / "benchmarks.json"
    assert command.main(["--turns", "1", "--output", str(output)]) == 1
    said = capsys.readouterr().out
    assert "a/missing: not installed: pip install 'kldiv[bench]' (peer)" in said
    assert "b/broken: FAILED: ValueError: broken" in said
    kept = json.loads(output.read_text("utf-8"))
    assert [row["name"] for row in kept] == ["a/met", "b/memory", "c/agrees"]
    assert all(row["made_with"]["machine"]["cores"] >= 1 for row in kept)
    assert not any("seconds" in row for row in kept)
    assert kept[0]["made_with"]["seconds"] >= 0.1  # what its turns took, all together
    assert command.main(["--only", "c", "--turns", "1", "--output", str(output)]) == 0
    assert len(json.loads(output.read_text("utf-8"))) == 3
    assert "[round 1, 1/1]" in capsys.readouterr().out


def test_turns_are_taken_in_rounds_and_kept_together(rows, tmp_path, capsys):
    rows[0] = comparison(sleeping(4), "a/met", rounds=3, turns=2)
    output = tmp_path / "benchmarks.json"
    assert command.main(["--output", str(output)]) == 1
    said = capsys.readouterr().out
    assert [f"[round {n}, 1/5] a/met" in said for n in range(1, 9)] == [
        n in (1, 3, 6) for n in range(1, 9)
    ]
    assert said.count("b/memory") == said.count("c/agrees") == said.count("b/broken") == 1
    kept = {row["name"]: row for row in json.loads(output.read_text("utf-8"))}
    assert kept["a/met"]["turns"] == 6 and kept["b/memory"]["turns"] == 7


def test_every_row_takes_at_least_seven_turns_and_each_of_a_pair_begins_as_often():
    for row in ROWS:
        taken = [command._share(row, number) for number in range(_measure.ROUNDS)]
        assert len([share for share in taken if share]) == row.rounds <= _measure.ROUNDS
        assert sum(taken) == row.rounds * row.turns
        assert sum(taken) >= 7 or isinstance(row, Agreement)
        assert row.turns % 2 == 0 or not isinstance(row, Comparison)


def test_an_unknown_row_is_an_error_that_says_so(rows, capsys):
    with pytest.raises(SystemExit):
        command.main(["--only", "nothing"])
    assert "no row is called nothing" in capsys.readouterr().err


def test_a_quick_run_is_not_stored(rows, monkeypatch):
    monkeypatch.setattr(_repository, "results", lambda: pytest.fail("would be stored"))
    assert command.main(["--quick", "--only", "a/met"]) == 0


def test_names_are_unique_and_each_row_has_a_source():
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert all(row.source for row in ROWS if hasattr(row, "source"))
    assert all(len(row.sizes) >= 3 for row in ROWS if isinstance(row, growth.Growth))


def test_a_vector_and_an_image_row_run():
    for name in ("kl/3/scipy", "kl/rows/formula", "kl/1e6/memory", "image/grey/memory"):
        (row,) = [row for row in ROWS if row.name == name]
        assert run(row)["median"] > 0


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_the_stored_rows_are_rows_of_this_table(path):
    if not path.exists():
        pytest.skip("nothing is stored yet")
    stored = {row["name"]: row for row in json.loads(path.read_text("utf-8"))}
    table = {row.name: row for row in ROWS}
    assert set(stored) <= set(table)
    for name, row in stored.items():
        if row["kind"] != "growth":
            assert row["target"] == table[name].target and row["against"] == table[name].against


def test_a_store_replaces_a_row_and_keeps_the_others(tmp_path):
    path = tmp_path / "rows.json"
    for value in (1, 2):
        store = Store(path, machine={}, versions={})
        store.add({"name": "a", "median": value}, seconds=0.1)
        store.add({"name": f"other {value}", "median": 0}, seconds=0.1)
    assert [row["name"] for row in json.loads(path.read_text("utf-8"))] == [
        "a",
        "other 1",
        "other 2",
    ]
    assert store.rows["a"]["median"] == 2


# --- The trials, each of which checks that it computes what the loop does, and the reasons ------


@pytest.mark.parametrize("name", [name for name in trials.TRIALS if name != "compile"])
def test_a_trial_computes_what_the_loop_computes(name):
    pair = trials.TRIALS[name][2](True)  # raises if it does not
    assert pair.ours() is not None


def test_a_trial_that_computes_something_else_is_refused():
    half = Loss(kl_penalty, weight=0.5, report_scale=True)
    with pytest.raises(AssertionError, match="the trial's loss is"):
        trials.against_the_loop(lambda data: trials.the_loop(data, half), True)


def test_without_a_compiler_the_trial_of_compiling_is_left_out(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NotInstalledError, match=r"a C\+\+ compiler"):
        trials.TRIALS["compile"][2](True)


def test_reasons_are_measured():
    rows = {row.name: row for row in reasons.COMPARISONS}
    rows["reason/luma"].prepare(True).ours()
    assert run(rows["reason/checks"])["median"] > 0


# --- Two runs -----------------------------------------------------------------------------------


def ratio(name, low, median, high, turns=7):
    row = {"name": name, "kind": "faster", "turns": turns}
    return row | {"low": low, "median": median, "high": high}


@pytest.mark.parametrize(
    ("second", "overlap"),
    [((1.5, 2, 3), True), ((2, 3, 4), True), ((2.1, 3, 4), False), ((0.1, 0.5, 0.9), False)],
)
def test_ranges_overlap_or_do_not(second, overlap):
    (twice,) = compare.both([ratio("a", 1, 1.5, 2)], [ratio("a", *second)])
    assert twice.overlap is overlap


def test_growth_is_compared_at_its_largest_size():
    growing = {"name": "g", "kind": "growth", "turns": 7}
    growing |= {"low": [1, 8], "ratios": [1, 9], "high": [1, 10]}
    (twice,) = compare.both([growing], [growing | {"low": [1, 11], "high": [1, 12]}])
    assert twice.first == (8, 9, 10) and not twice.overlap


def test_two_runs_are_compared_row_by_row(tmp_path, capsys):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    first.write_text(
        json.dumps(
            [
                ratio("a", 1, 2, 3),
                ratio("b", 1, 2, 3),
                ratio("c", 1, 2, 3),
                ratio("once", 1, 1, 1, 1),
            ]
        )
    )
    second.write_text(
        json.dumps([ratio("a", 2, 3, 4), ratio("b", 5, 6, 7), ratio("once", 2, 2, 2, 1)])
    )
    assert compare.main([str(first), str(second)]) == 1
    said = capsys.readouterr().out
    assert "a: 2 (1 to 3); 3 (2 to 4)\n" in said
    assert "b: 2 (1 to 3); 6 (5 to 7)  DO NOT OVERLAP" in said
    assert "c: in one of the runs only" in said
    assert "once: 1; 2  (one turn: no range)" in said
    assert "the ranges of 1 of 2 rows overlap" in said
    assert compare.main([str(first), str(first)]) == 0


def test_runs_without_a_common_row_are_an_error(tmp_path, capsys):
    (tmp_path / "1.json").write_text("[]")
    with pytest.raises(SystemExit):
        compare.main([str(tmp_path / "1.json")] * 2)
    assert "no row in common" in capsys.readouterr().err


# --- The engines --------------------------------------------------------------------------------


def test_two_gloo_processes_train_the_weights_of_one():
    difference = processes.largest_difference(images=250, epochs=2)
    assert difference <= data_parallel.TOLERANCE


def test_a_batch_that_cannot_be_shared_is_refused():
    with pytest.raises(ValueError, match="7 rows is not divisible by 2"):
        data_parallel.rows(7, 0, 2)


def test_dask_computes_the_kl_of_files_larger_than_its_memory():
    # In a process of its own: a cluster leaves threads behind, which would disturb other tests.
    script = (
        "from benchmarks import engines;"
        "import logging; logging.disable(logging.WARNING);"
        "assert 16 * engines.QUICK_ENTRIES > engines.QUICK_LIMIT;"
        "print(engines.dask_difference(True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=_repository.root(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) <= dask_kl.TOLERANCE


def test_files_that_are_not_distributions_are_refused(tmp_path):
    pytest.importorskip("dask.array")
    p, q = tmp_path / "p", tmp_path / "q"
    dask_kl.write_distribution(p, 1_000, seed=0)
    dask_kl.write_distribution(q, 1_000, seed=1)
    expected = kl_divergence(dask_kl.whole(p), dask_kl.whole(q))
    assert dask_kl.kl_of_files(p, q, chunk=300) == pytest.approx(expected, rel=1e-12)
    (2 * dask_kl.whole(q)).tofile(q)
    with pytest.raises(ValueError, match="q must sum to 1"):
        dask_kl.kl_of_files(p, q, chunk=300)
