"""What people who read or listen would stumble over is found, and little else."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.announcements import read_announcement
from bot.attached import NOTHING_ATTACHED, Attached, Media, Sort
from bot.campaigns import announcement_files, load_campaign
from bot.compose.lint import RULES, Finding, Level, Subject, lint, unknown_codes
from bot.compose.lint.letters import plain
from bot.compose.rules import Link, Rules
from bot.compose.wording import Wordings
from bot.files import shipped
from bot.model import Campaign
from bot.networks import NETWORKS, network_kind
from tests.announcements_sample import MARK, rendered
from tests.fakes import PlainRules

KOREA_FRANCE = shipped("campaigns/korea-france")
X, LINKEDIN = network_kind("x").rules, network_kind("linkedin").rules
BOUQUET = "Deux maires plantent un arbre devant la mairie."
#: A picture as good as can be, to be spoiled.
PICTURE = Media("0" * 64, Sort.PICTURE, "image/jpeg", 1000, alt=BOUQUET)


def subject(text: str, /, language: str = "fr", rules: Rules = X, **changes: Any) -> Subject:
    """*text* with the mark of the campaign, for X unless *rules* are another network's."""
    made = Subject(
        f"{text}\n\n{MARK}",
        language,
        rules,
        "KoreaFranceLocalCooperation",
        ("FR", "KR"),
        NOTHING_ATTACHED,
        "",
    )
    return replace(made, **changes)


def with_alts(*alts: str) -> Attached:
    return Attached(tuple(replace(PICTURE, alt=alt) for alt in alts))


def codes(what: Subject) -> set[str]:
    return {finding.code for finding in lint(what)}


def places(what: Subject, code: str) -> list[str]:
    """What *code* underlines."""
    return [what.text[one.start : one.end] for one in lint(what) if one.code == code]


#: By rule: texts in which it finds what is given, by language.
WRONG_TEXTS = [
    ("tag-case", "fr", "Un projet #coopérationdécentralisée", ["#coopérationdécentralisée"]),
    ("tag-case", "fr", "#VILLESJUMELLES", ["#VILLESJUMELLES"]),
    ("tag-case", "fr", "#Villesjumellées2023", ["#Villesjumellées2023"]),
    ("tag-case", "ko", "협력 #koreafrancefriends", ["#koreafrancefriends"]),
    ("tag-case", "en", "Twins #localcooperation", ["#localcooperation"]),
    ("hidden-signs", "fr", "Le fo\u200brum \u202eouvre", ["\u200b"]),
    ("hidden-signs", "ko", "수원\u2060시", ["\u2060"]),
    ("hidden-signs", "en", "A \u2066visit\u2069", ["\u2066"]),
    ("fancy-letters", "fr", "𝐆𝐫𝐚𝐧𝐝 𝐟𝐨𝐫𝐮𝐦 à Issy", ["𝐆𝐫𝐚𝐧𝐝 𝐟𝐨𝐫𝐮𝐦"]),
    ("fancy-letters", "fr", "Un ᴘᴇᴛɪᴛ mot", ["ᴘᴇᴛɪᴛ"]),
    ("fancy-letters", "fr", "Un ᵖᵉᵗⁱᵗ mot", ["ᵖᵉᵗⁱᵗ"]),
    ("fancy-letters", "fr", "Un mot b̶a̶r̶r̶é̶", ["b̶a̶r̶r̶é̶"]),
    ("fancy-letters", "ko", "ＫＯＩＣＡ 사업", ["ＫＯＩＣＡ"]),
    ("fancy-letters", "en", "Ⓦⓔⓛⓒⓞⓜⓔ to 🅶🆄🅼🅸", ["Ⓦⓔⓛⓒⓞⓜⓔ", "🅶🆄🅼🅸"]),
    ("fancy-letters", "en", "ℬonjour", ["ℬ"]),
    ("shouting", "fr", "VENEZ TRÈS NOMBREUX au forum", ["VENEZ TRÈS NOMBREUX"]),
    ("shouting", "fr", "GRANDE NOUVELLE\u00a0: un forum", ["GRANDE NOUVELLE"]),
    ("shouting", "fr", "Bienvenue\u00a0!!!", ["!!!"]),
    ("shouting", "ko", "환영합니다!! 반갑습니다", ["!!"]),
    ("shouting", "en", "Please COME AND JOIN US there", ["COME AND JOIN US"]),
    ("shouting", "en", "Really ? ?", ["? ?"]),
    ("decoration", "fr", "Forum\n----------\nIssy", ["----------"]),
    ("decoration", "ko", "★☆ 모집 ☆★", ["★☆", "☆★"]),
    ("decoration", "en", "▶▶▶ Forum", ["▶▶▶"]),
    ("emoji-many", "fr", "Forum 🎉 🎶 🌿 🍲", ["🍲"]),
    ("emoji-many", "ko", "포럼 🎉🎶🌿🍲🎨", ["🍲🎨"]),
    ("emoji-many", "en", "Forum 🎉 🎶 🌿 🍲", ["🍲"]),
    ("emoji-place", "fr", "On ❤️ la Corée", ["❤️"]),
    ("emoji-place", "fr", "La 🏛️ de Tours", ["🏛️"]),
    ("emoji-place", "ko", "📅 3월 1일(수)에 만나요", ["📅"]),
    ("emoji-place", "en", "Our 🤝🏽 partners", ["🤝🏽"]),
    ("emoji-repeated", "fr", "Bravo 👏👏👏", ["👏👏👏"]),
    ("emoji-repeated", "ko", "축하합니다 🎉 🎉", ["🎉 🎉"]),
    ("emoji-repeated", "en", "Bravo 🎉👏👏", ["🎉👏👏"]),
    ("click-here", "fr", "Inscriptions, cliquez ici.", ["cliquez ici"]),
    (
        "click-here",
        "fr",
        "En savoir plus\u00a0:\n\nhttps://ville.example/forum",
        ["En savoir plus"],
    ),
    ("click-here", "fr", "Le forum ouvre. C’est ici 👉 https://ville.example", ["C’est ici"]),
    ("click-here", "fr", "Programme\u00a0: lien en bio", ["lien en bio"]),
    ("click-here", "ko", "신청은 여기를 클릭하세요", ["여기를 클릭"]),
    ("click-here", "ko", "포럼이 열립니다. 자세히 보기: https://ville.example", ["자세히 보기"]),
    ("click-here", "ko", "여기\nhttps://ville.example", ["여기"]),
    ("click-here", "en", "To register click here", ["click here"]),
    ("click-here", "en", "The forum opens.\nRead more: https://ville.example", ["Read more"]),
    ("accidental-link", "fr", "Voir README.md et ville.de", ["README.md", "ville.de"]),
    ("accidental-link", "ko", "서울시 korea.kr에서", ["korea.kr"]),
    ("accidental-link", "en", "See plan.zip", ["plan.zip"]),
    ("unsolicited-mention", "fr", "Merci @elysee", ["@elysee"]),
    ("unsolicited-mention", "ko", "서울시 @seoul_kr에서", ["@seoul_kr"]),
    ("unsolicited-mention", "en", "Thanks to @UNESCO!", ["@UNESCO"]),
    ("many-tags", "fr", "#Tours et #Suwon", [f"#Tours et #Suwon\n\n{MARK[:-5]}"]),
    ("many-tags", "ko", "#수원 #투르", [f"#수원 #투르\n\n{MARK[:-5]}"]),
    ("many-tags", "en", "#Tours and #Suwon", [f"#Tours and #Suwon\n\n{MARK[:-5]}"]),
    ("french-spaces", "fr", "Bienvenue à Gumi !", [" !"]),
    ("french-spaces", "fr", "Bienvenue à Gumi! Le maire: oui; non", ["!", ":", ";"]),
    ("french-spaces", "fr", "Le «forum», le « label »", ["«", "»", "« ", " »"]),
    ("french-spaces", "fr", "Vraiment ?!", [" ?!"]),
    ("narrow-space", "fr", "Bienvenue\u202f! 1\u202f200 places", ["\u202f"]),
    ("french-quotes", "fr", "L'accueil d'une \"délégation\"", ["'", '"']),
    ("korean-dates", "ko", "2023.3.1. 개막", ["2023.3.1."]),
    ("korean-dates", "ko", "2023-03-01(수) 개막", ["2023-03-01(수)"]),
    ("korean-dates", "ko", "2023. 03. 01. 개막", ["2023. 03. 01."]),
    ("korean-dates", "ko", "3/1(수)과 3.2.(목)", ["3/1(수)", "3.2.(목)"]),
    ("korean-dates", "ko", "2023년3월1일과 3월2일", ["2023년3월1일", "3월2일"]),
    ("korean-particle", "ko", "수원시이(가) 투르를(을)", ["수원시이(가)", "투르를(을)"]),
    ("korean-particle", "ko", "서울(으)로 「포럼」은(는)", ["서울(으)로", "포럼」은(는)"]),
]

#: By rule: texts that it leaves alone.
RIGHT_TEXTS = [
    ("tag-case", "fr", "#CoopérationDécentralisée #développement #environnement #tours"),
    ("tag-case", "fr", "#OECD #UNESCO #SUWON"),
    ("tag-case", "ko", "#한국프랑스지방협력네트워크모임 #수원"),
    ("tag-case", "en", "#LocalCooperation #internationalisation"),
    ("hidden-signs", "fr", "À\u00a0bientôt\u202f! Une famille 👨‍👩‍👧 ❤️"),
    ("hidden-signs", "ko", "가족 👨‍👩‍👧"),
    ("hidden-signs", "en", "🏳️‍🌈"),
    ("fancy-letters", "fr", "Le 1ᵉʳ, Mᵐᵉ, n° ½, 20 ℃, Airbus™, 5 ㎡"),
    ("fancy-letters", "ko", "ⓐ 예산 ⓑ 일정, Ａ동, 500ℓ, ㈜수원, ㉠"),
    ("fancy-letters", "en", "Blood types 🅰️🅱️, parking 🅿️, Café №5"),
    ("shouting", "fr", "L’OCDE, l’ONU et la KOICA, Louis XIV et M. Jean DUPONT MARTIN\u00a0?!"),
    ("shouting", "fr", "OECD KOICA UNESCO KOTRA, MERCI à tous"),
    ("shouting", "ko", "KOICA와 OECD가 함께합니다!"),
    ("shouting", "en", "NATO, the UN and KIM Dong-yeon. Really?!"),
    ("decoration", "fr", "Paris–Séoul — un pont\n• un\n- deux\n…"),
    ("decoration", "ko", "▶ 일시: 3월 1일~3일 ※ 무료"),
    ("decoration", "en", "--- see https://ville.example/a----b"),
    ("emoji-many", "fr", "Forum 🎉 🎶 🌿 © ™ ↔"),
    ("emoji-many", "ko", "포럼 🎉🎶🌿"),
    ("emoji-many", "en", "Forum 🎉🎶👨‍👩‍👧"),
    ("emoji-place", "fr", "Bienvenue\u00a0! 🎉 La délégation est là. 🤝\nÀ demain 👋"),
    ("emoji-place", "ko", "환영합니다! 🎉 반갑습니다."),
    ("emoji-place", "en", "Welcome 🎉 https://ville.example #Tours"),
    ("emoji-repeated", "fr", "Bravo 👏 à tous 👏"),
    ("emoji-repeated", "ko", "환영합니다 🎉🎶"),
    ("emoji-repeated", "en", "Hello 👋👋🏽"),
    ("click-here", "fr", "Venez ici. Le programme du forum\u00a0: https://ville.example"),
    ("click-here", "fr", "Inscriptions jusqu’au 3 mars, pour en savoir plus sur le label."),
    ("click-here", "ko", "여기에서 만나요. 포럼 일정: https://ville.example"),
    ("click-here", "en", "Here is the programme of the forum: https://ville.example"),
    ("accidental-link", "fr", "M.le maire, St.Denis, www.tours.fr, a@ville.fr, ville.fr/forum"),
    ("accidental-link", "ko", "2023.3.1. https://ville.example"),
    ("accidental-link", "en", "At 10.30 p.m."),
    ("unsolicited-mention", "fr", "Merci @Tours_Metropole, écrivez à mairie@ville.fr"),
    ("unsolicited-mention", "ko", "수원시 @suwon_city에서"),
    ("unsolicited-mention", "en", "3 @ 4"),
    ("many-tags", "fr", "#Tours 2023"),
    ("many-tags", "ko", "#수원"),
    ("many-tags", "en", "Number # one"),
    (
        "french-spaces",
        "fr",
        "Bienvenue\u00a0! Vraiment\u202f? «\u00a0Oui\u00a0»\u00a0: 10:30, a:b, ;)",
    ),
    ("french-spaces", "fr", "환영합니다! https://ville.example/?a=b; puis"),
    ("french-spaces", "en", "Welcome! Really? The mayor: yes"),
    ("narrow-space", "fr", "Bienvenue\u00a0!"),
    ("narrow-space", "en", "1\u202f200"),
    ("french-quotes", "fr", "L’accueil d’une «\u00a0délégation\u00a0», 5' de pause"),
    ("french-quotes", "en", 'It\'s "here"'),
    (
        "korean-dates",
        "ko",
        "2023년 3월 1일(수), 3월 1일, 6월부터, 1.5배, 10/20, 2023.13.1, 3/32(수)",
    ),
    ("korean-dates", "fr", "2023-03-01"),
    ("korean-particle", "ko", "OECD와(과) 수원이 마을(을지로)에서"),
    ("korean-particle", "fr", "수원이(가)"),
]


@pytest.mark.parametrize(("code", "language", "text", "underlined"), WRONG_TEXTS)
def test_what_is_wrong_is_found_and_underlined(
    code: str, language: str, text: str, underlined: list[str]
) -> None:
    assert places(subject(text, language), code) == underlined


@pytest.mark.parametrize(("code", "language", "text"), RIGHT_TEXTS)
def test_what_is_right_is_left_alone(code: str, language: str, text: str) -> None:
    handles = ("Tours_metropole", "@Suwon_City")
    assert places(subject(text, language, handles=handles), code) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "The delegation from Gumi is here."),
        ("fr", "그르노블은 구미시 대표단을 환영합니다!"),
        ("en", "그르노블은 구미시 대표단을 환영합니다!"),
        ("fr", "The city is proud to welcome the delegation from Gumi, and we thank you all."),
        ("en", "La ville est fière d’accueillir la délégation de Gumi, et nous vous remercions."),
    ],
)
def test_a_text_in_another_language_than_its_own_is_an_error(language: str, text: str) -> None:
    assert [one.level for one in lint(subject(text, language)) if one.code == "wrong-language"] == [
        Level.ERROR
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "환영합니다! Grenoble-Alpes Métropole"),
        ("ko", "2023"),
        ("ko", "https://ville.example/forum-franco-coreen"),
        ("fr", "Bienvenue, 환영합니다\u00a0!"),
        ("fr", "Le forum « The future of our cities is in the hands of the people »."),
        ("en", "Foire de Tours: see you at the fair, et à bientôt à la mairie de Tours"),
        ("en", "Welcome to Issy-les-Moulineaux and La Roche-sur-Yon"),
        ("de", "Die Stadt begrüßt the delegation that is here from Gumi, and we thank you."),
    ],
)
def test_names_and_greetings_of_another_language_are_welcome(language: str, text: str) -> None:
    assert "wrong-language" not in codes(subject(text, language))


#: By rule: alt texts that it finds fault with, by the language of the text.
WRONG_ALTS = [
    ("alt-missing", "fr", [""]),
    ("alt-missing", "ko", [" \n"]),
    ("alt-missing", "en", [BOUQUET, ""]),
    ("alt-file-name", "fr", ["IMG_1234.JPG"]),
    ("alt-file-name", "fr", ["photo 1"]),
    ("alt-file-name", "fr", ["image"]),
    ("alt-file-name", "fr", ["DSC-0042"]),
    ("alt-file-name", "fr", ["visite-gumi"]),
    ("alt-file-name", "fr", ["3f786850e387550fdab836ed7e6dc881de23001b"]),
    ("alt-file-name", "fr", ["Capture d’écran 2023-03-01"]),
    ("alt-file-name", "ko", ["사진 (2)"]),
    ("alt-file-name", "ko", ["KakaoTalk_20230301_101500"]),
    ("alt-file-name", "en", ["delegation photo.png"]),
    ("alt-too-long", "fr", ["a" * 1001]),
    ("alt-too-long", "ko", ["나" * 1001]),
    ("alt-too-long", "en", ["a" * 1001]),
    ("alt-long", "fr", ["a" * 121]),
    ("alt-long", "ko", ["나" * 121]),
    ("alt-long", "en", ["a" * 1000]),
    ("alt-repeats-text", "fr", ["Une délégation de Gumi"]),
    ("alt-repeats-text", "ko", ["구미시 대표단이 프랑스 그르노블을 찾았습니다"]),
    ("alt-repeats-text", "en", ["a delegation FROM Gumi"]),
    ("alt-twice", "fr", [BOUQUET, BOUQUET.upper()]),
    ("alt-twice", "ko", ["시장 두 분이 나무를 심습니다.", "시장 두 분이 나무를 심습니다."]),
    ("alt-twice", "en", ["Two mayors", "An old tree", "Two mayors."]),
    ("alt-picture-of", "fr", ["Photo de deux maires"]),
    ("alt-picture-of", "fr", ["Une image d’un arbre"]),
    ("alt-picture-of", "ko", ["사진: 시장 두 분"]),
    ("alt-picture-of", "en", ["A photo of two mayors"]),
    ("alt-picture-of", "en", ["Picture showing a tree"]),
    ("alt-language", "fr", ["시장 두 분이 나무를 심습니다."]),
    ("alt-language", "ko", ["Two mayors plant a tree."]),
    ("alt-language", "en", ["시장 두 분이 나무를 심습니다."]),
]
RIGHT_ALTS = {
    "fr": [
        BOUQUET,
        "Photographes amateurs devant la mairie.",
        "Visite du 3 mars",
        "Forum",
        "Image animée\u00a0",
        "Affiche du forum en .pdf",
        "décade",
    ],
    "ko": ["시장 두 분이 나무를 심습니다.", "Guro 구청 전경", "사진전 개막식", "KOICA"],
    "en": [
        "Two mayors plant a tree.",
        "Photography lesson at school",
        "Imaging centre",
        "Suwon 수원",
    ],
}
TEXTS = {
    "fr": "Une délégation de Gumi est arrivée.",
    "ko": "구미시 대표단이 프랑스 그르노블을 찾았습니다.",
    "en": "Here is a delegation from Gumi.",
}


@pytest.mark.parametrize(("code", "language", "alts"), WRONG_ALTS)
def test_a_poor_alt_text_is_found(code: str, language: str, alts: list[str]) -> None:
    what = subject(
        TEXTS[language], language, attached=with_alts(*alts), file_names=("photos/visite-gumi.jpg",)
    )
    assert code in codes(what)


@pytest.mark.parametrize("language", RIGHT_ALTS)
def test_a_good_alt_text_is_left_alone(language: str) -> None:
    attached = with_alts(*RIGHT_ALTS[language])
    assert codes(subject(TEXTS[language], language, attached=attached)) == set()


def test_every_rule_has_a_text_that_breaks_it_and_one_that_keeps_it() -> None:
    by_text, kept = {row[0] for row in WRONG_TEXTS}, {row[0] for row in RIGHT_TEXTS}
    assert by_text == kept
    assert by_text | {row[0] for row in WRONG_ALTS} | {"wrong-language"} == set(RULES)


def test_a_picture_is_called_as_the_officer_called_it_or_by_its_number() -> None:
    what = subject("Bonjour", attached=with_alts("", ""), file_names=("visite.jpg",))
    assert [str(one.message) for one in lint(what)] == [
        "No alt text for visite.jpg: say in a sentence what it shows, for those who do not see it.",
        "No alt text for picture 2: say in a sentence what it shows, for those who do not see it.",
    ]


def test_a_network_that_takes_no_alt_text_asks_for_none() -> None:
    video = Attached((replace(PICTURE, sort=Sort.VIDEO, alt=""),))
    document = Attached((replace(PICTURE, sort=Sort.DOCUMENT, alt=""),))
    assert codes(subject("Bonjour", attached=video)) == set()
    assert codes(subject("Bonjour", attached=document)) == set()


def test_the_limit_of_an_alt_text_is_the_networks() -> None:
    attached = with_alts("a" * 1001)
    assert "alt-too-long" in codes(subject("Bonjour", attached=attached))
    assert "alt-too-long" not in codes(subject("Bonjour", rules=LINKEDIN, attached=attached))


def test_on_linkedin_five_hashtags_and_a_name_with_its_sign_are_no_matter() -> None:
    what = subject("Merci @elysee #Tours #Suwon #Gumi #Guro", rules=LINKEDIN)
    assert codes(what) == set()
    assert "many-tags" in codes(subject("#Tours #Suwon #Gumi #Guro #Issy", rules=LINKEDIN))


def test_a_narrow_space_is_no_matter_where_it_counts_as_any_other() -> None:
    text = "Bienvenue\u202f! 1\u202f200 places"
    assert codes(subject(text, rules=LINKEDIN)) == set()
    (finding,) = lint(subject(text))
    assert "which would leave room for 2 more characters" in str(finding.message)


def test_the_announcements_own_link_is_no_accident() -> None:
    text = "Le programme\u00a0: tours.fr"
    assert places(subject(text, link="https://www.tours.fr/forum"), "accidental-link") == []
    assert places(subject(text, link="https://issy.com"), "accidental-link") == ["tours.fr"]
    assert places(subject(text, link="https://["), "accidental-link") == ["tours.fr"]


class DearLinks(PlainRules):
    """Every file name that ends in .md is a link, and a text with one costs ten times more."""

    def links(self, text: str) -> list[Link]:
        return [Link(at[0], at.start(), at.end()) for at in re.finditer(r"\w+\.md", text)]

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return Decimal("0.20") if self.links(text) else Decimal("0.02")


class FreeLinks(DearLinks):
    """The same, and nothing costs anything."""

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return None


def test_where_a_link_costs_more_an_accidental_one_says_so() -> None:
    (finding,) = lint(subject("Voir README.md", rules=DearLinks()))
    assert "costs more" in str(finding.message)
    (free,) = lint(subject("Voir README.md", rules=FreeLinks()))
    assert "costs more" not in str(free.message)


@pytest.mark.parametrize(
    ("fancy", "letters"),
    [
        ("𝐆𝐫𝐚𝐧𝐝 𝟐𝟎𝟐𝟑", "Grand 2023"),
        ("ⓐⒷ🄲🅓🅔⒡🄖", "aBCDEfG"),
        ("ᴘᴇᴛɪᴛ ꜰꜱ", "petit fs"),
        ("ＫＯ", "KO"),
        ("b̶a̶r̶r̶é̶", "barré"),
        ("ᵖᵉᵗⁱᵗ", "petit"),
    ],
)
def test_letters_in_disguise_are_given_as_they_should_be_written(fancy: str, letters: str) -> None:
    assert plain(fancy) == letters
    (finding,) = lint(subject("𝐆𝐫𝐚𝐧𝐝 forum"))
    assert "Write “Grand”." in str(finding.message)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2023. 3. 1.(수)", "2023년 3월 1일(수)"),
        ("2023-03-01", "2023년 3월 1일"),
        ("3/1(수)", "3월 1일(수)"),
        ("2.29.(목)", "2월 29일(목)"),
        ("2023년3월1일", "2023년 3월 1일"),
        ("수원시이(가)", "수원시가"),
        ("서울(으)로", "서울로"),
        ("2023과(와)", "2023과"),
    ],
)
def test_a_korean_date_or_particle_is_given_as_it_is_written(text: str, right: str) -> None:
    (finding,) = lint(subject(f"포럼은 {text}", "ko"))
    assert f"Write “{right}” for “{text}”" in str(finding.message)


def test_errors_come_first_then_the_order_of_the_text() -> None:
    found = lint(subject("On ❤️ la Corée ! 𝐁𝐫𝐚𝐯𝐨 👏👏", attached=with_alts("")))
    assert [one.code for one in found] == [
        "alt-missing",
        "fancy-letters",
        "emoji-place",
        "french-spaces",
        "emoji-repeated",
    ]


def test_a_rule_that_is_off_finds_nothing() -> None:
    what = subject("Bienvenue ! 👏👏")
    assert codes(what) == {"french-spaces", "emoji-repeated"}
    assert [one.code for one in lint(what, off=("emoji-repeated",))] == ["french-spaces"]
    assert lint(what, off=RULES) == ()


def test_a_code_that_no_rule_has_is_named() -> None:
    assert unknown_codes(["emoji-many", "emoji-few", "all"]) == ("all", "emoji-few")
    assert unknown_codes(RULES) == ()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_is_about_and_who_asks_for_it(rule: Any) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", rule.code)
    assert str(rule.about).endswith(".")
    assert rule.source


def test_only_what_is_plainly_wrong_is_an_error() -> None:
    errors = {code for code, rule in RULES.items() if rule.level is Level.ERROR}
    assert errors == {
        "alt-missing",
        "alt-file-name",
        "alt-too-long",
        "fancy-letters",
        "wrong-language",
    }


@pytest.fixture(scope="module")
def korea_france() -> Campaign:
    return load_campaign(KOREA_FRANCE, NETWORKS)


@pytest.mark.parametrize("path", announcement_files(KOREA_FRANCE), ids=lambda path: path.stem)
def test_nothing_is_found_in_the_real_announcements(korea_france: Campaign, path: Path) -> None:
    what = read_announcement(path, korea_france)
    wordings = Wordings(korea_france)
    for network in NETWORKS:
        rules = network_kind(network).rules
        for language in korea_france.languages:
            made = rendered(what, wordings, language, rules, network=network)
            whole = subject("", language, rules, text=made.text, link=what.link)
            assert lint(whole) == ()


#: What the rules look for, in pieces, so that random texts come near to it.
SIGNS = "#@'\"«»!?:;.,-★♥1a가𝐁ⓐᴀᵉ̶🇫🇰🏽👏\u200d\ufe0f\u20e3\u00a0\u202f\ufffc\ud800\n "
WORDS = ("http://", "ici ", "cliquez ici", "LONG", "ville.de", "이(가)", "2023.3.1", "3/1(수", "㋿")
PIECES = st.sampled_from([*SIGNS, *WORDS])
TEXT = st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join)
SOME_RULES = st.sampled_from([X, LINKEDIN, PlainRules()])


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, st.sampled_from(["fr", "ko", "en", "de"]), SOME_RULES)
def test_whatever_the_text_lint_finds_places_within_it(
    text: str, alt: str, language: str, rules: Rules
) -> None:
    what = subject("", language, rules, text=text, attached=with_alts(alt), file_names=(alt,))
    for finding in lint(what):
        assert isinstance(finding, Finding)
        assert (finding.start, finding.end) == (-1, -1) or (
            0 <= finding.start < finding.end <= len(text)
        )
        assert all(finding.message.in_language(spoken) for spoken in ("fr", "ko", "en"))


HOSTILE = [
    *("가", "가(이)", "@a ", "👩\u200d", "🇫", "A ", "LONG WORD ", "!", "« ", "1.", "2023.", "1월"),
    *(
        "𝐁 ",
        "a\u0336",
        "★",
        "-_",
        "ici http://a.fr ",
        "\n",
        "ville.de ",
        "#aB ",
        "👏 a",
        "a'",
        "(' ",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_is_read_in_the_wink_of_an_eye(piece: str) -> None:
    """20 kB take some 0.2 s; a pattern that goes back over them again and again, many seconds."""
    text = (piece * 20_000)[:20_000]
    what = subject("", "ko", PlainRules(), text=text, attached=with_alts(text))
    before = time.process_time()
    lint(what)
    lint(replace(what, language="fr"))
    assert time.process_time() - before < 2
