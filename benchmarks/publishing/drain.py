"""Posts that are all due at once: how many go out a second.

The engine alone (a network in the process that answers at once), and through requests on loopback.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.publishing import ours, peers
from benchmarks.publishing.child import answering, figures
from benchmarks.publishing.table import ratio, table

SPEAKERS = (100, 6, 1)
ROUNDS = 3
#: How long the one slow network takes for each post, in seconds.
SLOW = 0.25

#: What measures something in the empty folder that it is given.
Run = Callable[[Path], dict[str, Any]]
#: The same, where each job calls an address, or nothing ("").
RunTo = Callable[[str, Path], dict[str, Any]]
#: Posts a second, round by round.
Rates = Mapping[str, list[float]]


def main(folder: Path, posts: int, *, brief: bool) -> None:
    templates = {
        speakers: _template(folder, speakers, posts)
        for speakers in (SPEAKERS[:1] if brief else SPEAKERS)
    }
    with ExitStack() as stack:
        rivals = _peers(stack, posts, brief=brief)
        _engine_alone(folder, posts, templates, rivals, rounds=1 if brief else ROUNDS)
        url = stack.enter_context(answering())
        _through_requests(folder, posts, templates, rivals, url)


def _engine_alone(
    folder: Path,
    posts: int,
    templates: Mapping[int, Path],
    rivals: Mapping[str, RunTo],
    rounds: int,
) -> None:
    own = {_name(one): partial(_ours, at, one) for one, at in templates.items()}
    same = {f"same, {_name(one)}": _replay(folder, at, one) for one, at in templates.items()}
    others = {
        f"{_name(100)}, one slow: the others": partial(_ours, templates[100], 100, slow=SLOW),
        **{name: partial(run, "") for name, run in rivals.items()},
        "bare outbox on sqlite3, two commits a post": partial(_outbox, posts, 2),
        "bare outbox on sqlite3, one commit a post": partial(_outbox, posts, 1),
    }
    rates = _measured(folder, {**own, **same, **others}, rounds)
    title = f"{posts:,} posts due at once, the engine alone"
    _print_limits(title, rates, list(own), rounds)
    beside = {name: rates[name] for name in (*own, *others)}
    _print_beside(f"{title} (aim beside huey: 2)", beside, rounds)


def _through_requests(
    folder: Path,
    posts: int,
    templates: Mapping[int, Path],
    rivals: Mapping[str, RunTo],
    url: str,
) -> None:
    runs: dict[str, Run] = {
        **{_name(one): partial(_ours, at, one, url=url) for one, at in templates.items()},
        **{name: partial(run, url) for name, run in rivals.items()},
        "the calls alone, 1 at a time": partial(_calls, url, posts, 1),
        "the calls alone, 10 at a time": partial(_calls, url, posts, 10),
    }
    rates = _measured(folder, runs, rounds=1)
    _print_beside(f"{posts:,} posts due at once, each a POST through requests", rates, 1)


def _measured(folder: Path, runs: Mapping[str, Run], rounds: int) -> Rates:
    """Posts a second of each, in turn, round by round."""
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _round in range(rounds):
        for name, run in runs.items():
            place = folder / "run"
            place.mkdir()
            measured = run(place)
            shutil.rmtree(place)
            rates[name].append(measured["posts"] / measured["seconds"])
    return rates


def _template(folder: Path, speakers: int, posts: int) -> Path:
    """A folder in which *posts* posts of *speakers* accounts are due."""
    template = folder / f"template-{speakers}"
    template.mkdir()
    ours.filled(template, ours.campaign_of(speakers), [datetime.now(UTC)] * posts)
    return template


def _ours(
    template: Path, speakers: int, place: Path, *, url: str = "", slow: float = 0
) -> dict[str, Any]:
    shutil.copytree(template, place, dirs_exist_ok=True)
    return figures("ours", "drain", place, speakers, "--url", url, "--slow", slow)


def _replay(folder: Path, template: Path, speakers: int) -> Run:
    """What Pavois executed in a run of its own, executed by sqlite3 alone on the same database."""
    statements = folder / f"statements-{speakers}"
    recorded = folder / f"recorded-{speakers}"
    shutil.copytree(template, recorded)
    done = figures("ours", "drain", recorded, speakers, "--record", statements)["posts"]
    shutil.rmtree(recorded)

    def run(place: Path) -> dict[str, Any]:
        shutil.copytree(template, place, dirs_exist_ok=True)
        measured = figures("bare", "replay", ours.database(place), statements)
        if measured["posts"] != done:
            raise AssertionError(f"{measured['posts']} of {done} posts are out")
        return measured

    return run


def _outbox(posts: int, commits: int, place: Path) -> dict[str, Any]:
    return figures("bare", "outbox", place, posts, commits)


def _calls(url: str, posts: int, threads: int, _place: Path) -> dict[str, Any]:
    return figures("bare", "calls", url, posts, threads)


def _peers(stack: ExitStack, posts: int, *, brief: bool) -> dict[str, RunTo]:
    """What runs each of the peers; what they need ends with *stack*."""

    def drained(module: str, connection: str, url: str, place: Path) -> dict[str, Any]:
        return figures(module, "drain", connection or place, posts, url)

    with_server, connection = peers.on_postgresql(stack, brief=brief)
    modules = {
        **{name: (module, "") for name, module in peers.on_sqlite(brief=brief).items()},
        **{name: (module, connection) for name, module in with_server.items()},
    }
    return {name: partial(drained, module, to) for name, (module, to) in modules.items()}


def _print_limits(title: str, rates: Rates, names: Sequence[str], rounds: int) -> None:
    """Each of *names* beside sqlite3 executing the same."""
    table(
        f"{title}, beside sqlite3 executing the same statements in the same groups "
        f"({_rounds(rounds)}; aim: 0.25)",
        ("", "posts/s", "sqlite3", "ratio"),
        [
            (
                name,
                _rate(rates[name]),
                _rate(rates[f"same, {name}"]),
                _times(rates[name], rates[f"same, {name}"]),
            )
            for name in names
        ],
    )


def _print_beside(title: str, rates: Rates, rounds: int) -> None:
    """The first of *rates* beside each of the others."""
    (first, own), *others = rates.items()
    table(
        f"{title}, {_rounds(rounds)}",
        ("", "posts/s", f"{first} is"),
        [
            (first, _rate(own), ""),
            *((name, _rate(other), _times(own, other)) for name, other in others),
        ],
    )


def _rate(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f}"


def _times(own: Sequence[float], other: Sequence[float]) -> str:
    """How many times quicker ours is: the median over the rounds."""
    return ratio(statistics.median(our / their for our, their in zip(own, other, strict=True)))


def _name(speakers: int) -> str:
    return "Pavois, 1 account" if speakers == 1 else f"Pavois, {speakers} accounts"


def _rounds(rounds: int) -> str:
    return "one round" if rounds == 1 else f"median of {rounds} rounds in turn"
