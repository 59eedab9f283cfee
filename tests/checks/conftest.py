"""A declaration changed for one test, a table installed for one test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from pytest_django import Settings

from dsr.readers.models.record import Record
from dsr.sources.base import Source
from tests.checks import shelf

Declare = Callable[..., None]
MakeTable = Callable[..., type[models.Model]]


@pytest.fixture
def declare(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Replace one of the newspaper's sources by a class ``Broken`` that differs from it."""

    def change(base: type[Source], **attributes: Any) -> None:
        monkeypatch.setattr(shelf, "Broken", type("Broken", (base,), attributes), raising=False)
        old = f"{base.__module__.rpartition('.')[0]}.{base.__name__}"
        settings.DSR_SOURCES = ["tests.checks.shelf.Broken" if path == old else path for path in settings.DSR_SOURCES]
        assert "tests.checks.shelf.Broken" in settings.DSR_SOURCES

    return change


@pytest.fixture
def table() -> Iterator[MakeTable]:
    """Install a model for the length of a test; nothing asks the database about it."""
    made: list[str] = []

    def make(base: type[models.Model] = Record, **fields: Any) -> type[models.Model]:
        meta = type("Meta", (), {"app_label": "readers"})
        model = type(f"Passing{len(made)}", (base,), {"__module__": __name__, "Meta": meta, **fields})
        made.append(model._meta.model_name)
        return model

    yield make
    for name in [each for each in apps.all_models["readers"] if each.startswith("passing")]:
        del apps.all_models["readers"][name]
    apps.clear_cache()
