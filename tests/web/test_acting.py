"""What a proven reader does on the page: reply, correct, tick, download, withdraw; each refusal in its place."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dsr.lifecycle import execution, identity, triage, wishes
from dsr.models.correction import Decision
from dsr.models.step import Status, Step
from dsr.states import Kind, State
from tests.full_disk import fill
from tests.web.conftest import ADDRESS, Reader, code_for, page, text_of
from tests.web.shelf import Accounts

pytestmark = pytest.mark.django_db

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def asked(proven, olive):
    """Olive has asked Alice a question."""
    data_request = proven(Kind.ERASURE)
    return triage.ask(data_request, question=f"Lequel ? {HOSTILE}", by=olive, at=timezone.now())


@pytest.fixture
def copied(proven, olive, work):
    """Alice's copy is ready, and the letter that says so has left."""
    data_request = proven()
    triage.accept(data_request, by=olive, at=timezone.now())
    work()
    data_request.refresh_from_db()
    assert data_request.state == State.ANSWERED
    return data_request


def test_the_reader_answers_the_question(alice, asked):
    shown = text_of(alice.get(page(asked)))
    assert "&lt;img src=x" in shown
    assert "<img" not in shown
    assert alice.act(asked, "reply", answer="Le premier.").status_code == 302
    assert asked.questions.get().answer == "Le premier."
    assert "Votre réponse est enregistrée" in text_of(alice.get(page(asked)))


@pytest.mark.parametrize("answer", ["", "  ", "x" * 5001, "a\0b"])
def test_an_answer_that_cannot_be_kept_is_explained_and_kept_on_the_page(alice, asked, answer):
    response = alice.act(asked, "reply", answer=answer)
    assert response.status_code == 422
    assert response.context["forms"]["reply"]["answer"].errors
    assert response.context["forms"]["reply"]["answer"].value() == answer


def test_an_answer_nobody_waits_for_is_refused_and_given_back(alice, proven):
    response = alice.act(proven(), "reply", answer="Des mots à ne pas perdre")
    assert response.status_code == 409
    assert "Aucune question" in text_of(response)
    assert "Des mots à ne pas perdre" in text_of(response)


def test_corrections_are_wished_value_by_value(alice, proven):
    data_request = proven(Kind.RECTIFICATION)
    form = alice.get(page(data_request)).context["forms"]["wish"]
    assert [row["value"] for row in form.rows()] == ["Martn", ADDRESS]
    assert alice.act(data_request, "wish", **_filled(form, 0, "Martin", "Une faute")).status_code == 302
    correction = data_request.corrections.get()
    assert (correction.concept, correction.old_value, correction.new_value) == ("family_name", "Martn", "Martin")
    assert (correction.explanation, correction.decision) == ("Une faute", Decision.PENDING)
    again = alice.get(page(data_request)).context["forms"]["wish"]
    assert again["new-0"].value() == "Martin"


def test_a_value_of_several_lines_comes_back_unchanged(alice, proven):
    Accounts.held[0]["postal_address"] = "1 rue du Port\r\n29200 Brest "
    data_request = proven(Kind.RECTIFICATION)
    form = alice.get(page(data_request)).context["forms"]["wish"]
    typed = {**_filled(form, 1, "1 rue du Port\r\n29200 Brest "), "new-0": "Martin"}
    alice.act(data_request, "wish", **typed)
    assert [each.concept for each in data_request.corrections.all()] == ["family_name"]


def test_changing_nothing_is_said(alice, proven):
    data_request = proven(Kind.RECTIFICATION)
    form = alice.get(page(data_request)).context["forms"]["wish"]
    response = alice.act(data_request, "wish", **_filled(form, 0, "Martn"))
    assert response.status_code == 422
    assert "Vous n’avez rien changé" in text_of(response)


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"concept-0": "is_staff", "new-0": "1"}, 422, "ne peut pas être corrigée"),
        ({"seen-0": "0" * 32, "new-0": "Martin"}, 409, "a changé entre-temps"),
        ({"new-0": "x" * 61}, 422, "Soixante caractères au plus."),
        ({"new-0": "x" * 2001}, 422, "trop long"),
        ({"new-0": "a\0"}, 422, "caractère"),
        ({"concept-0": "a\0", "seen-0": "\0", "new-0": "x"}, 422, "ne peut pas être corrigée"),
    ],
)
def test_a_correction_that_may_not_be_is_refused_beside_its_field(alice, proven, changes, status, sentence):
    data_request = proven(Kind.RECTIFICATION)
    form = alice.get(page(data_request)).context["forms"]["wish"]
    response = alice.act(data_request, "wish", **{**_filled(form, 1, "2 rue du Port"), **changes})
    assert response.status_code == status
    failed = response.context["forms"]["wish"]
    assert sentence in " ".join(failed.errors["new-0"])
    assert failed["new-0"].value() == changes["new-0"]
    assert failed["new-1"].value() == "2 rue du Port"
    assert not data_request.corrections.exists()


def test_a_value_that_changed_meanwhile_is_not_corrected_blindly(alice, proven):
    data_request = proven(Kind.RECTIFICATION)
    form = alice.get(page(data_request)).context["forms"]["wish"]
    Accounts.held[0]["family_name"] = "Martinez"
    response = alice.act(data_request, "wish", **_filled(form, 0, "Martin"))
    assert response.status_code == 409
    assert "a changé entre-temps" in " ".join(response.context["forms"]["wish"].errors["new-0"])


def test_the_reader_ticks_rows(alice, proven):
    data_request = proven(Kind.ERASURE)
    shown = text_of(alice.get(page(data_request)))
    assert "&lt;b&gt;Pas d’accord&lt;/b&gt;" in shown
    assert "Le mot de Bob" not in shown
    assert alice.act(data_request, "scope", rows=["comments:2"]).status_code == 302
    data_request.refresh_from_db()
    assert data_request.scope == {"comments": ["2"]}
    form = alice.get(page(data_request)).context["forms"]["scope"]
    assert form["rows"].value() == ["comments:2"]


def test_all_of_a_source_contains_its_rows(alice, proven):
    data_request = proven()
    alice.act(data_request, "scope", rows=["comments:1", "comments:*"])
    data_request.refresh_from_db()
    assert data_request.scope == {"comments": "*"}


@pytest.mark.parametrize("rows", [[], ["comments:3"], ["passwords:1"], ["\0"], [":"]])
def test_ticking_nothing_or_what_is_not_theirs_is_refused(alice, proven, rows):
    data_request = proven()
    response = alice.act(data_request, "scope", rows=rows)
    assert response.status_code == 422
    assert response.context["forms"]["scope"].errors["rows"]
    data_request.refresh_from_db()
    assert data_request.scope == {}


def test_ticking_once_it_is_decided_is_refused(alice, proven, olive):
    data_request = proven()
    triage.accept(data_request, by=olive, at=timezone.now())
    response = alice.act(data_request, "scope", rows=["comments:1"])
    assert response.status_code == 409
    assert "changé d’état" in text_of(response)


def test_the_code_of_its_letter_opens_the_copy_once(alice, copied):
    response = alice.act(copied, "download", code=code_for(copied, "download"))
    assert response["Location"] == f"/telechargement/{copied.reference}/"
    again = alice.act(copied, "download", code=code_for(copied, "download"))
    assert again.status_code == 400
    assert "n’est pas valable" in " ".join(again.context["forms"]["download"].errors["code"])


def test_another_code_for_the_copy_is_sent_on_demand(alice, copied):
    first = code_for(copied, "download")
    assert alice.act(copied, "package-code").status_code == 302
    assert code_for(copied, "download") != first
    assert "copie" in alice.act(copied, "download", code=code_for(copied, "download")).cookies


def test_the_letter_of_the_copy_opens_it_from_any_browser(alice, copied):
    elsewhere = Reader()
    response = elsewhere.act(copied, "confirm", token=copied.secrets.get(purpose="download").token)
    assert response["Location"] == f"/telechargement/{copied.reference}/"
    assert "Tout télécharger" in text_of(elsewhere.get(response["Location"]))
    assert "Votre copie est prête" in text_of(elsewhere.get(page(copied)))


def test_a_copy_that_is_gone_says_so(alice, copied):
    copied.packages.update(expires_at=timezone.now())
    assert "nous l’avons détruite" in text_of(alice.get(page(copied)))
    for do, fields in (("package-code", {}), ("download", {"code": code_for(copied, "download")})):
        response = alice.act(copied, do, **fields)
        assert response.status_code == 404
        assert "Aucun paquet" in text_of(response)


def test_once_it_is_gone_a_fresh_copy_is_asked_for_once(alice, copied, work):
    copied.steps.update(created_at=timezone.now() - timedelta(days=31))
    copied.packages.update(expires_at=timezone.now())
    assert "Demander une nouvelle copie" in text_of(alice.get(page(copied)))
    assert alice.act(copied, "copy-again").status_code == 302
    shown = text_of(alice.get(page(copied)))
    assert "Nous préparons une nouvelle copie" in shown
    assert "Demander une nouvelle copie" not in shown
    assert alice.act(copied, "copy-again").status_code == 409
    work()
    assert "Votre copie est prête" in text_of(alice.get(page(copied)))
    copy = alice.act(copied, "download", code=code_for(copied, "download"))["Location"]
    assert "Tout télécharger" in text_of(alice.get(copy))
    copied.packages.update(expires_at=timezone.now())
    assert alice.act(copied, "copy-again").status_code == 429


def test_nobody_asks_for_a_fresh_copy_without_a_proof(mallory_browses, copied):
    copied.packages.update(expires_at=timezone.now())
    assert mallory_browses.act(copied, "copy-again").status_code == 403
    assert not copied.steps.unfinished().exists()


def test_a_reader_withdraws(alice, proven):
    data_request = proven()
    assert alice.act(data_request, "withdraw").status_code == 302
    shown = text_of(alice.get(page(data_request)))
    assert "Vous avez retiré cette demande." in shown
    assert 'value="withdraw"' not in shown


def test_withdrawing_what_is_done_is_refused(alice, copied):
    response = alice.act(copied, "withdraw")
    assert response.status_code == 409
    assert "changé d’état" in text_of(response)


def test_a_button_that_does_not_exist_does_nothing(alice, proven):
    response = alice.act(proven(), "erase-everything-now")
    assert response.status_code == 400


def test_progress_is_shown_while_the_work_goes_on(alice, proven, olive):
    data_request = proven(Kind.RECTIFICATION)
    wishes.wish(data_request, wishes=[wishes.Wish("family_name", "Martn", "Martin")], at=timezone.now())
    triage.decide_correction(data_request.corrections.get(), accepted=True, by=olive, at=timezone.now())
    triage.accept(data_request, by=olive, at=timezone.now())
    Step.objects.filter(source="comments").update(status=Status.NEEDS_ATTENTION)
    response = alice.get(page(data_request))
    progress = response.context["follow"].progress
    assert (progress.done, progress.total, progress.waits) == (0, 2, True)
    assert "une personne s’en occupe" in text_of(response)


def test_an_erasure_is_told_with_what_stays_until_when(alice, proven, olive, simone, work):
    data_request = proven(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=timezone.now())
    work()
    plan = data_request.plans.get(superseded_at=None)
    execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=timezone.now())
    work()
    shown = text_of(alice.get(page(data_request)))
    assert "Vos données sont effacées, sauf" in shown
    assert "jusqu’au 31 août 2031" in shown
    assert "code civil" in shown


def test_a_refusal_says_why_and_where_to_complain(alice, proven, olive, work):
    data_request = proven()
    triage.refuse(data_request, because="rights-of-others", by=olive, at=timezone.now())
    assert "la lettre qui vous l’annonce va partir" in text_of(alice.get(page(data_request)))
    work()
    shown = text_of(alice.get(page(data_request)))
    assert "porterait atteinte" in shown
    assert "www.cnil.fr/plaintes" in shown


def test_a_doubt_on_identity_says_that_the_clock_is_held(alice, proven, olive):
    data_request = proven()
    identity.doubt(data_request, reason="Deux personnes portent ce nom.", by=olive, at=timezone.now())
    assert "suspendu depuis le" in text_of(alice.get(page(data_request)))


def test_a_refused_correction_says_why(alice, proven, olive, work):
    data_request = proven(Kind.RECTIFICATION)
    change = [wishes.Wish("family_name", "Martn", "Martin"), wishes.Wish("postal_address", ADDRESS, "2 rue du Port")]
    wishes.wish(data_request, wishes=change, at=timezone.now())
    first, second = data_request.corrections.order_by("pk")
    triage.decide_correction(first, accepted=True, by=olive, at=timezone.now())
    triage.decide_correction(second, accepted=False, ground="nothing-to-rectify", by=olive, at=timezone.now())
    triage.accept(data_request, by=olive, at=timezone.now())
    work()
    shown = text_of(alice.get(page(data_request)))
    assert "sauf là où nous avons refusé" in shown
    assert "exactes et complètes" in shown


def test_an_erasure_of_a_part_does_not_say_all(alice, proven, olive, simone, work):
    data_request = proven(Kind.ERASURE, about="sources", sources=["comments"])
    triage.accept(data_request, by=olive, at=timezone.now())
    work()
    plan = data_request.plans.get(superseded_at=None)
    execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=timezone.now())
    work()
    assert "Ce que vous aviez choisi est effacé." in text_of(alice.get(page(data_request)))


def _filled(form, n, new, explanation=""):
    """The form as the browser would send it back, one value changed."""
    fields = {name: form[name].value() for name in form.fields}
    return {**fields, f"new-{n}": new, f"explanation-{n}": explanation}


def test_a_proof_that_finds_no_room_is_said_and_nothing_breaks(alice, proven, settings):
    data_request = proven(Kind.RECTIFICATION)
    fill(settings, "packages", room=10)
    file = SimpleUploadedFile("preuve.pdf", b"%PDF-1.7 %%EOF")
    response = alice.act(data_request, "proof", file=file)
    assert response.status_code == 503
    assert "n’a pas pu être enregistré" in text_of(response)
