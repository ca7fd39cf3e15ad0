"""What is out, read back: when, and how it differs from what was approved. Pure.

X and LinkedIn answer a publication with no more than a name: LinkedIn cuts a text silently (a 201
all the same), and a hashtag that the network does not link is found by nobody.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from bot.model import Post, RemotePost
from bot.words import N_, Message

#: A post is read back so long after it went out: networks show one a little later.
READ_BACK_AFTER = timedelta(minutes=2)
#: What is not there yet, or cannot be read, is read again after each of these; then it is told.
READ_AGAIN_AFTER = (timedelta(minutes=5), timedelta(minutes=15))
#: This machine's clock and a network's differ by less.
CLOCKS_DIFFER = timedelta(minutes=1)
#: So many words of a text say which place is meant.
_QUOTED = 5


def read_again_at(looks: int, now: datetime) -> datetime | None:
    """When to look again after *looks* vain ones; None: it is time to tell a person."""
    if looks > len(READ_AGAIN_AFTER):
        return None
    return now + READ_AGAIN_AFTER[looks - 1]


def differences(
    post: Post, remote: RemotePost | None, hashtag: str, *, same_text: bool
) -> tuple[Message, ...]:
    """What *remote*, the network's own word, has otherwise than *post*; nothing: all is well.

    *remote* is None when the network does not show the post, *same_text* its own judgement of the
    two texts (links and white space set aside). Where it does not say which hashtags are live,
    nothing is said of them.
    """
    if remote is None:
        return (
            Message(
                N_("The network does not show it among the account's posts. Look: {url}"),
                {"url": post.url},
            ),
        )
    found = []
    if not same_text:
        found.append(_difference(post.text, remote.text))
    if remote.tags is not None and _name(hashtag) not in map(_name, remote.tags):
        found.append(
            Message(
                N_("It is out, and #{hashtag} is no hashtag there: {url}"),
                {"hashtag": hashtag, "url": remote.url},
            )
        )
    return tuple(found)


def _difference(sent: str, shown: str) -> Message:
    """From which words on *shown* is not what was *sent*."""
    ours, theirs = _words(sent), _words(shown)
    same = next(
        (at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other),
        min(len(ours), len(theirs)),
    )
    within = same == len(theirs) - 1 and same < len(ours) and ours[same].startswith(theirs[same])
    if same == len(theirs) or within:
        return Message(
            N_("It is out, and cut: it ends after “…{words}”."),
            {"words": " ".join(theirs[-_QUOTED:])},
        )
    return Message(
        N_("It is out, and reads otherwise from “{words}…” on."),
        {"words": " ".join(ours[same : same + _QUOTED] or theirs[same : same + _QUOTED])},
    )


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def _name(tag: str) -> str:
    return unicodedata.normalize("NFC", tag).casefold()
