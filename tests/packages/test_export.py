"""The export holds all of a reader's rows and none of another's, in one instant, in JSON and CSV alike."""

import csv
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.packages import archive, records
from dsr.readers.models import Account, ArticleRead, Comment, NewsletterSubscription, Report, SupportMessage
from dsr.sources import reading, registry, snapshot
from tests.packages.library import contents, packed
from tests.sources.readers import ALICE, BOB, comment, instant, subject

READER = subject(email=ALICE)
MANY = 40


@pytest.fixture
def _small_pages(monkeypatch):
    """Nothing is remembered, and two rows fill a page: all that is read of many rows is read of few."""
    monkeypatch.setattr(records, "REMEMBERED_BYTES", 0)
    monkeypatch.setattr(reading, "FIRST_PAGE", 2)
    monkeypatch.setattr(reading, "PAGE", 3)


def forms(package, name):
    """The rows of a source as JSON has them, and as CSV has them."""
    table = csv.DictReader(io.StringIO(package.read(f"data/{name}.csv").decode("utf-8-sig"), newline=""))
    return json.loads(package.read(f"data/{name}.json")), list(table)


def data_of(asked, heartbeat=lambda _rows: None):
    """The JSON and the CSV of what was asked, without the pages and the letter."""
    members = archive.Packing(asked, heartbeat).data()
    return zipfile.ZipFile(io.BytesIO(b"".join(archive.zipped(members))))


WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=20)
ROW = st.tuples(st.sampled_from(["own", "bare", "read", "letter", "list", "report"]), WORDS)


def write(email, name, rows):
    """The rows of one reader, each marked with the reader's name; returns the marks by source."""
    account = Account.objects.create(
        email=email, email_confirmed_at=instant("2020-01-02"), created_at=instant("2020-01-01")
    )
    marks = {}
    for number, (kind, words) in enumerate(rows):
        mark = f"{name}-{number}."
        when = {"created_at": instant("2026-02-01")}
        match kind:
            case "own":
                comment(account=account, content=words + mark)
            case "bare":
                comment(author_email=email.upper(), content=words + mark)
            case "read":
                ArticleRead.objects.create(account=account, article_url=words + mark, read_at=instant("2026-01-01"))
            case "letter":
                SupportMessage.objects.create(email=email, body=words + mark, **when)
            case "list":
                NewsletterSubscription.objects.create(
                    email=email, list_name=words + mark, subscribed_at=instant("2024-01-01")
                )
            case "report":
                Report.objects.create(reporter_account=account, reason="hate", details=words + mark, **when)
        marks.setdefault(SOURCES[kind], set()).add(mark)
    return marks


SOURCES = {
    "own": "comments",
    "bare": "comments",
    "read": "articles_read",
    "letter": "support_messages",
    "list": "newsletter_subscriptions",
    "report": "reports",
}


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_pages")
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=12), st.lists(ROW, max_size=12))
def test_all_of_a_readers_rows_and_none_of_anothers(hers, his):
    with transaction.atomic():
        alices, _bobs = write(ALICE, "alicemark", hers), write(BOB, "bobmark", his)
        reader = registry.expand(subject(email=ALICE).identifiers)
        package = data_of(contents(*registry.sources(), subject=reader))
        transaction.set_rollback(True)
    told = {name: package.read(name).decode(errors="replace") for name in package.namelist()}
    assert not [name for name, text in told.items() if "bobmark" in text]
    for source, marks in alices.items():
        for form in forms(package, source):
            held = [json.dumps(row, ensure_ascii=False) for row in form]
            assert len(held) == len(marks)
            assert all(sum(mark in row for row in held) == 1 for mark in marks)


def elsewhere(act):
    """Done and committed on another thread's connection."""

    def run():
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(timeout=30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_pages")
def test_what_changes_while_it_is_packed_is_in_every_form_or_in_none(monkeypatch):
    monkeypatch.setattr(archive, "HEARTBEAT_SECONDS", 0)
    keys = [comment(author_email=ALICE, content=f"n° {number}").pk for number in range(MANY)]
    beats = []

    def meddle(rows):
        """Somebody writes and deletes, and we write on our own connection, as a lease is renewed."""
        beats.append(rows)
        if len(beats) % 10 == 1:
            elsewhere(lambda: comment(author_email=ALICE))
            Comment.objects.filter(pk=keys[len(beats) // 10]).delete()
            Comment.objects.filter(pk=keys[-1]).update(content=f"battement {len(beats)}")

    asked = contents(registry.source("comments"), subject=READER)
    with snapshot.of(["default"]):
        package = data_of(asked, heartbeat=meddle)
    in_json, in_csv = forms(package, "comments")
    assert len(beats) > 10
    assert [row["content"] for row in in_json] == [f"n° {number}" for number in range(MANY)]
    assert [(str(row["id"]), row["content"]) for row in in_json] == [(row["id"], row["content"]) for row in in_csv]
    assert "battement" not in "".join(package.read(name).decode(errors="ignore") for name in package.namelist())
    assert Comment.objects.filter(content__startswith="battement").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("remembered", [0, 256 * 1024])
def test_rows_that_are_rewritten_are_changed_in_every_form_and_no_other_is(monkeypatch, remembered):
    monkeypatch.setattr(records, "REMEMBERED_BYTES", remembered)
    first, second = (comment(author_email=ALICE, content="Appelez le 01 23 45 67 89.") for _ in "ab")

    def masked(line):
        return line.replace("01 23 45 67 89", "[masqué]")

    source = registry.source("comments")
    package = packed(source, subject=READER, rewritten={"comments": {str(second.pk): masked}})
    for form in forms(package, "comments"):
        shown = {str(row["id"]): row["content"] for row in form}
        assert shown == {str(first.pk): "Appelez le 01 23 45 67 89.", str(second.pk): "Appelez le [masqué]."}
    assert package.read("index.html").decode().count("01 23 45 67 89") == 1
