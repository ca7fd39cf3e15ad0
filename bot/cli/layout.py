"""Text laid out by the columns of a terminal: a Korean letter takes two, which click counts as one.

The width of a character is that of Unicode's East Asian Width (UAX #11).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import click

from bot.words import _


def columns(text: str) -> int:
    """How many columns of a terminal *text* takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int) -> str:
    """*text* with spaces after it up to *width* columns."""
    return text + " " * (width - columns(text))


def folded(text: str, width: int) -> list[str]:
    """*text* in lines of at most *width* columns, broken at ordinary spaces only."""
    lines: list[str] = []
    for word in filter(None, text.replace("\n", " ").split(" ")):
        if lines and columns(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


class Formatter(click.HelpFormatter):
    """click's, with paragraphs and lists of two columns measured in columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How a command is called; click has its names for what may follow in English only."""
        for words, said in (("[OPTIONS]", _("[OPTIONS]")), ("COMMAND [ARGS]...", _("COMMAND …"))):
            args = args.replace(words, said)
        super().write_usage(prog, args, prefix)

    def write_text(self, text: str) -> None:
        """One paragraph, at the present indent."""
        for line in folded(text, self.width - self.current_indent):
            self.write(f"{' ' * self.current_indent}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Terms and what they mean, side by side; a long term has a line of its own."""
        # click has its name for what an option is given in English only.
        text = _("TEXT")
        rows = [(term.replace(" TEXT", f" {text}"), meaning) for term, meaning in rows]
        widest = min(max(columns(term) for term, _meaning in rows), col_max)
        start = self.current_indent + widest + col_spacing
        for term, meaning in rows:
            lines = folded(meaning, max(self.width - start, 10))
            head = f"{' ' * self.current_indent}{term}"
            if lines and columns(term) <= widest:
                head = padded(head, start) + lines.pop(0)
            self.write("\n".join([head, *(f"{' ' * start}{line}" for line in lines)]) + "\n")
