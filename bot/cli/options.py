"""An announcement that is written with the options of `pavois queue add` and `change`."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.words import _

if TYPE_CHECKING:
    from bot.app import App

Command = TypeVar("Command", bound=Callable[..., object])

_BEFORE_AT = (
    click.option("--kind", default="", help=_("The kind: news, delegation, field_visit, …")),
    click.option(
        "--text", "texts", multiple=True, metavar="fr=…", help=_("A text of its own, per language.")
    ),
    click.option(
        "--fact",
        "facts",
        multiple=True,
        metavar="name=…",
        help=_("A fact of its kind; name.fr=… for one language."),
    ),
    click.option("--partner", "partners", multiple=True, help=_("A partner that it concerns.")),
    click.option("--link", default="", help=_("A link: https://…")),
)
_AFTER_AT = (
    click.option("--zone", default="", help=_("The zone of --at and --valid-until: Asia/Seoul.")),
    click.option(
        "--valid-until", default="", metavar="2023-03-03", help=_("When it stops being true.")
    ),
    click.option(
        "--only",
        default="",
        metavar="fr,en",
        help=_("Only these languages: what the others say is not written yet."),
    ),
)


def announcement_options(*, without_at: str) -> Callable[[Command], Command]:
    """The options that write an announcement, and `--only`, which leaves languages out.

    *without_at* is the help of `--at`: what its absence means is each command's own.
    """
    at = click.option("--at", default="", metavar="2023-03-01T09:30", help=without_at)
    options = (*_BEFORE_AT, at, *_AFTER_AT)
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


def languages_named(app: App, only: str) -> list[str]:
    """The languages that `--only` names, none for all. Raises click's BadParameter."""
    languages = [code.strip() for code in only.split(",") if code.strip()]
    for code in languages:
        if code not in app.campaign.languages:
            raise click.BadParameter(
                _("{code} is no language of the campaign: {languages}.").format(
                    code=code, languages=", ".join(app.campaign.languages)
                ),
                param_hint="--only",
            )
    return languages


def from_options(**fields: Any) -> tuple[Any, str]:
    """The announcement written with options, as a source like a file, and its name."""
    from bot.files import Source

    data: dict[str, Any] = {
        key: fields[key] for key in ("kind", "link", "at", "zone", "valid_until") if fields[key]
    }
    data["partners"] = list(fields["partners"])
    data["texts"] = dict(_pairs(fields["texts"]))
    data["facts"] = _facts(fields["facts"])
    name = fields["name"] or f"{fields['kind'].replace('_', '-')}-{_digest(data)}"
    return Source(_("command line"), "", data), name


def _facts(pairs: tuple[str, ...]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, value in _pairs(pairs):
        fact, _dot, language = name.partition(".")
        if not language:
            facts[fact] = value
        elif isinstance(texts := facts.setdefault(fact, {}), dict):
            texts[language] = value
        else:
            raise _given_twice(fact)
    return facts


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names and values of what was written as name=value, each name once."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.UsageError(_("Write it as name=value, not `{text}`.").format(text=text))
        if name in pairs:
            raise _given_twice(name)
        pairs[name] = value
    # `headline` before `headline.fr`, whichever was written first.
    return sorted(pairs.items())


def _given_twice(name: str) -> click.UsageError:
    return click.UsageError(_("`{name}` is given twice.").format(name=name))


def _digest(data: dict[str, Any]) -> str:
    """The same words always give the same name: queueing them twice changes nothing."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
