"""Logs of any length, their checkpoints, and a database that somebody got hold of."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection

from dsr.audit import checkpoints, sequencer
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


def run(sql: str, *parameters: object) -> None:
    """A statement past the ORM, which would keep us from much."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
