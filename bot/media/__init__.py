"""Files that go out with posts: found, looked at, made to fit each network, kept by their hash.

`prepare` is the way through: `files.named` finds the file, `facts.facts_of` says what it is,
`convert.fitted` makes of it what one network gets, `store.MediaStore` keeps that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bot.attached import Media, Sort
from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media.convert import THIS_NETWORK, fitted
from bot.media.facts import facts_of, mime_of
from bot.media.files import opened
from bot.media.store import MediaStore, hash_of
from bot.words import N_, Value

#: Counts up when the same file would be made into something else: what was made before is then
#: forgotten.
_MAKING = 1


class NotTaken(MediaError):
    """The network takes no files of this sort at all: whether it goes without is the caller's."""


def prepare(
    path: Path,
    takes_of_sort: Mapping[Sort, Takes],
    store: MediaStore,
    *,
    network: Value = THIS_NETWORK,
) -> Media:
    """The file at *path* as a network that takes *takes_of_sort* gets it, kept in *store*.

    Quick from the second time on: what was made of a file is remembered by what it holds. `alt`
    and `title` are the caller's to fill in. *network* is its name, for the sentences.

    Raises NotTaken, or MediaError that says what is wrong, or which limit the file is over.
    """
    mime_of(path)  # its name must be right each time: two files may hold the same under two names
    source = _hash_of(path)
    key = _key(source, takes_of_sort)
    if (known := _recalled(store, key)) and store.has(known.sha256):
        return known
    media = _made(path, takes_of_sort, store, network)
    if _hash_of(path) != source:
        raise MediaError(
            N_("{name} was changed while it was read. Try again when it is finished."),
            name=path.name,
        )
    store.write(key, json.dumps(asdict(media)).encode())
    return media


def _made(
    path: Path, takes_of_sort: Mapping[Sort, Takes], store: MediaStore, network: Value
) -> Media:
    facts = facts_of(path)
    takes = takes_of_sort.get(facts.sort)
    if takes is None:
        raise NotTaken(
            N_("{name} cannot go to {network}, which takes no files of this sort."),
            name=path.name,
            network=network,
        )
    with store.workshop() as folder:
        found = fitted(path, facts, takes, folder, network)
        sha256 = store.put(found.path)
    size = store.path(sha256).stat().st_size
    return Media(sha256, facts.sort, found.mime, size, found.width, found.height)


def _hash_of(path: Path) -> str:
    with opened(path, path.name) as file:
        return hash_of(file)


def _key(source: str, takes_of_sort: Mapping[Sort, Takes]) -> str:
    """The name under which is remembered what was made of *source* for such a network."""
    limits = {sort: asdict(takes) for sort, takes in sorted(takes_of_sort.items())}
    asked = json.dumps([_MAKING, source, limits])
    return f"made/{hashlib.sha256(asked.encode()).hexdigest()}.json"


def _recalled(store: MediaStore, key: str) -> Media | None:
    """What was remembered; None where there is nothing, or nothing that can be read."""
    try:
        known = json.loads((store.folder / key).read_bytes())
        return Media(**{**known, "sort": Sort(known["sort"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
