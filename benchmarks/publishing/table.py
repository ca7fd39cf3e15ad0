"""Small tables in plain text: the first column on the left, figures on the right."""

from __future__ import annotations

from collections.abc import Sequence


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print *rows* under *head*; each has as many columns."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for first, *figures in lines:
        right = "".join(
            f"  {text:>{width}}" for text, width in zip(figures, widths[1:], strict=True)
        )
        print(f"  {first:<{widths[0]}}{right}".rstrip(), flush=True)


def ratio(value: float) -> str:
    return f"{value:.2f}×"
