"""Pavois joined: queueing whole, one mode for a database, and nothing live without a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.announcements import read_announcement
from bot.app import App, make_app
from bot.campaigns import announcement_files
from bot.clock import RehearsalClock, SystemClock
from bot.config import Config, load_config
from bot.errors import ConfigError, RefusedCommand, RenderError, Throttled
from bot.model import PostState
from bot.networks.base import Finder
from tests.announcements_sample import MARK, announcement, visit
from tests.conftest import START
from tests.fakes import BlindNetwork, FakeNetwork


def due(app: App) -> list[tuple[str, str, str]]:
    """Account, language and time of every post that waits."""
    posts = app.store.queue.posts(app.campaign.slug)
    return [(post.account, post.language, f"{post.due:%d %H:%M}") for post in posts]


# ── from an announcement to posts ───────────────────────────────────────────────────────────────


def test_an_announcement_goes_out_in_each_language_of_each_account(
    app: App, clock: RehearsalClock, networks: dict[str, FakeNetwork], campaign_folder: Path
) -> None:
    (path,) = announcement_files(campaign_folder)
    (queued,) = app.queue(read_announcement(path, app.campaign))
    assert queued.announcement.slug == "visit"
    assert len(queued.ids) == len(queued.planned) == 4
    done = []
    for post in queued.planned:
        clock.advance_to(post.due)
        done += app.publisher.publish_due()
    assert [state for _post, state in done] == [PostState.PUBLISHED] * 4
    assert {name: len(network.out) for name, network in networks.items()} == {
        "x-fr": 2,
        "x-ko": 1,
        "linkedin-fr": 1,
    }
    assert networks["x-ko"].out[0].text == (
        f"2023년 3월 12일 18:00(파리 10:00), 투르시를 방문합니다.\n\n{MARK}"
    )
    assert networks["linkedin-fr"].out[0].text == (
        "Une visite de Tours, avec Suwon, le 12 mars 2023, à 10 h 00 (18 h 00 à Séoul). "
        f"1\u202f200 places.\n\n{MARK}"
    )


def test_a_preview_counts_as_each_network_does_and_queues_nothing(app: App) -> None:
    preview = app.preview(announcement(app.campaign, facts={"headline": "안녕 (Tours)"}))
    made = {
        (account.slug, sheet.language): sheet.rendering
        for sheet in preview.sheets
        for account in sheet.accounts
        if sheet.rendering
    }
    assert set(made) == {
        ("x-fr", "fr"),
        ("x-fr", "en"),
        ("x-ko", "ko"),
        ("linkedin-fr", "fr"),
    }
    text = f"안녕 (Tours)\n\n{MARK}"
    on_x, on_linkedin = made["x-ko", "ko"], made["linkedin-fr", "fr"]
    assert (on_x.text, on_linkedin.text) == (text, text)
    # Hangul and flags weigh 2 each on X; LinkedIn escapes two brackets and makes a template.
    assert (on_x.length, on_x.limit) == (len("안녕 (Tours)") + 2 + 2 + 28 + 1 + 4, 280)
    assert on_linkedin.limit == 3000
    assert on_linkedin.length > len(text)
    assert due(app) == []


def test_announcements_queued_together_take_different_slots(app: App) -> None:
    un, deux, trois = (
        announcement(app.campaign, slug, facts={"headline": text})
        for slug, text in (("un", "Suwon"), ("deux", "Forum 2023"), ("trois", "OECD"))
    )
    app.queue(un, deux)
    app.queue(trois)
    mornings = [line for line in due(app) if line[:2] == ("x-fr", "fr")]
    assert [line[2] for line in mornings] == ["20 08:00", "20 16:30", "21 08:00"]


def test_the_same_announcement_again_changes_nothing_even_when_its_hour_has_passed(
    app: App, clock: RehearsalClock
) -> None:
    what = announcement(app.campaign, at="2023-02-20T10:00:00")
    app.queue(what)
    before = due(app)
    clock.advance_to(START.replace(day=27))
    (again,) = app.queue(what)
    assert (again.ids, again.planned) == ((), ())
    assert due(app) == before


def test_one_that_is_wrong_leaves_all_out(app: App) -> None:
    good = announcement(app.campaign, "un")
    long = announcement(app.campaign, "deux", facts={"headline": "x" * 300})
    past = announcement(
        app.campaign, "trois", facts={"headline": "Hier déjà"}, at="2023-02-19T10:00:00"
    )
    again = announcement(app.campaign, "quatre")
    for wrong, error in ((long, RenderError), (past, RefusedCommand), (again, RenderError)):
        with pytest.raises(error):
            app.queue(good, wrong)
        assert due(app) == []


def test_the_same_announcement_twice_at_once_is_queued_once(app: App) -> None:
    what = visit(app.campaign)
    first, second = app.queue(what, what)
    assert (len(first.ids), second.ids) == (4, ())
    assert len(due(app)) == 4


# ── rehearsal and live ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def configured(tmp_path: Path, campaign_folder: Path) -> Callable[[str], Config]:
    """The configuration that a text makes, on the small campaign."""

    def make(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(f'campaign = "{campaign_folder}"\n{text}', "utf-8")
        return load_config(path, tmp_path)

    return make


def test_the_machines_clock_is_used_unless_another_is_given(
    configured: Callable[[str], Config],
) -> None:
    assert isinstance(make_app(configured("")).clock, SystemClock)


def test_a_database_belongs_to_one_mode_for_ever(configured: Callable[[str], Config]) -> None:
    url = '[database]\nurl = "sqlite:///p.db"\n'
    with make_app(configured(url)) as app:
        assert app.store.journal.setting("mode") == "rehearsal"
    live = make_app(configured(f'mode = "live"\n{url}'))
    with pytest.raises(RefusedCommand, match="This database belongs to mode rehearsal"):
        _ = live.store
    with make_app(configured(url)) as app:
        assert app.store.queue.posts("small") == []


def test_live_publishing_waits_for_a_person(configured: Callable[[str], Config]) -> None:
    with make_app(configured('mode = "live"')) as app:
        with pytest.raises(RefusedCommand, match="Run: pavois live"):
            _ = app.publisher
        app.confirm_live()
        assert app.is_confirmed()
        assert app.publisher is app.publisher


@pytest.mark.parametrize(
    "change",
    [
        '[networks.x]\nbase_url = "https://elsewhere.example"',
        '[accounts.linkedin-fr]\nauthor = "urn:li:organization:7"',
    ],
)
def test_a_confirmation_ends_when_where_it_goes_changes(
    configured: Callable[[str], Config], change: str
) -> None:
    with make_app(configured('mode = "live"')) as app:
        app.confirm_live()
    with make_app(configured(f'mode = "live"\n{change}')) as app:
        assert not app.is_confirmed()
    with make_app(configured('mode = "live"')) as app:
        assert app.is_confirmed()


@pytest.mark.parametrize(
    "change",
    [
        "[networks.x]\ngap_seconds = 300\nbudget = 20",
        "[networks.linkedin]\ncalls_a_day = 0",
        "[accounts.x-fr]\nposts_a_day = 10\n[accounts.linkedin-fr]\ncalls_a_day = 50",
        "[networks.x]\n[accounts.x-fr]",
    ],
)
def test_a_confirmation_stands_when_only_how_much_goes_out_changes(
    configured: Callable[[str], Config], change: str
) -> None:
    with make_app(configured('mode = "live"')) as app:
        app.confirm_live()
    with make_app(configured(f'mode = "live"\n{change}')) as app:
        assert app.is_confirmed()


def test_what_was_confirmed_with_pavois_0_1_stays_so(configured: Callable[[str], Config]) -> None:
    sections = '[networks.x]\n[networks.linkedin]\nversion = "202609"\n[accounts.x-ko]\n'
    # As 0.1 wrote it, for just these sections.
    networks = [("linkedin", {"version": "202609"}), ("x", {})]
    accounts = [("linkedin-fr", "linkedin"), ("x-fr", "x"), ("x-ko", "x")]
    parts = json.dumps(["small", accounts, networks, [("x-ko", {})]])
    kept = hashlib.sha256(parts.encode()).hexdigest()
    with make_app(configured(f'mode = "live"\n{sections}')) as app:
        app.store.journal.remember("live", kept)
        assert app.is_confirmed()
    limited = sections.replace("[accounts.x-ko]", "[accounts.x-ko]\ngap_seconds = 120")
    with make_app(configured(f'mode = "live"\n{limited}')) as app:
        assert app.is_confirmed()
    with make_app(configured(f'mode = "live"\n{limited.replace("202609", "202610")}')) as app:
        assert not app.is_confirmed()


def test_an_account_may_do_what_its_sections_say(configured: Callable[[str], Config]) -> None:
    with make_app(configured("[networks.x]\ngap_seconds = 300\n[accounts.x-ko]\n")) as app:
        assert app.limits("x-ko").gap == timedelta(minutes=5)
        assert app.limits("linkedin-fr").calls_a_day == 100


def test_every_call_in_an_accounts_name_is_counted_and_figures_leave_some(
    configured: Callable[[str], Config], clock: RehearsalClock
) -> None:
    config = configured("[accounts.linkedin-fr]\ncalls_a_day = 5")
    with make_app(config, clock=clock) as app:
        urn = "urn:li:share:7000000000000000000"
        figures = app.network_for_figures("linkedin-fr")
        for _reading in range(4):
            figures.metrics([urn])
        with pytest.raises(Throttled, match="kept for publishing"):
            figures.metrics([urn])
        network = app.network("linkedin-fr")
        assert isinstance(network, Finder)
        assert network.recent(clock.now()) == []
        with pytest.raises(Throttled, match="all the calls"):
            network.recent(clock.now())
        assert app.store.calls.made("linkedin-fr", clock.now().date()) == 5
        app.network_for_figures("x-fr").metrics(["1"])
        assert app.store.calls.made("x-fr", clock.now().date()) == 0


def test_a_confirmation_ends_when_the_campaign_has_another_account(
    configured: Callable[[str], Config], campaign_folder: Path
) -> None:
    with make_app(configured('mode = "live"')) as app:
        app.confirm_live()
    path = campaign_folder / "campaign.toml"
    path.write_text(path.read_text("utf-8").replace("[accounts.x-ko]", "[accounts.x-kr]"), "utf-8")
    with make_app(configured('mode = "live"')) as app:
        assert not app.is_confirmed()


@pytest.mark.parametrize(
    "address",
    ["https://api.x.com", "http://127.0.0.1.evil.example", "http://[", "http://10.0.0.1", ""],
)
def test_in_rehearsal_every_address_outside_becomes_the_rehearsals_own(
    configured: Callable[[str], Config], address: str
) -> None:
    with make_app(configured(f'[networks.x]\nbase_url = "{address}"')) as app:
        assert app.network_settings("x")["base_url"] == app.sandbox.x_url


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_in_rehearsal_another_server_on_this_machine_may_play_a_network(
    configured: Callable[[str], Config], address: str
) -> None:
    with make_app(configured(f'[networks.x]\nbase_url = "{address}"')) as app:
        assert app.network_settings("x")["base_url"] == address
        assert "sandbox" not in vars(app)


def test_live_the_address_is_the_networks_own_or_the_configured_one(
    configured: Callable[[str], Config],
) -> None:
    with make_app(configured('mode = "live"')) as app:
        assert app.network_settings("x")["base_url"] == "https://api.x.com"
    other = 'mode = "live"\n[networks.x]\nbase_url = "https://proxy.example"'
    with make_app(configured(other)) as app:
        assert app.network_settings("x")["base_url"] == "https://proxy.example"


def test_a_misspelt_address_does_not_lead_to_the_real_network(
    configured: Callable[[str], Config],
) -> None:
    config = configured('mode = "live"\n[networks.x]\nbase_ulr = "http://127.0.0.1:9"')
    with (
        make_app(config) as app,
        pytest.raises(ConfigError, match=r"networks\.x\.base_ulr means nothing"),
    ):
        app.network_settings("x")


@pytest.mark.parametrize("mode", ["rehearsal", "live"])
@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("[networks.linkedn]", "There is no network called linkedn"),
        ("[accounts.x-de]", r"\[accounts\.x-de\] is no account of the campaign"),
        ('[accounts.x-ko]\napi_key = "abc"', "is a secret"),
        ('[accounts.linkedin-fr]\nautor = "a"', r"accounts\.linkedin-fr\.autor means nothing"),
    ],
)
def test_a_section_that_means_nothing_keeps_every_account_from_its_network(
    configured: Callable[[str], Config], mode: str, section: str, says: str
) -> None:
    with make_app(configured(f'mode = "{mode}"\n{section}')) as app:
        for reach in (
            lambda: app.network("x-fr"),
            lambda: app.account_credentials("x-fr"),
            lambda: app.network_settings("x"),
            lambda: app.publisher,
        ):
            with pytest.raises(ConfigError, match=says):
                reach()


X_KEYS = ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_SECRET")


@pytest.fixture
def keys() -> dict[str, str]:
    """An environment with the keys of x-fr alone, for the test to change."""
    return {f"PAVOIS_X_FR_{name}": "1-secret" for name in X_KEYS}


def test_keys_that_were_changed_are_used_without_a_restart(
    configured: Callable[[str], Config], keys: dict[str, str], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("1-old")
    del keys["PAVOIS_X_FR_ACCESS_TOKEN"]
    config = configured('mode = "live"\n[accounts.x-fr]\naccess_token_file = "token"')
    with make_app(config, environment=keys) as app:
        before = app.network("x-fr")
        assert app.network("x-fr") is before
        token.write_text("1-new")
        after = app.network("x-fr")
        assert after is not before
        assert app.network("x-fr") is after
        token.unlink()
        with pytest.raises(ConfigError, match="There is no file"):
            app.network("x-fr")


def test_keys_that_have_become_another_users_publish_nothing_before_a_person_says_so(
    configured: Callable[[str], Config], keys: dict[str, str], clock: RehearsalClock
) -> None:
    config = configured('mode = "live"\n[networks.x]\nbase_url = "http://127.0.0.1:9"')
    with make_app(config, clock=clock, environment=keys) as app:
        app.confirm_live()
        app.queue(announcement(app.campaign))
        publisher = app.publisher
        keys["PAVOIS_X_FR_ACCESS_TOKEN"] = "2-secret"
        assert not app.is_confirmed()
        posts = app.store.queue.posts("small")
        clock.advance_to(min(post.due for post in posts if post.account == "x-fr"))
        publisher.publish_due()
        causes = {status.account: str(status.cause) for status in app.store.ledger.accounts()}
        assert causes["x-fr"] == "Account x-fr publishes as 2 now. To confirm that: pavois live"
        app.confirm_live()
        app.store.ledger.release_account("x-fr")
        assert app.is_confirmed()
        publisher.publish_due()
        lines = [
            app.store.ledger.attempts(post.id)[-1]
            for post in app.store.queue.posts("small")
            if post.account == "x-fr" and post.attempts
        ]
        assert any("could not be reached" in str(line.cause) for line in lines)


def test_an_account_that_lost_its_keys_does_not_end_what_was_confirmed_for_others(
    configured: Callable[[str], Config], keys: dict[str, str]
) -> None:
    with make_app(configured('mode = "live"'), environment=keys) as app:
        app.confirm_live()
        taken = dict(keys)
        keys.clear()
        assert app.identity("x-fr") == ""
        assert app.is_confirmed()
        keys.update({f"{name.replace('X_FR', 'X_KO')}": value for name, value in taken.items()})
        assert not app.is_confirmed()


def test_no_secret_is_remembered_with_a_confirmation(
    configured: Callable[[str], Config], keys: dict[str, str]
) -> None:
    with make_app(configured('mode = "live"'), environment=keys) as app:
        app.confirm_live()
        remembered = app.store.journal.setting("live identities")
    assert remembered == '{"x-fr": "1", "x-ko": "", "linkedin-fr": ""}'


def test_an_account_that_is_not_the_campaigns_is_a_matter_of_configuration(
    configured: Callable[[str], Config],
) -> None:
    with make_app(configured("")) as app, pytest.raises(ConfigError, match="no account of the"):
        app.network("gone")


# ── opening and closing ─────────────────────────────────────────────────────────────────────────


def test_what_is_not_needed_is_not_made(configured: Callable[[str], Config]) -> None:
    with make_app(configured("")) as app:
        app.preview(announcement(app.campaign))
        assert {"sandbox", "publisher", "collector", "reporter"} & set(vars(app)) == set()


def test_an_app_that_is_closed_leaves_its_networks_timelines(
    configured: Callable[[str], Config], tmp_path: Path
) -> None:
    with make_app(configured(""), clock=RehearsalClock(START)) as app:
        app.queue(announcement(app.campaign))
        assert app.sandbox.x_url.startswith("http://127.0.0.1:")
    pages = sorted(path.name for path in (tmp_path / "rehearsal").glob("*.html"))
    assert pages == ["linkedin.html", "x.html"]


def test_the_reports_are_in_the_campaigns_languages_unless_others_are_asked_for(
    configured: Callable[[str], Config],
) -> None:
    config = configured("")
    for changed, languages in (
        (config, ("fr", "ko", "en")),
        (replace(config, report_languages=("ko",)), ("ko",)),
    ):
        with make_app(changed) as app:
            assert tuple(app.reporter._languages) == languages


def test_which_accounts_are_shown_their_own_posts_is_known(
    app: App, networks: dict[str, FakeNetwork], clock: RehearsalClock
) -> None:
    assert app.can_look("x-fr")
    app.network = {"x-fr": BlindNetwork(clock)}.__getitem__  # type: ignore[assignment]
    assert not app.can_look("x-fr")


def test_an_account_that_is_not_connected_may_be_shown_its_own_posts(
    configured: Callable[[str], Config],
) -> None:
    """Better to look in vain than to send twice."""
    with App(configured('mode = "live"\n'), RehearsalClock(START), {}) as app:
        assert app.can_look("x-fr")
        assert app.can_look("no-such-account")
