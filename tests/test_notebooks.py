"""The chapters as they are stored: executed in order, complete, and readable by everyone."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = [
    "01-distance-to-divergence",
    "02-image-histograms",
    "03-entropy-cross-entropy-kl",
    "04-two-gaussians",
    "05-asymmetry",
    "06-kl-in-code",
    "07-variational-autoencoder",
    "08-what-the-kl-term-does",
    "09-what-is-a-code-worth",
    "10-a-code-you-can-hold",
    "11-larger-models-real-photographs",
    "12-ranking-texts",
    "13-what-kl-can-and-cannot-do",
    "14-kl-from-samples",
    "15-the-family",
]

# A machine's own paths, and what a progress bar leaves behind.
MACHINE_PATH = re.compile(r"(?:^|[\s\"'(=])(?:/(?:home|root|Users|tmp|work|usr|opt)/|[A-Z]:\\)")
PROGRESS_BAR = re.compile(r"\d+%\|| it/s\]|s/it\]|\r")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b|lorem ipsum", re.IGNORECASE)
NAMES_IT = re.compile(r"(a |the )?(figure|plot|picture|image|graph|chart)\b", re.IGNORECASE)

START = re.compile(r"^`{3,}\{(exercise|solution)(?:-start)?\}(.*)$", re.MULTILINE)
LABEL = re.compile(r"^:label:\s*(\S+)", re.MULTILINE)


def read(chapter):
    return json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(params=CHAPTERS)
def cells(request):
    return read(request.param)["cells"]


def code(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def prose(cells):
    return "\n".join(source(cell) for cell in cells if cell["cell_type"] == "markdown")


def outputs(cells):
    return [(cell, output) for cell in code(cells) for output in cell["outputs"]]


def texts(output):
    """The text of an output in each of its forms; pictures left out."""
    forms = {"stream": output.get("text", ""), **output.get("data", {})}
    return ["".join(text) for form, text in forms.items() if not form.startswith("image/")]


def figures(cells):
    return [cell for cell, output in outputs(cells) if "image/png" in output.get("data", {})]


def figure_settings(cell):
    return cell["metadata"].get("mystnb", {}).get("figure", {})


def test_every_chapter_is_there_and_no_other():
    assert sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) == CHAPTERS


def test_executed_once_in_order(cells):
    # nbval skips cells without an execution count in silence, so there may be none.
    counts = [cell["execution_count"] for cell in code(cells)]
    assert counts == list(range(1, len(counts) + 1)), "run `make outputs`"
    assert all(source(cell).strip() for cell in cells), "an empty cell"


def test_no_cell_ends_in_a_semicolon(cells):
    # Under nbval a semicolon silences nothing, so the outputs would differ: use plt.show().
    assert not [source(cell) for cell in code(cells) if source(cell).rstrip().endswith(";")]


def test_no_errors_and_nothing_on_stderr(cells):
    for cell, output in outputs(cells):
        assert output["output_type"] != "error", source(cell)
        assert output.get("name") != "stderr", source(cell)


def test_outputs_are_the_same_on_another_machine(cells):
    for cell, output in outputs(cells):
        for text in texts(output):
            assert not MACHINE_PATH.search(text), f"a path of this machine: {source(cell)}"
            assert not PROGRESS_BAR.search(text), f"a progress bar: {source(cell)}"
            assert " at 0x" not in text, f"a memory address: {source(cell)}"


def test_nothing_is_unfinished(cells):
    for cell in cells:
        assert not UNFINISHED.search(source(cell)), source(cell)


def test_every_figure_has_caption_name_and_alt_text(cells):
    for cell in figures(cells):
        settings, at = figure_settings(cell), source(cell)
        assert settings.get("caption"), f"no caption: {at}"
        assert settings.get("name", "").startswith("fig-"), f"no name: {at}"
        alt = cell["metadata"]["mystnb"].get("image", {}).get("alt", "")
        assert len(alt) > 40, f"alt text that does not say what the figure shows: {alt!r}, {at}"
        assert not NAMES_IT.match(alt), f"alt text names the figure: {alt!r}"
        count = sum("image/png" in output.get("data", {}) for output in cell["outputs"])
        assert count == 1, f"one figure a cell, not {count}, since they would share a name: {at}"


def test_figure_names_are_unique_in_the_book():
    cells = [cell for chapter in CHAPTERS for cell in figures(read(chapter)["cells"])]
    names = [figure_settings(cell).get("name") for cell in cells]
    assert len(names) == len(set(names))


def test_opens_with_what_you_will_do_learn_and_need(cells):
    first = source(cells[0])
    assert re.search(r"^# ", first, re.MULTILINE)
    opening = prose(cells[:3])
    for heading in ("What you'll do", "What you'll learn", "What you'll need"):
        assert heading in opening


def test_closes_with_what_to_remember(cells):
    headings = re.findall(r"^## (.*)$", prose(cells), re.MULTILINE)
    assert "What to remember" in headings[-2:], headings


def test_three_exercises_each_with_a_folded_executed_solution(cells):
    exercises, solutions, inside = set(), {}, None
    for cell in cells:
        if cell["cell_type"] == "code":
            if inside:
                solutions[inside] += 1
            continue
        text = source(cell)
        if re.search(r"^`{3,}\{solution-end\}", text, re.MULTILINE) and inside:
            inside = None
        for start in START.finditer(text):
            kind, argument = start.group(1), start.group(2).strip()
            options = text[start.end() :].split("```", 1)[0]
            if kind == "exercise":
                exercises.add(LABEL.search(options).group(1))
            else:
                assert re.search(r"^:class:.*\bdropdown\b", options, re.MULTILINE), argument
                solutions[argument] = 0
                inside = argument
    assert inside is None, f"the solution of {inside} does not end"
    assert len(exercises) >= 3
    assert set(solutions) == exercises
    assert all(solutions.values()), f"a solution without a code cell: {solutions}"
