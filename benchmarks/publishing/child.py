"""A process for each that is measured; what it has to say is one line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.timing import ENVIRONMENT

HERE = Path(__file__).parent.parent.parent
#: In seconds: what takes longer waits for what does not come.
LONGEST = 1800


def command(module: str, *arguments: object) -> list[str]:
    """What runs *module* of this package in a process of its own."""
    return [sys.executable, "-m", f"benchmarks.publishing.{module}", *map(str, arguments)]


def started(module: str, *arguments: object) -> subprocess.Popen[str]:
    """*module* in a process that goes on beside this one; what it says can be read."""
    return subprocess.Popen(
        command(module, *arguments), cwd=HERE, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )


def figures(module: str, *arguments: object) -> dict[str, Any]:
    """What *module* measured. Raises CalledProcessError if it fails."""
    return answer_of(started(module, *arguments))


def answer_of(child: subprocess.Popen[str]) -> dict[str, Any]:
    """What *child* measured, once it has.

    Raises CalledProcessError if it fails, TimeoutExpired if it never ends.
    """
    try:
        said, _ = child.communicate(timeout=LONGEST)
    finally:
        child.kill()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, child.args)
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def tell(**measured: object) -> None:
    """Hand *measured* to the process that started this one."""
    print(json.dumps(measured), flush=True)


@contextmanager
def answering() -> Iterator[str]:
    """The address of an HTTP server in another process, which takes every post."""
    server = started("server")
    try:
        assert server.stdout
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.communicate()
