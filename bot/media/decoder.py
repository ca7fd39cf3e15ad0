"""Asks `bot.media.worker` about a file: decoding happens in a process of its own, within limits.

A decoder is much code in C that a picture made for it may lead astray. So it runs where little can
come of that: a bounded memory, time and output, no other file, no socket; what becomes of it is
known here as an answer or as a MediaError.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import MediaError
from bot.media.files import MIB, opened
from bot.media.sniff import WEBP
from bot.words import N_

log = logging.getLogger(__name__)

#: The longest answer that is read, in bytes.
MOST_ANSWER = 1 << 16
#: What a worker may use that only looks at a file: bytes of address space, seconds of processor.
LOOK_MEMORY = 256 * MIB
LOOK_SECONDS = 5
#: A WebP's decoder takes memory for 50 million pixels, twice, when it only opens it.
LOOK_MEMORY_WEBP = 768 * MIB
#: And for each pixel that it converts: twice RGBX in memory, a JPEG's coefficients while it is
#: encoded; WebP's decoder holds two pictures of its own. 50 megapixels of each kind of file were
#: converted within this, and within 30 seconds on a busy machine.
BYTES_A_PIXEL = 14
BYTES_A_PIXEL_WEBP = 20
PIXELS_A_SECOND = 250_000

#: A machine that is busy gives a process less than all its time.
_PATIENCE = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker says of a file, or of what it made of one; 0 where there is none."""

    width: int = 0
    height: int = 0
    frames: int = 0
    pages: int = 0
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the worker may use: bytes of address space and of output, seconds of processor."""

    memory: int = LOOK_MEMORY
    seconds: int = LOOK_SECONDS
    output: int = MIB


def limits_for(pixels: int, output: int, mime: str = "") -> Limits:
    """Enough to convert a picture of so many *pixels* into at most *output* bytes."""
    each = BYTES_A_PIXEL_WEBP if mime == WEBP else BYTES_A_PIXEL
    return Limits(
        LOOK_MEMORY + each * pixels,
        2 * LOOK_SECONDS + pixels // PIXELS_A_SECOND,
        output + MIB,
    )


def ask(
    task: str,
    path: Path,
    name: str,
    limits: Limits,
    *,
    target: BinaryIO | None = None,
    **details: object,
) -> Answer:
    """What the worker's *task* says of the file at *path*; what it makes goes to *target*.

    Raises MediaError that speaks of *name*: what the worker found, or that it came to an end.
    """
    request: dict[str, Any] = {"task": task, "name": name, "target": target and target.fileno()}
    request |= {"limits": asdict(limits), **details}
    with opened(path, name) as source, tempfile.TemporaryFile() as answer:
        _run(request, source, answer, target)
        answer.seek(0)
        return _understood(answer.read(MOST_ANSWER), name)


def _run(
    request: Mapping[str, Any], source: BinaryIO, answer: BinaryIO, target: BinaryIO | None
) -> None:
    try:
        done = subprocess.run(  # noqa: S603  the interpreter and a module of ours
            [sys.executable, "-I", "-m", "bot.media.worker", json.dumps(request)],
            stdin=source,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            pass_fds=(target.fileno(),) if target else (),
            cwd="/",
            # One arena: each other one would take 64 MiB of the address space that is allowed.
            env={"MALLOC_ARENA_MAX": "1"},
            timeout=_PATIENCE * request["limits"]["seconds"],
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_costly(request["name"]) from error
    if done.returncode:
        log.warning("The decoder of %s ended with %s", request["name"], done.returncode)
        raise _too_costly(request["name"])


def _understood(answer: bytes, name: str) -> Answer:
    try:
        said = json.loads(answer)
        if "refused" not in said:
            return _checked(Answer(**said))
        if "cause" in said:
            log.info("%s cannot be decoded: %s", name, said["cause"])
        raise MediaError(said["refused"], **said["values"])
    except (ValueError, TypeError, KeyError) as error:
        raise _too_costly(name) from error


def _checked(answer: Answer) -> Answer:
    """*answer*, if it is one: a decoder that was led astray may say anything."""
    numbers = (answer.width, answer.height, answer.frames, answer.pages)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise TypeError("no numbers")
    return answer


def _too_costly(name: str) -> MediaError:
    return MediaError(
        N_(
            "{name} is damaged, or made so that it takes too long or too much memory to read. "
            "Export it again, smaller if need be."
        ),
        name=name,
    )
