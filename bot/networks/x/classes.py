"""The classes of characters that X's rules are made of, as they stand inside a regular expression.

Sources: twitter-text v3 (its published rules and conformance data), checked sign by sign against
npm's twitter-text 3.1.0. Where that library ignores case it does so by JavaScript's rule, which is
not Python's: such classes are written out here instead.
"""

from __future__ import annotations

SPACES = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: What JavaScript's `\s` means: no U+0085 and no U+180E, but U+FEFF.
SCRIPT_SPACES = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: The three characters that X refuses.
INVALID = r"\ufffe\ufeff\uffff"
PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
ACCENTS = (
    r"\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268"
    r"\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
#: In links, also what is the same letter in the other case: ⱥ for Ⱥ, ι for the iota below.
ACCENTS_ANY_CASE = ACCENTS + (
    r"\u0260\u0269\u0275\u0280\u0283\u0288\u028a\u028c\u0292\u0399\u03b9\u1fbe"
    r"\u2c65\u2c66\u2c7e\u2c7f\ua7dc"
)
CYRILLIC = r"\u0400-\u04ff\u1c80-\u1c87"
