"""The error tree is what its docstring draws, and speaks to the officer."""

from __future__ import annotations

import errno
import inspect
import os
import re

import pytest

from bot import errors
from bot.errors import PavoisError, reason_of
from bot.words import Message

CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, PavoisError)
}


def drawn() -> dict[str, str]:
    """Each error of the drawing with the one that it hangs from."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([│├└─ ]*)(\w+)", line):
            depth = len(found[1]) // 4
            if found[2] in CLASSES:
                path[depth:] = [found[2]]
                parents[found[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawing_of_the_errors_is_true() -> None:
    assert drawn() == {name: kind.__mro__[1].__name__ for name, kind in CLASSES.items()}


def test_every_sort_of_error_has_an_exit_code_that_scripts_can_tell_apart() -> None:
    own = [kind for kind in CLASSES.values() if "exit_code" in vars(kind)]
    assert len({kind.exit_code for kind in own}) == len(own)
    assert all(kind.exit_code > 0 for kind in own)


def test_an_error_says_its_sentence() -> None:
    error = errors.Refused("{account} may not.", account="x-fr", status=403, request_id="r")
    assert (str(error), error.status, error.request_id) == ("x-fr may not.", 403, "r")


@pytest.mark.parametrize("kind", [errors.NotSent, errors.Refused, errors.AccountBlocked])
def test_a_network_error_need_not_know_more_than_its_sentence(
    kind: type[errors.NetworkError],
) -> None:
    assert (kind("No.").status, kind("No.").request_id) == (None, "")


@pytest.mark.parametrize("number", errors._REFUSALS)
def test_what_the_system_refuses_is_said_as_it_says_it_and_can_be_translated(number: int) -> None:
    reason = reason_of(OSError(number, os.strerror(number)))
    assert isinstance(reason, Message)
    assert str(reason) == os.strerror(number)


def test_a_refusal_that_is_not_known_is_shown_as_it_is() -> None:
    assert reason_of(OSError(errno.EXDEV, "Odd {link}")) == "Odd {link}"
    assert reason_of(PermissionError()) == "PermissionError"
