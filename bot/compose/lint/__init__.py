"""What people, and above all those who listen to a text, would stumble over. Pure.

Each rule has a code by which a campaign can switch it off. An error is plainly wrong or forbidden
and blocks a post; advice is the officer's to follow. The rules prefer to miss something to finding
what is right: a lint that cries wolf is switched off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from bot.compose.lint import alts, emojis, languages, letters, links
from bot.compose.lint.findings import Finding, Level, Rule, Subject, see

__all__ = ["REQUIRED", "RULES", "Finding", "Level", "Rule", "Subject", "lint", "unknown_codes"]

#: Every rule, by its code, in the order in which they are listed for people.
RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for part in (alts, languages, letters, emojis, links) for rule in part.RULES}
)


#: Without them a picture is nothing to those who do not see it, or the network refuses it: no
#: campaign does without.
REQUIRED = frozenset({"alt-missing", "alt-file-name", "alt-too-long"})


def lint(subject: Subject, off: Collection[str] = ()) -> tuple[Finding, ...]:
    """What the rules that are not *off* find: errors first, then in the order of the text."""
    seen = see(subject)
    findings = [
        Finding(rule.code, rule.level, *found)
        for rule in RULES.values()
        if rule.code not in off
        for found in rule.check(seen)
    ]
    return tuple(sorted(findings, key=lambda one: (one.level is not Level.ERROR, one.start)))


def unknown_codes(off: Collection[str]) -> tuple[str, ...]:
    """Those of *off* that are no rule's code: for the caller to refuse."""
    return tuple(sorted(set(off) - set(RULES)))
