"""The page of the mentions: read by officers, decided one by one or all at once, each look recorded."""

import re

import pytest
from django.urls import reverse

from dsr.lifecycle import mentions as domain
from dsr.models.audit import AuditEntry
from dsr.models.verification import Fate
from dsr.readers.models import Comment
from dsr.states import State
from tests.conftest import ALICE, BOB
from tests.lifecycle.conftest import works  # noqa: F401 - a fixture
from tests.lifecycle.test_verification import approved, newspaper  # noqa: F401 - fixtures
from tests.sources.readers import comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def quoted(approved, works):  # noqa: F811
    """An erasure after which three comments of Bob's still name Alice."""
    for number in range(3):
        comment(author_email=BOB, content=f"{number} : demandez <b>{ALICE}</b> !")
    return works(approved())


def page(data_request):
    return reverse("admin:dsr_datarequest_mentions", args=[data_request.pk])


def decide(client, data_request, **fields):
    address = reverse("admin:dsr_datarequest_decide_mentions", args=[data_request.pk])
    return client.post(address, {"which": "ticked", **fields})


def test_the_passages_are_shown_with_the_value_marked_and_no_markup_of_theirs(quoted, desk, olive):
    shown = desk(olive).get(page(quoted)).content.decode()
    assert shown.count(f"<mark>{ALICE}</mark>") == 3
    assert "demandez &lt;b&gt;" in shown
    assert AuditEntry.objects.filter(event="request.viewed", actor=olive.reference).count() == 1


def test_the_page_of_the_request_leads_there(quoted, desk, olive):
    shown = desk(olive).get(reverse("admin:dsr_datarequest_change", args=[quoted.pk])).content.decode()
    assert page(quoted) in shown
    assert "C’est fait" not in shown


def test_ticked_ones_are_left_with_a_reason(quoted, desk, olive):
    first = quoted.mentions.first()
    answer = decide(desk(olive), quoted, do="leave", reason="expression", mention=[first.pk])
    assert answer["Location"] == page(quoted)
    assert quoted.mentions.get(decision=Fate.LEFT).pk == first.pk


def test_all_are_masked_at_once(quoted, desk, olive, works):  # noqa: F811
    decide(desk(olive), quoted, do="mask", which="every")
    assert set(quoted.mentions.values_list("decision", flat=True)) == {Fate.MASKED}
    assert not Comment.objects.filter(content__icontains=ALICE).exists()
    assert works(quoted).state == State.ANSWERED


def test_leaving_without_a_reason_keeps_what_was_ticked(quoted, desk, olive):
    first = quoted.mentions.first()
    answer = decide(desk(olive), quoted, do="leave", mention=[first.pk])
    assert answer.status_code == 409
    assert re.search(rf'value="{first.pk}"\s+checked', answer.content.decode())
    assert str(domain.NoReasonToLeave()) in answer.content.decode()


@pytest.mark.parametrize(
    "fields", [{}, {"do": "burn"}, {"do": "mask", "which": "none"}, {"do": "leave", "reason": "x"}]
)
def test_nonsense_changes_nothing(quoted, desk, olive, fields):
    assert decide(desk(olive), quoted, **fields).status_code == 422
    assert quoted.mentions.undecided().count() == 3


def test_who_may_not_decide_may_not(quoted, desk, mallory, remi):
    assert desk(mallory).get(page(quoted)).status_code in {302, 403}
    answer = decide(desk(remi), quoted, do="mask", which="every")
    assert answer.status_code == 403
    assert quoted.mentions.undecided().count() == 3


def test_a_thousand_are_read_a_hundred_at_a_time_and_decided_at_once(
    approved,  # noqa: F811
    works,  # noqa: F811
    desk,
    olive,
    django_assert_max_num_queries,
):
    for number in range(1_000):
        comment(author_email=BOB, content=f"{number} : {ALICE}")
    data_request = works(approved())
    client = desk(olive)
    with django_assert_max_num_queries(60):
        shown = client.get(page(data_request)).content.decode()
    assert shown.count("<mark>") == 100
    following = re.search(r'href="(\?after=\d+)"', shown)[1]
    assert client.get(page(data_request) + following).content.decode().count("<mark>") == 100
    decide(client, data_request, do="mask", which="every")
    assert works(data_request).state == State.ANSWERED
    assert not Comment.objects.filter(content__icontains=ALICE).exists()


@pytest.mark.parametrize(("form", "kind"), [("pdf", "application/pdf"), ("json", "application/json")])
def test_the_certificate_is_downloaded_and_that_is_recorded(approved, works, desk, olive, form, kind):  # noqa: F811
    data_request = works(approved())
    answer = desk(olive).get(reverse("admin:dsr_datarequest_certificate", args=[data_request.pk, form]))
    assert answer["Content-Type"] == kind
    assert AuditEntry.objects.filter(event="request.viewed", actor=olive.reference).count() == 1


def test_there_is_no_certificate_before_the_end(quoted, desk, olive):
    for form in ("pdf", "json", "txt"):
        address = reverse("admin:dsr_datarequest_certificate", args=[quoted.pk, form])
        assert desk(olive).get(address).status_code == 404
