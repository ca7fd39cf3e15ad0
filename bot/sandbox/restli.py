"""The queries of Rest.li 2.0, read from the raw bytes of the URL.

`List(`, `,` and `)` stand bare on the wire; what is between them is percent-encoded. A query that
was decoded first cannot tell `List(a)` from `List%28a%29`, nor a list's comma from a value's.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_ITEM = re.compile(r"[^(),:'/?#\[\]@!$&*+;=\s]+")


class NotAllowedError(ValueError):
    """A parameter in a form that Rest.li 2.0 does not have; its words are the parameter's name."""


def raw_parameters(query: str) -> dict[str, str]:
    """The parameters by their decoded names, with their values as they came.

    A name may come once; an indexed name (`shares[0]`) is the form of protocol 1.0.0.
    """
    found: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        raw_name, _, value = pair.partition("=")
        name = unquote(raw_name)
        if name in found or "[" in name:
            raise NotAllowedError(name)
        found[name] = value
    return found


def read_list(name: str, value: str) -> list[str]:
    """`List(urn%3Ali%3Ashare%3A1,…)` as its decoded items; NotAllowedError for any other form."""
    if not (value.startswith("List(") and value.endswith(")")):
        raise NotAllowedError(name)
    inside = value[len("List(") : -1]
    items = inside.split(",") if inside else []
    if not all(_ITEM.fullmatch(item) for item in items):
        raise NotAllowedError(name)
    return [unquote(item) for item in items]
