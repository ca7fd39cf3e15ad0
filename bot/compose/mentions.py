"""`@[tours]` in a text: a partner, named as each network and language names it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.attached import Mention
from bot.errors import RenderError
from bot.model import Partner
from bot.words import N_

_NAMED = re.compile(r"@\[([^\]\s]*)\]")


def named(
    text: str, partners: Mapping[str, Partner], network: str, language: str
) -> tuple[str, tuple[Mention, ...]]:
    """*text* with each `@[partner]` as *network* has it, and those that the network links by a
    name of its own.

    Where the network knows a partner by a handle, that is written (`@tours`); where by a URN, its
    name there; elsewhere its name in *language*. Raises RenderError for no partner.
    """
    mentions: dict[str, Mention] = {}

    def written(match: re.Match[str]) -> str:
        partner = partners.get(match[1])
        if partner is None:
            raise RenderError(
                N_("`{written}` names no partner. Write one of partners.toml: `@[tours]`."),
                written=match[0],
            )
        handle = partner.handles.get(network)
        if handle is None:
            return partner.names[language]
        if not handle.urn:
            return f"@{handle.name}"
        mentions[handle.name] = Mention(handle.name, handle.urn)
        return handle.name

    return _NAMED.sub(written, text), tuple(mentions.values())
