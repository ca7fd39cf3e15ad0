"""Posts that are out are corrected and deleted here, each written down before it is tried.

What an officer gives as correction is composed like any text: marked, measured, judged. Where a
network has no edit, or refuses it, a correcting post of its own can be queued instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.attached import Attached, Mention
from bot.clock import Clock
from bot.compose.render import corrected
from bot.compose.rules import Rules
from bot.db.deeds import CORRECT, DELETE, what_to_do
from bot.db.store import Store
from bot.errors import (
    OWN_FAULT,
    NetworkError,
    NoAnswer,
    Refused,
    RefusedCommand,
    RenderError,
    Uncertain,
)
from bot.model import (
    AccountState,
    Announcement,
    Attempt,
    AttemptState,
    Campaign,
    PlannedPost,
    Post,
    PostState,
    RemotePost,
)
from bot.networks.base import Corrector, Deleter, Finder, Network
from bot.outcome import VISIBLE_WITHIN
from bot.plan import both_zones
from bot.preview.build import Made, Surroundings, preview_of
from bot.preview.values import Price
from bot.purse import Purse, millionths
from bot.read_back import CLOCKS_DIFFER, READ_BACK_AFTER
from bot.words import N_, Message

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to become of *post*: its new *text*, and what a person should know before.

    `price` is what this text costs, None for nothing: a network takes the same for a change as for
    a post.
    `rule` is what its network lets be corrected; `hindrance` why it does not let this post be, None
    when it may.
    """

    post: Post
    text: str
    mentions: tuple[Mention, ...]
    mends: tuple[Message, ...]
    advice: tuple[Message, ...]
    price: Price | None
    rule: Message | None
    hindrance: Message | None


class Corrections:
    """Corrects and deletes posts of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        network_of: Callable[[str], Network],
        rules_of: Callable[[str], Rules],
        title_of: Callable[[str], str],
        purse: Purse,
    ) -> None:
        """*network_of* gives the connected network of an account, *rules_of* and *title_of* a
        network's rules and its name for people, *purse* what calls cost."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = network_of
        self._rules_of = rules_of
        self._title_of = title_of
        self._purse = purse

    def considered(self, post: Post, words: str) -> Correction:
        """What *words* would make of *post*; nothing goes out.

        An earlier correction of which it is not known whether it was made is looked for first, and
        what is found of it is written down. Raises RefusedCommand for a post that cannot be
        corrected now, says that already or would cost more than is left, and while all is stopped;
        RenderError for words that may not go out, ConfigError, NetworkError.
        """
        require_out(post)
        self._store.brake.require_going()
        self._require_ready(post)
        network = self._network_of(post.account)
        post = self._settled(post, network) if isinstance(network, Corrector) else post
        rules = self._rules_of(post.network)
        made = corrected(words, post, self._campaign, rules)
        if made.text == post.text:
            raise RefusedCommand(N_("Post {id} says just that: nothing to correct."), id=post.id)
        announcement = self._announcement(post, post.announcement, made.text)
        around = Surroundings(self._campaign, self._rules_of, self._title_of, {}, self._clock.now())
        self._purse.require(post, millionths(rules.price(made.text)))
        account = self._campaign.accounts[post.account]
        preview = preview_of(announcement, [Made(account, post.language, made)], around)
        for problem in preview.errors:
            raise RenderError(problem.text, **problem.values)
        return Correction(
            post,
            made.text,
            made.attached.mentions,
            made.mends,
            preview.advice,
            preview.price,
            network.corrections if isinstance(network, Corrector) else None,
            self._hindrance(network, post),
        )

    def correct(self, correction: Correction) -> Post:
        """Give the post its new text on its network; the post as it is then.

        Raises the NetworkError that it ended in, RefusedCommand when somebody came between.
        """
        post, text = correction.post, correction.text
        network = self._network_of(post.account)
        if correction.hindrance or not isinstance(network, Corrector):
            raise RefusedCommand(
                N_("Post {id} cannot be corrected there: {why}"),
                id=post.id,
                why=correction.hindrance or "",
            )
        cause = Message(N_("New text: {text}"), {"text": text})
        price = millionths(self._rules_of(post.network).price(text))
        line = self._begun(post, CORRECT, cause, price)
        said = replace(post, attached=replace(post.attached, mentions=correction.mentions))
        published = self._called(line, lambda: network.correct(said, text))
        done = replace(
            line,
            state=AttemptState.ACCEPTED,
            at=self._clock.now(),
            request_id=published.request_id,
            status=published.status,
            cause=_before(post),
            remote_id=published.remote_id,
        )
        return self._kept(replace(post, attempts=line.number), done, text, published.url)

    def say_anew(self, correction: Correction) -> Post:
        """Queue a correcting post, due now, for the same account and language; that post."""
        post, now = correction.post, self._clock.now()
        planned = PlannedPost(
            post.account,
            post.network,
            post.language,
            correction.text,
            now,
            None,
            Attached(mentions=correction.mentions),
        )
        announcement = self._announcement(post, self._free_name(post), correction.text)
        ((post_id,),) = self._store.queue.add([(announcement, [planned])])
        return self._store.queue.post(post_id)

    def following(self, post: Post) -> list[Post]:
        """What is out of the thread that *post* belongs to, after it."""
        return [
            other
            for other in self._store.queue.posts(self._campaign.slug, states=[PostState.PUBLISHED])
            if (other.announcement, other.account, other.language)
            == (post.announcement, post.account, post.language)
            and other.part > post.part
        ]

    def delete(self, post: Post) -> tuple[int, ...]:
        """Take *post* back from its network; what of its thread waited for it is cancelled: the
        numbers of those. Neither a stop nor a budget keeps anybody from it.

        Raises the NetworkError that it ended in, RefusedCommand, ConfigError.
        """
        require_out(post)
        network = self._network_of(post.account)
        if not isinstance(network, Deleter):
            raise RefusedCommand(
                N_("{network} lets Pavois delete nothing: delete it there yourself."),
                network=self._title_of(post.network),
            )
        line = self._begun(post, DELETE, None, self._purse.deletion(post))
        self._called(line, lambda: network.delete(post.remote_id))
        log.info("post %s (%s, %s): deleted", post.id, post.announcement, post.account)
        return self._store.deeds.deleted(
            replace(line, state=AttemptState.ACCEPTED, at=self._clock.now())
        )

    def _kept(self, post: Post, line: Attempt, text: str, url: str) -> Post:
        """Write down that *post* has *text*, and that it is to be read back; the post."""
        now = self._clock.now()
        if not self._store.deeds.corrected(post, line, text, url, now + READ_BACK_AFTER):
            log.warning("post %s: corrected while something else was done to it", post.id)
            raise RefusedCommand(
                N_("Somebody else changed post {id} meanwhile. See: pavois queue show {id}"),
                id=post.id,
            )
        log.info("post %s (%s, %s): corrected", post.id, post.announcement, post.account)
        return self._store.queue.post(post.id)

    def _begun(self, post: Post, act: str, cause: Message | None, price: int) -> Attempt:
        """The line of *act* on *post*, written down, and its *price*. Raises RefusedCommand."""
        budget = None if act == DELETE else self._purse.budget(post)
        line = self._store.deeds.begin(post, act, cause, price=price, budget=budget)
        if line is None:
            require_out(self._store.queue.post(post.id))
            if act != DELETE:
                self._store.brake.require_going()
                self._purse.require(post, price)
            raise RefusedCommand(
                N_(
                    "Post {id} is being corrected or deleted just now. If that was interrupted, "
                    "call this again in five minutes."
                ),
                id=post.id,
            )
        return line

    def _called(self, line: Attempt, call: Callable[[], T]) -> T:
        """What *call* gives; its failure is written down first."""
        try:
            return call()
        except NetworkError as error:
            self._failed(line, error)
            raise
        except Exception:
            # Of a fault of our own nobody can say what the network did with the call.
            self._failed(line, Uncertain(OWN_FAULT.text))
            raise

    def _failed(self, line: Attempt, error: NetworkError) -> None:
        if isinstance(error, Uncertain | NoAnswer):
            state = AttemptState.UNCERTAIN
        elif isinstance(error, Refused):
            state = AttemptState.REFUSED
        else:
            state = AttemptState.NOT_SENT
        ended = replace(
            line,
            state=state,
            at=self._clock.now(),
            cause=error.message,
            status=error.status,
            request_id=error.request_id,
        )
        unknown = state == AttemptState.UNCERTAIN
        self._store.deeds.end(ended, what_to_do(line) if unknown else None)

    def _settled(self, post: Post, network: Corrector) -> Post:
        """*post*, once it is known what became of the last correction of it.

        Raises RefusedCommand while that cannot be known.
        """
        self._store.deeds.give_up(self._campaign.slug)
        sent = self._in_doubt(post)
        if sent is None:
            return post
        text = str(sent.cause.values["text"]) if sent.cause else ""
        found = self._found(post, text, sent, network)
        now = self._clock.now()
        if found:
            done = replace(
                sent, state=AttemptState.ACCEPTED, at=now, cause=_before(post),
                remote_id=found.remote_id,
            )  # fmt: skip
            return self._kept(post, done, text, found.url)
        if network.renames and now < sent.at + VISIBLE_WITHIN:
            raise RefusedCommand(
                N_(
                    "It is not known yet whether the last correction of post {id} was made. Call "
                    "this again after {at}."
                ),
                id=post.id,
                at=both_zones(sent.at + VISIBLE_WITHIN, self._campaign.zones),
            )
        cause = Message(N_("Looked for on the network, and not found there."))
        self._store.deeds.end(replace(sent, state=AttemptState.NOT_SENT, at=now, cause=cause))
        return post

    def _in_doubt(self, post: Post) -> Attempt | None:
        """The line of the last correction of *post*, if it is not known whether it was made."""
        lines = self._store.deeds.of(post, CORRECT)
        if not lines or lines[-1].state != AttemptState.UNCERTAIN:
            return None
        return next(line for line in lines if line.number == lines[-1].number)

    def _found(self, post: Post, text: str, sent: Attempt, network: Corrector) -> RemotePost | None:
        """*post* with *text*, as its network shows it; None where it does not, or shows nothing."""
        if not isinstance(network, Finder):
            return None
        wanted = replace(post, text=text)
        since = (post.published_at or post.due) - CLOCKS_DIFFER
        for remote in self._purse.look_anyway(network, since, post):
            owner = self._store.ledger.owner_of(post.network, remote.remote_id)
            is_own = owner is not None and owner.id == post.id
            is_new = owner is None and network.renames and remote.at >= sent.at - CLOCKS_DIFFER
            if (is_own or is_new) and network.same_text(wanted, remote):
                return remote
        return None

    def _hindrance(self, network: Network, post: Post) -> Message | None:
        if isinstance(network, Corrector):
            return network.hindrance(post)
        return Message(
            N_("{network} has no way to change a post that is out."),
            {"network": self._title_of(post.network)},
        )

    def _require_ready(self, post: Post) -> None:
        """An account that may not speak may not be spoken for; what is out can still be deleted."""
        for status in self._store.ledger.accounts():
            if status.account == post.account and status.state == AccountState.HELD:
                raise RefusedCommand(
                    N_(
                        "Account {account} is held: {cause} Then: pavois accounts release {account}"
                    ),
                    account=post.account,
                    cause=status.cause or "",
                )

    def _announcement(self, post: Post, slug: str, text: str) -> Announcement:
        return Announcement(
            slug,
            self._campaign.slug,
            post.kind,
            {},
            {post.language: (text,)},
            post.partners,
            "",
            None,
            None,
            accounts=(post.account,),
        )

    def _free_name(self, post: Post) -> str:
        """A name for the correction of *post* that no announcement has."""
        taken = {other.announcement for other in self._store.queue.posts(self._campaign.slug)}
        name, number = f"{post.announcement}-correction", 2
        while name in taken:
            name, number = f"{post.announcement}-correction-{number}", number + 1
        return name


def _before(post: Post) -> Message:
    """What *post* said, for the ledger: the queue has the new text."""
    return Message(N_("It said before: {text}"), {"text": post.text})


def require_out(post: Post) -> None:
    """Raises RefusedCommand unless *post* is out."""
    said = {
        PostState.PUBLISHED: "",
        PostState.DELETED: N_("Post {id} is deleted already."),
        PostState.UNCERTAIN: N_(
            "It is not known yet whether post {id} is out. See: pavois queue show {id}"
        ),
        PostState.SENDING: N_("Post {id} is being sent just now. Try again in a minute."),
        PostState.DRAFT: N_("Post {id} is not out yet. To take it back: pavois queue cancel {id}"),
        PostState.QUEUED: N_("Post {id} is not out yet. To take it back: pavois queue cancel {id}"),
        PostState.HELD: N_("Post {id} is not out yet. To take it back: pavois queue cancel {id}"),
    }.get(post.state, N_("Post {id} never went out: there is nothing to correct or delete."))
    if said:
        raise RefusedCommand(said, id=post.id)
