"""Who may come to the API's desk: staff tokens, and sessions with a second factor."""

from datetime import timedelta

import pytest
from knox.models import AuthToken

from tests.api.conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db

QUEUE = "/desk/requests"


def test_a_machine_acts_for_its_member_of_staff(machine, olive):
    assert machine(olive).get(QUEUE).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "a b", "é", "\xff\xfe", "x" * 5000])
def test_another_token_opens_nothing(token, olive):
    refused = Caller(f"Token {token}").get(QUEUE)
    assert_problem(refused, 401)
    assert refused["WWW-Authenticate"] == "Token"


def test_an_expired_token_opens_nothing_and_a_look_does_not_delete_it(olive):
    instance, token = AuthToken.objects.create(olive, expiry=timedelta(seconds=-1))
    assert_problem(Caller(f"Token {token}").get(QUEUE), 401)
    assert AuthToken.objects.filter(pk=instance.pk).exists()


def test_a_token_lasts_thirty_days(olive):
    instance, _token = AuthToken.objects.create(olive)
    assert instance.expiry - instance.created > timedelta(days=29)


def test_staff_who_left_open_nothing(machine, olive):
    caller = machine(olive)
    olive.is_active = False
    olive.save()
    assert_problem(caller.get(QUEUE), 401)


def test_someone_who_is_not_staff_opens_nothing(machine, olive):
    caller = machine(olive)
    olive.is_staff = False
    olive.save()
    assert_problem(caller.get(QUEUE), 403, "denied")


def test_a_session_with_a_second_factor_opens_the_desk(signed_in, olive):
    assert signed_in(olive).get(QUEUE).status_code == 200


def test_a_session_with_a_password_alone_does_not(signed_in, olive):
    refused = signed_in(olive, second_factor=False).get(QUEUE)
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"


def test_the_api_asks_for_the_second_factor_by_itself(signed_in, olive, settings):
    """Even where no middleware does."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "SecondFactor" not in each]
    assert_problem(signed_in(olive, second_factor=False).get(QUEUE), 403, "no-second-factor")


def test_a_session_writes_only_with_its_csrf_token(signed_in, olive, asks, proves):
    data_request, caller = proves(asks()), signed_in(olive)
    path = f"{QUEUE}/{data_request.reference}/accept"
    assert_problem(caller.post(path), 403)
    caller.client.cookies["csrftoken"] = "a" * 32
    assert caller.post(path, **{"X-CSRFToken": "a" * 32}).status_code == 200
