"""The log with its proofs, for whoever verifies it elsewhere: lines of JSON that need nothing of ours to be checked."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from dsr.audit import checkpoints, merkle, signing, tree
from dsr.audit.note import Checkpoint, NoteError
from dsr.models.tree import Leaf


class NothingPublished(Exception):  # noqa: N818
    """No checkpoint was published yet, or the last one is not signed by us: there is nothing to prove anything by."""


def lines(*, subject: str = "", start: int = 0, progress: Callable[[int], object] = int) -> Iterator[str]:
    """The newest checkpoint, each entry below it with its proof of inclusion, each earlier one with its of consistency.

    Each is one JSON text, without the line's end.

    ``subject`` leaves only the entries of one chain, ``start`` those from a place on: such a part verifies by itself.
    Memory does not grow with the log; ``progress`` hears how many more entries were written. Raises NothingPublished.
    """
    newest, stated = _newest()
    verifiers = [each.text for each in signing.verifiers()]
    yield _line(checkpoint=newest, verifiers=verifiers, whole=not (subject or start))
    leaves = Leaf.objects.filter(index__gte=start, index__lt=stated.size).order_by("index")
    for page in _pages(leaves.filter(entry__subject=subject) if subject else leaves):
        yield from _proven(page, stated.size)
        progress(len(page))
    for earlier in checkpoints.published():
        if earlier.text != newest:
            yield _consistent(earlier.text, stated)


def _newest() -> tuple[str, Checkpoint]:
    found = checkpoints.newest()
    try:
        if found:
            return found.text, checkpoints.opened(found.text)
    except NoteError as error:
        raise NothingPublished(f"the last checkpoint, {found and found.name}, cannot be believed: {error}") from error
    raise NothingPublished("no checkpoint was published yet: « manage.py sweep » publishes one")


def _pages(leaves: QuerySet[Leaf]) -> Iterator[list[tuple[int, str]]]:
    """Places and texts, as many at a time as share their blocks of hashes."""
    after = -1
    while page := list(leaves.filter(index__gt=after).values_list("index", "entry__canonical")[: tree.WIDTH]):
        yield page
        after = page[-1][0]


def _proven(page: list[tuple[int, str]], size: int) -> Iterator[str]:
    nodes = tree.nodes({node for index, _text in page for node in merkle.inclusion_nodes(index, size)})
    for index, text in page:
        yield _line(index=index, entry=text, proof=_base64(merkle.inclusion_proof(index, size, nodes)))


def _consistent(text: str, newest: Checkpoint) -> str:
    earlier = Checkpoint.parse(text.partition("\n\n")[0] + "\n")
    return _line(checkpoint=text, consistency=_base64(tree.consistency_proof(earlier.size, newest.size)))


def _base64(hashes: list[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in hashes]


def _line(**values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
