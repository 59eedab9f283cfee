"""While a snapshot is held sources see one instant, whoever writes meanwhile, and nobody waits for it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connections, transaction

from dsr.readers.models import Comment
from dsr.sources import snapshot
from dsr.sources.registry import source
from tests import postgresql
from tests.sources.readers import ALICE, comment, subject

READER = subject(email=ALICE)


def elsewhere(act):
    """Done and committed on another thread's connection."""

    def run():
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=30)


def texts():
    return list(source("comments").collect(READER))


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_not_seen_and_not_kept_waiting():
    gone = comment(author_email=ALICE)
    with snapshot.of(["default"]):
        before = texts()
        elsewhere(lambda: comment(author_email=ALICE))
        comment(author_email=ALICE)  # on our own connection, as a heartbeat does
        gone.delete()
        assert texts() == before
        assert source("comments").find(READER).rows == 1
    assert len(texts()) == 2


@pytest.mark.django_db(transaction=True)
def test_the_instant_is_that_of_the_beginning():
    with snapshot.of(["default"]):
        elsewhere(lambda: comment(author_email=ALICE))
        assert texts() == []


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_only_reads():
    kept = comment(author_email=ALICE)
    with snapshot.of(["default"]):
        alias = snapshot.reading_alias("default")
        with pytest.raises(DatabaseError), transaction.atomic(using=alias):
            Comment.objects.using(alias).filter(pk=kept.pk).update(content="")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_open():
    def fail():
        with snapshot.of(["default"]):
            opened.append(connections[snapshot.reading_alias("default")])
            raise ZeroDivisionError

    opened = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert opened[0].connection is None
    assert snapshot.reading_alias("default") == "default"


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_in_a_snapshot_is_the_same():
    with snapshot.of(["default"]):
        held = snapshot.reading_alias("default")
        with snapshot.of(["default"]):
            assert snapshot.reading_alias("default") == held
        assert snapshot.reading_alias("default") == held
        assert texts() == []


@pytest.mark.django_db
def test_whoever_is_in_a_transaction_goes_on_in_it():
    comment(author_email=ALICE)
    with snapshot.of(["default"]):
        assert source("comments").connection is connections["default"]
        assert len(texts()) == 1


@pytest.fixture
def lasting(monkeypatch):
    """Connections that are kept for a minute, as in production."""
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 60)
    snapshot.close()  # another test's was made to be closed
    yield
    snapshot.close()


def raw():
    """The connection of one snapshot, as the database's driver has it."""
    with snapshot.of(["default"]):
        return connections[snapshot.reading_alias("default")].connection


@pytest.mark.django_db(transaction=True)
def test_the_next_snapshot_has_the_same_connection_and_an_instant_of_its_own(lasting):
    before = raw()
    comment(author_email=ALICE)
    with snapshot.of(["default"]):
        assert connections[snapshot.reading_alias("default")].connection is before
        assert len(texts()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_that_failed_leaves_nothing_to_the_next(lasting):
    with pytest.raises(DatabaseError), snapshot.of(["default"]):
        connections[snapshot.reading_alias("default")].cursor().execute("SELECT nothing FROM nowhere")
    comment(author_email=ALICE)
    with snapshot.of(["default"]):
        assert len(texts()) == 1


@pytest.mark.django_db(transaction=True)
def test_each_thread_keeps_its_own(lasting):
    before = raw()
    assert elsewhere(lambda: (raw() is before, snapshot.close())) == (False, None)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_snapshot_after_the_server_ended_the_last_one_has_another(lasting):
    with snapshot.of(["default"]):
        kept = connections[snapshot.reading_alias("default")]
    postgresql.end(kept)
    comment(author_email=ALICE)
    with snapshot.of(["default"]):
        assert len(texts()) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_postgresql_reads_a_snapshot_in_the_order_of_its_indexes_and_nothing_else_so():
    with snapshot.of(["default"]), connections[snapshot.reading_alias("default")].cursor() as cursor:
        cursor.execute("SHOW enable_bitmapscan")
        assert cursor.fetchone() == ("off",)
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW enable_bitmapscan")
        assert cursor.fetchone() == ("on",)
