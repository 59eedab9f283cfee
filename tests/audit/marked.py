"""Words that stand nowhere else, typed into every field of everybody's, and what becomes of them."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from dsr import keys
from dsr.readers.models import Account, Comment

SHORT = 12  # a field for fewer signs holds a code, such as a country's
BORN = date(1931, 7, 13)
TEXTUAL = (models.CharField, models.TextField, models.GenericIPAddressField, models.FileField, models.JSONField)
DIGESTS = ("sha256", "sha1", "md5")


class Marks:
    """Marks by what each was typed as; in which columns they were seen, and which of them were seen at all."""

    def __init__(self) -> None:
        self.typed: dict[str, str] = {}
        self.columns: set[str] = set()
        self.seen: set[str] = set()

    def __call__(self, what: str, length: int = 26) -> str:
        """A new word."""
        return self._kept(f"Zq{secrets.token_hex(12)}"[:length], what)

    def address(self, what: str) -> str:
        """A new mailbox, which is a mark as a whole too."""
        return self._kept(f"{self(what).lower()}@example.org", what)

    def ip(self, what: str) -> str:
        """A new address of the Internet, in the range for documentation."""
        groups = [f"{secrets.randbelow(0xE000) + 0x1000:x}" for _ in range(6)]
        return self._kept(f"2001:db8:{':'.join(groups)}", what)

    def traces(self) -> dict[str, str]:
        """All that a mark might have become, with what it was typed as: its beginning, digests, our tokens."""
        return {trace.lower(): f"{what}: {mark}" for mark, what in self.typed.items() for trace in _forms(mark)}

    def left_in(self, text: str) -> list[str]:
        """What of them stands in a text."""
        lowered = text.lower()
        return [what for trace, what in self.traces().items() if trace in lowered]

    def look(self) -> None:
        """See where they stand now, in every column of the service's tables and the newspaper's."""
        for name, text in _columns():
            if found := {mark for mark in self.typed if mark.lower() in text}:
                self.columns.add(name)
                self.seen |= found

    def unseen(self) -> set[str]:
        """What was typed and stood nowhere."""
        return {self.typed[mark] for mark in self.typed.keys() - self.seen}

    def _kept(self, mark: str, what: str) -> str:
        self.typed[mark] = what
        return mark


def newspaper(marks: Marks, email: str, at: datetime) -> Account:
    """A row of one reader's in every table of the newspaper, all its fields filled in; returns the account."""
    account: Account = filled(Account, marks, at, email=email, email_confirmed_at=at, birth_date=BORN)
    marks.typed[BORN.isoformat()] = "Account.birth_date"
    another = filled(Comment, marks, at)
    filled(Comment, marks, at, author_email=email)
    for model in apps.get_app_config("readers").get_models():
        if model is not Account:
            owner = next(name for name in ("account", "reporter_account") if hasattr(model, name))
            about = {"comment": another} if hasattr(model, "comment") else {}
            filled(model, marks, at, **{owner: account}, **about)
    return account


def filled(model: type[models.Model], marks: Marks, at: datetime, **given: Any) -> Any:
    """A saved row with a mark in whichever field can hold one."""
    row = model(**given)
    for field in model._meta.concrete_fields:
        value = None if field.name in given else _value(field, marks, at)
        if value is not None:
            setattr(row, field.name, value)
    row.save()
    return row


def roomy(app: str, *, signs: int) -> set[str]:
    """The columns of an app in which so many signs may stand; those that offer a choice hold codes."""
    return {
        f"{model.__name__}.{field.attname}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTUAL) and not field.choices and (field.max_length or signs) >= signs
    }


def _value(field: Any, marks: Marks, at: datetime) -> Any:
    what, value = f"{field.model.__name__}.{field.name}", None
    match field:
        case models.EmailField():
            value = marks.address(what)
        case models.GenericIPAddressField():
            value = marks.ip(what)
        case models.FileField():
            value = SimpleUploadedFile(f"{marks('the name of an attachment')}.txt", marks("a file").encode())
        case models.CharField() | models.TextField() if not field.choices and (field.max_length or SHORT) >= SHORT:
            value = marks(what, field.max_length or 100)
        case models.BooleanField():
            value = True
        case models.DateTimeField() if not field.null:
            value = at
        case models.DateField() if not field.null and not isinstance(field, models.DateTimeField):
            value = at.date() - timedelta(days=400)
        case models.DecimalField():
            value = 12
    return value


def _forms(mark: str) -> Iterator[str]:
    yield mark[:SHORT]  # a column of the log may have cut it
    for text in (mark, mark.lower()):
        yield from (hashlib.new(name, text.encode()).hexdigest() for name in DIGESTS)
    yield keys.person_token(mark)
    yield keys.suppression_token(mark)


def _columns() -> Iterator[tuple[str, str]]:
    """Each column by its name, with all that stands in it, in lower case."""
    for app in ("dsr", "readers"):
        for model in apps.get_app_config(app).get_models():
            for name in (field.attname for field in model._meta.concrete_fields):
                values = model._default_manager.values_list(name, flat=True)
                yield f"{model.__name__}.{name}", " ".join(map(str, values)).lower()
