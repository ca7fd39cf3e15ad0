"""The mark: the campaign's hashtag once, recognised by the network, and its flags once.

`with_mark` mends while composing; `mark_faults` is the last check before sending, which mends
nothing: what fails does not leave (DESIGN §2.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import emoji

from bot.compose.rules import Rules, Tag
from bot.errors import ConfigError
from bot.model import flag_sign
from bot.words import N_, Message

#: What may stand right before or right after a hashtag without a space: it breaks no tag on any
#: network, and people write it so. Letters, digits, `_`, middle dots and joiners become part of
#: the tag on X (twitter-text), and a second `#` kills both.
_OPENING = "([{«“‘\"'「『（"
_CLOSING = ".,;:!?)]}…»”’\"'」』）"

_LINK = r"https?://\S+"


def flag(country: str) -> str:
    """The flag of an ISO 3166 country code, two capitals. Raises ConfigError if it has none."""
    sign = flag_sign(country)
    if not emoji.is_emoji(sign):
        raise ConfigError(
            N_("`{country}` has no flag. Write ISO country codes: FR, KR."), country=country
        )
    return sign


def with_mark(text: str, hashtag: str, countries: Sequence[str], rules: Rules) -> str:
    """*text* with *hashtag* (without its sign) and the flags of *countries*, each exactly once.

    What is missing is added at the end, what is glued is set apart, what is doubled loses its
    sign (a hashtag) or goes (a flag). Marking twice changes nothing.
    """
    flags = list(dict.fromkeys(map(flag, countries)))
    text = rules.clean(_each_flag_once(rules.clean(text), flags)).strip()
    text = _flags_apart(_tag_once(_set_apart(text, hashtag), hashtag, rules), flags)
    present = bool(_own_tags(text, hashtag, rules))
    standing = _flags_in(text)
    missing = "".join(sign for sign in flags if sign not in standing)
    additions = ([] if present else [f"#{hashtag}"]) + ([missing] if missing else [])
    return _append(text, " ".join(additions), on_a_line_of_its_own=not present)


def mark_faults(
    text: str, hashtag: str, countries: Sequence[str], rules: Rules
) -> tuple[Message, ...]:
    """What is wrong with the mark of *text*, in words; nothing for a text that may leave."""
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
    flags = _flags_in(text)
    faults.extend(
        Message(N_("the flag {flag} must stand there once"), {"flag": flag(country)})
        for country in countries
        if flags.count(flag(country)) != 1
    )
    return tuple(faults)


def _own_tags(text: str, hashtag: str, rules: Rules) -> list[Tag]:
    """Those of the hashtags that the network will see which are the campaign's, in any spelling."""
    wanted = hashtag.casefold()
    return [
        tag
        for tag in rules.tags(text)
        if unicodedata.normalize("NFC", tag.name).casefold() == wanted
    ]


def _flags_in(text: str) -> list[str]:
    return [found["emoji"] for found in emoji.emoji_list(text)]


def _set_apart(text: str, hashtag: str) -> str:
    """The first occurrence canonical and set apart, later ones without their sign; links as is."""
    seen = False

    def mend(match: re.Match[str]) -> str:
        nonlocal seen
        if match["link"]:
            return match[0]
        if seen:
            return hashtag
        seen = True
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        left = "" if not before or before.isspace() or before in _OPENING else " "
        right = "" if not after or after.isspace() or after in _CLOSING else " "
        return f"{left}#{hashtag}{right}"

    return _written(hashtag).sub(mend, text)


def _tag_once(text: str, hashtag: str, rules: Rules) -> str:
    """What the network itself sees of it reduced to one, well spelled; what it does not, to a word.

    The network has the last word on what is a link, and on which letters are the same.
    """
    while found := _own_tags(text, hashtag, rules):
        if [tag.name for tag in found] == [hashtag]:
            return text
        sign = "#" if len(found) == 1 else ""
        last = found[-1]
        text = f"{text[: last.start]}{sign}{hashtag}{text[last.end :]}"
    return _written(hashtag).sub(lambda match: match["link"] or hashtag, text)


def _written(hashtag: str) -> re.Pattern[str]:
    """Where *hashtag* is written with its sign, or a link, in which nothing is looked for."""
    return re.compile(rf"(?P<link>{_LINK})|[#＃]+{re.escape(hashtag)}", re.IGNORECASE)


def _each_flag_once(text: str, flags: Sequence[str]) -> str:
    """The first of each of *flags* stays, its repetitions go, with the space before them."""
    kept: list[str] = []
    seen: set[str] = set()
    at = 0
    for found in emoji.emoji_list(text):
        sign, start, end = found["emoji"], found["match_start"], found["match_end"]
        if sign in seen:
            kept.append(text[at:start].removesuffix(" "))
            at = end
        elif sign in flags:
            seen.add(sign)
    return "".join([*kept, text[at:]])


def _flags_apart(text: str, flags: Sequence[str]) -> str:
    """A space between *flags* and the letters and digits beside them; links as is."""
    if not flags:
        return text
    signs = "|".join(flags)
    beside = rf"(?<=[^\W_])(?={signs})|(?<={signs})(?=[^\W_])"
    pattern = re.compile(rf"{beside}|(?P<link>{_LINK})", re.IGNORECASE)
    return pattern.sub(lambda match: match["link"] or " ", text)


def _append(text: str, addition: str, *, on_a_line_of_its_own: bool) -> str:
    if not addition:
        return text
    if not text:
        return addition
    if not on_a_line_of_its_own:
        return f"{text} {addition}"
    last_line = text.rsplit("\n", 1)[-1]
    return f"{text}\n{'' if last_line.startswith(('http://', 'https://')) else chr(10)}{addition}"
