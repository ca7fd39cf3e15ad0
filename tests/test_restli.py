"""Queries in Rest.li's own encoding: what our client sends and the rehearsal's LinkedIn reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.networks.linkedin.client import _coded
from bot.sandbox.restli import NotAllowedError, read_list

VECTORS = Path(__file__).parent.parent.parent / "shared/data/linkedin/vectors/restli_encoding.json"

shared = pytest.mark.skipif(not VECTORS.is_file(), reason="the shared data is not here")


def _vectors(direction: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))[direction]
    return found


@shared
def test_names_and_lists_of_names_are_encoded_as_in_the_shared_vectors() -> None:
    """Numbers and records (`k:v`) our client does not send."""
    met = 0
    for case in _vectors("encode"):
        value, wire = case["value"], case["wire"]
        if isinstance(value, str):
            assert _coded(value) == wire
            met += 1
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            assert f"List({','.join(map(_coded, value))})" == wire
            assert read_list("shares", wire) == value
            met += 1
    assert met == 2


@shared
def test_lists_within_lists_and_records_are_no_list_of_names() -> None:
    for case in _vectors("decode"):
        if all(isinstance(one, str) for one in case["value"]):
            continue
        with pytest.raises(NotAllowedError):
            read_list("shares", case["wire"])
