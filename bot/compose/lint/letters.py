"""Rules of letters: hashtags in PascalCase, no fake bold, no shouting, no ornaments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.compose.hidden import is_hidden
from bot.compose.lint.findings import LATIN, Found, Level, Rule, Seen, shown
from bot.compose.lint.tables import ACRONYMS, LONG_WORDS
from bot.words import N_, Message

#: A tag of so many letters without a capital is rarely one word; so is one in capitals.
_SEVERAL_WORDS = 12
_SEVERAL_SHOUTED = 8
_LATIN_TAG = re.compile(rf"[{LATIN}0-9_]+")

#: Signs of mathematics: letters to the eye only. They count even alone.
_MATHEMATICAL = "\U0001d400-\U0001d7ff"
#: Circled, parenthesised and squared letters, letters of mathematics that are older than the block,
#: full-width ones, small capitals of phonetics. Alone they may be what they are: "ⓐ", "ℝ", "Ａ동".
_FANCY = (
    f"{_MATHEMATICAL}\u249c-\u24e9\U0001f110-\U0001f12b\U0001f130-\U0001f149\U0001f150-\U0001f169"
    "\U0001f170-\U0001f189ℂℊℋℌℍℎℐℑℒℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴＡ-Ｚａ-ｚᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"
)
#: Those that are emoji: blood types, parking, the metro.
_EMOJI_LETTERS = frozenset("🅰🅱🅾🅿Ⓜ")
_FANCY_RUN = re.compile(rf"[{_FANCY}]+(?:[ \u00a0,.'’!?-]{{1,3}}[{_FANCY}]+)*")
_IS_MATHEMATICAL = re.compile(f"[{_MATHEMATICAL}]")
_TWO_FANCY = re.compile(f"[{_FANCY}]{{2}}")
_IS_LATIN = re.compile(f"[{LATIN}]")
#: "ᵉʳ" and "ᵐᵉ" are French abbreviations; four in a row are a disguise.
_RAISED = re.compile("[ʰʲʳˡˢʷˣʸᴬᴮᴰᴱᴳ-ᴺᴼᴾᴿᵀᵁᵂᵃᵇᵈᵉᵍᵏᵐᵒᵖᵗᵘᵛᶜᶠᶻⁱⁿⱽ]{4,}")
#: Letters struck through or underlined one by one.
_STRUCK = re.compile("(?:[^\\W\u0332\u0335-\u0338][\u0332\u0335-\u0338]+){3,}")
_STROKES = re.compile("[\u0332\u0335-\u0338]")
_LETTER_NAME = re.compile(r"LETTER (SMALL CAPITAL )?([A-Z])$")

_WORD = re.compile(rf"[{LATIN}]+(?:['’-][{LATIN}]+)*")
_ROMAN = re.compile("[IVXLCDM]+")
_REPEATED_MARKS = re.compile(r"[!?！？](?:[ \u00a0\u202f]?[!?！？])+")
_ORNAMENTS = re.compile(r"([-=_*~～─━═—–+^])\1{3,}|[★☆◆◇■□●○◎▶▷◀◁♥♡♪♬♩※✦✧❖▪▫～]{2,}")


def tag_case(seen: Seen) -> Iterator[Found]:
    """Hashtags of several words without the capitals that tell a screen reader where words begin.

    A tag of twelve Latin letters or more without a capital after the first letter, or of eight
    capitals, unless it is a word that we know. Hangul has no capitals.
    """
    for tag in seen.tags:
        name = unicodedata.normalize("NFC", tag.name)
        if _LATIN_TAG.fullmatch(name) and (_all_small(name) or _all_capitals(name)):
            message = Message(
                N_(
                    "If #{tag} is several words, begin each with a capital (#LocalCooperation): a "
                    "screen reader cannot tell them apart otherwise."
                ),
                {"tag": shown(tag.name)},
            )
            yield Found(message, tag.start, tag.end)


def _all_small(name: str) -> bool:
    letters = [letter for letter in name if letter.isalpha()]
    small = not any(letter.isupper() for letter in letters[1:])
    return small and len(letters) >= _SEVERAL_WORDS and _plain_word(name) not in LONG_WORDS


def _all_capitals(name: str) -> bool:
    letters = [letter for letter in name if letter.isalpha()]
    return (
        len(letters) >= _SEVERAL_SHOUTED
        and all(map(str.isupper, letters))
        and not (name in ACRONYMS or _plain_word(name) in LONG_WORDS)
    )


def _plain_word(name: str) -> str:
    """*name* in small letters without accents."""
    apart = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in apart if letter.isalpha())


def fancy_letters(seen: Seen) -> Iterator[Found]:
    """Letters of mathematics and the like, used as bold or italics: read one by one, or not at all.

    WCAG counts them as text look-alikes (failure F71).
    """
    text = seen.subject.text
    for found in _FANCY_RUN.finditer(text):
        if _is_disguise(text, found):
            yield _disguised(found)
    for pattern in (_RAISED, _STRUCK):
        yield from map(_disguised, pattern.finditer(text))


def _is_disguise(text: str, found: re.Match[str]) -> bool:
    if _IS_MATHEMATICAL.search(found[0]):
        return True
    if set(found[0]) <= _EMOJI_LETTERS:
        return False
    beside = text[max(found.start() - 1, 0) : found.start()] + text[found.end() : found.end() + 1]
    return bool(_TWO_FANCY.search(found[0]) or _IS_LATIN.search(beside))


def _disguised(found: re.Match[str]) -> Found:
    message = Message(
        N_(
            "“{fancy}” is made of signs that only look like letters: screen readers spell them or "
            "skip them, and nobody finds them by searching. Write “{plain}”."
        ),
        {"fancy": shown(found[0]), "plain": shown(plain(found[0]))},
    )
    return Found(message, found.start(), found.end())


def plain(text: str) -> str:
    """*text* in ordinary letters: NFKC, and by their names those letters that it leaves."""
    return "".join(map(_plain_letter, _STROKES.sub("", text)))


def _plain_letter(sign: str) -> str:
    letter = unicodedata.normalize("NFKC", sign)
    if len(letter) == 1 and letter != sign:
        return letter
    name = unicodedata.name(sign, "")
    if not sign.isascii() and (found := _LETTER_NAME.search(name)):
        return found[2].lower() if "SMALL" in name else found[2]
    return letter


def shouting(seen: Seen) -> Iterator[Found]:
    """Several words in capitals, and exclamation or question marks in a row.

    Acronyms, Roman numerals and a lone word in capitals (a surname) are no shouting.
    """
    for run in _runs_of_capitals(seen.prose):
        if _is_shouted(seen.prose, run):
            start, end = run[0].start(), run[-1].end()
            message = Message(
                N_(
                    "“{words}” is written in capitals: that reads as shouting, and some screen "
                    "readers spell it. Write it in small letters."
                ),
                {"words": shown(seen.prose[start:end])},
            )
            yield Found(message, start, end)
    for found in _REPEATED_MARKS.finditer(seen.prose):
        marks = re.sub(r"\s", "", found[0])
        if marks not in {"?!", "!?"}:
            message = Message(
                N_("“{marks}”: one mark is enough; a screen reader says each of them."),
                {"marks": shown(marks)},
            )
            yield Found(message, found.start(), found.end())


def _runs_of_capitals(prose: str) -> Iterator[list[re.Match[str]]]:
    """Words in capitals that only spaces part."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(prose):
        if run and not (word[0].isupper() and prose[run[-1].end() : word.start()].isspace()):
            yield run
            run = []
        if word[0].isupper():
            run.append(word)
    if run:
        yield run


def _is_shouted(prose: str, run: list[re.Match[str]]) -> bool:
    """Three words, two of them long; or two long ones that begin a line: a name does not."""
    long = [word for word in run if _is_long(word[0])]
    before = prose[max(run[0].start() - 1, 0) : run[0].start()]
    return len(long) >= 2 and (len(run) >= 3 or before in {"", "\n"})


def _is_long(word: str) -> bool:
    return len(word) >= 4 and word not in ACRONYMS and not _ROMAN.fullmatch(word)


def decoration(seen: Seen) -> Iterator[Found]:
    """Lines and stars drawn with characters: each is read, or none; WCAG's failure F72."""
    for found in _ORNAMENTS.finditer(seen.prose):
        message = Message(
            N_("“{signs}” is an ornament: a screen reader says each sign. Leave an empty line."),
            {"signs": shown(found[0])},
        )
        yield Found(message, found.start(), found.end())


def hidden_signs(seen: Seen) -> Iterator[Found]:
    """Marks of direction, joiners and spaces without width, that came along from elsewhere."""
    found = [(sign, at) for at, sign in enumerate(seen.prose) if is_hidden(sign)]
    if found:
        names = ", ".join(sorted({f"U+{ord(sign):04X}" for sign, _at in found}))
        message = Message(
            N_("There are invisible signs in the text ({signs}): take them out, or type it anew."),
            {"signs": names},
        )
        yield Found(message, found[0][1], found[0][1] + 1)


RULES = (
    Rule(
        "hidden-signs",
        Level.ADVICE,
        Message(N_("No signs that nobody sees.")),
        "Pavois",
        hidden_signs,
    ),
    Rule(
        "tag-case",
        Level.ADVICE,
        Message(N_("A hashtag of several words begins each of them with a capital.")),
        "Access42",
        tag_case,
    ),
    Rule(
        "fancy-letters",
        Level.ERROR,
        Message(N_("No signs that only look like bold, italic or circled letters.")),
        "WCAG 2.2 1.1.1 (F71) / RGAA 4.1.2 13.5",
        fancy_letters,
    ),
    Rule(
        "shouting",
        Level.ADVICE,
        Message(N_("No words in capitals one after the other, no marks in a row.")),
        "Pavois",
        shouting,
    ),
    Rule(
        "decoration",
        Level.ADVICE,
        Message(N_("No lines, stars or arrows drawn with characters.")),
        "WCAG 2.2 1.1.1 (F72) / RGAA 4.1.2 13.5",
        decoration,
    ),
)
