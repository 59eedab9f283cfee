"""What was typed in past requests, by the reader and by staff, may be about others: it is screened like any text."""

import io
import json
import re
import zipfile
from itertools import count

import pytest
from django.db.models import CharField, EmailField, Field, TextField

from dsr.lifecycle import delivery, persons, screening
from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.identity import Question
from dsr.models.notice import Notice
from dsr.models.passage import Decision
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.models.statement import Statement
from dsr.models.step import Action, Status
from dsr.sources import base, past_columns
from dsr.sources.past_requests import PastRequests
from dsr.states import Kind, State
from tests.conftest import ALICE
from tests.sources.readers import asked, subject

pytestmark = pytest.mark.django_db

MASK = "[masqué : adresse d’une autre personne]"
OURS = {  # columns that nobody types in, or that the copy does not show
    DataRequest: {"reference", "scope_digest", "person", "extension_ground", "refusal_ground"},
    Correction: {"concept", "ground"},
    AddressChange: {"person"},
    RecipientNotice: {"recipient", "how", "explanation", "settled_by"},
    Notice: {"letter", "html", "message_id", "failure"},
    Question: set(),
}


@pytest.fixture(autouse=True)
def sources(settings):
    """The reader's requests and statements, and nothing else."""
    settings.DSR_SOURCES = ["dsr.sources.past_requests.PastRequests", "dsr.sources.statements.Statements"]


def past(**fields) -> DataRequest:
    return asked(ALICE, when="2026-03-01", kind=Kind.RECTIFICATION, **fields)


def typed(model: type) -> list[Field]:
    columns = [each for each in model._meta.concrete_fields if isinstance(each, CharField | TextField)]
    return [each for each in columns if not each.choices and each.name not in OURS[model]]


def planted(model: type, numbers: count, **known):
    """A row with another person's address in each column that somebody types in; returns it, not saved."""
    written = {each.name: f"quidam{next(numbers)}@example.net" for each in typed(model)}
    for each in typed(model):
        if not isinstance(each, EmailField) and each.name != "about_article":
            written[each.name] = f"Voir avec « {written[each.name]} », =1+1"
    return model(**known, **written)


@pytest.fixture
def everywhere(olive, at):
    """A past request of Alice's with other people in every column; returns how many."""
    numbers = count()
    closed = {"state": State.ANSWERED, "closed_at": at, "decided_at": at}
    mine = past(**closed)
    entry = planted(DataRequest, numbers)
    DataRequest.objects.filter(pk=mine.pk).update(
        **{each.name: getattr(entry, each.name) for each in typed(DataRequest)}
    )
    planted(Question, numbers, data_request=mine, about="precision", asked_at=at, answered_at=at, asked_by=olive).save()
    for concept in ("family_name", "phone"):
        planted(Correction, numbers, data_request=mine, concept=concept).save()
    planted(AddressChange, numbers, data_request=mine, person="x", asked_at=at).save()
    settled = {"told_on": at.date(), "settled_at": at}
    planted(RecipientNotice, numbers, data_request=mine, recipient="banque", created_at=at, **settled).save()
    for number in range(2):
        planted(Notice, numbers, data_request=mine, letter="refusal", message_id=f"<{number}@x>", created_at=at).save()
    Statement.objects.create(
        reference=mine.reference, email=ALICE, text=f"Avec quidam{next(numbers)}@example.net", recorded_at=at
    )
    return next(numbers)


def files_of(data_request) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(data_request.packages.get()))))
    return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def test_others_in_every_column_are_listed_and_once_masked_stand_nowhere(everywhere, copied, works, olive, at):
    data_request = copied()
    assert data_request.steps.get(action=Action.SCREEN).status == Status.WAITING
    assert data_request.passages.count() == everywhere == 27
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    files = files_of(works(data_request, unread=True))
    assert [name for name, text in files.items() if "quidam" in text] == []
    for form in ("data/past_requests.json", "data/past_requests.csv", "index.html"):
        assert files[form].count(MASK) >= everywhere - 1, form
    assert MASK in files["data/statements.json"]
    masked = [each for each in json.loads(files["manifest.json"])["omissions"] if "15.4" in each["reason"]]
    assert sum(int(re.search(r"(\d+) passage", each["what"])[1]) for each in masked) == everywhere


def test_an_omission_names_the_column_in_words(copied, works, olive, at):
    mine = past()
    Correction.objects.create(data_request=mine, concept="family_name", explanation="Demandez à bob@example.org")
    data_request = copied()
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    files = files_of(works(data_request, unread=True))
    omissions = [each["what"] for each in json.loads(files["manifest.json"])["omissions"]]
    assert f"Corrections souhaitées, Explication, ligne {mine.reference}\u00a0: 1 passage" in omissions
    [first, _running] = json.loads(files["data/past_requests.json"])
    assert first["corrections"][0]["explanation"] == f"Demandez à {MASK}"


def test_what_is_left_for_a_reason_is_in_the_copy(copied, works, olive, at):
    past(message="Mon fils : bob@example.org")
    data_request = copied()
    persons.decide(data_request, decisions={data_request.passages.get().pk: Decision.KNOWN}, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    assert "bob@example.org" in files_of(works(data_request, unread=True))["data/past_requests.json"]


def test_the_readers_own_and_the_newspapers_are_not_listed(copied):
    past(message="Écrivez à alice@example.org, ou demandez à dpo@example.org")
    assert not copied().passages.exists()


def test_the_request_that_asks_for_the_copy_is_read_too(copied):
    passage = copied(message="Appelez mon fils, 07 55 66 77 88.").passages.get()
    assert (passage.source, passage.field, screening.excerpt(passage)[1]) == (
        "past_requests",
        "message",
        "07 55 66 77 88",
    )


def test_another_readers_words_are_not_read(copied):
    asked("bob@example.org", message="carol@example.org")
    assert not copied().passages.exists()


def test_what_staff_mark_there_is_masked(copied, works, olive, at):
    mine = past()
    Question.objects.create(
        data_request=mine, about="precision", reason="Qui ?", answer="Durand", asked_at=at, asked_by=olive
    )
    data_request = copied(message="bob@example.org")
    persons.mark(data_request, source="past_requests", text="Durand", row=mine.reference, by=olive, at=at)
    works(data_request, unread=True)
    assert sorted(data_request.passages.values_list("field", "decision")) == [
        ("message", ""),
        ("questions.0.answer", "mask"),
    ]


def test_the_copy_shows_each_text_where_it_was_read(everywhere):
    """A path leads to the same text in the row of the copy, and each column has a heading."""
    source, reader = PastRequests(), subject(email=ALICE)
    rows = {row["reference"]: row for row in map(json.loads, source.collect(reader))}
    texts = list(source.free_texts(reader))
    for each in texts:
        found = rows[each.row]
        for step in each.field.split("."):
            found = found[int(step) if step.isdecimal() else step]
        assert found == each.text
    assert {base.column_of(each.field) for each in texts} == set(source.free_text) == set(past_columns.WRITTEN)


def test_reading_them_costs_the_same_for_any_number(django_assert_num_queries):
    for number in range(4):
        asked(ALICE, when=f"2026-0{number + 1}-01", kind=Kind.ACCESS, state=State.REVIEW, scope={"x": [str(number)]})
    with django_assert_num_queries(8):
        list(PastRequests().free_texts(subject(email=ALICE)))
