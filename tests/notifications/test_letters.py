"""Every letter, in both languages: its three files, every variable there, the official sentences, nothing secret."""

import html
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from dsr import notifications
from dsr.models.correction import Correction, Decision
from dsr.models.erasure import Kept
from dsr.models.identity import Purpose, Question, Secret
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.notifications.writing import CODE_MARK, LINK_MARK, quoted
from dsr.states import LEGAL_BASIS, Kind
from tests.notifications.conftest import IN_TIME, LATE, RECEIVED_AT, Asks, Draws

LETTERS = Path(project.BASE_DIR) / "templates" / "dsr" / "letters"
NAMES = sorted(path.name.removesuffix(".subject.txt") for path in LETTERS.glob("*.subject.txt"))
HOSTILE = "<script>alert(1)</script>\r\nBcc: mallory@example.org ⟦code⟧ & “co”"

Writes = Callable[[DataRequest], Notice]


@pytest.fixture(autouse=True)
def every_variable_counts(settings):
    """Fail on a variable that a template shows and nobody gives."""

    class Missing(str):
        __slots__ = ()

        def __mod__(self, name: object) -> str:
            raise AssertionError(f"nobody gives {name}")

    templates = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = Missing("missing %s")
    settings.TEMPLATES = templates


def question(data_request: DataRequest, about: Question.About, **more: object) -> Question:
    """Olive's question; saved, so that the clock may be held."""
    olive, _new = Staff.objects.get_or_create(username="olive")
    facts = {"about": about, "reason": "deux comptes portent votre nom.", "asked_at": IN_TIME, "asked_by": olive}
    return Question.objects.create(data_request=data_request, **{**facts, **more})


def kept(data_request: DataRequest, **changes: object) -> Kept:
    """Three invoices, until the end of 2035."""
    facts = {"source": "invoices", "ground": "COMPTA", "until": date(2035, 12, 31), "rows": 3}
    return Kept(data_request=data_request, **{**facts, **changes})


def package(data_request: DataRequest) -> Package:
    return Package(data_request=data_request, expires_at=IN_TIME + timedelta(days=30))


def drawn(data_request: DataRequest, purpose: Purpose = Purpose.CONFIRM) -> Secret:
    return Secret.draw(data_request, purpose, at=IN_TIME, expires_at=IN_TIME + timedelta(days=7))


def corrected(data_request: DataRequest) -> DataRequest:
    for concept, decision, ground in [
        ("family_name", Decision.ACCEPTED, ""),
        ("phone", Decision.REFUSED, "nothing-to-rectify"),
    ]:
        Correction.objects.create(data_request=data_request, concept=concept, decision=decision, ground=ground)
    return data_request


# Every letter in every shape it takes.
SHAPES: dict[str, Writes] = {
    "acknowledgement": lambda r: notifications.acknowledgement(r, secret=drawn(r), at=IN_TIME),
    "acknowledgement, several": lambda r: notifications.acknowledgement(r, secret=drawn(r), others=[r], at=IN_TIME),
    "reminder": lambda r: notifications.reminder(r, secret=drawn(r), number=1, at=IN_TIME),
    "reminder, last": lambda r: notifications.reminder(r, secret=drawn(r), number=2, at=IN_TIME),
    "entered": lambda r: notifications.entered(r, at=IN_TIME),
    "code, confirm": lambda r: notifications.code(r, secret=drawn(r), at=IN_TIME),
    "code, follow": lambda r: notifications.code(r, secret=drawn(r, Purpose.FOLLOW), at=IN_TIME),
    "code, download": lambda r: notifications.code(r, secret=drawn(r, Purpose.DOWNLOAD), at=IN_TIME),
    "confirmed": lambda r: notifications.confirmed(r, at=IN_TIME),
    "joined": lambda r: notifications.joined(r, first=r, at=IN_TIME),
    "question, identity": lambda r: notifications.question(
        r, question=question(r, Question.About.IDENTITY), at=IN_TIME
    ),
    "question, contestable": lambda r: notifications.question(
        r, question=question(r, Question.About.IDENTITY, contestable=True), at=IN_TIME
    ),
    "question, precision": lambda r: notifications.question(
        r, question=question(r, Question.About.PRECISION), at=IN_TIME
    ),
    "extension": lambda r: notifications.extension(r, at=IN_TIME),
    "refusal": lambda r: notifications.refusal(r, because="right-not-applicable", at=IN_TIME),
    "refusal, identity": lambda r: notifications.refusal(r, because="identity", at=IN_TIME),
    "refusal, journalism": lambda r: notifications.refusal(r, because="journalism", at=LATE),
    "withdrawn": lambda r: notifications.withdrawn(r, at=IN_TIME),
    "expired": lambda r: notifications.expired(r, at=IN_TIME),
    "package_ready": lambda r: notifications.package_ready(
        r, package=package(r), secret=drawn(r, Purpose.DOWNLOAD), rows=4, at=IN_TIME
    ),
    "package_ready, nothing": lambda r: notifications.package_ready(
        r, package=package(r), secret=None, rows=0, at=IN_TIME
    ),
    "rectified": lambda r: notifications.rectified(corrected(r), at=IN_TIME),
    "rectified, nothing": lambda r: notifications.rectified(r, at=IN_TIME),
    "erased": lambda r: notifications.erased(
        r, kept=[kept(r), kept(r, until=date(2034, 12, 31)), kept(r, ground="PRESSE", until=None)], at=LATE
    ),
    "erased, nothing": lambda r: notifications.erased(r, kept=[], nothing_found=True, at=IN_TIME),
    "objection_done": lambda r: notifications.objection_done(r, at=IN_TIME),
    "answered": lambda r: notifications.answered(r, at=IN_TIME),
}
EVERY_SHAPE = pytest.mark.parametrize("shape", sorted(SHAPES))


def words(text: str) -> str:
    """Text whose white space does not count; no-break spaces do."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def seen(notice: Notice) -> str:
    """What a person reads of the HTML."""
    return words(html.unescape(strip_tags(re.sub(r"(?s)<style>.*?</style>", "", notice.html))))


def test_every_letter_is_tried():
    assert {shape.split(",")[0] for shape in SHAPES} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_a_function_and_three_files(name):
    assert callable(getattr(notifications, name))
    assert {f"{name}{kind}" for kind in (".subject.txt", ".txt", ".html")} == {
        path.name for path in LETTERS.glob(f"{name}.*")
    }


@pytest.mark.parametrize("language", ["fr", "en"])
@EVERY_SHAPE
def test_every_letter_reads_in_both_languages(shape, language, alice_asks: Asks):
    data_request = alice_asks(language=language, extension_ground="complexity", extended_at=IN_TIME, reply="Voilà.")
    notice = SHAPES[shape](data_request)
    assert f'<html lang="{language}">' in notice.html
    assert data_request.reference in notice.subject
    assert data_request.reference in notice.text
    assert "dpo@example.org" in notice.text
    assert "{" not in notice.subject + notice.text


@EVERY_SHAPE
def test_text_and_html_carry_the_same_facts(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks(extension_ground="complexity", extended_at=IN_TIME, reply="Voilà.\n\nBien."))
    read = seen(notice).replace(" ", "")
    for line in notice.text.splitlines():
        fact = re.sub(r"^\W+|[\s\N{NO-BREAK SPACE}]*:$| ", "", line)
        assert fact in read or fact in notice.html


@EVERY_SHAPE
def test_a_letter_by_post_offers_no_page_and_waits_for_no_mail(shape, alice_asks: Asks):
    data_request = alice_asks(
        email="", postal_address="12 rue des Lilas\n69003 Lyon", extension_ground="complexity", extended_at=IN_TIME
    )
    notice = SHAPES[shape](data_request)
    assert notice.by_post
    assert notice.to == ""
    assert "12 rue des Lilas<br>69003 Lyon" in notice.html
    assert notice not in Notice.objects.claimable(IN_TIME)


@EVERY_SHAPE
def test_no_secret_is_stored(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks(extension_ground="complexity", extended_at=IN_TIME))
    stored = Notice.objects.filter(pk=notice.pk).values().get()
    secret = notice.secret
    if secret:
        assert CODE_MARK in notice.text
        assert LINK_MARK in notice.text
        assert f'href="{LINK_MARK}"' in notice.html
        assert secret.code not in str(stored)
        assert secret.token not in str(stored)
    else:
        assert "⟦" not in notice.text + notice.html


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
        assert LEGAL_BASIS[Kind(each.kind)] in notice.text


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
    assert "3 éléments jusqu’au 31 décembre 2034 · 3 éléments jusqu’au 31 décembre 2035" in text
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


def test_a_message_id_is_drawn_once_and_for_one(alice_asks: Asks):
    one, other = (notifications.entered(alice_asks(), at=RECEIVED_AT) for _ in range(2))
    assert re.fullmatch(r"<[0-9a-f]{32}@droits\.example\.org>", one.message_id)
    assert one.message_id != other.message_id
