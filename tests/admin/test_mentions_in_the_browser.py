"""The page of the mentions in Chromium: accessible, whole on a telephone, usable without scripts."""

import pytest

from dsr.models.verification import Fate
from tests.admin.test_mentions import page, quoted  # noqa: F401 - a fixture
from tests.browser import overflow, problems
from tests.lifecycle.conftest import works  # noqa: F401 - a fixture
from tests.lifecycle.test_verification import approved, newspaper  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_is_accessible_whole_on_a_telephone_and_decides(seated, olive, quoted):  # noqa: F811
    for options in ({}, {"dark": True}, {"width": 320}):
        window = seated(olive, **options)
        window.goto(page(quoted))
        window.wait_for_load_state("networkidle")
        assert problems(window) == "", options
        assert overflow(window) <= 0, options
    window.get_by_label("Toutes, les 3").check()
    window.get_by_label("Raison de les laisser").select_option("expression")
    window.get_by_role("button", name="Laisser", exact=True).click()
    window.wait_for_load_state("networkidle")
    assert set(quoted.mentions.values_list("decision", flat=True)) == {Fate.LEFT}
