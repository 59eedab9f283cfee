"""The source that a person looks after in a tool of their own: fetched, erased or corrected by hand, then ticked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, Final, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr.sources.activities import Text
from dsr.sources.base import Change, Chunk, Column, Cursor, Found, Preview, Rows, Source, SourceError, Subject

TASKS: Final[Mapping[str, str]] = {
    "collect": "to_collect",
    "erase": "to_erase",
    "rectify": "to_rectify",
    "object": "to_stop",
}


class ByHand(Source):
    """Its steps wait for a person, who reads what to do, does it in ``tool`` and ticks, with a file where one is asked.

    No request is answered before. ``to_collect`` and ``to_erase`` are words for staff; so are ``to_rectify`` and, for a
    ``marketing`` source, ``to_stop``, whose defaults will often do.
    """

    by_hand = True
    tool: ClassVar[Text]
    to_collect: ClassVar[Text]
    to_erase: ClassVar[Text]
    to_rectify: ClassVar[Text] = gettext_lazy("Remplacez-y chaque valeur contestée par celle qui a été acceptée.")
    to_stop: ClassVar[Text] = gettext_lazy("Désinscrivez-y le lecteur de tous les messages.")

    def instructions(self, action: str) -> str:
        """What staff have to do for a step of that action (``collect``, ``erase``, ``rectify`` or ``object``)."""
        return _("%(tool)s : %(task)s") % {"tool": self.tool, "task": getattr(self, TASKS[action])}

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:  # noqa: ARG002
        """Nothing that a machine could count."""
        return Found(0)

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:  # noqa: ARG002
        """Nothing is known before a person has looked."""
        return Preview(erased=0, rewritten=0, by_hand=True)

    def columns(self) -> tuple[Column, ...]:
        """No table: what a person finds is handed in as a file."""
        return ()

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:  # noqa: ARG002
        """No record: the file that was handed in goes into the package by itself."""
        return iter(())

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:  # noqa: ARG002
        """Raise SourceError: a machine must never tick in a person's place."""
        self._refuse()

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:  # noqa: ARG002
        """Raise SourceError, likewise."""
        self._refuse()

    def stop_messages(self, subject: Subject, *, at: datetime, limit: int, cursor: Cursor) -> Chunk:  # noqa: ARG002
        """Raise SourceError, likewise."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        sentence = _("La source « %(source)s » se fait à la main : une personne doit la déclarer faite.")
        raise SourceError(sentence % {"source": self.name})
