"""The old values of an erasure: collected before its first destructive chunk, sealed on its verification, destroyed.

They are kept a page of rows at a time, so that neither the memory nor a transaction grows with the reader's data.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from dsr import keys
from dsr.models.paging import paged
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Fate, Mention, Remembered
from dsr.sources import base, registry, remembering
from dsr.sources.model_source import ModelSource
from dsr.sources.needles import OldValue
from dsr.sources.selection import Key

PURPOSE: Final = "verification"
PAGES_AT_ONCE: Final = 10
OF_THE_READER: Final = ""  # the page that holds values that come from no row: the reader's identifiers

Heartbeat = Callable[[int], None]


def models() -> list[ModelSource]:
    """The sources whose rows can be searched."""
    return [each for each in registry.sources() if isinstance(each, ModelSource)]


def keep(data_request: DataRequest, subject: base.Subject, *, heartbeat: Heartbeat) -> None:
    """Seal what stands in the reader's rows, anew each time; called before the first row goes."""
    step = _verification(data_request)
    if step is None or not data_request.is_about_everything:
        return
    heartbeat(0)  # whoever lost the step destroys nothing
    step.remembered.all().delete()
    _seal(step, OF_THE_READER, {"values": _dumped(remembering.of_subject(subject))})
    rows = 0
    for source in models():
        for page in remembering.old_rows(source, subject):
            keys = [source.row_key.dump(key) for key in page.keys]
            _seal(step, source.name, {"keys": keys, "values": _dumped(_not_somebody_elses(page.values, subject))})
            heartbeat(rows := rows + len(keys))


def values(step: Step) -> frozenset[OldValue]:
    """Every old value, each once."""
    found: set[OldValue] = set()
    for page in step.remembered.iterator(chunk_size=100):
        found |= {OldValue(*each) for each in _unsealed(page)["values"]}
    return frozenset(found)


def pages(step: Step, source: ModelSource) -> Iterator[list[Key]]:
    """The keys of the rows that were the reader's, a page at a time."""
    for page in paged(step.remembered.filter(source=source.name), size=PAGES_AT_ONCE):
        yield [source.row_key.load(key) for key in _unsealed(page)["keys"]]


def theirs(step: Step, source: ModelSource, keys: Sequence[Key]) -> set[Key]:
    """Which of those rows were the reader's."""
    wanted, found = set(keys), set()
    for page in pages(step, source) if wanted else ():
        found |= wanted.intersection(page)
        if found == wanted:
            break
    return found


def destroy(data_request: DataRequest) -> None:
    """The erasure is settled or put aside: the old values are gone, and with them what officers read of mentions."""
    Remembered.objects.filter(step__data_request=data_request).delete()
    mentions = Mention.objects.filter(data_request=data_request)
    mentions.filter(decision=Fate.PENDING).delete()
    mentions.exclude(passage=None).update(passage=None)


def _verification(data_request: DataRequest) -> Step | None:
    return data_request.steps.filter(action=Action.VERIFY).exclude(status=Status.CANCELLED).first()


def _not_somebody_elses(found: frozenset[OldValue], subject: base.Subject) -> frozenset[OldValue]:
    """Without the addresses that are other readers': signed with, they would put all their rows before an officer."""
    told = found - remembering.of_subject(subject)
    unique = [value for value in told if value.is_unique]
    return found - remembering.somebody_elses(models(), subject, unique) if unique else found


def _dumped(found: frozenset[OldValue]) -> list[list[str]]:
    return sorted([each.kind, each.value] for each in found)


def _seal(step: Step, source: str, page: dict[str, Any]) -> None:
    plain = zlib.compress(json.dumps(page).encode())
    sealed = keys.seal(PURPOSE, plain, tied_to=_about(step.pk, source))
    Remembered.objects.create(step=step, source=source, sealed=sealed)


def _unsealed(page: Remembered) -> dict[str, Any]:
    plain = keys.unseal(PURPOSE, page.sealed, tied_to=_about(page.step_id, page.source))
    found: dict[str, Any] = json.loads(zlib.decompress(plain))
    return found


def _about(step_id: int, source: str) -> str:
    return f"{step_id}/{source}"
