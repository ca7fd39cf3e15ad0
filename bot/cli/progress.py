"""How far a long command is, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr under *title*, gone at the end; to be told how much more of *total* is done.

    Nothing where nobody looks: stderr is no terminal.
    """
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with bar(console, disable=not console.is_terminal) as shown:
        task = shown.add_task(title, total=max(total, 1))
        yield lambda more: shown.advance(task, more)


def bar(console: Console, *, disable: bool = False) -> Progress:
    """A bar on *console* with what is done, how much of it and for how long; gone at the end."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=disable,
    )
