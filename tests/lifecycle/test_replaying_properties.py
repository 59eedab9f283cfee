"""Whatever happened before and after the last backup, each erasure since holds again, and no other row changes."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dsr.lifecycle import comparing, remembering, replaying, restoring
from dsr.readers.models import Account
from dsr.sources import registry
from dsr.sources.base import Identifier
from dsr.states import Kind
from tests import backup
from tests.sources.readers import account, comment, erase, invoice

PEOPLE = ("alice@example.org", "Bob@example.org", "CHLOE@EXAMPLE.ORG")

deeds = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["erase", "write", "buy"])), max_size=5)


class World:
    """A newspaper in which each deed takes a day; ``saved`` is its last backup."""

    def __init__(self, asks, at: datetime) -> None:
        self.asks, self.at = asks, at
        self.saved = backup.dump(backup.tables())

    def do(self, deeds) -> list[str]:
        """Do them, and return the addresses of the erased."""
        for email, deed in deeds:
            self.at += timedelta(days=1)
            getattr(self, deed)(email)
        return [email for email, deed in deeds if deed == "erase"]

    def back_up(self) -> None:
        self.saved = backup.dump(backup.tables())

    def write(self, email: str) -> None:
        """A comment under nothing but an address, and one under the account."""
        comment(self.at.isoformat()[:16], author_email=email)
        comment(self.at.isoformat()[:16], account=self.account(email))

    def buy(self, email: str) -> None:
        invoice(self.account(email), issued_on=self.at.date())

    def account(self, email: str) -> Account:
        return Account.objects.filter(email=email).first() or account(email, created_at=self.at)

    def erase(self, email: str) -> None:
        """As the lifecycle does: the ledger first, then row after row, then the ledger again."""
        data_request = self.asks(Kind.ERASURE, email=email, at=self.at)
        subject = registry.expand(frozenset({Identifier("email", email.lower())}))
        remembering.intend(data_request, subject, at=self.at)
        wipe(email, self.at)
        remembering.complete(data_request, subject, at=self.at)


def wipe(email: str, at: datetime) -> None:
    subject = registry.expand(frozenset({Identifier("email", email.lower())}))
    for source in registry.sources():
        erase(source, subject, on=at.date())


def readers() -> backup.Rows:
    return backup.dump(backup.tables("readers"))


@pytest.mark.django_db
@given(before=deeds, since=deeds)
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_replaying_erases_exactly_those_erased_since(asks, at, fresh_ledger, before, since) -> None:
    fresh_ledger()
    with transaction.atomic():
        world = World(asks, at)
        world.do(before)
        world.back_up()
        erased = world.do(since)
        backup.restore(world.saved)
        for email in erased:
            wipe(email, world.at)
        expected = readers()
        backup.restore(world.saved)
        assert restoring.look(at=world.at) == bool(erased)
        replaying.replay(at=world.at)
        assert readers() == expected
        assert comparing.compare(at=world.at + timedelta(days=1)) == 0
        transaction.set_rollback(True)
