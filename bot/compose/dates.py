"""Where a text says a day or an hour, in French, Korean and English: that is never cut."""

from __future__ import annotations

import re

_GAP = "[ \u00a0\u202f\u2009]{1,2}"
_MAYBE = "[ \u00a0\u202f\u2009]{0,2}"
_DASH = f"{_MAYBE}[-–—~～/]{_MAYBE}"
_NOT_INSIDE = r"(?<!\w)"
_ENDS = r"(?!\w)"
_DAY = "(?:[012]?[0-9]|3[01])"
_YEAR = "(?:1[0-9]|20)[0-9]{2}"


def _one_of(*words: str) -> str:
    return f"(?:{'|'.join(words)})"


# ── French ──────────────────────────────────────────────────────────────────────────────────────

_FR_MONTH = _one_of(
    *("janvier", "f[ée]vrier", "mars", "avril", "mai", "juin", "juillet", "ao[ûu]t", "septembre"),
    *(
        "octobre",
        "novembre",
        "d[ée]cembre",
        r"janv\.",
        r"f[ée]vr\.",
        r"avr\.",
        r"juil\.",
        r"sept\.",
    ),
    *(r"oct\.", r"nov\.", r"d[ée]c\."),
)
_FR_WEEKDAY = _one_of("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_FR_DAY = f"(?:{_FR_WEEKDAY}{_GAP})?(?:1{_MAYBE}(?:er|ᵉʳ)|{_DAY})"
_FR_AND = f"(?:{_GAP}(?:au|et|ou){_GAP}(?:le{_GAP})?|{_DASH}|,{_GAP})"
_FR_DATE = (
    f"(?:(?:du|le|au){_GAP})?(?:{_FR_DAY}{_FR_AND}){{0,3}}{_FR_DAY}{_GAP}{_FR_MONTH}"
    f"(?:{_GAP}{_YEAR})?{_ENDS}"
)
_FR_MONTHS = f"(?:{_FR_MONTH}{_FR_AND})?{_FR_MONTH}{_GAP}{_YEAR}{_ENDS}"
_FR_WEEKDAY_DAY = f"(?:(?:du|le|au){_GAP})?{_FR_WEEKDAY}{_GAP}{_DAY}{_ENDS}"
_FR_HOUR = f"{_DAY}{_MAYBE}(?:h|heures?)(?:{_MAYBE}[0-5][0-9])?{_ENDS}"

# ── English ─────────────────────────────────────────────────────────────────────────────────────

_EN_MONTH = _one_of(
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
    *(rf"{short}\.?" for short in ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept?")),
    *(rf"{short}\.?" for short in ("oct", "nov", "dec")),
)
_EN_WEEKDAY = f"(?:mon|tues|wednes|thurs|fri|satur|sun)day,?{_GAP}"
_EN_DAY = f"(?:{_EN_WEEKDAY})?(?:the{_GAP})?{_DAY}(?:st|nd|rd|th)?"
_EN_AND = f"(?:{_GAP}(?:to|and|or){_GAP}|{_DASH}|,{_GAP})"
_EN_DATE = (
    f"(?:{_EN_DAY}{_EN_AND}){{0,3}}{_EN_DAY}{_GAP}(?:of{_GAP})?{_EN_MONTH}"
    f"(?:,?{_GAP}{_YEAR})?{_ENDS}"
)
_EN_DATE_MONTH_FIRST = (
    f"(?:{_EN_WEEKDAY})?{_EN_MONTH}{_GAP}{_EN_DAY}(?:{_EN_AND}{_EN_DAY}){{0,3}}"
    f"(?:,?{_GAP}{_YEAR})?{_ENDS}"
)
_EN_MONTHS = f"(?:{_EN_MONTH}{_EN_AND})?{_EN_MONTH}{_GAP}{_YEAR}{_ENDS}"
_EN_HOUR = f"{_DAY}(?:[:.][0-5][0-9])?{_MAYBE}[ap](?:\\.m\\.|m{_ENDS})"

# ── Korean ──────────────────────────────────────────────────────────────────────────────────────

_KO_WEEKDAY = f"(?:{_MAYBE}[(（][월화수목금토일](?:요일)?[)）]|{_GAP}[월화수목금토일]요일)?"
_KO_DAY = f"(?<![0-9])(?:[0-9]{{4}}년{_MAYBE})?(?:[01]?[0-9]월{_MAYBE})?{_DAY}일{_KO_WEEKDAY}"
_KO_DATE = f"{_KO_DAY}(?:(?:{_DASH}|[·,]{_MAYBE}|부터{_GAP}|에서{_GAP}){_KO_DAY})?"
_KO_MONTH = f"(?<![0-9])(?:[0-9]{{4}}년{_MAYBE})?[01]?[0-9]월"
_KO_HOUR = (
    f"(?:(?:오전|오후|낮|밤|새벽|저녁|아침){_MAYBE})?(?<![0-9]){_DAY}시(?!간)"
    f"(?:{_MAYBE}[0-5]?[0-9]분|{_MAYBE}반(?![가-힣]))?"
)

# ── in figures ──────────────────────────────────────────────────────────────────────────────────

_FIGURES = (
    f"(?<![0-9]){_YEAR}-[01]?[0-9]-{_DAY}(?![0-9])"
    f"|(?<![0-9]){_DAY}[/.][01]?[0-9][/.](?:{_YEAR}|[0-9]{{2}})(?![0-9])"
    f"|(?<![0-9]){_YEAR}(?:/[01]?[0-9]/{_DAY}(?![0-9])|\\.{_MAYBE}[01]?[0-9]\\.{_MAYBE}{_DAY}\\.?(?![0-9]){_KO_WEEKDAY})"
)
_CLOCK = "(?:(?:오전|오후) ?)?(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?![0-9:])"

_SAID = re.compile(
    "|".join(
        (
            f"{_NOT_INSIDE}(?:{_one_of(_FR_DATE, _EN_DATE, _EN_DATE_MONTH_FIRST)})",
            f"{_NOT_INSIDE}(?:{_one_of(_FR_MONTHS, _EN_MONTHS, _FR_WEEKDAY_DAY)})",
            f"{_NOT_INSIDE}(?:{_one_of(_FR_HOUR, _EN_HOUR)})",
            *(_KO_DATE, _KO_MONTH, _KO_HOUR, _FIGURES, _CLOCK),
        )
    ),
    re.IGNORECASE,
)
#: What may stand between the parts of one moment: "du 1er mars 2023 à 18 h", "10:00~12:00".
_BETWEEN = re.compile(
    "[ \u00a0\u202f,(~～–—-]{0,3}"
    "(?:(?:à|au|et|de|du|le|at|on|in|to|and|from|until|부터|까지|에)[ \u00a0\u202f(]{1,2}){0,2}",
    re.IGNORECASE,
)


def spans_of_dates(text: str) -> list[tuple[int, int]]:
    """Where *text* says days, months of a year and hours: `text[start:end]`, in order.

    What belongs together is one: "le 12 mars à 18 h", "3월 1일(수) 오후 6시", "10:00~12:00". Takes
    time that grows with the length of *text* only.
    """
    spans: list[tuple[int, int]] = []
    for found in _SAID.finditer(text):
        start, end = found.span()
        if spans and start - spans[-1][1] < 16 and _BETWEEN.fullmatch(text, spans[-1][1], start):
            start = spans.pop()[0]
        spans.append((start, end))
    return spans
