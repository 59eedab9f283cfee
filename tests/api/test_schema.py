"""The API and its description say the same."""

import json
from io import StringIO

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import get_resolver
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dsr.lifecycle import identity
from dsr.states import Kind
from tests.api.conftest import Caller
from tests.conftest import staff

pytestmark = pytest.mark.django_db

EXAMPLES = 12


@pytest.fixture
def described():
    """The schema, as the service gives it."""
    return json.loads(
        Caller().client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )


def operations(schema):
    return [
        (path, method, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()
    ]


def test_the_description_is_valid_and_without_a_warning():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "openapi: 3.1.0" in out.getvalue()


def test_every_address_is_described(described):
    names = {str(each.pattern) for each in get_resolver("dsr.api.urls").url_patterns[0].url_patterns}
    assert len(described["paths"]) == len(names)


def test_every_operation_has_its_title_its_tag_and_its_problems(described):
    for path, method, operation in operations(described):
        assert operation["summary"], path
        assert operation["operationId"].isascii()
        assert operation["tags"][0] in {"Lecteur", "Bureau", "Machines"}
        problems = {
            status
            for status, each in operation["responses"].items()
            if "application/problem+json" in each.get("content", {})
        }
        wanted = {"406", "500"} | ({"400", "413", "415"} if method == "post" else set())
        assert wanted <= problems, (path, method)


def test_what_is_personal_wants_a_token(described):
    for path, _method, operation in operations(described):
        if "/desk/" in path or "/suppressed" in path or "/restricted" in path:
            assert operation["security"][0] == {"staffToken": []}
        elif path.endswith(("/sources", "/requests", "/confirm", "/code", "/address", "/contest")):
            assert operation.get("security", [{}]) == [{}]
        else:
            assert operation["security"] == [{"followToken": []}]


def test_the_labels_of_the_description_follow_the_language():
    with translation.override("fr"):
        out = StringIO()
        call_command("spectacular", stdout=out)
    assert "Déposer une demande" in out.getvalue()


@pytest.fixture
def _one_connection():
    """Requests through the WSGI application stay in the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(asks, proves, olive, at):
    """Requests in several states, and the two tokens that open them."""
    requests = [proves(asks(kind)) for kind in (Kind.ACCESS, Kind.RECTIFICATION, Kind.ERASURE, Kind.OTHER)]
    return {
        "reader": (requests[1].reference, f"Bearer {identity.issue_bearer(requests[1], at=at)}"),
        "desk": (requests[0].reference, f"Token {AuthToken.objects.create(olive)[1]}"),
        "suppressed": ("", f"Token {AuthToken.objects.create(staff('mailing', 'mailing tools'))[1]}"),
    }


LOADED = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
OPERATIONS = {f"{each.ok().method.upper()} {each.ok().path}": each.ok() for each in LOADED.get_all_operations()}


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_input_is_a_fault_of_ours_and_every_answer_is_as_described(label, world):
    """Well-formed and malformed input, known and unknown references, with a token that opens them or not.

    A well-formed body may still be refused: an address that receives no mail, a date in the future.
    """
    operation = OPERATIONS[label]
    known, authorization = world[next((who for who in ("desk", "suppressed") if f"/{who}" in label), "reader")]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(schemathesis.GenerationMode.POSITIVE)
        | operation.as_strategy(schemathesis.GenerationMode.NEGATIVE),
        held=st.booleans(),
        existing=st.booleans(),
    )
    def run(case, held, existing):
        if existing and "reference" in (case.path_parameters or {}):
            case.path_parameters["reference"] = known
        headers = {"Authorization": authorization} if held else None
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    run()
