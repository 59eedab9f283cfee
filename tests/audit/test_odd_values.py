"""Columns that hold what nobody wrote: of another type, no text at all, or shifted into each other."""

import json

import pytest
from django.conf import settings

from dsr.models.tree import Leaf, Node
from tests.audit.conftest import entry_at, loosen, named, run, said

pytestmark = pytest.mark.django_db
ON_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")

# SQLite holds no column to its type.
ODD = (
    [
        (column, value)
        for column in ("canonical", "subject", "n", "event", "at", "actor")
        for value in ("17", "1.5", "'text'", "x'00'", "CAST(x'ff' AS TEXT)", "CAST(x'61006200' AS TEXT)", "''", "NULL")
    ]
    if ON_SQLITE
    else [("canonical", "'text'"), ("subject", "''"), ("n", "99"), ("at", "'-infinity'"), ("event", "NULL")]
)


@pytest.mark.parametrize(("column", "value"), ODD)
def test_whatever_a_column_holds_is_named(damaged, column, value):
    loosen("dsr_auditentry")
    pk = Leaf.objects.get(index=700).entry_id
    run(f"UPDATE dsr_auditentry SET {column} = {value} WHERE id = %s", pk)
    assert any(problem.startswith(("entry 700 (", "leaf 700:")) for problem in said())


@pytest.mark.parametrize(
    "value", ["17", "1.5", "'text'", "x'00'", "CAST(x'ff' AS TEXT)", "NULL"] if ON_SQLITE else ["''"]
)
def test_whatever_stands_for_a_hash_is_named(loose, value):
    loosen("dsr_node")
    run(f'UPDATE dsr_node SET hash = {value} WHERE "index" = 3')
    assert said() == ["node 3 of level 8: is not the hash of what stands below it"]
    run(f'UPDATE dsr_leaf SET hash = {value} WHERE "index" = 700')
    assert f"{named(700)}: its text is not what the tree holds" in said()


def test_a_text_with_a_line_break_in_another_column_is_no_other_text(damaged):
    """PostgreSQL hands out columns joined by line breaks."""
    loosen("dsr_auditentry")
    one, other = entry_at(700).get(), entry_at(701).get()
    at = json.loads(one.canonical)["at"][:-1]
    text = "\n".join([one.canonical, one.subject, str(one.n), one.event, at, one.actor, other.canonical])
    run("UPDATE dsr_auditentry SET event = NULL WHERE id = %s", one.pk)
    run("UPDATE dsr_auditentry SET canonical = %s WHERE id = %s", text, other.pk)
    assert len(said()) >= 2


def test_bytes_moved_from_one_hash_to_the_next_are_seen(damaged):
    one, other = (bytes(leaf.hash) for leaf in Leaf.objects.filter(index__in=(700, 701)).order_by("index"))
    Leaf.objects.filter(index=700).update(hash=one[:-1])
    Leaf.objects.filter(index=701).update(hash=one[-1:] + other)
    assert f"{named(700)}: its text is not what the tree holds" in said()


def test_bytes_moved_from_one_node_to_the_next_are_seen(damaged):
    one, other = (bytes(node.hash) for node in Node.objects.filter(index__in=(3, 4)).order_by("index"))
    Node.objects.filter(index=3).update(hash=one[:-1])
    Node.objects.filter(index=4).update(hash=one[-1:] + other)
    assert "node 3 of level 8: is not the hash of what stands below it" in said()
