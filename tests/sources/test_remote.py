"""A table on a second database: its chunks commit apart from the step, and a power cut between loses nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections, models
from django.test import override_settings
from pytest_django import Settings

from dsr.lifecycle import execution, files, running, triage
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, FileToRemove, Status, Step
from dsr.sources.fields import by, kept, not_personal, personal
from dsr.sources.model_source import ModelSource
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB, Clock, let_go
from tests.sources.shelf import ACTIVITY, APPS

Act = Callable[..., DataRequest]


class PowerCut(BaseException):
    """The process ends here: nothing catches it, nothing is given back."""


class Parcel(models.Model):
    """A row of the shop, in the shop's own database."""

    email = models.EmailField(blank=True)
    street = models.CharField(max_length=80, blank=True)
    wants_letters = models.BooleanField(default=True)
    paid_on = models.DateField(null=True)
    label = models.FileField(blank=True, upload_to="labels")

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Parcel {self.pk}"


class Parcels(ModelSource):
    """Paid parcels are vouchers; ``cuts`` says after how many remote commits the power fails, once each.

    ``undone`` are those that the cut comes before.
    """

    name = "parcels"
    label = "Colis"
    description = "Vos colis."
    activity = ACTIVITY
    model = Parcel
    using = "elsewhere"
    remote = True
    marketing = True
    identified_by = (by("email", "email"),)
    dated_by = "paid_on"
    on_objection = {"wants_letters": False}
    fields = {
        "id": not_personal(because="Un numéro."),
        "email": personal("Adresse", concept="email", erased_to="", kept=kept("COMPTA", since="paid_on")),
        "street": personal("Rue", concept="address_line", erased_to=""),
        "wants_letters": personal("Lettres", erased_to=False),
        "paid_on": personal("Payé le", erased_to=None, kept=kept("COMPTA", since="paid_on")),
        "label": personal("Étiquette", erased_to=""),
    }
    cuts: list[int] = []
    undone: list[int] = []
    commits = 0

    @contextmanager
    def apart(self) -> Iterator[None]:
        """The rows are committed; the step does not know yet."""
        Parcels.commits += 1
        number = Parcels.commits
        with super().apart():
            yield
            if number in self.undone:
                raise PowerCut
        if number in self.cuts:
            raise PowerCut


@pytest.fixture
def elsewhere(db: None, tmp_path: Path, settings: Settings) -> Iterator[None]:
    """A second database, with seven parcels of Alice's, two of them paid, among three of Bob's."""
    there = connections.configure_settings(
        {"default": {}, "elsewhere": {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "shop.sqlite3"}}
    )
    connections.settings["elsewhere"] = there["elsewhere"]
    connections["elsewhere"].connect()  # opened by hand: the test's own transactions know of "default" alone
    with connections["elsewhere"].schema_editor() as editor:
        editor.create_model(Parcel)
    settings.MEDIA_ROOT = tmp_path / "media"
    for number in range(10):
        theirs = BOB if number in {0, 4, 9} else ALICE
        paid = date(2026, 3, 1) if number in {2, 7} else None
        label = default_storage.save(f"labels/{number}.pdf", ContentFile(b"%PDF"))
        given = {"email": theirs, "street": f"{number} rue du Port", "paid_on": paid, "label": label}
        Parcel.objects.using("elsewhere").create(**given)
    settings.DSR_SOURCES = [f"{__name__}.Parcels"]
    Parcels.cuts, Parcels.undone, Parcels.commits = [], [], 0
    yield
    connections["elsewhere"].close()
    del connections["elsewhere"]
    del connections.settings["elsewhere"]


@pytest.fixture
def works(clock: Clock) -> Act:
    """A worker, and another one whenever the power failed: the lease of the first runs out before."""

    def work(data_request: DataRequest) -> DataRequest:
        while due := Step.objects.due(clock()).filter(data_request=data_request).first():
            try:
                running.run(due.pk, now=clock)
            except PowerCut:
                assert Step.objects.get(pk=due.pk).status == Status.PENDING
                assert not Step.objects.due(clock()).filter(pk=due.pk).exists()
                clock.forward(hours=1)
        data_request.refresh_from_db()
        return data_request

    return work


def rows_of(address: str) -> list[tuple[Any, ...]]:
    """The rows as they stand."""
    parcels = Parcel.objects.using("elsewhere").filter(email__iexact=address)
    return list(parcels.order_by("pk").values_list("pk", "street", "wants_letters", "paid_on"))


def labels() -> list[str]:
    """The files that stand."""
    return sorted(default_storage.listdir("labels")[1])


def rename(table: str, other: str) -> None:
    """Take a table away from whoever reads it."""
    with connections["elsewhere"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {other}")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("elsewhere")]


@pytest.mark.parametrize("cuts", [[], [1], [3], [5], [1, 2, 3], [2, 4, 6]], ids=str)
@override_settings(DSR_CHUNK_ROWS=2)
def test_an_erasure_survives_a_power_cut_between_the_two_databases(
    asks: Act, proves: Act, works: Act, olive: Staff, simone: Staff, clock: Clock, cuts: list[int]
) -> None:
    theirs = rows_of(BOB)
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=clock()))
    plan = execution.current_plan(data_request)
    assert plan is not None
    assert {name: plan.lines[0][name] for name in ("erased", "rewritten")} == {"erased": 5, "rewritten": 2}
    Parcels.cuts = cuts
    data_request = works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock()))
    assert data_request.state == State.ANSWERED
    assert rows_of(ALICE) == [(3, "", False, date(2026, 3, 1)), (8, "", False, date(2026, 3, 1))]
    assert rows_of(BOB) == theirs
    assert [(each.ground, each.until, each.rows) for each in data_request.kept.all()] == [
        ("COMPTA", date(2036, 12, 31), 2)
    ]
    result = data_request.steps.get(action=Action.ERASE).result
    assert result["erased"] <= 5  # what was done just before the cut is not counted twice
    assert result["rewritten"] <= 2
    assert data_request.notices.filter(letter="erased").count() == 1


@pytest.mark.parametrize("cuts", [[1], [3], [1, 2, 3], [5, 6]], ids=str)
@pytest.mark.parametrize("undone", [[], [2], [1, 4]], ids=str)
@override_settings(DSR_CHUNK_ROWS=2)
def test_no_upload_outlives_its_row_and_none_is_removed_whose_row_still_stands(
    asks: Act, proves: Act, works: Act, olive: Staff, simone: Staff, clock: Clock, cuts: list[int], undone: list[int]
) -> None:
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=clock()))
    plan = execution.current_plan(data_request)
    assert plan is not None
    assert (plan.lines[0]["files"], len(labels())) == (7, 10)
    Parcels.cuts, Parcels.undone = cuts, undone
    works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock()))
    assert labels() == ["0.pdf", "4.pdf", "9.pdf"]
    assert not FileToRemove.objects.exists()


@override_settings(DSR_CHUNK_ROWS=2)
def test_what_was_only_foreseen_is_not_removed(
    asks: Act, proves: Act, works: Act, olive: Staff, simone: Staff, clock: Clock
) -> None:
    step = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=clock())).steps.get()
    for name in ("labels/1.pdf", "labels/gone.pdf"):
        FileToRemove.objects.create(step=step, name=name, doubtful=True)
    files.sweep()
    assert "1.pdf" in labels()
    assert [each.name for each in FileToRemove.objects.all()] == ["labels/1.pdf"]


@override_settings(DSR_CHUNK_ROWS=2)
def test_a_failure_of_the_second_database_is_tried_again(
    asks: Act, proves: Act, works: Act, olive: Staff, simone: Staff, clock: Clock
) -> None:
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=clock()))
    plan = execution.current_plan(data_request)
    assert plan is not None
    execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock())
    rename("sources_parcel", "away")
    assert works(data_request).state == State.EXECUTING
    assert data_request.steps.filter(failure="OperationalError", status=Status.PENDING).exists()
    rename("away", "sources_parcel")
    clock.forward(hours=1)
    assert works(data_request).state == State.ANSWERED
    assert len(rows_of(ALICE)) == 2


@pytest.mark.parametrize("cuts", [[], [1], [2, 3]], ids=str)
@override_settings(DSR_CHUNK_ROWS=2)
def test_an_objection_survives_one(asks: Act, proves: Act, works: Act, cuts: list[int]) -> None:
    theirs = rows_of(BOB)
    Parcels.cuts = cuts
    assert works(proves(asks(Kind.OBJECTION))).state == State.ANSWERED
    assert {wants for _pk, _street, wants, _paid in rows_of(ALICE)} == {False}
    assert rows_of(BOB) == theirs


def test_an_access_reads_the_second_database(asks: Act, proves: Act, works: Act, olive: Staff, clock: Clock) -> None:
    data_request = works(triage.accept(proves(asks(Kind.ACCESS)), by=olive, at=clock()))
    let_go(data_request, at=clock())
    data_request.refresh_from_db()
    assert data_request.state == State.ANSWERED
    assert data_request.steps.get(action=Action.PACK).result["rows"] == 7


def test_the_declaration_of_a_remote_table_passes_the_checks() -> None:
    said = [each for each in run_checks() if __name__ in str(each.obj)]
    assert [each.id for each in said] == ["dsr.W001"]


def test_a_table_elsewhere_that_is_not_declared_remote_fails_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parcels, "remote", False)
    said = [each for each in run_checks() if __name__ in str(each.obj)]
    assert "dsr.E011" in [each.id for each in said]
