"""``python -m benchmarks.packing ACCOUNT WHAT``: pack the comments of one reader, their ``data`` alone or ``all``.

In a process that did nothing else, what the memory grows by is all packing's.
"""

import json
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import django

from benchmarks.verifying import peak

if TYPE_CHECKING:
    from dsr.packages.inventory import Contents


def contents(account: str) -> "Contents":
    """What the reader with this account asks: their comments."""
    from django.utils import timezone  # noqa: PLC0415 - models are ready only when this is called

    from dsr.packages.inventory import Contents  # noqa: PLC0415
    from dsr.readers.models import Account  # noqa: PLC0415
    from dsr.sources import registry  # noqa: PLC0415
    from dsr.sources.base import Identifier, Subject  # noqa: PLC0415

    email = Account.objects.get(pk=account).email or ""
    subject = Subject(frozenset({Identifier("account", account), Identifier("email", email)}))
    at = timezone.now()
    return Contents(
        reference="DSR-0000-0000",
        language="fr",
        kind="access",
        received_on=at.date(),
        made_at=at,
        subject=subject,
        sources=(registry.source("comments"),),
    )


def pack(account: str, what: str = "data") -> dict[str, float]:
    """Compress, encrypt, store and remove: seconds and bytes of it."""
    from django.core.files.storage import storages  # noqa: PLC0415

    from dsr.packages import archive, vault  # noqa: PLC0415
    from dsr.sources import snapshot  # noqa: PLC0415

    asked, began = contents(account), perf_counter()
    packing = archive.Packing(asked, lambda _rows: None)
    with snapshot.of(asked.sources[0].databases):
        members = packing.data() if what == "data" else packing.members()
        sealed = vault.seal(archive.zipped(members), object_name=vault.fresh_name())
    seconds = perf_counter() - began
    storages["packages"].delete(sealed.object_name)
    return {"seconds": seconds, "bytes": sealed.size}


def main(account: str, what: str) -> None:
    """Print as JSON what packing took, and the peak of the memory in MiB."""
    django.setup()
    json.dump({**pack(account, what), "peak_mib": peak()}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
