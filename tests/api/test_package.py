"""Downloading the package through the API."""

import io
import json
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from dsr.models.audit import AuditEntry
from dsr.models.identity import Purpose
from dsr.states import Kind
from tests.api.conftest import assert_problem, code_for
from tests.conftest import BOB

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(asks, proves, machine, olive, work, settings, tmp_path):
    """Alice's access request, accepted, carried out and answered."""
    settings.STORAGES = {
        **settings.STORAGES,
        "packages": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        },
    }
    data_request = proves(asks(Kind.ACCESS))
    assert machine(olive).post(f"/desk/requests/{data_request.reference}/accept").status_code == 200
    work()
    data_request.refresh_from_db()
    return data_request


def take(caller, data_request, body=None, **headers):
    return caller.post(f"/requests/{data_request.reference}/package", body, **headers)


def opens(data_request):
    return {"code": code_for(data_request, Purpose.DOWNLOAD)}


def test_the_code_of_the_letter_opens_a_download(answered, bearer, client):
    caller = bearer(answered)
    assert caller.get(f"/requests/{answered.reference}").json()["package"]["size"] > 0
    response = take(caller, answered, opens(answered))
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    opened = response.json()
    archive = client.get(urlsplit(opened["url"]).path, headers={"Authorization": f"Bearer {opened['token']}"})
    assert archive["Content-Length"] == str(opened["size"])
    assert archive["ETag"] == f'"{opened["etag"]}"'
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.streaming_content))) as package:
        assert package.testzip() is None
        held = json.loads(package.read("data/letters.json"))
    assert "Une erreur page 3" in json.dumps(held, ensure_ascii=False)
    assert "désabonne" not in json.dumps(held, ensure_ascii=False)


def test_a_download_code_works_once_and_is_recorded(answered, bearer):
    caller, code = bearer(answered), opens(answered)
    assert take(caller, answered, code).status_code == 201
    assert_problem(take(caller, answered, code), 400, "wrong-code")
    entries = AuditEntry.objects.filter(subject=answered.reference, event="package.opened")
    assert entries.count() == 1


def test_the_token_that_follows_does_not_download_nor_the_other_way_round(answered, bearer, client):
    opened = take(bearer(answered), answered, opens(answered)).json()
    follows = bearer(answered).headers["Authorization"]
    assert client.get(urlsplit(opened["url"]).path, headers={"Authorization": follows}).status_code == 401
    other_way = client.get(
        f"/api/v1/requests/{answered.reference}", headers={"Authorization": f"Bearer {opened['token']}"}
    )
    assert other_way.status_code == 401


def test_without_a_code_one_is_mailed(answered, bearer):
    caller, old = bearer(answered), code_for(answered, Purpose.DOWNLOAD)
    sent = take(caller, answered)
    assert (sent.status_code, sent.content) == (202, b"")
    assert_problem(take(caller, answered, {"code": old}), 400, "wrong-code")
    assert take(caller, answered, opens(answered)).status_code == 201


def test_the_link_token_opens_it_too(answered, bearer):
    token = answered.secrets.filter(purpose=Purpose.DOWNLOAD).latest("pk").token
    assert take(bearer(answered), answered, {"token": token}).status_code == 201


def test_the_code_alone_is_not_enough(answered, anyone, bearer, asks, proves):
    code = code_for(answered, Purpose.DOWNLOAD)
    bob = bearer(proves(asks(Kind.ACCESS, email=BOB)))
    assert_problem(take(anyone, answered, {"code": code}), 401)
    assert_problem(take(bob, answered, {"code": code}), 401)


def test_there_is_nothing_to_open_before_it_is_packed(asks, proves, bearer):
    data_request = proves(asks(Kind.ACCESS))
    caller = bearer(data_request)
    assert_problem(take(caller, data_request), 404, "no-package")
    assert_problem(take(caller, data_request, {"code": "AAA-AAA-AAA"}), 404, "no-package")


def test_a_confirmation_code_does_not_open_the_package(answered, bearer, anyone):
    anyone.post(f"/requests/{answered.reference}/code")
    code = code_for(answered, Purpose.FOLLOW)
    assert_problem(take(bearer(answered), answered, {"code": code}), 400, "wrong-code")


def test_a_fresh_copy_is_asked_for_once_the_first_is_gone(answered, bearer, anyone, work):
    caller = bearer(answered)

    def again(who=caller):
        return who.post(f"/requests/{answered.reference}/package/again")

    assert_problem(again(), 409, "not-now")
    answered.packages.update(expires_at=timezone.now())
    assert_problem(again(), 429, "copy-asked-today")
    answered.steps.update(created_at=timezone.now() - timedelta(days=31))
    assert_problem(again(anyone), 401)
    asked = again().json()
    assert (asked["state"], asked["package"]) == ("answered", None)
    assert asked["timeline"][-1]["event"] == "package.requested"
    assert_problem(again(), 409, "copy-being-made")
    work()
    assert take(caller, answered, opens(answered)).status_code == 201
