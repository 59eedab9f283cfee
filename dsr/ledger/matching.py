"""Who in the sources a record of the ledger speaks of: each identifier filed there becomes a token and is looked up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import structlog

from dsr.ledger import epochs, tokens
from dsr.ledger.book import Record
from dsr.sources import registry
from dsr.sources.base import Identifier

logger = structlog.get_logger(__name__)

Matches = Mapping[str, set[Identifier]]  # by the name of the record


def matches(records: Iterable[Record], *, of_all: bool = True) -> Matches:
    """The identifiers in the sources that each record was made from; a record whose key is destroyed has none.

    A source that does not answer raises its error, for nobody knows who is in it; without ``of_all`` it is only said.
    """
    sought: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for token in record.tokens:
            sought[record.key][token].append(record.name)
    keys = [key for key in epochs.living() if key.name in sought]
    found: dict[str, set[Identifier]] = defaultdict(set)
    for identifier in _filed(of_all=of_all) if keys else ():
        for key in keys:
            for name in sought[key.name].get(tokens.token(key, identifier), ()):
                found[name].add(identifier)
    return found


def _filed(*, of_all: bool) -> Iterator[Identifier]:
    for source in registry.sources():
        try:
            yield from source.filed()
        except Exception as error:
            if of_all:
                raise
            logger.error("source_not_compared", source=source.name, error=type(error).__name__)  # noqa: TRY400
