"""What one network gets of a file: as it is without what is private, made to fit, or refused.

Pictures are converted (`bot.media.pictures`, in the worker). Animations and videos keep every
frame as it is: within a network's limits they only lose their metadata, outside of them they are
refused with the reason. Documents are not changed at all.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from bot.attached import Sort
from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media import film
from bot.media.decoder import ask, limits_for
from bot.media.facts import Facts
from bot.media.files import MIB, opened
from bot.media.sniff import kind_of
from bot.words import N_, Message, Value

#: How a sentence calls the network when the caller does not say which it is.
THIS_NETWORK = Message(N_("this network"))

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a network gets: where it lies (the file itself, if it is untouched), and its type."""

    path: Path
    mime: str
    width: int = 0
    height: int = 0


def fitted(
    path: Path, facts: Facts, takes: Takes, folder: Path, network: Value = THIS_NETWORK
) -> Fitted:
    """The file at *path* as a network that takes *takes* gets it; what is made lies in *folder*.

    Raises MediaError with the reason and the limit when *network* cannot take it.
    """
    if facts.sort is Sort.PICTURE:
        return _drawn(path, facts, takes, folder)
    for sentence, values in _excesses(facts, takes):
        raise MediaError(sentence, name=path.name, network=network, **values)
    if facts.sort is Sort.ANIMATION:
        return _drawn(path, facts, takes, folder)
    if facts.sort is Sort.VIDEO:
        return Fitted(_without_private(path, folder), facts.mime, facts.width, facts.height)
    return Fitted(path, facts.mime)


def _drawn(path: Path, facts: Facts, takes: Takes, folder: Path) -> Fitted:
    """A picture or an animation as the worker makes it."""
    limits = limits_for(facts.width * facts.height, takes.size, facts.mime)
    moving = facts.sort is Sort.ANIMATION
    details = {"mime": facts.mime, "takes": asdict(takes), "moving": moving}
    with _new_file(folder) as target:
        made = ask("fit", path, path.name, limits, target=target, **details)
    return Fitted(Path(target.name), made.mime, made.width, made.height)


def _new_file(folder: Path) -> BinaryIO:
    return tempfile.NamedTemporaryFile(dir=folder, delete=False)  # type: ignore[return-value]


# --- what is outside a network's limits ----------------------------------------------------------

_Excess = tuple[str, dict[str, Value]]


def _excesses(facts: Facts, takes: Takes) -> Iterator[_Excess]:
    """The sentences that say why a network does not take the file; none: it does."""
    if facts.mime not in takes.mimes:
        yield (
            N_("{name} is of the kind {kind}; {network} takes only {kinds}. Export it as that."),
            {"kind": kind_of(facts.mime), "kinds": ", ".join(map(kind_of, takes.mimes))},
        )
    if facts.size > takes.size:
        yield (
            N_("{name} has {size} MB; {network} takes at most {most}. Make it smaller."),
            {"size": -(-facts.size // MIB), "most": takes.size // MIB},
        )
    if facts.size < takes.least_size:
        yield (
            N_(
                "{name} has {size} KB; {network} takes only files of {least} or more. Export it in "
                "better quality."
            ),
            {"size": facts.size // 1024, "least": takes.least_size // 1024},
        )
    yield from _excesses_of_time(facts, takes)
    yield from _excesses_of_room(facts, takes)
    if takes.pages and facts.pages > takes.pages:
        yield (
            N_("{name} has {pages} pages; {network} takes at most {most}. Name a shorter file."),
            {"pages": facts.pages, "most": takes.pages},
        )


def _excesses_of_time(facts: Facts, takes: Takes) -> Iterator[_Excess]:
    if takes.most_seconds and facts.seconds > takes.most_seconds:
        yield (
            N_("The video {name} lasts {seconds} seconds; {network} takes at most {most}. Cut it."),
            {"seconds": f"{facts.seconds:.5g}", "most": f"{takes.most_seconds:g}"},
        )
    if facts.seconds < takes.least_seconds:
        yield (
            N_(
                "The video {name} lasts {seconds} seconds; {network} takes only {least} or more. "
                "Take a longer one."
            ),
            {"seconds": f"{facts.seconds:.2g}", "least": f"{takes.least_seconds:g}"},
        )
    # Telephones say 60.02 where they mean 60.
    if takes.frames_a_second and round(facts.frames_a_second) > takes.frames_a_second:
        yield (
            N_(
                "The video {name} shows {frames} pictures a second; {network} takes at most "
                "{most}. Export it with fewer."
            ),
            {"frames": round(facts.frames_a_second), "most": takes.frames_a_second},
        )
    if facts.sort is Sort.ANIMATION and takes.frames and facts.frames > takes.frames:
        yield (
            N_(
                "{name} has {frames} frames; {network} takes at most {most}. Make it shorter, or "
                "an MP4 video."
            ),
            {"frames": facts.frames, "most": takes.frames},
        )


def _excesses_of_room(facts: Facts, takes: Takes) -> Iterator[_Excess]:
    sides, most = (facts.width, facts.height), (takes.width, takes.height)
    if facts.sort is Sort.VIDEO:
        # X's limits are those of a wide video; it recommends 720 × 1280 for one that stands.
        sides, most = (max(sides), min(sides)), (max(most), min(most))
    if any(limit and side > limit for side, limit in zip(sides, most, strict=True)):
        yield (
            N_(
                "{name} has {width} × {height} pixels; {network} takes at most {most_width} × "
                "{most_height}. Make it smaller."
            ),
            {
                "width": facts.width,
                "height": facts.height,
                "most_width": most[0],
                "most_height": most[1],
            },
        )
    if takes.pixels and facts.width * facts.height > takes.pixels:
        yield (
            N_(
                "{name} has {width} × {height} pixels; {network} takes at most {most} in all. Make "
                "it smaller."
            ),
            {"width": facts.width, "height": facts.height, "most": takes.pixels},
        )


# --- videos -------------------------------------------------------------------------------------


def _without_private(path: Path, folder: Path) -> Path:
    """A copy of the video at *path* that says no place, maker or time; itself, if it says none.

    Nothing moves in it: what is private becomes free space, filled with zeros. The samples of a
    track that recorded places stay in the file, but nothing leads to them any more.
    """
    with opened(path, path.name) as source:
        private = film.private_parts(source, path.name)
        if not private.renamed and not private.zeroed:
            return path
        source.seek(0)
        with _new_file(folder) as target:
            shutil.copyfileobj(source, target, _CHUNK)
            for at in private.renamed:
                target.seek(at)
                target.write(b"free")
            for start, end in private.zeroed:
                _write_zeros(target, start, end)
    return Path(target.name)


def _write_zeros(target: BinaryIO, start: int, end: int) -> None:
    target.seek(start)
    target.writelines(bytes(min(_CHUNK, end - at)) for at in range(start, end, _CHUNK))
