"""The process that decodes: one task, its limits set before it reads a byte of the file.

Started by `bot.media.decoder` with the file as standard input. It can open nothing else, no file
and no socket: every descriptor that it may have is in use.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media.sniff import PDF
from bot.words import N_

_Answer = Mapping[str, object]

#: The descriptor to write to, the first after the standard ones.
_TARGET = 3


def main() -> None:
    """Do what the request in `argv[1]` asks; the answer is JSON on standard output."""
    request = json.loads(sys.argv[1])
    task = _task(request)
    _limit(request)
    sys.stdout.write(json.dumps(_answer(task, request["name"])))


def _answer(task: Callable[[], _Answer], name: str) -> _Answer:
    try:
        return task()
    except MediaError as error:
        return {"refused": error.message.text, "values": dict(error.message.values)}
    except MemoryError:
        return _refusal(N_("{name} needs too much memory to be read. Make it smaller."), name)
    except Exception as error:  # noqa: BLE001  whatever a decoder raises, it cannot read the file
        sentence = N_("{name} is cut off or damaged. Copy it again, or export it anew.")
        return {**_refusal(sentence, name), "cause": f"{type(error).__name__}: {error}"[:300]}


def _refusal(sentence: str, name: str) -> dict[str, object]:
    return {"refused": sentence, "values": {"name": name}}


def _task(request: Mapping[str, Any]) -> Callable[[], _Answer]:
    """What is asked, its libraries loaded."""
    source, mime, name = sys.stdin.buffer, request["mime"], request["name"]
    if mime == PDF:
        from bot.media.documents import look as look_at_document

        return lambda: look_at_document(source, name)
    from bot.media import pictures

    pictures.get_ready(mime)
    if request["task"] == "look":
        return lambda: pictures.look(source, mime, name)
    takes = Takes(**{**request["takes"], "mimes": tuple(request["takes"]["mimes"])})
    return lambda: _fit(source, mime, takes, request)


def _fit(source: BinaryIO, mime: str, takes: Takes, request: Mapping[str, Any]) -> _Answer:
    from bot.media import pictures

    made = pictures.fit(source.read(), mime, takes, request["name"], moving=request["moving"])
    with os.fdopen(_TARGET, "wb") as target:
        target.write(made.data)
    return {"mime": made.mime, "width": made.width, "height": made.height}


def _limit(request: Mapping[str, Any]) -> None:
    limits, target = request["limits"], request["target"]
    if target is not None:
        os.dup2(target, _TARGET)
        os.closerange(_TARGET + 1, target + 1)
    for kind, value in (
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_NOFILE, _TARGET + (target is not None)),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    if sys.platform == "linux":  # macOS counts its shared libraries, some 30 GiB of them, as well
        resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))


if __name__ == "__main__":
    main()
