"""What X makes a link of (twitter-text v3), in time that grows with the length of the text only.

A domain is one or more labels, each ended by a full stop, and a top-level domain of X's table. The
official library writes this as one regular expression that goes back over what it has read; here
each run of domain characters is read once from its end, so that no text is slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.networks.x.classes import (
    ACCENTS_ANY_CASE,
    CYRILLIC,
    DIRECTIONS,
    INVALID,
    SPACES,
)

#: Punctuation without the three signs that may stand inside a domain.
_ENDS_A_RUN = r"!'#%&()*+,\\/:;<=>?@\[\]^{|}~$"
_QUERY = r"\?(?:[!?*'@();:+$%\[\].,~|]*+[a-zA-Z0-9\-_&=#/])++"

#: A full stop that the end of a domain may follow: without one there is no link.
_STOP = re.compile(r"\.[^\s\x00-@\[-`{-\x7f]")
_OUTSIDE_A_RUN = re.compile(rf"[{_ENDS_A_RUN}{SPACES}{DIRECTIONS}{INVALID}]")
_SCHEME_BEFORE = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)
_CANNOT_PRECEDE = re.compile(rf"[A-Za-z0-9@＠$#＃{INVALID}]")
_PORT = re.compile(r":[0-9]+")
_QUERY_PART = re.compile(_QUERY)
_SHORTENED = re.compile(rf"https?://t\.co/([a-zA-Z0-9]++)(?:{_QUERY})?", re.IGNORECASE | re.ASCII)
_PUNYCODE = re.compile(r"xn--[-0-9a-zA-Z]+", re.IGNORECASE | re.ASCII)
_LATIN_LABELS = re.compile(rf"(?:[-a-zA-Z0-9{ACCENTS_ANY_CASE}]++\.)++")
_LATIN_END = re.compile(r"[a-zA-Z]++(?![0-9@+-])")
_GOES_ON = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@+-")
_FULL_STOPS = re.compile("[.\u3002\uff0e\uff61]")

#: Stands for the first half of a sign beyond U+FFFF, whichever it is.
_FIRST_HALF = "\ud800"

MAX_URL = 4096
MAX_LABEL = 63
MAX_SHORTENED_NAME = 40


@dataclass(frozen=True, slots=True)
class Span:
    """Something recognised in a text: `source[start:end]` is all of it, in code points.

    *text* is the address of a link, the name without its sign of a hashtag, mention or cashtag.
    """

    text: str
    start: int
    end: int


def links(text: str) -> list[Span]:
    """The links that X makes in *text*, with a scheme or without, in order."""
    found: list[Span] = []
    after = at = 0
    while stop := _STOP.search(text, at):
        start, end = _run_around(text, at, stop.start())
        for domain in _domains(text, start, end, after):
            after, has_path = _tail(text, domain.end)
            found.extend(_spans(text, domain, after, has_path=has_path))
        at = max(end, after)
    return found


def utf16_length(text: str) -> int:
    """The length of *text* as JavaScript counts it: a sign beyond U+FFFF is a pair."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _run_around(text: str, least: int, stop: int) -> tuple[int, int]:
    """Where the run of domain characters around *stop* begins (not before *least*) and ends."""
    start = stop
    while start > least and not _OUTSIDE_A_RUN.match(text, start - 1):
        start -= 1
    end = _OUTSIDE_A_RUN.search(text, stop)
    return start, end.start() if end else len(text)


# ── top-level domains ───────────────────────────────────────────────────────────────────────────


def _fold(name: str) -> str:
    """*name* in capitals as JavaScript does it: sign by sign, never from beyond ASCII into it."""
    if name.isascii():
        return name.upper()
    return "".join(
        one if len(capital := one.upper()) != 1 or (one > "\x7f") > (capital > "\x7f") else capital
        for one in name
    )


@cache
def _top_level_domains() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """X's table in capitals; of names beyond ASCII, by first sign, the lengths, longest first."""
    lines = Path(__file__).with_name("tlds.txt").read_text("utf-8").splitlines()
    names = frozenset(_fold(line) for line in lines if not line.startswith("#"))
    lengths: dict[str, set[int]] = {}
    for name in names:
        if not name.isascii():
            lengths.setdefault(name[0], set()).add(len(name))
    return names, {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}


def _tld_end(text: str, at: int) -> int:
    """Where the top-level domain that begins at *at* ends, or -1."""
    names, lengths = _top_level_domains()
    latin = _LATIN_END.match(text, at)
    if latin and latin[0].upper() in names:
        return latin.end()
    for length in lengths.get(_fold(text[at : at + 1]), ()):
        name = text[at : at + length]
        end = at + len(name)
        if text[end : end + 1] not in _GOES_ON and _fold(name) in names:
            return end
    punycode = _PUNYCODE.match(text, at)
    return punycode.end() if punycode else -1


# ── domains ─────────────────────────────────────────────────────────────────────────────────────


class _Label(NamedTuple):
    """A label of a run, `text[start:stop]`, and the full stop after it at *stop*.

    *underscore* is where its last underscore is, or -1; *tld_end* where the top-level domain right
    after the full stop ends, or -1; *onward* the end of the longest domain that begins with the
    next label, whole, or -1.
    """

    start: int
    stop: int
    underscore: int
    tld_end: int
    onward: int

    def reach(self, text: str, start: int) -> int:
        """The end of the longest domain that begins at *start* inside this label, or -1."""
        if start >= self.stop or text[start] in "-_" or text[self.stop - 1] in "-_":
            return -1
        if self.onward >= 0:
            return self.onward
        # Only a subdomain may have an underscore.
        return self.tld_end if self.underscore < start else -1


def _labels(text: str, start: int, end: int) -> list[_Label]:
    """The labels of the run `text[start:end]` from which a domain goes on, each knowing how far."""
    labels: list[_Label] = []
    onward = -1
    stop = text.rfind(".", start, end)
    while stop >= 0:
        before = text.rfind(".", start, stop)
        first = before + 1 if before >= 0 else start
        underscore = text.rfind("_", first, stop)
        label = _Label(first, stop, underscore, _tld_end(text, stop + 1), onward)
        if onward >= 0 or label.tld_end >= 0:
            labels.append(label)
        onward, stop = label.reach(text, first), before
    labels.reverse()
    return labels


class _Domain(NamedTuple):
    """A domain found at `text[start:end]`; *whole* is where the link, with its scheme, begins.

    *before* is the sign that X sees before the link, "" if none.
    """

    whole: int
    start: int
    end: int
    before: str

    def name(self, text: str) -> str:
        """The domain as X sees it: without a half that it took for the sign before."""
        name = text[self.start : self.end]
        if self.before != _FIRST_HALF:
            return name
        return chr(0xDC00 + (ord(name[0]) & 0x3FF)) + name[1:]


def _before(text: str, at: int, after: int) -> str | None:
    """The sign that X sees before a link at *at*; None if none may begin there.

    Everything before *after* is read already. A sign beyond U+FFFF is a pair for X, of which the
    first half is enough to precede a link.
    """
    if at > after and not _CANNOT_PRECEDE.match(text, at - 1):
        return text[at - 1]
    if text[at] > "\uffff":
        return _FIRST_HALF
    return "" if at == 0 else None


def _first_sign_is_left_out(text: str, label: _Label) -> bool:
    """Whether X takes a text's first sign for what precedes a link: `Île.fr`, `“ville.fr”`."""
    return not _CANNOT_PRECEDE.match(text) and label.reach(text, 1) >= 0


def _with_a_scheme(text: str, label: _Label, after: int) -> _Domain | None:
    scheme = _SCHEME_BEFORE.search(text, max(0, label.start - 8), label.start)
    if scheme is None or _before(text, scheme.start(), after) is None:
        return None
    reach = label.reach(text, label.start)
    return _Domain(scheme.start(), label.start, reach, "") if reach >= 0 else None


def _domain_in(text: str, label: _Label, after: int) -> _Domain | None:
    """The first domain without a scheme that begins inside *label*."""
    for start in range(max(label.start, after), label.stop):
        reach = label.reach(text, start)
        before = _before(text, start, after) if reach >= 0 else None
        if before is None or (before == "" and _first_sign_is_left_out(text, label)):
            continue
        return _Domain(start, start, reach, before)
    return None


def _domains(text: str, first: int, last: int, after: int) -> Iterator[_Domain]:
    """The domains of the run `text[first:last]`, in order, none before *after*."""
    labels = _labels(text, first, last)
    if labels and labels[0].start == first and (found := _with_a_scheme(text, labels[0], after)):
        yield found
        after = found.end
    for label in labels:
        if found := _domain_in(text, label, after):
            yield found
            after = found.end


def _fits(domain: str, length: int) -> bool:
    """Whether each label is short enough once encoded, and the address as a whole."""
    if domain.startswith("xn--") and not _latin_domains(domain):
        return False
    if len(domain) <= MAX_LABEL and domain.isascii():
        return length <= MAX_URL
    return length <= MAX_URL and all(_encoded(one) <= MAX_LABEL for one in domain.split("."))


def _encoded(label: str) -> int:
    """The length of *label* as the domain name system writes it."""
    if label.isascii() or len(label) > MAX_LABEL:
        return len(label)
    parts = _FULL_STOPS.split(label)
    return (
        len(parts)
        - 1
        + sum(len(part) if part.isascii() else 4 + len(part.encode("punycode")) for part in parts)
    )


def _latin_domains(domain: str) -> list[tuple[int, int]]:
    """The parts of *domain* that are links without a scheme: Latin labels, then any known end."""
    found: list[tuple[int, int]] = []
    at = 0
    while labels := _LATIN_LABELS.search(domain, at):
        at = labels.end()
        stop = labels.end() - 1
        while stop > labels.start():
            if (end := _tld_end(domain, stop + 1)) >= 0:
                found.append((labels.start(), end))
                at = end
                break
            stop = domain.rfind(".", labels.start(), stop)
    return found


# ── links ───────────────────────────────────────────────────────────────────────────────────────


@cache
def _path() -> re.Pattern[str]:
    """Signs that may end a path, parentheses one in another, and others up to a sign that may."""
    end = rf"+\-a-zA-Z{CYRILLIC}0-9=_#/{ACCENTS_ANY_CASE}"
    inside = r"!*';:,.$%\[\]\u2013~@|&"
    parentheses = rf"\((?!\))[{end}{inside}]*+(?:\([{end}{inside}]++\)[{end}{inside}]*+)?\)"
    return re.compile(
        rf"/(?:[{end}]|{parentheses}|[{inside}](?:[{inside}]|{parentheses})*+[{end}])*+"
    )


def _tail(text: str, at: int) -> tuple[int, bool]:
    """Where the port, path and query that may follow a domain end, and whether there is a path."""
    if port := _PORT.match(text, at):
        at = port.end()
    has_path = text.startswith("/", at)
    if has_path and (path := _path().match(text, at)):
        at = path.end()
    query = _QUERY_PART.match(text, at)
    return (query.end() if query else at), has_path


def _with_scheme(text: str, domain: _Domain, end: int) -> list[Span]:
    url = text[domain.whole : end]
    if shortened := _SHORTENED.match(url):
        if len(shortened[1]) > MAX_SHORTENED_NAME:
            return []
        url = shortened[0]
    return [Span(url, domain.whole, domain.whole + len(url))]


def _without_scheme(text: str, domain: _Domain, end: int, *, has_path: bool) -> list[Span]:
    if domain.before and domain.before in "-_./":
        return []
    name = text[domain.start : domain.end]
    spans: list[Span] = []
    at = 0
    for first, last in _latin_domains(name):
        latin = name[first:last]
        # As twitter-text does: at the first place where these letters stand.
        start = name.find(latin, at)
        at = start + len(latin)
        spans.append(Span(latin, domain.start + start, domain.start + at))
    if spans and has_path:
        last_one = spans[-1]
        spans[-1] = Span(last_one.text + text[domain.end : end], last_one.start, end)
    return spans


def _spans(text: str, domain: _Domain, end: int, *, has_path: bool) -> list[Span]:
    """The links of what was matched, `text[domain.whole:end]`: none when it breaks a limit."""
    scheme = domain.start - domain.whole
    name = domain.name(text)
    # A scheme that is written counts twice, as in twitter-text.
    length = 2 * scheme or len("https://")
    if not _fits(name, length + utf16_length(name) + end - domain.end):
        return []
    if scheme:
        return _with_scheme(text, domain, end)
    return _without_scheme(text, domain, end, has_path=has_path)
