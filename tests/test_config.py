"""config.toml: what it may say, and what is said of what it may not."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.app import make_app
from bot.config import (
    LIVE,
    REHEARSAL,
    Config,
    account_faults,
    credentials,
    find_config,
    load_config,
)
from bot.errors import ConfigError
from bot.files import shipped
from bot.networks import network_kind

SECRETS = network_kind("x").secrets
LINKEDIN = network_kind("linkedin")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, text: str) -> Config:
    (folder / "config.toml").write_text(text, "utf-8")
    return load_config(folder / "config.toml", folder)


def refused(folder: Path, text: str) -> str:
    """What is said of a config.toml that says *text*, without the folder's name."""
    with pytest.raises(ConfigError) as raised:
        load(folder, text)
    return str(raised.value).replace(f"{folder}{os.sep}", "")


def test_without_a_configuration_pavois_rehearses_in_the_folder(folder: Path) -> None:
    config = load_config(None, folder)
    assert (config.mode, config.is_live, config.path) == (REHEARSAL, False, None)
    assert config.database_url == f"sqlite:///{folder}/rehearsal/pavois.db"
    assert config.reports == folder / "rehearsal" / "reports"
    assert config.campaign == shipped("campaigns/korea-france")
    assert config.timeouts == (5, 30)


def test_an_empty_configuration_is_the_same_as_none(folder: Path) -> None:
    config = load(folder, "")
    assert config.mode == REHEARSAL
    assert config.database_url == f"sqlite:///{folder}/rehearsal/pavois.db"


def test_live_sending_keeps_its_files_beside_the_configuration(folder: Path) -> None:
    config = load(folder, 'mode = "live"')
    assert config.is_live
    assert config.mode == LIVE
    assert config.database_url == f"sqlite:///{folder}/pavois.db"
    assert config.reports == folder / "reports"


def test_the_shipped_example_is_right_and_rehearses() -> None:
    example = shipped("config.example.toml")
    config = load_config(example, example.parent)
    assert config.mode == REHEARSAL
    assert config.campaign == example.parent / "campaigns" / "korea-france"


def test_relative_paths_are_relative_to_the_file(folder: Path) -> None:
    config = load(
        folder,
        'campaign = "ours"\n[database]\nurl = "sqlite:///data/p.db"\n'
        '[reports]\nfolder = "out"\n[http]\nca_file = "ca.pem"\n',
    )
    assert config.campaign == folder / "ours"
    assert config.database_url == f"sqlite:///{folder}/data/p.db"
    assert config.reports == folder / "out"
    assert config.ca_file == str(folder / "ca.pem")


def test_absolute_paths_and_other_databases_stay_as_they_are(folder: Path) -> None:
    config = load(folder, '[database]\nurl = "sqlite:////srv/p.db"\n[reports]\nfolder = "/srv/r"\n')
    assert (config.database_url, config.reports) == ("sqlite:////srv/p.db", Path("/srv/r"))
    server = load(folder, '[database]\nurl = "postgresql+psycopg://u@localhost/pavois"\n')
    assert server.database_url == "postgresql+psycopg://u@localhost/pavois"


def test_a_campaign_in_the_folder_goes_before_the_shipped_one(folder: Path) -> None:
    own = folder / "campaigns" / "korea-france"
    own.mkdir(parents=True)
    assert load_config(None, folder).campaign == own


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "mode = live",
            (
                "config.toml is not valid TOML: Invalid value (at line 1, column 8). "
                "A text needs quotation marks around it."
            ),
        ),
        ('mode = "Live"', "config.toml, line 1: `Live` is not known here; did you mean `live`?"),
        (
            'mode = "test"',
            "config.toml, line 1: `test` is not known here. Known are: live, rehearsal.",
        ),
        (
            '\n\nlangage = "fr"',
            "config.toml, line 3: `langage` is not known here; did you mean `language`?",
        ),
        (
            '[database]\nurl = ""\nfile = "x"',
            "config.toml, line 3: `file` is not known here. Known are: url.",
        ),
        ('language = "de"', "config.toml, line 1: Pavois speaks fr, ko, en, not `de`."),
        (
            '[reports]\nlanguages = ["fr", "de"]',
            "config.toml, line 2: Pavois speaks fr, ko, en, not `de`.",
        ),
        (
            "[reports]\nlanguages = 'fr'",
            (
                "config.toml, line 2: `reports.languages` must be a list in square brackets, "
                "not a text in quotation marks."
            ),
        ),
        (
            "campaign = 3",
            (
                "config.toml, line 1: `campaign` must be a text in quotation marks, "
                "not a whole number."
            ),
        ),
        (
            '[database]\nurl = "pavois.db"',
            (
                'config.toml, line 2: `database.url` must look like "sqlite:///pavois.db", '
                "not `pavois.db`."
            ),
        ),
        (
            "[http]\nread_timeout = 0",
            (
                "config.toml, line 2: `http.read_timeout` must be a number of seconds between 0 "
                "and 60."
            ),
        ),
        (
            "[networks.x]\nbase_url = 3",
            "config.toml, line 2: `networks.x.base_url` must be a text in quotation marks.",
        ),
        (
            "[networks.x]\ngap_seconds = -1",
            "config.toml, line 2: `networks.x.gap_seconds` must be a whole number from 0 to 86400.",
        ),
        (
            '[accounts.x-fr]\nposts_a_day = "50"',
            (
                "config.toml, line 2: `accounts.x-fr.posts_a_day` must be a whole number from 0 to "
                "10000."
            ),
        ),
        (
            "[networks.x]\ncatch_up_minutes = 2.5",
            (
                "config.toml, line 2: `networks.x.catch_up_minutes` must be a whole number from 0 "
                "to 1440."
            ),
        ),
        (
            "[networks.linkedin]\ncalls_a_day = true",
            (
                "config.toml, line 2: `networks.linkedin.calls_a_day` must be a whole number from "
                "0 to 1000000."
            ),
        ),
        *(
            (
                f"[networks.x]\nbudget = {wrong}",
                (
                    "config.toml, line 2: `networks.x.budget` must be a number of dollars from 0 "
                    "to 1000000."
                ),
            )
            for wrong in ("-0.5", "nan", "inf", "1e9", '"20"', "true")
        ),
        (
            "[accounts.x-fr]\nresend_once = 1",
            "config.toml, line 2: `accounts.x-fr.resend_once` must be true or false.",
        ),
        (
            "[networks.x]\nresend_once = true",
            (
                "config.toml, line 2: `networks.x.resend_once` does not belong here, but in a "
                "section [accounts.…]."
            ),
        ),
        (
            "[accounts.x-fr]\nbudget = 20",
            (
                "config.toml, line 2: `accounts.x-fr.budget` does not belong here, but in a "
                "section [networks.…]."
            ),
        ),
        (
            "[networks.x]\ngap_second = 30",
            ("config.toml, line 2: `gap_second` is not known here; did you mean `gap_seconds`?"),
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_would_be_right(
    folder: Path, text: str, sentence: str
) -> None:
    assert refused(folder, text) == sentence


def test_limits_are_numbers_and_stand_beside_texts(folder: Path) -> None:
    config = load(
        folder,
        '[networks.x]\nbase_url = "https://x.example"\ngap_seconds = 30\nbudget = 12.5\n'
        "[accounts.x-fr]\nposts_a_day = 0\n[accounts.x-ko]\n",
    )
    assert config.limits == {
        "networks.x": {"gap_seconds": 30, "budget": 12.5},
        "accounts.x-fr": {"posts_a_day": 0},
    }
    assert config.networks == {"x": {"base_url": "https://x.example"}}
    assert config.accounts == {"x-fr": {}, "x-ko": {}}


def test_a_file_that_is_named_and_absent_is_said_to_be(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no file .*missing.toml"):
        load_config(folder / "missing.toml", folder)


def test_a_folder_instead_of_a_file_cannot_be_read(folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(folder, folder)


def test_another_encoding_is_named(folder: Path) -> None:
    (folder / "config.toml").write_bytes('language = "fr" # é'.encode("latin-1"))
    with pytest.raises(ConfigError, match="is not written in UTF-8"):
        load_config(folder / "config.toml", folder)


def test_the_mark_that_windows_puts_before_a_file_does_no_harm(folder: Path) -> None:
    (folder / "config.toml").write_bytes(b'\xef\xbb\xbflanguage = "fr"\r\n')
    assert load_config(folder / "config.toml", folder).language == "fr"


def test_the_configuration_is_looked_for_in_four_places_in_order(folder: Path) -> None:
    home = folder / "home"
    own = home / ".config" / "pavois" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("")
    environment = {"HOME": str(home)}
    assert find_config("", environment, folder) == own
    (folder / "config.toml").write_text("")
    assert find_config("", environment, folder) == folder / "config.toml"
    environment["PAVOIS_CONFIG"] = "/srv/pavois.toml"
    assert find_config("", environment, folder) == Path("/srv/pavois.toml")
    assert find_config("mine.toml", environment, folder) == Path("mine.toml")
    assert find_config("", {"HOME": str(folder / "nobody")}, home) is None


def test_a_configuration_that_may_not_be_looked_at_is_told_and_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path, *_args: object, **_more: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", denied)
    monkeypatch.setattr(Path, "read_text", denied)
    found = find_config("", {"HOME": "/home/tours"}, folder)
    with pytest.raises(ConfigError, match=r"config\.toml cannot be read: Permission denied"):
        load_config(found, folder)


def test_a_person_without_a_home_needs_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert find_config("", {}, folder) is None
    assert find_config("~/pavois.toml", {}, folder) == Path("~/pavois.toml")


def test_a_secret_comes_from_the_environment(folder: Path) -> None:
    config = load(folder, 'mode = "live"')
    environment = {f"PAVOIS_X_FR_{name.upper()}": f" {name}! \n" for name in SECRETS}
    found = credentials(config, "x-fr", SECRETS, (), environment)
    assert found == {name: f"{name}!" for name in SECRETS}


def test_a_secret_comes_from_a_file_named_beside_the_configuration(folder: Path) -> None:
    (folder / "secrets").mkdir()
    for name in SECRETS:
        (folder / "secrets" / name).write_text(f"{name}!\n")
    lines = [f'{name}_file = "secrets/{name}"' for name in SECRETS]
    config = load(folder, "[accounts.x-fr]\n" + "\n".join(lines))
    assert credentials(config, "x-fr", SECRETS, (), {}) == {name: f"{name}!" for name in SECRETS}


def test_the_environment_goes_before_the_file(folder: Path) -> None:
    config = load(folder, '[accounts.li]\naccess_token_file = "absent"\nauthor = "urn:li:person:1"')
    environment = {"PAVOIS_LI_ACCESS_TOKEN": "token"}
    found = credentials(config, "li", LINKEDIN.secrets, LINKEDIN.identifiers, environment)
    assert found == {"access_token": "token", "author": "urn:li:person:1"}


def test_a_secret_file_that_is_absent_is_named(folder: Path) -> None:
    config = load(folder, '[accounts.li]\naccess_token_file = "absent"')
    with pytest.raises(ConfigError, match=r"There is no file .*absent"):
        credentials(config, "li", ("access_token",), (), {})


def test_everything_that_is_missing_is_named_at_once(folder: Path) -> None:
    config = load(folder, 'mode = "live"')
    with pytest.raises(ConfigError) as raised:
        credentials(config, "x-fr", SECRETS, (), {"PAVOIS_X_FR_API_KEY": "key"})
    assert str(raised.value) == (
        "Account x-fr is not connected: PAVOIS_X_FR_API_SECRET, PAVOIS_X_FR_ACCESS_TOKEN, "
        "PAVOIS_X_FR_ACCESS_SECRET missing. Put it in the environment, or name a file that holds "
        "it in [accounts.x-fr]."
    )


def test_a_secret_in_the_file_itself_is_refused_and_not_repeated(folder: Path) -> None:
    config = load(folder, '[accounts.x-fr]\napi_key = "hush"')
    (fault,) = account_faults(config, "x-fr", SECRETS, ())
    sentence = str(fault)
    assert "accounts.x-fr.api_key is a secret and may not stand here" in sentence
    assert "`api_key_file`" in sentence
    assert "PAVOIS_X_FR_API_KEY" in sentence
    assert "hush" not in sentence


def test_a_key_of_an_account_that_means_nothing_is_refused_with_those_that_do(
    folder: Path,
) -> None:
    config = load(folder, '[accounts.li]\nautor = "urn"\ntoken = "AQ"')
    faults = [
        str(fault) for fault in account_faults(config, "li", LINKEDIN.secrets, LINKEDIN.identifiers)
    ]
    assert len(faults) == 2
    assert "accounts.li.autor means nothing. Known are: access_token_file, author, " in faults[0]
    assert "accounts.li.token means nothing" in faults[1]


class Untouchable(Mapping[str, str]):
    """An environment that nobody may look into."""

    def __getitem__(self, key: str) -> str:
        raise AssertionError(f"{key} was read")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("it was listed")

    def __len__(self) -> int:
        raise AssertionError("it was counted")


def test_in_rehearsal_no_credential_is_read(folder: Path) -> None:
    config = load(folder, '[accounts.x-fr]\napi_key_file = "absent"')
    with make_app(config, environment=Untouchable()) as app:
        for slug in app.campaign.accounts:
            assert all(app.account_credentials(slug).values())
            app.network(slug)


def test_live_the_environment_is_read(folder: Path) -> None:
    with (
        make_app(load(folder, 'mode = "live"'), environment=Untouchable()) as app,
        pytest.raises(AssertionError, match="PAVOIS_X_FR_API_KEY was read"),
    ):
        app.account_credentials("x-fr")
