"""How often one place may knock, and how it is told to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from dsr.models.request import DataRequest
from dsr.web import limits
from tests.web.conftest import FORM, page, text_of

AT = datetime(2026, 9, 16, 9, 30, tzinfo=UTC)


def from_(address, forwarded=""):
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **more)


@pytest.fixture(autouse=True)
def _rates(settings):
    settings.DSR_WEB_RATES = {"intake": "2/hour", "code": "3/minute", "reference": "1/day"}


def test_knocks_beyond_the_rate_wait_for_the_next_window():
    for _knock in range(3):
        limits.spend(from_("192.0.2.1"), "code", at=AT)
    with pytest.raises(limits.TooMany) as error:
        limits.spend(from_("192.0.2.1"), "code", at=AT + timedelta(seconds=15))
    assert error.value.retry_after == 45
    limits.spend(from_("192.0.2.1"), "code", at=AT + timedelta(minutes=1))


def test_each_place_and_each_reference_is_counted_apart():
    for address in ("192.0.2.1", "192.0.2.2"):
        for reference in ("DSR-7777-7777", "DSR-8888-8888"):
            limits.spend(from_(address), "reference", at=AT, reference=reference)


def test_a_household_of_ipv6_is_one_place():
    assert limits.place(from_("2001:db8:1:2::1")) == limits.place(from_("2001:db8:1:2:ffff::9"))
    assert limits.place(from_("2001:db8:1:2::1")) != limits.place(from_("2001:db8:1:3::1"))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (3, "203.0.113.9", "203.0.113.9"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_trusted_proxies_say_where_a_knock_comes_from(settings, proxies, forwarded, seen):
    settings.DSR_PROXIES = proxies
    assert limits.place(from_("127.0.0.1", forwarded)) == seen


def test_the_cache_never_learns_an_address():
    limits.spend(from_("192.0.2.77"), "intake", at=AT)
    assert "192.0.2.77" not in str(cache._cache)


def test_a_door_without_a_rate_is_open(settings):
    settings.DSR_WEB_RATES = {"intake": None}
    for _knock in range(100):
        limits.spend(from_("192.0.2.1"), "intake", at=AT)


@pytest.mark.django_db
def test_too_many_forms_are_told_to_wait_in_words(alice):
    for nonce in ("a", "b"):
        assert alice.send("/demande/", **{**FORM, "nonce": nonce}).status_code == 302
    response = alice.send("/demande/", **{**FORM, "nonce": "c"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "Rien n’est perdu" in text_of(response)
    assert DataRequest.objects.count() == 2


@pytest.mark.django_db
def test_too_many_codes_are_told_to_wait_whether_the_reference_exists_or_not(alice):
    paths = [page(alice.ask()), "/demande/DSR-7777-7777/"]
    for path in paths:
        cache.clear()
        assert alice.send(path, do="confirm", code="x").status_code == 400
        assert alice.send(path, do="confirm", code="x").status_code == 429
