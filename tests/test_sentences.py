"""Sentences, and where one may be broken off."""

from __future__ import annotations

import pytest

from bot.compose.sentences import breaks, leans, sentences, tags_at_line_ends


def said(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Bonjour à tous !", "Le forum ouvre.", "Venez ?"],
        ["M. Dupont et Mme. Kim sont là.", "Cf. p. 12 : voir.", "J. Martin aussi."],
        ["C’est au 15e.", "On y va !"],
        ["« Bonjour ! Ça va ? » dit-il.", "Oui."],
        ["Elle dit : « Oui. Non. »", "Puis elle part."],
        ["Il y a 3.5 % de plus.", "No. 5 est là.", "I said no.", "Then I left."],
        ["E.g. this one.", "Voir https://a.fr/b.c?d.", "Fin."],
        ["Le 2023. 3. 1. à Séoul.", "Open until 6 p.m.", "Come!"],
        ["Bravo…", "Merci (vraiment. Si.)", "À bientôt"],
        ["안녕하세요.", "포럼이 열립니다!", "만나요。", "“네. 그래요.”라고 했다."],
    ],
)
def test_a_text_is_read_as_its_sentences(parts: list[str]) -> None:
    assert said(" ".join(parts)) == parts


def test_a_line_is_a_sentence_unless_the_next_goes_on() -> None:
    assert said("Titre\n\nUne ligne\nqui continue.\n1. Un\n2. Deux") == [
        *("Titre", "Une ligne\nqui continue.", "1. Un", "2. Deux")
    ]


def test_an_introduction_is_one_with_what_follows() -> None:
    assert said("Au programme :\n\n• un\n• deux") == ["Au programme :\n\n• un", "• deux"]


@pytest.mark.parametrize("text", ["", " \n\n ", "\u00a0"])
def test_nothing_has_no_sentence(text: str) -> None:
    assert sentences(text) == []


def test_what_holds_a_date_or_an_address_is_known_up_to_where() -> None:
    text = "Venez. Le 12 mars à Tours. Voir https://a.fr/b, merci."
    floors = [text[one.start : one.floor] for one in sentences(text)]
    assert floors == ["", "Le 12 mars", "Voir https://a.fr/b"]


def broken(text: str) -> list[str]:
    (one,) = sentences(text)
    return [text[one.start : end] for end in breaks(text, one)]


def test_a_sentence_is_broken_off_where_nothing_leans_on_the_next_word() -> None:
    assert broken("Les élus de la ville visitent 12 écoles et le musée") == [
        "Les élus",
        "Les élus de la ville",
        "Les élus de la ville visitent",
        "Les élus de la ville visitent 12 écoles",
    ]


def test_a_korean_sentence_is_broken_off_between_its_words() -> None:
    assert broken("대표단이 시청을 방문 및 협의합니다") == [
        "대표단이 시청을",
        "대표단이 시청을 방문",
    ]


@pytest.mark.parametrize(
    "text", ["Il dit « oui et non » demain", "Il est (très vite parti) demain"]
)
def test_no_sentence_is_broken_off_inside_brackets_or_a_quotation(text: str) -> None:
    assert not any("oui" in part and "»" not in part for part in broken(text))
    assert not any("(" in part and ")" not in part for part in broken(text))
    assert broken(text)[-1].endswith(("»", ")"))


def test_no_sentence_is_broken_off_before_its_date_ends() -> None:
    text = "Les élus viennent le 12 mars à Tours pour visiter"
    assert broken(text) == ["Les élus viennent le 12 mars", "Les élus viennent le 12 mars à Tours"]


@pytest.mark.parametrize("word", ["de", "La", "l’", "12", "3,5", "M.", "the", "of", "및", "—", "«"])
def test_some_words_lean_on_the_next(word: str) -> None:
    assert leans(word)


@pytest.mark.parametrize("word", ["", "Tours", "mairie,", "15e", "개최합니다", "#Paix"])
def test_others_do_not(word: str) -> None:
    assert not leans(word)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Rendez-vous à Tours #Bretagne #Paix", ["#Bretagne", "#Paix"]),
        ("Vive la #Bretagne #Paix", ["#Paix"]),
        ("Vive la #Bretagne.", []),
        ("Une #Paix durable", []),
        ("Bonjour ! #Paix 🎉\n#Bretagne", ["#Paix", "#Bretagne"]),
        ("Bonjour #Paix 🎉", []),
        ("함께하는 #평화", []),
        ("함께합시다! #평화", ["#평화"]),
        ("#2023 — #Paix", ["#2023", "#Paix"]),
    ],
)
def test_a_hashtag_that_closes_a_line_is_none_of_its_words(text: str, tags: list[str]) -> None:
    assert [text[start:end] for start, end in tags_at_line_ends(text)] == tags
