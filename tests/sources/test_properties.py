"""What holds for any newspaper: the copy is whole and no more, a plan is its run, nobody else's row changes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsr.readers import models as readers
from dsr.readers.models import Account, Comment, ModerationNote, Report
from dsr.sources import registry
from dsr.sources.base import Change, Subject
from tests.sources.readers import (
    ALICE,
    BOB,
    TODAY,
    account,
    comment,
    consent,
    erase,
    instant,
    invoice,
    known_by,
    newspaper,
    subscription,
)

pytestmark = pytest.mark.django_db

OWNERS = ("alice", "alice by address", "bob", "bob by address", "bob, with the address of alice")
TABLES = tuple(getattr(readers, name) for name in readers.__all__)

dates = st.dates(date(2012, 1, 1), TODAY)
few = settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@dataclass(frozen=True)
class Written:
    """A comment to be: whose, when, an answer to which one, reported and noted or not."""

    owner: str
    on: date
    answers: int | None
    reporter: str | None
    noted: bool


comments = st.lists(
    st.builds(
        Written,
        owner=st.sampled_from(OWNERS),
        on=dates,
        answers=st.none() | st.integers(0, 7),
        reporter=st.sampled_from([None, "alice", "bob"]),
        noted=st.booleans(),
    ),
    max_size=8,
)
contracts = st.lists(
    st.tuples(dates, st.none() | st.integers(0, 4000), st.sampled_from(["59", "119.99", "120", "150"]), st.booleans()),
    max_size=3,
)
choices = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.sampled_from(["partners", "audience"]), dates), max_size=5
)


@contextmanager
def a_world() -> Iterator[None]:
    """Undo one example before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make(written: list[Written], contracts: list[Any] = (), choices: list[Any] = ()) -> Subject:  # type: ignore[assignment]
    """Write that newspaper; returns Alice, proven by her mailbox."""
    accounts = {"alice": account(ALICE, family_name="alice", pen_name="alice"), "bob": account(BOB)}
    rows = [_comment(each, accounts) for each in written]
    for row, each in zip(rows, written, strict=True):
        if each.answers is not None and rows:
            Comment.objects.filter(pk=row.pk).update(parent=rows[each.answers % len(rows)])
        if each.noted:
            ModerationNote.objects.create(
                comment=row, moderator="M-07", text=f"De {each.owner}.", created_at=instant("2026-01-01")
            )
        if each.reporter:
            reporter = {"reporter_account": accounts[each.reporter], "details": each.reporter}
            Report.objects.create(comment=row, reason="hate", created_at=instant("2026-01-01"), **reporter)
    for started, days, amount, billed in contracts:
        ended = started + timedelta(days) if days is not None else None
        contract = subscription(accounts["alice"], started_on=started, ended_on=ended, amount=Decimal(amount))
        if billed:
            invoice(accounts["alice"], subscription=contract, issued_on=started, billing_name="alice")
    for given_, bare, purpose, on in sorted(choices, key=lambda choice: choice[3]):
        consent(
            account=None if bare else accounts["alice"], email=ALICE, given=given_, purpose=purpose, when=on.isoformat()
        )
    return registry.expand(known_by(email=ALICE))


def _comment(each: Written, accounts: dict[str, Account]) -> Comment:
    name, _sep, _address = each.owner.partition(" by address")
    bare = each.owner.endswith("by address")
    email = ALICE if "alice" in each.owner else BOB
    owner = None if bare else accounts[name.partition(",")[0]]
    return comment(
        each.on.isoformat(), account=owner, author_email=email, author_name=each.owner, author_ip="192.0.2.7"
    )


def dump() -> dict[tuple[str, int], dict[str, Any]]:
    """Every row of the newspaper."""
    return {(table.__name__, row["id"]): row for table in TABLES for row in table._base_manager.values()}


def alices(found: dict[tuple[str, int], dict[str, Any]], alice: Account) -> set[tuple[str, int]]:
    """The rows that are hers, said in another way than the declarations do."""
    hers = set()
    for (table, pk), row in found.items():
        owner = row.get("reporter_account_id") if table == "Report" else row.get("account_id")
        address = row.get("author_email") or row.get("reporter_email") or row.get("email") or ""
        if table == "ModerationNote" and owner is None:
            written_by = found["Comment", row["comment_id"]]
            owner, address = written_by["account_id"], written_by["author_email"]
        if (table, pk) == ("Account", alice.pk) or owner == alice.pk or (owner is None and address.lower() == ALICE):
            hers.add((table, pk))
    return hers


@few
@given(written=comments, contracts=contracts, choices=choices)
def test_the_copy_holds_all_of_a_readers_rows_and_none_of_anothers(written: Any, contracts: Any, choices: Any) -> None:
    with a_world():
        alice = make(written, contracts, choices)
        found = dump()
        hers = alices(found, Account.objects.get(email=ALICE))
        for source in newspaper():
            table = source.model.__name__
            expected = {pk for name, pk in hers if name == table}
            if table == "Report":
                about = {pk for name, pk in hers if name == "Comment"}
                expected |= {pk for (name, pk), row in found.items() if name == "Report" and row["comment_id"] in about}
            assert len(list(source.collect(alice))) == source.find(alice).rows == len(expected)
            if "id" in source.exported:
                assert {json.loads(text)["id"] for text in source.collect(alice)} == expected


@few
@given(written=comments, contracts=contracts, choices=choices, limit=st.integers(1, 9), keep=st.booleans())
def test_a_plan_is_its_run_and_leaves_everybody_else_alone(
    written: Any, contracts: Any, choices: Any, limit: int, keep: bool
) -> None:
    with a_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DSR_HOSTING_GROUNDS", "keep" if keep else "drop")
        alice = make(written, contracts, choices)
        before, hers = dump(), alices(dump(), Account.objects.get(email=ALICE))
        plans = {source: source.plan(alice, on=TODAY) for source in newspaper()}
        for source, plan in plans.items():
            done = erase(source, alice, on=TODAY, limit=limit)
            assert (done.erased, done.rewritten) == (plan.erased, plan.rewritten), source.name
        for source, plan in plans.items():
            after = source.plan(alice, on=TODAY)
            assert (after.erased, after.rewritten, after.kept) == (0, 0, plan.kept), source.name
        left = dump()
        assert {key: row for key, row in before.items() if key not in hers} == {
            key: row for key, row in left.items() if key not in hers
        }
        assert_nothing_left(left, {key: left[key] for key in hers & set(left)}, plans)


def assert_nothing_left(left: Any, hers: Any, plans: Any) -> None:
    """Nothing of Alice stands in what is left of her rows, but in fields that a ground keeps."""
    for source, plan in plans.items():
        keepable = {name for name, each in source.fields.items() if each.kept} if plan.kept else set()
        for (table, _pk), row in hers.items():
            if table == source.model.__name__:
                said = {name for name, value in row.items() if "alice" in str(value) or value == "192.0.2.7"}
                assert said <= keepable, (table, said)


@few
@given(written=comments, choices=choices, limit=st.integers(1, 9))
def test_a_correction_reaches_every_row_and_a_second_one_changes_nothing(
    written: Any, choices: Any, limit: int
) -> None:
    with a_world():
        alice = make(written, choices=choices)
        before, hers = dump(), alices(dump(), Account.objects.get(email=ALICE))
        changes = [Change("email", ALICE, "new@example.org"), Change("pen_name", "alice by address", "Alix")]
        first = {source.name: _rectify(source, alice, changes, limit) for source in registry.sources()}
        second = {source.name: _rectify(source, alice, changes, limit) for source in registry.sources()}
        assert set(second.values()) == {0}
        left = dump()
        standing = {str(value) for key in hers for value in left[key].values()}
        assert not {ALICE, "alice by address"} & standing
        assert sum(first.values()) > 0
        assert all(left[key] == row for key, row in before.items() if key not in hers)


def _rectify(source: Any, reader: Subject, changes: list[Change], limit: int) -> int:
    cursor: Any = {}
    changed = 0
    while cursor is not None:
        chunk = source.rectify(reader, changes=changes, limit=limit, cursor=cursor)
        cursor, changed = chunk.cursor, changed + chunk.changed
    return changed
