"""Whom a correction or an erasure is told to: named, told in one way, the same everywhere."""

from dataclasses import replace

import pytest

from dsr.checks import recipients
from dsr.readers.sources import SupportMessages
from dsr.sources.activities import Recipient
from tests.checks.conftest import Declare

BANK = Recipient("assureur", "Banque Exemple SA", email="donnees@banque.example.org")


def said() -> list[str]:
    return [str(each.obj).partition("activity.")[2] for each in recipients.check_recipients(None)]


def given(declare: Declare, *told: object) -> None:
    declare(SupportMessages, activity=replace(SupportMessages.activity, recipients=told))


def test_the_newspapers_own_recipients_are_in_order() -> None:
    assert said() == []


@pytest.mark.parametrize(
    "recipient",
    [
        replace(BANK, code="Banque SA"),
        replace(BANK, name=" "),
        replace(BANK, email=""),
        replace(BANK, by_hand="Ouvrez l’extranet."),
        replace(BANK, email="banque"),
    ],
    ids=["an odd code", "no name", "no way", "two ways", "no address"],
)
def test_a_recipient_is_named_and_told_in_exactly_one_way(declare: Declare, recipient: Recipient) -> None:
    given(declare, recipient)
    assert said() == ["recipients"]


@pytest.mark.parametrize("told", [(), ("Banque Exemple SA",)], ids=["nobody", "a text"])
def test_recipients_are_named_one_by_one(declare: Declare, told: tuple[object, ...]) -> None:
    given(declare, *told)
    assert said() == ["recipients"]


def test_one_code_is_one_recipient_in_every_activity(declare: Declare) -> None:
    given(declare, replace(BANK, code="banque"))
    assert set(said()) == {"recipients"}
