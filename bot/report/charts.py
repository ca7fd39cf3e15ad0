"""The two charts, drawn as SVG by hand: bars by day, and bars by partner.

They carry no style of their own: text and lines take `currentColor` (dark mode, print), bars a hue
that stands out on white and on black (Okabe and Ito's, for the colour-blind) and, network by
network, a texture, so that they can be told apart in grey. The numbers are in the table beside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 420
_HEIGHT = 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 34, 26
_HUES = ("#0072b2", "#d55e00", "#009e73", "#b3609a", "#8a7a00", "#666e78")
_TEXTURES = (
    "",
    '<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="{hue}" stroke-width="2.4"/>',
    '<path d="M0 2H6M0 5H6" stroke="{hue}" stroke-width="1.6"/>',
    '<circle cx="3" cy="3" r="1.9" fill="{hue}"/>',
    '<path d="M2 0V6M5 0V6" stroke="{hue}" stroke-width="1.6"/>',
    '<path d="M0 0L6 6M6 0L0 6" stroke="{hue}" stroke-width="1.6"/>',
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of a chart, and how it is written; None: a gap; *hollow*: not the whole of it."""

    value: int | None
    text: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """The bars of one network, one for each day."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands between the lowest tick and the highest."""

    ticks: tuple[int, ...]

    def part(self, value: float) -> float:
        """0 at the lowest tick, 1 at the highest."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)


def scale(values: Sequence[int | None]) -> Scale:
    """Round ticks from nought, or below, to the greatest of *values* at least."""
    known = [value for value in values if value is not None]
    low, high = min([0, *known]), max([0, *known])
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step), max(math.ceil(high / step), 1)
    return Scale(tuple(step * number for number in range(first, last + 1)))


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below *least*."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10


def by_day(
    days: Sequence[str], series: Sequence[Series], ticks: Sequence[str], title: str, text: str
) -> str:
    """Bars for each of *days*, one for each of *series*; a dash where a number is missing.

    *ticks* are the written values of `scale(...)`'s ticks, *title* and *text* the chart in words.
    """
    drawn = scale([bar.value for each in series for bar in each.bars])
    parts = [_axis(drawn, ticks), _legend([each.title for each in series])]
    slot = (WIDTH - _LEFT - _RIGHT) / max(len(days), 1)
    width = min(26.0, (slot - 12) / max(len(series), 1))
    for place, day in enumerate(days):
        middle = _LEFT + slot * (place + 0.5)
        left = middle - width * len(series) / 2
        for number, each in enumerate(series):
            parts.append(_upright(each.bars[place], number, left + width * number, width, drawn))
        parts.append(_text(middle, _HEIGHT - 8, day, "middle"))
    return _svg("chart-days", _HEIGHT, title, text, _textures(len(series)) + "".join(parts))


def by_name(rows: Sequence[tuple[str, Bar]], title: str, text: str) -> str:
    """A bar along each of *rows*, its name and number above it; the longest fills the width."""
    most = max([1, *(abs(bar.value) for _name, bar in rows if bar.value is not None)])
    parts = []
    for place, (name, bar) in enumerate(rows):
        top = 6 + 38 * place
        parts.append(_text(0, top + 12, _fitted(name, WIDTH - 90), "start", 13))
        parts.append(_text(WIDTH, top + 12, bar.text, "end", 13))
        parts.append(_line(0, top + 25, WIDTH, top + 25))
        if bar.value is not None:
            long = max(abs(bar.value) / most * WIDTH, 1)
            parts.append(_rect(0, top + 19, long, 12, _HUES[0] if bar.value >= 0 else _HUES[1]))
    return _svg("chart-partners", 6 + 38 * len(rows), title, text, "".join(parts))


def _svg(name: str, height: float, title: str, text: str, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_round(height)}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" font-family="inherit">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(text)}</desc>{inside}</svg>'
    )


def _axis(drawn: Scale, ticks: Sequence[str]) -> str:
    lines = []
    for value, written in zip(drawn.ticks, ticks, strict=True):
        height = _height_of(drawn, value)
        lines.append(_line(_LEFT, height, WIDTH - _RIGHT, height, "1" if value == 0 else ".18"))
        lines.append(_text(_LEFT - 6, height + 4, written, "end", 11))
    return "".join(lines)


def _legend(titles: Sequence[str]) -> str:
    parts, left = [], float(_LEFT)
    for number, title in enumerate(titles):
        parts.append(_rect(left, 6, 12, 12, _fill(number), _HUES[number % len(_HUES)]))
        parts.append(_text(left + 18, 16, title, "start"))
        left += 18 + _width(title) + 20
    return "".join(parts)


def _upright(bar: Bar, number: int, left: float, width: float, drawn: Scale) -> str:
    ground = _height_of(drawn, 0)
    if bar.value is None:
        return _text(left + width / 2, ground - 5, bar.text, "middle")
    top = _height_of(drawn, bar.value)
    # A bar of nought is a measurement: it is a line on the ground, where a gap is a dash above it.
    tall = max(abs(top - ground), 1.5)
    hue = _HUES[number % len(_HUES)]
    fill, edge = (
        (f"{hue}22", f'{hue}" stroke-dasharray="3 2') if bar.hollow else (_fill(number), hue)
    )
    return _rect(left + 1, min(top, ground), width - 2, tall, fill, edge)


def _height_of(drawn: Scale, value: float) -> float:
    return _HEIGHT - _BOTTOM - drawn.part(value) * (_HEIGHT - _TOP - _BOTTOM)


def _textures(count: int) -> str:
    patterns = []
    for number in range(1, min(count, len(_HUES))):
        inside = _TEXTURES[number].format(hue=_HUES[number])
        patterns.append(
            f'<pattern id="texture-{number}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f"{inside}</pattern>"
        )
    return f"<defs>{''.join(patterns)}</defs>" if patterns else ""


def _fill(number: int) -> str:
    number %= len(_HUES)
    return f"url(#texture-{number})" if number else _HUES[0]


def _rect(left: float, top: float, width: float, height: float, fill: str, edge: str = "") -> str:
    stroke = f' stroke="{edge}"' if edge else ""
    return (
        f'<rect x="{_round(left)}" y="{_round(top)}" width="{_round(width)}"'
        f' height="{_round(height)}" fill="{fill}"{stroke}/>'
    )


def _line(left: float, top: float, right: float, bottom: float, opacity: str = ".18") -> str:
    return (
        f'<path d="M{_round(left)} {_round(top)}L{_round(right)} {_round(bottom)}"'
        f' stroke="currentColor" stroke-opacity="{opacity}"/>'
    )


def _text(left: float, top: float, text: str, anchor: str, size: int = 12) -> str:
    return (
        f'<text x="{_round(left)}" y="{_round(top)}" text-anchor="{anchor}" font-size="{size}"'
        f' fill="currentColor">{escape(text)}</text>'
    )


def _width(text: str, size: float = 12) -> float:
    """About how wide *text* is: a Korean letter fills its square, a Latin one half of it."""
    return sum(size if ord(letter) > 0x1100 else size * 0.56 for letter in text)


def _fitted(text: str, width: float) -> str:
    while _width(text, 13) > width:
        text = text[:-2].rstrip() + "…"
    return text


def _round(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
