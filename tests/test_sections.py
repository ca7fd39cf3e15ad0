"""What [networks.*] and [accounts.*] say: settings, and what each account may do."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Config, load_config
from bot.files import shipped
from bot.model import Account
from bot.networks import NETWORKS, network_kind
from bot.networks.sections import limits_of, section_faults, settings_of
from bot.pace import Limits
from tests.post_sample import SUWON_ON_LINKEDIN, TOURS_ON_X

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ON_X = Limits(gap=MINUTE, catch_up_gap=10 * MINUTE, posts_a_day=50)
ON_LINKEDIN = Limits(gap=MINUTE, catch_up_gap=10 * MINUTE, posts_a_day=150, calls_a_day=100)


def configured(folder: Path, text: str) -> Config:
    (folder / "config.toml").write_text(text, "utf-8")
    return load_config(folder / "config.toml", folder)


def test_without_a_word_an_account_keeps_to_what_its_network_is_known_to_allow(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path, "")
    assert limits_of(config, "x", "x-fr") == network_kind("x").limits == ON_X
    assert limits_of(config, "linkedin", "in") == network_kind("linkedin").limits == ON_LINKEDIN


def test_a_network_says_it_for_its_accounts_and_an_account_for_itself(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        "[networks.x]\ngap_seconds = 300\nposts_a_day = 20\nbudget = 12.5\n"
        "[accounts.x-fr]\nposts_a_day = 0\ncalls_a_day = 7\n",
    )
    network = Limits(5 * MINUTE, 10 * MINUTE, 20, 0, 12_500_000)
    assert limits_of(config, "x", "x-ko") == network
    assert limits_of(config, "x", "x-fr") == Limits(5 * MINUTE, 10 * MINUTE, 0, 7, 12_500_000)
    assert limits_of(config, "linkedin", "in") == ON_LINKEDIN


@pytest.mark.parametrize(
    ("text", "gap", "catch_up"),
    [
        ("gap_seconds = 0", 0 * SECOND, 10 * MINUTE),
        ("gap_seconds = 0\ncatch_up_minutes = 0", 0 * SECOND, 0 * SECOND),
        ("catch_up_minutes = 0", MINUTE, MINUTE),
        ("gap_seconds = 3600", 60 * MINUTE, 60 * MINUTE),
        ("gap_seconds = 1\ncatch_up_minutes = 1440", SECOND, 1440 * MINUTE),
    ],
)
def test_what_is_late_keeps_no_shorter_distance_than_what_is_not(
    tmp_path: Path, text: str, gap: timedelta, catch_up: timedelta
) -> None:
    limits = limits_of(configured(tmp_path, f"[networks.x]\n{text}"), "x", "x-fr")
    assert (limits.gap, limits.catch_up_gap) == (gap, catch_up)


@pytest.mark.parametrize(
    ("dollars", "budget"), [("0", None), ("0.0", None), ("20", 20_000_000), ("0.0000001", 1)]
)
def test_a_budget_is_dollars_and_none_is_no_limit(
    tmp_path: Path, dollars: str, budget: int | None
) -> None:
    config = configured(tmp_path, f"[networks.x]\nbudget = {dollars}")
    assert limits_of(config, "x", "x-fr").budget == budget


def test_limits_are_among_the_keys_that_are_known(tmp_path: Path) -> None:
    config = configured(tmp_path, '[networks.x]\nbase_ulr = "a"\n[networks.linkedin]\nbudget = 1')
    (fault,) = section_faults(config, {})
    assert str(fault) == (
        "networks.x.base_ulr means nothing. Known are: base_url, post_url, gap_seconds, "
        "catch_up_minutes, posts_a_day, calls_a_day, budget."
    )
    assert set(settings_of(config, "linkedin")) == {"base_url", "post_url", "version"}


def test_the_example_shows_every_limit_with_what_holds_without_it(tmp_path: Path) -> None:
    example = shipped("config.example.toml").read_text("utf-8")
    for network in NETWORKS:
        kind = network_kind(network).limits
        section = example.partition(f"[networks.{network}]")[2].partition("\n[")[0]
        shown = [line.removeprefix("# ") for line in section.splitlines() if " = " in line]
        said = tomllib.loads("\n".join(line for line in shown if not line.startswith("#")))
        assert said["gap_seconds"] * SECOND == kind.gap
        assert said["catch_up_minutes"] * MINUTE == kind.catch_up_gap
        assert said["posts_a_day"] == kind.posts_a_day
        assert said["calls_a_day"] == kind.calls_a_day
    assert "# budget = " in example
    assert "# resend_once = true" in example


MEMBER = '[accounts.in]\nauthor = "urn:li:person:abc"\n'


@pytest.mark.parametrize(
    ("said", "within"), [("resend_once = true", 10 * MINUTE), ("resend_once = false", None)]
)
def test_a_person_on_linkedin_may_have_what_is_lost_sent_once_more(
    tmp_path: Path, said: str, within: timedelta | None
) -> None:
    config = configured(tmp_path, f"{MEMBER}{said}")
    assert limits_of(config, "linkedin", "in").resend_within == within
    assert list(section_faults(config, {"in": replace(SUWON_ON_LINKEDIN, slug="in")})) == []


@pytest.mark.parametrize(
    ("account", "section"),
    [
        pytest.param(TOURS_ON_X, "", id="on X"),
        pytest.param(SUWON_ON_LINKEDIN, 'author = "urn:li:organization:1"', id="a page"),
        pytest.param(SUWON_ON_LINKEDIN, "", id="nobody knows who"),
    ],
)
def test_what_can_be_looked_for_is_never_sent_once_more(
    tmp_path: Path, account: Account, section: str
) -> None:
    text = f"[accounts.{account.slug}]\nresend_once = true\n{section}\n"
    (fault,) = section_faults(configured(tmp_path, text), {account.slug: account})
    assert str(fault) == (
        f"accounts.{account.slug}.resend_once is for persons on LinkedIn alone: other accounts are "
        "shown their own posts, and Pavois looks there. Leave it out; or, for a person, write "
        'beside it: author = "urn:li:person:…"'
    )


def test_how_long_a_network_knows_a_repetition_is_said_where_it_is_known() -> None:
    assert network_kind("linkedin").knows_repetition_for == 10 * MINUTE
    assert network_kind("x").knows_repetition_for is None
