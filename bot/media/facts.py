"""What must be known of a file before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.attached import Sort
from bot.media import film
from bot.media.decoder import LOOK_MEMORY, LOOK_MEMORY_WEBP, Limits, ask
from bot.media.files import head_of, opened
from bot.media.sniff import GIF, MP4, PDF, QUICKTIME, WEBP, sniffed
from bot.words import N_, Message

#: What every network plays; of others that is not known.
_COMMON_CODECS = {"avc1", "avc3", "mp4a"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A file as it is: `size` in bytes, `width` and `height` in pixels as it is seen, upright.

    `codecs` are those of a video's pictures and sound, by the four letters that MP4 gives them.
    0 and nothing where there is none.
    """

    sort: Sort
    mime: str
    size: int
    width: int = 0
    height: int = 0
    frames: int = 0
    seconds: float = 0
    frames_a_second: float = 0
    pages: int = 0
    codecs: tuple[str, ...] = ()


def mime_of(path: Path) -> str:
    """The type of the file at *path* by its first bytes. Raises MediaError as `sniffed` does."""
    with opened(path, path.name) as file:
        return sniffed(head_of(file, path.name), path.name)


def facts_of(path: Path) -> Facts:
    """What the file at *path* is. Raises MediaError where it is damaged or not what it should be.

    Of pictures and documents the header is read, in a process of its own; a picture that is cut
    off is found when it is decoded (`convert.fitted`). A GIF with one frame is a picture. Moving
    WebP and PNG are refused: networks would show the first frame only, without a word.
    """
    mime, size = mime_of(path), path.stat().st_size
    if mime in {MP4, QUICKTIME}:
        return _of_video(path, mime, size)
    limits = Limits(LOOK_MEMORY_WEBP if mime == WEBP else LOOK_MEMORY)
    found = ask("look", path, path.name, limits, mime=mime)
    if mime == PDF:
        return Facts(Sort.DOCUMENT, mime, size, pages=found.pages)
    sort = Sort.ANIMATION if mime == GIF and found.frames > 1 else Sort.PICTURE
    return Facts(sort, mime, size, found.width, found.height, found.frames)


def advice_on(facts: Facts, name: str) -> Message | None:
    """What may go wrong with the video *name* though its size and length are right."""
    rare = [codec for codec in facts.codecs if codec not in _COMMON_CODECS]
    if not rare:
        return None
    return Message(
        N_(
            "The video {name} is coded as {codec}, which a network may refuse after the upload. "
            "H.264 with AAC sound is what all of them show."
        ),
        {"name": name, "codec": ", ".join(rare)},
    )


def _of_video(path: Path, mime: str, size: int) -> Facts:
    with opened(path, path.name) as file:
        found = film.measured(file, path.name)
    return Facts(
        Sort.VIDEO,
        mime,
        size,
        width=found.width,
        height=found.height,
        frames=found.frames,
        seconds=found.seconds,
        frames_a_second=found.frames_a_second,
        codecs=found.codecs,
    )
