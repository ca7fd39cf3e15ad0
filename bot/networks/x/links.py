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

SPACES = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVALID = r"\ufffe\ufeff\uffff"
PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
#: Punctuation without the three signs that may stand inside a domain.
_ENDS_A_RUN = r"!'#%&()*+,\\/:;<=>?@\[\]^{|}~$"
ACCENTS = (
    r"\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268"
    r"\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_PATH_END = rf"+\-a-zA-Z\u0400-\u04ff0-9=_#/{ACCENTS}"
_PATH_INSIDE = r"!*';:,.$%\[\]\u2013~@|&"
_PATH_ANY = _PATH_END + _PATH_INSIDE
_IN_PARENTHESES = rf"\((?:[{_PATH_ANY}]++|[{_PATH_ANY}]*+\([{_PATH_ANY}]++\)[{_PATH_ANY}]*+)\)"
_QUERY = r"\?(?:[!?*'@();:+$%\[\].,~|]*+[a-zA-Z0-9\-_&=#/])++"

_RUN = re.compile(rf"[^{_ENDS_A_RUN}{SPACES}{DIRECTIONS}{_INVALID}]+")
_SCHEME_BEFORE = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)
_CANNOT_PRECEDE = re.compile(rf"[A-Za-z0-9@＠$#＃{_INVALID}]")
_PORT = re.compile(r":[0-9]+")
_PATH = re.compile(rf"/(?:[{_PATH_INSIDE}]*+(?:[{_PATH_END}]|{_IN_PARENTHESES}))*+")
_QUERY_PART = re.compile(_QUERY)
_SHORTENED = re.compile(rf"https?://t\.co/([a-zA-Z0-9]++)(?:{_QUERY})?", re.IGNORECASE | re.ASCII)
_PUNYCODE = re.compile(r"xn--[-0-9a-zA-Z]+", re.IGNORECASE | re.ASCII)
_LATIN_LABELS = re.compile(rf"(?:[-a-zA-Z0-9{ACCENTS}]++\.)++")
_GOES_ON = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@+-")
_FULL_STOPS = re.compile("[.\u3002\uff0e\uff61]")

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


@cache
def _top_level_domains() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """X's table, and by first letter the lengths that occur, longest first."""
    lines = Path(__file__).with_name("tlds.txt").read_text("utf-8").splitlines()
    names = frozenset(line for line in lines if not line.startswith("#"))
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[0], set()).add(len(name))
    return names, {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}


def _tld_end(text: str, at: int) -> int:
    """Where the top-level domain that begins at *at* ends, or -1."""
    names, lengths = _top_level_domains()
    for length in lengths.get(text[at : at + 1].lower(), ()):
        end = at + length
        if (
            end <= len(text)
            and text[at:end].lower() in names
            and text[end : end + 1] not in _GOES_ON
        ):
            return end
    punycode = _PUNYCODE.match(text, at)
    return punycode.end() if punycode else -1


@dataclass(frozen=True, slots=True)
class _Label:
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
    """The labels of the run `text[start:end]`, each knowing how far a domain can go from it."""
    labels: list[_Label] = []
    onward = -1
    stop = text.rfind(".", start, end)
    while stop >= 0:
        before = text.rfind(".", start, stop)
        first = before + 1 if before >= 0 else start
        underscore = text.rfind("_", first, stop)
        label = _Label(first, stop, underscore, _tld_end(text, stop + 1), onward)
        labels.append(label)
        onward, stop = label.reach(text, first), before
    labels.reverse()
    return labels


@dataclass(frozen=True, slots=True)
class _Domain:
    """A domain found at `text[start:end]`; *whole* is where the link, with its scheme, begins."""

    whole: int
    start: int
    end: int


def _may_begin(text: str, at: int, after: int) -> bool:
    """Whether a link may begin at *at*, when everything before *after* is read already."""
    return at == 0 or (at > after and not _CANNOT_PRECEDE.match(text, at - 1))


def _first_sign_is_left_out(text: str, label: _Label) -> bool:
    """Whether X takes a text's first sign for what precedes a link: `Île.fr`, `“ville.fr”`."""
    return not _CANNOT_PRECEDE.match(text) and label.reach(text, 1) >= 0


def _domain_with_scheme(text: str, label: _Label, after: int) -> _Domain | None:
    scheme = _SCHEME_BEFORE.search(text, max(0, label.start - 8), label.start)
    if scheme is None or not _may_begin(text, scheme.start(), after):
        return None
    reach = label.reach(text, label.start)
    return _Domain(scheme.start(), label.start, reach) if reach >= 0 else None


def _domains(text: str, run: re.Match[str], after: int) -> Iterator[_Domain]:
    """The domains of a run, in order, none of which overlaps what ends at *after*."""
    labels = _labels(text, run.start(), run.end())
    if labels and (found := _domain_with_scheme(text, labels[0], after)):
        yield found
        after = found.end
    for label in labels:
        for start in range(max(label.start, after), label.stop):
            reach = label.reach(text, start)
            if reach >= 0 and _may_begin(text, start, after):
                if start == 0 and _first_sign_is_left_out(text, label):
                    continue
                yield _Domain(start, start, reach)
                after = reach
                break


def _fits(domain: str, length: int) -> bool:
    """Whether each label is short enough once encoded, and the address as a whole."""
    if domain.startswith("xn--") and not _latin_domains(domain):
        return False
    return length <= MAX_URL and all(1 <= _encoded(one) <= MAX_LABEL for one in domain.split("."))


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


def _tail(text: str, at: int) -> tuple[int, bool]:
    """Where the port, path and query that may follow a domain end, and whether there is a path."""
    if port := _PORT.match(text, at):
        at = port.end()
    path = _PATH.match(text, at)
    if path:
        at = path.end()
    query = _QUERY_PART.match(text, at)
    return (query.end() if query else at), path is not None


def _with_scheme(text: str, domain: _Domain, end: int) -> list[Span]:
    url = text[domain.whole : end]
    if shortened := _SHORTENED.match(url):
        if len(shortened[1]) > MAX_SHORTENED_NAME:
            return []
        url = shortened[0]
    return [Span(url, domain.whole, domain.whole + len(url))]


def _without_scheme(text: str, domain: _Domain, end: int, *, has_path: bool) -> list[Span]:
    if domain.start and text[domain.start - 1] in "-_./":
        return []
    name = text[domain.start : domain.end]
    spans = [Span(name[a:b], domain.start + a, domain.start + b) for a, b in _latin_domains(name)]
    if spans and has_path:
        last = spans[-1]
        spans[-1] = Span(last.text + text[domain.end : end], last.start, end)
    return spans


def _spans(text: str, domain: _Domain, end: int, *, has_path: bool) -> list[Span]:
    """The links of what was matched, `text[domain.whole:end]`: none when it breaks a limit."""
    scheme = domain.start - domain.whole
    length = end - domain.whole + (0 if scheme else len("https://"))
    if not _fits(text[domain.start : domain.end], length):
        return []
    if scheme:
        return _with_scheme(text, domain, end)
    return _without_scheme(text, domain, end, has_path=has_path)


def links(text: str) -> list[Span]:
    """The links that X makes in *text*, with a scheme or without, in order."""
    if "." not in text:
        return []
    found: list[Span] = []
    after = at = 0
    while run := _RUN.search(text, at):
        for domain in _domains(text, run, after):
            after, has_path = _tail(text, domain.end)
            found.extend(_spans(text, domain, after, has_path=has_path))
        at = max(run.end(), after)
    return found
