"""The letter says all that Art. 15 asks of what was really held, in the reader’s language; no heading is blank."""

from dataclasses import replace
from datetime import date

import pytest

from dsr.packages.inventory import Consultation, Omission
from dsr.packages.section import EmptyHeadingError, Section
from dsr.sources.activities import Recipient
from tests import pdf
from tests.packages.library import BILLING, DEBATE, Shelf, packed

ROWS = [{"id": 1, "text": "Bonjour"}]
AUDIENCE = replace(DEBATE, code="audience", name="Mesure de lecture", purpose="Compter.")
HOSTILE = '#panic("x") $x$ *a* _b_ @c \\ " [ ] <d> = H - un + deux'
BLANK = {"purpose", "legal_basis", "categories", "retention", "origin", "name"}


def letter(*sources, **more):
    """The letter as a reader of PDF shows it, its lines joined and its spaces alike."""
    return plain(pdf.text(packed(*sources, **more).read("letter.pdf")))


def plain(text):
    """One space, whatever its width, for each."""
    return " ".join(text.split())


@pytest.fixture
def comments():
    return Shelf("comments", label="Commentaires", rows=ROWS)


@pytest.mark.parametrize(
    "told",
    [
        "DSR-7K4M-2QXP",
        "RGPD art. 12 et 15 ; loi 78-17 art. 49",
        "Nous confirmons que nous traitons des données personnelles vous concernant.",
        "Commentaires : 1 enregistrement",
        DEBATE.purpose,
        DEBATE.legal_basis,
        DEBATE.categories,
        *map(str, DEBATE.recipients),
        DEBATE.retention,
        DEBATE.origin,
        "Décision automatisée, profilage compris Sans objet.",
        "garanties Sans objet.",
        "art. 16",
        "art. 17",
        "art. 18",
        "art. 20",
        "art. 21",
        "3 place de Fontenoy, TSA 80715 75334 Paris Cedex 07",
        "tribunal judiciaire",
    ],
)
def test_it_says_all_that_article_15_asks(comments, told):
    assert told in letter(comments)


def test_it_is_tagged_titled_and_in_the_language_of_the_package(comments):
    document = packed(comments, language="en").read("letter.pdf")
    assert b"/Lang(en)" in document
    assert b"<pdfuaid:part>1<" in document
    assert {"Document", "H1", "H2", "H3", "L", "LI", "Lbl", "LBody", "P"} <= pdf.roles(document)


def test_the_document_and_every_page_bear_the_reference(comments):
    document = packed(comments).read("letter.pdf")
    title = "Réponse à votre demande DSR-7K4M-2QXP"
    assert f'<rdf:li xml:lang="x-default">{title}</rdf:li>'.encode() in document
    assert plain(pdf.text(document)).count(title) == 1 + pdf.pages(document)


def test_it_tells_of_the_activities_that_held_something_and_names_the_others(comments):
    told = letter(comments, Shelf("invoices", activity=BILLING), Shelf("bans", label="Exclusions"))
    assert BILLING.purpose not in told
    assert f"{BILLING.name} : nous n’y détenons rien sur vous." in told
    assert "Exclusions : nous n’y détenons rien sur vous." in told


def test_transfers_and_automated_decisions_are_told_where_there_are_any():
    activity = replace(BILLING, automated_decisions="Un score de solvabilité.")
    told = letter(Shelf("invoices", rows=ROWS, activity=activity))
    assert "Un score de solvabilité." in told
    assert "Vers la Suisse, pays reconnu adéquat." in told


def test_a_reader_of_whom_nothing_is_held_is_told_so_with_their_rights():
    told = letter(Shelf("comments"))
    assert "nous ne détenons aucune donnée sur vous" in told
    assert DEBATE.purpose not in told
    assert "3 place de Fontenoy" in told


def test_what_the_request_was_not_about_is_said(comments):
    told = letter(comments, Shelf("read", label="Articles lus", activity=AUDIENCE), scope={"comments": "*"})
    assert "les données que vous avez demandées" in told
    assert "Articles lus : votre demande ne portait pas sur cette catégorie." in told


def test_what_was_left_out_is_told_by_reason_and_never_without_its_count(comments):
    lost = [Omission("comments", f"piece-{number}.pdf", "Perdue.") for number in range(12)]
    told = letter(comments, omissions=(*lost, Omission("", "Les noms des modérateurs", "Des tiers.")))
    assert "Commentaires : piece-0.pdf, piece-1.pdf" in told
    assert "piece-9.pdf et 2 autres Perdue." in told
    assert "Les noms des modérateurs Des tiers." in told


def test_who_consulted_the_file_is_told_by_role(comments):
    seen = Consultation("un agent", "pour instruire votre demande", 3, (date(2026, 11, 1), date(2026, 11, 5)))
    told = letter(comments, consultations=(seen,))
    assert "un agent, pour instruire votre demande : 3 fois (1er novembre 2026, 5 novembre 2026)." in told


def test_when_nobody_consulted_it_the_heading_says_so(comments):
    assert "Sans objet : à ce jour, personne n’a ouvert votre dossier." in letter(comments)


def test_codes_are_explained(comments):
    comments.codes = lambda: (("État", (("held", "en attente"), ("spam", "indésirable"))),)
    assert "Commentaires, État held : en attente spam : indésirable" in letter(comments)


def test_a_long_list_of_codes_is_left_to_the_copy(comments):
    comments.codes = lambda: (("Pays", tuple((str(n), f"pays {n}") for n in range(41))),)
    assert "chaque code est suivi de ce qu’il veut dire" in letter(comments)


def test_what_it_shows_is_never_markup():
    activity = replace(DEBATE, name=HOSTILE, recipients=(Recipient("hostile", HOSTILE), Recipient("autre", "Autre")))
    told = letter(Shelf("comments", rows=ROWS, activity=activity), omissions=(Omission("", HOSTILE, "Oui."),))
    assert told.count(HOSTILE) == 3


def test_a_word_longer_than_a_line_is_broken_and_changed_by_nothing(comments):
    document = packed(comments, omissions=(Omission("", "x" * 200, "Trop long."),)).read("letter.pdf")
    lines = [len(line) for line in pdf.text(document).splitlines() if set(line) == {"x"}]
    assert sum(lines) == 200
    assert max(lines) < 120


@pytest.mark.parametrize("name", sorted(BLANK))
def test_an_empty_heading_is_never_sent(name):
    with pytest.raises(EmptyHeadingError):
        letter(Shelf("comments", rows=ROWS, activity=replace(DEBATE, **{name: " "})))


def test_an_activity_without_recipients_says_so():
    activity = replace(DEBATE, recipients=())
    assert "Destinataires Sans objet." in letter(Shelf("comments", rows=ROWS, activity=activity))


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "Titre"},
        {"title": "", "texts": ("Du texte.",)},
        {"title": "Titre", "texts": ("",)},
        {"title": "Titre", "items": ("Un", " ")},
        {"title": "Titre", "facts": (("Étiquette", ()),)},
        {"title": "Titre", "facts": (("", ("valeur",)),)},
    ],
)
def test_a_section_cannot_be_empty(wrong):
    with pytest.raises(EmptyHeadingError):
        Section(**wrong)


def test_the_same_contents_give_the_same_letter(comments):
    assert packed(comments).read("letter.pdf") == packed(comments).read("letter.pdf")
