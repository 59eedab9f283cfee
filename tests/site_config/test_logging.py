"""What a log line holds."""

from site_config.logging import without_personal_data


def test_the_visitor_is_dropped_from_a_log_line():
    line = {"event": "request_started", "ip": "192.0.2.1", "user_agent": "curl", "user_id": "S-7K4M2Q"}
    assert without_personal_data(None, "info", line) == {"event": "request_started", "user_id": "S-7K4M2Q"}


def test_the_key_of_a_new_password_is_not_logged():
    line = {"request": "GET /accounts/password/reset/key/1-c3x-secret/"}
    assert without_personal_data(None, "info", line) == {"request": "GET /accounts/password/reset/key/…/"}
