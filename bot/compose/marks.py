"""The mark: the campaign's hashtag once, recognised by the network, and its flags once.

`marked` mends while composing and says what it mended; `mark_faults` is the last check before
sending, which mends nothing: what fails does not leave (DESIGN §2.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import emoji

from bot.compose.hashtag import Edit, links_in, ours, same_name, spelled
from bot.compose.hidden import shown_after, shown_before
from bot.compose.rules import Rules, Tag
from bot.errors import ConfigError, RenderError
from bot.model import flag_sign
from bot.words import N_, Message

#: Two by two from the start of a run, as every screen reads them: `🇦🇫🇷` shows 🇦🇫, not 🇫🇷.
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}|[\U0001f1e6-\U0001f1ff]")
_AFTER_A_GAP = re.compile(r"[.,;:!?…)\]}»”]+(?=\s|\Z)|\s")
_BEFORE_A_GAP = ("\n", "(", "[", "«", "“", "「", "（")
_EMPTY_PAIRS = ("()", "[]", "（）")
_WORD_BEFORE = re.compile(r"\w{1,24}\Z")
_WORD_AFTER = re.compile(r"\w{1,24}")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its mark, and what of the mark was mended, for people."""

    text: str
    mends: tuple[Message, ...]


def flag(country: str) -> str:
    """The flag of an ISO 3166 country code, two capitals. Raises ConfigError if it has none."""
    sign = flag_sign(country)
    if not emoji.is_emoji(sign):
        raise ConfigError(
            N_("`{country}` has no flag. Write ISO country codes: FR, KR."), country=country
        )
    return sign


def marked(text: str, hashtag: str, countries: Sequence[str], rules: Rules) -> Marked:
    """*text* with *hashtag* (without its sign) and the flags of *countries*, each exactly once.

    What is glued is set apart, what is doubled loses its sign (a hashtag) or goes (a flag), what
    hides the hashtag from the network is taken out or written in its ordinary form: each such mend
    is said. What is missing is added at the end, which is no mend. Marking twice changes nothing.
    Raises RenderError with the reasons when *rules* cannot be satisfied.
    """
    flags = [flag(country) for country in dict.fromkeys(countries)]
    steps: tuple[Callable[[str], Edit], ...] = (
        lambda text: spelled(text, hashtag, rules),
        lambda text: (rules.clean(text).strip(), []),
        lambda text: _each_flag_once(text, flags, rules),
        lambda text: spelled(text, hashtag, rules),
        lambda text: _tag_once(text, hashtag, rules),
        lambda text: _flags_apart(text, flags, rules),
        lambda text: _completed(text, hashtag, flags, rules),
    )
    mends: list[Message] = []
    for step in steps:
        text, mended = step(text)
        mends += mended
    if faults := mark_faults(text, hashtag, countries, rules):
        raise RenderError(
            N_("The hashtag and the flags cannot be put right here: {fault}."), fault=faults[0]
        )
    return Marked(text, tuple(mends))


def mark_faults(
    text: str, hashtag: str, countries: Sequence[str], rules: Rules
) -> tuple[Message, ...]:
    """What is wrong with the mark of *text*, in words; nothing for a text that may leave.

    Neither a hashtag nor a flag inside a link counts.
    """
    faults = []
    found = [tag.name for tag in _own_tags(text, hashtag, rules)]
    if not found:
        faults.append(Message(N_("the hashtag #{hashtag} is missing"), {"hashtag": hashtag}))
    elif found != [hashtag]:
        faults.append(
            Message(
                N_("the hashtag #{hashtag} must stand there once, in this spelling"),
                {"hashtag": hashtag},
            )
        )
    standing = _flags_in(text, rules)
    for sign in map(flag, dict.fromkeys(countries)):
        places = [place for place in standing if place[0] == sign]
        if len(places) != 1:
            faults.append(Message(N_("the flag {flag} must stand there once"), {"flag": sign}))
        elif "".join(_letters_beside(text, places[0])):
            faults.append(
                Message(
                    N_("the flag {flag} must be set apart by a space from the letters beside it"),
                    {"flag": sign},
                )
            )
    return tuple(faults)


# ── the hashtag ─────────────────────────────────────────────────────────────────────────────────


def _own_tags(text: str, hashtag: str, rules: Rules) -> list[Tag]:
    """Those of the hashtags that the network will see which are the campaign's, in any form."""
    links = rules.links(text)
    return [
        tag
        for tag in rules.tags(text)
        if same_name(tag.name, hashtag)
        and not any(link.start < tag.end and tag.start < link.end for link in links)
    ]


def _tag_once(text: str, hashtag: str, rules: Rules) -> Edit:
    """What the network itself sees of the hashtag reduced to one, well spelled.

    The network has the last word on what is a link, and on which letters are the same. What it
    does not see loses its sign, and a name that has none is given one, if that helps.
    """
    mends = []
    while (found := _own_tags(text, hashtag, rules)) and [tag.name for tag in found] != [hashtag]:
        start, end = found[-1].start, found[-1].end
        now = f"{'#' if len(found) == 1 else ''}{hashtag}"
        mends.append(
            Message(
                N_("“{written}” is now written “{now}”"), {"written": text[start:end], "now": now}
            )
        )
        text = f"{text[:start]}{now}{text[end:]}"
    if found:
        return text, mends
    if unseen := ours(text, hashtag, rules):
        for place in reversed(unseen):
            text = f"{text[: place.start]}{hashtag}{text[place.end :]}"
        return text, [*mends, _moved(hashtag)]
    return _with_its_sign(text, hashtag, rules) or (text, mends)


def _moved(hashtag: str) -> Message:
    return Message(
        N_("#{hashtag} would not have been a hashtag where it stood: it is now at the end"),
        {"hashtag": hashtag},
    )


def _with_its_sign(text: str, hashtag: str, rules: Rules) -> Edit | None:
    """*text* with a sign before the first name that stands as a word of its own; None: no such."""
    name = re.escape(hashtag)
    alone = re.compile(
        rf"(?<![^ \n\u00a0\u202f(\[«“「（]){name}(?=[.,;:!?…)\]»”」）]*(?:[ \n\u00a0\u202f]|\Z))"
    )
    links = links_in(text, rules)
    for found in alone.finditer(text):
        if any(start < found.end() and found.start() < end for start, end in links):
            continue
        signed = f"{text[: found.start()]}#{text[found.start() :]}"
        if [tag.name for tag in _own_tags(signed, hashtag, rules)] == [hashtag]:
            return signed, [
                Message(
                    N_("“{name}” has its sign now: #{hashtag}"),
                    {"name": hashtag, "hashtag": hashtag},
                )
            ]
    return None


def _completed(text: str, hashtag: str, flags: Sequence[str], rules: Rules) -> Edit:
    """*text* with what is missing of the mark, at the end."""
    text = text.strip()
    present = bool(_own_tags(text, hashtag, rules))
    standing = {place[0] for place in _flags_in(text, rules)}
    missing = "".join(sign for sign in flags if sign not in standing)
    additions = ([] if present else [f"#{hashtag}"]) + ([missing] if missing else [])
    longer = [] if present else [tag.name for tag in rules.tags(text) if hashtag in tag.name]
    return _append(text, " ".join(additions), on_a_line_of_its_own=not present), [
        Message(
            N_("“#{name}” is another hashtag: #{hashtag} is added at the end"),
            {"name": name, "hashtag": hashtag},
        )
        for name in longer
    ]


def _append(text: str, addition: str, *, on_a_line_of_its_own: bool) -> str:
    if not addition:
        return text
    if not text:
        return addition
    if not on_a_line_of_its_own:
        return f"{text} {addition}"
    last_line = text.rsplit("\n", 1)[-1]
    return f"{text}\n{'' if last_line.startswith(('http://', 'https://')) else chr(10)}{addition}"


# ── the flags ───────────────────────────────────────────────────────────────────────────────────

#: A flag, where it starts, where it ends.
_Place = tuple[str, int, int]


def _flags_in(text: str, rules: Rules) -> list[_Place]:
    """The flags of *text* that people see: none inside a link."""
    found = [(match[0], match.start(), match.end()) for match in _FLAG.finditer(text)]
    links = links_in(text, rules) if found else ()
    return [place for place in found if not any(a <= place[1] < b for a, b in links)]


def _letters_beside(text: str, place: _Place) -> tuple[str, str]:
    """The letters and digits that are glued to a flag, before and after it."""
    before = _WORD_BEFORE.search(text, max(0, place[1] - 24), shown_before(text, place[1]))
    after = _WORD_AFTER.match(text, shown_after(text, place[2]))
    return (before[0] if before else "", after[0] if after else "")


def _each_flag_once(text: str, flags: Sequence[str], rules: Rules) -> Edit:
    """The first of each of *flags* stays, its repetitions go; what they leave is tidied."""
    done, at = "", 0
    seen: set[str] = set()
    doubled: dict[str, None] = {}
    for sign, start, end in _flags_in(text, rules):
        if sign in seen:
            done, at = _joined(done + text[at:start], text, end)
            doubled[sign] = None
        elif sign in flags:
            seen.add(sign)
    return done + text[at:], [
        Message(N_("the flag {flag} stands once: its repetition is taken out"), {"flag": sign})
        for sign in doubled
    ]


def _joined(left: str, text: str, at: int) -> tuple[str, int]:
    """*left*, ready for what of *text* follows at *at*, from which something was taken out."""
    if _FLAG.search(left[-1:]) and _FLAG.match(text, at):
        return left, at
    bare, at = left.rstrip(" "), _after_spaces(text, at)
    while bare[-1:] + text[at : at + 1] in _EMPTY_PAIRS:
        bare, at = bare[:-1].rstrip(" "), _after_spaces(text, at + 1)
    # A line that is empty now goes with its break, and one of two empty lines in a row.
    for breaks in ("\n", "\n\n"):
        at += bare.endswith(breaks) and text.startswith("\n", at)
    if not bare or bare.endswith(_BEFORE_A_GAP):
        return bare, at
    return bare + ("" if at == len(text) or _AFTER_A_GAP.match(text, at) else " "), at


def _after_spaces(text: str, at: int) -> int:
    while text.startswith(" ", at):
        at += 1
    return at


def _flags_apart(text: str, flags: Sequence[str], rules: Rules) -> Edit:
    """A space between *flags* and the letters and digits beside them."""
    pieces, mends, at = [], [], 0
    for place in _flags_in(text, rules):
        sign, start, end = place
        if sign not in flags:
            continue
        before, after = _letters_beside(text, place)
        pieces += [text[at:start], " " if before else "", sign, " " if after else ""]
        at = end
        mends += [
            Message(
                N_("a space now parts the flag {flag} from “{beside}”"),
                {"flag": sign, "beside": beside},
            )
            for beside in (before, after)
            if beside
        ]
    return "".join([*pieces, text[at:]]), mends
