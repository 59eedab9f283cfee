"""Logs of any length, their checkpoints, and a database that somebody got hold of."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.models import QuerySet

from dsr.audit import checkpoints, sequencer
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from dsr.models.tree import Checkpoint
from tests.audit import many

Grows = Callable[..., None]


@pytest.fixture
def grows(db: None) -> Grows:
    """``grows(300)`` appends so many entries, each with its place."""

    def grow(count: int, *, alive: int = 40) -> None:
        many.written(count, first=AuditEntry.objects.count(), alive=alive)
        sequencer.run()

    return grow


@pytest.fixture
def signs(db: None, at: datetime) -> Callable[..., Checkpoint]:
    """Publish a checkpoint over what has its place, ``later`` seconds after ``at``."""

    def sign(later: int = 0) -> Checkpoint:
        published = checkpoints.publish(at=at + timedelta(seconds=later))
        assert published is not None
        return published

    return sign


@pytest.fixture
def shelf() -> Path:
    """The folder in which checkpoints are published."""
    return Path(storages["checkpoints"].location)


@pytest.fixture
def damaged(unguarded: None, grows: Grows, signs: Callable[..., Checkpoint]) -> None:
    """A log of 2,100 entries, 1,500 of them published, and three that wait: whoever owns the tables may change it."""
    grows(1500)
    signs()
    grows(600)
    many.written(3, first=2100)


@pytest.fixture
def loose(damaged: None) -> None:
    """The same, whose leaves nothing constrains."""
    loosen("dsr_leaf")


def said(**how: Any) -> list[str]:
    """What is said; never twice the same."""
    found = list(verify(**how))
    assert len(set(found)) == len(found)
    return found


def entry_at(index: int) -> QuerySet[AuditEntry]:
    """The entry at a place of the tree."""
    return AuditEntry.objects.filter(leaf__index=index)


def named(index: int) -> str:
    """How what is said begins about the entry at a place."""
    entry = entry_at(index).get()
    return f"entry {index} ({entry.subject} {entry.n})"


def loosen(table: str) -> None:
    """Take every constraint off a table, as its owner may."""
    for statement in ("CREATE TABLE loose AS SELECT * FROM {}", "DROP TABLE {}", "ALTER TABLE loose RENAME TO {}"):
        run(statement.format(table))


def run(sql: str, *parameters: object) -> None:
    """A statement past the ORM, which would keep us from much."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
