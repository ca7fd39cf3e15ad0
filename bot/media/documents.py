"""PDFs, opened with pypdf: only in the worker, which has limits (`bot.media.worker`)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from pypdf import PageObject, PdfReader, filters
from pypdf.generic import DictionaryObject, NullObject

from bot.errors import MediaError
from bot.words import N_

#: The most pages that are counted, and the most links and notes on a page that are looked at.
MOST_PAGES = 5000
MOST_NOTES = 5000

#: pypdf would load it when it is first needed: no file may be opened any more then.
LOADED = (filters,)

_ACTIVE = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"}


def look(source: BinaryIO, name: str) -> Mapping[str, object]:
    """How many pages the PDF has.

    Raises MediaError if it is protected by a password, or does something when it is opened: runs a
    script, starts a program, brings other files.
    """
    _check_end(source)
    reader = PdfReader(source)
    if reader.is_encrypted:
        raise MediaError(
            N_("{name} is protected by a password. Save it again without protection."), name=name
        )
    root = reader.root_object
    if _is_active(root) or any(_page_is_active(page) for page in _pages(reader, name)):
        raise MediaError(
            N_(
                "{name} holds a script, a form that sends data, or other files. Print it to a new "
                "PDF, and take that."
            ),
            name=name,
        )
    return {"pages": len(reader.pages)}


def _check_end(source: BinaryIO) -> None:
    """A PDF that is cut off lacks its end mark; pypdf would make do with what is there."""
    source.seek(max(0, source.seek(0, io.SEEK_END) - 2048))
    if b"%%EOF" not in source.read():
        raise ValueError("no end")


def _pages(reader: PdfReader, name: str) -> Iterator[PageObject]:
    if not reader.pages:
        raise ValueError("no pages")
    if len(reader.pages) > MOST_PAGES:
        raise MediaError(
            N_("{name} has more than {most} pages. Name a shorter file."),
            name=name,
            most=MOST_PAGES,
        )
    yield from reader.pages


def _is_active(root: DictionaryObject) -> bool:
    """Whether the document as a whole does something, or carries files."""
    names = _within(root, "/Names")
    return (
        _acts(root.get("/OpenAction"))
        or _has_active_events(root)
        or any(key in names for key in ("/JavaScript", "/EmbeddedFiles"))
    )


def _page_is_active(page: DictionaryObject) -> bool:
    notes = _resolved(page.get("/Annots"))
    return _has_active_events(page) or any(
        _note_is_active(_resolved(note)) for note in list(notes or ())[:MOST_NOTES]
    )


def _note_is_active(note: Any) -> bool:
    if not isinstance(note, DictionaryObject):
        return False
    attached = note.get("/Subtype") in {"/FileAttachment", "/RichMedia", "/Screen", "/Movie"}
    return attached or _acts(note.get("/A")) or _has_active_events(note)


def _has_active_events(holder: DictionaryObject) -> bool:
    return any(_acts(action) for action in _within(holder, "/AA").values())


def _acts(action: Any) -> bool:
    """Whether an action does more than show a place: 20 that follow one another are looked at."""
    for _next in range(20):
        action = _resolved(action)
        if not isinstance(action, DictionaryObject):
            return False
        if action.get("/S") in _ACTIVE:
            return True
        action = action.get("/Next")
    return False


def _within(holder: DictionaryObject, key: str) -> DictionaryObject:
    found = _resolved(holder.get(key))
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _resolved(value: Any) -> Any:
    """What a reference leads to; None for nothing."""
    found = value.get_object() if hasattr(value, "get_object") else value
    return None if isinstance(found, NullObject) else found
