"""The commands of the Makefile: what they say, and where PyTorch comes from."""

import base64
import hashlib
import http.server
import importlib.metadata
import io
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from book import quietly

ROOT = Path(__file__).resolve().parents[1]


# --- A command that says little -----------------------------------------------------------------


@pytest.fixture
def say(tmp_path, monkeypatch, capfd):
    """Runs a program by `quietly`; returns its exit status, what was shown, and the log."""
    monkeypatch.setattr(quietly, "LOGS", tmp_path / "logs")

    def say(program, *options):
        status = quietly.main(
            [*options, "task", "Doing it: a minute", sys.executable, "-c", program]
        )
        shown = capfd.readouterr()
        return status, shown.out, shown.err, (tmp_path / "logs" / "task.log").read_text("utf-8")

    return say


def test_what_a_command_says_is_in_the_log_and_not_on_the_screen(say):
    program = "import sys; print('a warning', file=sys.stderr); print('24 added, 9 changed')"
    status, out, err, log = say(program)
    assert status == 0 and err == ""
    assert out.splitlines()[0] == "Doing it: a minute"
    assert out.splitlines()[1].startswith("  done in ") and len(out.splitlines()) == 2
    assert "a warning\n" in log and "24 added, 9 changed\n" in log


def test_lines_that_are_asked_for_are_shown_without_colours(say):
    program = r"print('\x1b[1mexecuted 1 of 2\x1b[0m'); print('executing')"
    _, out, _, log = say(program, "--show", "^executed")
    assert "  executed 1 of 2\n" in out and "executing" not in out
    assert "\x1b" not in log


def test_a_failure_shows_the_end_of_the_log_and_its_place(say, tmp_path):
    program = "import sys; [print('line', i) for i in range(100)]; sys.exit('too bad')"
    status, out, err, log = say(program)
    assert status == 1 and "done" not in out
    assert "line 99\n" in err and "too bad\n" in err and "line 50\n" not in err
    assert f"All that it said is in {tmp_path / 'logs' / 'task.log'}" in err
    assert "line 0\n" in log


# --- An index of PyTorch's own ------------------------------------------------------------------


def wheel(name, version):
    """A wheel of one empty module that asks for a package which nobody has."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        "Requires-Dist: a-package-that-nobody-has\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{file},sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()},{len(text)}\n"
        for file, text in files.items()
        for digest in [hashlib.sha256(text.encode()).digest()]
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return content.getvalue()


@pytest.fixture
def index():
    """An index on this machine with a torch and a torchvision; its address, and who asked."""
    wheels = {
        f"{name}-{pin}+cpu-py3-none-any.whl": wheel(name, f"{pin}+cpu")
        for name, pin in pins().items()
    }
    asked = []

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            *_, last = self.path.replace("%2B", "+").strip("/").split("/")
            asked.append(last)
            links = (
                f'<a href="/files/{file}">{file}</a>'
                for file in wheels
                if file.startswith(f"{last}-")
            )
            content = wheels.get(last) or "".join(links).encode()
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()


def pins():
    """The versions of torch and torchvision that the book asks for."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line.startswith("torch"))


def commands(**variables):
    """What `make packages` would run."""
    words = ["make", "-n", "packages", *(f"{name}={value}" for name, value in variables.items())]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_pytorch_and_nothing_else_comes_from_the_index_that_is_named(index, tmp_path):
    address, asked = index
    # A Python whose pip installs into a folder: an environment of its own would take half a minute.
    python, installed = tmp_path / "python", tmp_path / "installed"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --target {installed}\n')
    python.chmod(0o755)
    first, *others = commands(BIN=tmp_path, TORCH_INDEX=address).split(" && ")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment["PIP_CONFIG_FILE"] = os.devnull  # this machine's own places to look in
    subprocess.run(first, shell=True, cwd=ROOT, env=environment, check=True, capture_output=True)
    distributions = importlib.metadata.distributions(path=[str(installed)])
    versions = {one.metadata["Name"]: one.version for one in distributions}
    assert versions == {name: f"{pin}+cpu" for name, pin in pins().items()}
    assert {word for word in asked if not word.endswith(".whl")} == {"torch", "torchvision"}
    # The pins are met by what is there, and everything else comes from where it always does.
    for name, pin in pins().items():
        assert SpecifierSet(f"=={pin}").contains(versions[name])
    assert len(others) == 2 and not any("index" in command for command in others)


def test_without_a_named_index_all_comes_from_the_ordinary_one():
    assert "index" not in commands(TORCH_INDEX="")
