"""The mark: the campaign's hashtag once, recognised by the network, and its flags once.

`with_mark` mends while composing; `mark_faults` is the last check before sending, which mends
nothing: what fails does not leave (DESIGN §2.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import emoji

from bot.compose.rules import Rules
from bot.errors import ConfigError
from bot.words import N_, Message

#: What may stand right before or right after a hashtag without a space: it breaks no tag on any
#: network, and people write it so. Letters, digits, `_`, middle dots and joiners become part of
#: the tag on X (twitter-text), and a second `#` kills both.
_OPENING = "([{«“‘\"'「『（"
_CLOSING = ".,;:!?)]}…»”’\"'」』）"


def flag(country: str) -> str:
    """The flag of an ISO 3166 country code, two capitals. Raises ConfigError if it has none."""
    sign = "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country)
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
    text = _each_tag_once(rules.clean(text).strip(), hashtag)
    text = _each_flag_once(text, countries)
    present = any(_same(tag.name, hashtag) for tag in rules.tags(text))
    missing = [sign for sign in map(flag, countries) if sign not in text]
    additions = ([] if present else [f"#{hashtag}"]) + (["".join(missing)] if missing else [])
    return _append(text, " ".join(additions), on_a_line_of_its_own=not present)


def mark_faults(
    text: str, hashtag: str, countries: Sequence[str], rules: Rules
) -> tuple[Message, ...]:
    """What is wrong with the mark of *text*, in words; nothing for a text that may leave."""
    faults = []
    found = [tag.name for tag in rules.tags(text) if _same(tag.name, hashtag)]
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


def _same(name: str, hashtag: str) -> bool:
    return unicodedata.normalize("NFC", name).casefold() == hashtag.casefold()


def _flags_in(text: str) -> list[str]:
    return [found["emoji"] for found in emoji.emoji_list(text)]


def _each_tag_once(text: str, hashtag: str) -> str:
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

    pattern = rf"(?P<link>https?://\S+)|[#＃](?:{re.escape(hashtag)})"
    return re.sub(pattern, mend, text, flags=re.IGNORECASE)


def _each_flag_once(text: str, countries: Sequence[str]) -> str:
    """The first flag of each country stays, its repetitions go, with the space before them."""
    wanted = {flag(country) for country in countries}
    seen: set[str] = set()

    def keep_first(sign: str, _data: dict[str, str]) -> str:
        if sign in wanted and sign in seen:
            return "\0"
        seen.add(sign)
        return sign

    return re.sub(r" ?\0", "", emoji.replace_emoji(text, replace=keep_first))


def _append(text: str, addition: str, *, on_a_line_of_its_own: bool) -> str:
    if not addition:
        return text
    if not text:
        return addition
    if not on_a_line_of_its_own:
        return f"{text} {addition}"
    last_line = text.rsplit("\n", 1)[-1]
    return f"{text}\n{'' if last_line.startswith(('http://', 'https://')) else chr(10)}{addition}"
