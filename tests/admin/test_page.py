"""The page of one request: everything an officer needs, nothing that acts by itself, every look recorded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsr.lifecycle import closing, identity, triage, wishes
from dsr.models.audit import AuditEntry
from dsr.models.identity import Identifier
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Status, Step
from dsr.states import Kind
from tests.admin.conftest import page_of

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ settings.SECRET_KEY }}\u202e"


@pytest.fixture
def read(desk, olive):
    """The text of the page that Olive sees."""
    return lambda data_request: desk(olive).get(page_of(data_request)).content.decode()


def test_the_page_says_what_an_officer_needs(read, examined):
    page = read(examined(message="Une copie, merci."))
    for said in ("Accès", "À décider", "Agent", "RGPD art. 12 et 15", "Une copie, merci.", "Toutes ses données"):
        assert said in page


def test_a_scope_is_told_in_words(read, examined):
    page = read(examined(scope={"shelf": "*", "cellar": ["1", "2"]}))
    assert "Livres" in page
    assert "2 lignes choisies" in page


def test_a_view_is_recorded_each_time_by_its_reference_alone(desk, olive, examined):
    data_request, client = examined(), desk(olive)
    client.get(page_of(data_request))
    client.get(page_of(data_request))
    entries = AuditEntry.objects.filter(event="request.viewed", subject=data_request.reference)
    assert [(entry.actor, entry.facts) for entry in entries] == [(olive.reference, {})] * 2


def test_a_page_that_does_not_exist_is_not_found(desk, olive):
    assert desk(olive).get("/admin/dsr/datarequest/999999/change/").status_code == 404


def test_what_a_hostile_reader_writes_stays_text(read, examined, olive, at):
    data_request = examined(Kind.OTHER, message=HOSTILE)
    identity.doubt(data_request, reason=HOSTILE, by=olive, at=at)
    identity.reply(data_request, answer=HOSTILE, at=at)
    Notice.objects.update(text=HOSTILE, subject=HOSTILE)
    page = read(data_request)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ settings.SECRET_KEY }}" in page


def test_the_plan_is_told_source_by_source_with_its_totals_and_fingerprint(read, planned):
    page = read(planned)
    plan = planned.plans.get(superseded_at=None)
    assert plan.fingerprint[:4] in page
    for said in ("Plan d’effacement", "Livres", "Cave", "Effacées", "Conservées, pourquoi, jusqu’à quand"):
        assert said in page


def test_what_is_kept_is_told_with_its_reason_and_its_last_days(read, planned):
    kept = [{"ground": "COMPTA", "until": day, "rows": 2} for day in ("2030-12-31", "2035-12-31")]
    line = {"source": "shelf", "erased": 1, "rewritten": 0, "files": 0, "by_hand": False, "kept": kept}
    planned.plans.update(lines=[line])
    page = read(planned)
    assert "4 lignes, chacune jusqu’à sa date, du 31 décembre 2030 au 31 décembre 2035" in page
    assert "pièces comptables" in page


def test_a_manual_step_shows_its_instructions(read, examined):
    data_request = examined()
    Step.objects.create(
        data_request=data_request,
        action="collect",
        source="shelf",
        status=Status.WAITING,
        created_at=data_request.received_at,
    )
    assert "Les livres empruntés" in read(data_request)


def test_a_plan_that_outran_its_approval_says_what_changed(read, planned):
    plan = planned.plans.get(superseded_at=None)
    before = [{**plan.lines[0], "erased": 7}, *plan.lines[1:]]
    planned.plans.update(superseded_at=plan.made_at)
    approved = planned.plans.get()
    approved.lines = before
    approved.save()
    planned.plans.create(fingerprint="f" * 64, lines=plan.lines, made_at=plan.made_at, replaces=approved)
    page = read(planned)
    assert "Ce qui a changé depuis l’approbation" in page
    assert f"effacées\u00a0: 7 → {plan.lines[0]['erased']}" in page


def test_a_step_that_failed_says_why(read, planned):
    planned.steps.update(status=Status.NEEDS_ATTENTION, failure="ConnectionError", attempts=5)
    page = read(planned)
    assert "ConnectionError" in page
    assert "5 tentatives" in page


def test_a_letter_that_did_not_leave_says_why(read, examined):
    data_request = examined()
    Notice.objects.filter(data_request=data_request).update(needs_attention=True, failure="smtp-550")
    assert "refusée par le serveur du destinataire (550)" in read(data_request)


def test_no_code_of_the_reader_is_shown_to_staff(read, examined):
    data_request = examined()
    secrets = data_request.secrets.all()
    page = read(data_request)
    assert secrets
    assert not any(secret.code in page or secret.token in page for secret in secrets)
    assert "⟦" not in page


def test_corrections_are_shown_with_the_label_of_their_concept(read, examined, at):
    data_request = examined(Kind.RECTIFICATION)
    wishes.wish(data_request, wishes=[wishes.Wish("title", "Un", "Une", "Faute")], at=at)
    page = read(data_request)
    for said in ("Titre", "Un", "Une", "Faute", "à décider"):
        assert said in page


def test_the_timeline_names_staff_and_tells_facts_in_words(read, examined, olive, simone, at):
    data_request = examined()
    triage.assign(data_request, to=simone, by=olive, at=at)
    page = read(data_request)
    for said in (
        "Demande confiée à un agent",
        "confiée à\u00a0: simone",
        "le lecteur",
        "moyen\u00a0: contrôle de la boîte",
    ):
        assert said in page


def test_requests_asked_together_and_joined_are_linked(read, asks, proves, at):
    first = asks(Kind.ACCESS)
    proves(first)
    second = asks(Kind.ACCESS)
    proves(second)
    second.refresh_from_db()
    assert page_of(first) in read(second)
    assert page_of(second) in read(first)


def test_an_officer_who_accepted_is_told_that_somebody_else_approves(read, planned):
    page = read(planned)
    assert "une autre personne approuve" in page
    assert "Approuver l’effacement</button>" not in page


def test_a_letter_for_the_post_is_printed_with_its_address_and_the_look_recorded(desk, olive, by_post, at):
    closing.answer(by_post, text="Voici notre réponse.", by=olive, at=at)
    notice = by_post.notices.get(answers=True)
    page = desk(olive).get(reverse("admin:dsr_datarequest_letter", args=[by_post.pk, notice.pk]))
    assert "1 rue de l’Exemple" in page.content.decode()
    assert AuditEntry.objects.filter(event="request.viewed", subject=by_post.reference).count() == 1


def test_an_e_mailed_letter_has_no_printable_version(desk, olive, examined):
    data_request = examined()
    notice = data_request.notices.first()
    address = reverse("admin:dsr_datarequest_letter", args=[data_request.pk, notice.pk])
    assert desk(olive).get(address).status_code == 404


def test_an_approver_who_does_not_decide_prints_nothing(desk, by_post):
    from tests.conftest import staff  # noqa: PLC0415

    notice = by_post.notices.first()
    address = reverse("admin:dsr_datarequest_letter", args=[by_post.pk, notice.pk])
    assert desk(staff("approver", "approvers")).get(address).status_code == 403


def test_the_page_is_kept_by_no_cache_and_allows_no_other_host(desk, olive, examined):
    response = desk(olive).get(page_of(examined()))
    assert "no-store" in response["Cache-Control"]
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_what_the_desk_needs_of_the_policy_is_the_desks_alone(desk, olive):
    assert "unsafe-eval" not in desk(olive).get("/")["Content-Security-Policy"]


def test_the_page_asks_as_little_for_many_rows_as_for_few(desk, olive, examined):
    data_request, client = examined(), desk(olive)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of(data_request))
        return len(captured)

    client.get(page_of(data_request))
    few = queries()
    for number in range(20):
        moment = data_request.received_at
        Step.objects.create(
            data_request=data_request,
            action="collect",
            source=f"s{number}",
            status="needs_attention",
            created_at=moment,
        )
        Identifier.objects.create(
            data_request=data_request, kind="account", value=str(number), verified_by="document", vouched_by=olive
        )
    assert queries() <= few + 1


def test_a_request_whose_source_was_taken_out_still_has_its_page(settings, read, planned):
    settings.DSR_SOURCES = []
    page = read(planned)
    assert "Shelf" in page


def test_a_closed_request_offers_nothing_more(read, examined, olive, at):
    data_request = examined()
    triage.refuse(data_request, because="identity", by=olive, at=at)
    page = read(DataRequest.objects.get(pk=data_request.pk))
    assert "Rien à faire pour vous maintenant." in page
    assert "dk-verb-body" not in page
