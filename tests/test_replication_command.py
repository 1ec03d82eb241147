"""``python -m kldiv.replication``: what it prints, writes and returns; repeats and their checks."""

import json
import math

import pytest
import replication_fakes
from filelock import FileLock
from replication_fakes import executions, replace_variants

from kldiv.replication.__main__ import main
from kldiv.replication.check import HISTORY, check, compare_history
from kldiv.replication.measures import MEASURES, Measure
from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, runs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where executions are noted; the variants are those of the tests."""
    folder = tmp_path / "executions"
    folder.mkdir()
    book = dict(VARIANTS)
    replace_variants(*replication_fakes.command_line(str(folder), seconds=0))
    yield str(folder)
    VARIANTS.clear()
    VARIANTS.update(book)


@pytest.fixture
def command(folder, tmp_path, capsys):
    """Runs the command line in this process: its status, what it printed, its errors."""

    def command(*arguments):
        status = main([*arguments, "--results", str(tmp_path / "results"), "--jobs", "1"])
        return status, *capsys.readouterr()

    return command


def tamper(tmp_path, change):
    """Change the rows that are stored."""
    path = tmp_path / "results" / "runs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        change(row)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


# --- Runs ---------------------------------------------------------------------------------------


def test_it_does_what_is_named_and_lists_what_is_there(command, folder):
    status, out, err = command("first:[0-3]", "second:0")
    assert (status, err, executions(folder)) == (0, "", 5)
    assert out.startswith("5 runs to do, none done yet\n[1/5] first:0: 0 s; about ")
    assert "\n[5/5] second:0: 0 s; done\nstudy of first: 4 runs, 0 s of work\n" in out
    status, out, _ = command("--list")
    assert (status, executions(folder)) == (0, 5)
    assert [line.split(" seeds ")[0].split() for line in out.splitlines()] == [
        ["first", "4", "of", "6"],
        ["second", "1", "of", "6"],
        ["raises", "0", "of", "1"],
    ]
    assert command("first:0")[1] == "0 runs to do, 1 done already\n"


def test_a_stale_row_is_not_listed_as_done(command, tmp_path):
    command("first:0")
    tamper(tmp_path, lambda row: row.update(settings="{}"))
    assert command("--list")[1].splitlines()[0].split()[:4] == ["first", "0", "of", "6"]


def test_failed_runs_are_named_with_status_1(command, tmp_path):
    status, out, err = command()
    assert status == 1 and err == "raises:0: ZeroDivisionError: seed 0 of all seeds\n"
    assert "raises:0 FAILED: ZeroDivisionError" in out
    assert len(Store(tmp_path / "results")) == 12


@pytest.mark.parametrize("options", [[], ["--check"], ["--list"]])
def test_an_unknown_run_has_status_2(command, tmp_path, options):
    status, out, err = command("first:0", "third", *options)
    assert (status, out) == (2, "")
    assert err.startswith("no run is named 'third'; the variants are first, second, raises;")
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("options", [["first"], ["--check", "first"], ["--list"]])
def test_a_garbled_table_is_named_and_left_alone(command, tmp_path, folder, options):
    command("first:0")
    path = tmp_path / "results" / "runs.jsonl"
    path.write_text(garbled := path.read_text() + '{"variant": "fir')
    status, out, err = command(*options)
    assert (status, out) == (1, "") and err == f"{path}, line 2, is not a row of results\n"
    assert path.read_text() == garbled and executions(folder) == 1


def test_a_lock_that_a_killed_replication_left_is_none(command, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / ".lock").touch()
    assert command("first:0")[0] == 0
    with FileLock(tmp_path / "results" / ".lock"):
        pass


# --- Repeats ------------------------------------------------------------------------------------


def test_a_repeat_that_agrees_changes_nothing(command, tmp_path, folder):
    command("first", "second:0")
    before = (tmp_path / "results" / "runs.jsonl").read_bytes()
    status, out, err = command("--check", "first:[24]", "second:0")
    assert (status, err) == (0, "") and out.endswith("\n3 runs repeated, 0 differences\n")
    assert (tmp_path / "results" / "runs.jsonl").read_bytes() == before
    assert executions(folder) == 7 + 3
    repeated_while_another_works = FileLock(tmp_path / "results" / ".lock")
    with repeated_while_another_works:
        assert command("--check", "first:2")[0] == 0


def test_a_repeat_that_differs_is_named(command, tmp_path):
    def change(row):
        if row["seed"] == 2:
            row["measures"] |= {"nll": row["measures"]["nll"] + 1, "kl": 0.5}
        if row["seed"] == 4:
            row["history"]["loss"][1] *= 1.1
        row["measures"]["rmse"] = 3.0 if row["seed"] == 5 else math.nan

    command("first")
    tamper(tmp_path, change)
    status, out, _ = command("--check", "first")
    assert status == 1
    differences = out.splitlines()[-5:]
    assert differences[0] == "first:2: nll is stored as 1.18905, repeated 0.189053"
    assert differences[1] == "first:2: kl is stored as 0.5, repeated inf"
    assert differences[2].startswith("first:4: loss of epoch 2 is stored as ")
    assert differences[3] == "first:5: rmse is stored as 3, repeated nan"
    assert differences[4] == "6 runs repeated, 4 differences"


def test_without_a_stored_row_there_is_nothing_to_repeat(command, folder):
    command("first:0")
    status, out, err = command("--check", "first:[01]", "second:3")
    assert (status, out) == (1, "")
    assert err == "no stored row to compare with: first:1, second:3\n"
    assert executions(folder) == 1


def test_a_repeat_that_raises_an_error_is_named(command, tmp_path):
    command("first:0")
    tamper(tmp_path, lambda row: row.update(variant="raises"))
    status, _, err = command("--check", "raises")
    assert status == 1 and err == "raises:0: ZeroDivisionError: seed 0 of all seeds\n"


def test_a_measure_that_the_repeat_lacks_is_a_difference(command, tmp_path):
    command("first:0")
    tamper(tmp_path, lambda row: row["measures"].update(reconstruction=1.0, seconds=2.0))
    stored = Store(tmp_path / "results")
    fresh = Store(tmp_path / "fresh")
    (difference,) = check(runs("first:0"), stored, fresh, jobs=1, say=lambda line: None)
    assert difference.name == "reconstruction" and math.isnan(difference.repeated)


def test_tolerances_are_relative_or_absolute_whichever_is_wider():
    tolerance = Measure("", "", 0.1, 0.05)
    agree = [(10, 10.9), (10.9, 10), (0, 0.05), (-1, -1.1), (math.inf, math.inf)]
    differ = [(10, 11.2), (0, 0.06), (-1, 1), (math.inf, 1e300), (math.nan, 0), (0, math.nan)]
    assert all(tolerance.agrees(*pair) for pair in [*agree, (math.nan, math.nan)])
    assert not any(tolerance.agrees(*pair) for pair in differ)
    assert Measure("", "", None).agrees(0, math.nan)
    for name, measure in MEASURES.items():
        free = measure.relative is None
        assert free == (name.endswith(("_error", "seconds"))), name
        assert free or (0 < measure.relative + measure.absolute <= 0.8), name


def test_epochs_that_both_have_are_compared():
    run = runs("report-kl:0")[0]
    stored = {name: [100.0, 50.0, 25.0] for name in HISTORY} | {"seconds": [1.0, 1.0, 1.0]}
    assert compare_history(run, stored, {name: [100.0] for name in stored}) == []
    repeated = {name: [column[0], 1.3 * column[1]] for name, column in stored.items()}
    differences = compare_history(run, stored, repeated)
    assert [str(difference) for difference in differences] == [
        f"report-kl:0: {name} of epoch 2 is stored as 50, repeated 65" for name in HISTORY
    ]
