"""The names of runs, and what is said of them while they are done."""

import pytest
from replication_fakes import Quick, runs_of, variant

from kldiv.replication import progress
from kldiv.replication.experiments import settings
from kldiv.replication.variants import STUDIES, VARIANTS, runs

# --- Runs and patterns --------------------------------------------------------------------------


def test_there_is_a_run_for_every_variant_and_seed_once():
    every = runs()
    assert len(set(every)) == len(every) == sum(v.seeds for v in VARIANTS.values())
    assert [str(run) for run in every[:3]] == ["baselines:0", "report-kl:0", "report-kl:1"]
    assert {run.variant.study for run in every} <= set(STUDIES)
    twins = {}
    for kind in VARIANTS.values():
        twins.setdefault(settings(kind.experiment), []).append(kind.name)
    assert [names for names in twins.values() if len(names) > 1] == [["elbo-1e-3", "beta-1"]]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["report-kl:0"], ["report-kl:0"]),
        (["elbo-*:9"], ["elbo-1e-4:9", "elbo-1e-3:9"]),
        (["beta-1"], ["beta-1:0", "beta-1:1", "beta-1:2"]),
        (["beta-1:?"], ["beta-1:0", "beta-1:1", "beta-1:2"]),
        (["report-none:1", "report-kl:[01]"], ["report-kl:0", "report-kl:1", "report-none:1"]),
        (["report-kl:3", "report-kl:3", "report-k*:3"], ["report-kl:3"]),
    ],
)
def test_patterns_pick_runs_in_the_order_of_the_variants(patterns, names):
    assert [str(run) for run in runs(*patterns)] == names


def test_a_wildcard_for_the_variant_picks_a_seed_of_all():
    assert [run.variant.name for run in runs("*:0")] == list(VARIANTS)
    assert runs("*") == runs()


@pytest.mark.parametrize("pattern", ["report", "report-kl:10", "REPORT-KL", "baselines:1", "", ":"])
def test_a_pattern_that_names_no_run_is_an_error_that_lists_the_variants(pattern):
    with pytest.raises(ValueError, match="no run is named") as error:
        runs("report-kl", pattern)
    assert repr(pattern) in str(error.value) and "photographs-mlp-kl" in str(error.value)


# --- What is said -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (600, "10 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (36_000, "10.0 h"),
    ],
)
def test_times_are_said_in_the_unit_that_fits(seconds, words):
    assert progress._time(seconds) == words


def test_the_time_left_follows_from_the_costs(monkeypatch):
    now, said = [100.0], []
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    cheap = variant("cheap", Quick(""), seeds=2, cost=10)
    dear = variant("dear", Quick(""), seeds=9, cost=100)
    todo = runs_of(cheap, dear)
    told = progress.Progress(todo, skipped=3, say=said.append)
    for run, seconds in zip(todo[:3], (20, 20, 100), strict=True):
        now[0] += seconds
        told.finished(run, seconds)
    told.failed(todo[3], "no memory")
    now[0] += 400
    for run in todo[4:]:
        told.finished(run, 50.4)
    told.close()
    assert said[:5] == [
        "11 runs to do, 3 done already",
        "[ 1/11] cheap:0: 20 s; about 30 min left",  # 20 s for 10 of 920
        "[ 2/11] cheap:1: 20 s; about 30 min left",
        "[ 3/11] dear:0: 100 s; about 16 min left",  # 140 s for 120 of 920
        "[ 4/11] dear:1 FAILED: no memory",
    ]
    assert said[-4:] == [
        "[11/11] dear:8: 50 s; done",
        "study of cheap: 2 runs, 40 s of work",
        "study of dear: 8 runs, 8 min of work",
        "in all: 11 runs, 8 min of work in 9 min",
    ]
