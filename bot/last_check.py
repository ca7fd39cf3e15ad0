"""The last check, pure: what is late, lacks its mark, or may not be shown does not leave."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.lateness import Verdict, verdict, why_asked, why_dropped
from bot.model import AttemptState, Campaign, Post
from bot.outcome import Outcome, expired, held
from bot.words import N_, Message

_PICTURE_EXPIRED = Message(
    N_(
        "A picture of it may not be shown any more: its consent or licence has ended. Cancel it, "
        "and write it anew with another picture."
    )
)


def last_check(post: Post, campaign: Campaign, rules: Rules, now: datetime) -> Outcome | None:
    """What becomes of *post* instead of a call, by the *rules* of its network; None: it may go."""
    match verdict(post, campaign, now):
        case Verdict.DROP:
            return expired(now, why_dropped(post, campaign, now), AttemptState.NOT_SENT)
        case Verdict.ASK:
            return held(why_asked(post, campaign), now)
    if faults := mark_faults(post.text, campaign.hashtag, campaign.countries, rules):
        cause = Message(
            N_("It may not leave: {fault}. Cancel it, and write it anew under another name."),
            {"fault": faults[0]},
        )
        return held(cause, now)
    today = now.astimezone(ZoneInfo(campaign.zone)).date()
    if any(one.expires and one.expires < today for one in post.attached.files):
        return held(_PICTURE_EXPIRED, now)
    return None
