"""Live publishing is confirmed by a person: to these accounts and addresses, in these names."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256

from bot.config import Config
from bot.db.journal import Journal
from bot.model import Campaign


class Confirmation:
    """What a person confirmed with `pavois live`, against what is configured now."""

    def __init__(
        self,
        config: Config,
        campaign: Campaign,
        journal: Journal,
        identity_of: Callable[[str], str],
    ) -> None:
        """*identity_of* gives in whose name an account publishes; "": it is not connected."""
        self._config = config
        self._campaign = campaign
        self._journal = journal
        self._identity_of = identity_of

    def holds(self) -> bool:
        """Whether all is as it was confirmed: accounts, addresses, and whose they are."""
        confirmed = self.identities()
        return self._journal.setting("live") in self._fingerprints() and all(
            self._identity_of(slug) in ("", confirmed.get(slug)) for slug in self._campaign.accounts
        )

    def give(self) -> None:
        """Remember that a person confirmed what is configured now."""
        identities = {slug: self._identity_of(slug) for slug in self._campaign.accounts}
        self._journal.remember("live identities", json.dumps(identities))
        self._journal.remember("live", self._fingerprints()[0])

    def identities(self) -> dict[str, str]:
        """In whose name each account published when it was confirmed."""
        kept: dict[str, str] = json.loads(self._journal.setting("live identities") or "{}")
        return kept

    def _fingerprints(self) -> tuple[str, str]:
        """What decides where posts go: how many there may be is none of it.

        The first is remembered. The second is of Pavois 0.1, which counted sections that say
        nothing too: one that says but a limit is such a section.
        """
        accounts = sorted(
            (slug, account.network) for slug, account in self._campaign.accounts.items()
        )
        sections = [sorted(self._config.networks.items()), sorted(self._config.accounts.items())]
        telling = [[one for one in section if one[1]] for section in sections]
        first, second = (
            json.dumps([self._campaign.slug, accounts, *some], default=dict)
            for some in (telling, sections)
        )
        return sha256(first.encode()).hexdigest(), sha256(second.encode()).hexdigest()
