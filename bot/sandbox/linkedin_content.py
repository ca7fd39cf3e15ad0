"""What goes out with a LinkedIn post: what is refused of it (reference/linkedin.md §1.4, 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from bot.sandbox import linkedin_answers as answers
from bot.sandbox.little_text import utf16_units
from bot.sandbox.uploads import Upload
from bot.sandbox.values import SandboxAccount

KINDS = frozenset({"media", "multiImage", "article", "poll"})
DURATIONS = frozenset({"ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"})
ALT_MAX = 4086
QUESTION_MAX, OPTION_MAX = 140, 30
IMAGES_MIN, IMAGES_MAX = 2, 20
#: What LinkedIn calls a file that does not exist; documents have no word of their own.
NO_SUCH = {"image": "INVALID_IMAGE_ID", "video": "INVALID_VIDEO_ID"}

#: A URN of a file → the upload and its state now, or None.
Named = Callable[[str], tuple[Upload, str] | None]


class RefusedError(Exception):
    """The content is not taken; its one argument is LinkedIn's answer."""


def content_refusal(
    body: Mapping[str, Any], account: SandboxAccount, named: Named
) -> Response | None:
    """Why LinkedIn does not take the content of *body*, or None when it does or there is none."""
    if "content" not in body:
        return None
    content = body["content"]
    # `null` and `{}` were refused to somebody with 422.
    if not isinstance(content, dict) or not content:
        return answers.bad_field("content", "INVALID_VALUE_FOR_FIELD", "content is empty", 422)
    try:
        _Reader(account, named).read(content)
    except RefusedError as refused:
        return refused.args[0]  # type: ignore[no-any-return]  # Exception.args has no type
    return None


class _Reader:
    """One content, read field by field; RefusedError at the first that is wrong."""

    def __init__(self, account: SandboxAccount, named: Named) -> None:
        self._account = account
        self._named = named

    def read(self, content: Mapping[str, Any]) -> None:
        for name in content:
            if name not in KINDS:
                raise _invalid(f"content/{name}", f"{name} is not a kind of content")
        if len(content) > 1:
            raise _invalid("content", "content must have exactly one member")
        (name,) = content
        if not isinstance(content[name], dict):
            raise _invalid(f"content/{name}", f"{name} must be an object")
        getattr(self, f"_{name}")(content[name])

    def _media(self, media: Mapping[str, Any]) -> None:
        _only(media, "content/media", {"id", "title", "altText"})
        urn = _text(media, "content/media", "id")
        kind = urn.removeprefix("urn:li:").partition(":")[0]
        if kind not in {"image", "video", "document"}:
            raise RefusedError(answers.bad_field("content/media/id", "INVALID_URN_TYPE", urn))
        self._file(urn, kind, "content/media/id")
        if kind != "image":
            _text(media, "content/media", "title")
            if "altText" in media:
                raise _invalid("content/media/altText", "altText is for images")
        _alt(media, "content/media", "altText")

    def _multiImage(self, several: Mapping[str, Any]) -> None:  # noqa: N802  LinkedIn's name
        where = "content/multiImage/images"
        _only(several, "content/multiImage", {"images", "altText"})
        images = several.get("images")
        if not isinstance(images, list) or not IMAGES_MIN <= len(images) <= IMAGES_MAX:
            words = f"images must have between {IMAGES_MIN} and {IMAGES_MAX} elements"
            raise _invalid(where, words)
        for place, image in enumerate(images):
            _only(image, f"{where}/{place}", {"id", "altText"})
            self._file(_text(image, f"{where}/{place}", "id"), "image", f"{where}/{place}/id")
            _alt(image, f"{where}/{place}", "altText")

    def _article(self, article: Mapping[str, Any]) -> None:
        where = "content/article"
        known = {"source", "title", "description", "thumbnail", "thumbnailAltText"}
        _only(article, where, known)
        source = _text(article, where, "source")
        _text(article, where, "title")
        if not source.startswith(("http://", "https://")):
            raise _invalid(f"{where}/source", "source is not a valid URL")
        if "thumbnail" in article:
            self._file(_text(article, where, "thumbnail"), "image", f"{where}/thumbnail")
        _alt(article, where, "thumbnailAltText")

    def _poll(self, poll: Mapping[str, Any]) -> None:
        where = "content/poll"
        _only(poll, where, {"question", "options", "settings"})
        _at_most(_text(poll, where, "question"), QUESTION_MAX, f"{where}/question")
        options = poll.get("options")
        if not isinstance(options, list) or not 2 <= len(options) <= 4:
            raise _invalid(f"{where}/options", "a poll has from 2 to 4 options")
        for place, option in enumerate(options):
            _only(option, f"{where}/options/{place}", {"text"})
            text = _text(option, f"{where}/options/{place}", "text")
            _at_most(text, OPTION_MAX, f"{where}/options/{place}/text")
        settings = poll.get("settings")
        if not isinstance(settings, dict) or settings.get("duration") not in DURATIONS:
            raise _invalid(f"{where}/settings/duration", "duration does not have a valid value")

    def _file(self, urn: str, kind: str, where: str) -> None:
        """The file must be the author's and there; an image may still be processed (recorded)."""
        found = self._named(urn) if urn.startswith(f"urn:li:{kind}:") else None
        if found is None:
            code = NO_SUCH.get(kind, "INVALID_URN_ID")
            raise RefusedError(answers.bad_field(where, code, f"the {kind} {urn} does not exist"))
        upload, state = found
        if upload.account != self._account.slug:
            raise RefusedError(answers.not_owned())
        if state in {"WAITING_UPLOAD", "PROCESSING_FAILED"}:
            code = f"MEDIA_ASSET_{state}"
            raise RefusedError(answers.bad_field(where, code, f"the state of {urn} is {state}"))
        if state == "PROCESSING" and kind != "image":
            raise RefusedError(answers.still_processing())


def _invalid(field: str, message: str) -> RefusedError:
    return RefusedError(answers.bad_field(field, "INVALID_VALUE_FOR_FIELD", message))


def _only(value: object, where: str, known: set[str]) -> None:
    if not isinstance(value, dict):
        raise _invalid(where, f"{where} must be an object")
    for name in value:
        if name not in known:
            raise _invalid(f"{where}/{name}", f"{name} is not a field of {where}")


def _text(value: Mapping[str, Any], where: str, name: str) -> str:
    """A field that must say something."""
    text = value.get(name)
    if not text:
        raise RefusedError(answers.missing_field(f"{where}/{name}"))
    if not isinstance(text, str):
        raise _invalid(f"{where}/{name}", f"{name} must be a string")
    return text


def _alt(value: Mapping[str, Any], where: str, name: str) -> None:
    if name in value:
        if not isinstance(value[name], str):
            raise _invalid(f"{where}/{name}", f"{name} must be a string")
        _at_most(value[name], ALT_MAX, f"{where}/{name}")


def _at_most(text: str, units: int, where: str) -> None:
    if utf16_units(text) > units:
        message = f"{where} is longer than {units} characters"
        raise RefusedError(answers.bad_field(where, "FIELD_LENGTH_TOO_LONG", message))
