"""Run a command and say little: a line for what is being done, the rest into a log.

    python -m book.quietly [--show PATTERN] NAME TEXT COMMAND …

TEXT is printed first. Of what COMMAND prints, lines that match PATTERN are shown and all go to
``_build/logs/NAME.log``. If it fails, the log's last lines and its place are shown, and the exit
status is the command's. It needs nothing but Python, because it also runs the installation.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

LOGS = Path(__file__).resolve().parents[1] / "_build" / "logs"
TAIL = 25  # lines of the log that a failure shows
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run(name, text, command, show=None):
    """Run the command as above and return its exit status."""
    log = LOGS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(text, flush=True)
    started, lines = time.monotonic(), []
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        print("$", shlex.join(command), file=file)
        for raw in process.stdout:
            line = COLOURS.sub("", raw)
            file.write(line)
            file.flush()
            lines = [*lines[1 - TAIL :], line]
            if show and re.search(show, line):
                print(f"  {line.strip()}", flush=True)
        status = process.wait()
    if status:
        print("".join(lines), file=sys.stderr)
        print(f"This failed. All that it said is in {log}", file=sys.stderr, flush=True)
    else:
        print(f"  done in {time.monotonic() - started:.0f} s", flush=True)
    return status


def main(arguments=None):
    """Read the command line and run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m book.quietly", description=__doc__)
    parser.add_argument("--show", metavar="PATTERN", help="show the lines that match this")
    parser.add_argument("name", help="of the log")
    parser.add_argument("text", help="what is being done, and how long that usually takes")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        return run(options.name, options.text, options.command, options.show)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
