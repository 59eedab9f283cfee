"""The verbs of the desk: shown when allowed, refused with their reason when not, and nothing typed is lost."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dsr import permissions
from dsr.admin import acts
from dsr.lifecycle import closing, execution, identity, triage, wishes
from dsr.models.audit import AuditEntry
from dsr.models.notice import Notice
from dsr.models.step import Status, Step
from dsr.states import Kind, State
from tests.admin.conftest import act_of, fingerprint_of, page_of

pytestmark = pytest.mark.django_db


def offered(response):
    return {offer.verb for offer in response.context_data["offers"]}


def state_of(data_request):
    data_request.refresh_from_db()
    return data_request.state


def test_every_verb_of_the_desk_has_its_act():
    assert set(acts.ACTS) == set(permissions.SHOWN)


STAGES = ["received", "review", "by_hand", "approval", "doubted", "executing", "closed"]


@pytest.fixture
def staged(asks, examined, planned, olive, simone, at):
    """A request at each stage of its life."""
    doubted, executing, closed = examined(Kind.ACCESS), planned, examined(Kind.OTHER, email="bob@example.org")
    identity.doubt(doubted, reason="Homonyme", by=olive, at=at)
    closing.answer(closed, text="Voici.", by=olive, at=at)
    requests = {
        "received": asks(Kind.ACCESS, email="carol@example.org"),
        "review": examined(Kind.ACCESS, email="dave@example.org"),
        "by_hand": examined(Kind.OTHER, email="erin@example.org"),
        "approval": planned,
        "doubted": doubted,
        "closed": closed,
    }

    def stage(name):
        if name == "executing":
            execution.approve(executing, fingerprint=fingerprint_of(executing), by=simone, at=at)
        found = requests.get(name, executing)
        found.refresh_from_db()
        return found

    return stage


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("who", ["olive", "simone"])
def test_a_verb_is_shown_if_and_only_if_it_is_allowed(stage, who, staged, desk, request):
    person, data_request = request.getfixturevalue(who), staged(stage)
    response = desk(person).get(page_of(data_request))
    assert offered(response) == set(permissions.verbs(person, data_request))


TYPED = {
    "refuse": {"because": "identity"},
    "extend": {"because": "complexity"},
    "ask": {"question": "Quelle période ?"},
    "doubt": {"reason": "Homonyme"},
    "vouch": {"kind": "account", "value": "12"},
    "route": {"article": "https://example.org/article"},
    "answer": {"text": "Voici."},
    "record_reply": {"answer": "Par téléphone."},
    "approve": {"fingerprint": "x"},
    "record_ending": {"ending": "now"},
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_verb_that_is_not_allowed_is_refused_and_changes_nothing(stage, staged, desk, simone, olive):
    data_request = staged(stage)
    before = (data_request.state, data_request.notices.count(), data_request.questions.count())
    for verb in set(acts.ACTS) - set(permissions.verbs(olive, data_request)):
        typed = TYPED.get(verb, {"to": simone.pk})
        response = desk(olive).post(act_of(data_request, verb), typed)
        assert response.status_code in {403, 409}, verb
        assert response.context["messages"]
        assert (state_of(data_request), data_request.notices.count(), data_request.questions.count()) == before


def test_accepting_carries_the_request_out(desk, olive, examined):
    data_request = examined()
    response = desk(olive).post(act_of(data_request, "accept"), follow=True)
    assert state_of(data_request) == State.EXECUTING
    assert "Demande acceptée." in response.content.decode()


def test_a_double_click_does_it_once(desk, olive, examined):
    data_request, client = examined(), desk(olive)
    codes = [client.post(act_of(data_request, "accept")).status_code for _click in range(2)]
    assert codes == [302, 409]
    assert AuditEntry.objects.filter(event="request.accepted").count() == 1


def test_refusing_needs_a_ground(desk, olive, examined):
    data_request = examined()
    assert desk(olive).post(act_of(data_request, "refuse"), {}).status_code == 422
    assert state_of(data_request) == State.REVIEW


def test_what_was_typed_comes_back_with_the_reason(desk, olive, examined):
    data_request = examined()
    typed = {"because": "unfounded-or-excessive", "advice": "  "}
    response = desk(olive).post(act_of(data_request, "refuse"), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "avis écrit du délégué" in page
    assert 'value="unfounded-or-excessive" required id="refuse-because_1" checked' in page


def test_the_typed_text_stays_when_the_request_changed_meanwhile(desk, olive, simone, examined, at):
    data_request = examined()
    triage.accept(data_request, by=simone, at=at)
    response = desk(olive).post(act_of(data_request, "ask"), {"question": "Quelle période ?"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "la demande a changé d’état" in page
    assert "Quelle période ?</textarea>" in page


def test_refusing_tells_the_reader_why(desk, olive, examined):
    data_request = examined()
    desk(olive).post(act_of(data_request, "refuse"), {"because": "identity"})
    assert state_of(data_request) == State.REFUSED
    assert data_request.notices.filter(answers=True).exists()


def test_grounds_offered_answer_the_kind_of_request(desk, olive, examined):
    page = desk(olive).get(page_of(examined(Kind.ACCESS))).content.decode()
    assert 'value="rights-of-others"' in page
    assert 'value="legal-obligation"' not in page


def test_assigning_offers_those_who_decide_and_names_them(desk, olive, simone, remi, examined):
    data_request = examined()
    assert desk(olive).post(act_of(data_request, "assign"), {"to": remi.pk}).status_code == 422
    desk(olive).post(act_of(data_request, "assign"), {"to": simone.pk})
    data_request.refresh_from_db()
    assert data_request.assigned_to == simone


@pytest.mark.parametrize("verb", ["ask", "doubt"])
def test_a_question_gives_the_turn_to_the_reader(verb, desk, olive, examined):
    data_request = examined()
    desk(olive).post(act_of(data_request, verb), TYPED[verb])
    assert state_of(data_request) == State.AWAITING_READER


def test_giving_up_closes_what_identity_never_proved(desk, olive, examined, at):
    data_request = examined()
    identity.doubt(data_request, reason="Homonyme", by=olive, at=at)
    desk(olive).post(act_of(data_request, "give_up"))
    assert state_of(data_request) == State.REFUSED


def test_an_article_goes_to_the_editor(desk, olive, examined):
    data_request = examined(Kind.ERASURE)
    desk(olive).post(act_of(data_request, "route"), TYPED["route"])
    data_request.refresh_from_db()
    assert data_request.about_article == "https://example.org/article"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "rien", ""])
def test_an_article_needs_a_real_address(address, desk, olive, examined):
    data_request = examined(Kind.ERASURE)
    assert desk(olive).post(act_of(data_request, "route"), {"article": address}).status_code == 422


def test_an_identifier_is_read_by_one_and_confirmed_by_another(desk, olive, simone, examined):
    data_request = examined()
    desk(olive).post(act_of(data_request, "vouch"), {"kind": "subscriber", "value": "A-12"})
    identifier = data_request.identifiers.get(kind="subscriber")
    refused = desk(olive).post(act_of(data_request, "countersign", identifier))
    assert refused.status_code == 403
    assert "confirmé par une autre personne" in refused.content.decode()
    desk(simone).post(act_of(data_request, "countersign", identifier))
    identifier.refresh_from_db()
    assert identifier.verified_at


def test_the_second_officer_approves_the_plan_on_the_page(desk, simone, planned):
    client = desk(simone)
    page = client.get(page_of(planned)).content.decode()
    assert f'name="fingerprint" value="{fingerprint_of(planned)}"' in page
    client.post(act_of(planned, "approve"), {"fingerprint": fingerprint_of(planned)})
    assert state_of(planned) == State.EXECUTING


def test_the_officer_who_accepted_does_not_approve(desk, simone, examined, worked, at):
    data_request = examined(Kind.ERASURE)
    triage.accept(data_request, by=simone, at=at)
    worked(data_request)
    response = desk(simone).post(act_of(data_request, "approve"), {"fingerprint": fingerprint_of(data_request)})
    assert response.status_code == 403
    assert "une autre personne que celle qui l’a accepté" in response.content.decode()
    assert state_of(data_request) == State.APPROVAL


def test_a_plan_that_changed_since_the_page_was_opened_is_not_approved(desk, simone, planned):
    seen = fingerprint_of(planned)
    planned.plans.update(fingerprint="0" * 64)
    response = desk(simone).post(act_of(planned, "approve"), {"fingerprint": seen})
    assert response.status_code == 409
    assert "Le plan a changé depuis l’affichage" in response.content.decode()
    assert state_of(planned) == State.APPROVAL


def test_what_changed_is_approved_from_the_page_that_shows_it_and_no_sooner(desk, simone, planned):
    client, seen = desk(simone), fingerprint_of(planned)
    planned.plans.update(fingerprint="0" * 64)
    page = client.post(act_of(planned, "approve"), {"fingerprint": seen}).content.decode()
    assert f'value="{seen}"' not in page
    assert f'value="{"0" * 64}"' in page


def test_an_erasure_without_a_plan_offers_no_approval(desk, olive, simone, examined, at):
    data_request = examined(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=at)
    response = desk(simone).get(page_of(data_request))
    assert "approve" not in offered(response)
    assert "Le plan est en préparation" in response.content.decode()


def test_a_second_officer_sends_back(desk, simone, planned):
    desk(simone).post(act_of(planned, "send_back"))
    assert state_of(planned) == State.REVIEW


@pytest.fixture
def wished(examined, at):
    data_request = examined(Kind.RECTIFICATION)
    wishes.wish(data_request, wishes=[wishes.Wish("title", "Un", "Une")], at=at)
    return data_request.corrections.get()


def test_a_correction_is_accepted(desk, olive, wished):
    desk(olive).post(act_of(wished.data_request, "decide_correction", wished), {"accepted": "yes", "ground": ""})
    wished.refresh_from_db()
    assert wished.decision == "accepted"


def test_a_correction_is_refused_on_a_ground_only(desk, olive, wished):
    address = act_of(wished.data_request, "decide_correction", wished)
    assert desk(olive).post(address, {"accepted": "no", "ground": ""}).status_code == 422
    desk(olive).post(address, {"accepted": "no", "ground": "nothing-to-rectify"})
    wished.refresh_from_db()
    assert (wished.decision, wished.ground) == ("refused", "nothing-to-rectify")


def test_a_row_of_another_request_is_not_found(desk, olive, wished, examined):
    other = examined(Kind.ACCESS, email="bob@example.org")
    assert desk(olive).post(act_of(other, "decide_correction", wished), {"accepted": "yes"}).status_code == 404


@pytest.mark.parametrize("verb", ["forget", "delete", "move"])
def test_a_verb_that_is_not_one_is_not_found(verb, desk, olive, examined):
    assert desk(olive).post(act_of(examined(), verb)).status_code == 404


@pytest.mark.parametrize("verb", sorted(acts.ACTS))
def test_a_link_does_nothing(verb, desk, olive, examined):
    data_request = examined()
    assert desk(olive).get(act_of(data_request, verb)).status_code == 405
    assert state_of(data_request) == State.REVIEW


def test_a_forged_form_of_another_site_does_nothing(desk, olive, examined):
    data_request, client = examined(), desk(olive)
    client.handler.enforce_csrf_checks = True
    assert client.post(act_of(data_request, "accept")).status_code == 403
    assert state_of(data_request) == State.REVIEW


def test_a_failed_step_is_retried(desk, olive, planned):
    step = planned.steps.first()
    Step.objects.update(status=Status.NEEDS_ATTENTION)
    assert "Relancer" in desk(olive).get(page_of(planned)).content.decode()
    desk(olive).post(act_of(planned, "retry", step))
    step.refresh_from_db()
    assert step.status == Status.PENDING


@pytest.fixture
def waiting(settings, examined, olive, at):
    """A step that a person carries out."""
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Drawer", "tests.lifecycle.shelf.Shelf"]
    data_request = examined(Kind.ACCESS)
    triage.accept(data_request, by=olive, at=at)
    return data_request.steps.get(source="drawer")


def test_a_manual_step_takes_a_file(desk, olive, waiting):
    found = SimpleUploadedFile("dossier.txt", b"Alice, carton 12")
    desk(olive).post(act_of(waiting.data_request, "complete_by_hand", waiting), {"file": found})
    waiting.refresh_from_db()
    assert waiting.status == Status.DONE
    assert waiting.uploads.get().label == "dossier.txt"


def test_a_manual_step_with_nothing_to_hand_in_says_so(desk, olive, waiting):
    address = act_of(waiting.data_request, "complete_by_hand", waiting)
    assert desk(olive).post(address, {}).status_code == 422
    desk(olive).post(address, {"no_file": "on"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.uploads.count()) == (Status.DONE, 0)


def test_a_file_may_be_as_large_as_the_setting_says(settings, desk, olive, waiting):
    found = SimpleUploadedFile("dossier.txt", b"x" * settings.DSR_UPLOAD_MAX_BYTES)
    desk(olive).post(act_of(waiting.data_request, "complete_by_hand", waiting), {"file": found})
    assert waiting.uploads.get().label == "dossier.txt"


@pytest.mark.parametrize("size", [200, 11_000_000])
def test_a_file_that_is_too_large_never_passes_for_none(size, settings, desk, olive, waiting):
    settings.DSR_UPLOAD_MAX_BYTES = 100
    found = SimpleUploadedFile("dossier.txt", b"x" * size)
    response = desk(olive).post(act_of(waiting.data_request, "complete_by_hand", waiting), {"file": found})
    waiting.refresh_from_db()
    assert response.status_code in {409, 422}
    assert waiting.status == Status.WAITING


def test_a_program_is_no_file_to_hand_in(desk, olive, waiting):
    found = SimpleUploadedFile("dossier.pdf", b"\x7fELF\x00\x01")
    response = desk(olive).post(act_of(waiting.data_request, "complete_by_hand", waiting), {"file": found})
    assert response.status_code == 409
    assert "Ce type de fichier" in response.content.decode()


def test_a_posted_letter_stops_the_clock(desk, olive, by_post):
    closing.answer(by_post, text="Voici.", by=olive, at=timezone.now())
    notice = by_post.notices.get(answers=True)
    address = act_of(by_post, "posted", notice)
    assert desk(olive).post(address, {"on": "2020-01-01"}).status_code == 409
    desk(olive).post(address, {"on": date.today().isoformat()})  # noqa: DTZ011 - the day of the door
    by_post.refresh_from_db()
    assert by_post.answer_sent_at


def test_a_letter_no_server_took_is_sent_again(desk, olive, examined):
    data_request = examined()
    notice = data_request.notices.first()
    Notice.objects.filter(pk=notice.pk).update(needs_attention=True, failure="smtp-550")
    desk(olive).post(act_of(data_request, "send_again", notice))
    notice.refresh_from_db()
    assert not notice.needs_attention


def test_the_package_of_a_reader_without_a_mailbox_is_opened_for_the_post(desk, olive, simone, by_post, worked, at):
    by_post.kind = Kind.ACCESS
    by_post.save()
    identifier = identity.vouch(by_post, kind="email", value="alice@example.org", by=olive, at=at)
    identity.countersign(identifier, by=simone, at=at)
    triage.accept(by_post, by=olive, at=at)
    package = worked(by_post).packages.get()
    package.expires_at = timezone.now() + timezone.timedelta(days=1)
    package.save()
    assert "Ouvrir pour l’envoi postal" in desk(olive).get(page_of(by_post)).content.decode()
    response = desk(olive).post(f"/admin/dsr/datarequest/{by_post.pk}/package/")
    assert b"".join(response.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(event="package.printed").count() == 1


def test_without_a_package_there_is_nothing_to_open(desk, olive, examined):
    response = desk(olive).post(f"/admin/dsr/datarequest/{examined().pk}/package/")
    assert response.status_code == 409
    assert "Aucun paquet" in response.content.decode()
