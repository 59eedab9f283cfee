"""Signing in at the desk: no sign-up, no way round the second factor."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from dsr.admin.sign_in import SecondFactorAdapter
from tests.admin.conftest import BROWSER

pytestmark = pytest.mark.django_db

DESK = "/admin/"
PASSWORD = "{}-has-a-long-password"


@pytest.fixture
def visitor():
    return Client(headers=BROWSER)


def sign_in(client, person):
    credentials = {"login": person.username, "password": PASSWORD.format(person.username)}
    return client.post(reverse("account_login"), credentials)


def test_the_desk_sends_a_stranger_to_sign_in(visitor):
    response = visitor.get(DESK, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=%2Fadmin%2F" in response.redirect_chain[-1][0]


def test_nobody_signs_up(visitor):
    response = visitor.post(
        reverse("account_signup"), {"username": "eve", "password1": "a-very-long-one", "password2": "a-very-long-one"}
    )
    assert "account/signup_closed.html" in [template.name for template in response.templates]


def test_a_password_and_a_code_open_the_desk(visitor, olive, totp_code):
    code = totp_code(olive)
    assert sign_in(visitor, olive).url == reverse("mfa_authenticate")
    assert visitor.get(DESK).status_code == 302
    visitor.post(reverse("mfa_authenticate"), {"code": code})
    assert visitor.get(DESK).status_code == 200


def test_a_wrong_code_opens_nothing(visitor, olive, totp_code):
    totp_code(olive)
    sign_in(visitor, olive)
    assert visitor.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert visitor.get(DESK).status_code == 302


def test_without_a_second_factor_every_page_leads_to_setting_one_up(visitor, olive):
    sign_in(visitor, olive)
    for page in (DESK, reverse("admin:dsr_datarequest_changelist"), reverse("admin:dsr_datarequest_add")):
        assert visitor.get(page).url == reverse("mfa_index")
    assert visitor.get(reverse("mfa_index")).status_code == 200


def test_a_session_older_than_the_second_factor_proves_it_first(visitor, olive, totp_code):
    sign_in(visitor, olive)
    code = totp_code(olive)
    assert visitor.get(DESK).url == reverse("mfa_reauthenticate") + "?next=%2Fadmin%2F"
    visitor.post(reverse("mfa_reauthenticate"), {"code": code, "next": DESK})
    assert visitor.get(DESK).status_code == 200


def test_a_session_older_than_the_second_factor_cannot_take_it_off(visitor, olive, totp_code):
    sign_in(visitor, olive)
    totp_code(olive)
    response = visitor.post(reverse("mfa_deactivate_totp"))
    assert response.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.filter(user=olive).exists()


def typed_code(client):
    secret = client.session["mfa.totp.secret"]
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_setting_a_second_factor_up_proves_it(visitor, olive, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    sign_in(visitor, olive)
    visitor.post(reverse("account_reauthenticate"), {"password": PASSWORD.format("olive")})
    visitor.get(reverse("mfa_activate_totp"))
    visitor.post(reverse("mfa_activate_totp"), {"code": typed_code(visitor)})
    assert visitor.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert visitor.get(DESK).status_code == 200


@pytest.mark.parametrize("password", ["", PASSWORD.format("olive")])
def test_failing_to_set_one_up_proves_nothing(password, visitor, olive):
    sign_in(visitor, olive)
    visitor.post(reverse("account_reauthenticate"), {"password": password})
    visitor.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert visitor.get(DESK).url == reverse("mfa_index")


def test_the_readers_pages_ask_no_second_factor(visitor, olive):
    sign_in(visitor, olive)
    assert visitor.get("/").status_code == 200


def test_somebody_who_is_not_staff_is_refused(desk, olive):
    olive.is_staff = False
    olive.save()
    assert desk(olive).get(DESK, follow=True).status_code == 403


def test_many_wrong_passwords_are_stopped(visitor, olive):
    for _attempt in range(6):
        response = visitor.post(reverse("account_login"), {"login": "olive", "password": "wrong"})
    assert sign_in(visitor, olive).status_code != 302
    assert response.status_code in {200, 429}


def test_a_forgotten_password_writes_to_nobody_who_is_not_staff(visitor, olive, mailoutbox):
    olive.email = "olive@example.org"
    olive.save()
    for address in ("stranger@example.org", olive.email):
        visitor.post(reverse("account_reset_password"), {"email": address})
    assert [letter.to for letter in mailoutbox] == [[olive.email]]


def test_the_secret_of_a_second_factor_is_stored_encrypted(olive, totp_code):
    totp_code(olive)
    stored = Authenticator.objects.get(user=olive, type=Authenticator.Type.TOTP).data["secret"]
    assert SecondFactorAdapter().decrypt(stored) not in stored


@given(st.text())
def test_what_is_encrypted_comes_back(text):
    adapter = SecondFactorAdapter()
    sealed = adapter.encrypt(text)
    assert adapter.decrypt(sealed) == text
    assert sealed != adapter.encrypt(text)


@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "account_change_password"])
def test_no_browser_keeps_a_page_of_an_account(desk, olive, name):
    assert "no-store" in desk(olive).get(reverse(name)).headers.get("Cache-Control", "")


@pytest.mark.parametrize("name", ["account_login", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn"])
def test_the_pages_of_sign_in_are_drawn_here(desk, olive, visitor, name):
    page = (visitor if name == "account_login" else desk(olive)).get(reverse(name), follow=True)
    assert page.status_code == 200
    assert "allauth/layouts/base.html" in [template.name for template in page.templates]
    assert "dsr/desk/sign_in.css" in page.content.decode()
