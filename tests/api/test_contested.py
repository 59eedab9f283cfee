"""What is contested, for the desk and for the newspaper's tools: keys and fields, and nobody's value."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dsr.api import contested
from dsr.lifecycle import proofs, wishes
from dsr.lifecycle.wishes import Wish
from dsr.models.audit import AuditEntry
from dsr.models.correction import Restriction
from dsr.states import Kind
from tests.api.conftest import V1, assert_problem
from tests.conftest import ALICE, staff
from tests.lifecycle.test_proofs import PDF
from tests.sources.readers import account, comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def wished(asks, proves, settings):
    settings.DSR_SOURCES = ["dsr.readers.sources.Comments", "dsr.readers.sources.Accounts"]
    own = account(ALICE, pen_name="Alix")
    for _ in range(3):
        comment(account=own, author_name="Alix")
    now = timezone.now()
    data_request = proves(asks(Kind.RECTIFICATION, at=now), at=now)
    wishes.wish(data_request, wishes=[Wish("pen_name", "Alix", "Alice")], at=now)
    return data_request


@pytest.fixture
def tool(machine):
    person = staff("archive")
    person.is_staff = False
    person.save()
    person.user_permissions.add(Permission.objects.get(codename="view_restriction"))
    return machine(person)


def test_a_tool_is_told_keys_and_fields_and_no_value(tool, wished):
    listed = tool.get("/restricted?source=comments").json()
    assert [(each["source"], each["field"]) for each in listed["results"]] == [("comments", "author_name")] * 3
    assert {frozenset(each) for each in listed["results"]} == {frozenset({"source", "key", "field", "since"})}
    assert "Alix" not in str(listed)


def test_pages_hold_each_mark_once(tool, wished, monkeypatch):
    monkeypatch.setattr(contested, "PAGE", 3)
    path, seen = "/restricted", []
    while path:
        page = tool.get(path).json()
        seen += [(each["source"], each["key"]) for each in page["results"]]
        path = page["next"] and page["next"].partition("/api/v1")[2]
    assert len(seen) == len(set(seen)) == 4


def test_a_mark_is_gone_once_the_answer_has_left(tool, wished):
    type(wished).objects.update(answer_sent_at=timezone.now())
    assert Restriction.objects.exists()
    assert tool.get("/restricted").json()["results"] == []


@pytest.mark.parametrize("query", ["source=none", "after=-1", "after=x", "email=alice%40example.org"])
def test_another_question_is_refused(tool, wished, query):
    assert_problem(tool.get(f"/restricted?{query}"), 400, "invalid")


def test_others_may_not_ask(machine, olive, wished):
    assert_problem(machine(staff("nobody")).get("/restricted"), 403, "denied")
    assert Client().get(f"{V1}/restricted").status_code == 401


def test_the_desk_sees_each_correction_with_its_marks_and_proofs(machine, olive, wished):
    proofs.attach(wished, file=SimpleUploadedFile("a.pdf", PDF), at=timezone.now())
    file = machine(olive).get(f"/desk/requests/{wished.reference}/corrections").json()
    (correction,) = file["corrections"]
    assert (correction["new"], correction["stale"], len(correction["restricted"])) == ("Alice", False, 4)
    (proof,) = file["proofs"]
    assert proof["content_type"] == "application/pdf"
    assert AuditEntry.objects.filter(event="request.viewed", actor=olive.reference).exists()
    opened = machine(olive).post(f"/desk/requests/{wished.reference}/proofs/{proof['id']}")
    assert (b"".join(opened.streaming_content), opened["Content-Type"]) == (PDF, "application/octet-stream")
    assert opened["Content-Disposition"].startswith("attachment")


def test_a_reader_attaches_a_proof_by_multipart(wished, bearer):
    caller = bearer(wished)
    at = f"{V1}/requests/{wished.reference}/proofs"
    sent = caller.client.post(at, {"file": SimpleUploadedFile("x.pdf", PDF)}, headers=caller.headers)
    assert (sent.status_code, wished.proofs.count()) == (200, 1)
    bad = caller.client.post(at, {"file": SimpleUploadedFile("x.pdf", b"<html>")}, headers=caller.headers)
    assert_problem(bad, 415, "wrong-type-of-file")
    assert caller.client.post(at, {}, headers=caller.headers).status_code == 400


def test_a_proof_of_another_request_is_not_there(machine, olive, wished, asks, proves):
    now = timezone.now()
    other = proves(asks(Kind.RECTIFICATION, email="bob@example.org", at=now - timedelta(hours=1)), at=now)
    proof = proofs.attach(other, file=SimpleUploadedFile("a.pdf", PDF), at=now)
    assert_problem(machine(olive).post(f"/desk/requests/{wished.reference}/proofs/{proof.pk}"), 404)
