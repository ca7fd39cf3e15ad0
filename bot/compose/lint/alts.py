"""Rules of the text that stands for a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.attached import Media
from bot.compose.lint.findings import HANGUL, LATIN, Found, Level, Rule, Seen, shown
from bot.compose.units import utf16_length
from bot.words import N_, Message, Value

#: What LinkedIn recommends (docs 2026-08), and most screen readers say in one breath.
SHORT_ALT = 120

_FILE_ENDING = re.compile(
    r"(?<=\S)\.(?:jpe?g|png|gif|webp|hei[cf]|svg|tiff?|bmp|avif|raw|mp4|mov|pdf)\Z", re.IGNORECASE
)
#: What cameras, telephones and programs call a file; a word that only says that it is a picture.
_MACHINE_NAME = re.compile(
    r"(?:(?:img|dsc|dscn|dscf|pxl|mvi|vid|gopr|sam|kakaotalk|screenshot|scan|whatsapp image"
    r"|capture(?: d[’']écran)?|스크린샷|화면 캡처)[ _-]?[0-9][0-9 _.:()-]*"
    r"|(?:photo|photographie|image|picture|img|visuel|illustration|untitled|sans titre|logo|affiche"
    r"|사진|이미지|그림|제목 없음)[ _-]?\(?[0-9]*\)?"
    r"|[0-9_-]+|(?=[0-9a-f-]*[0-9])[0-9a-f-]{16,})",
    re.IGNORECASE,
)
_PICTURE_OF = re.compile(
    r"(?:(?:une |an? |la |the )?"
    r"(?:photo(?:graphie|graph)?|image|illustration|picture|visuel|cliché)(?: [a-zéè]+)?"
    r"[ \u00a0]?(?:\b(?:de|du|des|of|showing|montrant)\b|d[’']|:|-|–)"
    r"|(?:사진|이미지|그림)[ ]?[:：])",
    re.IGNORECASE,
)
_FEW_LETTERS = 10
_FEW_WORDS = 4


def missing(seen: Seen) -> Iterator[Found]:
    """A picture without the text that stands for it, where the network takes one."""
    for name, media, limit in _pictures(seen):
        if limit and not media.alt.strip():
            yield Found(
                Message(
                    N_(
                        "No alt text for {picture}: say in a sentence what it shows, for those "
                        "who do not see it."
                    ),
                    {"picture": name},
                )
            )


def file_name(seen: Seen) -> Iterator[Found]:
    """The name of a file, or a word such as "image", instead of a description."""
    stems = {_FILE_ENDING.sub("", name.rpartition("/")[2]) for name in seen.subject.file_names}
    for name, alt, _limit in _described(seen):
        bare = _FILE_ENDING.sub("", alt)
        if bare != alt or _MACHINE_NAME.fullmatch(alt) or (" " not in alt and alt in stems):
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture}, “{alt}”, is a file name or says only that it "
                        "is a picture: say what it shows."
                    ),
                    {"picture": name, "alt": shown(alt)},
                )
            )


def too_long(seen: Seen) -> Iterator[Found]:
    """More than the network takes."""
    for name, alt, limit in _described(seen):
        if limit and utf16_length(alt) > limit:
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture} has {length} characters, the network takes "
                        "{limit}: shorten it by {over}."
                    ),
                    {
                        "picture": name,
                        "length": utf16_length(alt),
                        "limit": limit,
                        "over": utf16_length(alt) - limit,
                    },
                )
            )


def long(seen: Seen) -> Iterator[Found]:
    """More than is comfortable to listen to."""
    for name, alt, limit in _described(seen):
        if SHORT_ALT < utf16_length(alt) <= (limit or utf16_length(alt)):
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture} has {length} characters: {most} are easier to "
                        "listen to. Put details into the text itself."
                    ),
                    {"picture": name, "length": utf16_length(alt), "most": SHORT_ALT},
                )
            )


def repeats_text(seen: Seen) -> Iterator[Found]:
    """What the text says already: it would be heard twice."""
    text = _words(seen.subject.text)
    for name, alt, _limit in _described(seen):
        words = _words(alt)
        if words.count(" ") + 1 >= _FEW_WORDS and f" {words} " in f" {text} ":
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture} repeats the text: it would be heard twice. Say "
                        "what is to be seen."
                    ),
                    {"picture": name},
                )
            )


def twice(seen: Seen) -> Iterator[Found]:
    """Two pictures that are described by the same words."""
    first: dict[str, Value] = {}
    for name, alt, _limit in _described(seen):
        words = _words(alt)
        if words in first:
            yield Found(
                Message(
                    N_("The same alt text for {picture} and {other}: say what tells them apart."),
                    {"picture": name, "other": first[words]},
                )
            )
        first.setdefault(words, name)


def picture_of(seen: Seen) -> Iterator[Found]:
    """ "Photo de…", "image of…", "사진:": screen readers say that it is a picture."""
    for name, alt, _limit in _described(seen):
        if found := _PICTURE_OF.match(alt):
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture} begins with “{words}”: screen readers say that "
                        "it is a picture. Begin with what it shows."
                    ),
                    {"picture": name, "words": found[0].strip()},
                )
            )


def language(seen: Seen) -> Iterator[Found]:
    """An alt text in the script of another language than the text's."""
    spoken = seen.subject.language
    for name, alt, _limit in _described(seen):
        hangul, latin = len(re.findall(f"[{HANGUL}]", alt)), len(re.findall(f"[{LATIN}]", alt))
        foreign = latin > _FEW_LETTERS and not hangul if spoken == "ko" else hangul and not latin
        if foreign and spoken in {"fr", "ko", "en"}:
            yield Found(
                Message(
                    N_(
                        "The alt text of {picture} is not in the language of the text ({language})."
                    ),
                    {"picture": name, "language": spoken},
                )
            )


def _pictures(seen: Seen) -> Iterator[tuple[Value, Media, int]]:
    """What is attached: how it is called, itself, and how long its alt text may be (0: none)."""
    names = seen.subject.file_names
    for index, media in enumerate(seen.subject.attached.files):
        numbered = Message(N_("picture {number}"), {"number": index + 1})
        takes = seen.subject.rules.takes.get(media.sort)
        name = names[index] if index < len(names) else ""
        yield name or numbered, media, takes.alt if takes else 0


def _described(seen: Seen) -> Iterator[tuple[Value, str, int]]:
    """Those with an alt text: how it is called, the alt text, how long it may be."""
    for name, media, limit in _pictures(seen):
        if alt := media.alt.strip():
            yield name, alt, limit


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


RULES = (
    Rule(
        "alt-missing",
        Level.ERROR,
        Message(N_("Every picture has an alt text.")),
        "WCAG 2.2 1.1.1 / RGAA 4.1.2 1.1",
        missing,
    ),
    Rule(
        "alt-file-name",
        Level.ERROR,
        Message(N_("An alt text is a description and not the name of a file.")),
        "WCAG 2.2 1.1.1 (F30) / RGAA 4.1.2 1.3",
        file_name,
    ),
    Rule(
        "alt-too-long",
        Level.ERROR,
        Message(N_("An alt text is not longer than the network takes.")),
        "X, LinkedIn",
        too_long,
    ),
    Rule(
        "alt-long",
        Level.ADVICE,
        Message(N_("An alt text is short: 120 characters at most.")),
        "LinkedIn / RGAA 4.1.2 1.3",
        long,
    ),
    Rule(
        "alt-repeats-text",
        Level.ADVICE,
        Message(N_("An alt text does not repeat the text.")),
        "RGAA 4.1.2 1.3",
        repeats_text,
    ),
    Rule(
        "alt-twice",
        Level.ADVICE,
        Message(N_("Each picture has an alt text of its own.")),
        "RGAA 4.1.2 1.3",
        twice,
    ),
    Rule(
        "alt-picture-of",
        Level.ADVICE,
        Message(N_("An alt text does not begin by saying that it is a picture.")),
        "RGAA 4.1.2 1.3",
        picture_of,
    ),
    Rule(
        "alt-language",
        Level.ADVICE,
        Message(N_("An alt text is in the language of the text.")),
        "WCAG 2.2 3.1.2 / RGAA 4.1.2 8.7",
        language,
    ),
)
