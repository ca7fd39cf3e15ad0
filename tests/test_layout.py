"""Help and lists, as wide as a terminal is."""

from __future__ import annotations

import pytest

from bot import words
from bot.cli.layout import Formatter, columns, folded, padded

SENTENCE = "소식을 예약합니다. TOML 파일을 지정하거나 아래 옵션으로 하나를 작성합니다."


def test_a_korean_letter_takes_two_columns() -> None:
    assert [columns(text) for text in ("", "run", "소식", "é «", "\u202f")] == [0, 3, 4, 3, 1]


def test_columns_stay_straight_whatever_is_written_in_them() -> None:
    assert {columns(padded(text, 9)) for text in ("run", "게시", "확인 필요")} == {9}
    assert padded("uncertain", 3) == "uncertain"


def test_no_line_is_wider_than_the_terminal() -> None:
    lines = folded(SENTENCE, 30)
    assert max(map(columns, lines)) <= 30
    assert " ".join(lines) == SENTENCE


def test_a_space_that_does_not_break_does_not() -> None:
    assert folded("Lancez\u00a0: pavois live", 8) == ["Lancez\u00a0:", "pavois", "live"]


def test_what_options_mean_stands_in_one_column() -> None:
    formatter = Formatter(width=40)
    with formatter.section("옵션"):
        formatter.write_dl([("--config 파일", "설정 파일."), ("-h", SENTENCE)])
    first, *others = formatter.getvalue().splitlines()[1:]
    assert first == "  --config 파일  설정 파일."
    assert max(map(columns, others)) <= 40
    assert {columns(line) - columns(line[2:].removeprefix("-h").lstrip()) for line in others} == {
        17
    }


def test_a_long_term_has_a_line_of_its_own() -> None:
    formatter = Formatter(width=80)
    formatter.write_dl([("--valid-until 2023-03-03", "유효 기한."), ("-h", "")], col_max=10)
    assert formatter.getvalue() == f"--valid-until 2023-03-03\n{' ' * 12}유효 기한.\n-h\n"


def test_every_command_is_helped_in_this_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.cli import main

    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "60")
    with pytest.raises(SystemExit):
        main(["--language", "ko", "queue", "add", "--help"])
    assert max(map(columns, capsys.readouterr().out.splitlines())) <= 60


def test_how_a_command_is_called_is_said_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "_language", "ko")
    formatter = Formatter(width=60)
    formatter.write_usage("pavois", "[OPTIONS] COMMAND [ARGS]...", "사용법: ")
    assert formatter.getvalue() == "사용법: pavois [옵션] 명령 …\n"


def test_what_an_option_is_given_is_named_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.cli.layout._", {"TEXT": "TEXTE"}.__getitem__)
    formatter = Formatter(width=60)
    formatter.write_dl([("--reason TEXT", "La raison.")])
    assert formatter.getvalue() == "--reason TEXTE  La raison.\n"
