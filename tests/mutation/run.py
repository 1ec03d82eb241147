"""Mutation testing: one small mistake at a time in the code, and whether a test notices.

    pip install mutmut==3.8.1
    python tests/mutation/run.py discrete gaussian estimators registry more

The mistakes are mutmut's: other arithmetic, comparisons, constants, defaults, arguments,
assignments, strings, and/or/not. Its runner is not used, as it passes over decorated functions,
which most of ours are. Here the tests of an area are collected once; each mutant is put into place
in a process forked for it, and meets the tests that reach its line, the fastest first, until one
fails. Printed are the mutants that no test noticed. (What a test file computes while it is
imported is not computed again: such checks count for nothing here.)
"""

import argparse
import functools
import json
import os
import pathlib
import sys
import tempfile

import pytest
from child import in_child
from mutants import mutants, put

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTIONS = "-q -s --tb=no -p no:cacheprovider -p no:faulthandler -o timeout=0 --doctest-modules"
AREAS = {  # modules, and the tests that are about them
    "discrete": ("discrete _terms _one_pass", "discrete* forms one_pass accuracy"),
    "gaussian": ("gaussian", "gaussian* accuracy"),
    "estimators": ("estimators/[!_]* estimators/_[!_]*", "estimators_*"),
    "registry": ("distributions/_registry distributions/_kl", "distributions_*"),
    "more": ("renyi divergences f_divergences joint", "divergences* joint forms"),
}


def run(items):
    """1 as soon as a test fails, else 0."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return 1
    return 0


class Judge:
    """A plugin of pytest that runs the tests for every mutant, in the place of once."""

    def __init__(self, files, slow):
        self.files, self.slow = files, slow
        self.lines, self.seconds, self.test = {}, {}, ""

    def pytest_configure(self):
        from hypothesis import Phase, settings  # not before pytest

        quick = settings(phases=(Phase.explicit, Phase.generate))  # any failure will do
        settings.register_profile("mutation", quick)
        settings.load_profile("mutation")

    def pytest_runtest_logstart(self, nodeid):
        self.test = nodeid

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def trace(self, frame, event, argument):
        if frame.f_code.co_filename in self.files:
            place = frame.f_code.co_filename, frame.f_lineno
            self.lines.setdefault(self.test, set()).add(place)
            return self.trace

    def measure(self, items, notes):
        """Run all tests once; note the seconds of each, and the lines it reaches."""
        sys.settrace(self.trace)
        status = run(items)
        lines = {test: list(places) for test, places in self.lines.items()}
        pathlib.Path(notes).write_text(json.dumps([lines, self.seconds]))
        return status

    def pytest_runtestloop(self, session):
        with tempfile.NamedTemporaryFile() as notes:
            measure = functools.partial(self.measure, session.items, notes.name)
            if session.testsfailed or not in_child(measure, 3600):
                sys.exit("the tests fail without a mutant")
            lines, self.seconds = json.loads(pathlib.Path(notes.name).read_text())
        self.lines = {test: set(map(tuple, places)) for test, places in lines.items()}
        quick = [item for item in session.items if self.seconds[item.nodeid] <= self.slow]
        quick.sort(key=lambda item: self.seconds[item.nodeid])
        killed, total = map(sum, zip(*(self.judge(f, quick) for f in self.files), strict=True))
        print(f"together: {killed} of {total} killed, {killed / total:.1%}")
        return True

    def judge(self, file, items):
        """How many mutants of a file are killed, and of how many."""
        path = pathlib.Path(file)
        module = sys.modules[".".join(path.relative_to(ROOT / "src").with_suffix("").parts)]
        original, killed, total = path.read_text(), 0, 0
        for mutant in mutants(original):
            tests = self.reaching(file, mutant, items)

            def survives(mutant=mutant, tests=tests):
                put(module, original, mutant.source)
                return run(tests)

            total += 1
            if in_child(survives, 20 + 3 * sum(self.seconds[item.nodeid] for item in tests)):
                print(f"{path.name}:{mutant.line}: {mutant.change}", flush=True)
            else:
                killed += 1
        print(f"{module.__name__}: {killed} of {total} killed", flush=True)
        return killed, total

    def reaching(self, file, mutant, items):
        """The tests that reach the line; where Python names no line, those of its function."""
        for lines in ([mutant.line], mutant.function):
            places = {(file, line) for line in lines}
            tests = [i for i in items if not places.isdisjoint(self.lines.get(i.nodeid, ()))]
            if tests:
                return tests
        return [] if mutant.function else items


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("areas", nargs="+", choices=AREAS)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--slow", type=float, default=2, help="leave out tests of more seconds")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("KLDIV_BAD_INPUTS", "100")
    for area in arguments.areas:
        modules, tests = (names.split() for names in AREAS[area])
        files = [str(f) for m in modules for f in sorted(ROOT.glob(f"src/kldiv/{m}.py"))]
        found = [str(f) for t in tests for f in sorted(ROOT.glob(f"tests/test_{t}.py"))]
        judge = Judge([f for f in files if arguments.only in f], arguments.slow)
        pytest.main([*OPTIONS.split(), *found, *files], plugins=[judge])
