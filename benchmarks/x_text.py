"""X's rules of text beside npm's twitter-text 3.1.0 and PyPI's twitter-text-parser 3.0.0.

`python -m benchmarks.x_text` measures speed: the same posts in French, Korean and English, every
one different and read once, the three in turn in one run.
`python -m benchmarks.x_text --differential 100000 [--seed 1]` compares what is made of random texts
with what npm's makes of them. Both install the peers into a temporary folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.x_text_random import posts, texts
from bot.networks.x import text as x

HERE = Path(__file__).parent
NPM = "twitter-text@3.1.0"
#: With a setuptools that still has pkg_resources, which it asks for.
PYPI = ("setuptools<81", "twitter-text-parser==3.0.0")
SHOWN = 3
SHOWN_OF_A_TEXT = 300

START = """
import time
began = time.perf_counter()
from bot.networks.x.text import parse
parse("Programme 🇫🇷🇰🇷 : ville.fr")
print(time.perf_counter() - began)
"""

# ── the peers ───────────────────────────────────────────────────────────────────────────────────


def npm(folder: Path) -> bool:
    """Whether npm's twitter-text is now installed in *folder*."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    command = ["npm", "install", "--silent", "--ignore-scripts", "--prefix", str(folder), NPM]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def pypi(folder: Path) -> str:
    """The Python that has twitter-text-parser, in *folder*; "" if it could not be installed."""
    python = str(folder / "venv" / "bin" / "python")
    made = [sys.executable, "-m", "venv", str(folder / "venv")]
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYPI]
    for command in (made, install):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return ""
    return python


Timer = Callable[[str, int], float]


@contextmanager
def peer(command: Sequence[str], folder: Path, lists: list[list[str]]) -> Iterator[Timer]:
    """A process that times itself on one of *lists*: `timer("parse", 3)` in seconds."""
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        tell, answer = process.stdin, process.stdout
        tell.write(json.dumps(lists) + "\n")

        def timer(job: str, at: int) -> float:
            tell.write(f"{job} {at}\n")
            tell.flush()
            return float(answer.readline())

        yield timer
        tell.close()


def our_timer(lists: list[list[str]]) -> Timer:
    jobs: dict[str, Callable[[str], object]] = {"parse": x.parse, "hashtags": x.extract_hashtags}

    def timer(job: str, at: int) -> float:
        run = jobs[job]
        began = time.perf_counter()
        for text in lists[at]:
            run(text)
        return time.perf_counter() - began

    return timer


# ── speed ───────────────────────────────────────────────────────────────────────────────────────


def speed(*, brief: bool) -> None:
    rounds, size = (2, 30) if brief else (10, 300)
    every = list(posts((rounds + 1) * size))
    assert len(set(every)) == len(every)
    lists = [every[at : at + size] for at in range(0, len(every), size)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        timers = {"Pavois": our_timer(lists)}
        if npm(folder):
            command = ["node", str(HERE / "x_text.mjs"), "speed"]
            timers[NPM] = stack.enter_context(peer(command, folder, lists))
        if python := pypi(folder):
            command = [python, "-W", "ignore", str(HERE / "x_text_peer.py")]
            timers[PYPI[1]] = stack.enter_context(peer(command, folder, lists))
        for job in ("parse", "hashtags"):
            # PyPI's finds no hashtags.
            able = {n: t for n, t in timers.items() if job == "parse" or n != PYPI[1]}
            show(job, able, rounds, size)
        for name in {NPM, PYPI[1]} - set(timers):
            print(f"X's text: {name} could not be installed here and was not measured")


def show(job: str, timers: dict[str, Timer], rounds: int, size: int) -> None:
    """One round each to warm up, then round after round in turn; medians."""
    for timer in timers.values():
        timer(job, 0)
    took = {name: list[float]() for name in timers}
    for at in range(1, rounds + 1):
        for name, timer in timers.items():
            took[name].append(timer(job, at))
    for name, seconds in took.items():
        each = size / statistics.median(seconds)
        ratio = statistics.median(
            their / our for our, their in zip(took["Pavois"], seconds, strict=True)
        )
        print(
            f"X's text, {job}, {rounds * size} posts: {name} {each:.0f} a second"
            + ("" if name == "Pavois" else f"; Pavois is {ratio:.1f} times as fast")
        )


def start(*, brief: bool) -> None:
    """Import and first parse in a process that was just started."""
    took = [
        float(subprocess.run([sys.executable, "-c", START], capture_output=True, check=True).stdout)
        for _ in range(3 if brief else 15)
    ]
    print(
        f"X's text, import and first parse: {statistics.median(took) * 1000:.0f} ms "
        f"(least {min(took) * 1000:.0f}; limit 60)"
    )


# ── differences ─────────────────────────────────────────────────────────────────────────────────


def ours(text: str) -> dict[str, object]:
    """What Pavois makes of *text*, as x_text.mjs says it: indices in UTF-16."""
    place = [0, *itertools.accumulate(2 if sign > "\uffff" else 1 for sign in text)]

    def spans(found: Sequence[x.Span]) -> list[list[object]]:
        return [[one.text, place[one.start], place[one.end]] for one in found]

    parsed = x.parse(text)
    return {
        "weighted_length": parsed.weighted_length,
        "valid": parsed.valid,
        "permillage": parsed.permillage,
        "valid_range": list(parsed.valid_range),
        "display_range": list(parsed.display_range),
        "weighted_length_v2": x.parse(text, x.V2).weighted_length,
        "weighted_length_v1": x.parse(text, x.V1).weighted_length,
        "hashtags": spans(x.extract_hashtags_with_indices(text)),
        "urls": spans(x.extract_urls_with_indices(text)),
        "mentions": spans(x.extract_mentions_with_indices(text)),
        "cashtags": spans(x.extract_cashtags_with_indices(text)),
        "mentions_or_lists": [
            [one.text, one.list, place[one.start], place[one.end]]
            for one in x.extract_mentions_or_lists_with_indices(text)
        ],
        "reply": x.extract_reply(text),
        "is_valid_username": x.is_valid_username(text),
        "is_valid_list": x.is_valid_list(text),
        "is_valid_hashtag": x.is_valid_hashtag(text),
        "is_valid_url": x.is_valid_url(text),
        "is_valid_url_ascii": x.is_valid_url(text, unicode_domains=False),
        "is_valid_url_bare": x.is_valid_url(text, require_protocol=False),
    }


def theirs(asked: Sequence[str], folder: Path) -> Iterator[dict[str, object]]:
    lines = "".join(json.dumps(text) + "\n" for text in asked)
    command = ["node", str(HERE / "x_text.mjs"), "facts"]
    done = subprocess.run(
        command, cwd=folder, input=lines, capture_output=True, text=True, check=True
    )
    return map(json.loads, done.stdout.rstrip("\n").split("\n"))


def differential(count: int, seed: int) -> int:
    """The number of differences; prints for each kind how often it was found, and differed."""
    different: Counter[str] = Counter()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        if not npm(Path(folder)):
            print("The comparison needs node and npm, and npm's registry: none was made.")
            return 0
        random_texts = texts(count, seed)
        while asked := list(itertools.islice(random_texts, 5000)):
            for text, their in zip(asked, theirs(asked, Path(folder)), strict=True):
                our = ours(text)
                found.update(kind for kind, fact in their.items() if fact)
                for kind in (kind for kind, fact in their.items() if our[kind] != fact):
                    different[kind] += 1
                    if different[kind] <= SHOWN:
                        show_difference(kind, text, our[kind], their[kind])
    print(f"{count} random texts (seed {seed}) beside npm's {NPM}:")
    for kind, times in found.items():
        print(f"{kind:>20}: {different[kind]} differences; {times} texts have one")
    return different.total()


def show_difference(kind: str, text: str, our: object, their: object) -> None:
    for name, fact in ((kind, text), ("ours", our), ("npm", their)):
        written = ascii(fact)
        cut = "" if len(written) <= SHOWN_OF_A_TEXT else f"… ({len(written)} characters)"
        print(f"{name:>20}: {written[:SHOWN_OF_A_TEXT]}{cut}")


def main(*, brief: bool = False) -> None:
    start(brief=brief)
    speed(brief=brief)


if __name__ == "__main__":
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--brief", action="store_true")
    asking.add_argument("--differential", type=int, metavar="TEXTS")
    asking.add_argument("--seed", type=int, default=1)
    given = asking.parse_args()
    if given.differential:
        sys.exit(1 if differential(given.differential, given.seed) else 0)
    main(brief=given.brief)
