"""An announcement that is written with the options of `pavois queue add`."""

from __future__ import annotations

from typing import Any

import click

from bot.words import _


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
