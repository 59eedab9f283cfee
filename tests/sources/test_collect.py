"""The copy: the same bytes from both engines, every row of the reader once, nobody else's name."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.db import models
from django.utils import translation

from dsr.readers.models import Comment, Report, SupportMessage
from dsr.sources.base import Subject
from dsr.sources.registry import source, sources
from tests.sources.readers import ALICE, BOB, account, comment, everywhere, instant, subject
from tests.sources.shelf import Drawer, Drawers, Slot, Slots, SlotsByName

FULL = {
    "text": 'Guillemet " barre \\ / tab\t ligne\r\n \x01\x1f\x7f é Ω 😀 \u2028 ’',
    "colour": "r",
    "whole": -9007199254740993,
    "truth": True,
    "decimal": Decimal("-12.500"),
    "floating": 0.1,
    "day": date(2026, 3, 1),
    "instant": datetime(2026, 3, 1, 12, 0, 0, 1500, tzinfo=UTC),
    "clock": time(23, 59, 59),
    "duration": timedelta(days=-1, microseconds=5),
    "uuid": UUID("0123456789abcdef0123456789ABCDEF"),
    "address": "2001:db8::1",
    "document": {"long": [1, 2.50, None, True, "é\n"], "b": {}, "aa": "\u2028"},
    "binary": b"\x00\xff",
    "keeper": "Rose",
}

FULL_TEXT = (
    '{"id":7,"owner":"alice","text":"Guillemet \\" barre \\\\ / tab\\t ligne\\r\\n \\u0001\\u001f\x7f é Ω 😀 \u2028 ’",'
    '"colour":"r","colour_label":"rouge « vif »","whole":-9007199254740993,"truth":true,"decimal":"-12.500",'
    '"floating":0.1,"day":"2026-03-01","instant":"2026-03-01T12:00:00.001500Z","clock":"23:59:59.000000",'
    '"duration":"-86399.999995","uuid":"01234567-89ab-cdef-0123-456789abcdef","address":"2001:db8::1",'
    '"document":{"b": {}, "aa": "\u2028", "long": [1, 2.5, null, true, "é\\n"]},"binary":"00ff","file":null,'
    '"keeper":"un gardien"}'
)

EMPTY_TEXT = (
    '{"id":8,"owner":"alice","text":"","colour":"","colour_label":null,"whole":null,"truth":null,"decimal":null,'
    '"floating":null,"day":null,"instant":null,"clock":null,"duration":null,"uuid":null,"address":null,'
    '"document":null,"binary":null,"file":null,"keeper":null}'
)


@pytest.mark.django_db
def test_both_engines_write_the_same_bytes() -> None:
    Drawer.objects.create(id=7, owner="alice", **FULL)
    Drawer.objects.create(id=8, owner="alice")
    assert list(Drawers().collect(subject(owner="alice"))) == [FULL_TEXT, EMPTY_TEXT]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.5, "-0.5"),
        (1e15, "1e+15"),
        (123456789012345.0, "123456789012345"),
        (1.5e-7, "1.5e-07"),
        (0.0, "0"),
    ],
)
def test_both_engines_write_the_same_floats(value: float, text: str) -> None:
    Drawer.objects.create(owner="alice", floating=value)
    assert f'"floating":{text},' in next(Drawers().collect(subject(owner="alice")))


@pytest.mark.django_db
def test_each_record_has_the_members_that_the_columns_name() -> None:
    Drawer.objects.create(owner="alice", **FULL)
    record = json.loads(next(Drawers().collect(subject(owner="alice"))))
    assert list(record) == [column.name for column in Drawers().columns()]


@pytest.mark.django_db
def test_codes_are_explained_in_the_language_of_the_reader() -> None:
    comment(author_email=ALICE, status="spam")
    with translation.override("fr"):
        record = json.loads(next(source("comments").collect(subject(email=ALICE))))
        headings = [str(column.label) for column in source("comments").columns()]
    assert (record["status"], record["status_label"]) == ("spam", "indésirable")
    assert "État (en clair)" in headings


@pytest.mark.django_db
def test_rows_come_in_the_order_of_their_key_whatever_ties_them_to_the_reader() -> None:
    own = account(ALICE)
    keys = [comment(author_email=ALICE).pk, comment(account=own).pk, comment(author_email=ALICE).pk]
    records = source("comments").collect(subject(email=ALICE, account=str(own.pk)))
    assert [json.loads(record)["id"] for record in records] == keys


@pytest.mark.django_db
def test_reading_in_small_pages_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsr.sources.selection.pages.__kwdefaults__", {"size": 2})
    keys = [comment(author_email=ALICE).pk for _ in range(5)]
    assert [json.loads(each)["id"] for each in source("comments").collect(subject(email=ALICE))] == keys


@pytest.mark.django_db
def test_every_status_is_in_the_copy() -> None:
    for status in Comment.Status.values:
        comment(author_email=ALICE, status=status)
    records = [json.loads(each) for each in source("comments").collect(subject(email=ALICE))]
    assert {each["status"] for each in records} == set(Comment.Status.values)


@pytest.mark.django_db
class Hiding(models.Manager):
    """What a newspaper puts on its model so that its own pages show published comments alone."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(status="published")


@pytest.mark.django_db
def test_what_the_newspaper_hides_from_its_pages_is_the_readers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for status in ("published", "held", "spam", "trashed"):
        comment(author_email=ALICE, status=status)
    hiding = Hiding()
    hiding.model = Comment
    for name in ("default_manager", "base_manager"):
        monkeypatch.setitem(vars(Comment._meta), name, hiding)
    assert Comment._default_manager.count() == 1
    theirs = source("comments")
    assert theirs.find(subject(email=ALICE)).rows == 4
    copied = {json.loads(text)["status"] for text in theirs.collect(subject(email=ALICE))}
    assert copied == {"published", "held", "spam", "trashed"}
    plan = theirs.plan(subject(email=ALICE), on=date(2026, 11, 23))
    assert plan.erased + plan.rewritten == 4


def test_the_copy_holds_something_of_each_table_and_nothing_of_another_reader(alice: Subject) -> None:
    everywhere(ALICE, "Alice")
    everywhere(BOB, "Bob")
    reader = subject(**{each.kind: each.value for each in alice.identifiers}, account=_account_of(ALICE))
    copy = {each.name: "\n".join(each.collect(reader)) for each in sources()}
    assert all(copy.values())
    assert "bob" not in "".join(copy.values()).lower()


def _account_of(email: str) -> str:
    return next(
        each.value for each in source("accounts").find(subject(email=email)).identifiers if each.kind == "account"
    )


@pytest.mark.django_db
def test_only_ticked_rows_are_copied_and_an_unreadable_key_is_no_row() -> None:
    first, _second = comment(author_email=ALICE), comment(author_email=ALICE)
    theirs = comment(author_email=BOB)
    records = source("comments").collect(subject(email=ALICE), rows=[str(first.pk), str(theirs.pk), "pas une clé"])
    assert [json.loads(record)["id"] for record in records] == [first.pk]


@pytest.mark.django_db
def test_the_reported_reader_does_not_learn_who_reported() -> None:
    Report.objects.create(
        reporter_email=BOB,
        reporter_ip="192.0.2.9",
        comment=comment(author_email=ALICE),
        reason="insult",
        details="Signé Bob.",
        handled_by="M-07",
        created_at=instant("2026-03-02"),
    )
    text = next(source("reports").collect(subject(email=ALICE)))
    record = json.loads(text)
    assert record["reason_label"] == "injure"
    assert record["reporter_email"] == "un autre lecteur"
    assert "ob" not in record["details"]
    assert not any(secret in text for secret in (BOB, "192.0.2.9", "Signé", "M-07"))


@pytest.mark.django_db
def test_a_moderator_is_a_role() -> None:
    Report.objects.create(reporter_email=ALICE, reason="hate", handled_by="M-07", created_at=instant("2026-03-02"))
    record = json.loads(next(source("reports").collect(subject(email=ALICE))))
    assert (record["handled_by"], record["reporter_email"]) == ("un modérateur", ALICE)


@pytest.mark.django_db
def test_an_uploaded_file_is_attached_under_the_name_that_its_record_gives() -> None:
    message = SupportMessage(email=ALICE, created_at=instant("2026-02-01"))
    message.attachment.save("Lettre d’Alice.PDF", ContentFile(b"%PDF"))
    support = source("support_messages")
    record = json.loads(next(support.collect(subject(email=ALICE))))
    attached = list(support.attachments(subject(email=ALICE)))
    assert [each.name for each in attached] == [record["attachment"]]
    assert record["attachment"].startswith(f"files/support_messages/{message.pk}-")
    with attached[0].open() as opened:
        assert opened.read() == b"%PDF"
    message.attachment.delete(save=False)


@pytest.mark.django_db
def test_an_unsafe_file_name_becomes_a_safe_one_in_both_places() -> None:
    drawer = Drawer.objects.create(owner="alice", file="drawers/été à 2\\..\n.pdf")
    record = json.loads(next(Drawers().collect(subject(owner="alice"))))
    assert record["file"] == f"files/drawers/{drawer.pk}-_t____2_.._.pdf"
    assert [each.name for each in Drawers().attachments(subject(owner="alice"))] == [record["file"]]


@pytest.mark.django_db
@pytest.mark.parametrize(("declared", "order"), [(Slots, ["b", "a", "c"]), (SlotsByName, ["a", "b", "c"])])
def test_composite_keys_compare_as_tuples(
    declared: type[Slots], order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsr.sources.selection.pages.__kwdefaults__", {"size": 1})
    for shelf, place in [(1, "b"), (2, "a"), (2, "c")]:
        Slot.objects.create(shelf=shelf, place=place, owner="alice")
    records = [json.loads(each) for each in declared().collect(subject(owner="alice"))]
    assert [each["place"] for each in records] == order
