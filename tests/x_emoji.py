"""`python -m tests.x_emoji` writes bot/networks/x/emoji.txt: the emoji that X surely counts as one.

twitter-text v3 counts what twemoji-parser 11.0.2 finds. That is Unicode 11 as the `emoji` package
has it (its versions are bound in pyproject.toml), with the differences named below.
"""

from __future__ import annotations

from itertools import groupby

from emoji import EMOJI_DATA, STATUS

from bot.networks.x.emoji import TABLE

LAST_VERSION = 11
SELECTOR, KEYCAP, JOINER = "\ufe0f", "\u20e3", "\u200d"
TONES = tuple(map(chr, range(0x1F3FB, 0x1F400)))
GENDERS = (f"{JOINER}\u2640{SELECTOR}", f"{JOINER}\u2642{SELECTOR}")

#: In Unicode 11, but not in twemoji's table with these signs.
NOT_KNOWN = {"👁\ufe0f\u200d🗨\ufe0f", "♾\ufe0f"}
#: Twemoji has the eye in a speech bubble without its selectors.
KNOWN_BARE = {"👁\u200d🗨"}
#: Shown as pictures by themselves, and yet known with a selector.
KNOWN_WITH_SELECTOR = (
    "⌚⌛◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽⬛⬜⭐⭕❗🀄🈚🈯"
)
#: Twemoji drew the skier with tones, which Unicode does not.
KNOWN_WITH_TONE = "⛷"
#: Twemoji drew women and men of these before Unicode had them.
KNOWN_WITH_GENDER = ("🕴", "🤵")

HEADER = """\
// Emoji of several signs that X surely counts as one, those that begin alike on one line.
// Made by `python -m tests.x_emoji`: Unicode 11 of the `emoji` package, as twemoji-parser has it.
"""


def sequences() -> set[str]:
    """Every sequence of several signs that twemoji-parser 11.0.2 takes for one emoji."""
    known = {
        sign
        for sign, facts in EMOJI_DATA.items()
        if len(sign) > 1
        and facts["status"] == STATUS["fully_qualified"]
        and facts["E"] <= LAST_VERSION
    }
    known = (known - NOT_KNOWN) | KNOWN_BARE
    known |= {sign + SELECTOR for sign in KNOWN_WITH_SELECTOR}
    known |= {sign + tone for sign in KNOWN_WITH_TONE for tone in TONES}
    known |= {sign.replace(SELECTOR, "") for sign in known if sign[-1] == KEYCAP}
    return known | _with_selector_and_tone(known) | _with_gender()


def _with_selector_and_tone(known: set[str]) -> set[str]:
    """A sign that needs a selector to be a picture may have it before its tone too."""
    toned = {sign[0] for sign in known if len(sign) == 2 and sign[1] in TONES}
    return {sign + SELECTOR + tone for sign in toned if sign + SELECTOR in known for tone in TONES}


def _with_gender() -> set[str]:
    suit, tuxedo = KNOWN_WITH_GENDER
    people = {suit + SELECTOR, tuxedo, *(one + tone for one in (suit, tuxedo) for tone in TONES)}
    return {person + gender for person in people for gender in GENDERS}


def table() -> str:
    """What emoji.txt says."""
    lines = groupby(sorted(sequences()), key=lambda sign: sign[0])
    return HEADER + "".join(" ".join(signs) + "\n" for _first, signs in lines)


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
