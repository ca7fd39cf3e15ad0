"""TOML files read whole and checked whole: an error names file, line and key, and what is right."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from bot.errors import ConfigError, reason_of
from bot.words import N_, Message, Value

T = TypeVar("T")

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A file or folder that comes with Pavois: inside the wheel, or beside `bot/` in a checkout."""
    inside = _PACKAGE / "shipped" / name
    return inside if inside.exists() else _PACKAGE.parent / name


@dataclass(frozen=True, slots=True)
class Source:
    """Where *data* came from: *name* for people, *text* to find a line in ("" from a command)."""

    name: str
    text: str
    data: Mapping[str, Any]

    def error(self, key: str, text: str, /, **values: Value) -> ConfigError:
        """A ConfigError about *key* (dotted): "announcements/visit.toml, line 3: …"."""
        place: Value = self.name
        if line := _line_of(key, self.text):
            place = Message(N_("{name}, line {line}"), {"name": self.name, "line": line})
        return ConfigError(N_("{place}: {problem}"), place=place, problem=Message(text, values))


def at_home(path: str) -> Path:
    """*path* with its `~` put into words; as it is where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def may_exist(path: Path) -> bool:
    """Whether *path* is there; what may not be looked at may be: reading it will say why not."""
    try:
        return path.exists()
    except OSError:
        return True


def read_toml(path: Path) -> Source:
    """The TOML file at *path*. Raises ConfigError if it is absent, unreadable or not TOML."""
    text = read_text(path)
    try:
        return Source(str(path), text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            N_("{path} is not valid TOML: {problem}. {hint}"),
            path=str(path),
            problem=str(error).rstrip("."),
            hint=Message(_hint(str(error))),
        ) from error
    except RecursionError as error:
        raise ConfigError(
            N_("{path} has brackets within brackets, too deep to read."), path=str(path)
        ) from error


def _hint(problem: str) -> str:
    """What people mostly did when tomllib says *problem*."""
    if "date" in problem:
        return N_("Is it a day that exists? Write 2023-03-01T09:30:00, or 2023-03-01.")
    if "after a statement" in problem:
        return N_(
            "A text that has quotation marks in it stands between three of them on each side."
        )
    return N_("A text needs quotation marks around it.")


def read_text(path: Path) -> str:
    """The text of *path*, which must be UTF-8. Raises ConfigError that says what is wrong."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(N_("There is no file {path}."), path=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            N_("{path} is not written in UTF-8. Save it again with that encoding."), path=str(path)
        ) from error
    except OSError as error:
        raise ConfigError(
            N_("{path} cannot be read: {problem}."),
            path=str(path),
            problem=reason_of(error),
        ) from error


def decode(source: Source, kind: type[T], data: object = None, key: str = "") -> T:
    """*data* (the whole file if left out) as *kind*, a msgspec Struct; *key* says where it is."""
    try:
        return msgspec.convert(source.data if data is None else data, kind)
    except msgspec.ValidationError as error:
        raise _explained(source, kind, key, str(error)) from error


def closest(word: str, known: Iterable[str]) -> str:
    """The one of *known* that *word* was probably meant to be, or ""."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def unknown(source: Source, key: str, word: str, known: Iterable[str]) -> ConfigError:
    """The error for a *word* that is none of *known*: it names them, and the one probably meant."""
    known = sorted(known)
    if meant := closest(word, known):
        return source.error(
            key,
            N_("`{word}` is not known here; did you mean `{meant}`?"),
            word=word,
            meant=meant,
        )
    return source.error(
        key,
        N_("`{word}` is not known here. Known are: {known}."),
        word=word,
        known=", ".join(known),
    )


def check_zone(source: Source, key: str, zone: str) -> None:
    """Raise ConfigError when *zone* is no name of the IANA database."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise source.error(
            key,
            N_("`{zone}` is no time zone. Write one like Europe/Paris or Asia/Seoul."),
            zone=zone,
        ) from error


def _explained(source: Source, kind: type[Any], key: str, problem: str) -> ConfigError:
    """msgspec's sentence as one of ours, with the key in full."""
    problem, _sep, place = problem.partition(" - at `$")
    inner = ".".join(filter(None, [key, place.rstrip("`").lstrip(".")]))
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", problem):
        where = ".".join(filter(None, [inner, found[1]]))
        return unknown(source, where, found[1], _keys_at(kind, place))
    if found := re.fullmatch(r"Object missing required field `(.+)`", problem):
        where = ".".join(filter(None, [inner, found[1]]))
        return source.error(inner, N_("`{key}` is missing."), key=where)
    if found := re.fullmatch(r"Expected `(.+)`, got `(.+)`", problem):
        return source.error(
            inner,
            N_("`{key}` must be {expected}, not {got}."),
            key=inner,
            expected=_in_words(found[1]),
            got=_in_words(found[2]),
        )
    return source.error(inner, N_("`{key}` is not right: {problem}."), key=inner, problem=problem)


def _keys_at(kind: type[Any], place: str) -> list[str]:
    """The keys that the table at *place* (`.database.pool`) inside *kind* may have."""
    for part in filter(None, place.rstrip("`").split(".")):
        kind = next(one.type for one in msgspec.structs.fields(kind) if one.encode_name == part)
    return [one.encode_name for one in msgspec.structs.fields(kind)]


def _in_words(kind: str) -> Value:
    words = {
        "str": N_("a text in quotation marks"),
        "int": N_("a whole number"),
        "float": N_("a number"),
        "bool": N_("true or false"),
        "array": N_("a list in square brackets"),
        "object": N_("a table"),
    }.get(kind)
    return Message(words) if words else kind


def _line_of(key: str, text: str) -> int | None:
    """The line of *text* where the last part of dotted *key* is set, as well as can be told."""
    parts = [part for part in re.split(r"[.\[\]]+", key) if part and not part.isdigit()]
    if not parts or not text:
        return None
    lines = text.splitlines()
    start = 0
    for length in range(len(parts), 0, -1):
        header = re.compile(r"\s*\[+" + re.escape(".".join(parts[:length])) + r"\]+")
        found = next((i for i, line in enumerate(lines) if header.match(line)), None)
        if found is not None:
            if length == len(parts):
                return found + 1
            start = found
            break
    setting = re.compile(rf'\s*"?{re.escape(parts[-1])}"?\s*=|.*[{{,]\s*{re.escape(parts[-1])}\s*=')
    return next(
        (number for number, line in enumerate(lines[start:], start + 1) if setting.match(line)),
        start + 1 if start else None,
    )
