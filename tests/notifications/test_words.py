"""What particular letters say: the sentences of the law, what was kept, lateness, and nothing that was slipped in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr import notifications
from dsr.models.identity import Question
from dsr.models.notice import Notice
from dsr.notifications.writing import CODE_MARK, LINK_MARK, quoted
from dsr.states import LEGAL_BASIS, Kind
from tests.notifications.conftest import IN_TIME, LATE, Asks, Draws
from tests.notifications.shapes import SHAPES, corrected, kept, question, seen, words

HOSTILE = "<script>alert(1)</script>\r\nBcc: mallory@example.org ⟦code⟧ & “co”"


def test_the_acknowledgement_says_the_official_sentences(alice_asks: Asks, draw: Draws):
    data_request = alice_asks()
    text = notifications.acknowledgement(data_request, secret=draw(data_request), at=IN_TIME).text
    assert "Nous avons reçu votre demande le 15 septembre 2026. Nous vous répondrons au plus tard le 15 octobre" in text
    assert (
        "Votre demande, présentée au titre de l’«\u00a0article 38\u00a0» mentionné sur notre site, est traitée sur le "
        f"fondement de\u00a0: {LEGAL_BASIS[Kind.ACCESS]}." in text
    )


def test_the_acknowledgement_lists_the_rights_asked_together(alice_asks: Asks, draw: Draws):
    first, second = alice_asks(), alice_asks(Kind.ERASURE)
    notice = notifications.acknowledgement(first, secret=draw(first), others=[second], at=IN_TIME)
    for each in (first, second):
        assert each.reference in notice.text
        assert str(LEGAL_BASIS[Kind(each.kind)]) in notice.text


def test_known_and_unknown_addresses_read_the_same(alice_asks: Asks, draw: Draws):
    def letter(email: str) -> str:
        data_request = alice_asks(email=email)
        notice = notifications.acknowledgement(data_request, secret=draw(data_request), at=IN_TIME)
        return (notice.subject + notice.text + notice.html).replace(data_request.reference, "")

    assert letter("alice@example.org") == letter("nobody@example.org")


def test_the_acknowledgement_repeats_nothing_a_stranger_typed(alice_asks: Asks, draw: Draws):
    data_request = alice_asks(message="Gagnez un voyage sur mallory.example.org")
    notice = notifications.acknowledgement(data_request, secret=draw(data_request), at=IN_TIME)
    assert "mallory" not in notice.text + notice.html


def test_a_doubt_on_identity_holds_the_clock_in_the_words_of_the_law(alice_asks: Asks):
    text = SHAPES["question, identity"](alice_asks()).text
    assert (
        "Nous avons un doute raisonnable sur votre identité pour la raison suivante\u00a0: deux comptes portent votre "
        "nom." in words(text)
    )
    assert "Le délai de réponse est suspendu depuis aujourd’hui et reprendra à réception de votre réponse." in text


@pytest.mark.parametrize("shape", ["question, contestable", "question, precision"])
def test_another_question_leaves_the_clock_running(shape, alice_asks: Asks):
    text = SHAPES[shape](alice_asks()).text
    assert "suspendu depuis aujourd’hui" not in text
    assert "n’est pas suspendu\u00a0: nous vous répondrons au plus tard le 15 octobre 2026." in text


def test_an_extension_says_why_and_until_when(alice_asks: Asks):
    data_request = alice_asks(extension_ground="complexity", extended_at=IN_TIME, due_on=date(2026, 12, 15))
    text = notifications.extension(data_request, at=IN_TIME).text
    assert (
        "En raison de la complexité de votre demande, ce délai est prolongé\u202f; vous recevrez notre réponse au plus "
        "tard le 15 décembre 2026." in text
    )


def test_an_erasure_names_each_thing_kept(alice_asks: Asks):
    text = words(SHAPES["erased"](alice_asks(Kind.ERASURE)).text)
    assert "Vos données ont été effacées, sauf\u00a0: – la catégorie «\u00a0Factures\u00a0», conservée" in text
    assert (
        "conservée jusqu’au 31 décembre 2035 en application de l’article L123-22 du code de commerce, dans une archive "
        "à accès restreint." in text
    )
    assert "1 élément jusqu’au 31 décembre 2034 · 3 éléments jusqu’au 31 décembre 2035" in text
    assert "conservée le temps nécessaire, que nous réexaminons au cas par cas" in text
    assert "«\u00a0Cette demande, notre décision, nos courriers" in text
    assert "jusqu’au 19 octobre 2031" in text
    assert "«\u00a0Empreinte illisible de votre adresse, et sa date\u00a0», conservée jusqu’au 19 octobre 2029" in text


def test_an_erasure_of_a_part_records_no_objection(alice_asks: Asks):
    notice = notifications.erased(alice_asks(Kind.ERASURE, scope={"invoices": "*"}), kept=[], at=IN_TIME)
    assert "Empreinte" not in notice.text
    assert "Vos données ont été effacées" not in notice.text
    assert "Factures" in notice.text


def test_a_source_that_is_gone_is_named_by_its_slug(alice_asks: Asks):
    data_request = alice_asks(Kind.ERASURE)
    text = notifications.erased(data_request, kept=[kept(data_request, source="old-forum")], at=IN_TIME).text
    assert "«\u00a0old-forum\u00a0»" in text


def test_holding_nothing_is_said_clearly(alice_asks: Asks):
    assert "nous ne détenons aucune donnée sur vous" in SHAPES["package_ready, nothing"](alice_asks()).text
    assert "nous ne détenions aucune donnée sur vous" in SHAPES["erased, nothing"](alice_asks()).text


def test_corrections_are_named_by_their_words(alice_asks: Asks):
    text = notifications.rectified(corrected(alice_asks(Kind.RECTIFICATION)), at=IN_TIME).text
    made, refused = text.split("Nous n’avons pas corrigé")
    assert "– Nom de famille" in made
    assert "– phone" in refused
    assert "exactes et complètes" in refused


REMEDIES = (
    "Vous pouvez introduire une réclamation auprès de la CNIL (3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07, "
    "www.cnil.fr/plaintes) et former un recours devant le tribunal judiciaire."
)


@pytest.mark.parametrize("shape", ["refusal", "erased", "rectified", "package_ready", "answered", "expired"])
def test_an_answer_names_the_complaint_and_the_court(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks())
    assert notice.answers
    assert REMEDIES in notice.text
    assert REMEDIES in seen(notice)
    assert 'href="https://www.cnil.fr/plaintes"' in notice.html


def test_a_late_answer_says_so_itself(alice_asks: Asks):
    late = notifications.objection_done(alice_asks(Kind.OBJECTION), at=LATE)
    assert "cette lettre part avec 4 jours de retard. Nous vous en présentons nos excuses." in words(late.text)
    assert "retard" not in notifications.objection_done(alice_asks(Kind.OBJECTION), at=IN_TIME).text


def test_a_refusal_is_late_after_the_first_month_even_extended(alice_asks: Asks):
    data_request = alice_asks(extension_ground="complexity", extended_at=IN_TIME, due_on=date(2026, 12, 15))
    text = notifications.refusal(data_request, because="identity", at=LATE).text
    assert "au plus tard le 15 octobre 2026\u00a0: cette lettre part avec 4 jours de retard" in words(text)


def test_nothing_is_late_while_identity_is_in_doubt(alice_asks: Asks):
    data_request = alice_asks()
    question(data_request, Question.About.IDENTITY)
    assert "retard" not in notifications.refusal(data_request, because="identity", at=LATE).text


@pytest.mark.parametrize("shape", ["question, precision", "answered"])
def test_hostile_words_are_shown_and_do_nothing(shape, alice_asks: Asks, monkeypatch):
    data_request = alice_asks(reply=HOSTILE, message=HOSTILE)
    if shape == "answered":
        notice = SHAPES[shape](data_request)
    else:
        asked = question(data_request, Question.About.PRECISION, reason=HOSTILE)
        notice = notifications.question(data_request, question=asked, at=IN_TIME)
    assert "<script>" not in notice.html
    assert "&lt;script&gt;" in notice.html
    assert "<script>" in notice.text
    assert CODE_MARK not in notice.text + notice.html
    assert "\n" not in notice.subject
    assert "mallory" not in notice.subject


def test_a_hostile_postal_address_is_shown_and_does_nothing(alice_asks: Asks):
    notice = notifications.entered(alice_asks(email="", postal_address=HOSTILE), at=IN_TIME)
    assert "<script>" not in notice.html


@given(st.text())
def test_typed_words_never_pass_for_a_secret(text):
    assert CODE_MARK not in quoted(text)
    assert LINK_MARK not in quoted(text)


def test_a_printed_letter_holds_its_code(alice_asks: Asks, draw: Draws):
    data_request = alice_asks(email="", postal_address="12 rue des Lilas")
    secret = draw(data_request)
    printed = notifications.as_printed(notifications.code(data_request, secret=secret, at=IN_TIME))
    assert secret.code in printed
    assert f"https://droits.example.org/demande/{data_request.reference}/#{secret.token}" in printed
    secret.used_at = IN_TIME
    secret.save()
    again = notifications.as_printed(Notice.objects.get())
    assert secret.code not in again
    assert "demandez-en un nouveau" in again


def test_the_first_of_the_month_is_written_as_it_is_said(alice_asks: Asks):
    assert "Le 1er octobre 2026" in notifications.entered(alice_asks(), at=IN_TIME).text
    midnight_in_paris = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
    assert "Le 1er octobre 2026" in notifications.entered(alice_asks(), at=midnight_in_paris).text


def test_the_erased_are_told_until_when_backups_keep_them(alice_asks: Asks, settings):
    settings.DSR_BACKUP_DAYS = 45
    until = (LATE + timedelta(days=45)).day
    assert f"subsister jusqu’au {until}" in seen(SHAPES["erased"](alice_asks(Kind.ERASURE)))
