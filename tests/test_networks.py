"""The networks that Pavois knows, and how they are found."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from bot.errors import ConfigError
from bot.networks import NETWORKS, network_kind
from bot.networks.base import NetworkKind


def test_x_and_linkedin_are_known_by_name() -> None:
    kinds = {name: network_kind(name) for name in NETWORKS}
    assert {name: kind.title for name, kind in kinds.items()} == {"x": "X", "linkedin": "LinkedIn"}
    assert all(isinstance(kind, NetworkKind) and kind.name == name for name, kind in kinds.items())


def test_a_network_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"mastodon.*x, linkedin"):
        network_kind("mastodon")


def test_an_account_is_told_what_it_needs() -> None:
    x, linkedin = network_kind("x"), network_kind("linkedin")
    assert x.secrets == ("api_key", "api_secret", "access_token", "access_secret")
    assert x.identifiers == ()
    assert (linkedin.secrets, linkedin.identifiers) == (("access_token",), ("author",))
    assert x.settings["base_url"] == "https://api.x.com"
    assert linkedin.settings["base_url"] == "https://api.linkedin.com"
    assert linkedin.settings["version"] == "202609"


def test_a_network_has_no_advice_unless_it_says_so() -> None:
    assert network_kind("x").advice({}, date(2040, 1, 1)) == ()


def test_composing_waits_for_no_client() -> None:
    lines = (
        "import sys",
        "from bot.networks import NETWORKS, network_kind",
        "rules = [network_kind(name).rules for name in NETWORKS]",
        "assert all(rule.measure('Bonjour #Tag ville.fr').length > 12 for rule in rules)",
        "print(sorted({'tweepy', 'requests', 'oauthlib', 'emoji'} & set(sys.modules)))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
