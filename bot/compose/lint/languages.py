"""Rules of languages: the right one, French typography, Korean dates and particles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.compose.lint.findings import HANGUL, LATIN, Found, Level, Rule, Seen, shown
from bot.compose.lint.tables import ENGLISH_WORDS, FRENCH_WORDS
from bot.compose.wording import date_in, korean_particle
from bot.words import N_, Message

_LETTERS = 10
_WORDS = 5
_TIMES = 4
#: A title or a saying may be in any language.
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"]*\"")

_TYPOGRAPHY = "Lexique des règles typographiques de l’Imprimerie nationale"
_NARROW = "\u202f"
_BEFORE_A_MARK = rf"[{LATIN}0-9)\]»”’%€]"
#: An ordinary space, or none, before a mark that ends something; `10:30` and `a:b` are left alone.
_BADLY_SPACED = re.compile(
    rf"(?<=\S) (?P<spaced>[:;!?]+)(?=\s|\Z|»)|(?<={_BEFORE_A_MARK})(?P<glued>[:;!?]+)(?=\s|\Z|»)"
    r"|(?<=\S)(?P<closing> ?»)|(?P<opening>«(?![\u00a0\u202f]) ?)"
)
_STRAIGHT = re.compile(rf"(?<=[{LATIN}])'(?=[{LATIN}])|\"")

_WEEKDAYS = "월화수목금토일"
#: 2023.3.1, 2023. 3. 1., 2023-03-01, 2023/3/1, 3/1(수), 3.1(수), and 2023년3월1일 without spaces.
_KOREAN_DATE = re.compile(
    rf"(?<![0-9./-])(?P<year>[12][0-9]{{3}})(?P<mark>[./-]) ?(?P<month>[0-9]{{1,2}})(?P=mark) ?"
    rf"(?P<day>[0-9]{{1,2}})(?![0-9])\.?(?: ?\((?P<name>[{_WEEKDAYS}])\))?"
    rf"|(?<![0-9./-])(?P<short_month>[0-9]{{1,2}})[./] ?(?P<short_day>[0-9]{{1,2}})\.?"
    rf" ?\((?P<short_name>[{_WEEKDAYS}])\)"
    r"|(?<![0-9])(?P<korean>(?:[0-9]{4}년 ?)?[0-9]{1,2}월(?: ?[0-9]{1,2}일)?)"
)
_PAIRS = {
    "은(는)": "은/는",
    "는(은)": "은/는",
    "이(가)": "이/가",
    "가(이)": "이/가",
    "을(를)": "을/를",
    "를(을)": "을/를",
    "과(와)": "과/와",
    "와(과)": "과/와",
    "으로(로)": "으로/로",
    "로(으로)": "으로/로",
    "(으)로": "으로/로",
}
_BOTH_PARTICLES = re.compile(
    r"(?P<word>[0-9가-힣]{1,12})(?P<closed>[)」』”’]?)(?P<both>"
    + "|".join(map(re.escape, _PAIRS))
    + ")"
)


def wrong_language(seen: Seen) -> Iterator[Found]:
    """A text in another language than it is for, as far as script and small words tell.

    Korean without Hangul, French or English mostly in Hangul, French in the slot of English.
    """
    if _is_foreign(seen.prose, seen.subject.language):
        message = Message(
            N_("This text is not in the language that it is for ({language})."),
            {"language": seen.subject.language},
        )
        yield Found(message)


def _is_foreign(prose: str, language: str) -> bool:
    hangul, latin = len(re.findall(f"[{HANGUL}]", prose)), len(re.findall(f"[{LATIN}]", prose))
    if language == "ko":
        return not hangul and latin >= _LETTERS
    if language not in {"fr", "en"}:
        return False
    words = re.findall(f"[{LATIN}]+", _QUOTED.sub(" ", prose).casefold())
    own, other = (
        (FRENCH_WORDS, ENGLISH_WORDS) if language == "fr" else (ENGLISH_WORDS, FRENCH_WORDS)
    )
    foreign = sum(word in other for word in words)
    mostly_foreign = foreign >= _WORDS and foreign > _TIMES * sum(word in own for word in words)
    return (hangul >= _LETTERS and hangul > latin) or mostly_foreign


def french_spaces(seen: Seen) -> Iterator[Found]:
    """French sets `: ; ! ?` and what stands in « » apart with a space that does not break."""
    if seen.subject.language != "fr":
        return
    for found in _BADLY_SPACED.finditer(seen.prose):
        sign = found[0].strip()
        message = Message(
            N_("French asks for a no-break space (U+00A0) before “{sign}”."), {"sign": sign}
        )
        if found["opening"]:
            message = Message(
                N_("French asks for a no-break space (U+00A0) after “{sign}”."), {"sign": sign}
            )
        yield Found(message, found.start(), found.end())


def narrow_spaces(seen: Seen) -> Iterator[Found]:
    """U+202F where it weighs more than U+00A0: spent knowingly, or not at all."""
    text, measure = seen.subject.text, seen.subject.rules.measure
    if seen.subject.language != "fr" or _NARROW not in text:
        return
    saved = measure(text).length - measure(text.replace(_NARROW, "\u00a0")).length
    if saved > 0:
        at = text.index(_NARROW)
        message = Message(
            N_(
                "Narrow no-break spaces (U+202F) count more here than ordinary ones (U+00A0), "
                "which would leave room for {saved} more characters."
            ),
            {"saved": saved},
        )
        yield Found(message, at, at + 1)


def french_quotes(seen: Seen) -> Iterator[Found]:
    """Straight apostrophes and quotation marks, the first of each."""
    if seen.subject.language != "fr":
        return
    first = {found[0]: found for found in reversed(list(_STRAIGHT.finditer(seen.prose)))}
    if apostrophe := first.get("'"):
        message = Message(N_("The apostrophe is straight: French prints ’."))
        yield Found(message, apostrophe.start(), apostrophe.end())
    if quote := first.get('"'):
        message = Message(N_("The quotation marks are straight: French prints « and »."))
        yield Found(message, quote.start(), quote.end())


def korean_dates(seen: Seen) -> Iterator[Found]:
    """Dates that are not written 2023년 3월 1일 or 3월 1일(수)."""
    if seen.subject.language != "ko":
        return
    for found in _KOREAN_DATE.finditer(seen.prose):
        if right := _korean_date(found):
            message = Message(
                N_("Write “{right}” for “{date}”: that is read aloud as a date."),
                {"right": right, "date": found[0].strip()},
            )
            yield Found(message, found.start(), found.end())


def _korean_date(found: re.Match[str]) -> str:
    """The date that is meant, as Korean writes it; nothing if it is so, or is no date."""
    if found["korean"]:
        spaced = re.sub("(?<=[년월])(?=[0-9])", " ", found["korean"])
        return spaced if spaced != found["korean"] else ""
    name = found["name"] or found["short_name"]
    weekday = f"({name})" if name else ""
    try:
        if found["year"]:
            day = date(int(found["year"]), int(found["month"]), int(found["day"]))
            return date_in(day, "ko") + weekday
        # A leap year: whether there is a 29 February is not ours to say.
        day = date(2024, int(found["short_month"]), int(found["short_day"]))
    except ValueError:
        return ""
    return f"{day.month}월 {day.day}일{weekday}"


def korean_particles(seen: Seen) -> Iterator[Found]:
    """은(는), 이(가), 을(를) after a syllable or a digit whose sound decides.

    After Latin letters both are right. A wrong particle is not looked for: that takes a dictionary
    (마을 is a village, not 마 with a particle); templates choose theirs by `josa`.
    """
    if seen.subject.language != "ko":
        return
    for found in _BOTH_PARTICLES.finditer(seen.prose):
        right = korean_particle(found["word"] + found["closed"], _PAIRS[found["both"]])
        message = Message(
            N_("Write “{right}” for “{both}”: the syllable before decides."),
            {"right": shown(right), "both": shown(found[0])},
        )
        yield Found(message, found.start(), found.end())


RULES = (
    Rule(
        "wrong-language",
        Level.ERROR,
        Message(N_("A text is in the language that it is for.")),
        "WCAG 2.2 3.1.1 / RGAA 4.1.2 8.4",
        wrong_language,
    ),
    Rule(
        "french-spaces",
        Level.ADVICE,
        Message(N_("French: a no-break space before : ; ! ? and inside « ».")),
        _TYPOGRAPHY,
        french_spaces,
    ),
    Rule(
        "narrow-space",
        Level.ADVICE,
        Message(N_("French: no narrow no-break space where it counts more than an ordinary one.")),
        "twitter-text v3",
        narrow_spaces,
    ),
    Rule(
        "french-quotes",
        Level.ADVICE,
        Message(N_("French: the apostrophe is ’, quotation marks are « and ».")),
        _TYPOGRAPHY,
        french_quotes,
    ),
    Rule(
        "korean-dates",
        Level.ADVICE,
        Message(N_("Korean: dates are written 2023년 3월 1일 or 3월 1일(수).")),
        "Pavois",
        korean_dates,
    ),
    Rule(
        "korean-particle",
        Level.ADVICE,
        Message(N_("Korean: the particle that the syllable before asks for, not both.")),
        "Pavois",
        korean_particles,
    ),
)
