"""Every error of the API is a problem document."""

import json
import logging

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail

from dsr.api import problems
from dsr.api.problems import REFUSALS
from dsr.lifecycle import closing, delivery, execution, identity, intake, triage, wishes  # noqa: F401 - their refusals
from dsr.permissions import Refusal
from tests.api.conftest import V1, assert_problem

JSON = "application/json"


def send(body, content_type=JSON, **headers):
    return Client().post(f"{V1}/requests", body, content_type=content_type, headers=headers)


def every(kind):
    return {kind} | {below for child in kind.__subclasses__() for below in every(child)}


def test_every_refusal_of_the_domain_has_its_status_and_title():
    from dsr.api import authentication  # noqa: F401, PLC0415 - its refusal

    elsewhere = "dsr.oversight."  # reviews of the log have no door in the API
    kinds = [kind for kind in every(Refusal) if kind.__module__.startswith("dsr.")]
    assert {kind.code for kind in kinds if not kind.__module__.startswith(elsewhere)} == set(REFUSALS)


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"NaN", b'{"kind": Infinity}', b"[" * 100_000, b"9" * 5000, b'{"email": "x"', b" "],
    ids=["cut", "latin", "nan", "infinity", "deep", "digits", "open", "blank"],
)
def test_a_body_that_is_not_json_is_told_so(body):
    assert_problem(send(body), 400)


@pytest.mark.parametrize("body", [b"[]", b"12", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_invalid(body):
    assert_problem(send(body), 400, "invalid")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "nonsense"]
)
def test_another_format_is_refused(content_type):
    assert_problem(send(b"{}", content_type), 415)


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "hex", "no-such-thing"])
def test_json_is_utf_8_whatever_is_claimed(charset):
    sent = Client().generic("POST", f"{V1}/requests", b'{"kind": "access"}', f"{JSON}; charset={charset}")
    assert_problem(sent, 400, "invalid")


def test_a_huge_body_is_refused_unread(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_problem(send(b'{"message": "' + b"x" * 1000 + b'"}'), 413)


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/nothing",
        f"{V1}/",
        f"{V1}/requests/",
        f"{V1}/requests/DSR-0000-0000",
        f"{V1}/requests/dsr-7k4m-2qxp",
        f"{V1}/requests/DSR-7K4M-2QXP/eat",
        f"{V1}/desk/requests/DSR-7K4M-2QXP/steps/x/retry",
        f"{V1}/%00",
        f"{V1}/requests/DSR-7K4M-2QXP%0A",
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_does_not_exist_is_a_problem_too(path, method):
    assert_problem(getattr(Client(enforce_csrf_checks=True), method)(path), 404)


@pytest.mark.parametrize(("path", "allowed"), [("/requests", "POST"), ("/sources", "GET, HEAD")])
def test_another_method_is_refused_with_those_allowed(path, allowed):
    response = Client().put(f"{V1}{path}")
    assert_problem(response, 405)
    assert response["Allow"] == allowed


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*"])
def test_only_json_is_served(accept):
    assert_problem(Client().get(f"{V1}/sources", headers={"Accept": accept}), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/*", JSON, "text/html;q=0.2, application/json"])
def test_json_is_served_to_who_accepts_it(accept):
    assert Client().get(f"{V1}/sources", headers={"Accept": accept})["Content-Type"] == JSON


def test_a_fault_of_ours_says_nothing_of_itself(settings, caplog):
    settings.DSR_SOURCES = ["tests.api.shelf.Alice"]
    with caplog.at_level(logging.ERROR, logger="django.request"):
        response = Client(raise_request_exception=False).get(f"{V1}/sources")
    document = assert_problem(response, 500)
    assert "Alice" not in json.dumps(document)
    logged = [record.getMessage() for record in caplog.records if record.name == "django.request"]
    assert logged == [f"Internal Server Error: {V1}/sources"]


def test_a_query_with_too_many_parameters_is_refused(settings, machine, olive):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    assert_problem(machine(olive).get("/desk/requests?a=1&b=2&c=3&d=4"), 400)


def test_problems_are_written_in_the_callers_language():
    french, english = (Client().get("/api/x", headers={"Accept-Language": each}) for each in ("fr", "en"))
    assert french.json()["title"] == "Introuvable"
    assert (french["Content-Language"], english["Content-Language"]) == ("fr", "en")


def test_a_pointer_leads_to_the_value_it_names():
    detail = {
        "wishes": {1: {"a/b~c": [ErrorDetail("Non", "no")]}},
        "non_field_errors": [ErrorDetail("Rien", "nothing")],
    }
    found = [error["pointer"] for error in problems._field_errors(detail, "#")]
    assert found == ["#/wishes/1/a~1b~0c", "#"]


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.text(), st.lists, max_leaves=5).map(lambda x: json.dumps(x).encode())
)
def test_no_bytes_are_a_fault_of_ours(body):
    if body:
        assert send(body).status_code == 400


@given(st.dictionaries(st.sampled_from(["kind", "email", "scope", "message"]), st.text(max_size=8) | st.integers()))
def test_no_object_is_a_fault_of_ours(body):
    assert send(json.dumps({**body, "kind": "nothing"})).status_code == 400
