"""What somebody who owns the database can do to the log, and that each of it is found, in copies."""

import re
import shutil
from datetime import timedelta
from itertools import cycle, islice

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F

from dsr.audit import checkpoints, log, merkle
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from dsr.models.tree import HEIGHT, Checkpoint, Head, Leaf, Node
from tests.audit import many
from tests.audit.conftest import run
from tests.audit.flips import NAMED, Hand

pytestmark = pytest.mark.django_db

ENTRIES = 10_000
ON_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
FLIPS = 100  # of the thousand, those that are no soak; in hundreds, so that they run beside each other


@pytest.fixture
def flippable(unguarded, grows, signs):
    """10,000 entries under three checkpoints, and some that wait; the database checks nothing that it can leave."""
    for number, size in enumerate((4000, 3000, 3000)):
        grows(size, alive=200)
        signs(later=number)
    many.written(20, first=ENTRIES)
    if not ON_SQLITE:
        yield
        return
    run("PRAGMA ignore_check_constraints = on")
    yield
    run("PRAGMA ignore_check_constraints = off")


@pytest.mark.parametrize("hundred", [0, *(pytest.param(each, marks=pytest.mark.soak) for each in range(1, 10))])
def test_each_bit_flipped_at_random_is_found_and_named(flippable, shelf, hundred):
    """Each in a copy: what the transaction changed is taken back, and the file written again."""
    hand, missed = Hand(hundred, shelf), []
    for column in islice(cycle(NAMED), hundred * FLIPS, (hundred + 1) * FLIPS):
        with transaction.atomic():
            flip = hand.flip(column)
            if not flip.is_named_in(list(verify())):
                missed.append(flip)
            transaction.set_rollback(True)
        hand.restore()
    assert missed == []
    assert list(verify()) == []


# What changes the order or the number of entries: by a clumsy hand, and by one that builds the tree anew


@pytest.fixture
def published(unguarded, grows, signs):
    """700 entries under two checkpoints: whoever owns the tables may change them."""
    grows(400)
    signs()
    grows(300)
    signs(later=1)


def moved(first, by):
    """Leaves from a place on, as many places further."""
    for steps in (10**6, by - 10**6):
        Leaf.objects.filter(index__gte=first).update(index=F("index") + steps)
    Head.objects.update(size=F("size") + by)


def removed():
    AuditEntry.objects.filter(leaf__index=300).delete()
    Leaf.objects.filter(index=300).delete()
    moved(301, -1)


def swapped():
    one, other = Leaf.objects.filter(index__in=(300, 301)).order_by("index")
    Leaf.objects.filter(index__in=(300, 301)).delete()
    Leaf.objects.create(index=301, entry_id=one.entry_id, hash=one.hash)
    Leaf.objects.create(index=300, entry_id=other.entry_id, hash=other.hash)


def inserted():
    (row,) = many.rows(1, first=10**6)
    entry = AuditEntry.objects.create(
        **dict(zip(("subject", "n", "event", "at", "actor", "canonical"), row, strict=True))
    )
    moved(300, 1)
    Leaf.objects.create(index=300, entry=entry, hash=merkle.leaf_hash(entry.canonical.encode()))


def renumbered():
    leaf = Leaf.objects.get(index=300)
    leaf.delete()
    moved(301, -1)
    moved(699, 1)
    Leaf.objects.create(index=699, entry_id=leaf.entry_id, hash=leaf.hash)


def cut():
    AuditEntry.objects.filter(leaf__index__gte=600).delete()
    Leaf.objects.filter(index__gte=600).delete()
    Head.objects.update(size=600)


def rewritten():
    leaf = Leaf.objects.get(index=300)
    leaf.entry.actor = "S-ZZZZZZ"
    leaf.entry.canonical = log.canonical_text(leaf.entry, facts=leaf.entry.facts, previous=leaf.entry.previous)
    leaf.entry.save()
    leaf.hash = merkle.leaf_hash(leaf.entry.canonical.encode())
    leaf.save()


ATTACKS = [removed, swapped, inserted, renumbered, cut, rewritten]


def hash_anew():
    """The nodes over the leaves as they are now."""
    frontier, nodes = merkle.Frontier(), []
    for value in Leaf.objects.order_by("index").values_list("hash", flat=True):
        nodes += [
            Node(level=n, index=at, hash=each) for (n, at), each in frontier.append(bytes(value)) if n % HEIGHT == 0
        ]
    Node.objects.all().delete()
    Node.objects.bulk_create(nodes)


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each is not cut])
def test_an_attack_is_found_in_the_tree_itself(published, attack):
    attack()
    assert any(not problem.startswith("checkpoint") for problem in verify())


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_builds_the_tree_anew_is_found_by_the_checkpoints(published, attack):
    attack()
    hash_anew()
    belied = [problem for problem in verify() if problem.startswith("checkpoint ") and "000000000700-" in problem]
    assert len(belied) == 1
    with pytest.raises(checkpoints.Inconsistent):
        checkpoints.publish(at=many.BEGAN + timedelta(days=900))


def test_a_backup_restored_from_before_a_checkpoint_is_found(unguarded, grows, signs):
    grows(400)
    signs()
    with transaction.atomic():
        grows(300)
        signs(later=1)
        transaction.set_rollback(True)
    (problem,) = verify()
    assert re.match(r"checkpoint .*000000000700-.*: 700 entries were published, and the log has 400", problem)
    grows(350, alive=30)
    assert any(problem.endswith("the first 700 entries are not those that were published") for problem in verify())


@pytest.mark.parametrize("attack", ATTACKS)
def test_who_holds_the_key_too_is_found_by_the_checkpoint_that_was_mailed(published, shelf, signs, attack):
    """Whoever signs for the service and owns table and storage says what he likes, but not to who kept a copy."""
    mailed = checkpoints.newest().text
    attack()
    hash_anew()
    Checkpoint.objects.all().delete()
    shutil.rmtree(shelf)
    signs(later=2)
    assert not any(problem.startswith("checkpoint") for problem in verify())
    assert any(problem.startswith("checkpoint given:") for problem in verify(against=mailed))
