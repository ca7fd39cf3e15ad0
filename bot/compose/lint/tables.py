"""Words that the rules of the lint know: short lists, in the languages of the campaign."""

from __future__ import annotations

#: Long single words that people make hashtags of, without accents: no capital is missing in them.
LONG_WORDS = frozenset(
    """
    administration agroalimentaire agroecologie anniversaire apprentissage architecture
    arrondissement authenticity bibliotheque biodiversite biodiversity civilisation collaboration
    collectivites communication competitiveness conservatoire consultation cooperations
    cybersecurite cybersecurity decentralisation democratique developpement development
    diversification electrification emancipation enseignement entrepreneur entrepreneurial
    entrepreneuriat entrepreneurs entrepreneurship environment environmental environnement
    environnemental environnementale etablissement exemplarite experimentation francophonie
    gastronomique gouvernement hospitalisation hydroelectricite industrialisation infrastructure
    infrastructures innovations intelligence intercommunal intercommunalite
    intergenerationnel international internationale internationales internationalisation
    internationaux interculturel interculturelle investissement investissements
    metropolitain metropolitaine microelectronique municipalite municipalities municipality
    nanotechnologie neighbourhood numerisation participation participative partenariats
    partnerships patrimoniale photographie photographies photographique photography
    professionnalisation professionnel recommandation reconnaissance reindustrialisation
    representation responsabilite responsibility scientifique sensibilisation solidarites
    sustainability telecommunications territoriale territoriales transformation transmission
    universitaire universitaires universities urbanisation
    """.split()  # noqa: SIM905  a block of words is easier to read and to sort than a list
)

#: Names that are written in capitals and are no shouting.
ACRONYMS = frozenset(
    """
    ADEME AFCCRE AFNOR ANCT APEC ASEAN BPIFRANCE CEREMA CGLU CNES CNFPT CNRS COVID CUF DAECT
    DREAL EPCI GAOK IFRECOR INSEE KAIST KBS KCTI KEDI KIST KLRI KOICA KOFICE KORAIL KOTRA KTO LIDAR
    NAVER OCDE OECD OMS ONU OTAN NATO PLATFORMA POSCO POSTECH RATP RGAA SAMSUNG SNCF TGV UCLG UNESCO
    UNICEF UNITAR WCAG WIFI YOUTUBE
    """.split()  # noqa: SIM905
)

#: What says nothing of where a link leads, when nothing else introduces it (small letters, ’).
BARE_WORDS = frozenset(
    {
        "ici",
        "c’est ici",
        "c’est par ici",
        "par ici",
        "voir",
        "voir ici",
        "à voir ici",
        "plus",
        "en savoir plus",
        "pour en savoir plus",
        "plus d’infos",
        "plus d’infos ici",
        "plus d’info",
        "plus d’informations",
        "+ d’infos",
        "infos",
        "infos ici",
        "lire la suite",
        "la suite ici",
        "lire plus",
        "lien",
        "le lien",
        "here",
        "it’s here",
        "more",
        "see more",
        "read more",
        "read on",
        "learn more",
        "find out more",
        "more info",
        "more here",
        "more information",
        "details here",
        "info",
        "link",
        "the link",
        "여기",
        "여기에서",
        "여기서",
        "여기로",
        "여기를 참조",
        "더 보기",
        "더보기",
        "자세히",
        "자세히 보기",
        "자세히보기",
        "자세한 내용",
        "자세한 내용은",
        "자세한 내용은 여기",
        "자세한 내용은 여기에서",
        "자세한 내용은 링크 참조",
        "바로가기",
        "바로 가기",
        "링크",
        "아래 링크",
    }
)

#: Frequent small words that the other language does not have.
FRENCH_WORDS = frozenset(
    """
    à au aux avec ce cette ces dans de des du elle en est et il la le les leur leurs mais nos notre
    nous ou où par pas pour qu que qui sa ses son sont sur un une vos votre vous
    """.split()  # noqa: SIM905
)
ENGLISH_WORDS = frozenset(
    """
    and are at be by for from has have in is it its of our that the their this to was we were what
    which who will with you your
    """.split()  # noqa: SIM905
)
