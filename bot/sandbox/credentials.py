"""Who is who on the rehearsal networks: numbers and keys that follow from the account's slug.

Nothing here is secret, and nothing is kept: another process finds the same ones by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache


def _digest(*words: str) -> str:
    return hashlib.sha256("/".join(("rehearsal", *words)).encode()).hexdigest()


def remote_id(network: str, slug: str) -> int:
    """The number by which the network knows the account."""
    number = int(_digest(network, slug, "number")[:15], 16)
    if network == "x":
        return 10**18 + number % (9 * 10**17)
    return 10**7 + number % (9 * 10**7)


def user_id(credentials: Mapping[str, str]) -> int:
    """The number of the X user that an access token names, as on X: what stands before its dash."""
    return int(credentials["access_token"].partition("-")[0])


@cache
def credentials_of(network: str, slug: str, *, is_person: bool = False) -> Mapping[str, str]:
    """What a client needs to speak for the account, by the names its network gives them.

    On LinkedIn one token speaks for a page and for the person who looks after it (*is_person*).
    """
    if network == "linkedin":
        number = remote_id(network, slug)
        return {
            "access_token": "AQ" + _digest(network, slug, "access_token"),
            "author": f"urn:li:person:P-{number}" if is_person else f"urn:li:organization:{number}",
        }
    return {
        "api_key": _digest(network, slug, "api_key")[:25],
        "api_secret": _digest(network, slug, "api_secret")[:50],
        "access_token": f"{remote_id(network, slug)}-{_digest(network, slug, 'token')[:40]}",
        "access_secret": _digest(network, slug, "access_secret")[:45],
    }
