"""In which encoding a page is written: as its header says, as it says itself, or as it looks."""

from __future__ import annotations

import codecs
import re

#: Names as they stand in headers and pages, with Python's. No others are looked up: among Python's
#: codecs are some that unpack, and some that take their time.
_ENCODINGS = {
    name: encoding
    for encoding, names in {
        "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
        # Browsers read all Korean names as the larger set, and ISO-8859-1 as Windows does.
        "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean cp949 ms949 "
        "windows-949 x-windows-949 uhc",
        "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 us-ascii ascii windows-1252 "
        "cp1252 x-cp1252",
        "iso8859-15": "iso-8859-15 iso8859-15 iso_8859-15 latin-9",
        "utf-16-le": "utf-16 utf-16le",
        "utf-16-be": "utf-16be",
    }.items()
    for name in names.split()
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How far into a page its own word is looked for.
_LOOKED_AT = 4096
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_IN_PAGE = re.compile(
    rb"(?:<meta\b[^>]*?\bcharset|<\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)


def decoded(page: bytes, content_type: str) -> str:
    """*page* as text. Its byte order mark is believed before the header *content_type*, that
    before the page's own word, and each only if all of the page can be read so."""
    said = [encoding for encoding in _said(page, content_type) if encoding]
    for encoding in said or ("utf-8", "cp949"):
        try:
            # What is cut off in the middle of a letter is no fault.
            return codecs.getincrementaldecoder(encoding)("strict").decode(page)
        except UnicodeDecodeError:
            continue
    return page.decode(said[0] if said else "cp1252", "replace")


def _said(page: bytes, content_type: str) -> tuple[str, str, str]:
    mark = next((encoding for mark, encoding in _MARKS if page.startswith(mark)), "")
    header = _IN_HEADER.search(content_type)
    own = _IN_PAGE.search(page[:_LOOKED_AT])
    in_page = _known(own[1].decode("ascii", "ignore")) if own else ""
    # What could be read up to here is written in ASCII, whatever it says.
    in_page = "utf-8" if in_page.startswith("utf-16") else in_page
    return mark, _known(header[1]) if header else "", in_page


def _known(name: str) -> str:
    return _ENCODINGS.get(name.lower(), "")
