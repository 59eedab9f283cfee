"""``manifest.json``: what the archive holds, with digests, and everything it does not hold, with the reason.

Its JSON Schema stands beside this module, and the site serves it at ``SCHEMA_PATH``.
"""

import json
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from dsr.packages.inventory import Holding, Inventory, Omission, PackedFile
from dsr.sources.base import Column, Source

VERSION: Final = 1
SCHEMA_PATH: Final = f"schemas/manifest-{VERSION}.json"  # what it names stays what it was: a change is a new version
SCHEMA: Final = Path(__file__).with_name(f"manifest-{VERSION}.json")


def build(inventory: Inventory) -> bytes:
    """The manifest as JSON text, in the language of the package."""
    with translation.override(inventory.contents.language):
        return (json.dumps(_manifest(inventory), ensure_ascii=False, indent=2) + "\n").encode()


def _manifest(inventory: Inventory) -> dict[str, Any]:
    """All of it."""
    contents = inventory.contents
    return {
        "$schema": f"{settings.DSR_SITE_URL}/{SCHEMA_PATH}",
        "version": VERSION,
        "reference": contents.reference,
        "kind": contents.kind,
        "language": contents.language,
        "received_on": contents.received_on.isoformat(),
        "made_at": contents.made_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "controller": {"name": settings.DSR_NEWSPAPER_NAME, "contact": settings.DSR_DPO_EMAIL},
        "scope": "partial" if contents.scope else "everything",
        "files": [_file(file) for file in inventory.files],
        "sources": [_holding(holding) for holding in inventory.held()],
        "nothing_held": [_name(holding.source) for holding in inventory.nothing_held()],
        "out_of_scope": [_name(source) for source in contents.out_of_scope()],
        "omissions": [_omission(omission) for omission in inventory.omissions],
    }


def _holding(holding: Holding) -> dict[str, Any]:
    """One source that holds something."""
    source, activity = holding.source, holding.source.activity
    return _name(source) | {
        "description": str(source.description),
        "activity": activity.code,
        "purpose": str(activity.purpose),
        "legal_basis": str(activity.legal_basis),
        "retention": str(activity.retention),
        "rows": holding.rows,
        "columns": [_column(column) for column in source.columns()],
        "files": [_file(file) for file in holding.files],
    }


def _name(source: Source) -> dict[str, Any]:
    """One source."""
    return {"name": source.name, "label": str(source.label)}


def _column(column: Column) -> dict[str, Any]:
    """One column, with those of what it lists."""
    inner = {"columns": [_column(each) for each in column.columns]} if column.columns else {}
    return {"name": column.name, "label": str(column.label)} | inner


def _file(file: PackedFile) -> dict[str, Any]:
    """One file."""
    return {"path": file.path, "form": str(file.form), "size": file.size, "sha256": file.sha256}


def _omission(omission: Omission) -> dict[str, Any]:
    """One thing left out."""
    return {"source": omission.source, "what": str(omission.what), "reason": str(omission.reason)}
