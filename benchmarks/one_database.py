"""The measures of one database, the one in the environment: tables made for the purpose, measured, removed."""

import importlib
import json
import pkgutil
import sys
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.test.utils import setup_databases, teardown_databases

from benchmarks import figures

if TYPE_CHECKING:
    from dsr.models.staff import Staff

Figures = dict[str, float]


def officer() -> "Staff":
    """Olive, who may decide."""
    return _staff("olive", "officers")


def approver() -> "Staff":
    """Simone, the second officer."""
    return _staff("simone", "officers", "approvers")


def _staff(name: str, *groups: str) -> "Staff":
    from django.contrib.auth.models import Group  # noqa: PLC0415 - models are not ready when this file is read

    from dsr.models.staff import Staff  # noqa: PLC0415

    person, _new = Staff.objects.get_or_create(username=name, defaults={"is_staff": True})
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def measured(only: str) -> Figures:
    """Every figure whose name begins so."""
    found: Figures = {}
    for module in pkgutil.iter_modules(figures.__path__):
        if module.name.startswith(only.partition(".")[0]):
            found |= importlib.import_module(f"{figures.__name__}.{module.name}").measure()
    return {name: value for name, value in found.items() if name.startswith(only)}


def main(only: str = "") -> None:
    """Print the figures as JSON."""
    django.setup()
    database = settings.DATABASES["default"]
    embedded = database["ENGINE"].endswith("sqlite3")
    database["TEST"]["NAME"] = f"{settings.DSR_DATA_DIR}/measured" if embedded else f"bench_{database['NAME']}"
    from dsr.sources import snapshot  # noqa: PLC0415

    made = setup_databases(verbosity=0, interactive=False)
    try:
        json.dump(measured(only), sys.stdout)
    finally:
        snapshot.close()
        teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
