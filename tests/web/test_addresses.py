"""The two pages that letters about a new address lead to: they look alike for all, and a GET does nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from dsr.lifecycle import wishes
from dsr.lifecycle.wishes import Wish
from dsr.models.address import AddressChange
from dsr.models.identity import Purpose
from dsr.states import Kind
from tests.conftest import ALICE
from tests.sources.readers import account

pytestmark = pytest.mark.django_db


@pytest.fixture
def moving(asks, proves, at, settings):
    settings.DSR_SOURCES = ["dsr.readers.sources.Accounts"]
    account(ALICE)
    data_request = proves(asks(Kind.RECTIFICATION, at=at))
    wishes.wish(data_request, wishes=[Wish("email", ALICE, "new@example.org")], at=at)
    return data_request


@pytest.fixture(autouse=True)
def _then(monkeypatch, at):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


def newest(data_request, purpose):
    return data_request.secrets.filter(purpose=purpose).latest("pk")


@pytest.mark.parametrize("name", ["web:new-address", "web:old-address"])
def test_the_page_is_the_same_for_every_reference_and_looking_does_nothing(moving, name):
    pages = [Client().get(reverse(name, args=[each])) for each in (moving.reference, "DSR-2222-2222")]
    texts = [page.content.decode().replace(moving.reference, "DSR-2222-2222") for page in pages]
    assert [page.status_code for page in pages] == [200, 200]
    assert texts[0].partition("csrf")[0] == texts[1].partition("csrf")[0]
    assert AddressChange.objects.get().confirmed_at is None


def test_the_new_mailbox_confirms_by_its_link_and_the_old_one_objects_by_its_code(moving):
    new, old = (reverse(f"web:{each}-address", args=[moving.reference]) for each in ("new", "old"))
    done = Client().post(new, {"token": newest(moving, Purpose.ADDRESS).token, "code": ""})
    assert "est confirmée" in done.content.decode()
    done = Client().post(old, {"code": newest(moving, Purpose.OBJECT).code})
    assert "ne changera pas" in done.content.decode()
    assert AddressChange.objects.get().objected_at


@pytest.mark.parametrize("sent", [{}, {"code": "222-222-222"}, {"token": "x" * 43}, {"code": "\0"}, {"code": "é" * 70}])
@pytest.mark.parametrize("reference", [None, "DSR-2222-2222"])
def test_a_wrong_code_is_answered_alike(moving, sent, reference):
    answer = Client().post(reverse("web:new-address", args=[reference or moving.reference]), sent)
    assert answer.status_code == 400
    assert AddressChange.objects.get().confirmed_at is None
